"""Children kept apart from their parents: at most 15 days with all renewals (NĐ 56/2017 Đ32.3).

Begun by an emergency measure of that kind, renewed and ended by a decision. It never ends by itself: one
whose days are over is late until somebody says that the child is home, or where they are.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from hotline import audit
from hotline.access import Viewer
from hotline.errors import FieldErrors, NotVisible
from hotline.ids import CaseId
from intake.cases import case_limits, case_rows, case_warnings, flow
from intake.cases.deadlines import LIMITS, Clock, Deadline, after_days
from intake.tables.cases import CaseRow
from intake.tables.flow import SeparationRow

RENEWAL = (flow.Question("days", number=15), flow.Question("decision_number"), flow.NOTE)
"""So many days more, and the number of the decision."""
END = (flow.Question("where", longest=1_000), flow.Question("decision_number", required=False))
"""Where the child is now."""


@dataclass(frozen=True, slots=True)
class Separation:
    """`left`: so many days it may be renewed by; 0: by none."""

    id: int
    began_at: datetime
    days: int
    left: int
    until: Deadline
    overdue: bool


def days_left(days: int, changed: Mapping[Clock, int]) -> int:
    """By how many days one of so many days may be renewed."""
    return max(0, changed.get(Clock.SEPARATION, LIMITS[Clock.SEPARATION].amount) - days)


def running(
    session: Session, row: CaseRow, changed: Mapping[Clock, int], now: datetime
) -> tuple[Separation, ...]:
    """Those of the case that nobody has ended, the one that is over first in front."""
    return tuple(_view(each, changed, now) for each in _running(session, row))


def _running(session: Session, row: CaseRow) -> Sequence[SeparationRow]:
    query = select(SeparationRow).where(
        SeparationRow.case_id == row.id, SeparationRow.ended_at.is_(None)
    )
    return session.scalars(query.order_by(SeparationRow.due_at, SeparationRow.id)).all()


def _view(row: SeparationRow, changed: Mapping[Clock, int], now: datetime) -> Separation:
    until = Deadline(Clock.SEPARATION, LIMITS[Clock.SEPARATION].article, row.due_at)
    left = days_left(row.days, changed)
    return Separation(row.id, row.began_at, row.days, left, until, until.overdue(now))


def begin(session: Session, row: CaseRow, days: int, now: datetime) -> None:
    """By the measure that was just taken. Raises FieldErrors: `days` (`past_the_limit`)."""
    if days > days_left(0, case_limits.changed_for(session, row)):
        raise FieldErrors({"days": "past_the_limit"})
    session.add(
        SeparationRow(
            case_id=row.id, home_id=row.id, began_at=now, days=days, due_at=after_days(now, days)
        )
    )
    session.flush()


def move(session: Session, here: int, there: int, homes: Collection[int]) -> None:
    """Cases are merged, or that is undone: what was begun in these cases runs on in another one."""
    session.execute(
        update(SeparationRow)
        .where(SeparationRow.case_id == here, SeparationRow.home_id.in_(homes))
        .values(case_id=there)
    )


def renew(
    session: Session,
    viewer: Viewer,
    case_id: CaseId,
    separation_id: int,
    answers: Mapping[str, str],
    now: datetime,
) -> None:
    """Raises NotVisible, FieldErrors: those of `flow.cleaned`, and `days` (`past_the_limit`)."""
    case, row = _one(session, viewer, case_id, separation_id)
    cleaned = flow.cleaned(RENEWAL, answers)
    more = int(cleaned["days"])
    if more > days_left(row.days, case_limits.changed_for(session, case)):
        raise FieldErrors({"days": "past_the_limit"})
    row.days += more
    row.due_at = after_days(row.began_at, row.days)
    _tell(session, viewer, case, "renewed", cleaned, now)


def end(
    session: Session,
    viewer: Viewer,
    case_id: CaseId,
    separation_id: int,
    answers: Mapping[str, str],
    now: datetime,
) -> None:
    """Raises NotVisible, FieldErrors: those of `flow.cleaned`."""
    case, row = _one(session, viewer, case_id, separation_id)
    cleaned = flow.cleaned(END, answers)
    row.ended_at = now
    _tell(session, viewer, case, "ended", cleaned, now)


def _one(
    session: Session, viewer: Viewer, case_id: CaseId, separation_id: int
) -> tuple[CaseRow, SeparationRow]:
    case = case_rows.writable(session, viewer, case_id)
    row = session.get(SeparationRow, separation_id)
    if row is None or row.case_id != case.id or row.ended_at is not None:
        raise NotVisible("separation")
    return case, row


def _tell(
    session: Session, viewer: Viewer, case: CaseRow, what: str, cleaned: Mapping[str, str], now: datetime
) -> None:
    session.flush()
    case_warnings.settle(session, case, now)
    case_rows.append(session, viewer, case, "separation", now, code=what, answers=cleaned)
    audit.note(session, viewer, audit.Act.CHANGE, "case", case.id, now, f"separation {what}")
    session.flush()
