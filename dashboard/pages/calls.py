"""The viewer's calls: their own, or for a shift lead those of the center."""

from datetime import timedelta

from fastapi import APIRouter
from fastapi.responses import Response

from dashboard.asking import Asking, LineId
from dashboard.rendering import page
from hotline.access import Action, Scope, scope
from hotline.ids import CallId
from intake import calls

router = APIRouter()

SHOWN = timedelta(days=7)
LISTED = 300


@router.get("/calls")
def call_list(asked: Asking) -> Response:
    with asked.work(Action.READ_CALL) as work:
        lines = calls.in_scope(work.session, work.viewer, work.now - SHOWN, limit=LISTED)
        whose = scope(work.viewer, Action.READ_CALL)
        return page(asked, work, "calls.html", lines=lines, own=whose is Scope.OWN)


@router.get("/calls/{call_id}")
def call(asked: Asking, call_id: LineId) -> Response:
    """One call with everything that happened on the line."""
    with asked.work(Action.READ_CALL) as work:
        shown = calls.call(work.session, work.viewer, CallId(call_id), work.now)
        return page(asked, work, "call.html", call=shown)
