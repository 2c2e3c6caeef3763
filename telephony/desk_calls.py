"""Calls that counselors ask for on the desk: claimed in SQL, then their own phone is rung.

Claiming waits for the database, so it runs beside the switchboard's loop. A claim that never
rings (we died, Asterisk refused) ends as failed: at once where we know, else by the recovery.
"""

import asyncio
from collections.abc import Callable, Collection, Sequence

import structlog
from sqlalchemy import Engine

from hotline import bus
from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.events import CallEnded, CallEvent, Outcome
from hotline.ids import CallId, StaffId
from hotline.settings import Settings
from intake.calls import calls_out
from intake.calls.calls_out import CallOut
from telephony import actions
from telephony.ami import AmiError
from telephony.site import Site

_log = structlog.get_logger()


class DeskCalls:
    """A call leaves from the site of the counselor's phone. `tell` writes into the journal."""

    def __init__(
        self, settings: Settings, engine: Engine, tell: Callable[[Sequence[CallEvent]], None]
    ) -> None:
        self._settings = settings
        self._engine = engine
        self._tell = tell
        self._claiming = asyncio.Lock()

    async def place(self, site: Site, free: Collection[str], engaged: Callable[[StaffId], None]) -> None:
        """Ring what is wished for at these `free` phones; `engaged` hears who is called so.

        Raises Unavailable when the database is away: the wish waits there.
        """
        async with self._claiming:
            if site.hand is None:
                return
            claimed = await asyncio.to_thread(self._claim, site.code, free)
        for call in claimed:
            engaged(call.staff_id)
            await self._ring(site, call)

    def _claim(self, site: str, free: Collection[str]) -> list[CallOut]:
        """Mostly nothing is wished for, and nothing is locked then."""
        now = utc_now()
        with reading(self._engine) as session:
            if not calls_out.any_wished(session, now):
                return []
        with transaction(self._engine) as session:
            claimed, signals = calls_out.claim(session, site, free, now)
        bus.publish(signals)
        return claimed

    async def _ring(self, site: Site, call: CallOut) -> None:
        ami = site.hand
        _log.info("call_out", call_id=call.call_id, staff_id=call.staff_id)
        try:
            if ami is None:
                raise AmiError("the connection is gone")
            await actions.call_out(ami, call, self._settings.ring_seconds)
        except AmiError as error:
            _log.warning("call_out_refused", call_id=call.call_id, error=error)
            await self.failed(call.call_id)

    async def failed(self, call_id: CallId) -> None:
        """Nothing rings for this call: a phone out of reach. What Asterisk tells counts more, earlier or
        later: said beside the loop, it comes into the journal after what was heard before it."""
        self._tell([CallEnded(call_id, utc_now(), Outcome.FAILED, 0)])
