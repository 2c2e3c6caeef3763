"""The wallboard in a browser while 300 counselors change state 50 times a second.

A real web server, an embedded Valkey, Debian's Chromium; each change is a transaction and its signals,
as the desk makes them. Afterwards every tile must say what the database says. Aims: no dropped update
after settling, under 15 % of a core in the page, the server's 95th percentile under 100 ms.

    python -m bench.wallboard [--seconds 20] [--counselors 300] [--rate 50] [--postgresql]
"""

import argparse
import random
import statistics
import time
from dataclasses import dataclass, field

from playwright.sync_api import Browser, CDPSession, Page, Request, expect

from bench.times import at, processor_seconds
from bench.web_house import LEAD, PASSWORD, counselors, server, web_house
from hotline import bus
from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.ids import StaffId
from routing import availability
from routing.choices import CHOSEN
from tests.browser.conftest import opened

SETTLE_SECONDS = 10.0
SCREEN = {"width": 1920, "height": 1080}


@dataclass
class Seen:
    """What the browser saw: milliseconds of each answer to the board's requests."""

    answers: list[float] = field(default_factory=list)

    def note(self, request: Request) -> None:
        if "/wallboard/board" in request.url:
            timing = request.timing
            self.answers.append(timing["responseEnd"] - timing["requestStart"])


def stir(people: list[StaffId], seconds: float, rate: float) -> tuple[int, float]:
    """Change somebody's state `rate` times a second; how many changes it was, and over how long."""
    began = time.monotonic()
    changes = 0
    while (passed := time.monotonic() - began) < seconds:
        if changes < passed * rate:
            with transaction() as session:
                who, choice = random.choice(people), random.choice(CHOSEN)
                signals = availability.choose(session, None, who, choice, utc_now())
            bus.publish(signals)
            changes += 1
        else:
            time.sleep(0.002)
    return changes, time.monotonic() - began


def renderer_seconds(cdp: CDPSession) -> float:
    """Processor time of the browser's renderer processes so far."""
    listed = cdp.send("SystemInfo.getProcessInfo")["processInfo"]
    return float(sum(each["cpuTime"] for each in listed if each["type"] == "renderer"))


def wrong_tiles(page: Page, people: list[StaffId]) -> int:
    """Tiles that do not say what the database says."""
    shown = page.evaluate(
        "() => Object.fromEntries([...document.querySelectorAll('.tile')]"
        ".map(tile => [tile.dataset.staff, tile.dataset.state]))"
    )
    with reading() as session:
        true = {
            str(each.staff.id): str(each.choice) for each in availability.everybody(session, utc_now())
        }
    return sum(shown.get(str(who)) != true[str(who)] for who in people)


def log_in(browser: Browser, address: str) -> Page:
    page = browser.new_page(locale="vi-VN", viewport=SCREEN)  # type: ignore[arg-type]
    page.goto(f"{address}/login")
    page.fill("[name=login]", LEAD)
    page.fill("[name=password]", PASSWORD)
    page.click("form[action='/login'] button")
    page.goto(f"{address}/wallboard")
    expect(page.locator("[data-live-status=on]")).to_be_attached(timeout=15_000)
    return page


def measured(count: int, seconds: float, rate: float) -> None:
    """Prints the figures."""
    people = counselors(count)
    with server() as (address, process), opened() as browser:
        page, seen = log_in(browser, address), Seen()
        expect(page.locator(".tile").first).to_be_attached(timeout=15_000)
        stir(people, 2, rate)  # the first warms up
        page.on("requestfinished", seen.note)
        cdp = browser.new_browser_cdp_session()
        before, worked = renderer_seconds(cdp), processor_seconds(process)
        changes, took = stir(people, seconds, rate)
        page.wait_for_timeout(10)
        share = (renderer_seconds(cdp) - before) / took
        worked = (processor_seconds(process) - worked) / took
        settled = time.monotonic()
        while (left := wrong_tiles(page, people)) and time.monotonic() - settled < SETTLE_SECONDS:
            page.wait_for_timeout(50)
        _tell(changes, took, count, (share, worked), seen.answers, left, time.monotonic() - settled)


def _tell(
    changes: int,
    took: float,
    count: int,
    shares: tuple[float, float],
    answers: list[float],
    left: int,
    settled: float,
) -> None:
    """`shares`: of a core, in the page and in the web server."""
    print(f"{count} counselors, {changes / took:.0f} changes a second for {took:.0f} s")
    print(f"dropped updates after settling   {left} of {changes} (settled within {settled:.2f} s)")
    print(f"of a core in the page            {100 * shares[0]:.1f} %")
    print(f"of a core in the web server      {100 * shares[1]:.1f} %")
    print(
        f"server, {len(answers)} answers: median {statistics.median(answers):.0f} ms, "
        f"p95 {at(0.95, answers):.0f} ms"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seconds", type=float, default=20, help="at most 120")
    parser.add_argument("--counselors", type=int, default=300, help="at most 1000")
    parser.add_argument("--rate", type=float, default=50, help="changes a second, at most 200")
    parser.add_argument("--postgresql", action="store_true", help="instead of SQLite")
    asked = parser.parse_args()
    with web_house(postgresql=asked.postgresql):
        measured(min(asked.counselors, 1000), min(asked.seconds, 120), min(asked.rate, 200))


if __name__ == "__main__":
    main()
