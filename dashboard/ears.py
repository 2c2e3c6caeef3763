"""One subscription to Redis for all the live streams of this process, and what each of them hears.

A signal is decoded once and handed to those whom it concerns, so a stream wakes only for its own news.
The subscription lives as long as somebody listens. That the board changed is passed on at once, then at
most every BOARD_SECONDS however often it does; the last change is always told.

Desks, of which there are many, need not ask who waits: that is read once for all of them and told with
the signal. What differs from desk to desk (the numbers owed a call, the inbox, messages) they ask for,
one after the other: else all of them would ask at once, and a call that rings at one of them would wait
behind what all the others ask. For one event loop.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import redis
import structlog
from starlette.concurrency import run_in_threadpool

from hotline import bus
from hotline.bus import AWAY, LISTENING, Signal
from hotline.clock import utc_now
from hotline.db import reading
from hotline.errors import Unavailable
from intake.calls import on_the_line
from intake.calls.on_the_line import Waiting
from intake.reports import reports

_log = structlog.get_logger()

RETRY_SECONDS = 2.0
BOARD_SECONDS = 0.5
"""A busy board changes many times a second, and every wallboard hears of it."""
LINE_SECONDS = 1.0
"""From one look at who waits to the next: every desk is told of it."""
DESKS_A_SECOND = 70
"""So many desks are told that what they ask for changed: 200 of them within three seconds."""
MOST_UNHEARD = 100
"""A stream whose browser does not read: it is told to read everything anew instead."""
_NOT_FOR_DESKS = frozenset({"alarm", "availability", "steering", "wish"})
"""Kinds of change that only the wallboard shows."""
_ASKED_FOR = frozenset({"callback", "message", "report"})
"""Kinds of change that each desk shows in its own way. The others are calls."""
BOARD = Signal(bus.BOARD, "changed")
WAITING = Signal(bus.BOARD, "waiting")
"""Who waits is another than before: `Ears.waiting`."""


@dataclass(eq=False)
class Ear:
    """What one stream has not told yet. `sees_board`: hears of every change of it, and not only of those
    that a desk shows."""

    sees_board: bool
    _unheard: dict[Signal, None] = field(default_factory=dict)
    """In order; news that is the same is told once."""
    _any: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, signal: Signal) -> None:
        if len(self._unheard) >= MOST_UNHEARD:
            self._unheard = {LISTENING: None}
        self._unheard[signal] = None
        self._any.set()

    async def news(self, patience: float) -> list[Signal]:
        """What has come since the last time; empty when nothing did for `patience` seconds."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._any.wait(), patience)
        told, self._unheard = list(self._unheard), {}
        self._any.clear()
        return told


class Ears:
    """All streams of one event loop. `waiting`: who waits on the line, as it was at `read_at`."""

    def __init__(self) -> None:
        self.waiting = Waiting(0, None)
        self.read_at = utc_now()
        self._desks: defaultdict[str, set[Ear]] = defaultdict(set)
        self._tasks: tuple[asyncio.Task[None], ...] = ()
        self._ready = False
        self._line_changed = asyncio.Event()
        self._lull = False
        self._board = _Pace(self._tell_wallboards)
        self._lists = _Pace(self._tell_desks)

    @contextmanager
    def ear(self, topic: str, *, sees_board: bool) -> Iterator[Ear]:
        """For a stream that is told of this desk and the board. Its first news is LISTENING or AWAY."""
        made = Ear(sees_board)
        self._desks[topic].add(made)
        if not self._tasks:
            self._tasks = (asyncio.create_task(self._listen()), asyncio.create_task(self._watch_line()))
        elif self._ready:
            made.hear(LISTENING)
        try:
            yield made
        finally:
            self._desks[topic].discard(made)
            if not self._desks[topic]:
                del self._desks[topic]
            if not self._desks:
                self._stop()

    def _stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._tasks, self._ready = (), False
        self._board.stop()
        self._lists.stop()

    async def _listen(self) -> None:
        while True:
            try:
                async for signal in bus.listen(bus.BOARD, bus.EVERY_DESK, greet=True):
                    self._pass_on(signal)
            except (redis.RedisError, OSError) as error:
                _log.warning("bus_away", error=type(error).__name__)
            self._ready = False
            self._tell_all(AWAY)
            await asyncio.sleep(RETRY_SECONDS)

    async def _watch_line(self) -> None:
        """Told after every change, also when it is what it was: a page may have been made in between."""
        while True:
            await self._line_changed.wait()
            self._line_changed.clear()
            try:
                self.read_at = utc_now()
                self.waiting, lull = await run_in_threadpool(_look)
            except Unavailable:
                self._line_changed.set()
            else:
                self._tell_all(WAITING)
                if lull or self._lull:
                    self._lists.wish()
                self._lull = lull
            await asyncio.sleep(LINE_SECONDS)

    def _pass_on(self, signal: Signal) -> None:
        if signal == LISTENING:
            self._ready = True
            self._tell_all(LISTENING)
        elif signal.topic == bus.BOARD:
            self._board.wish()
            if signal.kind in _ASKED_FOR:
                self._lists.wish()
            elif signal.kind not in _NOT_FOR_DESKS:
                self._line_changed.set()
        else:
            for ear in self._desks.get(signal.topic, ()):
                ear.hear(signal)

    def _tell_all(self, signal: Signal) -> None:
        for ears in self._desks.values():
            for ear in ears:
                ear.hear(signal)

    def _tell_wallboards(self) -> float:
        for ear in self._ears(sees_board=True):
            ear.hear(BOARD)
        return BOARD_SECONDS

    def _tell_desks(self) -> float:
        desks = self._ears(sees_board=False)
        loop = asyncio.get_running_loop()
        for place, ear in enumerate(desks):
            if place:
                loop.call_later(place / DESKS_A_SECOND, ear.hear, BOARD)
            else:
                ear.hear(BOARD)
        return max(BOARD_SECONDS, len(desks) / DESKS_A_SECOND)

    def _ears(self, *, sees_board: bool) -> list[Ear]:
        return [ear for ears in self._desks.values() for ear in ears if ear.sees_board is sees_board]


def _look() -> tuple[Waiting, bool]:
    """Who waits, and whether it is quiet enough for desks to be offered what waits in the inbox."""
    with reading() as session:
        waiting = on_the_line.waiting(session)
        return waiting, not waiting.count and reports.standing(session).count > 0


class _Pace:
    """Does something at once, then not again for so many seconds as it says; the last wish is always
    fulfilled."""

    def __init__(self, do: Callable[[], float]) -> None:
        self._do = do
        self._pause: asyncio.TimerHandle | None = None
        self._again = False

    def wish(self) -> None:
        if self._pause is not None:
            self._again = True
            return
        self._pause = asyncio.get_running_loop().call_later(self._do(), self._over)

    def _over(self) -> None:
        self._pause = None
        if self._again:
            self._again = False
            self.wish()

    def stop(self) -> None:
        if self._pause is not None:
            self._pause.cancel()
        self._pause, self._again = None, False


_of_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, Ears] = WeakKeyDictionary()


def ears() -> Ears:
    """Those of the running event loop."""
    return _of_loop.setdefault(asyncio.get_running_loop(), Ears())
