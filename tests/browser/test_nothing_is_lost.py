"""Nothing a counselor typed is ever lost: killed servers and browsers, reloads, two tabs, no network, no
session."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect

from hotline.clock import utc_now
from hotline.db import transaction
from hotline.ids import RecordId
from intake.forms.taxonomy import Disposition
from intake.records import records
from tests import chromium
from tests.browser import world
from tests.browser.conftest import FLAGS, Pages
from tests.waiting import until
from tests.wire import in_a_thread

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("db", ["postgresql"], indirect=True)]


@pytest.fixture
def record(pages: Pages) -> RecordId:
    """The record of a call that was answered a minute ago."""
    viewer = pages.house.world.counselor
    story = world.past_call(viewer, "0912345678", utc_now(), 30)
    with transaction() as session:
        found = records.record_of_call(session, viewer, story.call_id, utc_now())
    assert found is not None
    return found.id


@pytest.fixture
def page(pages: Pages, record: RecordId) -> Page:
    opened = pages.log_in(pages.house.world.counselor)
    opened.goto(f"{pages.house.address}/records/{record}")
    return opened


def stored(pages: Pages, record: RecordId) -> dict[str, str]:
    with transaction() as session:
        return dict(records.record(session, pages.house.world.counselor, record, utc_now()).fields)


def test_a_sentence_survives_the_death_of_the_server_and_a_reload(
    pages: Pages, page: Page, record: RecordId
) -> None:
    page.fill("[name=content]", "Trước khi máy chủ chết.")
    expect(page.locator("[data-save-status=saved]")).to_be_visible()
    pages.house.kill()
    page.locator("[name=content]").press("End")
    page.keyboard.type(" Và sau đó.")
    expect(page.locator("[data-save-status=offline]")).to_contain_text("mất kết nối")
    pages.house.start()
    page.once("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(page.locator("[name=content]")).to_have_value("Trước khi máy chủ chết. Và sau đó.")
    # By the page before the reload, once the server was back, or by this one.
    expect(page.locator("[data-save-status]")).to_contain_text("đã lưu")
    assert stored(pages, record)["content"] == "Trước khi máy chủ chết. Và sau đó."


def test_a_page_that_stays_open_saves_by_itself_when_the_server_is_back(
    pages: Pages, page: Page, record: RecordId
) -> None:
    pages.house.kill()
    page.fill("[name=content]", "Viết lúc mất máy chủ.")
    expect(page.locator("[data-save-status=offline]")).to_be_visible()
    pages.house.start()
    expect(page.locator("[data-save-status=saved]")).to_be_visible()
    assert stored(pages, record)["content"] == "Viết lúc mất máy chủ."


def test_a_lost_network_is_told_and_mended(pages: Pages, page: Page, record: RecordId) -> None:
    page.context.set_offline(True)
    page.fill("[name=advice]", "Gọi lại sau 21 giờ.")
    expect(page.locator("[data-save-status=offline]")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator("[data-save-status=saved]")).to_be_visible()
    assert stored(pages, record)["advice"] == "Gọi lại sau 21 giờ."


def test_a_network_that_swallows_all_is_noticed_told_and_mended(pages: Pages, record: RecordId) -> None:
    """Half open: nobody is told that the connections are dead, and those that were stay so."""
    with in_a_thread(pages.house.port) as wire:
        page = replace(
            pages, house=replace(pages.house, address=f"http://127.0.0.1:{wire.port}")
        ).log_in(pages.house.world.counselor)
        page.clock.install()
        page.goto(f"http://127.0.0.1:{wire.port}/records/{record}")
        expect(page.locator("[data-live-status=on]")).to_be_attached()
        wire.swallow()
        page.fill("[name=content]", "Em bé đang kể thì")
        expect(page.locator("[data-save-status=saving]")).to_be_visible()
        assert len(kept(page)) == 1
        page.clock.fast_forward("00:12")  # the server's heart is not heard
        expect(page.locator("[data-live-status=off]")).to_contain_text("không nối được máy chủ")
        page.locator("[name=content]").press("End")
        page.keyboard.type(" mạng im bặt.")
        expect(page.locator("[data-save-status=offline]")).to_contain_text("mất kết nối")
        wire.swallow(on=False)
        for status in ("[data-live-status=on]", "[data-save-status=saved]"):
            _in_time(page, status)
        assert stored(pages, record)["content"] == "Em bé đang kể thì mạng im bặt."
        assert kept(page) == []


def _in_time(page: Page, status: str) -> None:
    """Each new attempt may take one of the six connections that the browser still holds for alive."""
    for _ in range(6):
        with suppress(AssertionError):
            expect(page.locator(status)).to_be_attached(timeout=1500)
            return
        page.clock.fast_forward("00:12")
        page.clock.fast_forward("00:02")
    expect(page.locator(status)).to_be_attached()


def test_what_was_typed_in_the_last_moment_before_leaving_arrives(
    pages: Pages, page: Page, record: RecordId
) -> None:
    page.fill("[name=place]", "Xã Kim Bôi")
    page.once("dialog", lambda dialog: dialog.accept())
    page.goto(f"{pages.house.address}/calls")
    expect(page.locator("h1")).to_be_visible()
    page.goto(f"{pages.house.address}/records/{record}")
    expect(page.locator("[name=place]")).to_have_value("Xã Kim Bôi")


def test_two_tabs_see_both_texts_and_a_person_chooses(
    pages: Pages, page: Page, record: RecordId
) -> None:
    other = pages.watched(page.context)
    other.goto(page.url)
    page.fill("[name=content]", "Tab một viết.")
    expect(page.locator("[data-save-status=saved]")).to_be_visible()
    other.fill("[name=content]", "Tab hai viết.")
    box = other.locator(".conflict")
    expect(box).to_contain_text("Tab một viết.")
    expect(box).to_contain_text("Tab hai viết.")
    expect(other.locator("[data-save-status=conflict]")).to_be_visible()
    assert stored(pages, record)["content"] == "Tab một viết."
    other.once("dialog", lambda dialog: dialog.accept())
    other.reload()
    expect(other.locator(".conflict")).to_contain_text("Tab một viết.")
    other.get_by_role("button", name="Giữ cả hai").click()
    expect(other.locator("[data-save-status=saved]")).to_be_visible()
    assert stored(pages, record)["content"] == "Tab một viết.\nTab hai viết."


def test_fields_that_the_other_tab_touched_alone_come_over(pages: Pages, page: Page) -> None:
    other = pages.watched(page.context)
    other.goto(page.url)
    page.fill("[name=place]", "Kim Bôi")
    expect(page.locator("[data-save-status=saved]")).to_be_visible()
    other.fill("[name=call_back]", "sau 21 giờ")
    expect(other.locator("[data-save-status=saved]")).to_be_visible()
    expect(other.locator("[name=place]")).to_have_value("Kim Bôi")
    expect(other.locator(".conflict")).to_have_count(0)


def test_an_over_long_field_keeps_its_text_and_the_others_are_saved(
    pages: Pages, page: Page, record: RecordId
) -> None:
    page.fill("[name=caller_name]", "x" * 300)
    page.fill("[name=content]", "Vẫn được lưu.")
    expect(page.locator(".field-problem")).to_contain_text("dài quá mức")
    expect(page.locator("[name=caller_name]")).to_have_value("x" * 300)
    until(lambda: stored(pages, record).get("content") == "Vẫn được lưu.")
    page.fill("[name=caller_name]", "Cô Sáu")
    expect(page.locator("[data-save-status=saved]")).to_be_visible()
    expect(page.locator(".field-problem")).to_have_count(0)
    assert stored(pages, record)["caller_name"] == "Cô Sáu"


def test_typing_goes_on_while_a_save_is_under_way(pages: Pages, page: Page, record: RecordId) -> None:
    content = page.locator("[name=content]")
    content.click()
    content.press_sequentially("Em ở nhà bà  ngoại , em sợ. ", delay=60)
    expect(content).to_have_value("Em ở nhà bà  ngoại , em sợ. ")
    expect(page.locator("[data-save-status=saved]")).to_be_visible()
    assert stored(pages, record)["content"].strip() == "Em ở nhà bà  ngoại , em sợ."


def test_an_ended_session_keeps_the_text_and_saves_it_after_the_next_log_in(
    pages: Pages, page: Page, record: RecordId
) -> None:
    expect(page.locator("[data-live-status=on]")).to_be_attached()  # else it goes to the log-in at once
    cookies = page.context.cookies()
    page.context.clear_cookies()
    page.fill("[name=content]", "Viết khi phiên đã hết.")
    expect(page.locator("[data-save-status=logged_out]")).to_contain_text("đăng nhập lại")
    page.context.add_cookies(
        [{"name": c["name"], "value": c["value"], "url": pages.house.address} for c in cookies]
    )
    expect(page.locator("[data-save-status=saved]")).to_be_visible()
    assert stored(pages, record)["content"] == "Viết khi phiên đã hết."


KEPT = """async () => {
  const opened = await new Promise((done) => {
    const request = indexedDB.open("tongdai", 1);
    request.onsuccess = () => done(request.result);
  });
  return new Promise((done) => {
    const all = opened.transaction("drafts").objectStore("drafts").getAll();
    all.onsuccess = () => done(all.result.map(({id, sealed}) => [id, new TextDecoder().decode(sealed)]));
  });
}"""
"""What lies in this browser, as anybody finds it who opens its files."""


def kept(page: Page) -> list[list[str]]:
    rows: list[list[str]] = page.evaluate(KEPT)
    return rows


def test_a_draft_is_sealed_and_log_out_leaves_nothing_in_the_browser(
    pages: Pages, page: Page, record: RecordId
) -> None:
    page.context.set_offline(True)
    page.fill("[name=content]", "Không được để lại.")
    expect(page.locator("[data-save-status=offline]")).to_be_visible()
    ((name, sealed),) = kept(page)
    assert name.startswith(f"{pages.house.world.counselor.staff_id}:{record}:")
    assert len(sealed) > 60
    assert "content" not in sealed
    assert "để lại" not in sealed
    assert page.evaluate("document.body.dataset.draftKey") is None
    page.locator(".menu-right summary").click()
    page.get_by_role("button", name="Đăng xuất").click()
    expect(page.locator("#notices")).to_contain_text("Chưa đăng xuất")
    page.context.set_offline(False)
    page.get_by_role("button", name="Đăng xuất").click()
    page.wait_for_url("**/login")
    assert stored(pages, record)["content"] == "Không được để lại."
    assert kept(page) == []
    left = page.evaluate("JSON.stringify({...sessionStorage, ...localStorage})")
    assert "record" not in left


def test_what_a_closed_page_could_not_send_is_sent_by_the_next_page_of_the_same_person(
    pages: Pages, page: Page, record: RecordId
) -> None:
    context = page.context
    context.set_offline(True)
    page.fill("[name=content]", "Viết khi mất mạng, rồi thẻ bị đóng.")
    expect(page.locator("[data-save-status=offline]")).to_be_visible()
    page.close(run_before_unload=False)
    context.set_offline(False)
    context.clear_cookies()
    other = pages.log_in_to(context, pages.house.world.colleague)
    assert len(kept(other)) == 1
    other.close()
    context.clear_cookies()
    with transaction() as session:  # else the desk would open it at once
        records.close(session, pages.house.world.counselor, record, Disposition.COUNSELING, utc_now())
    again = pages.log_in_to(context, pages.house.world.counselor)
    expect(again.locator("#notices")).to_contain_text(f"nay đã vào phiếu {record}")
    assert stored(pages, record)["content"] == "Viết khi mất mạng, rồi thẻ bị đóng."


def test_a_sentence_survives_the_death_of_the_server_and_of_the_browser(
    pages: Pages, browser: Browser, record: RecordId, tmp_path: Path
) -> None:
    with a_browser_of_its_own(browser, tmp_path / "profile") as context:
        page = pages.log_in_to(context, pages.house.world.counselor)
        page.goto(f"{pages.house.address}/records/{record}")
        page.fill("[name=content]", "Em bé kể:")
        expect(page.locator("[data-save-status=saved]")).to_be_visible()
        pages.house.kill()
        page.locator("[name=content]").press("End")
        page.keyboard.type(" bố dượng đánh em từ")
        expect(page.locator("[data-save-status=offline]")).to_be_visible()
        kill_browser(tmp_path / "profile")
    pages.house.start()
    with a_browser_of_its_own(browser, tmp_path / "profile") as context:
        page = pages.log_in_to(context, pages.house.world.counselor)
        page.goto(f"{pages.house.address}/records/{record}")
        expect(page.locator("[name=content]")).to_have_value("Em bé kể: bố dượng đánh em từ")
        until(lambda: stored(pages, record)["content"] == "Em bé kể: bố dượng đánh em từ")


@contextmanager
def a_browser_of_its_own(browser: Browser, profile: Path) -> Iterator[BrowserContext]:
    """Chromium with a profile on the disk, as on a counselor's computer."""
    found = chromium.install()
    context = browser.browser_type.launch_persistent_context(
        profile, executable_path=found.program, args=list(FLAGS), env={**os.environ, **found.env}
    )
    context.set_default_timeout(10_000)
    try:
        yield context
    finally:
        with suppress(Error):  # it was killed
            context.close()


def kill_browser(profile: Path) -> None:
    """SIGKILL to every process of the browser that has this profile."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if f"--user-data-dir={profile}".encode() in command.split(b"\0"):
            os.kill(int(folder.name), signal.SIGKILL)
