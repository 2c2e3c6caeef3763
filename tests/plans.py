"""The way of a plan in tests that are about what comes before or after it."""

from datetime import datetime

from sqlalchemy.orm import Session

from hotline.access import Viewer
from hotline.ids import CaseId
from intake.plans import case_plans, plan_results

WHOLE = {
    "goal.recovery": "Bé ngủ được, hết sợ người lớn",
    "goal.safety": "Bé không ở một mình với người gây hại",
    "action.1.work": "medical",
    "action.1.what": "Khám và trị liệu tâm lý",
    "action.1.agency": "Trạm y tế xã",
    "action.1.person": "Bác sĩ Hoa",
    "action.1.due": "2026-12-05",
    "action.1.cost": "1500000",
    "action.2.work": "social",
    "action.2.what": "Trợ giúp khẩn cấp cho gia đình",
    "action.2.agency": "UBND xã",
    "action.2.person": "Bà Hoa",
    "action.2.due": "2026-12-20",
}
CHAIR = "Chủ tịch UBND xã Kim Bôi"


def submit(session: Session, viewer: Viewer, case_id: CaseId, now: datetime) -> int:
    """A whole plan for the chair of the commune; returns its version."""
    base = case_plans.plans(session, viewer, case_id, now).base
    case_plans.save(session, viewer, case_id, WHOLE, base, now)
    case_plans.submit(session, viewer, case_id, base[0], None, CHAIR, now)
    return base[0]


def decide(session: Session, viewer: Viewer, case_id: CaseId, decision: str, now: datetime) -> None:
    """Tell what the chair answered to the version that waits."""
    waiting = case_plans.plans(session, viewer, case_id, now).versions[0]
    case_plans.decide(
        session, viewer, case_id, waiting.version, decision, now, comment="Ghi rõ người làm"
    )


def tell_results(
    session: Session,
    viewer: Viewer,
    case_id: CaseId,
    now: datetime,
    *,
    positions: tuple[int, ...] = (1, 2),
) -> None:
    """What became of these actions of the plan in force."""
    plan = case_plans.plans(session, viewer, case_id, now).in_force
    assert plan is not None
    for action in plan.actions:
        if action.position in positions:
            plan_results.tell(session, viewer, case_id, action.id, "done", "Đã làm", now)
