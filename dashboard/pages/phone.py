"""The phone in the browser: its credential, and its words to Asterisk and back.

The browser speaks SIP over a WebSocket with us, from where it was loaded; we pass each message on to
the WebSocket of the Asterisk that the phone belongs to, which nobody else can reach, and look into none:
Asterisk asks for the credential. The line ends with the log-in session, but a talk that goes on keeps it
until it is over, unless its person has left the house. The sound takes no part in this; it goes straight
to Asterisk.
"""

import asyncio
import ssl
from contextlib import suppress
from urllib.parse import urlsplit

import structlog
from fastapi import APIRouter, WebSocket
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response
from starlette.websockets import WebSocketDisconnect
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from dashboard.asking import Asking, alive
from dashboard.cookies import session_cookie
from dashboard.rendering import page
from hotline import db, ports, sessions, staff
from hotline.access import Viewer
from hotline.clock import utc_now
from hotline.errors import HotlineError, NotVisible
from hotline.peers import other_sites
from hotline.session_tokens import SIP_REALM, phone_secret
from hotline.settings import settings
from intake.calls import shift_work
from routing import availability

router = APIRouter()
_log = structlog.get_logger()

SIP = Subprotocol("sip")
MAX_MESSAGE = 64 * 1024
"""Bytes; as Asterisk's res_http_websocket takes them."""
CHECK_SECONDS = 5
"""How often a line looks whether its log-in lives. A page that logs out hangs up by itself, and Asterisk
takes its credential no more."""
_REFUSED, _OVER, _AWAY = 4401, 4403, 1013
"""Why we hang up: not logged in, no longer logged in, Asterisk is not there (1013: try again later)."""


@router.get("/phone/account")
def account(asked: Asking) -> JSONResponse:
    """Who this browser is to Asterisk. Raises NotVisible for somebody whose phone is elsewhere."""
    with asked.work(write=False, while_hidden=True) as work:
        phone = _phone(work.viewer)
    return JSONResponse({"phone": phone, "realm": SIP_REALM, "secret": phone_secret(asked.token or "")})


@router.get("/phone/colleagues")
def colleagues(asked: Asking) -> Response:
    """Whom a caller may be passed on to: who is on duty now, at all centers, one's own first."""
    with asked.work(write=False) as work:
        _phone(work.viewer)
        there = [
            one
            for one in availability.everybody(work.session, work.now)
            if one.staff.phone and one.staff.id != work.viewer.staff_id and one.on_duty(work.now)
        ]
        there.sort(key=lambda one: (one.staff.center.id != work.viewer.center_id, one.staff.phone))
        return page(asked, work, "_phone_colleagues.html", colleagues=there)


def _phone(viewer: Viewer) -> str:
    """Theirs, if it is in the browser. Raises NotVisible, also where its site has desk phones only."""
    if viewer.phone is None or not viewer.phone_in_browser or _address(viewer.phone) is None:
        raise NotVisible("a phone in the browser")
    return viewer.phone


@router.websocket("/phone/line")
async def line(browser: WebSocket) -> None:
    """One browser's line, until it, Asterisk or the log-in session ends."""
    token = browser.cookies.get(session_cookie())
    viewer = await run_in_threadpool(_whose, token) if _same_origin(browser) else None
    address = _address(viewer.phone or "") if viewer is not None else None
    if viewer is None or address is None or SIP not in browser.scope["subprotocols"]:
        await browser.close(_REFUSED)
        return
    try:
        asterisk = await connect(
            address,
            ssl=await run_in_threadpool(_trusted, address),
            subprotocols=[SIP],
            max_size=MAX_MESSAGE,
            open_timeout=3,
            close_timeout=1,
        )
    except (OSError, WebSocketException) as error:
        _log.warning("phone_line_away", error=type(error).__name__)
        await browser.close(_AWAY)
        return
    try:
        async with asterisk:
            await browser.accept(SIP)
            code = await _joined(browser, asterisk, viewer, token)
    finally:
        asterisk.transport.abort()  # closed already, unless we were stopped in the midst of it
    with suppress(RuntimeError, WebSocketDisconnect):  # the browser was the one who left
        await browser.close(code)


