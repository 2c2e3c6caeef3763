"""The phone in the browser, for real: `tongdai up`, Chromium with a fake microphone, SIP callers."""

import os
import random
import re
import signal
import socket
import subprocess
import sys
from array import array
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import delete, update
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from hotline.clock import utc_now
from hotline.db import make_engine, transaction
from hotline.sessions import RENEWED, SessionRow
from hotline.staff import StaffRow
from telephony.softphone import Caller
from telephony.softphone.sound import loudness, share
from tests import chromium
from tests.browser import axe
from tests.browser.conftest import DESK, FLAGS, REDRAW
from tests.browser.town import Town, enter, running_town
from tests.pbx import CALLER_TONE, OUTSIDE_TONE, record
from tests.waiting import until
from tests.web_phone import register
from tests.wire import in_a_thread

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(180)]

OWN_TONE = 950
"""Hz. What the microphone hears."""
COLLEAGUES_TONE = 620
"""Hz. What the demo's phones say."""


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TONGDAI_WRAP_UP_SECONDS", "0")
        patch.setenv("TONGDAI_DEMO_ANSWER_SECONDS", "1")
        patch.setenv("TONGDAI_SILENT_BROWSER_SECONDS", "5")
        with running_town() as town:
            yield town


@pytest.fixture(scope="module")
def microphone(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Flags of a Chromium whose microphone hears a tone."""
    heard = tmp_path_factory.mktemp("headset") / "microphone.wav"
    record(heard, OWN_TONE, seconds=1)
    return "--use-fake-ui-for-media-stream", f"--use-file-for-fake-audio-capture={heard}"


@pytest.fixture(scope="module")
def headset(browser: Browser, microphone: tuple[str, str]) -> Iterator[Browser]:
    with launched(browser, *microphone) as with_headset:
        yield with_headset


_KEEP_PEERS = """
window.peers = [];
window.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(...given) { super(...given); window.peers.push(this); }
};
"""
_SEALED_BY = """async () => {
  for (const one of (await window.peers.at(-1).getStats()).values())
    if (one.type === "transport") return [one.tlsVersion, one.dtlsCipher, one.srtpCipher];
}"""


@contextmanager
def launched(browser: Browser, *flags: str) -> Iterator[Browser]:
    """Another Chromium, with a microphone."""
    found = chromium.install()
    microphone = "--use-fake-device-for-media-stream"
    another = browser.browser_type.launch(
        executable_path=found.program,
        env={**os.environ, **found.env},
        args=[*FLAGS, microphone, "--allow-loopback-in-peer-connection", *flags],
    )
    yield another
    another.close()


@pytest.fixture(scope="module")
def login(town: Town) -> str:
    """A counselor on shift whose phone is in the browser."""
    who = town.on_shift("counselor")[0]
    tongdai(town, "staff", "phone", who, "--browser")
    tongdai(town, "pbx", "reload")
    return who


@pytest.fixture(scope="module")
def desk(town: Town, headset: Browser, login: str) -> Iterator[Page]:
    """The desk of this counselor; available."""
    context = headset.new_context(locale="vi-VN", viewport=DESK)  # type: ignore[arg-type]
    context.set_default_timeout(15_000)
    context.add_init_script(_KEEP_PEERS)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    enter(page, town, login)
    is_line(page, "ready")
    page.keyboard.press("s")
    expect(page.locator(".pop-quiet")).to_contain_text("Đang đợi cuộc gọi")
    yield page
    context.close()
    assert complaints == []


def tongdai(town: Town, *arguments: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "hotline.cli", *arguments],
        env={**os.environ, "TONGDAI_DATA": str(town.settings.data)},
        check=True,
        capture_output=True,
        timeout=30,
    )


def is_line(page: Page, state: str) -> None:
    expect(page.locator("#phone")).to_have_attribute("data-line", state, timeout=60_000)


def is_call(page: Page, state: str) -> None:
    expect(page.locator("#phone")).to_have_attribute("data-call", state, timeout=10_000)


def is_heard(recording: Path, frequency: int, since: int = 44) -> bool:
    """Whether this tone alone is somewhere in a recording that may still grow, after so many bytes."""
    sound = recording.read_bytes()[since:]  # the WAV header is complete only when the call is over
    samples = array("h", sound[: len(sound) // 2 * 2])
    parts = (samples[start : start + 1600] for start in range(0, len(samples), 1600))
    return any(loudness(part) > 0.01 and share(part, frequency) > 0.5 for part in parts)


def test_a_call_is_answered_heard_and_recorded_and_outlives_the_web_server(
    town: Town, desk: Page
) -> None:
    caller = town.street.ring("0912345678")
    is_call(desk, "ringing")
    desk.keyboard.press("a")
    expect(desk.locator(".pop-talking")).to_be_visible()
    until(lambda: caller.audio.hears(OWN_TONE))
    (said_in,) = town.settings.spool_dir.glob("*-in.wav")
    said_out = said_in.with_name(said_in.name.replace("-in", "-out"))
    until(lambda: is_heard(said_in, CALLER_TONE) and is_heard(said_out, OWN_TONE))
    dtls, cipher, srtp = desk.evaluate(_SEALED_BY)
    assert dtls == "FEFD"  # DTLS 1.2
    assert re.fullmatch(r"TLS_ECDHE_ECDSA_WITH_(AES_\d+_GCM|CHACHA20_POLY1305)_SHA\d+", cipher)
    assert srtp == "SRTP_AES128_CM_HMAC_SHA1_80"

    os.kill(town.up.parts()["web"], signal.SIGKILL)
    is_line(desk, "connecting")
    is_line(desk, "ready")
    until(lambda: caller.audio.hears(OWN_TONE))
    town.street.do(caller.hang_up())
    is_call(desk, "none")  # heard over the new line


def talking(town: Town, desk: Page, number: str) -> Caller:
    """The next call has been answered by its key."""
    expect(desk.locator(".pop-quiet")).to_contain_text("Đang đợi cuộc gọi", timeout=60_000)
    caller = town.street.ring(number)
    is_call(desk, "ringing")
    desk.keyboard.press("a")
    is_call(desk, "talking")
    until(lambda: caller.audio.hears(OWN_TONE))
    return caller


def test_a_call_outlives_the_page(town: Town, desk: Page) -> None:
    caller = talking(town, desk, "0912345679")
    desk.evaluate("window.sameDocument = true")
    record = desk.locator("#record-form").get_attribute("data-record")
    desk.locator("#record-form [name=content]").fill("Em ở nhà một mình.")
    desk.locator(".places a[href='/callbacks']").click()
    desk.wait_for_url("**/callbacks")
    expect(desk.locator("body")).not_to_have_class("desk")
    is_call(desk, "talking")
    desk.go_back()
    expect(desk.locator("body")).to_have_class("desk")
    is_call(desk, "talking")
    assert desk.evaluate("window.sameDocument")
    assert "Em ở nhà một mình." in desk.request.get(f"{town.address}/records/{record}").text()
    until(lambda: caller.audio.hears(OWN_TONE))
    desk.locator("body").click(position={"x": 400, "y": 60})
    desk.keyboard.press("m")
    expect(desk.locator("[data-phone=mute]")).to_have_attribute("aria-pressed", "true")
    until(lambda: not caller.audio.hears(OWN_TONE))
    desk.keyboard.press("m")
    until(lambda: caller.audio.hears(OWN_TONE))
    desk.keyboard.press("x")
    town.street.do(caller.ended.within(5))


def doors_of_sound(town: Town) -> list[tuple[str, int]]:
    """Where Asterisk takes sound in now."""
    ports = range(town.settings.rtp_start, town.settings.rtp_end + 1)
    lines = Path("/proc/net/udp").read_text("ascii").splitlines()[1:]
    held = {int(line.split()[1].partition(":")[2], 16) for line in lines}
    return [(town.settings.sip_host, port) for port in ports if port in held]


def noise(dice: random.Random) -> bytes:
    """No SRTP, RTCP, DTLS or STUN that is right: cut off, of another version, with lengths that lie, or
    whole but for the proof of who sent it (RFC 3711, 5764, 8489)."""
    rest = dice.randbytes(dice.randrange(160))
    header = bytes([0x80, dice.choice((8, 0, 111, 126))]) + dice.randbytes(10)
    return dice.choice(
        (
            dice.randbytes(dice.randrange(1, 12)),
            bytes([dice.randrange(256)]) + dice.randbytes(11) + rest,
            header + rest + dice.randbytes(10),
            b"\x8f" + header[1:] + rest[:20],  # fifteen sources that are not there
            b"\x90" + header[1:] + b"\xbe\xde\xff\xff" + rest,  # an extension of 256 KB
            bytes([0x81, dice.randrange(192, 224)]) + b"\xff\xff" + rest,  # RTCP
            bytes([dice.randrange(20, 64), 0xFE, 0xFD]) + dice.randbytes(10) + rest,  # DTLS
            b"\x00\x01\x00\x50\x21\x12\xa4\x42" + rest,  # STUN
            header + bytes(1_400),
        )
    )


def test_what_is_thrown_at_the_sound_of_a_talk_does_not_end_it(town: Town, desk: Page) -> None:
    caller = talking(town, desk, "0912345680")
    dice = random.Random(111)
    doors = doors_of_sound(town)
    assert len(doors) >= 3  # the caller's for RTP and RTCP, and the browser's for both
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind(("127.0.0.66", 0))
        for _ in range(20_000):
            stranger.sendto(noise(dice), dice.choice(doors))
    (said_in,) = town.settings.spool_dir.glob("*-in.wav")
    said_out = said_in.with_name(said_in.name.replace("-in", "-out"))
    for said, tone in ((said_in, CALLER_TONE), (said_out, OWN_TONE)):
        before = said.stat().st_size // 2 * 2
        until(lambda said=said, tone=tone, before=before: is_heard(said, tone, since=before))  # type: ignore[misc]
    is_call(desk, "talking")
    desk.locator("body").click(position={"x": 400, "y": 60})
    desk.keyboard.press("x")
    town.street.do(caller.ended.within(5))


MICROPHONES = """
window.microphones = [];
const devices = navigator.mediaDevices, open = devices.getUserMedia.bind(devices);
devices.getUserMedia = async (wanted) => {
  const stream = await open(wanted), clone = stream.clone.bind(stream);
  stream.clone = () => { const copy = clone(); window.microphones.push(copy); return copy; };
  window.microphones.push(stream);
  return stream;
};
const replace = RTCRtpSender.prototype.replaceTrack, unmuted = new Promise((done) => window.go = done);
RTCRtpSender.prototype.replaceTrack = async function (track) {
  window.replacing = true;
  await unmuted;
  await replace.call(this, track);
};
undefined
"""
PULL_OUT = """
for (const track of window.microphones.splice(0).flatMap((stream) => stream.getTracks())) {
  track.stop();
  track.dispatchEvent(new Event("ended"));
}
"""


def test_who_pulls_the_headset_out_is_heard_by_the_next_microphone(town: Town, desk: Page) -> None:
    """Also who speaks again before the next one has its place."""
    desk.evaluate(MICROPHONES)
    caller = talking(town, desk, "0912345683")
    desk.keyboard.press("m")
    until(lambda: not caller.audio.hears(OWN_TONE))
    desk.evaluate(PULL_OUT)
    until(lambda: desk.evaluate("window.replacing"))
    desk.keyboard.press("m")
    expect(desk.locator("[data-phone=mute]")).to_have_attribute("aria-pressed", "false")
    desk.evaluate("window.go()")
    until(lambda: caller.audio.hears(OWN_TONE))
    desk.keyboard.press("x")
    town.street.do(caller.ended.within(5))


def test_a_caller_is_handed_to_a_colleague_who_was_asked_first(town: Town, desk: Page) -> None:
    caller = talking(town, desk, "0912345680")
    desk.keyboard.press("t")
    desk.get_by_role("button", name="Hỏi trước").first.click()
    expect(desk.locator("#phone")).to_have_attribute("data-asked", "talking", timeout=10_000)
    until(lambda: not caller.audio.hears(OWN_TONE))
    desk.keyboard.press("x")  # back to the caller
    until(lambda: caller.audio.hears(OWN_TONE))
    desk.keyboard.press("t")
    desk.get_by_role("button", name="Hỏi trước").first.click()
    expect(desk.locator("#phone")).to_have_attribute("data-asked", "talking", timeout=10_000)
    desk.keyboard.press("t")
    is_call(desk, "none")
    until(lambda: caller.audio.hears(COLLEAGUES_TONE))
    town.street.do(caller.hang_up())


def test_a_caller_is_passed_on_to_the_outside(town: Town, desk: Page) -> None:
    caller = talking(town, desk, "0912345681")
    desk.keyboard.press("t")
    desk.fill("#phone-number", "0987 654 321")
    desk.evaluate(REDRAW)
    expect(desk.locator("#phone-number")).to_be_focused()
    assert axe.complaints(desk) == []
    desk.get_by_role("button", name="Chuyển ra ngoài").click()
    is_call(desk, "none")
    until(lambda: caller.audio.hears(OUTSIDE_TONE))
    town.street.do(caller.hang_up())


def test_the_headset_is_tried(town: Town, desk: Page) -> None:
    desk.keyboard.press("v")
    expect(desk.locator("#phone-microphone option")).not_to_have_count(1)
    loud = "document.querySelector('#phone-headset meter[data-role=microphone]').value > 0.1"
    until(lambda: desk.evaluate(loud))
    assert axe.complaints(desk) == []
    desk.locator("#phone-headset").get_by_role("button", name="Đóng").click()


def test_a_microphone_that_is_blocked_is_told_and_nobody_rings_there(
    town: Town, browser: Browser
) -> None:
    login = town.on_shift("counselor")[1]
    tongdai(town, "staff", "phone", login, "--browser")
    with launched(browser) as without_leave:
        page = without_leave.new_page()
        enter(page, town, login)
        is_line(page, "blocked")
        expect(page.locator("#phone")).to_contain_text("cho phép Micro")
        expect(page.get_by_role("button", name="Thử lại")).to_be_visible()
        account = "performance.getEntriesByName(location.origin + '/phone/account')"
        assert page.evaluate(account) == []


def test_the_log_out_in_the_midst_of_a_talk_is_refused_and_the_talk_goes_on(
    town: Town, desk: Page
) -> None:
    caller = talking(town, desk, "0912345684")
    desk.evaluate("window.sameDocument = true")
    menu = desk.locator("header details.menu-right")
    menu.locator("summary").click()
    desk.locator("header [data-logout]").get_by_role("button", name="Đăng xuất").click()
    expect(desk.locator("#notices")).to_contain_text("Bạn đang có cuộc gọi")
    assert desk.evaluate("window.sameDocument") is True
    is_call(desk, "talking")
    menu.locator("summary").click()
    desk.locator("body").click(position={"x": 400, "y": 60})
    desk.keyboard.press("m")
    until(lambda: not caller.audio.hears(OWN_TONE))
    desk.keyboard.press("m")
    until(lambda: caller.audio.hears(OWN_TONE))
    desk.keyboard.press("x")
    town.street.do(caller.ended.within(5))


def test_who_brings_the_screen_back_in_a_talk_talks_on_with_another_token(
    town: Town, desk: Page
) -> None:
    caller = talking(town, desk, "0912345688")
    account = "fetch('/phone/account').then(answer => answer.text())"
    before, secret = token(desk), desk.evaluate(account)
    desk.keyboard.press("F9")
    desk.locator("#curtain [name=password]").fill(town.password)
    desk.keyboard.press("Enter")
    expect(desk.locator("#curtain")).to_be_hidden()
    assert token(desk) != before
    engine = make_engine(town.settings.sql_url)
    with transaction(engine) as session:  # the one before opens nothing from now on
        session.execute(update(SessionRow).values(renewed_at=utc_now() - RENEWED))
    engine.dispose()
    assert desk.evaluate(account) == secret
    is_call(desk, "talking")
    until(lambda: caller.audio.hears(OWN_TONE))
    desk.keyboard.press("x")
    town.street.do(caller.ended.within(5))


def token(page: Page) -> str:
    """Of the log-in in this browser."""
    name = f"tongdai-{urlsplit(page.url).port}"
    return next(one["value"] for one in page.context.cookies() if one["name"] == name)


def test_a_log_in_that_is_ended_from_elsewhere_leaves_the_talk_and_who_has_left_has_none(
    town: Town, desk: Page, login: str
) -> None:
    caller = talking(town, desk, "0912345685")
    desk.evaluate("document.body.addEventListener('live:over', () => document.body.dataset.over = '')")
    engine = make_engine(town.settings.sql_url)
    with transaction(engine) as session:
        session.execute(delete(SessionRow))
    expect(desk.locator("body")).to_have_attribute("data-over", "", timeout=15_000)
    is_call(desk, "talking")
    desk.keyboard.press("m")
    until(lambda: not caller.audio.hears(OWN_TONE))
    desk.keyboard.press("m")
    until(lambda: caller.audio.hears(OWN_TONE))
    with transaction(engine) as session:  # who has left talks on with nobody
        session.execute(update(StaffRow).where(StaffRow.login == login).values(active=False))
    desk.wait_for_url("**/login")
    until(lambda: not caller.audio.hears(OWN_TONE))
    town.street.do(caller.hang_up())
    with transaction(engine) as session:
        session.execute(update(StaffRow).where(StaffRow.login == login).values(active=True))
    engine.dispose()
    enter(desk, town, login)
    is_line(desk, "ready")


def test_after_the_log_out_the_credential_is_refused(town: Town, desk: Page) -> None:
    account = desk.evaluate("fetch('/phone/account').then(answer => answer.json())")
    assert registering(town, account) == "200"
    desk.locator("header details.menu-right summary").click()
    desk.locator("[data-logout]").get_by_role("button", name="Đăng xuất").click()
    desk.wait_for_url("**/login")
    until(lambda: registering(town, account) != "200")


def registering(town: Town, account: dict[str, str]) -> str:
    """What Asterisk says to somebody who got past our web server with this credential."""
    where = f"ws://{town.settings.pbx_http_host}:{town.settings.pbx_http_port}/ws"
    with connect(where, subprotocols=[Subprotocol("sip")], close_timeout=1) as line:
        return register(line, account)


def test_a_line_that_went_dead_without_a_word_is_noticed_and_taken_anew(
    town: Town, headset: Browser, login: str
) -> None:
    with in_a_thread(town.up.port) as wire, headset.new_context(locale="vi-VN") as context:
        page = context.new_page()
        page.clock.install()
        through = replace(town, address=f"http://127.0.0.1:{wire.port}")
        enter(page, through, login)
        is_line(page, "ready")
        wire.fall_silent()
        page.clock.fast_forward("00:25")
        is_line(page, "connecting")
        is_line(page, "ready")


def kill(flag: str) -> None:
    """The Chromium that was started with this flag, and all its processes, as if the power went."""
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if flag.encode() in command.read_bytes():
                os.killpg(int(command.parent.name), signal.SIGKILL)


def test_a_browser_that_crashes_loses_no_caller(
    town: Town, browser: Browser, microphone: tuple[str, str], login: str
) -> None:
    victim = "--tongdai-victim"
    with launched(browser, *microphone, victim) as crashing:
        page = crashing.new_page()
        enter(page, town, login)
        is_line(page, "ready")
        page.keyboard.press("s")
        caller = talking(town, page, "0912345682")
        kill(victim)
    with launched(browser, *microphone) as restarted:
        page = restarted.new_page()
        enter(page, town, login)
        is_call(page, "ringing")  # the counselor is available again by themselves
        expect(page.locator(".pop .why")).to_contain_text("máy bên ta mất tiếng")
        page.keyboard.press("a")
        is_call(page, "talking")
        until(lambda: caller.audio.hears(OWN_TONE))
        page.keyboard.press("x")
        town.street.do(caller.ended.within(5))
