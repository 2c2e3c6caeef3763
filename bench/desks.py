"""200 desks, ten calls a second: how soon the pop is on a screen, how soon what is typed is safe.

A web server, an embedded Valkey, a database; 199 desks that ask as their pages do (bench/desk_pages.py),
and the 200th in Debian's Chromium. Ten callers a second are told to the database and the bus as the
switchboard's writer does it; each rings one desk, is talked to while the record is written, and hangs
up; the desk closes the record. Ring to DOM begins before the ring is written into the
database (what comes before that, from Asterisk's ring, is in bench.screen_pop). Aim: 150 ms.

    python -m bench.desks [--seconds 60] [--desks 200] [--rate 10] [--web 1] [--postgresql]
"""

import argparse
import heapq
import multiprocessing
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from multiprocessing.connection import Connection

from playwright.sync_api import Browser, Page, expect

from bench import desk_pages
from bench.desk_pages import Seat, Seen
from bench.times import at, with_children
from bench.web_house import counselors, server, web_house
from hotline import bus, sessions
from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.events import CallEvent
from hotline.ids import StaffId
from hotline.log_in_tries import Origin
from intake.calls import calls
from routing import availability
from routing.choices import Choice
from tests.browser.conftest import DESK, opened
from tests.browser.town import WATCH_POPS
from tests.factories import Story

WAITS_SECONDS = 0.3
RINGS_SECONDS = 1.0
GATHER_SECONDS = 0.02
"""What comes together is told together, as `telephony.drain` does."""
TALKS_SECONDS = (4.0, 12.0)
OWN_TALK_SECONDS = 1.0
"""At the desk in Chromium, so that its phone rings often."""
REST_SECONDS = 1.0
"""After a call, before the same desk is rung again."""
OWN_EVERY = 10
"""At most one call in so many is for the desk in Chromium."""


@dataclass
class Line:
    """The calls, told in time. `rang`: call → when its ring began to be told (seconds of the clock);
    `late`: how much later than due each step was told, in seconds. `talk_over`: closes the record of the
    desk in Chromium."""

    phones: Sequence[str]
    own: str
    rate: float
    talk_over: Callable[[], None]
    rang: dict[str, float] = field(default_factory=dict)
    late: list[float] = field(default_factory=list)
    to_own: set[str] = field(default_factory=set)
    _due: list[tuple[float, int, Callable[[], list[CallEvent]]]] = field(default_factory=list)
    _order: Iterator[int] = field(default_factory=count)
    _chance: random.Random = field(default_factory=lambda: random.Random(111))
    _free: set[str] = field(default_factory=set)
    _own_next: int = 0

    def run(self, seconds: float) -> int:
        """How many calls came; the last of them may not be over."""
        self._free = set(self.phones)
        began = time.time()
        came = 0
        while (now := time.time()) < began + seconds:
            events: list[CallEvent] = []
            while self._due and self._due[0][0] <= now:
                due, _, step = heapq.heappop(self._due)
                self.late.append(now - due)
                events += step()
            while came < (now - began) * self.rate and self._free:
                came += 1
                events += self._arrives(came)
            if events:
                tell(events)
            time.sleep(GATHER_SECONDS)
        return came

    def _soon(self, seconds: float, step: Callable[[], list[CallEvent]]) -> None:
        heapq.heappush(self._due, (time.time() + seconds, next(self._order), step))

    def _arrives(self, number: int) -> list[CallEvent]:
        mine = number >= self._own_next and self.own in self._free
        self._own_next = number + OWN_EVERY if mine else self._own_next
        phone = self.own if mine else self._chance.choice(sorted(self._free - {self.own}))
        self._free.discard(phone)
        story = Story(number=f"09{number:08}", at=utc_now(), pause=timedelta())
        self._soon(WAITS_SECONDS, lambda: self._rings(story, phone))
        return taken(story.arrived().waiting())

    def _rings(self, story: Story, phone: str) -> list[CallEvent]:
        story.at = utc_now()
        self.rang[story.call_id] = time.time()
        if phone == self.own:
            self.to_own.add(story.call_id)
        self._soon(RINGS_SECONDS, lambda: self._talks(story, phone))
        return taken(story.rang(phone))

    def _talks(self, story: Story, phone: str) -> list[CallEvent]:
        story.at = utc_now()
        talk = OWN_TALK_SECONDS if phone == self.own else self._chance.uniform(*TALKS_SECONDS)
        self._soon(talk, lambda: self._ends(story, phone))
        return taken(story.talk(phone))

    def _ends(self, story: Story, phone: str) -> list[CallEvent]:
        story.at = utc_now()
        if phone == self.own:
            self.talk_over()
        self._soon(REST_SECONDS, lambda: self._rested(phone))
        return taken(story.talk_ended(phone).ended())

    def _rested(self, phone: str) -> list[CallEvent]:
        self._free.add(phone)
        return []


def taken(story: Story) -> list[CallEvent]:
    """What it has told since the last time."""
    events, story.told = story.told, []
    return events


