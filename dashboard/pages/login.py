"""Log in, log out, and what a person chooses for their own screen: language and light."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from dashboard import asking, cookies, passwords
from dashboard.asking import Asked, Asking, NotLoggedIn, Work
from dashboard.cookies import device_cookie, language_cookie, session_cookie, theme_cookie
from dashboard.i18n import LANGUAGES, N_
from dashboard.passwords import TriedTooOften
from dashboard.rendering import THEMES, base_context, html, page
from hotline import bus, db, sessions
from hotline.access import Action, Viewer, may
from hotline.clock import utc_now
from hotline.log_in_tries import Origin
from hotline.settings import settings
from intake.calls import live_calls, on_the_line
from routing import availability
from routing.choices import Choice

router = APIRouter()

_YEAR = timedelta(days=365)
_WRONG = N_("Tên đăng nhập hoặc mật khẩu chưa đúng.")
CALL_GOES_ON = N_(
    "Bạn đang có cuộc gọi nên chưa đăng xuất được. Hãy chuyển máy cho đồng nghiệp hoặc kết thúc "
    "cuộc gọi trước; cần rời chỗ một lát thì che màn hình."
)


@router.get("/login")
def log_in_page(asked: Asking) -> Response:
    try:
        with asked.work(write=False) as work:
            return RedirectResponse(_home(work.viewer), 303)
    except NotLoggedIn:
        return log_in_form(asked)


@router.post("/login")
def log_in(
    asked: Asking, login: Annotated[str, Form()] = "", password: Annotated[str, Form()] = ""
) -> Response:
    """Check the password and set the cookie. The answer to a wrong one does not say what was wrong."""
    asking.require_same_origin(asked.request)
    now = utc_now()
    login = "".join(sign for sign in login if sign.isprintable()).strip()[:40]
    origin = asked.origin
    if not origin.device:
        origin = replace(origin, device=token_urlsafe(24))
    try:
        recognized = passwords.recognize(asked, login, password, now)
    except TriedTooOften:
        return log_in_form(asked, login, passwords.WAIT, 429)
    with db.transaction() as session:
        if talks_here(session, asked, now):
            return log_in_form(asked, login, CALL_GOES_ON, 409)
        found = sessions.log_in(session, login, recognized, origin, now, demo=settings().demo)
        signals = instead(session, asked, found[1], now) if found else []
    bus.publish(signals)
    if found is None:
        return log_in_form(asked, login, _WRONG, 401)
    return at_home(asked, found[1], found[0], origin)


@router.post("/logout")
def log_out(asked: Asking, only_ask: Annotated[bool, Form()] = False) -> Response:
    """End the session. A counselor who leaves gets no more calls.

    Not while a call is at their phone: with the session a phone in the browser would fall silent, and
    the caller with it. `only_ask`: whether it could be, for a page that has something to save first.
    Their drafts are cleared by their page; those of colleagues at the same computer stay sealed in it.
    """
    with asked.work(while_hidden=True, while_unproved=True) as work:
        if has_call(work.session, work.viewer):
            if asked.is_fragment:
                return PlainTextResponse(asked.language.say(CALL_GOES_ON), 409)
            return page(asked, work, "call_goes_on.html", status=409, said=CALL_GOES_ON)
        if only_ask:
            return Response(status_code=204)
        leave(asked, work)
    return at_the_door()


@router.post("/screen")
def choose_screen(
    asked: Asking,
    language: Annotated[str, Form()] = "",
    theme: Annotated[str, Form()] = "",
    back: Annotated[str, Form()] = "/",
) -> Response:
    """Language and light, kept in this browser; also before somebody has logged in."""
    asking.require_same_origin(asked.request)
    response = RedirectResponse(back if _ours(back) else "/", 303)
    if language in LANGUAGES:
        cookies.keep(response, language_cookie(), language, _YEAR)
    if theme in THEMES:
        cookies.keep(response, theme_cookie(), theme, _YEAR)
    return response


@router.get("/")
def home(asked: Asking) -> Response:
    """Where this person works."""
    with asked.work(write=False) as work:
        return RedirectResponse(_home(work.viewer), 303)


@router.get("/welcome")
def welcome(asked: Asking) -> Response:
    """For those whose role has no page of its own."""
    with asked.work(write=False) as work:
        return page(asked, work, "welcome.html")


def _home(viewer: Viewer) -> str:
    if may(viewer, Action.TAKE_CALLS):
        return "/desk"
    if may(viewer, Action.SEE_WALLBOARD):
        return "/wallboard"
    if may(viewer, Action.ANSWER_HANDOVER):
        return "/field"
    if may(viewer, Action.TREAT):
        return "/therapy"
    if may(viewer, Action.READ_AUDIT):
        return "/audit"
    return "/cases" if may(viewer, Action.READ_CASE) else "/welcome"


def _ours(address: str) -> bool:
    """A path on this site: a browser takes `//` and `/\\` for another one."""
    return address.startswith("/") and not address.startswith(("//", "/\\"))


def about_the_phone(viewer: Viewer) -> list[bus.Signal]:
    """A phone in the browser may log in from now on, or no longer."""
    return [bus.Signal(bus.STAFF, "phone", str(viewer.staff_id))] if viewer.phone_in_browser else []


def _leave_the_line(session: Session, viewer: Viewer, now: datetime) -> Sequence[bus.Signal]:
    mine = availability.of(session, viewer.staff_id, now)
    if mine is None or mine.choice is Choice.AWAY:
        return []
    return availability.choose(session, viewer, viewer.staff_id, Choice.AWAY, now)


def has_call(session: Session, viewer: Viewer) -> bool:
    """A call talks or rings at the viewer's phone."""
    engaged = viewer.staff_id in on_the_line.engaged(session)
    return engaged or live_calls.current_for(session, viewer) is not None


