"""Live signals to the browser over server-sent events: ids and codes only, never content.

A stream holds no database session. It carries the viewer's own desk, and that the board has changed; the
page then fetches its fragment under the viewer's rights. How many callers wait, which is the same for
everybody, it carries itself. `ready` is sent when every signal from now on
will come, so the page reloads what it shows; `away` when Redis is gone, so the page asks by itself
until the next `ready`. The stream ends when the log-in session ends. What it hears comes from `ears`.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from functools import lru_cache
from time import monotonic

from fastapi import APIRouter
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from dashboard.asking import Asked, Asking, NotLoggedIn, alive
from dashboard.ears import WAITING, ears
from dashboard.i18n import Language
from dashboard.rendering import html
from hotline import bus, db, sessions
from hotline.access import Action, Viewer, may
from hotline.bus import Signal
from hotline.clock import utc_now
from hotline.errors import HotlineError
from intake.calls.on_the_line import Waiting

router = APIRouter()

BEAT_SECONDS = 5
"""How often a quiet stream says that it lives: a browser that hears nothing for twice as long, and a
little more, takes the connection for dead (live.ts)."""
CHECK_SECONDS = 10
"""How often it looks whether its log-in session lives."""


@router.get("/live")
async def live(asked: Asking) -> EventSourceResponse:
    try:
        viewer = await run_in_threadpool(_viewer, asked)
    except NotLoggedIn:  # not the log-in page: an EventSource cannot read it
        return EventSourceResponse(_over(), ping=3600)
    return EventSourceResponse(_stream(asked, viewer), ping=3600)


async def _over() -> AsyncIterator[ServerSentEvent]:
    yield ServerSentEvent("", event="over")


def _viewer(asked: Asked) -> Viewer:
    with asked.work(write=False, while_hidden=True) as work:
        return work.viewer


async def _stream(asked: Asked, viewer: Viewer) -> AsyncIterator[ServerSentEvent]:
    checked = monotonic()
    sees_board = may(viewer, Action.SEE_WALLBOARD)
    with ears().ear(bus.desk(viewer.staff_id), sees_board=sees_board) as ear:
        while True:
            signals = await ear.news(BEAT_SECONDS)
            for signal in signals:
                yield event_of(signal, asked.language)
            if not signals:
                yield ServerSentEvent("", event="beat")
            ended = any(signal.kind == "logged_out" for signal in signals)
            if ended or monotonic() >= checked + CHECK_SECONDS:
                checked = monotonic()
                if not await _still_logged_in(asked):
                    yield ServerSentEvent("", event="over")
                    return


async def _still_logged_in(asked: Asked) -> bool:
    """A database that is away does not end a session."""
    try:
        return await run_in_threadpool(_goes_on, asked)
    except HotlineError:
        return True


def _goes_on(asked: Asked) -> bool:
    """The session, which may have another token by now."""
    with db.reading() as session:
        return alive(session, asked.token, utc_now(), sessions.lasting) is not None


def event_of(signal: Signal, language: Language) -> ServerSentEvent:
    """What one signal is to the browser."""
    if signal == WAITING:
        text = _who_waits(language, ears().waiting, ears().read_at)
        return ServerSentEvent(text, event="waiting")
    if signal == bus.LISTENING:
        return ServerSentEvent("", event="ready")
    if signal == bus.AWAY:
        return ServerSentEvent("", event="away")
    if signal.topic == bus.BOARD:
        return ServerSentEvent("", event="board")
    if signal.kind == "logged_out":
        return ServerSentEvent("", event="beat")
    return ServerSentEvent(f"{signal.kind} {signal.id}", event="desk")


@lru_cache(maxsize=8)
def _who_waits(language: Language, waiting: Waiting, now: datetime) -> str:
    """What the bar of every desk says of it, made once for all of them."""
    return html(language, "_queue.html", {"waiting": waiting, "now": now})
