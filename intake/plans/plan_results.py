"""What became of the actions of a plan that is in force."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline import audit
from hotline.access import Viewer
from hotline.errors import FieldErrors, NotVisible
from hotline.ids import CaseId
from intake.cases import case_rows
from intake.forms.forms import tidy
from intake.plans.plan_rules import Outcome, PlanState
from intake.tables.case_files import CaseAttachmentRow
from intake.tables.cases import CaseRow
from intake.tables.plans import PlanActionRow, PlanResultRow, PlanRow

_LONGEST = 5_000


def tell(
    session: Session,
    viewer: Viewer,
    case_id: CaseId,
    action_id: int,
    outcome: str,
    text: str,
    now: datetime,
    *,
    evidence: str = "",
    attachment_id: int | None = None,
) -> None:
    """What became of an action of the plan in force; told again it is corrected, and both stay.

    Raises NotVisible, FieldErrors: something done has a result, something not done a reason.
    """
    row = case_rows.writable(session, viewer, case_id)
    action = session.scalar(
        select(PlanActionRow)
        .join(PlanRow, PlanRow.id == PlanActionRow.plan_id)
        .where(
            PlanActionRow.id == action_id,
            PlanRow.case_id == row.id,
            PlanRow.state == PlanState.APPROVED,
        )
    )
    if action is None:
        raise NotVisible("action")
    told, shown = tidy(text).strip(), tidy(evidence).strip()
    wrong = {} if outcome in set(Outcome) else {"outcome": "missing"}
    for name, typed in (("result", told), ("evidence", shown)):
        if len(typed) > _LONGEST:
            wrong[name] = "too_long"
    if not told:
        wrong["result"] = "missing"
    if attachment_id is not None and not _is_of(session, row, attachment_id):
        wrong["attachment"] = "not_a_choice"
    if wrong:
        raise FieldErrors(wrong)
    session.add(
        PlanResultRow(
            action_id=action_id,
            outcome=outcome,
            text=told,
            evidence=shown,
            attachment_id=attachment_id,
            told_by=viewer.staff_id,
            told_at=now,
        )
    )
    answers = {"what": action.what, "agency": action.agency}
    if shown:
        answers["evidence"] = shown
    case_rows.append(session, viewer, row, "action", now, code=outcome, words=told, answers=answers)
    audit.note(session, viewer, audit.Act.CHANGE, "plan", row.id, now, f"{outcome} {action_id}")
    session.flush()


def _is_of(session: Session, row: CaseRow, attachment_id: int) -> bool:
    file = session.get(CaseAttachmentRow, attachment_id)
    return file is not None and file.case_id == row.id
