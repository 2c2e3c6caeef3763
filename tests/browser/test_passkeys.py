"""A passkey in a real browser: made, logged in with, given as a proof and to the hidden screen."""

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from hotline.clock import utc_now
from hotline.db import transaction
from hotline.sessions import SessionRow
from tests.browser import world
from tests.browser.conftest import House, Pages


@pytest.mark.browser
@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_somebody_makes_one_logs_in_proves_and_comes_back_with_it(house: House, pages: Pages) -> None:
    at = house.address.replace("127.0.0.1", "localhost")  # a passkey belongs to a name, not to a number
    page = pages.watched(pages.context())
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    device = {"protocol": "ctap2", "transport": "internal", "automaticPresenceSimulation": True}
    finger = {"hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": device | finger})

    page.goto(f"{at}/login")
    page.fill("[name=login]", house.world.administrator.login)
    page.fill("[name=password]", world.PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/(wallboard|welcome|staff)"))
    page.goto(f"{at}/account")
    page.get_by_role("button", name="Thêm khóa đăng nhập").click()
    page.get_by_label("Tên để bạn nhận ra").fill("Máy ở bàn 3")
    page.get_by_role("button", name="Tạo khóa").click()
    expect(page.get_by_text("Máy ở bàn 3")).to_be_visible()

    page.context.clear_cookies()
    page.goto(f"{at}/login")
    page.get_by_role("button", name="Dùng khóa (passkey)").click()
    page.wait_for_url(re.compile(r"/(wallboard|welcome|staff)"))

    with transaction() as session:
        session.execute(update(SessionRow).values(proved_at=utc_now().replace(year=2020)))
    page.goto(f"{at}/staff")
    page.get_by_role("button", name="Dùng khóa (passkey)").click()
    page.wait_for_url(f"{at}/staff")
    expect(page.locator("h1")).to_be_visible()

    for _ in range(2):  # what was given before does not count again
        page.keyboard.press("F9")
        curtain = page.locator("#curtain")
        expect(curtain).to_be_visible()
        curtain.get_by_role("button", name="Dùng khóa (passkey)").click()
        expect(curtain).to_be_hidden()
    expect(page.locator("h1")).to_be_visible()
