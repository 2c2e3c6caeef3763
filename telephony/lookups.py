"""Looks up who must wait: what SQL knows of a caller's number, some callers at a time.

Nobody's ringing waits for it, and it leaves the loop most of the processor's time.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import islice

import structlog
from sqlalchemy import Engine

from hotline.callers import Known
from hotline.clock import utc_now
from hotline.errors import Unavailable
from hotline.ids import CallId
from telephony import drain
from telephony.site import Sites
from telephony.tasks import Beside

_log = structlog.get_logger()

AT_ONCE = 50
"""Callers looked up in one go: some milliseconds of a thread's time."""
PAUSE = 4.0
"""From one look to the next, in times of what the last took: it competes with the loop. In a rush most
who wait a moment are offered to somebody meanwhile, and need not be looked up at all."""
AGAIN_SECONDS = 2.0


class Lookups:
    """`offered`: calls that are being offered to somebody, who are not looked up now. `learned` is told
    what is known. `beside` runs something beside the loop."""

    def __init__(
        self,
        engine: Engine,
        sites: Sites,
        offered: Callable[[], Collection[CallId]],
        learned: Callable[[Mapping[CallId, Known]], None],
        beside: Beside,
    ) -> None:
        self._engine = engine
        self._sites = sites
        self._offered = offered
        self._learned = learned
        self._beside = beside
        self._due: set[CallId] = set()
        self._looking = False

    def want(self, calls: Iterable[CallId]) -> None:
        """These callers wait."""
        self._due.update(calls)

    def drop(self, call_id: CallId) -> None:
        """This one does not wait any more."""
        self._due.discard(call_id)

    def go_on(self) -> None:
        """Look the next ones up, unless that is being done or it is not time yet."""
        if self._looking:
            return
        some = set(islice(self._due.difference(self._offered()), AT_ONCE))
        self._due -= some
        calls = {each: call.number for each in some if (call := self._sites.find(each)) is not None}
        self._looking = bool(calls)
        if calls:
            self._beside(self._look_up(calls))

    async def _look_up(self, calls: Mapping[CallId, str | None]) -> None:
        """Raises Unavailable."""
        began = time.monotonic()
        try:
            known = await asyncio.to_thread(drain.load_callers, self._engine, calls, utc_now())
            took = time.monotonic() - began
            self._learned({each: one for each, one in known.items() if self._sites.find(each)})
            _log.info("callers_looked_up", calls=len(calls))
            await asyncio.sleep(PAUSE * took)
        except Unavailable:
            self._due |= calls.keys()
            await asyncio.sleep(AGAIN_SECONDS)
            raise
        finally:
            self._looking = False
        self.go_on()
