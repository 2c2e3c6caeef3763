"""The switchboard: hears Asterisk, keeps the book, decides, rings. One asyncio loop that never waits.

The order for each batch of events: fold into the book, decide, act, write to the journal (a kill in
between loses nothing: Asterisk's event log has it). SQL and Redis are reached only from threads.
Asterisk holds the callers and owns the time-outs, so this process may die at any moment: the dialplan
misses the heartbeat and falls back to its own queue, and a standby takes the lease over
(`telephony.lease`).

Acts on nothing stale: decisions are made only while in step, that is while the last heartbeat went
through within `STALE_SECONDS` and no event lagged behind. Falling out of step (a stopped process, an
overflow, a lost connection) means: take a fresh snapshot first, then go on.
"""

import asyncio
import contextlib
import signal
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import Engine

from hotline import bus
from hotline.clock import utc_now
from hotline.errors import BadInput, HotlineError, Unavailable
from hotline.events import CallEvent
from hotline.ids import StaffId
from hotline.settings import Settings
from telephony import actions, drain, lease, messages, recovery
from telephony.ami import Address, Ami, AmiError, AmiRefused, Headers, connected, first
from telephony.callbook import Callbook
from telephony.dispatcher import Dispatcher
from telephony.journal import Journal
from telephony.snapshot import read_snapshot

_log = structlog.get_logger()

ENTRY = "from-telco"
"""The dialplan's context for the telco's calls: whoever dials in there is a caller of line 111."""
BEAT_SECONDS = 1.0
STALE_SECONDS = 2.5
"""Shorter than the dialplan's 3 s: we stop acting before it stops believing in us."""
STAFF_SECONDS = 5.0
"""Re-read of the roster, for signals that Redis lost."""
RECOVER_SECONDS = 5.0


