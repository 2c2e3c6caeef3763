"""The whole path, nothing left out: `tongdai up`, a browser, a real SIP call to 111, record, case.

Everything runs as `make run` runs it; the demo phones pick up by themselves. Ring-to-screen is measured
from Asterisk's own timestamp of the ring to the moment the browser's DOM has the pop.
"""

import asyncio
import re
import shutil
import tempfile
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest
from playwright.sync_api import Browser, Page, expect

from hotline import db as database
from hotline.db import reading
from hotline.ports import filled
from hotline.settings import Settings
from intake.tables import OfferRow, RecordingRow
from telephony.softphone import Caller
from tests.browser.conftest import DESK
from tests.hotline.test_supervisor import Up
from tests.waiting import until

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(300)]

T = TypeVar("T")
_WATCH_POPS = """
window.pops = {};
new MutationObserver(() => {
  for (const pop of document.querySelectorAll('[data-pop]'))
    window.pops[pop.dataset.pop] ??= performance.timeOrigin + performance.now();
}).observe(document, {childList: true, subtree: true});
"""


class Street:
    """Callers outside, on an event loop of their own beside Playwright's synchronous API."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()

    def do(self, work: Coroutine[None, None, T], within: float = 15) -> T:
        future: Future[T] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return future.result(within)

    def ring(self, number: str) -> Caller:
        host, port = self._settings.sip_host, self._settings.sip_port
        return self.do(Caller.ring(number=number, host=host, port=port))

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@dataclass
class Town:
    """The running house, the street outside, and who is on shift."""

    up: Up
    settings: Settings
    street: Street
    address: str
    password: str

    def on_shift(self, role: str) -> list[str]:
        """Logins of the people of this role who are on shift now."""
        here = self.up.said.split("on shift now", 1)[1].split("others:", 1)[0]
        return re.findall(rf"(\w+)  {role}, Hà Nội", here)


@pytest.fixture
def town(monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    folder = Path(tempfile.mkdtemp(prefix="td-"))
    monkeypatch.setenv("TONGDAI_DEMO_ANSWER_SECONDS", "2")
    monkeypatch.setenv("TONGDAI_WRAP_UP_SECONDS", "3")
    up = Up(folder)
    try:
        up.ready()
        settings = filled(Settings(data=folder))
        street = Street(settings)
        found = re.search(r"password for all: (\S+)", up.said)
        assert found
        yield Town(up, settings, street, f"http://127.0.0.1:{up.port}", found[1])
        street.close()
    finally:
        up.process.terminate()
        up.gone(within=20)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def log_in(browser: Browser, town: Town) -> Iterator[Callable[[str], Page]]:
    contexts = []

    def log_in(login: str) -> Page:
        context = browser.new_context(locale="vi-VN", viewport=DESK)  # type: ignore[arg-type]
        context.set_default_timeout(15_000)
        context.add_init_script(_WATCH_POPS)
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{town.address}/login")
        page.fill("[name=login]", login)
        page.fill("[name=password]", town.password)
        page.click("form[action='/login'] button")
        page.wait_for_url(lambda address: not address.endswith("/login"))
        return page

    yield log_in
    for context in contexts:
        context.close()


def ring_to_screen_ms(town: Town, desk: Page) -> float:
    """From the ring (Asterisk's clock) to the pop in the DOM, of the newest call."""
    engine = database.make_engine(f"sqlite:///{town.settings.data / 'tongdai.db'}")
    with reading(engine) as session:
        offer = session.query(OfferRow).order_by(OfferRow.rang_at.desc()).first()
    engine.dispose()
    assert offer is not None
    shown: float = desk.evaluate("call => window.pops[call]", offer.call_id)
    return shown - 1000 * offer.rang_at.timestamp()


def test_a_call_becomes_a_record_and_a_case(
    town: Town, log_in: Callable[[str], Page], record_property: Callable[[str, object], None]
) -> None:
    desk = log_in(town.on_shift("counselor")[0])
    wall = log_in(town.on_shift("shift lead")[0])
    wall.goto(f"{town.address}/wallboard")
    desk.keyboard.press("s")  # available
    expect(desk.locator(".pop-quiet")).to_contain_text("Đang đợi cuộc gọi")

    caller = town.street.ring("0912345678")
    pop = desk.locator("[data-pop]")
    expect(pop).to_contain_text("0912 345 678")
    delays = [ring_to_screen_ms(town, desk)]
    expect(desk.locator(".pop-talking")).to_be_visible()
    expect(wall.locator("body")).to_contain_text("Đang nghe")

    desk.locator("#record-form [name=content]").fill("Em gái kể bị bố đánh, đang ở nhà bà.")
    desk.locator("#record-form [name='child.1.name']").fill("Bé An")
    desk.locator("#record-form label.chip", has_text="Khẩn cấp").click()
    expect(desk.locator("[data-save-status]")).to_contain_text(re.compile(r"đã lưu \d"))
    expect(desk.locator(".pop-time")).to_have_text(re.compile(r"0:0[2-9]"))  # something to listen to
    town.street.do(caller.hang_up())
    desk.get_by_role("button", name="Lập ca").click()
    desk.locator("#notices").get_by_role("link", name="Xem ca").click()
    expect(desk.locator("main")).to_contain_text("Lập ca từ phiếu")
    expect(desk.locator("body")).to_contain_text("Bé An")
    expect(desk.locator(".next")).to_contain_text("12")  # hours: the statutory clock
    case_address = desk.url

    recorded = town.settings.data / "tongdai.db"
    until(lambda: _recordings(recorded) == ["ready"], within=20)
    desk.get_by_role("link", name="Xem phiếu").click()
    player = desk.locator("audio")
    player.evaluate("audio => audio.play()")
    until(lambda: player.evaluate("audio => audio.duration > 0.5 && audio.currentTime > 0"))

    desk.goto(f"{town.address}/desk")
    for _ in range(5):
        silent = town.street.ring("0912345678")
        expect(desk.locator("[data-pop]")).to_contain_text("0912 345 678")
        expect(desk.locator("#context")).to_contain_text("đã gọi")
        delays.append(ring_to_screen_ms(town, desk))
        expect(desk.locator(".pop-talking")).to_be_visible()
        town.street.do(silent.hang_up())
        expect(desk.locator(".pop-wrap_up")).to_be_visible()
        desk.keyboard.press("1")  # silent: one key
        expect(desk.locator(".pop-quiet")).to_contain_text("Đang đợi cuộc gọi")

    delays.sort()
    print(f"\nring → screen-pop in the DOM, ms: {', '.join(f'{each:.0f}' for each in delays)}")  # noqa: T201
    record_property("ring_to_screen_ms", delays)
    desk.goto(case_address)
    expect(desk.locator("body")).to_contain_text("Bé An")


def _recordings(path: Path) -> list[str]:
    engine = database.make_engine(f"sqlite:///{path}")
    try:
        with reading(engine) as session:
            return [row.state for row in session.query(RecordingRow)]
    finally:
        engine.dispose()
