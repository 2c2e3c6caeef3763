"""How fast the switchboard hears: AMI bytes to decided action, events a second, a crowd on the line.

The far end is one real call played over and over on a loopback socket (`bench.played_pbx`). Ours is the
whole receiving path: connection, folding into the book, floor, routing (the player answers what we
originate), journal on disk; garbage and threads take their turns as in the switchboard's process.
panoramisk 1.4 with one callback that counts gets the very same bytes, in turns with ours, in the same
process. What drains the journal into SQL is not started.

    python -m bench.events [--rounds 3] [--calls 1500] [--cpu-profile FILE]
"""

import argparse
import asyncio
import contextlib
import cProfile
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import panoramisk
import structlog

from bench.played_pbx import Again, Play, Played, PlayedPbx
from hotline import db, migrate
from hotline.clock import utc_now
from hotline.db import transaction
from hotline.events import CallEvent
from hotline.settings import Settings
from routing import availability
from routing.choices import Choice
from telephony import ami
from telephony.dispatcher import Dispatcher
from telephony.follower import Follower
from telephony.journal import Journal
from telephony.site import Site, Sites
from telephony.switchboard import favor_the_loop
from tests import factories
from tests.pbx import soon

COUNSELORS = 32
LIVE, WAITING = 5000, 1000


class Times:
    """Seconds by the wall clock and by this thread's own time, which other processes do not stretch."""

    def __init__(self) -> None:
        self.wall: list[float] = []
        self.own: list[float] = []

    def since(self, came: tuple[float, float]) -> None:
        self.own.append(time.thread_time() - came[1])
        self.wall.append(time.perf_counter() - came[0])

    def clear(self) -> None:
        self.wall.clear()
        self.own.clear()

    def row(self, what: str) -> None:
        print(f"{what}, n = {len(self.wall)}")
        for name, times in (("wall clock", self.wall), ("own time", self.own)):
            line = sorted(1000 * each for each in times)
            p99 = line[min(len(line) - 1, int(len(line) * 0.99))]
            median = statistics.median(line)
            print(f"  {name:12}median {median:7.3f}  p99 {p99:7.3f}  max {line[-1]:8.3f}  ms")


class Watch:
    """When bytes came in, when a phone was rung for them, when all that they meant was done."""

    def __init__(self) -> None:
        self.done = time.perf_counter()
        self.came = (self.done, time.thread_time())
        self.to_ring, self.to_done = Times(), Times()

    def clear(self) -> None:
        self.to_ring.clear()
        self.to_done.clear()

    def report(self) -> None:
        self.to_ring.row("AMI bytes → Originate written")
        self.to_done.row("AMI bytes → all done, each event")

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Note the moments; costs under a microsecond each."""
        transport: Any = asyncio.selector_events._SelectorSocketTransport  # type: ignore[attr-defined]
        receive, write = ami._Protocol.data_received, transport.write

        def data_received(protocol: Any, data: bytes) -> None:
            self.came = (time.perf_counter(), time.thread_time())
            receive(protocol, data)

        def written(to: Any, data: bytes) -> None:
            write(to, data)
            if data.startswith(b"Action: Originate"):
                self.to_ring.since(self.came)

        with (
            patch.object(ami._Protocol, "data_received", data_received),
            patch.object(transport, "write", written),
        ):
            yield


class WatchedJournal(Journal):
    """Writing to the journal is the last thing done for a batch of events."""

    def __init__(self, folder: Path, watch: Watch) -> None:
        super().__init__(folder)
        self._watch = watch

    def append(self, events: Sequence[CallEvent]) -> None:
        super().append(events)
        self._watch.done = time.perf_counter()
        self._watch.to_done.since(self._watch.came)


@contextlib.asynccontextmanager
async def switchboard(pbx: PlayedPbx, phones: Sequence[str], watch: Watch) -> AsyncIterator[None]:
    """Our whole receiving path, in step with the player."""
    with tempfile.TemporaryDirectory(prefix="td-bench-") as folder:
        engine = db.make_engine(f"sqlite:///{folder}/bench.db")
        migrate.load_models()
        db.Base.metadata.create_all(engine)
        long_ago = utc_now() - timedelta(hours=1)
        with transaction(engine) as session:
            for phone in phones:
                who = factories.counselor(session, phone).staff_id
                factories.on_duty(session, who, long_ago)
                availability.choose(session, None, who, Choice.AVAILABLE, long_ago)
        site = Site("hn", ami.Address("127.0.0.1", pbx.port, "switchboard", "secret"))
        journal = WatchedJournal(Path(folder) / "journal", watch)
        dispatcher = Dispatcher(Settings(wrap_up_seconds=0), engine, Sites([site]), journal.append)
        with watch.watching():
            following = asyncio.create_task(Follower(site, "bench", dispatcher, journal).run())
            await soon(lambda: site.fresh, within=30)
            await asyncio.sleep(1 + len(phones) / 1000)  # the mirror of the fallback queue is told
            try:
                yield
            finally:
                following.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await following
                journal.close()


class Bare:
    """panoramisk as it comes, with one callback."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.heard = 0
        self.last = 0.0

    def _hear(self, _manager: Any, _message: Any) -> None:
        self.heard += 1
        self.last = time.perf_counter()

    async def connected(self) -> panoramisk.Manager:
        manager = panoramisk.Manager(
            host="127.0.0.1",
            port=self._port,
            username="bare",
            secret="secret",  # noqa: S106
            loop=asyncio.get_running_loop(),
        )
        manager.register_event("*", self._hear)
        await manager.connect()
        await soon(lambda: manager.authenticated, within=5)
        return manager


