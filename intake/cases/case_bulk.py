"""Giving many cases another owner at once: each as if by itself, and told which not and why."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline import staff
from hotline.access import Action, Scope, Viewer, roles_that_may, scope
from hotline.errors import BadInput, Conflict, FieldErrors, NotAllowed, NotVisible
from hotline.ids import CaseId, StaffId
from hotline.staff import StaffView
from hotline.terms import LONGEST_REASON
from intake.cases import case_owners
from intake.forms.forms import tidy
from intake.tables.cases import CaseRow

MOST = 200
"""Cases in one go."""


@dataclass(frozen=True, slots=True)
class NotGiven:
    """`why`: `not_visible`, `not_allowed`, `over`, or `not_theirs`: of another center. `number` is empty
    for a case that the viewer may not write to."""

    id: CaseId
    number: str
    why: str


@dataclass(frozen=True, slots=True)
class Given:
    """`done`: how many have the new owner now, those that had it before with them."""

    to: StaffView
    done: int
    refused: tuple[NotGiven, ...]


def gives(viewer: Viewer) -> bool:
    """Whether the viewer hands on more than what is their own."""
    return scope(viewer, Action.HAND_CASE_ON) in {Scope.CENTER, Scope.ALL}


def heirs(session: Session, viewer: Viewer) -> Sequence[StaffView]:
    """Who may get cases from this viewer."""
    roles = roles_that_may(Action.WRITE_CASE)
    everywhere = scope(viewer, Action.HAND_CASE_ON) is Scope.ALL
    return [
        one
        for one in staff.everybody(session)
        if one.role in roles and (everywhere or one.center.id == viewer.center_id)
    ]


def hand_on(
    session: Session,
    viewer: Viewer,
    ids: Collection[CaseId],
    to: StaffId,
    reason: str,
    now: datetime,
) -> Given:
    """Raises NotAllowed, FieldErrors: `cases` (`missing`, `too_many`), `to` (`missing`), `reason`
    (`missing`, `too_long`); then nothing was given."""
    if not gives(viewer):
        raise NotAllowed(Action.HAND_CASE_ON)
    heir = next((one for one in heirs(session, viewer) if one.id == to), None)
    why = " ".join(tidy(reason).split())
    wrong = {
        "cases": "missing" if not ids else "too_many" if len(ids) > MOST else "",
        "to": "" if heir else "missing",
        "reason": "missing" if not why else "too_long" if len(why) > LONGEST_REASON else "",
    }
    if heir is None or any(wrong.values()):
        raise FieldErrors({name: code for name, code in wrong.items() if code})
    wanted = sorted(set(ids))
    rows = session.execute(
        select(CaseRow.id, CaseRow.number, CaseRow.owner_id).where(CaseRow.id.in_(wanted))
    )
    known = {CaseId(case_id): (number, owner) for case_id, number, owner in rows}
    refused = []
    for case_id in wanted:
        number, owner = known.get(case_id, ("", 0))
        if owner != heir.id and (code := _hand_on(session, viewer, case_id, heir, why, now)):
            refused.append(NotGiven(case_id, "" if code == "not_visible" else number, code))
    return Given(heir, len(wanted) - len(refused), tuple(refused))


def _hand_on(
    session: Session, viewer: Viewer, case_id: CaseId, to: StaffView, why: str, now: datetime
) -> str:
    """Why not; the empty text when it is done."""
    try:
        with session.begin_nested():
            case_owners.hand_on(session, viewer, case_id, to.id, why, now)
    except NotVisible:
        return "not_visible"
    except NotAllowed:
        return "not_allowed"
    except Conflict:
        return "over"
    except BadInput:
        return "not_theirs"
    return ""
