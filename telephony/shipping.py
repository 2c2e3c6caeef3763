"""`tongdai ship`: carries a center's own event log into the database, from beside its Asterisk.

One such part runs at every center but the one where the switchboard is (which does the same for its own
site). While the link to the database is cut, calls stay in Asterisk's log; afterwards what the database
lacks is put in, in order, each call in a transaction of its own. Needs no disk shared with anybody: the
cursor is in SQL, the log is read here.
"""

import asyncio
import signal
import threading
import time
from collections.abc import Collection, Sequence
from datetime import timedelta
from itertools import groupby

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from hotline.clock import utc_now
from hotline.errors import HotlineError, Unavailable
from hotline.events import CallEvent
from hotline.ids import CallId
from hotline.settings import Settings
from telephony import recovery
from telephony.ami import Address, connected
from telephony.drain import put_in
from telephony.event_log_end import EventLogEnd
from telephony.message_log import MessageLog
from telephony.snapshot import read_snapshot

_log = structlog.get_logger()


def ship(engine: Engine, settings: Settings, live: Collection[CallId]) -> int:
    """Put in what the database lacks of the calls that are over. Returns how many calls.

    A call that cannot be put in (a bug) keeps none of the others from it, and is tried again next time.
    `live`: on the line at this site now. Raises Unavailable; what is in then stays in.
    """
    found = recovery.recover(engine, settings.event_log, settings.site, live, utc_now())
    by_call = [list(events) for _, events in groupby(found, key=lambda event: event.call_id)]
    return sum(_put_in(engine, events) for events in by_call)


def _put_in(engine: Engine, events: Sequence[CallEvent]) -> bool:
    try:
        put_in(engine, events)
    except Unavailable:
        raise
    except (HotlineError, ValueError, LookupError, TypeError, DBAPIError) as error:
        _log.error("call_not_shipped", call_id=events[0].call_id, error=type(error).__name__)
        return False
    return True


async def on_the_line(address: Address) -> frozenset[CallId]:
    """What is on the line at a site. Raises AmiError: without it a call that goes on would be ended."""
    async with connected(address) as ami:
        snapshot = await read_snapshot(ami)
    return frozenset(CallId(channel.uniqueid) for channel in snapshot.channels)


def command() -> None:
    """`tongdai ship`: run until SIGTERM."""
    from hotline.db import engine
    from hotline.ports import filled
    from telephony import ami_addresses

    settings = filled()
    keep = timedelta(days=settings.keep_event_log_days)
    log_end = EventLogEnd(engine(), settings.event_log, settings.site, keep)
    messages = MessageLog(settings.event_log)
    address = ami_addresses.own(settings)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    _log.info("shipping", site=settings.site)
    while not stop.is_set():
        began, looked_in_vain = time.monotonic(), 0.0
        try:
            count = ship(engine(), settings, asyncio.run(on_the_line(address)))
            if count:
                _log.info("shipped", site=settings.site, calls=count)
            else:
                looked_in_vain = time.monotonic() - began
            log_end.cut(utc_now())
        except Unavailable as error:
            _log.warning("not_shipped", site=settings.site, error=error)
        messages.cut()
        stop.wait(recovery.pause_after(looked_in_vain))
