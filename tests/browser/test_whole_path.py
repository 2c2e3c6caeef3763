"""The whole path, nothing left out: `tongdai up`, a browser, a real SIP call to 111, record, case.

Everything runs as `make run` runs it; the demo phones pick up by themselves. Ring-to-screen is measured
from Asterisk's own timestamp of the ring to the moment the browser's DOM has the pop.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from hotline import db as database
from hotline.db import reading
from intake.tables import RecordingRow
from tests.browser.conftest import DESK
from tests.browser.town import Town, enter, ring_to_screen_ms, running_town
from tests.waiting import until

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(300)]


@pytest.fixture
def town(monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    monkeypatch.setenv("TONGDAI_DEMO_ANSWER_SECONDS", "2")
    monkeypatch.setenv("TONGDAI_WRAP_UP_SECONDS", "3")
    with running_town() as town:
        yield town


@pytest.fixture
def log_in(browser: Browser, town: Town) -> Iterator[Callable[[str], Page]]:
    contexts = []

    def log_in(login: str) -> Page:
        context = browser.new_context(locale="vi-VN", viewport=DESK)  # type: ignore[arg-type]
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        enter(page, town, login)
        return page

    yield log_in
    for context in contexts:
        context.close()


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
    desk.get_by_role("button", name="Nhận cuộc ngay").click()  # it was a heavy call: they may rest
    expect(desk.locator(".pop-quiet")).to_contain_text("Đang đợi cuộc gọi")
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
