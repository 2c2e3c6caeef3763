"""A file that was taken in is there whatever happens to the web server afterwards."""

import re

from playwright.sync_api import expect

from hotline.clock import utc_now
from hotline.db import transaction
from intake.cases import cases
from intake.records import records
from tests.browser import world
from tests.browser.conftest import Pages

_PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360"
    "6060f80f0001040100c53aa3d20000000049454e44ae426082"
)


def test_a_file_that_was_taken_in_survives_the_end_of_the_web_server(pages: Pages) -> None:
    house, viewer, now = pages.house, pages.house.world.counselor, utc_now()
    told = world.past_call(viewer, "0353777018", now, 60)
    with transaction() as session:
        found = records.record_of_call(session, viewer, told.call_id, now)
        assert found is not None
        case_id = cases.open_from_record(session, viewer, found.id, now)
    page = pages.log_in(viewer)
    page.goto(f"{house.address}/cases/{case_id}")
    page.get_by_text("Thêm tệp").click()
    file = {"name": "ảnh tay.jpg", "mimeType": "image/jpeg", "buffer": _PIXEL + bytes(300_000)}
    page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_label("Là gì").fill("Ảnh ở trạm")
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 100_000}
    line = page.context.new_cdp_session(page)
    line.send("Network.emulateNetworkConditions", slow)
    with page.expect_request("**/files"):
        page.get_by_role("button", name="Gửi tệp").click()
    house.kill()  # in mid-upload
    expect(page.locator("[data-files] [role=status]")).to_contain_text("bấm “Gửi tệp” lần nữa")
    expect(page.get_by_label("Là gì")).to_have_value("Ảnh ở trạm")
    house.start()
    line.send("Network.emulateNetworkConditions", {**slow, "uploadThroughput": -1})
    page.get_by_role("button", name="Gửi tệp").click()
    expect(page.get_by_role("link", name="ảnh tay.png")).to_have_count(1)
    expect(page.get_by_text("Ảnh ở trạm")).to_have_count(1)
    house.kill()
    house.start()
    page.goto(f"{house.address}/cases/{case_id}")
    page.get_by_text("Xem ảnh").click()
    picture = page.locator(".picture img")
    expect(picture).to_be_visible()
    expect(picture).to_have_attribute("src", re.compile("/picture$"))
    expect(picture).to_have_js_property("naturalWidth", 1)
