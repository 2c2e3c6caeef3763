"""Whether a case's plan counts as carried out: each of its actions has a result."""

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from intake.cases.flow_terms import State
from intake.plans.plan_rules import PlanState
from intake.tables.cases import CaseRow
from intake.tables.plans import PlanActionRow, PlanResultRow, PlanRow


def are_there(session: Session, row: CaseRow) -> bool:
    """Whether the plan in force has an action without a result; asked only while it is carried out,
    when it keeps the case from going on (`intake.cases.flow`)."""
    if row.state != State.CARRYING_OUT:
        return False
    without = exists().where(
        PlanRow.case_id == row.id,
        PlanRow.state == PlanState.APPROVED,
        PlanActionRow.plan_id == PlanRow.id,
        ~exists().where(PlanResultRow.action_id == PlanActionRow.id),
    )
    return bool(session.scalar(select(without)))
