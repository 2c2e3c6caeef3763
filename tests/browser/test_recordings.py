"""Hearing a recording: both sides as a wave picture, by key and by click, in parts over the network."""

import math
import os
import struct
import wave as wav
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, expect
from sqlalchemy import select

from hotline import alarms, bus
from hotline.alarm_kinds import AlarmKind
from hotline.audit import Act, AuditRow
from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.settings import settings
from intake.recordings import recording_work
from tests.browser import world
from tests.browser.axe import complaints
from tests.browser.conftest import DESK, Pages
from tests.browser.test_pages import PHONE
from tests.factories import Story
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("db", ["sqlite"], indirect=True)]

RATE = 8000
SHOTS = os.environ.get("SHOTS", "")
"""A folder for pictures, as in `tests.browser.screenshots`."""
SECONDS = 24


def side(path: Path, hertz: int, spells: list[tuple[int, int]]) -> None:
    """A mono WAV that sounds in these spells (seconds) and is silent otherwise."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sounding = {second for begin, end in spells for second in range(begin, end)}
    with wav.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        for second in range(SECONDS):
            loud = 9000 if second in sounding else 0
            samples = (round(loud * math.sin(2 * math.pi * hertz * n / RATE)) for n in range(RATE))
            file.writeframes(struct.pack(f"<{RATE}h", *samples))


def recorded(pages: Pages) -> Story:
    """A call of the counselor: the caller speaks first, then nobody for ten seconds, then both."""
    story = world.past_call(
        pages.house.world.counselor, "0353777018", utc_now() - timedelta(minutes=9), SECONDS
    )
    spool = settings().spool_dir
    side(spool / f"{story.call_id}-in.wav", 300, [(0, 4), (18, 22)])
    side(spool / f"{story.call_id}-out.wav", 500, [(4, 7), (17, 19)])
    recording_work.finish(story.call_id)
    return story


@pytest.fixture
def story(pages: Pages) -> Story:
    return recorded(pages)


@pytest.fixture
def page(pages: Pages, story: Story) -> Page:
    """The call's own page, opened by the lead."""
    page = pages.log_in(pages.house.world.lead)
    page.goto(f"{pages.house.address}/calls/{story.call_id}")
    expect(page.locator("[data-play]")).to_be_visible()
    return page


def at(page: Page) -> float:
    found: float = page.evaluate("() => document.querySelector('audio').currentTime")
    return found


def playing(page: Page) -> bool:
    return bool(page.evaluate("() => !document.querySelector('audio').paused"))


def test_a_recording_is_heard_by_key_from_any_place(page: Page, story: Story) -> None:
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request) if "/recordings/" in request.url else None)
    assert at(page) == 0
    page.keyboard.press("p")
    until(lambda: at(page) > 0.2)
    expect(page.get_by_role("button", name="Tạm dừng")).to_be_visible()
    place = page.get_by_role("slider", name="Vị trí nghe")
    place.focus()
    page.keyboard.press("Space")
    until(lambda: not playing(page))
    stopped = at(page)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    until(lambda: at(page) == pytest.approx(stopped + 10, abs=0.1))
    page.keyboard.press("ArrowLeft")
    until(lambda: at(page) == pytest.approx(stopped + 5, abs=0.1))
    expect(place).to_have_attribute("aria-valuetext", f"0:0{int(stopped + 5)} / 0:24")
    page.keyboard.press("Home")
    until(lambda: at(page) == 0)
    box = place.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * 0.75, box["y"] + box["height"] / 2)
    until(lambda: at(page) == pytest.approx(18, abs=0.5))
    page.keyboard.press("Space")
    until(lambda: at(page) > 18.7)
    assert asked
    assert all("range" in request.headers for request in asked)
    assert not any(request.url.endswith("/original") for request in asked)
    with reading() as session:
        played = session.scalars(
            select(AuditRow).where(AuditRow.act == Act.PLAY).order_by(AuditRow.id)
        ).all()
    assert [row.object_id for row in played] == [story.call_id]


