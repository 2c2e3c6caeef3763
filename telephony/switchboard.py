"""The switchboard: hears every site's Asterisk, decides, rings. One asyncio loop that never waits.

One `Follower` per site keeps that site's book; one `Dispatcher` routes over all of them. SQL and Redis
are reached only from threads. Asterisk holds the callers and owns the time-outs, so this process may die
at any moment: the dialplan misses the heartbeat and falls back to its own queue, and a standby takes the
lease over (`telephony.lease`). A site whose link is cut does the same alone.

Acts on nothing stale: decisions are made only for sites in step, that is where the last heartbeat went
through within `STALE_SECONDS` and no event lagged behind (`telephony.follower`).
"""

import asyncio
import contextlib
import signal
import sys
import time
from datetime import timedelta

import structlog
from sqlalchemy import Engine

from hotline import bus
from hotline.clock import utc_now
from hotline.errors import HotlineError
from hotline.ids import StaffId
from hotline.settings import Settings
from telephony import drain, garbage, recovery
from telephony.ami import Address
from telephony.dispatcher import Dispatcher
from telephony.draining import DrainProcess
from telephony.event_log_end import EventLogEnd
from telephony.follower import Follower
from telephony.journal import Journal
from telephony.message_log import MessageLog
from telephony.site import Site, Sites
from telephony.watch import LOOK_SECONDS, Watch

_log = structlog.get_logger()

STAFF_SECONDS = 5.0
"""Re-read of the roster, for signals that Redis lost."""
MEMORY_SECONDS = 30.0
"""How old may be what each counselor has done in this shift, and what is known of a number that finds
somebody free; who must wait is looked up anew."""
MIND_SECONDS = 1.0
"""How long the journal waits at most for a new process that drains it."""


class Switchboard:
    """`run` never returns; cancel it to stop. `addresses`: site code → its AMI, our own first."""

    def __init__(
        self, settings: Settings, addresses: dict[str, Address], engine: Engine, journal: Journal
    ) -> None:
        self._recovery = recovery.Recovery(engine, settings.event_log, settings.site)
        keep = timedelta(days=settings.keep_event_log_days)
        self._log_end = EventLogEnd(engine, settings.event_log, settings.site, keep)
        self._messages = MessageLog(settings.event_log)
        self._journal = journal
        sites = Sites(Site(code, address) for code, address in addresses.items())
        self._dispatcher = Dispatcher(settings, engine, sites, journal.append)
        self._watch = Watch(settings, engine, sites)
        self._followers = [
            Follower(site, settings.instance, self._dispatcher, journal) for site in sites.all
        ]

    async def run(self) -> None:
        """Serve, for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._hear_signals())
            group.create_task(self._reload_staff_now_and_then())
            group.create_task(self._remember_now_and_then())
            group.create_task(self._recover_now_and_then(self._followers[0]))
            group.create_task(self._watch_for_alarms())
            group.create_task(garbage.collect_now_and_then())
            for follower in self._followers:
                group.create_task(follower.run())

    async def _reload_staff_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(STAFF_SECONDS)
            with contextlib.suppress(HotlineError):
                await self._dispatcher.put_states_back()
                await self._dispatcher.load_staff()
            self._dispatcher.calls_wished()

    async def _remember_now_and_then(self) -> None:
        while True:
            with contextlib.suppress(HotlineError):
                await self._dispatcher.load_memory()
            await asyncio.sleep(MEMORY_SECONDS)

    async def _watch_for_alarms(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            with contextlib.suppress(HotlineError):
                await self._watch.look()

    async def _hear_signals(self) -> None:
        """Counselors come and go: the desk says so over the bus, SQL says what."""
        async for heard in bus.listen_always(bus.STAFF):
            if heard.kind == "wrapped_up":
                self._dispatcher.wrapped_up(StaffId(int(heard.id)))
            elif heard.kind == "call_out":
                self._dispatcher.calls_wished()
            elif heard.kind == "wish":
                self._dispatcher.wished()
            elif heard.kind == "alarm":
                self._dispatcher.alarm_sounded()
            else:
                self._dispatcher.staff_changed()

    async def _recover_now_and_then(self, here: Follower) -> None:
        """Our own site's event log; the other sites ship theirs (`telephony.shipping`)."""
        pause = recovery.pause_after(0)
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(here.snapshot_taken.wait(), pause)
            here.snapshot_taken.clear()
            await asyncio.to_thread(self._messages.cut)
            if here.site.fresh:
                began = time.monotonic()
                with contextlib.suppress(HotlineError):
                    await self._recover(here.site)
                pause = recovery.pause_after(time.monotonic() - began)

    async def _recover(self, site: Site) -> None:
        """Calls that ended while we were away, from Asterisk's own event log. Not while the drain is far
        behind: what SQL lacks then is in the journal."""
        waiting = self._journal.waiting()
        if waiting is None:
            return
        elsewhere = frozenset(site.book.live) | waiting
        found = await asyncio.to_thread(self._recovery.look, elsewhere, utc_now())
        if found:
            _log.info("recovered", calls=len({event.call_id for event in found}))
        self._journal.append(found)
        await asyncio.to_thread(self._log_end.cut, utc_now())


def favor_the_loop() -> None:
    """In this process neither old garbage nor a thread that reads SQL keeps it from ringing a phone."""
    garbage.spare_the_old()
    sys.setswitchinterval(0.0005)


def command() -> None:
    """`tongdai switchboard`: run until SIGTERM."""
    from hotline.db import engine
    from hotline.ports import filled
    from telephony import ami_addresses

    settings = filled()
    addresses = {settings.site: ami_addresses.own(settings), **ami_addresses.elsewhere(settings)}
    folder = settings.journal_dir / settings.instance
    draining = DrainProcess(folder, drain.drain)  # before anything that a forked child must not share
    try:
        journal = Journal(folder)
        journal.on_growth = draining.journal_grew
        favor_the_loop()
        try:
            asyncio.run(_until_stopped(Switchboard(settings, addresses, engine(), journal), draining))
        finally:
            journal.close()
    finally:
        draining.stop()


async def _until_stopped(switchboard: Switchboard, draining: DrainProcess) -> None:
    running = asyncio.create_task(switchboard.run())
    minding = asyncio.create_task(_mind(draining))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, running.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await running
    minding.cancel()


async def _mind(draining: DrainProcess) -> None:
    while True:
        await asyncio.sleep(MIND_SECONDS)
        draining.replace_if_dead()
