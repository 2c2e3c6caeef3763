"""What a caller's number did before: possibilities, never content. A number is not a person."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from hotline import audit
from hotline.access import Action, Viewer, may
from hotline.events import Outcome
from hotline.ids import CallId, CaseId
from intake.tables import CallRow, CaseRow, RecordRow
from intake.taxonomy import Disposition
from intake.visibility import reachable_cases, readable_call

_COUNTED_MOST = 1000
"""A prankster's number is not counted to the end."""


@dataclass(frozen=True, slots=True)
class EarlierCall:
    """A possibility, not a person: when, how it ended, how its record was closed. No content."""

    arrived_at: datetime
    outcome: Outcome | None
    disposition: Disposition | None


@dataclass(frozen=True, slots=True)
class OpenCase:
    case_id: CaseId
    number: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class EarlierCalls:
    """`count` stops at 1000. `open_cases` only those the viewer may read."""

    count: int = 0
    last: tuple[EarlierCall, ...] = ()
    open_cases: tuple[OpenCase, ...] = ()


def earlier(
    session: Session, viewer: Viewer, call_id: CallId, now: datetime, last: int = 5
) -> EarlierCalls:
    """What the number of this call did before it. Empty for a withheld number. Audited.

    Asked by call, not by number: nobody can look numbers up here. Raises NotVisible.
    """
    row = readable_call(session, viewer, call_id)
    if row.number is None or not may(viewer, Action.READ_HISTORY):
        return EarlierCalls()
    audit.note(session, viewer, audit.Act.SEE, "call", row.id, now, "history")
    before = and_(
        CallRow.number == row.number, CallRow.arrived_at < row.arrived_at, CallRow.id != row.id
    )
    counted = select(CallRow.id).where(before).limit(_COUNTED_MOST).subquery()
    found = session.execute(
        select(CallRow.arrived_at, CallRow.outcome, RecordRow.disposition)
        .outerjoin(RecordRow, RecordRow.call_id == CallRow.id)
        .where(before)
        .order_by(CallRow.arrived_at.desc())
        .limit(last)
    )
    return EarlierCalls(
        count=session.scalar(select(func.count()).select_from(counted)) or 0,
        last=tuple(
            EarlierCall(
                arrived_at,
                Outcome(outcome) if outcome else None,
                Disposition(disposition) if disposition else None,
            )
            for arrived_at, outcome, disposition in found
        ),
        open_cases=_open_cases(session, viewer, row.number),
    )


def _open_cases(session: Session, viewer: Viewer, number: str, limit: int = 10) -> tuple[OpenCase, ...]:
    found = session.execute(
        select(CaseRow.id, CaseRow.number, CaseRow.opened_at)
        .join(CallRow, CallRow.id == CaseRow.call_id)
        .where(
            CallRow.number == number,
            CaseRow.closed_at.is_(None),
            reachable_cases(viewer, Action.READ_CASE),
        )
        .order_by(CaseRow.opened_at.desc())
        .limit(limit)
    )
    return tuple(OpenCase(CaseId(case_id), title, opened_at) for case_id, title, opened_at in found)
