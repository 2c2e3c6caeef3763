"""The viewer's calls: their own, or for a shift lead those of the center."""

from datetime import timedelta
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from dashboard.asking import Asked, Asking, Id, LineId, Work
from dashboard.rendering import page
from hotline import audit
from hotline.access import Action, Scope, scope
from hotline.audit import Act
from hotline.ids import CallId
from intake.calls import calls, lead_wishes, nuisances, number_flags

router = APIRouter()

SHOWN = timedelta(days=7)
LISTED = 300


@router.get("/calls")
def call_list(asked: Asking) -> Response:
    with asked.work(Action.READ_CALL) as work:
        lines = calls.in_scope(work.session, work.viewer, work.now - SHOWN, limit=LISTED)
        audit.note(work.session, work.viewer, Act.LIST, "call", "list", work.now, str(len(lines)))
        whose = scope(work.viewer, Action.READ_CALL)
        lowered = nuisances.lowered_now(work.session, work.viewer, work.now)
        own = whose is Scope.OWN
        return page(asked, work, "calls.html", lines=lines, own=own, lowered=lowered)


@router.get("/calls/{call_id}")
def call(asked: Asking, call_id: LineId) -> Response:
    """One call with everything that happened on the line."""
    with asked.work(Action.READ_CALL) as work:
        shown = calls.call(work.session, work.viewer, CallId(call_id), work.now)
        review = nuisances.review(work.session, work.viewer, CallId(call_id), work.now)
        return page(
            asked,
            work,
            "call.html",
            call=shown,
            review=review,
            deeds=lead_wishes.deeds(work.session, work.viewer, shown.call_id),
            NUISANCE_HOURS=nuisances.HOURS,
        )


@router.post("/calls/{call_id}/lower")
def lower(asked: Asking, call_id: LineId, hours: Annotated[int, Form()]) -> Response:
    """The number of this call is a nuisance: lower it for so many hours."""
    with asked.work(Action.LOWER_NUISANCES) as work:
        nuisances.lower(work.session, work.viewer, CallId(call_id), hours, work.now)
    return RedirectResponse(f"/calls/{quote(call_id)}", 303)


@router.post("/nuisances/{nuisance_id}/lift")
def lift(asked: Asking, nuisance_id: Id) -> Response:
    """Served like everybody again."""
    with asked.work(Action.LOWER_NUISANCES) as work:
        nuisances.lift(work.session, work.viewer, nuisance_id, work.now)
    return RedirectResponse("/calls", 303)


@router.post("/calls/{call_id}/flags")
def flag(
    asked: Asking,
    call_id: LineId,
    days: Annotated[int, Form()],
    text: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """What colleagues shall know when this number calls again. An empty text flags nothing."""
    with asked.work(Action.WRITE_RECORD) as work:
        if text.strip():
            number_flags.put(work.session, work.viewer, CallId(call_id), text, days, work.now)
        return _flags(asked, work, CallId(call_id))


@router.post("/calls/{call_id}/flags/{flag_id}/lift")
def lift_flag(asked: Asking, call_id: LineId, flag_id: Id) -> Response:
    with asked.work(Action.WRITE_RECORD) as work:
        number_flags.lift(work.session, work.viewer, CallId(call_id), flag_id, work.now)
        return _flags(asked, work, CallId(call_id))


def _flags(asked: Asked, work: Work, call_id: CallId) -> Response:
    flags = number_flags.standing(work.session, work.viewer, call_id, work.now)
    return page(asked, work, "_number_flags.html", flags=flags, call_id=call_id)
