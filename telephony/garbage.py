"""When Python looks for garbage in the switchboard's processes. Young garbage as ever, old hardly ever.

CPython frees an object with its last reference; its collector is there for circles of references, and
to find those among the old it walks everything that lives while the loop stands still. With 5,000 calls
live that took 45 ms, again and again as calls came and went (`python -m bench.events`), and a phone that
should ring waited for it. The book leaves no circles behind (`telephony.channels`), so there is next to
nothing to be found, and it is looked for once an hour. What was imported lives as long as the process
and is not walked at all. The young are walked as always, in under a millisecond.

The drain keeps nobody waiting, but in a rush a round of it makes tens of thousands of objects that are
needed until it is over, and walked them again and again.
"""

import asyncio
import gc

_YOUNG, _MIDDLE = 700, 10
"""CPython's own thresholds: objects after which the youngest are walked, walks after which the next."""
_NEVER = 1 << 30
_A_ROUND = 20_000
"""Objects of some hundred calls. With 700 the drain took 10 to 15 % more time a call (`python -m
bench.fold`); with 100,000 it takes the same."""
FULL_SECONDS = 3600.0


def spare_the_old() -> None:
    """From now on only `collect_now_and_then` walks all objects, and what is there by now never."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _NEVER)


def spare_a_round() -> None:
    """For the drain: the youngest are walked after a round's worth of them."""
    gc.set_threshold(_A_ROUND, _MIDDLE, _MIDDLE)


async def collect_now_and_then(every: float = FULL_SECONDS) -> None:
    """Walk all, for ever, once in `every` seconds."""
    while True:
        await asyncio.sleep(every)
        gc.collect()
