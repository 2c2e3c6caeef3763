"""A town for tests and benchmarks: everything as `make run` runs it, and callers outside."""

import asyncio
import re
import shutil
import tempfile
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from playwright.sync_api import Page, expect

from hotline import db as database
from hotline.db import reading
from hotline.ports import filled
from hotline.settings import Settings
from intake.tables.calls import OfferRow
from telephony.softphone import Caller
from tests.hotline.test_supervisor import Up

T = TypeVar("T")
WATCH_POPS = """
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


@contextmanager
def running_town() -> Iterator[Town]:
    """`tongdai up` in a folder of its own, gone afterwards; `TONGDAI_*` in the environment count."""
    folder = Path(tempfile.mkdtemp(prefix="td-"))
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


def enter(page: Page, town: Town, login: str) -> None:
    """Log in with the keyboard; from now on the page keeps when each pop came."""
    page.add_init_script(WATCH_POPS)
    page.goto(f"{town.address}/login")
    expect(page.locator("[name=login]")).to_be_focused()
    page.keyboard.type(login)
    page.keyboard.press("Tab")
    page.keyboard.type(town.password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: not address.endswith("/login"))


def ring_to_screen_ms(town: Town, desk: Page) -> float:
    """From the ring (Asterisk's clock) to the pop in the DOM, of the newest call."""
    engine = database.make_engine(town.settings.sql_url)
    with reading(engine) as session:
        offer = session.query(OfferRow).order_by(OfferRow.rang_at.desc()).first()
    engine.dispose()
    assert offer is not None
    shown: float = desk.evaluate("call => window.pops[call]", offer.call_id)
    return shown - 1000 * offer.rang_at.timestamp()
