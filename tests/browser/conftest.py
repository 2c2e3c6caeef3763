"""Fixtures of the browser tests: a real web server, an embedded Valkey, a database, Debian's Chromium.

`house` starts a web server in a process of its own on a free port; `house.restart()` and `house.kill()`
are for the tests of what survives. `open_page` logs somebody in and gives a page that fails the test
when its script or the content security policy complains.
"""

import os
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from hotline.access import Viewer
from hotline.settings import Settings
from tests import chromium
from tests.browser import world
from tests.browser.world import World
from tests.parts import Part
from tests.pbx import free_port
from tests.waiting import until

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESK = {"width": 1366, "height": 768}
REDRAW = """() => new Promise(done => {
  document.body.addEventListener("htmx:afterRequest", () => done(), {once: true});
  document.body.dispatchEvent(new CustomEvent("live:desk", {detail: ""}));
})"""
"""As a signal from the line does it; resolves when the answer is there."""


@dataclass
class House:
    """The running web server. `address` has no slash at its end."""

    address: str
    port: int
    world: World
    environment: dict[str, str]
    log: Path
    process: Part | None = None

    def start(self) -> None:
        self.process = Part(["web"], self.environment, self.log)
        until(self.answers, within=30)

    def answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text()
        try:
            with urllib.request.urlopen(f"{self.address}/health", timeout=2) as response:  # noqa: S310
                return bool(response.status == 200)
        except OSError:
            return False

    def kill(self) -> None:
        """SIGKILL: as if the power went."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=10)


@pytest.fixture
def house(
    db: object,
    redis: str,
    settings: Callable[[], Settings],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Iterator[House]:
    """The demo organisation behind a real web server."""
    port = free_port()
    monkeypatch.setenv("TONGDAI_WEB_PORT", str(port))
    settings()
    home = House(f"http://127.0.0.1:{port}", port, world.build(), dict(os.environ), tmp_path / "web.log")
    home.start()
    yield home
    home.stop()


@contextmanager
def opened() -> Iterator[Browser]:
    """Debian's Chromium."""
    found = chromium.install()
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=found.program, args=list(FLAGS), env={**os.environ, **found.env}
        )
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with opened() as launched:
        yield launched


_OF_THE_NETWORK = ("Failed to load resource", "net::ERR", "htmx:sendError", "htmx:afterRequest")
"""What Chromium and htmx (twice) say of a request that got no answer."""
_OF_NOBODY = "Blocked attempt to show a 'beforeunload'"
"""What Chromium says of a page that is closed before anybody has touched it."""


@dataclass
class Pages:
    """Makes pages of one house; `complaints` gathers what their consoles say."""

    browser: Browser
    house: House
    contexts: list[BrowserContext] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def context(self, **options: Any) -> BrowserContext:
        wanted: dict[str, Any] = {"viewport": DESK, **options}
        made = self.browser.new_context(locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh", **wanted)
        made.set_default_timeout(10_000)
        self.contexts.append(made)
        return made

    def watched(self, context: BrowserContext) -> Page:
        page = context.new_page()
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def _listen(self, message: ConsoleMessage) -> None:
        expected = any(words in message.text for words in (*_OF_THE_NETWORK, _OF_NOBODY))
        if message.type == "error" and not expected:
            self.complaints.append(message.text)

    def log_in(self, who: Viewer, **options: Any) -> Page:
        """A new browser in which this person has logged in."""
        return self.log_in_to(self.context(**options), who)

    def log_in_to(self, context: BrowserContext, who: Viewer) -> Page:
        """In at the door, but without drawing it: that costs a third of a short test."""
        door = f"{self.house.address}/login"
        form: dict[str, str | float | bool] = {"login": who.login, "password": world.PASSWORD}
        answer = context.request.post(
            door, form=form, headers={"Origin": self.house.address}, max_redirects=0
        )
        assert answer.status == 303, answer.text()
        page = self.watched(context)
        page.goto(f"{self.house.address}{answer.headers['location']}")
        return page


@pytest.fixture
def pages(browser: Browser, house: House) -> Iterator[Pages]:
    made = Pages(browser, house)
    yield made
    for context in made.contexts:
        context.close()
    assert made.complaints == []
