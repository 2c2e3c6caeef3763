"""A number that rang in vain is called back from the page: asked first, then two real phones ring."""

import re
import socket
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from telephony.softphone import SoftPhone, tone
from tests.browser.test_whole_path import log_in, town
from tests.browser.town import Town
from tests.pbx import OUTSIDE_TONE, TELCO

__all__ = ["log_in", "town"]
pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(300)]


@pytest.fixture
def outside_port(monkeypatch: pytest.MonkeyPatch) -> int:
    """Where the telco takes calls to the outside; ask for it before `town`."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        door.bind((TELCO, 0))
        port: int = door.getsockname()[1]
    monkeypatch.setenv("TONGDAI_TELCO_PROXY", f"{TELCO}:{port}")
    return port


def test_called_back_from_the_page(outside_port: int, town: Town, log_in: Callable[[str], Page]) -> None:
    street, of = town.street, town.settings
    telco = SoftPhone(
        "telco", "", host=of.sip_host, port=of.sip_port, local_host=TELCO, sound=tone(OUTSIDE_TONE)
    )
    street.do(telco.wire.open(TELCO, outside_port))
    desk = log_in(town.on_shift("counselor")[0])
    caller = street.ring("0912345678")
    street.do(caller.answered.within(5))  # nobody is available: greeted
    street.do(caller.hang_up())

    expect(desk.locator(".list").first).to_contain_text("gần nhất trước")
    desk.keyboard.press("l")
    row = desk.locator("tbody tr")
    expect(row).to_contain_text("0912 345 678")
    row.get_by_role("link", name="Gọi", exact=False).last.click()
    expect(desk.locator(".ask")).to_contain_text("Bây giờ gọi có an toàn không?")
    desk.get_by_role("button", name="Gọi 0912 345 678").click()
    expect(desk).to_have_url(re.compile("/call$"))  # no answer, no call
    desk.keyboard.press("ArrowDown")
    desk.get_by_role("button", name="Gọi 0912 345 678").press("Enter")

    expect(desk.locator(".pop-calling")).to_be_visible()
    ringing = street.do(telco.rang(within=10))
    assert (ringing.dialled, ringing.number) == ("0912345678", "111")
    street.do(ringing.answer())
    expect(desk.locator(".pop-talking")).to_contain_text("0912 345 678")
    desk.locator("#record-form [name=content]").fill("Gọi lại, em kể đang ở nhà bà.")
    street.do(ringing.hang_up())
    expect(desk.locator(".pop-wrap_up")).to_be_visible()
    desk.goto(f"{town.address}/callbacks")
    expect(desk.locator("main")).to_contain_text("Không nợ ai cuộc gọi nào")
    street.do(telco.close())