async def _joined(
    browser: WebSocket, asterisk: ClientConnection, viewer: Viewer, token: str | None
) -> int:
    """Pass messages on until one of the three ends; returns what to tell the browser."""
    parts = {
        asyncio.create_task(_from_browser(browser, asterisk)): 1000,
        asyncio.create_task(_to_browser(asterisk, browser)): _AWAY,
        asyncio.create_task(_session_over(viewer, token)): _OVER,
    }
    done, others = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
    for task in others:
        task.cancel()
    await asyncio.gather(*parts, return_exceptions=True)
    return max(parts[task] for task in done)


async def _from_browser(browser: WebSocket, asterisk: ClientConnection) -> None:
    with suppress(WebSocketDisconnect, WebSocketException):
        while True:
            await asterisk.send(await browser.receive_text())


async def _to_browser(asterisk: ClientConnection, browser: WebSocket) -> None:
    with suppress(WebSocketDisconnect, RuntimeError):
        async for message in asterisk:
            await browser.send_text(message if isinstance(message, str) else message.decode())


async def _session_over(viewer: Viewer, token: str | None) -> None:
    """Return when they have logged out, or the session has run out, and nobody talks with them."""
    while True:
        if not await run_in_threadpool(_goes_on, viewer, token):
            return
        await asyncio.sleep(CHECK_SECONDS)


def _goes_on(viewer: Viewer, token: str | None) -> bool:
    return _whose(token, viewer) is not None or _talks_on(viewer)


def _talks_on(viewer: Viewer) -> bool:
    """A child is not cut off because a session ended: it ran out, or was ended from elsewhere. But for
    who has left, or has another phone now, it is over at once."""
    with suppress(HotlineError), db.reading() as session:
        phone = viewer.phone or ""
        theirs = staff.by_phones(session, [phone]).get(phone)
        if theirs is None or theirs.id != viewer.staff_id or not theirs.phone_in_browser:
            return False
        return shift_work.talked_since(session, viewer.staff_id, utc_now())
    return True


def _whose(token: str | None, known: Viewer | None = None) -> Viewer | None:
    """Who is logged in and has the phone in the browser. `known`: who was when the line was opened; it
    goes on when another token has taken the place of its own, and when the database is away."""
    try:
        with db.reading() as session:
            login = alive(session, token, utc_now(), sessions.lasting if known else sessions.current)
            if login is None or login.stage:
                return None
            _phone(login.viewer)
            return login.viewer
    except NotVisible:
        return None
    except HotlineError:
        return known


def _same_origin(browser: WebSocket) -> bool:
    """A WebSocket may be opened by any site that the browser has loaded; it says by which."""
    return urlsplit(browser.headers.get("Origin", "")).netloc == browser.headers.get("Host", "-")


def _trusted(address: str) -> ssl.SSLContext | None:
    """How the certificate of another site's Asterisk is checked. Raises OSError."""
    if not address.startswith("wss:"):
        return None
    return ssl.create_default_context(cafile=str(settings().certificates_dir / "ca.pem"))


def _address(phone: str) -> str | None:
    """The WebSocket of the Asterisk where this phone registers; None: it takes none there."""
    for peer in other_sites(settings()):
        if phone.startswith(peer.code):
            scheme = "wss" if peer.tls else "ws"
            return f"{scheme}://{peer.host}:{peer.http_port}/ws" if peer.http_port else None
    if not phone.startswith(settings().site):
        return None
    of = settings() if settings().pbx_http_port else ports.kept(settings())
    return f"ws://{of.pbx_http_host}:{of.pbx_http_port}/ws"
