"""Who routes: a lease that Asterisk itself keeps, so that it outlives our database and Redis.

The global TD_SWITCHBOARD names the switchboard in charge; its heartbeat (TD_HEARTBEAT, Asterisk's own
EPOCH) is the lease's term. Whoever finds the heartbeat old writes their name, waits a moment and reads
it back: of two who try at once the last writer has it and the other sees so. A switchboard that was
stopped and goes on finds another's name with a fresh heartbeat and stands by.
"""

import asyncio
from typing import Final

from telephony.ami import Ami, first

TERM_SECONDS: Final = 2
"""A heartbeat older than this has no holder. One less than what the dialplan's fallback waits for."""
LOOK_SECONDS: Final = 0.5
"""How often a standby looks."""
SETTLE_SECONDS: Final = 0.15
"""Between writing the name and reading it back; far more than two rivals' round trips."""

OWNER: Final = "TD_SWITCHBOARD"


async def hold(ami: Ami, name: str) -> bool:
    """Whether `name` has the lease now, taking it when nobody has. Raises AmiError."""
    owner = await _read(ami, OWNER)
    if owner == name:
        return True
    if (
        owner
        and int(await _read(ami, "EPOCH")) - int(await _read(ami, "TD_HEARTBEAT") or 0) <= TERM_SECONDS
    ):
        return False
    await ami.action("Setvar", Variable=OWNER, Value=name)
    await asyncio.sleep(SETTLE_SECONDS)
    return await _read(ami, OWNER) == name


async def _read(ami: Ami, variable: str) -> str:
    value = first(await ami.action("Getvar", Variable=variable), "Value")
    return "" if value == "(null)" else value
