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
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Engine

from hotline import bus
from hotline.clock import utc_now
from hotline.errors import BadInput, HotlineError, Unavailable
from hotline.events import CallEvent, Outcome
from hotline.ids import CallId, OfferId, StaffId
from hotline.settings import Settings
from routing.choices import Choice
from routing.policy import can_take_calls, decide
from telephony import actions, drain, lease, messages, recovery
from telephony.ami import Address, Ami, AmiActionFailed, AmiError, AmiRefused, Headers, connected, first
from telephony.callbook import Callbook, LiveCall
from telephony.floor import Floor, Heard, Offer
from telephony.journal import Journal
from telephony.snapshot import read_snapshot

_log = structlog.get_logger()

BEAT_SECONDS = 1.0
STALE_SECONDS = 2.5
"""Shorter than the dialplan's 3 s: we stop acting before it stops believing in us."""
STAFF_SECONDS = 5.0
"""Re-read of the roster, for signals that Redis lost."""
RECOVER_SECONDS = 5.0
_AWAY_STATES = {"UNAVAILABLE", "INVALID", "UNKNOWN"}


class Switchboard:
    """One PBX's switchboard. `run` never returns; cancel it to stop."""

    def __init__(self, settings: Settings, address: Address, engine: Engine, journal: Journal) -> None:
        self._settings = settings
        self._address = address
        self._engine = engine
        self._journal = journal
        self._book = Callbook()
        self._floor = Floor(timedelta(seconds=settings.wrap_up_seconds))
        self._ami: Ami | None = None
        self._active = False
        self._in_step = False
        self._last_beat = 0.0
        self._clock_offset = timedelta.max
        self._greeted: set[CallId] = set()
        self._mirrored: frozenset[str] | None = None
        self._hearing = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

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
                self._ami, self._in_step = None, False
            await asyncio.sleep(pause)

    async def _serve(self, ami: Ami) -> None:
        self._ami = ami
        beat = asyncio.create_task(self._beat(ami))
        try:
            async for _ in ami.filled():
                async with self._hearing:
                    batch = ami.inbox.take()
                    happened = self._hear(batch) if self._active else []
                if ami.inbox.overflowed:
                    ami.inbox.overflowed = False
                    self._fall_out_of_step("overflow")
                self._route()
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
                self._tick()
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

    def _take_over(self) -> None:
        """We route from now on, and know nothing yet."""
        if not self._active:
            _log.info("active", site=self._settings.site)
            self._book = Callbook()
            self._floor = Floor(timedelta(seconds=self._settings.wrap_up_seconds))
            self._greeted.clear()
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
        self._take_over()
        await self._know_staff()
        async with self._hearing:
            happened = self._hear(ami.inbox.take())
            snapshot = await read_snapshot(ami)
            happened += self._heard(self._book.restore(snapshot.channels, utc_now()))
            self._clock_offset = timedelta.max
            self._in_step, self._last_beat = True, time.monotonic()
            happened += self._hear(ami.inbox.take())
        self._journal.append(happened)
        self._floor.offers_on_line(self._book.live)
        for phone, state in snapshot.devices.items():
            self._follow(self._floor.phone_state(phone, state not in _AWAY_STATES))
        for channel in snapshot.orphans:
            self._spawn(self._hang_up(channel))
        self._mirrored = None
        _log.info("in_step", calls=len(self._book.live), phones=len(snapshot.devices))
        self._spawn(self._recover())
        self._route()

    async def _know_staff(self) -> None:
        """Load who takes calls. While the database is away, go on with whom we know; knowing nobody,
        wait: without a heartbeat the dialplan rings the phones that it last was told of."""
        while True:
            try:
                await self._load_staff()
                return
            except Unavailable as error:
                _log.warning("database_away", error=error)
                if self._floor.people():
                    return
                await asyncio.sleep(BEAT_SECONDS)

    # -- hearing --------------------------------------------------------------------------------

    def _hear(self, batch: Sequence[Headers]) -> list[CallEvent]:
        """Fold the batch into book and floor; returns what it means, to be written to the journal."""
        happened: list[CallEvent] = []
        for headers in batch:
            try:
                at = self._instant(headers)
                if first(headers, "Event") == "OriginateResponse":
                    self._originate_response(headers, at)
                elif first(headers, "Event") == "DeviceStateChange":
                    self._device_state(headers)
                else:
                    message = messages.parse(headers)
                    if message is not None:
                        happened += self._book.fold(message, at)
            except BadInput as error:
                _log.warning("ami_message_unusable", message_type=first(headers, "Event"), error=error)
        return self._heard(happened)

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

    def _heard(self, events: list[CallEvent]) -> list[CallEvent]:
        for event in events:
            self._follow(self._floor.hear(event))
        return events

    def _originate_response(self, headers: Headers, at: datetime) -> None:
        """Failure with Reason 0 is said of every offer that was not answered, before the leg's Hangup
        (Asterisk 22). Only where no leg was ever made (no contact) it is all that we hear."""
        offer = self._floor.offers.get(OfferId(first(headers, "ActionID")))
        if offer is None or first(headers, "Response") != "Failure":
            return
        call = self._book.live.get(offer.call_id)
        if call is None or all(leg.offer_id != offer.id for leg in call.ringing):
            self._follow(self._floor.offer_ended(offer.id, Outcome.FAILED, at))

    def _device_state(self, headers: Headers) -> None:
        technology, _, phone = first(headers, "Device").partition("/")
        if technology == "PJSIP":
            self._follow(self._floor.phone_state(phone, first(headers, "State") not in _AWAY_STATES))

    def _follow(self, heard: Heard) -> None:
        """Do what the floor says must follow; nothing while out of step: it may be about the past."""
        if not self._fresh():
            return
        if heard.choices:
            self._spawn(self._save(heard.choices))
        for offer in heard.withdraw:
            self._spawn(self._hang_up(offer.id))

    # -- deciding and acting --------------------------------------------------------------------

    def _route(self) -> None:
        """Offer what waits to whoever is free; greet who must wait."""
        if self._ami is None or not self._fresh():
            return
        now, live = utc_now(), self._book.live
        waiting = self._floor.waiting(live)
        if waiting:
            for decision in decide(waiting, self._floor.counselors(live, now), now):
                offer = self._floor.offered(decision, now)
                self._ring(self._ami, offer, live[decision.call_id])
                _log.info(
                    "offer",
                    call_id=offer.call_id,
                    offer_id=offer.id,
                    staff_id=offer.staff_id,
                    reason=decision.reasons,
                )
            for call in self._floor.waiting(live):
                if call.call_id not in self._greeted:
                    self._greeted.add(call.call_id)
                    self._spawn(self._greet(self._ami, live[call.call_id].channel))
        self._greeted &= live.keys()

    def _ring(self, ami: Ami, offer: Offer, call: LiveCall) -> None:
        """The action leaves now, before anything else is done; its answer is heard beside the loop."""
        try:
            answer = actions.ring(ami, offer, call.channel, call.number, self._settings.ring_seconds)
        except AmiError:
            return  # the connection is gone; the next snapshot says what came of it
        self._spawn(self._ring_answered(offer, answer))

    async def _ring_answered(self, offer: Offer, answer: Coroutine[Any, Any, Headers]) -> None:
        try:
            await answer
        except AmiActionFailed as error:
            _log.warning("offer_refused", offer_id=offer.id, error=error)
            self._follow(self._floor.offer_ended(offer.id, Outcome.FAILED, utc_now()))
            self._route()

    async def _greet(self, ami: Ami, channel: str) -> None:
        await actions.greet(ami, channel)

    async def _hang_up(self, channel: str) -> None:
        if self._ami is not None:
            await actions.hang_up(self._ami, channel)

    def _tick(self) -> None:
        """Once a second: offers Asterisk forgot, wrap-ups and shifts that ended, the queue's mirror."""
        now = utc_now()
        for offer in self._floor.overdue(now, timedelta(seconds=self._settings.ring_seconds + 5)):
            _log.warning("offer_overdue", offer_id=offer.id)
            self._floor.offer_ended(offer.id, Outcome.ABANDONED, now)
            self._spawn(self._hang_up(offer.id))
        self._route()
        self._wake_when_free(now)
        self._mirror(now)

    def _wake_when_free(self, now: datetime) -> None:
        free_at = self._floor.next_free_at(now)
        if free_at is not None and free_at - now < timedelta(seconds=BEAT_SECONDS):
            asyncio.get_running_loop().call_later((free_at - now).total_seconds() + 0.001, self._route)

    def _mirror(self, now: datetime) -> None:
        """Keep the fallback queue's members equal to who could take calls."""
        wanted = frozenset(
            each.phone
            for each in self._floor.counselors({}, now)
            if can_take_calls(each, now) or each.phone in {o.phone for o in self._floor.offers.values()}
        )
        if wanted != self._mirrored and self._ami is not None:
            self._mirrored = wanted
            self._spawn(actions.mirror_queue(self._ami, wanted))

    # -- threads and neighbours -----------------------------------------------------------------

    async def _save(self, choices: Sequence[tuple[StaffId, Choice]]) -> None:
        await asyncio.to_thread(drain.save_choices, self._engine, choices, utc_now())
        await self._reload_staff()

    async def _load_staff(self) -> None:
        people = await asyncio.to_thread(drain.load_people, self._engine)
        self._follow(self._floor.staffed(people))

    async def _reload_staff(self) -> None:
        await self._load_staff()
        self._route()

    async def _reload_staff_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(STAFF_SECONDS)
            with contextlib.suppress(HotlineError):
                await self._reload_staff()

    async def _hear_signals(self) -> None:
        """Counselors come and go: the desk says so over the bus, SQL says what."""
        async for heard in bus.listen_always(bus.STAFF):
            if heard.kind == "wrapped_up":
                self._floor.wrapped_up(StaffId(int(heard.id)))
                self._route()
            else:
                self._spawn(self._reload_staff())

    async def _recover_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(RECOVER_SECONDS)
            if self._fresh():
                self._spawn(self._recover())

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

    def _spawn(self, work: Coroutine[object, object, None]) -> None:
        """Run it beside the loop; a failure is logged and hurts nobody else."""
        task = asyncio.get_running_loop().create_task(_guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _guarded(work: Coroutine[object, object, None]) -> None:
    try:
        await work
    except HotlineError as error:
        _log.warning("side_work_failed", error=error)


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
