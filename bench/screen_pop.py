"""How soon the caller pops up on the counselor's screen: from the ring to the browser's DOM.

Everything as `make run` runs it, a real SIP call, Debian's Chromium; once on SQLite and once on
PostgreSQL with its default durability, the calls one after the other. From Asterisk's own timestamp of
the ring to the mutation of the DOM that shows the pop (one machine, one clock). Aim: 150 ms.

    python -m bench.screen_pop [--calls 20]
"""

import argparse
import os
import statistics
import time
from collections.abc import Sequence

from playwright.sync_api import Browser, Page, expect

from bench.times import at
from tests import postgres
from tests.browser.conftest import DESK, opened
from tests.browser.town import Town, enter, ring_to_screen_ms, running_town

TALK_SECONDS = 0.3


def measured(browser: Browser, calls: int) -> list[float]:
    """The times of so many pops, in milliseconds, in a town of its own."""
    with running_town() as town:
        page = browser.new_page(locale="vi-VN", viewport=DESK)  # type: ignore[arg-type]
        enter(page, town, town.on_shift("counselor")[0])
        page.keyboard.press("s")  # available
        expect(page.locator(".pop-quiet")).to_be_visible(timeout=15_000)
        return [_one(town, page) for _ in range(calls + 1)][1:]  # the first warms up


def _one(town: Town, page: Page) -> float:
    caller = town.street.ring("0912345678")
    expect(page.locator("[data-pop]")).to_contain_text("0912 345 678", timeout=15_000)
    expect(page.locator(".pop-talking")).to_be_visible(timeout=15_000)
    took = ring_to_screen_ms(town, page)
    time.sleep(TALK_SECONDS)
    town.street.do(caller.hang_up())
    expect(page.locator(".pop-wrap_up")).to_be_visible(timeout=15_000)
    page.keyboard.press("1")  # silent: one key
    expect(page.locator(".pop-quiet")).to_be_visible(timeout=15_000)
    return took


def line(name: str, times: Sequence[float]) -> str:
    within = sum(each <= 150 for each in times)
    return (
        f"{name:12}{len(times):6}{statistics.median(times):9.0f}{at(0.95, times):9.0f}{max(times):9.0f}"
        f"   {within} of {len(times)} within 150 ms"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--calls", type=int, default=20, help="on each database, at most 200")
    calls = min(parser.parse_args().calls, 200)
    os.environ |= {"TONGDAI_DEMO_ANSWER_SECONDS": "1", "TONGDAI_WRAP_UP_SECONDS": "3"}
    with opened() as browser, postgres.server(durable=True) as url:
        on_sqlite = measured(browser, calls)
        os.environ["TONGDAI_DATABASE_URL"] = url
        on_postgresql = measured(browser, calls)
    print("ring → screen-pop in the DOM")
    print(f"{'':12}{'n':>6}{'median':>9}{'p95':>9}{'max':>9}   ms")
    print(line("SQLite", on_sqlite))
    print(line("PostgreSQL", on_postgresql))


if __name__ == "__main__":
    main()
