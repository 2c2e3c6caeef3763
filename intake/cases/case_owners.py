"""Whose a case is, and how it gets another owner: with a reason, on its spine, and never to nobody."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from hotline import audit, staff
from hotline.access import Action, Viewer, roles_that_may
from hotline.errors import Conflict, FieldErrors, NotAllowed
from hotline.ids import CaseId, StaffId
from hotline.staff import StaffView
from hotline.terms import LONGEST_REASON
from intake.cases import case_rows, case_way
from intake.forms.forms import tidy
from intake.tables.cases import CaseRow


def hand_on(
    session: Session, viewer: Viewer, case_id: CaseId, to: StaffId, reason: str, now: datetime
) -> None:
    """Give the case to a colleague: its owner may, and who leads the center.

    Raises NotVisible, NotAllowed, Conflict for one that is closed, FieldErrors: `to` (`not_a_choice`),
    `reason` (`missing`, `too_long`).
    """
    row = case_rows.writable(session, viewer, case_id)
    if not may_hand_on(row, viewer):
        raise NotAllowed(Action.HAND_CASE_ON)
    if not case_way.is_open(row):
        raise Conflict("the case is closed")
    why = " ".join(tidy(reason).split())
    wrong: dict[str, str] = {}
    known = {one.id: one for one in colleagues(session, row)}
    if to not in known:
        wrong["to"] = "not_a_choice"
    if not why or len(why) > LONGEST_REASON:
        wrong["reason"] = "too_long" if why else "missing"
    if wrong:
        raise FieldErrors(wrong)
    before = staff.one(session, StaffId(row.owner_id))
    row.owner_id = to
    told = {"from": before.name, "to": known[to].name}
    case_rows.append(session, viewer, row, "handed_on", now, words=why, answers=told)
    audit.note(session, viewer, audit.Act.CHANGE, "case", row.id, now, f"owner {before.id} {to}")
    session.flush()


def may_hand_on(row: CaseRow, viewer: Viewer) -> bool:
    return case_way.may_take(row, viewer, Action.HAND_CASE_ON)


def colleagues(session: Session, row: CaseRow) -> Sequence[StaffView]:
    """Who may own it besides its owner: those of its center whose role writes cases."""
    roles = roles_that_may(Action.WRITE_CASE)
    return [
        one
        for one in staff.everybody(session)
        if one.role in roles and one.center.id == row.center_id and one.id != row.owner_id
    ]
