"""The wallboard: the line and the counselors at a glance, from across the room or from a pocket."""

from datetime import timedelta

from fastapi import APIRouter
from fastapi.responses import Response

from dashboard import board
from dashboard.asking import Asked, Asking, LineId, Work
from dashboard.rendering import page
from hotline import alarms
from hotline.access import Action
from hotline.alarms import AlarmKind
from hotline.settings import settings
from intake import callbacks, calls, on_the_line
from routing import availability
from routing.shifts import shift_at

router = APIRouter()


@router.get("/wallboard")
def wallboard(asked: Asking) -> Response:
    return _show(asked, "wallboard.html")


@router.get("/wallboard/board")
def board_part(asked: Asking) -> Response:
    return _show(asked, "_board.html")


@router.post("/alarms/{kind}/{subject}/note")
def take_note(asked: Asking, kind: AlarmKind, subject: LineId) -> Response:
    """Somebody looks into it; the board is answered as it is now."""
    with asked.work(Action.TAKE_NOTE_OF_ALARMS) as work:
        work.signal(alarms.take_note(work.session, work.viewer, kind, subject, work.now))
    return _show(asked, "_board.html")


def _show(asked: Asked, template: str) -> Response:
    with asked.work(Action.SEE_WALLBOARD, write=False) as work:
        shift = shift_at(work.now)
        return page(
            asked,
            work,
            template,
            board=_board(work, shift.code),
            shift=shift,
            limit=board.WAIT_LIMIT,
            alarms=alarms.present(work.session, work.viewer),
            owed=callbacks.standing(work.session, work.viewer, work.now),
        )


def _board(work: Work, shift: str) -> board.Board:
    length = timedelta(seconds=settings().wrap_up_seconds)
    return board.compose(
        availability.everybody(work.session),
        calls.live(work.session, work.viewer),
        on_the_line.just_talked(work.session, work.now - length),
        shift,
    )
