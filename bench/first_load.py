"""How heavy the first load of a counselor's pages is, and how long it takes on a slow line.

A web server with the demo organization, Debian's Chromium with an empty cache, once for each page: the
bytes as they came over the wire (headers and compression as really served), and on a line of 1 Mbit a
second with 100 ms there and back (Chromium's network emulation) when the first words were to be read and
when the desk was alive. Aim: under 200 KB; the phone's script, which nothing waits for, is told apart.

    python -m bench.first_load [--mbit 1] [--rounds 3]
"""

import argparse
import statistics
from contextlib import ExitStack
from dataclasses import dataclass, field

from playwright.sync_api import Browser, Page, expect

from bench.desk_pages import Seat
from bench.desks import seated
from bench.web_house import counselors, server, web_house
from hotline.db import transaction
from hotline.staff import StaffRow
from tests.browser.conftest import DESK, opened
from tests.waiting import until

LATENCY_MS = 100
_FIRST_WORDS = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"


@dataclass
class Load:
    """One page load: bytes over the wire by address, and milliseconds from its beginning."""

    sizes: dict[str, int] = field(default_factory=dict)
    packed: set[str] = field(default_factory=set)
    words_ms: float = 0
    alive_ms: float = 0


def load(browser: Browser, seat: Seat | None, port: int, path: str, mbit: float) -> Load:
    """With an empty cache; `seat`: who has logged in."""
    address = f"http://127.0.0.1:{port}"
    context = browser.new_context(locale="vi-VN", viewport=DESK)  # type: ignore[arg-type]
    if seat is not None:
        context.add_cookies([{"name": f"tongdai-{port}", "value": seat.token, "url": address}])
    page = context.new_page()
    seen = _listen(page, address, mbit)
    page.goto(f"{address}{path}", wait_until="load", timeout=60_000)
    if seat is not None:
        expect(page.locator("[data-live-status=on]")).to_be_attached(timeout=60_000)
    seen.alive_ms = page.evaluate("() => performance.now()")
    page.wait_for_load_state("networkidle" if seat is None else "load")
    until(lambda: page.evaluate("document.fonts.status === 'loaded'"))
    until(lambda: page.evaluate(_FIRST_WORDS) > 0, within=60)
    seen.words_ms = page.evaluate(_FIRST_WORDS)
    page.wait_for_timeout(2000)  # what comes later still, over the slow line
    context.close()
    return seen


def _listen(page: Page, address: str, mbit: float) -> Load:
    seen, asked = Load(), dict[str, str]()
    cdp = page.context.new_cdp_session(page)
    cdp.send("Network.enable")
    bytes_a_second = mbit * 1_000_000 / 8
    line = {"downloadThroughput": bytes_a_second, "uploadThroughput": bytes_a_second}
    cdp.send("Network.emulateNetworkConditions", {"offline": False, "latency": LATENCY_MS, **line})

    def answered(event: dict[str, object]) -> None:
        response = event["response"]
        assert isinstance(response, dict)
        asked[str(event["requestId"])] = path = response["url"].removeprefix(address)
        headers = {name.lower(): text for name, text in response["headers"].items()}
        if headers.get("content-encoding"):
            seen.packed.add(path)

    def finished(event: dict[str, object]) -> None:
        path = asked.get(str(event["requestId"]), "")
        size = event["encodedDataLength"]
        assert isinstance(size, int | float)
        seen.sizes[path] = seen.sizes.get(path, 0) + int(size)

    cdp.on("Network.responseReceived", answered)
    cdp.on("Network.loadingFinished", finished)
    return seen


def _tell(name: str, loads: list[Load], mbit: float) -> None:
    first = loads[0]
    later = sum(size for path, size in first.sizes.items() if "/phone-" in path)
    weight = sum(first.sizes.values()) - later
    words = statistics.median(one.words_ms for one in loads) / 1000
    alive = statistics.median(one.alive_ms for one in loads) / 1000
    print(
        f"{name:12}{weight / 1024:7.1f} KB; on {mbit:g} Mbit/s the first words after {words:.1f} s, ",
        end="",
    )
    print(f"alive after {alive:.1f} s (medians of {len(loads)})")
    if later:
        print(f"{'':12}{later / 1024:7.1f} KB more later: the phone's script")
    for path, size in sorted(first.sizes.items(), key=lambda one: -one[1]):
        print(f"{'':12}{size / 1024:7.1f} KB   {path}{'' if path in first.packed else '   as it is'}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--mbit", type=float, default=1, help="megabits a second, both ways")
    parser.add_argument("--rounds", type=int, default=3, help="at most 10")
    asked = parser.parse_args()
    with ExitStack() as house:
        house.enter_context(web_house())
        people = counselors(20)
        with transaction() as session:
            session.get_one(StaffRow, people[1]).phone_in_browser = True
        address, _ = house.enter_context(server())
        port = int(address.rpartition(":")[2])
        seats = seated(people[:2], port)
        browser = house.enter_context(opened())
        for name, path, seat in (
            ("log-in", "/login", None),
            ("desk", "/desk", seats[0]),
            ("with phone", "/desk", seats[1]),
        ):
            rounds = range(min(asked.rounds, 10))
            _tell(name, [load(browser, seat, port, path, asked.mbit) for _ in rounds], asked.mbit)


if __name__ == "__main__":
    main()