class Rates:
    """Events a second, by the wall clock and by this process's own time."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.wall: list[float] = []
        self.own: list[float] = []

    def add(self, events: int, wall: float, own: float) -> None:
        self.wall.append(events / wall)
        self.own.append(events / own)


async def throughput(pbx: PlayedPbx, watch: Watch, rounds: int, calls: int) -> None:
    """Ours and bare panoramisk in turns, the same bytes."""
    ours, theirs = Rates("switchboard"), Rates("panoramisk")
    for _ in range(rounds):
        began, own = time.perf_counter(), time.process_time()
        played = await pbx.play(Play(calls, live=COUNSELORS + 16, talking=0))
        await _quiet(watch)
        ours.add(played.events, watch.done - began, time.process_time() - own)
        await _bare_round(pbx, theirs)
    print(f"\nevents a second ({played.events} events, {played.size / 1e6:.1f} MB a round)")
    print(f"{'':14}{'wall clock':>12}{'own time':>12}")
    for side in (ours, theirs):
        print(f"{side.name:14}{statistics.median(side.wall):12,.0f}{statistics.median(side.own):12,.0f}")
    for kind in ("wall", "own"):
        ratios = [a / b for a, b in zip(getattr(ours, kind), getattr(theirs, kind), strict=True)]
        print(f"ratio by {kind} time: {statistics.median(ratios):.2f}")


async def _quiet(watch: Watch) -> None:
    await soon(lambda: time.perf_counter() - watch.done > 0.05, within=60)


async def _bare_round(pbx: PlayedPbx, rates: Rates) -> Played:
    bare = Bare(pbx.port)
    manager = await bare.connected()
    began, own = time.perf_counter(), time.process_time()
    played = await pbx.play(Again())
    await soon(lambda: bare.heard >= played.events, within=60)
    rates.add(played.events, bare.last - began, time.process_time() - own)
    manager.close()
    return played


async def decisions(pbx: PlayedPbx, watch: Watch, calls: int) -> None:
    """One caller at a time, everybody free: AMI bytes to the Originate written."""
    watch.clear()
    await pbx.play(Play(calls, live=1, talking=0, gap=0.0005))
    print(f"\n{COUNSELORS} counselors, one caller at a time")
    watch.report()


async def crowd(pbx: PlayedPbx, watch: Watch, calls: int) -> None:
    """`LIVE` calls, of whom `WAITING` wait for the next counselor who gets free."""
    for talking in range(100, LIVE - WAITING + 1, 100):
        await pbx.play(Play(100, live=talking, talking=talking))
    await pbx.play(Play(WAITING, live=LIVE, talking=LIVE - WAITING))
    await _quiet(watch)
    watch.clear()
    await pbx.play(Play(calls, live=LIVE, talking=LIVE - WAITING, gap=0.0005))
    print(f"\n{LIVE} calls live, {WAITING} of them waiting")
    watch.report()


async def run(rounds: int, calls: int) -> None:
    watch = Watch()
    favor_the_loop()
    with _pbx(COUNSELORS) as (pbx, phones):
        async with switchboard(pbx, phones, watch):
            await throughput(pbx, watch, rounds, calls)
            await decisions(pbx, watch, 300)
    with _pbx(LIVE - WAITING) as (pbx, phones):
        async with switchboard(pbx, phones, watch):
            await crowd(pbx, watch, 300)


@contextmanager
def _pbx(phones: int) -> Iterator[tuple[PlayedPbx, list[str]]]:
    names = [f"hn{number:02}" for number in range(1, phones + 1)]
    pbx = PlayedPbx(names)
    try:
        yield pbx, names
    finally:
        pbx.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=3, help="of each side, at most 20")
    parser.add_argument("--calls", type=int, default=1500, help="a round, at most 20000")
    parser.add_argument("--cpu-profile", metavar="FILE", help="write cProfile's figures there")
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    profile = cProfile.Profile()
    with profile if given.cpu_profile else contextlib.nullcontext():
        asyncio.run(run(min(given.rounds, 20), min(given.calls, 20_000)))
    if given.cpu_profile:
        profile.dump_stats(given.cpu_profile)


if __name__ == "__main__":
    main()
