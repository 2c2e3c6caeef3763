"""Who stands in for whom in approving plans, from when until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from hotline import audit, staff
from hotline.access import Action, Scope, Viewer, may, reaches, scope
from hotline.errors import FieldErrors, NotAllowed, NotVisible
from hotline.ids import CenterId, StaffId
from hotline.staff import StaffView
from hotline.terms import LONGEST_REASON
from intake.tables.plans import PlanDelegationRow
from intake.visibility import whoever

LONGEST = timedelta(days=92)


@dataclass(frozen=True, slots=True)
class Delegation:
    id: int
    giver: StaffView
    delegate: StaffView
    from_at: datetime
    until_at: datetime
    reason: str
    ended_at: datetime | None

    def holds(self, now: datetime) -> bool:
        return self.ended_at is None and self.from_at <= now < self.until_at


def approvers(session: Session, center: CenterId) -> Sequence[StaffView]:
    """Who may be named to approve the plan of a case of this center, by id."""
    return [one for one in staff.everybody(session) if _may_approve(one, center)]


def _may_approve(one: StaffView, center: CenterId) -> bool:
    match scope(whoever(one.role), Action.APPROVE_PLAN):
        case Scope.ALL:
            return True
        case Scope.CENTER:
            return one.center.id == center
    return False


def give(
    session: Session,
    viewer: Viewer,
    delegate: StaffId,
    from_at: datetime | None,
    until_at: datetime | None,
    reason: str,
    now: datetime,
) -> None:
    """Let somebody who could approve themselves do so in the viewer's place. Raises NotAllowed,
    FieldErrors (`delegate`, `from_at`, `until_at`, `reason`)."""
    if not may(viewer, Action.APPROVE_PLAN):
        raise NotAllowed("delegate")
    begins = from_at or now
    told = " ".join(reason.split())
    wrong = {}
    others = {one.id for one in approvers(session, viewer.center_id)} - {viewer.staff_id}
    if delegate not in others:
        wrong["delegate"] = "not_a_choice"
    if until_at is None:
        wrong["until_at"] = "missing"
    elif not begins < until_at <= begins + LONGEST or until_at <= now:
        wrong["until_at"] = "not_a_term"
    if not told or len(told) > LONGEST_REASON:
        wrong["reason"] = "too_long" if told else "missing"
    if wrong or until_at is None:
        raise FieldErrors(wrong)
    row = PlanDelegationRow(
        from_id=viewer.staff_id,
        to_id=delegate,
        from_at=begins,
        until_at=until_at,
        reason=told,
        set_at=now,
    )
    session.add(row)
    session.flush()
    audit.note(session, viewer, audit.Act.CREATE, "plan_delegation", row.id, now, str(delegate))


def take_back(session: Session, viewer: Viewer, delegation_id: int, now: datetime) -> None:
    """By who gave it; twice is once. Raises NotVisible."""
    row = session.get(PlanDelegationRow, delegation_id, with_for_update=True)
    if row is None or not reaches(viewer, Action.APPROVE_PLAN, owner=StaffId(row.from_id), center=None):
        raise NotVisible("delegation")
    if row.ended_at is None:
        row.ended_at = now
        audit.note(session, viewer, audit.Act.UNDO, "plan_delegation", row.id, now)


def of(session: Session, viewer: Viewer) -> Sequence[Delegation]:
    """What the viewer gave and was given, the newest first."""
    row = PlanDelegationRow
    mine = or_(row.from_id == viewer.staff_id, row.to_id == viewer.staff_id)
    found = session.scalars(select(row).where(mine).order_by(row.id.desc()).limit(50)).all()
    people = staff.some(session, {StaffId(who) for one in found for who in (one.from_id, one.to_id)})
    return [
        Delegation(
            one.id,
            people[StaffId(one.from_id)],
            people[StaffId(one.to_id)],
            one.from_at,
            one.until_at,
            one.reason,
            one.ended_at,
        )
        for one in found
    ]


def stands_in_for(session: Session, viewer: Viewer, now: datetime) -> frozenset[int]:
    """Whose place the viewer may take now: who said so, and who has left the viewer's center, for a plan
    that waits for them would wait for ever."""
    row = PlanDelegationRow
    if not may(viewer, Action.APPROVE_PLAN):
        return frozenset()
    found = session.scalars(
        select(row.from_id).where(
            row.to_id == viewer.staff_id,
            row.ended_at.is_(None),
            row.from_at <= now,
            row.until_at > now,
        )
    )
    left = session.scalars(staff.who_left(viewer.center_id))
    return frozenset({*found, *left})
