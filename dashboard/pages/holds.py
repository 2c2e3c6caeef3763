"""Legal holds: what a court, the police or a complaint needs is kept, whatever its class says."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from dashboard.asking import Asked, Asking, Id, Work
from dashboard.rendering import page
from hotline import staff
from hotline.access import Action
from hotline.calendar import DAY, start_of
from hotline.errors import BadInput
from hotline.ids import StaffId
from hotline.settings import settings
from intake.retention import erasing, legal_holds
from intake.retention.legal_holds import Held
from intake.retention.retention_rules import Kept

router = APIRouter()

_KINDS = (Held.CASE, Held.RECORD, Held.CALL)
_Text = Annotated[str, Form(max_length=1000)]


@router.get("/holds")
def holds(asked: Asking) -> Response:
    with asked.work(Action.HOLD_DATA) as work:
        return _list(asked, work)


@router.post("/holds")
def put(
    asked: Asking, kind: _Text = "", named: _Text = "", reason: _Text = "", until: _Text = ""
) -> Response:
    """What is not there and what is not the viewer's to read is told alike."""
    with asked.work(Action.HOLD_DATA) as work:
        session, viewer, now = work.session, work.viewer, work.now
        typed = {"kind": kind, "named": named, "reason": reason, "until": until}
        held = Held(kind) if kind in set(_KINDS) else None
        if held is None or not legal_holds.may_name(session, viewer, held, named.strip()):
            return _list(asked, work, 422, typed=typed, wrong="named")
        try:
            legal_holds.put(session, viewer, held, named.strip(), reason, _end_of(until), now)
        except BadInput as wrong:
            return _list(asked, work, 422, typed=typed, wrong=str(wrong))
    return RedirectResponse("/holds", 303)


@router.post("/holds/{hold_id}/lift")
def lift(asked: Asking, hold_id: Id, reason: _Text = "") -> Response:
    with asked.work(Action.HOLD_DATA) as work:
        legal_holds.require_reached(work.session, work.viewer, hold_id)
        try:
            legal_holds.lift(work.session, work.viewer, hold_id, reason, work.now)
        except BadInput:
            return _list(asked, work, 422, lifting=hold_id)
    return RedirectResponse("/holds", 303)


def _end_of(text: str) -> datetime | None:
    """The end of that day; None when left empty. Raises BadInput (`until`)."""
    if not text:
        return None
    try:
        return start_of(date.fromisoformat(text) + DAY)
    except (ValueError, OverflowError):
        raise BadInput("until") from None


def _list(asked: Asked, work: Work, status: int = 200, **given: Any) -> Response:
    blank: dict[str, Any] = {"typed": {}, "wrong": "", "lifting": 0}
    found = legal_holds.of_viewer(work.session, work.viewer, work.now)
    return page(
        asked,
        work,
        "holds.html",
        status=status,
        holds=found,
        people=staff.some(work.session, {StaffId(one.set_by) for one in found}),
        HELD=_KINDS,
        rules=[rule for rule in erasing.rules_of(settings()) if rule.kept is not Kept.ASKED],
        LONGEST=legal_holds.LONGEST_REASON,
        **(blank | given),
    )