def tell(events: Sequence[CallEvent]) -> None:
    """To the database and the bus, as the switchboard's writer does."""
    with transaction() as session:
        done = calls.apply_all(session, events)
    bus.publish(list(dict.fromkeys(signal for each in done for signal in each.signals)))


def seated(people: Sequence[StaffId], port: int) -> list[Seat]:
    """All are available and have logged in."""
    seats = []
    with transaction() as session:
        for who in people:
            availability.choose(session, None, who, Choice.AVAILABLE, utc_now())
            found = sessions.log_in(session, "", who, Origin("127.0.0.1"), utc_now())
            assert found is not None
            session.flush()
            login = sessions.current(session, found[0], utc_now())
            assert login is not None
            seats.append(Seat(port, found[0], login.csrf))
    return seats


@contextmanager
def others(seats: Sequence[Seat]) -> Iterator[Connection]:
    """The desks without a browser, all connected."""
    mine, theirs = multiprocessing.Pipe()
    spawn = multiprocessing.get_context("spawn")
    process = spawn.Process(target=desk_pages.run, args=(seats, theirs), daemon=True)
    process.start()
    assert mine.poll(60), "the desks are not connected after a minute"
    mine.recv()
    try:
        yield mine
    finally:
        process.kill()
        process.join()


def desk(browser: Browser, seat: Seat) -> Page:
    """The page of this desk; it keeps when each pop came into its DOM."""
    address = f"http://127.0.0.1:{seat.port}"
    context = browser.new_context(locale="vi-VN", viewport=DESK)  # type: ignore[arg-type]
    context.add_cookies([{"name": f"tongdai-{seat.port}", "value": seat.token, "url": address}])
    page = context.new_page()
    page.add_init_script(WATCH_POPS)
    page.goto(f"{address}/desk")
    expect(page.locator("[data-live-status=on]")).to_be_attached(timeout=15_000)
    return page


def measured(many: int, seconds: float, rate: float, web: int) -> None:
    """Prints the figures."""
    people = counselors(many)
    phones = _phones()
    with ExitStack() as house:
        address, process = house.enter_context(server(web))
        seats = seated(people, int(address.rpartition(":")[2]))
        page = desk(house.enter_context(opened()), seats[0])
        pipe = house.enter_context(others(seats[1:]))
        line = Line(phones, phones[0], rate, lambda: page.keyboard.press("Alt+1"))
        before = with_children(process)
        began = time.monotonic()
        came = line.run(seconds)
        took = time.monotonic() - began
        share = (with_children(process) - before) / took
        time.sleep(1)  # what was told last is on its way
        shown: dict[str, float] = page.evaluate("() => window.pops")
        pipe.send("enough")
        seen: Seen = pipe.recv()
    print(f"{seen.connected + 1} desks connected, {came / took:.1f} calls a second for {took:.0f} s")
    print(f"told late by at most             {1000 * max(line.late):.0f} ms")
    print(f"of a core in the web server      {100 * share:.0f} %")
    print(f"refused requests                 {seen.refused}")
    own = [1000 * (shown[call] / 1000 - line.rang[call]) for call in line.to_own if call in shown]
    there = [1000 * (when - line.rang[call]) for call, when in seen.pops.items() if call in line.rang]
    missing = len(line.rang) - len(own) - len(there)
    print(f"{'':33}{'n':>6}{'a second':>10}{'median':>9}{'p95':>9}{'max':>9}   ms")
    for name, times in (
        ("ring → DOM in Chromium", own),
        ("ring → pop read, other desks", there),
        ("what changed at the line", seen.lines),
        ("what changed in its lists", seen.queues),
        ("autosave", seen.autosaves),
    ):
        print(told(name, times, took))
    print(f"pops that never came             {missing} of {len(line.rang)}")


def told(name: str, times: Sequence[float], took: float) -> str:
    if not times:
        return f"{name:33}     0"
    return (
        f"{name:33}{len(times):6}{len(times) / took:10.1f}{statistics.median(times):9.0f}"
        f"{at(0.95, times):9.0f}{max(times):9.0f}"
    )


def _phones() -> list[str]:
    with reading() as session:
        everybody = availability.everybody(session, utc_now())
    return [one.staff.phone for one in everybody if one.staff.phone]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seconds", type=float, default=60, help="at most 120")
    parser.add_argument("--desks", type=int, default=200, help="at most 500")
    parser.add_argument("--rate", type=float, default=10, help="calls a second, at most 50")
    parser.add_argument("--web", type=int, default=1, help="web processes, at most 8")
    parser.add_argument("--postgresql", action="store_true", help="instead of SQLite")
    asked = parser.parse_args()
    limits = (min(asked.desks, 500), min(asked.seconds, 120), min(asked.rate, 50), min(asked.web, 8))
    with web_house(postgresql=asked.postgresql):
        measured(*limits)


if __name__ == "__main__":
    main()
