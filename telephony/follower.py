"""Follows one PBX: stays connected, holds its lease, keeps its book, hears what it says.

The order for each batch of events: fold into the book, decide, act, write to the journal (a kill in
between loses nothing: Asterisk's event log has it). Falling out of step (a stopped process, an overflow,
a lost connection) means: take a fresh snapshot first, then go on. A site that cannot be followed serves
its own callers from its dialplan, and nobody waits for it.
"""

import asyncio
import math
import time
from collections.abc import Sequence
from datetime import UTC, datetime

import structlog

from hotline.clock import utc_now
from hotline.errors import BadInput, HotlineError, Unavailable
from hotline.events import CallEvent
from hotline.ids import OfferId
from telephony import actions, lease, messages, tasks
from telephony.ami import Ami, AmiError, AmiRefused, AmiUntrusted, Headers, connected, first
from telephony.dispatcher import Dispatcher
from telephony.journal import Journal
from telephony.site import STALE_SECONDS, Site
from telephony.snapshot import read_snapshot

_log = structlog.get_logger()

BEAT_SECONDS = 1.0


class Follower:
    """`run` never returns; cancel it to stop. `instance` is our name in the site's lease."""

    def __init__(self, site: Site, instance: str, dispatcher: Dispatcher, journal: Journal) -> None:
        self.site = site
        self.snapshot_taken = asyncio.Event()
        self._instance = instance
        self._dispatcher = dispatcher
        self._journal = journal
        self._hearing = asyncio.Lock()
        self._new = False
        """We have taken over and know nothing yet. What ends now began without us: a call heard of only
        by its end would be told as one that came and was abandoned. Asterisk's log tells it right."""

    async def run(self) -> None:
        """Stay connected and serve, for ever."""
        pause = 0.2
        while True:
            try:
                async with connected(self.site.address) as ami:
                    _log.info("ami_connected", site=self.site.code, ami_address=str(self.site.address))
                    pause, self.site.ami = 0.2, ami
                    await self._serve(ami)
                _log.warning("ami_lost", site=self.site.code, ami_address=str(self.site.address))
            except AmiError as error:
                _log.error(
                    "ami_away", site=self.site.code, ami_address=str(self.site.address), error=error
                )
                for_good = isinstance(error, (AmiRefused, AmiUntrusted))
                pause = 5.0 if for_good else min(pause * 2, 2.0)
            finally:
                self.site.ami = None
                self.site.active = self.site.in_step = False
            await asyncio.sleep(pause)

    async def _serve(self, ami: Ami) -> None:
        beat = asyncio.create_task(self._beat(ami))
        try:
            async for _ in ami.filled():
                async with self._hearing:
                    batch = ami.inbox.take()
                    happened = self._hear(batch) if self.site.active and not self._new else []
                    happened += self._dispatcher.passed_on()
                if ami.inbox.overflowed:
                    ami.inbox.overflowed = False
                    self._fall_out_of_step("overflow")
                self._dispatcher.route()
                self._journal.append(happened)
        finally:
            await tasks.end(beat)

    async def _beat(self, ami: Ami) -> None:
        """Each second: hold the lease, get in step if we are not, then the heartbeat. However it ends,
        the connection ends with it: nobody may listen on without a heartbeat."""
        mine = lease.Lease(ami, self._instance)
        try:
            while True:
                if not await mine.hold():
                    self._stand_by()
                    await asyncio.sleep(lease.LOOK_SECONDS)
                    continue
                if not self.site.fresh:
                    await self._get_in_step(ami)
                await actions.heartbeat(ami)
                self.site.last_beat = time.monotonic()
                self._dispatcher.tick(self.site, BEAT_SECONDS)
                await asyncio.sleep(BEAT_SECONDS)
        except HotlineError as error:
            _log.warning("heartbeat_lost", error=error)
        finally:
            ami.close()

    def _stand_by(self) -> None:
        """Somebody else routes. What we know gets stale from here on, so all of it is forgotten."""
        if self.site.active:
            _log.warning("standing_by", site=self.site.code)
        self.site.active = self.site.in_step = False

    def _take_over(self) -> None:
        """We route from now on, and know nothing yet."""
        if not self.site.active:
            _log.info("active", site=self.site.code)
            self.site.open_book()
            self._new = True
            self._dispatcher.begin(self.site)
        self.site.active = True

    def _fall_out_of_step(self, why: str) -> None:
        if self.site.in_step:
            _log.warning("out_of_step", site=self.site.code, why=why)
        self.site.in_step = False

    async def _get_in_step(self, ami: Ami) -> None:
        """Ask Asterisk what is true, and believe nothing older.

        Events that come meanwhile wait and are folded in after the snapshot: each is followed by its
        successors, so the book ends up right whichever side of the snapshot it belongs to.
        """
        self.site.in_step = False
        self._take_over()
        await self._know_staff()
        async with self._hearing:
            earlier, new, self._new = ami.inbox.take(), self._new, False
            happened = [] if new else self._hear(earlier)
            snapshot = await read_snapshot(ami)
            happened += self._heard(self.site.book.restore(snapshot.channels, utc_now()))
            self.site.clock_offset = math.inf
            self.site.in_step, self.site.last_beat = True, time.monotonic()
            for phone, state in snapshot.devices.items():
                self._dispatcher.device(self.site, phone, state)
            happened += self._hear(ami.inbox.take(), strangers=not new)
        self._journal.append(happened)
        self._dispatcher.after_snapshot(self.site, snapshot.orphans)
        self.snapshot_taken.set()
        _log.info(
            "in_step", site=self.site.code, calls=len(self.site.book.live), phones=len(snapshot.devices)
        )
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

    def _hear(self, batch: Sequence[Headers], *, strangers: bool = True) -> list[CallEvent]:
        """Fold the batch into book and floor; returns what it means, to be written to the journal.

        Message by message: one that is judged by the book (OriginateResponse, a phone's state) must find
        the floor as far on as the book is. `strangers`: take in also channels that the book does not
        know and that do not begin now.
        """
        happened: list[CallEvent] = []
        now = time.time()
        for headers in batch:
            try:
                at = self._instant(headers, now)
                kind = first(headers, "event")
                if kind == "OriginateResponse":
                    self._dispatcher.originate_response(self.site, headers, at)
                elif kind == "UserEvent" and first(headers, "userevent") == "AlarmNoted":
                    self._dispatcher.alarm_noted(OfferId(first(headers, "td_offer")))
                elif kind == "DeviceStateChange":
                    technology, _, phone = first(headers, "device").partition("/")
                    if technology == "PJSIP":
                        self._dispatcher.device(self.site, phone, first(headers, "state"))
                elif kind == "ContactStatus" and first(headers, "contactstatus") == "Reachable":
                    self._dispatcher.phone_answers(self.site, first(headers, "endpointname"), at)
                elif not strangers and kind != "Newchannel" and self._is_strange(headers):
                    continue
                elif (message := messages.read(headers)) is not None:
                    happened += self._heard(self.site.book.fold(message, at))
            except BadInput as error:
                _log.warning("ami_message_unusable", message_type=first(headers, "event"), error=error)
        return happened

    def _is_strange(self, headers: Headers) -> bool:
        uniqueid = first(headers, "uniqueid")
        return bool(uniqueid) and not self.site.book.knows(uniqueid)

    def _heard(self, events: list[CallEvent]) -> list[CallEvent]:
        """The floor has heard them too."""
        self._dispatcher.hear(self.site, events)
        return events

    def _instant(self, headers: Headers, now: float) -> datetime:
        """When Asterisk says it happened. An event taken up much later than its peers shows that we lag
        (this process was stopped, or swamped): what follows is stale until a new snapshot."""
        try:
            said = float(first(headers, "timestamp"))
            at = datetime.fromtimestamp(said, UTC)
        except (ValueError, OverflowError, OSError):  # none, or no time: "nan", "1e400"
            return datetime.fromtimestamp(now, UTC)
        offset = now - said
        if offset < self.site.clock_offset:
            self.site.clock_offset = offset
        elif offset - self.site.clock_offset > STALE_SECONDS:
            self._fall_out_of_step("lag")
        return at
