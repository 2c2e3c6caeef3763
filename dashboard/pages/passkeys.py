"""Passkeys: made and removed on one's account, and given at the log-in or as its second step.

A browser asks here for a challenge (`…/ask`), and what the device signed comes back in a form's field
`passkey` (frontend/passkey.ts). As a proof it goes to /prove, in the place of the password.
"""

from dataclasses import replace
from secrets import token_urlsafe
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from dashboard import asking, cookies, passkey_site, passwords
from dashboard.asking import Asked, Asking, Id, Work
from dashboard.i18n import N_
from dashboard.pages import second_factor
from dashboard.pages.login import (
    CALL_GOES_ON,
    about_the_phone,
    at_home,
    instead,
    keep_session,
    log_in_form,
    talks_here,
)
from dashboard.rendering import page
from hotline import bus, db, passkey_checks, passkeys, second_factors, sessions
from hotline.clock import utc_now
from hotline.errors import Conflict, FieldErrors
from hotline.passkeys import ANSWERED_WITHIN
from hotline.sessions import Stage
from hotline.settings import settings

router = APIRouter()

_Said = Annotated[str, Form(max_length=20_000)]
_WRONG = N_("Khóa đăng nhập này không dùng được ở đây. Hãy thử lại, hoặc dùng mật khẩu.")
_NOT_MADE = N_("Chưa tạo được khóa. Hãy thử lại từ đầu.")
_TAKEN = N_("Thiết bị này đã có khóa ở đây rồi.")


@router.post("/login/passkey/ask")
def asks_whoever(asked: Asking) -> Response:
    """A challenge for a browser in which nobody is logged in; a cookie of its own holds it."""
    asking.require_same_origin(asked.request)
    token = token_urlsafe(32)
    with db.transaction() as session:
        options = passkey_checks.ask(session, passkey_site.site(), _of_nobody(token), utc_now())
    response = Response(options, media_type="application/json")
    cookies.keep(response, _cookie(), token, ANSWERED_WITHIN, "strict")
    return response


@router.post("/login/passkey")
def log_in(asked: Asking, passkey: _Said = "") -> Response:
    """Whose passkey it is says the passkey itself."""
    asking.require_same_origin(asked.request)
    now, origin = utc_now(), asked.origin
    if not origin.device:
        origin = replace(origin, device=token_urlsafe(24))
    holder = _of_nobody(asked.request.cookies.get(_cookie(), ""))
    with db.transaction() as session:
        whose = passkey_checks.claimed_by(session, passkey)
        if sessions.passkey_must_wait(session, whose, asked.origin, now):
            return log_in_form(asked, problem=passwords.WAIT, status=429)
        if talks_here(session, asked, now):
            return log_in_form(asked, problem=CALL_GOES_ON, status=409)
        right = passkey_checks.is_right(session, whose, passkey_site.site(), holder, passkey, now)
        token = sessions.log_in_by_passkey(session, whose, right, origin, now)
        signals = instead(session, asked, whose, now) if token and whose else []
    if token is None or whose is None:
        response: Response = log_in_form(asked, problem=_WRONG, status=401)
    else:
        bus.publish(signals)
        response = at_home(asked, whose, token, origin)
    cookies.drop(response, _cookie())
    return response


@router.post("/passkeys/ask")
def asks(asked: Asking) -> Response:
    """A challenge for the person of this log-in: on /second-factor, /prove and the hidden screen."""
    with asked.work(while_unproved=True, while_hidden=True) as work:
        options = passkey_checks.ask(
            work.session, passkey_site.site(), passkey_site.holder(asked), work.now, work.viewer
        )
        return Response(options, media_type="application/json")


@router.post("/second-factor/passkey")
def prove(asked: Asking, passkey: _Said = "") -> Response:
    """In the place of a code, after the password."""
    problem, status, token = "", 200, ""
    with asked.work(while_unproved=True) as work:
        if work.stage is not Stage.SECOND:
            return RedirectResponse("/", 303)
        if sessions.code_must_wait(work.session, work.viewer, asked.origin, work.now):
            problem, status = passwords.WAIT, 429
        elif passkey_site.is_theirs(asked, work, passkey):
            token = sessions.proved(work.session, asked.token or "", work.viewer, asked.origin, work.now)
            work.signal(about_the_phone(work.viewer))
        else:
            sessions.code_was_wrong(work.session, work.viewer, asked.origin, work.now)
            problem, status = _WRONG, 401
        if not token:
            return second_factor.ask(asked, work, problem, status)
    response = RedirectResponse("/", 303)
    keep_session(response, token, asked.origin)
    return response


@router.post("/passkeys/new")
def new(asked: Asking) -> Response:
    """The page on which the browser makes one."""
    with asked.work(while_unproved=True) as work:
        second_factor.require_settable(asked, work)
        return _new(asked, work)


@router.post("/passkeys")
def add(asked: Asking, passkey: _Said = "", name: Annotated[str, Form(max_length=200)] = "") -> Response:
    """With the first second factor, whoever is logged in elsewhere by the password is so no longer."""
    token = ""
    with asked.work(while_unproved=True) as work:
        second_factor.require_settable(asked, work)
        first = not second_factors.has(work.session, work.viewer.staff_id) and not passkeys.has(
            work.session, work.viewer.staff_id
        )
        try:
            passkey_checks.add(
                work.session,
                work.viewer,
                passkey_site.site(),
                _new_holder(asked),
                passkey,
                name,
                work.now,
            )
        except FieldErrors as wrong:
            problem = _TAKEN if wrong.fields["passkey"] == "taken" else _NOT_MADE
            return _new(asked, work, problem, 422)
        if work.stage is Stage.ENROLL:
            token = sessions.proved(work.session, asked.token or "", work.viewer, asked.origin, work.now)
            work.signal(about_the_phone(work.viewer))
        elif first:
            sessions.end_others(work.session, asked.token or "", work.viewer, work.now)
            work.signal([bus.Signal(bus.desk(work.viewer.staff_id), "logged_out")])
    response = RedirectResponse("/account?done=passkey", 303)
    if token:
        keep_session(response, token, asked.origin)
    return response


@router.post("/passkeys/{passkey_id}/remove")
def remove(asked: Asking, passkey_id: Id) -> Response:
    """Raises Conflict for the last second factor of who must have one."""
    with asked.work() as work:
        asked.require_proof(work)
        passkeys.remove(work.session, work.viewer, passkey_id, work.now)
        second_factors.require_enough(work.session, work.viewer, demo=settings().demo)
        if passkey_site.is_obliged(work.viewer) and not passkeys.has(work.session, work.viewer.staff_id):
            raise Conflict("obliged")
    return RedirectResponse("/account", 303)


def _new(asked: Asked, work: Work, problem: str = "", status: int = 200) -> Response:
    options = passkey_checks.new_options(
        work.session, work.viewer, passkey_site.site(), _new_holder(asked), work.now
    )
    return page(
        asked, work, "passkey_new.html", status=status, options=options, problem=problem,
        browser=asked.origin.browser,
    )  # fmt: skip


def _new_holder(asked: Asked) -> str:
    return f"new passkey\n{asked.token}"


def _of_nobody(token: str) -> str:
    return f"log-in\n{token}"


def _cookie() -> str:
    return cookies.named(f"tongdai-passkey-{settings().web_port}")