class Switchboard:
    """One PBX's switchboard. `run` never returns; cancel it to stop."""

    def __init__(self, settings: Settings, address: Address, engine: Engine, journal: Journal) -> None:
        self._settings = settings
        self._address = address
        self._engine = engine
        self._journal = journal
        self._book = Callbook()
        self._dispatcher = Dispatcher(settings, engine, self._fresh)
        self._active = False
        self._in_step = False
        self._last_beat = 0.0
        self._clock_offset = timedelta.max
        self._hearing = asyncio.Lock()
        self._snapshot_taken = asyncio.Event()

    # -- life -----------------------------------------------------------------------------------

    async def run(self) -> None:
        """Stay connected and serve, for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._hear_signals())
            group.create_task(self._reload_staff_now_and_then())
            group.create_task(self._stay_connected())
            group.create_task(self._recover_now_and_then())

    async def _stay_connected(self) -> None:
        pause = 0.2
        while True:
            try:
                async with connected(self._address) as ami:
                    _log.info("ami_connected", ami_address=str(self._address))
                    pause = 0.2
                    await self._serve(ami)
                _log.warning("ami_lost", ami_address=str(self._address))
            except AmiError as error:
                _log.error("ami_away", ami_address=str(self._address), error=error)
                pause = 5.0 if isinstance(error, AmiRefused) else min(pause * 2, 2.0)
            finally:
                self._dispatcher.end()
                self._active = self._in_step = False
            await asyncio.sleep(pause)

    async def _serve(self, ami: Ami) -> None:
        beat = asyncio.create_task(self._beat(ami))
        try:
            async for _ in ami.filled():
                async with self._hearing:
                    batch = ami.inbox.take()
                    happened = self._hear(batch) if self._active else []
                if ami.inbox.overflowed:
                    ami.inbox.overflowed = False
                    self._fall_out_of_step("overflow")
                self._dispatcher.route()
                self._journal.append(happened)
        finally:
            beat.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await beat

    async def _beat(self, ami: Ami) -> None:
        """Each second: hold the lease, get in step if we are not, then the heartbeat. However it ends,
        the connection ends with it: nobody may listen on without a heartbeat."""
        try:
            while True:
                if not await lease.hold(ami, self._settings.instance):
                    self._stand_by()
                    await asyncio.sleep(lease.LOOK_SECONDS)
                    continue
                if not self._fresh():
                    await self._get_in_step(ami)
                await actions.heartbeat(ami)
                self._last_beat = time.monotonic()
                self._dispatcher.tick(BEAT_SECONDS)
                await asyncio.sleep(BEAT_SECONDS)
        except HotlineError as error:
            _log.warning("heartbeat_lost", error=error)
        finally:
            ami.close()

    def _stand_by(self) -> None:
        """Somebody else routes. What we know gets stale from here on, so all of it is forgotten."""
        if self._active:
            _log.warning("standing_by", site=self._settings.site)
        self._active = self._in_step = False

    def _take_over(self, ami: Ami) -> None:
        """We route from now on, and know nothing yet."""
        if not self._active:
            _log.info("active", site=self._settings.site)
            self._book = Callbook(entry=ENTRY)
            self._dispatcher.begin(ami, self._book)
        self._active = True

    def _fresh(self) -> bool:
        return self._in_step and time.monotonic() - self._last_beat < STALE_SECONDS

    def _fall_out_of_step(self, why: str) -> None:
        if self._in_step:
            _log.warning("out_of_step", why=why)
        self._in_step = False

    async def _get_in_step(self, ami: Ami) -> None:
        """Ask Asterisk what is true, and believe nothing older.

        Events that come meanwhile wait and are folded in after the snapshot: each is followed by its
        successors, so the book ends up right whichever side of the snapshot it belongs to.
        """
        self._in_step = False
        self._take_over(ami)
        await self._know_staff()
        async with self._hearing:
            happened = self._hear(ami.inbox.take())
            snapshot = await read_snapshot(ami)
            restored = self._book.restore(snapshot.channels, utc_now())
            self._dispatcher.hear(restored)
            happened += restored
            self._clock_offset = timedelta.max
            self._in_step, self._last_beat = True, time.monotonic()
            happened += self._hear(ami.inbox.take())
        self._journal.append(happened)
        self._dispatcher.after_snapshot(snapshot.devices, snapshot.orphans)
        self._snapshot_taken.set()
        _log.info("in_step", calls=len(self._book.live), phones=len(snapshot.devices))
        self._dispatcher.route()

    async def _know_staff(self) -> None:
        """Load who takes calls. While the database is away, go on with whom we know; knowing nobody,
        wait: without a heartbeat the dialplan rings the phones that it last was told of."""
        while True:
            try:
                await self._dispatcher.load_staff()
                return
            except Unavailable as error:
                _log.warning("database_away", error=error)
                if self._dispatcher.knows_staff:
                    return
                await asyncio.sleep(BEAT_SECONDS)

    # -- hearing --------------------------------------------------------------------------------

    def _hear(self, batch: Sequence[Headers]) -> list[CallEvent]:
        """Fold the batch into book and floor; returns what it means, to be written to the journal."""
        happened: list[CallEvent] = []
        for headers in batch:
            try:
                at = self._instant(headers)
                kind = first(headers, "Event")
                if kind == "OriginateResponse":
                    self._dispatcher.originate_response(headers, at)
                elif kind == "DeviceStateChange":
                    technology, _, phone = first(headers, "Device").partition("/")
                    if technology == "PJSIP":
                        self._dispatcher.device(phone, first(headers, "State"))
                elif (message := messages.parse(headers)) is not None:
                    happened += self._book.fold(message, at)
            except BadInput as error:
                _log.warning("ami_message_unusable", message_type=first(headers, "Event"), error=error)
        self._dispatcher.hear(happened)
        return happened

    def _instant(self, headers: Headers) -> datetime:
        """When Asterisk says it happened. An event that comes much later than its peers did shows that
        we lag (this process was stopped, or swamped): what follows is stale until a new snapshot."""
        try:
            at = datetime.fromtimestamp(float(first(headers, "Timestamp")), UTC)
        except ValueError:
            return utc_now()
        offset = utc_now() - at
        self._clock_offset = min(self._clock_offset, offset)
        if offset - self._clock_offset > timedelta(seconds=STALE_SECONDS):
            self._fall_out_of_step("lag")
        return at

    # -- neighbours -------------------------------------------------------------------------------

    async def _reload_staff_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(STAFF_SECONDS)
            with contextlib.suppress(HotlineError):
                await self._dispatcher.load_staff()
            self._dispatcher.calls_wished()

    async def _hear_signals(self) -> None:
        """Counselors come and go: the desk says so over the bus, SQL says what."""
        async for heard in bus.listen_always(bus.STAFF):
            if heard.kind == "wrapped_up":
                self._dispatcher.wrapped_up(StaffId(int(heard.id)))
            elif heard.kind == "call_out":
                self._dispatcher.calls_wished()
            elif heard.kind == "wish":
                self._dispatcher.wished()
            else:
                self._dispatcher.staff_changed()

    async def _recover_now_and_then(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._snapshot_taken.wait(), RECOVER_SECONDS)
            self._snapshot_taken.clear()
            if self._fresh():
                with contextlib.suppress(HotlineError):
                    await self._recover()

    async def _recover(self) -> None:
        """Calls that ended while we were away, from Asterisk's own event log."""
        live = frozenset(self._book.live)
        found = await asyncio.to_thread(
            recovery.recover,
            self._engine,
            self._settings.event_log,
            self._settings.site,
            live,
            utc_now(),
        )
        self._journal.append(found)


def command() -> None:
    """`tongdai switchboard`: run until SIGTERM."""
    from hotline.db import engine
    from hotline.ports import filled
    from telephony.pbx import ami_secret

    settings = filled()
    address = Address(settings.ami_host, settings.ami_port, settings.ami_user, ami_secret(settings))
    journal = Journal(settings.journal_dir / settings.instance)
    thread = drain.Drain(journal, engine())
    thread.start()
    sys.setswitchinterval(0.0005)  # the drain thread must not keep the loop from ringing a phone
    try:
        asyncio.run(_until_stopped(Switchboard(settings, address, engine(), journal)))
    finally:
        thread.stop()
        journal.close()


async def _until_stopped(switchboard: Switchboard) -> None:
    running = asyncio.create_task(switchboard.run())
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, running.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await running
