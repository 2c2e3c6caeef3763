"""How long a caller waits for a phone to ring: our router against Asterisk's own app_queue, in one run.

Real Asterisk, real SIP on loopback, the switchboard as its own process with journal, SQLite and Valkey.
Both sides record with MixMonitor. The two take turns, call by call, so a slower minute hits both.

1. arrival → ring: the caller's INVITE leaves → the counselor's phone gets its INVITE, 5 calls a second,
   twenty free phones each.
2. freed → ring: a phone hangs up → it gets the INVITE for the next of the callers that wait already.

    python -m bench.line111 [--calls 200] [--rate 5] [--sites 3]

With `--sites 3` the switchboard listens to the Asterisks of all three centers, joined by trunks.
"""

import argparse
import asyncio
import itertools
import statistics
import time
from collections.abc import Sequence

from bench.native import HOSTS, NATIVE, NUMBERS, ROUTER, house, names
from bench.times import at
from routing.choices import Choice
from telephony import pbx as product
from telephony.softphone import Caller, SoftPhone, silence
from telephony.softphone.incoming import IncomingCall
from tests.pbx import soon
from tests.stories.house import House

PHONES = {ROUTER: range(1, 21), NATIVE: range(21, 41)}
TALK_SECONDS = 0.4


class Side:
    """One of the two, with its phones and the times it took, in seconds."""

    def __init__(self, house: House, name: str, phones: Sequence[SoftPhone]) -> None:
        self.house, self.name, self.phones = house, name, phones
        self.times: list[float] = []

    async def call(self, number: str) -> Caller:
        settings = self.house.pbx.settings
        return await Caller.ring(
            number=number,
            to=NUMBERS[self.name],
            host=settings.sip_host,
            port=settings.sip_port,
            local_host=HOSTS[self.name],
            sound=silence(),
        )


async def arrivals(sides: Sequence[Side], calls: int, rate: float) -> None:
    """`calls` on each side in turn, `rate` a second in all; every phone answers and talks briefly."""
    numbers = itertools.count(912000000)
    turns = itertools.cycle(sides)
    beginning = time.monotonic()
    placed: list[asyncio.Task[None]] = []
    for index in range(calls * len(sides)):
        await asyncio.sleep(max(0.0, beginning + index / rate - time.monotonic()))
        placed.append(asyncio.create_task(_one_arrival(next(turns), f"0{next(numbers)}")))
    await asyncio.gather(*placed)


async def _one_arrival(side: Side, number: str) -> None:
    caller = await side.call(number)
    sent = await caller.begun.within(5)
    await caller.answered.within(15)
    rung = next(
        call for phone in side.phones for call in reversed(phone.history) if call.number == number
    )
    side.times.append((rung.begun.at or 0.0) - sent)
    await asyncio.sleep(TALK_SECONDS)
    await caller.hang_up()
    await caller.ended.within(5)


async def backlog(side: Side, rounds: int) -> None:
    """One phone, two callers always waiting: how soon after a hang-up does it ring again?"""
    phone = side.phones[0]
    rung = len(phone.history)
    numbers = itertools.count(913000000)
    waiting = [await side.call(f"0{next(numbers)}") for _ in range(3)]
    current = await _ring(phone, rung)
    for _ in range(rounds):
        await current.answer()
        await current.answered.within(5)
        await asyncio.sleep(TALK_SECONDS)
        waiting.append(await side.call(f"0{next(numbers)}"))
        await asyncio.sleep(0.3)  # the next in line is well settled
        rung = len(phone.history)
        freed = time.monotonic()
        await current.hang_up()
        following = await _ring(phone, rung)
        side.times.append((following.begun.at or 0.0) - freed)
        current = following
    for caller in waiting:
        await caller.hang_up()


async def _ring(phone: SoftPhone, rung: int) -> IncomingCall:
    """The call after the first `rung` ones."""
    await soon(lambda: len(phone.history) > rung, within=15)
    return phone.history[rung]


def table(title: str, sides: Sequence[Side]) -> None:
    """Print both sides and their ratio, times in milliseconds."""
    print(f"\n{title}")
    print(f"{'':12}{'n':>6}{'p10':>10}{'median':>10}{'p95':>10}{'max':>10}  ms")
    for side in sides:
        times = sorted(1000 * each for each in side.times)
        marks = [at(0.1, times), statistics.median(times), at(0.95, times), times[-1]]
        print(f"{side.name:12}{len(times):6}" + "".join(f"{mark:10.2f}" for mark in marks))
    router, native = (side.times for side in sides)
    medians = statistics.median(router) / statistics.median(native)
    p10s = at(0.1, router) / at(0.1, native)
    print(f"router / app_queue: {medians:.3f} of medians, {p10s:.3f} of p10 (hardly disturbed)")


async def _phones(house: House, numbers: Sequence[int]) -> list[SoftPhone]:
    phones = []
    for number in numbers:
        phone = await house.phone(number, "auto")
        phone.sound = silence()
        phones.append(phone)
    return phones


async def run(house: House, calls: int, rate: float, rounds: int) -> None:
    sides = [Side(house, name, await _phones(house, PHONES[name])) for name in (ROUTER, NATIVE)]
    await house.available(*PHONES[ROUTER])
    await arrivals(sides, 5, rate)  # warm
    for side in sides:
        side.times.clear()
    await arrivals(sides, calls, rate)
    table(f"arrival → ring at {rate:g} calls/s", sides)
    await _leave_one_phone_each(house, sides)
    for side in sides:
        side.times.clear()
        await backlog(side, rounds)
    table("freed → ring, callers waiting", sides)
    await house.unplug_all()


async def _leave_one_phone_each(house: House, sides: Sequence[Side]) -> None:
    house.choose(Choice.BREAK, *PHONES[ROUTER][1:])
    queue = f"bench-{NUMBERS[NATIVE]}"
    for name in names(PHONES, NATIVE)[1:]:
        product.console(house.pbx.settings, f"queue remove member PJSIP/{name} from {queue}")
    for side in sides:
        side.phones[0].answer = "manual"
    await asyncio.sleep(2.5)  # the switchboard's mirror and app_queue's devices have settled


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--calls", type=int, default=200, help="on each side, at most 2000")
    parser.add_argument("--rate", type=float, default=5.0, help="calls a second in all, at most 50")
    parser.add_argument("--rounds", type=int, default=40, help="freed phones on each side")
    parser.add_argument("--sites", type=int, choices=(1, 3), default=1, help="centers listened to")
    given = parser.parse_args()
    with house(PHONES, given.sites) as built:
        asyncio.run(run(built, min(given.calls, 2000), min(given.rate, 50.0), min(given.rounds, 500)))


if __name__ == "__main__":
    main()
