"""Calls as their viewers may see them: one call with all that happened on the line, and my calls.

`apply` and `apply_all` (from `intake.calls.call_rounds`) are the only writers. Every query is scoped by
its viewer and bounded.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import and_, bindparam, func, select, union
from sqlalchemy.orm import Session

from hotline import audit
from hotline.access import Role, Viewer
from hotline.db import UtcDateTime
from hotline.events import Outcome
from hotline.ids import CallId
from intake.calls.call_fold import Applied, Job
from intake.calls.call_rounds import apply, apply_all
from intake.calls.call_views import (
    CallLine,
    CallView,
    Hold,
    LinesQuery,
    Offer,
    Supervision,
    Talk,
    Transfer,
    lines,
    lines_of,
    view,
)
from intake.calls.earlier_calls import EarlierCall, EarlierCalls, OpenCase, earlier
from intake.calls.live_calls import LiveCall, current_for, live
from intake.tables.calls import CallRow, TalkRow
from intake.visibility import given, readable_call, readable_calls, whoever

__all__ = [
    "Applied",
    "CallLine",
    "CallView",
    "EarlierCall",
    "EarlierCalls",
    "Hold",
    "Job",
    "LiveCall",
    "Offer",
    "OpenCase",
    "Supervision",
    "Talk",
    "Transfer",
    "apply",
    "apply_all",
    "call",
    "current_for",
    "earlier",
    "in_scope",
    "live",
    "open_calls",
    "open_talks",
    "recent",
]

_ASKED_AT_ONCE = 1000
"""PostgreSQL takes at most 65,535 parameters in one statement, SQLite 32,766."""


def call(session: Session, viewer: Viewer, call_id: CallId, now: datetime) -> CallView:
    """One call with everything that happened on the line, audited. Raises NotVisible."""
    row = readable_call(session, viewer, call_id)
    audit.note(session, viewer, audit.Act.SEE, "call", row.id, now)
    return view(session, row, now)


def recent(session: Session, viewer: Viewer, since: datetime, limit: int = 100) -> Sequence[CallLine]:
    """The viewer's own calls since then, newest first: they talked, or their phone rang last."""
    return lines(session, _recent(viewer.role), {**given(viewer), "since": since, "most": limit})


def in_scope(session: Session, viewer: Viewer, since: datetime, limit: int = 100) -> Sequence[CallLine]:
    """Every call since then that the viewer may read, newest first: a shift lead's whole center."""
    return lines(session, _in_scope(viewer.role), {**given(viewer), "since": since, "most": limit})


_SINCE = bindparam("since", type_=UtcDateTime)


@cache
def _recent(role: Role) -> LinesQuery:
    me = whoever(role)
    rang = select(CallRow.id).where(CallRow.counselor_id == me.staff_id, CallRow.arrived_at >= _SINCE)
    spoke = select(TalkRow.call_id).where(TalkRow.staff_id == me.staff_id, TalkRow.began_at >= _SINCE)
    lost_at = (
        select(func.max(TalkRow.ended_at))
        .where(TalkRow.call_id == CallRow.id, TalkRow.staff_id == me.staff_id, TalkRow.lost)
        .scalar_subquery()
    )
    return lines_of(and_(readable_calls(me), CallRow.id.in_(union(rang, spoke))), lost_at)


@cache
def _in_scope(role: Role) -> LinesQuery:
    return lines_of(and_(readable_calls(whoever(role)), CallRow.arrived_at >= _SINCE))


def open_calls(session: Session, limit: int = 10_000) -> list[CallId]:
    """Calls without an end, oldest first, for the switchboard's recovery after a restart."""
    query = select(CallRow.id).where(CallRow.ended_at.is_(None)).order_by(CallRow.arrived_at)
    return [CallId(call_id) for call_id in session.scalars(query.limit(limit))]


def open_talks(session: Session, call_ids: Collection[CallId]) -> set[tuple[CallId, str]]:
    """Who still talks in these calls, as call and channel."""
    talks = select(TalkRow.call_id, TalkRow.channel).where(
        TalkRow.call_id.in_(call_ids), TalkRow.ended_at.is_(None)
    )
    return {(CallId(call_id), channel) for call_id, channel in session.execute(talks)}


def outcomes_of(session: Session, call_ids: Sequence[CallId]) -> dict[CallId, Outcome | None]:
    """Which of these calls are in the database, with how they ended (None: not yet)."""
    found: dict[CallId, Outcome | None] = {}
    for start in range(0, len(call_ids), _ASKED_AT_ONCE):
        some = call_ids[start : start + _ASKED_AT_ONCE]
        query = select(CallRow.id, CallRow.outcome).where(CallRow.id.in_(some))
        for call_id, outcome in session.execute(query):
            found[CallId(call_id)] = Outcome(outcome) if outcome else None
    return found
