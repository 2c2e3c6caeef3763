"""What a caller's number did before: possibilities, never content. A number is not a person."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import BindParameter, Integer, Select, and_, bindparam, func, select
from sqlalchemy.orm import Session

from hotline import audit
from hotline.access import Action, Role, Viewer, may
from hotline.events import Outcome
from hotline.ids import CallId, CaseId
from intake.calls import number_flags
from intake.calls.number_flags import NumberFlag
from intake.calls.open_cases import told_by_call
from intake.forms.taxonomy import Disposition
from intake.tables.calls import CallRow
from intake.tables.cases import CaseRow
from intake.tables.records import RecordRow
from intake.visibility import given, reachable_cases, readable_call, whoever

_COUNTED_MOST = 1000
"""A prankster's number is not counted to the end."""
_CASES_MOST = 10


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
    flags: tuple[NumberFlag, ...] = ()
    """What colleagues say of the number."""


_NUMBER: BindParameter[str] = bindparam("number")
_BEFORE = and_(
    CallRow.number == _NUMBER,
    CallRow.arrived_at < bindparam("moment"),
    CallRow.id != bindparam("call"),
)
_LAST = (
    select(CallRow.arrived_at, CallRow.outcome, RecordRow.disposition)
    .outerjoin(RecordRow, RecordRow.call_id == CallRow.id)
    .where(_BEFORE)
    .order_by(CallRow.arrived_at.desc())
    .limit(bindparam("last", type_=Integer))
)
_COUNT = select(func.count()).select_from(
    select(CallRow.id).where(_BEFORE).limit(_COUNTED_MOST).subquery()
)


@cache
def _open_cases_of(role: Role) -> Select[int, str, datetime]:
    return (
        select(CaseRow.id, CaseRow.number, CaseRow.opened_at)
        .distinct()
        .where(
            told_by_call(),
            CallRow.number == _NUMBER,
            CaseRow.closed_at.is_(None),
            reachable_cases(whoever(role), Action.READ_CASE),
        )
        .order_by(CaseRow.opened_at.desc())
        .limit(_CASES_MOST)
    )


def earlier(
    session: Session, viewer: Viewer, call_id: CallId, now: datetime, last: int = 5
) -> EarlierCalls:
    """What the number of this call did before it, and what is said of it. Empty for a withheld number.
    Audited.

    Asked by call, not by number: nobody can look numbers up here. Raises NotVisible.
    """
    row = readable_call(session, viewer, call_id)
    if row.number is None or not may(viewer, Action.READ_HISTORY):
        return EarlierCalls()
    audit.note(session, viewer, audit.Act.SEE, "call", row.id, now, "history")
    asked = {"number": row.number, "moment": row.arrived_at, "call": row.id, "last": last}
    found = session.execute(_LAST, asked).all()
    count = len(found)
    if count == last:
        count = session.scalar(_COUNT, asked) or 0
    return EarlierCalls(
        count=count,
        last=tuple(
            EarlierCall(
                arrived_at,
                Outcome(outcome) if outcome else None,
                Disposition(disposition) if disposition else None,
            )
            for arrived_at, outcome, disposition in found
        ),
        open_cases=_open_cases(session, viewer, row.number),
        flags=number_flags.of_number(session, row.number, now),
    )


def _open_cases(session: Session, viewer: Viewer, number: str) -> tuple[OpenCase, ...]:
    found = session.execute(_open_cases_of(viewer.role), {**given(viewer), "number": number})
    return tuple(OpenCase(CaseId(case_id), title, opened_at) for case_id, title, opened_at in found)
