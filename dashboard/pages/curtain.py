"""Somebody comes in: one key hides the screen, the password or a passkey brings it back.

The session itself is hidden, not only what is seen: another tab, a reload and an address typed by hand
show nothing either. What was being typed is still saved, the call goes on, and a new one is announced
without saying whose. At a shared computer the next one takes over from here.
"""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import PlainTextResponse, RedirectResponse, Response

from dashboard import passwords, proofs
from dashboard.asking import Asked, Asking
from dashboard.i18n import N_
from dashboard.pages.login import at_the_door, has_call, keep_session, leave
from dashboard.passwords import TriedTooOften
from dashboard.rendering import page
from hotline import sessions
from hotline.settings import settings
from intake.calls import shift_work

router = APIRouter()

_WRONG = N_("Mật khẩu chưa đúng.")
_WRONG_KEY = N_("Khóa đăng nhập này không dùng được ở đây. Hãy thử lại, hoặc dùng mật khẩu.")
_TALKS = N_("Máy này đang có cuộc gọi nên chưa đổi người được. Xong cuộc gọi rồi hãy đổi.")


@router.post("/hide")
def hide(asked: Asking) -> Response:
    with asked.work(while_hidden=True) as work:
        sessions.hide(work.session, asked.token or "", work.viewer, work.now)
    return Response(status_code=204) if asked.is_fragment else RedirectResponse("/hidden", 303)


@router.post("/hide/idle")
def hide_idle(asked: Asking) -> Response:
    """Nobody has touched keys or pointer for a while (frontend/curtain.ts). Not in the midst of a talk,
    nor just after it: there a record is being written, with the caller's words in the ear."""
    since = timedelta(minutes=settings().hide_minutes)
    with asked.work(while_hidden=True) as work:
        if shift_work.talked_since(work.session, work.viewer.staff_id, work.now - since):
            return Response(status_code=204)
        sessions.hide(work.session, asked.token or "", work.viewer, work.now, "idle")
    return Response(status_code=204, headers={"HX-Trigger": "hidden"})


@router.get("/hidden")
def hidden(asked: Asking) -> Response:
    return _ask(asked)


@router.post("/show")
def show(
    asked: Asking,
    password: Annotated[str, Form()] = "",
    passkey: Annotated[str, Form(max_length=20_000)] = "",
) -> Response:
    """Bring the screen back: by the password or a passkey, or a code as at /prove."""
    try:
        recognized = proofs.recognize(asked, password, passkey, while_hidden=True)
    except TriedTooOften:
        return _ask(asked, passwords.WAIT, 429)
    with asked.work(while_hidden=True) as work:
        shown = sessions.show(
            work.session, asked.token or "", work.viewer, recognized, asked.origin, work.now
        )
        token = sessions.renewed(work.session, asked.token or "", work.now) if shown else None
    if not shown:
        return _ask(asked, _WRONG_KEY if passkey else _WRONG, 401)
    in_page = Response(status_code=204, headers={"HX-Trigger": "shown"})
    goes_on = in_page if asked.is_fragment else RedirectResponse("/", 303)
    keep_session(goes_on, token, asked.origin)
    return goes_on


@router.post("/switch")
def switch(asked: Asking, only_ask: Annotated[bool, Form()] = False) -> Response:
    """Somebody else sits down at this computer: who was here is logged out, and the next one logs in.
    `only_ask` and calls: as at the log-out."""
    with asked.work(while_hidden=True) as work:
        if not has_call(work.session, work.viewer):
            if only_ask:
                return Response(status_code=204)
            leave(asked, work)
            return at_the_door()
    if asked.is_fragment:
        return PlainTextResponse(asked.language.say(_TALKS), 409)
    return _ask(asked, _TALKS, 409)


def _ask(asked: Asked, problem: str = "", status: int = 200) -> Response:
    """As a part of a page it is a form filled in anew, no error that the browser should note."""
    with asked.work(write=False, while_hidden=True) as work:
        if asked.is_fragment:
            return page(asked, work, "_curtain_form.html", problem=problem)
        return page(asked, work, "hidden.html", status=status, problem=problem)
