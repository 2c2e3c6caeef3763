"""At three in the morning: a place is typed without marks, Enter takes it, and words stay words."""

import pytest
from playwright.sync_api import expect

from hotline.clock import utc_now
from hotline.db import transaction
from intake.records import records
from tests.browser import axe, world
from tests.browser.conftest import Pages

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("db", ["sqlite"], indirect=True)]


def test_a_place_is_found_by_the_keyboard_alone(pages: Pages) -> None:
    viewer = pages.house.world.counselor
    story = world.past_call(viewer, "0912345678", utc_now(), 30)
    with transaction() as session:
        record = records.record_of_call(session, viewer, story.call_id, utc_now())
    assert record is not None
    page = pages.log_in(viewer)
    page.goto(f"{pages.house.address}/records/{record.id}")
    field, rest = page.locator("[name=place_unit]"), page.locator("[name=place]")
    field.focus()
    page.keyboard.type("phuc trach")
    page.keyboard.press("Enter")  # before the options are there
    expect(field).to_have_value("Xã Phúc Trạch, Hà Tĩnh", timeout=20_000)
    field.press("Control+a")
    page.keyboard.type("phuc trach")
    options = page.locator("#units-place_unit [role=option]")
    expect(options.nth(2)).to_contain_text("nay: Xã Phong Nha, Quảng Trị", timeout=20_000)
    assert axe.complaints(page) == []
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp"):
        page.keyboard.press(key)
    expect(field).to_have_attribute("aria-activedescendant", "units-place_unit-2")
    page.keyboard.press("Enter")
    expect(field).to_have_value("Xã Phúc Trạch, huyện Bố Trạch, Quảng Bình")
    field.press("Control+a")
    page.keyboard.type("thôn Bãi, xã kim boi")
    expect(options.first).to_contain_text("thôn Bãi, Xã Kim Bôi, Phú Thọ", timeout=20_000)
    page.keyboard.press("Enter")
    expect(field).to_have_value("Xã Kim Bôi, Phú Thọ")
    page.keyboard.press("Tab")
    expect(rest).to_be_focused()
    expect(rest).to_have_value("thôn Bãi")
    page.keyboard.press("End")
    page.keyboard.type(", gần nhà thờ")
    field.press("Control+a")
    page.keyboard.type("xóm dưới, cạnh bến đò")
    page.keyboard.press("Tab")
    expect(page.locator("[data-save-status=saved]")).to_be_visible()
    with transaction() as session:
        stored = records.record(session, viewer, record.id, utc_now()).fields
    assert stored == {"place_unit": "xóm dưới, cạnh bến đò", "place": "thôn Bãi, gần nhà thờ"}
