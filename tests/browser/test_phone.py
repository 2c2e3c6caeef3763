"""The phone in the browser, for real: `tongdai up`, Chromium with a fake microphone, SIP callers."""

import os
import signal
import subprocess
import sys
from array import array
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from telephony.softphone.digest import authorization
from telephony.softphone.sound import loudness, share
from tests import chromium
from tests.browser.conftest import DESK, FLAGS
from tests.browser.town import Town, enter, running_town
from tests.pbx import CALLER_TONE, record
from tests.waiting import until

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(180)]

OWN_TONE = 950
"""Hz. What the microphone hears."""


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TONGDAI_WRAP_UP_SECONDS", "0")
        with running_town() as town:
            yield town


@pytest.fixture(scope="module")
def headset(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A Chromium whose microphone hears a tone."""
    heard = tmp_path_factory.mktemp("headset") / "microphone.wav"
    record(heard, OWN_TONE, seconds=1)
    found = chromium.install()
    launched = browser.browser_type.launch(
        executable_path=found.program,
        env={**os.environ, **found.env},
        args=[
            *FLAGS,
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream",
            f"--use-file-for-fake-audio-capture={heard}",
            "--allow-loopback-in-peer-connection",
        ],
    )
    yield launched
    launched.close()


@pytest.fixture(scope="module")
def desk(town: Town, headset: Browser) -> Iterator[Page]:
    """The desk of a counselor whose phone is in the browser; available."""
    login = town.on_shift("counselor")[0]
    for command in (("staff", "phone", login, "--browser"), ("pbx", "reload")):
        subprocess.run(
            [sys.executable, "-m", "hotline.cli", *command],
            env={**os.environ, "TONGDAI_DATA": str(town.settings.data)},
            check=True,
            capture_output=True,
            timeout=30,
        )
    context = headset.new_context(locale="vi-VN", viewport=DESK)  # type: ignore[arg-type]
    context.set_default_timeout(15_000)
    page = context.new_page()
    enter(page, town, login)
    is_line(page, "ready")
    page.keyboard.press("s")
    expect(page.locator(".pop-quiet")).to_contain_text("Đang đợi cuộc gọi")
    yield page
    context.close()


def is_line(page: Page, state: str) -> None:
    expect(page.locator("#phone")).to_have_attribute("data-line", state, timeout=20_000)


def is_call(page: Page, state: str) -> None:
    expect(page.locator("#phone")).to_have_attribute("data-call", state, timeout=10_000)


def is_heard(recording: Path, frequency: int) -> bool:
    """Whether this tone alone is somewhere in a recording that may still grow."""
    sound = recording.read_bytes()[44:]  # the WAV header is complete only when the call is over
    samples = array("h", sound[: len(sound) // 2 * 2])
    parts = (samples[start : start + 1600] for start in range(0, len(samples), 1600))
    return any(loudness(part) > 0.01 and share(part, frequency) > 0.5 for part in parts)


def test_a_call_is_answered_heard_and_recorded_and_outlives_the_web_server(
    town: Town, desk: Page
) -> None:
    caller = town.street.ring("0912345678")
    is_call(desk, "ringing")
    desk.keyboard.press("n")
    expect(desk.locator(".pop-talking")).to_be_visible()
    until(lambda: caller.audio.hears(OWN_TONE))
    (said_in,) = town.settings.spool_dir.glob("*-in.wav")
    said_out = said_in.with_name(said_in.name.replace("-in", "-out"))
    until(lambda: is_heard(said_in, CALLER_TONE) and is_heard(said_out, OWN_TONE))

    os.kill(town.up.parts()["web"], signal.SIGKILL)
    is_line(desk, "connecting")
    is_line(desk, "ready")
    until(lambda: caller.audio.hears(OWN_TONE))
    town.street.do(caller.hang_up())
    is_call(desk, "none")  # heard over the new line


def test_hanging_up_ends_the_call(town: Town, desk: Page) -> None:
    expect(desk.locator(".pop-quiet")).to_contain_text("Đang đợi cuộc gọi", timeout=20_000)
    caller = town.street.ring("0912345679")
    is_call(desk, "ringing")
    desk.keyboard.press("n")
    until(lambda: caller.audio.hears(OWN_TONE))
    desk.keyboard.press("x")
    town.street.do(caller.ended.within(5))


def test_after_the_log_out_the_credential_is_refused(town: Town, desk: Page) -> None:
    account = desk.evaluate("fetch('/phone/account').then(answer => answer.json())")
    assert registering(town, account) == "200"
    desk.locator("header details.menu-right summary").click()
    desk.locator("[data-logout] button").click()
    desk.wait_for_url("**/login")
    until(lambda: registering(town, account) != "200")


def registering(town: Town, account: dict[str, str]) -> str:
    """What Asterisk says to somebody who got past our web server with this credential."""
    where = f"ws://{town.settings.pbx_http_host}:{town.settings.pbx_http_port}/ws"
    who = f"<sip:{account['phone']}@asterisk>"

    def asked(line: ClientConnection, number: int, proof: str = "") -> list[str]:
        text = (
            f"REGISTER sip:asterisk SIP/2.0\r\nVia: SIP/2.0/WS a.invalid;branch=z9hG4bK{number}\r\n"
            f"From: {who};tag=1\r\nTo: {who}\r\nCall-ID: {id(line)}\r\nCSeq: {number} REGISTER\r\n"
            f"Contact: <sip:a@a.invalid;transport=ws>;expires=30\r\nMax-Forwards: 70\r\n"
            f"{proof}Content-Length: 0\r\n\r\n"
        )
        line.send(text)
        while not (said := str(line.recv(5))).startswith("SIP/2.0"):
            pass  # Asterisk's own OPTIONS may come first
        return said.split("\r\n")

    with connect(where, subprotocols=[Subprotocol("sip")]) as line:
        status, *headers = asked(line, 1)
        challenge = next((each for each in headers if each.startswith("WWW-Authenticate")), "")
        if challenge:
            parts = (part.split("=", 1) for part in challenge.partition("Digest ")[2].split(","))
            proof = authorization(
                {name.strip(): value.strip('"') for name, value in parts},
                user=account["phone"],
                secret=account["secret"],
                method="REGISTER",
                uri="sip:asterisk",
            )
            status = asked(line, 2, f"Authorization: {proof}\r\n")[0]
    return status.split()[1]
