"""The month as a shift lead writes it: with the keyboard alone, and with a finger on a phone."""

from datetime import date

import pytest
from playwright.sync_api import expect

from hotline.access import Viewer
from hotline.clock import local, utc_now
from hotline.db import reading
from routing import months, roster
from tests.browser.axe import complaints
from tests.browser.conftest import Pages
from tests.browser.test_pages import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("db", ["sqlite"], indirect=True)]


def in_sql(who: Viewer, day: date) -> list[str]:
    with reading() as session:
        found = roster.entries(session, day, day, who.staff_id)
    return [f"{each.shift} {each.kind}" for each in found]


def test_a_lead_writes_the_month_with_the_keyboard_and_with_a_finger(pages: Pages) -> None:
    who = pages.house.world
    following = months.next_month(months.next_month(local(utc_now()).date()))
    address = f"{pages.house.address}/roster?month={following:%Y-%m}"
    page = pages.log_in(who.lead, reduced_motion="reduce")
    page.goto(address)
    assert complaints(page) == []
    first, second = (f"c{who.counselor.staff_id}-{day}" for day in (1, 2))
    page.locator(f"#{first}").focus()
    page.keyboard.press("d")
    expect(page.locator(f"#{first}")).to_have_text("Đ")
    expect(page.locator(f"#{first}")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.locator(f"#{second}")).to_be_focused()
    page.keyboard.press("Shift+S")
    expect(page.locator(f"#{second}")).to_have_text("S+")
    expect(page.locator(f"#{second}")).to_be_focused()
    page.keyboard.press("o")
    expect(page.locator(f"#{second}")).to_have_text("S!")
    assert in_sql(who.counselor, following) == ["night planned"]
    page.keyboard.press("Delete")
    expect(page.locator(f"#{second}")).to_have_text("")
    phone = pages.log_in(who.lead, viewport=PHONE, color_scheme="dark", reduced_motion="reduce")
    phone.goto(address)
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    phone.locator(f"#{first}").click()
    phone.locator('dialog [data-do="C"]').click()
    expect(phone.locator(f"#{first}")).to_have_text("C")
    page.locator(f"#{first}").focus()
    page.keyboard.press("s")
    expect(page.locator("#roster-told .problem")).to_contain_text("Có người vừa sửa ngày này")
    expect(page.locator(f"#{first}")).to_have_text("C")