def test_silence_is_skipped_and_the_speed_chosen(page: Page) -> None:
    page.get_by_label("Bỏ qua khoảng lặng").check()
    page.get_by_label("Tốc độ").select_option("2")
    page.get_by_role("slider").focus()
    page.keyboard.press("ArrowRight")
    until(lambda: at(page) == 5)
    page.keyboard.press("Space")
    until(lambda: at(page) > 16.5)
    assert page.evaluate("() => document.querySelector('audio').playbackRate") == 2
    until(lambda: at(page) > 18)  # where both speak nothing is skipped
    page.get_by_role("button", name="Tạm dừng").click()


def test_one_side_can_be_heard_alone_and_both_in_both_ears(page: Page) -> None:
    page.evaluate(
        """() => {
          const connect = AudioNode.prototype.connect;
          AudioNode.prototype.connect = function (to, ...rest) {
            if (to instanceof AudioDestinationNode) {
              window.ears = ['left', 'right'].map(() => new AnalyserNode(this.context));
              const apart = this.context.createChannelSplitter(2);
              connect.call(this, apart);
              window.ears.forEach((ear, channel) => connect.call(apart, ear, channel));
            }
            return connect.call(this, to, ...rest);
          };
          window.loudness = () => window.ears.map(ear => {
            const wave = new Float32Array(ear.fftSize);
            ear.getFloatTimeDomainData(wave);
            return Math.max(...wave.map(Math.abs));
          });
        }"""
    )

    def heard() -> list[bool]:
        return [value > 0.05 for value in page.evaluate("() => window.loudness()")]

    page.keyboard.press("p")  # the caller speaks, on the left of the recording
    until(lambda: heard() == [True, True])
    page.get_by_label("Bên").select_option("counselor")
    until(lambda: heard() == [False, False])
    page.get_by_label("Bên").select_option("caller")
    until(lambda: heard() == [True, True])


def test_the_picture_tells_who_spoke_and_how_loud_on_every_screen(pages: Pages, page: Page) -> None:
    names = page.locator(".lane-name").all_inner_texts()
    assert [" ".join(name.split()) for name in names] == [
        "Người gọi −14 dB · im lặng 67%",
        "Tư vấn viên −14 dB · im lặng 79%",
    ]
    assert page.locator(".silence").count() == 2  # the same ten seconds in both lanes
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        for size in (DESK, PHONE):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            assert complaints(page) == []
            assert page.evaluate("() => document.documentElement.scrollWidth") <= size["width"]
            if SHOTS:
                page.screenshot(path=f"{SHOTS}/recording-{size['width']}-{theme}.png")


def test_a_recording_that_does_not_open_says_so(page: Page) -> None:
    for file in settings().recordings_dir.rglob("*.sealed"):
        file.unlink()
    page.keyboard.press("p")
    expect(page.locator("[data-player-failed]")).to_be_visible()


def test_an_alarm_comes_by_itself_and_goes_when_somebody_looks_into_it(pages: Pages) -> None:
    people = pages.house.world
    page, other = pages.log_in(people.lead), pages.log_in(people.administrator)
    expect(page.locator("[data-live-status=on]")).to_be_attached()
    expect(other.locator("[data-live-status=on]")).to_be_attached()
    lost = world.past_call(people.counselor, "0353777018", utc_now() - timedelta(minutes=9), SECONDS)
    recording_work.finish(lost.call_id)
    with transaction() as session:
        signals = alarms.sound(session, AlarmKind.DISK, "recordings", "14", None, utc_now())
    bus.publish(signals)
    for shown in (page, other):
        expect(shown.get_by_role("alert")).to_contain_text(lost.call_id)
        expect(shown.get_by_role("alert")).to_contain_text("Còn 1,4 GB.")
    for size in (DESK, PHONE):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert complaints(page) == []
        assert page.evaluate("() => document.documentElement.scrollWidth") <= size["width"]
        if SHOTS:
            page.screenshot(path=f"{SHOTS}/alarms-{size['width']}.png")
    recording = other.locator(".alarm", has_text=lost.call_id)
    recording.get_by_role("button", name="Tôi đang xem").click()
    expect(recording).to_have_count(0)
    expect(page.locator(".alarm")).to_have_count(1)
    other.get_by_role("button", name="Tôi đang xem").click()
    expect(page.locator(".alarm-noted")).to_contain_text(f"{people.administrator.name} đang xem")
    assert "353777018" not in page.content()