def leave(asked: Asked, work: Work) -> None:
    """Their session ends, and with it their phone and their streams; no call comes to them."""
    work.signal(_leave_the_line(work.session, work.viewer, work.now))
    work.signal(_ended(work.session, asked, work.viewer, work.now))


def _ended(session: Session, asked: Asked, viewer: Viewer, now: datetime) -> list[bus.Signal]:
    sessions.log_out(session, asked.token or "", viewer, now)
    return [bus.Signal(bus.desk(viewer.staff_id), "logged_out"), *about_the_phone(viewer)]


def talks_here(session: Session, asked: Asked, now: datetime) -> bool:
    """Somebody is logged in in this browser and has a call: their session cannot end by another log-in,
    as it cannot by a log-out."""
    before = asking.alive(session, asked.token, now)
    return before is not None and has_call(session, before.viewer)


def instead(session: Session, asked: Asked, viewer: Viewer, now: datetime) -> list[bus.Signal]:
    """`viewer` has just logged in: the session that this browser had until now ends (`talks_here` was
    asked before). Signals for after the commit."""
    before = sessions.current(session, asked.token, now) if asked.token else None
    if before is None:
        return about_the_phone(viewer)
    signals = _ended(session, asked, before.viewer, now)
    if before.viewer.staff_id != viewer.staff_id:
        signals += _leave_the_line(session, before.viewer, now)
    return [*signals, *about_the_phone(viewer)]


def at_the_door() -> Response:
    """The log-in, in a browser in which nobody is logged in any more. It forgets the pages that it could
    go back to; not what it keeps in its storage, for sealed drafts wait there that the server lacks."""
    response = RedirectResponse("/login", 303, {"Clear-Site-Data": '"cache"'})
    cookies.drop(response, session_cookie())
    return response


def at_home(asked: Asked, viewer: Viewer, token: str, origin: Origin) -> Response:
    """Where they work, logged in."""
    response = RedirectResponse(_home(viewer), 303)
    keep_session(response, token, origin)
    if language_cookie() not in asked.request.cookies:
        cookies.keep(response, language_cookie(), viewer.language, _YEAR)
    return response


def keep_session(response: Response, token: str | None, origin: Origin) -> None:
    """In this browser, which is known by its device's cookie from then on. `token` None: it has it."""
    if token:
        cookies.keep(response, session_cookie(), token, sessions.LIFETIME)
    if origin.device:
        cookies.keep(response, device_cookie(), origin.device, _YEAR)


def log_in_form(asked: Asked, login: str = "", problem: str = "", status: int = 200) -> HTMLResponse:
    """For whom nobody knows yet; `problem`: why the log-in before was refused."""
    context = base_context(asked, utc_now()) | {
        "login": login,
        "problem": problem,
        "oidc": bool(settings().oidc_issuer),
    }
    return HTMLResponse(html(asked.language, "login.html", context), status)
