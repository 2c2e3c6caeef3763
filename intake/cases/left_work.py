"""What people who have left still hold: open cases, and records that nobody has closed. It is shown to
whoever leads where it lies, until somebody else has it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hotline import staff
from hotline.access import Action, Viewer
from hotline.ids import RecordId, StaffId
from hotline.staff import StaffView
from intake.tables.cases import CaseRow
from intake.tables.plans import PlanRow
from intake.tables.records import RecordRow
from intake.tables.therapy import TherapyReferralRow
from intake.visibility import reachable_cases, reachable_records

MOST = 30
"""Records are shown in a list of this length: the oldest first."""


@dataclass(frozen=True, slots=True)
class LeftRecord:
    id: RecordId
    owner: StaffView
    created_at: datetime


@dataclass(frozen=True, slots=True)
class LeftWork:
    """`cases`: how many; they are listed by `CaseFilter.left`."""

    cases: int
    records: tuple[LeftRecord, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """What somebody holds: open cases, unfinished records, children in treatment, plans that wait for
    their approval."""

    cases: int
    records: int
    children: int
    plans: int


NONE = LeftWork(0, ())


def of_reach(session: Session, viewer: Viewer) -> LeftWork:
    """Within what the viewer may write to."""
    count = select(func.count()).where(
        reachable_cases(viewer, Action.WRITE_CASE),
        CaseRow.closed_at.is_(None),
        CaseRow.owner_id.in_(staff.who_left()),
    )
    drafts = (
        select(RecordRow.id, RecordRow.owner_id, RecordRow.created_at)
        .where(
            reachable_records(viewer, Action.WRITE_RECORD),
            RecordRow.state == "draft",
            RecordRow.owner_id.in_(staff.who_left()),
        )
        .order_by(RecordRow.created_at)
        .limit(MOST)
    )
    rows = session.execute(drafts).all()
    people = staff.some(session, {StaffId(owner) for _, owner, _ in rows})
    records = (LeftRecord(RecordId(who), people[StaffId(owner)], at) for who, owner, at in rows)
    return LeftWork(session.scalar(count) or 0, tuple(records))


def held(session: Session, staff_id: StaffId) -> Held:
    """Figures for an administrator, who sees nothing of it."""
    counts = (
        select(func.count()).where(CaseRow.owner_id == staff_id, CaseRow.closed_at.is_(None)),
        select(func.count()).where(RecordRow.owner_id == staff_id, RecordRow.state == "draft"),
        select(func.count()).where(
            TherapyReferralRow.therapist_id == staff_id,
            TherapyReferralRow.state.in_(("waiting", "accepted")),
        ),
        select(func.count()).where(PlanRow.approver_id == staff_id, PlanRow.state == "submitted"),
    )
    return Held(*(session.scalar(count) or 0 for count in counts))
