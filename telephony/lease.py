"""Who routes: a lease that Asterisk itself keeps, so that it outlives our database and Redis.

The global TD_SWITCHBOARD names the switchboard in charge; its heartbeat (TD_HEARTBEAT, Asterisk's own
EPOCH) is the lease's term. Whoever misses the heartbeat writes their name, waits a moment and reads it
back: of two who try at once the last writer has it and the other sees so. A switchboard that was
stopped and goes on finds another's name with a fresh heartbeat and stands by.

EPOCH counts whole seconds: a heartbeat may be nearly a second older than it looks. So a standby also
watches it itself, and has taken over within 3 s, whenever in its second the other died.
"""

import asyncio
import time
from typing import Final

from telephony.ami import Ami, first

TERM_SECONDS: Final = 2
"""A heartbeat older than this, or seen unchanged for so long, has no holder. One less than what the
dialplan's fallback waits for."""
LOOK_SECONDS: Final = 0.25
"""How often a standby looks."""
SETTLE_SECONDS: Final = 0.15
"""Between writing the name and reading it back; far more than two rivals' round trips."""

OWNER: Final = "TD_SWITCHBOARD"


class Lease:
    """One site's, as this connection sees it. `name`: who we are."""

    def __init__(self, ami: Ami, name: str) -> None:
        self._ami = ami
        self._name = name
        self._beat = ""
        self._beat_seen_at = 0.0

    async def hold(self) -> bool:
        """Whether we have it now, taking it when nobody has. Raises AmiError."""
        owner = await self._read(OWNER)
        if owner == self._name:
            return True
        if owner and await self._beats():
            return False
        await self._ami.action("Setvar", Variable=OWNER, Value=self._name)
        await asyncio.sleep(SETTLE_SECONDS)
        return await self._read(OWNER) == self._name

    async def _beats(self) -> bool:
        """Whether the one in charge is alive."""
        beat, now = await self._read("TD_HEARTBEAT"), time.monotonic()
        if beat != self._beat:
            self._beat, self._beat_seen_at = beat, now
        elif now - self._beat_seen_at > TERM_SECONDS:
            return False
        return int(await self._read("EPOCH")) - int(beat or 0) <= TERM_SECONDS

    async def _read(self, variable: str) -> str:
        value = first(await self._ami.action("Getvar", Variable=variable), "value")
        return "" if value == "(null)" else value
