"""A commune officer on an old phone, out where there is no signal."""

from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from hotline.access import Viewer
from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.ids import CaseId
from intake.cases import cases
from intake.handovers import case_handovers, handover_links, handover_views
from intake.handovers.case_handovers import Draft, Limits
from intake.handovers.handover_links import Made
from intake.handovers.handover_views import Way
from intake.records import records
from tests.browser import world
from tests.browser.conftest import Pages

PHONE = {"width": 360, "height": 640}
NOTE = "Bé đang ở với bà ngoại"
_KEPT = """async () => {
  const open = indexedDB.open("tongdai", 1);
  await new Promise(done => open.onsuccess = done);
  const all = open.result.transaction("drafts").objectStore("drafts").getAll();
  await new Promise(done => all.onsuccess = done);
  return all.result.map(row => [row.id, new TextDecoder().decode(row.sealed)]);
}"""


def _handed_over(an: Viewer) -> tuple[CaseId, Made]:
    """A case on its way to its commune, with a link."""
    now = utc_now()
    told = world.story("0353777018", ago=timedelta(minutes=5)).answered_call(an.phone or "")
    call_id = told.call_id
    world.tell(told)
    limit = Limits(timedelta(minutes=30), timedelta(minutes=10))
    with transaction() as session:
        record = records.record_of_call(session, an, call_id, now)
        assert record is not None
        case = cases.open_from_record(session, an, record.id, now)
        draft = Draft("2025:04978", "Chị Hoa", Way.LINK, "Bé Na bị đánh.", "")
        seen = case_handovers.prepare(session, an, case, draft).digest
        reference, _ = case_handovers.send(session, an, case, draft, seen, limit, now)
        return case, handover_links.make(session, an, reference, now)


def _tap(page: Page, *labels: str) -> None:
    for label in labels:
        page.get_by_text(label, exact=True).click()


def _in(pages: Pages, phone: BrowserContext, made: Made) -> Page:
    """With the right code, and the case taken on."""
    page = pages.watched(phone)
    page.goto(f"{pages.house.address}/h?k={made.token}")
    page.get_by_label("Mã").fill(made.code)
    page.get_by_role("button", name="Mở").click()
    expect(page.get_by_text("Bé Na bị đánh.")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    _tap(page, "Tôi nhận ca này")
    expect(page.locator("[data-report]")).to_be_visible()
    return page


@pytest.mark.browser
def test_what_an_officer_taps_without_a_network_outlives_their_phone(pages: Pages) -> None:
    an = pages.house.world.counselor
    case, made = _handed_over(an)
    phone = pages.context(viewport=PHONE, has_touch=True)
    page = _in(pages, phone, made)

    phone.set_offline(True)
    _tap(page, "Trẻ an toàn", "Đã đến tận nơi", "Ghi thêm (không bắt buộc)")
    page.locator("[name=note]").first.fill(NOTE)
    _tap(page, "3. Gửi 111")
    expect(page.locator("#said")).to_contain_text("Đã giữ kín trong máy này")
    ((row, sealed),) = page.evaluate(_KEPT)
    assert "Bé" not in row
    assert NOTE not in sealed
    page.close()  # the battery is empty

    phone.set_offline(False)
    page = pages.watched(phone)
    page.goto(f"{pages.house.address}/h/case")
    expect(page.locator("#said")).to_contain_text("chưa gửi được")
    expect(page.locator("[value=safe]")).to_be_checked()
    _tap(page, "3. Gửi 111")
    expect(page.get_by_text("Đã gửi 111")).to_be_visible()
    with reading() as session:
        (view,) = handover_views.of_case(session, an, case)
    told = [(event.code, event.text) for event in view.events if event.kind == "report"]
    assert told == [("safe visited", NOTE)]
    page.reload()
    expect(page.locator("#said")).to_be_hidden()
    assert page.evaluate(_KEPT) == []


@pytest.mark.browser
@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_a_page_that_nobody_touches_hides_itself_and_keeps_what_was_chosen(pages: Pages) -> None:
    _, made = _handed_over(pages.house.world.counselor)
    phone = pages.context(viewport=PHONE, has_touch=True)
    phone.clock.install()
    page = _in(pages, phone, made)
    _tap(page, "Trẻ an toàn", "Ghi thêm (không bắt buộc)")
    page.locator("[name=note]").first.fill(NOTE)
    phone.clock.fast_forward(11 * 60_000)
    expect(page.get_by_role("heading", name="Trang đang che")).to_be_visible()
    page.get_by_label("Mã").fill(made.code)
    page.get_by_role("button", name="Mở lại").click()
    expect(page.locator("[value=safe]")).to_be_checked()
    expect(page.locator("[name=note]").first).to_have_value(NOTE)


def _photos(an: Viewer, case: CaseId) -> int:
    with reading() as session:
        (view,) = handover_views.of_case(session, an, case)
    return sum(event.photo is not None for event in view.events)


def _choose(page: Page, size: int) -> None:
    paper = {"name": "giay.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n" + bytes(size)}
    page.locator("[type=file]").set_input_files(paper)  # type: ignore[arg-type]
    page.get_by_role("button", name="Gửi ảnh").click()


@pytest.mark.browser
@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_a_photo_outlives_the_phone_the_line_and_the_server_and_is_stored_once(pages: Pages) -> None:
    an, house = pages.house.world.counselor, pages.house
    case, made = _handed_over(an)
    phone = pages.context(viewport=PHONE, has_touch=True)
    page = _in(pages, phone, made)
    said = page.locator("[data-photo] [role=status]")
    phone.set_offline(True)
    _choose(page, 300_000)
    expect(said).to_contain_text("còn 1 ảnh chưa gửi. Đã giữ kín trong máy này")
    assert ":photo-" in page.evaluate(_KEPT)[0][0]
    page.close()

    phone.set_offline(False)
    page = pages.watched(phone)
    said = page.locator("[data-photo] [role=status]")
    page.goto("about:blank")
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 100_000}
    line = phone.new_cdp_session(page)
    line.send("Network.emulateNetworkConditions", slow)
    with page.expect_request("**/h/photo"):
        page.goto(f"{house.address}/h/case")
    house.kill()  # in mid-upload
    expect(said).to_contain_text("còn 1 ảnh chưa gửi")
    assert _photos(an, case) == 0
    house.start()
    line.send("Network.emulateNetworkConditions", {**slow, "uploadThroughput": -1})
    phone.set_offline(True)
    phone.set_offline(False)
    expect(said).to_have_text("111 đã nhận được ảnh.")

    def swallow(route: Route) -> None:
        """The server has it, and its answer never comes."""
        assert route.fetch(max_redirects=0).status == 303
        route.abort()

    page.route("**/h/photo", swallow, times=1)
    _choose(page, 1000)
    expect(said).to_contain_text("còn 1 ảnh chưa gửi")
    phone.set_offline(True)
    phone.set_offline(False)
    expect(said).to_have_text("111 đã nhận được ảnh.")
    expect(page.locator("#told p")).to_have_count(2)
    assert page.evaluate(_KEPT) == []
    assert _photos(an, case) == 2
