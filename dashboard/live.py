"""Live signals to the browser over server-sent events: ids and codes only, never content.

A stream holds no database session. It carries the viewer's own desk, and that the board has changed; the
page then fetches its fragment under the viewer's rights. `ready` is sent when every signal from now on
will come, so the page reloads what it shows; `away` when Redis is gone, so the page asks by itself
until the next `ready`. The stream ends when the log-in session ends.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing
from time import monotonic

import redis
import structlog
from fastapi import APIRouter
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from dashboard.asking import Asked, Asking, NotLoggedIn
from hotline import bus
from hotline.access import Action, Viewer, may
from hotline.bus import Signal
from hotline.errors import HotlineError

router = APIRouter()
_log = structlog.get_logger()

CHECK_SECONDS = 10
"""How often a quiet stream says that it lives, and looks whether its session does."""
RETRY_SECONDS = 2
BOARD_SECONDS = 0.5
"""A busy board changes many times a second, and every desk and wallboard hears of it."""


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
    while True:
        try:
            async with aclosing(_heard(viewer)) as heard:
                async for event in heard:
                    yield event
                    if event.event == "beat" or monotonic() > checked + CHECK_SECONDS:
                        checked = monotonic()
                        if not await _still_logged_in(asked):
                            yield ServerSentEvent("", event="over")
                            return
        except (redis.RedisError, OSError) as error:
            _log.warning("bus_away", error=type(error).__name__)
        yield ServerSentEvent("", event="away")
        await asyncio.sleep(RETRY_SECONDS)
        if not await _still_logged_in(asked):
            yield ServerSentEvent("", event="over")
            return


async def _still_logged_in(asked: Asked) -> bool:
    """A database that is away does not end a session."""
    try:
        await run_in_threadpool(_viewer, asked)
    except NotLoggedIn:
        return False
    except HotlineError:
        return True
    return True


async def _heard(viewer: Viewer) -> AsyncGenerator[ServerSentEvent, None]:
    """The viewer's events as they come, `beat` when it has been quiet for a while.

    That the board has changed is told at once, then at most every BOARD_SECONDS, however often it does;
    the last change is always told.
    """
    signals = bus.listen(bus.desk(viewer.staff_id), bus.BOARD, greet=True)
    waiting: asyncio.Task[Signal] | None = None
    held: ServerSentEvent | None = None
    board_at = 0.0
    try:
        while True:
            waiting = waiting or asyncio.ensure_future(anext(signals))
            patience = CHECK_SECONDS if held is None else max(0.0, board_at - monotonic())
            done, _ = await asyncio.wait({waiting}, timeout=patience)
            if held is not None and monotonic() >= board_at:
                yield held
                held, board_at = None, monotonic() + BOARD_SECONDS
            elif not done:
                yield ServerSentEvent("", event="beat")
            if not done:
                continue
            signal, waiting = waiting.result(), None
            for event in events_of(signal, viewer):
                if event.event == "board" and monotonic() < board_at:
                    held = event
                    continue
                if event.event == "board":
                    board_at = monotonic() + BOARD_SECONDS
                yield event
    finally:
        if waiting is not None:
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
        await signals.aclose()


def events_of(signal: Signal, viewer: Viewer) -> Iterator[ServerSentEvent]:
    """What one signal is to this viewer. Who may not see the board learns only that it changed."""
    if signal == bus.LISTENING:
        yield ServerSentEvent("", event="ready")
    elif signal.topic == bus.BOARD:
        known = signal.id if may(viewer, Action.SEE_WALLBOARD) else ""
        yield ServerSentEvent(known, event="board")
    elif signal.kind == "logged_out":
        yield ServerSentEvent("", event="beat")
    else:
        yield ServerSentEvent(f"{signal.kind} {signal.id}", event="desk")
