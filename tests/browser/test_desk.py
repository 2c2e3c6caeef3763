"""A counselor at the desk: the pop, the keys, the record, the case."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from hotline import bus, desk_messages
from hotline.clock import utc_now
from hotline.db import transaction
from hotline.events import Mode, Outcome
from intake.calls import line_wishes
from routing.choices import Choice
from tests.browser import axe, world
from tests.browser.conftest import REDRAW, Pages
from tests.factories import Story

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("db", ["sqlite"], indirect=True)]


def ring(pages: Pages, number: str | None = "0912345678") -> Story:
    story = world.story(number).arrived().waiting().rang(pages.house.world.counselor.phone or "")
    world.tell(story)
    return story


def answer(pages: Pages, number: str | None = "0912345678") -> Story:
    story = ring(pages, number)
    world.tell(story.talk(pages.house.world.counselor.phone or ""))
    return story


@pytest.fixture
def desk(pages: Pages) -> Page:
    """The desk of a counselor who is available; the stream of signals stands."""
    page = pages.log_in(pages.house.world.counselor)
    expect(page.locator("[data-live-status=on]")).to_be_attached()
    world.choose(pages.house.world.counselor, Choice.AVAILABLE)
    expect(page.locator(".pop-quiet")).to_contain_text("Đang đợi cuộc gọi")
    return page


def test_the_bar_says_who_waits_without_asking(desk: Page) -> None:
    asked: list[str] = []
    desk.on("request", lambda request: asked.append(request.url))
    first, second = (world.story().arrived().waiting() for _ in range(2))
    bar = desk.locator("#desk-bar")
    for told, says in ((first, "Chờ 1"), (second, "Chờ 2")):
        world.tell(told)
        expect(bar).to_contain_text(says)
    assert not asked
    for call in (first, second):
        world.tell(call.ended(Outcome.ABANDONED))
    expect(bar).to_contain_text("Không ai chờ")


def test_a_call_pops_up_and_is_written_down(pages: Pages, desk: Page) -> None:
    world.past_call(pages.house.world.counselor, "0912345678", utc_now() - timedelta(days=2))
    story = ring(pages)
    expect(desk.locator(".pop-ringing")).to_contain_text("0912 345 678")
    expect(desk.locator("#context")).to_contain_text("Số này đã gọi 1 lần trước đây.")
    expect(desk.locator("#record-form")).to_be_visible()
    world.tell(story.talk(pages.house.world.counselor.phone or ""))
    expect(desk.locator(".pop-talking")).to_be_visible()
    desk.fill("[name=content]", "Bé khóc, nói rất nhỏ.")
    expect(desk.locator("[data-save-status=saved]")).to_have_text(re.compile(r"đã lưu \d\d:\d\d:\d\d"))
    world.tell(story.ended())
    expect(desk.locator(".pop-wrap_up")).to_be_visible()
    desk.keyboard.press("Escape")
    desk.keyboard.press("k")
    expect(desk.locator("#notices")).to_contain_text("Đã kết thúc phiếu: Tư vấn.")
    expect(desk.locator("#main")).to_contain_text("Cùng ca với bạn")


@pytest.fixture
def brief_wrap_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask for it before `pages`: the web server reads it at its start."""
    monkeypatch.setenv("TONGDAI_WRAP_UP_SECONDS", "2")


def test_when_the_wrap_up_is_over_the_desk_says_so_by_itself(
    brief_wrap_up: None, pages: Pages, desk: Page
) -> None:
    """No signal tells it: nothing happens but that time passes. The unfinished record stays."""
    story = answer(pages)
    world.tell(story.ended())  # so soon that the desk may never have seen the call
    expect(desk.locator(".pop-wrap_up")).to_be_visible()
    expect(desk.locator("#record-form")).to_be_visible()
    expect(desk.locator(".pop-quiet")).to_contain_text("Đang đợi cuộc gọi")
    expect(desk.locator("#record-form")).to_be_visible()


def test_a_redraw_takes_no_menu_out_of_a_hand(pages: Pages) -> None:
    me = pages.house.world.counselor
    page = pages.log_in(me)
    page.keyboard.press("s")
    expect(page.locator(".pop-quiet")).to_contain_text("Đang đợi cuộc gọi")
    menu, state = page.locator("#my-state"), page.locator("#my-state summary")
    page.keyboard.press("u")
    expect(state).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    meal = page.get_by_role("button", name="Nghỉ giữa giờ: ăn")
    expect(meal).to_be_focused()
    world.choose(me, Choice.BREAK, why="meeting")
    expect(state).to_contain_text("Nghỉ giữa giờ: họp")  # it was drawn anew
    expect(meal).to_be_focused()
    page.keyboard.press("Enter")
    expect(state).to_contain_text("Nghỉ giữa giờ: ăn")
    expect(state).to_be_focused()
    state.hover()
    page.mouse.down()
    world.choose(me, Choice.AWAY, aloud=False)
    page.evaluate(REDRAW)
    page.mouse.up()
    expect(menu).to_have_attribute("open", "")
    expect(state).to_contain_text("Rời máy")


def test_what_is_open_in_a_talk_stays_in_the_hand_while_all_around_is_drawn_anew(
    pages: Pages, desk: Page
) -> None:
    lead, story = pages.house.world.lead, answer(pages)
    told = 0

    def drawn_anew() -> None:
        """Keys of the caller, a message of the lead, and somebody else who waits."""
        nonlocal told
        told += 1
        world.tell(story.later(0.001).presses("1"))
        world.tell(world.story(None).arrived().waiting())
        with transaction() as session:
            hour, now = timedelta(hours=1), utc_now()
            signals = desk_messages.send(session, lead, f"Tin {told}", lead.center_id, hour, now)
        bus.publish(signals)
        expect(desk.locator(".desk-message")).to_have_count(told)
        expect(desk.locator("[data-answer]")).to_contain_text(" ".join("1" * told))

    expect(desk.get_by_text("Mời phiên dịch")).to_be_visible()
    for key, name in (("b", "Mường"), ("j", "Trưởng ca")):
        desk.keyboard.press(key)
        entry = desk.locator("#line").get_by_role("button", name=name).first
        entry.focus()
        drawn_anew()
        expect(entry).to_be_focused()
        desk.keyboard.press(key)
    desk.keyboard.press("y")
    question = desk.get_by_label("Câu hỏi khác")
    question.press_sequentially("Con có đang ")
    drawn_anew()
    expect(question).to_be_focused()
    desk.keyboard.type("ở nhà không?")
    expect(question).to_have_value("Con có đang ở nhà không?")
    several = desk.locator("[data-field=problems]")
    several.locator("summary").press("Enter")
    several.get_by_label("Bỏ rơi").focus()
    drawn_anew()
    expect(several.get_by_label("Bỏ rơi")).to_be_focused()
    desk.keyboard.press("Space")
    expect(several.get_by_label("Bỏ rơi")).to_be_checked()
    first = desk.get_by_role("button", name="Đã đọc").first
    first.focus()
    drawn_anew()
    expect(first).to_be_focused()
    desk.locator("[name=content]").press_sequentially("Câu đang ")
    drawn_anew()
    desk.keyboard.type("viết")
    expect(desk.locator("[name=content]")).to_have_value("Câu đang viết")


def test_a_ring_takes_neither_the_focus_nor_the_record_being_written(pages: Pages, desk: Page) -> None:
    first = answer(pages, "0353777018")
    content = desk.locator("[name=content]")
    content.click()
    desk.keyboard.type("Câu đang viết")
    world.tell(first.ended())
    ring(pages, "0977000111")
    expect(desk.locator(".pop-ringing")).to_contain_text("0977 000 111")
    expect(desk.locator(".docked")).to_contain_text("Phiếu bạn đang viết vẫn ở giữa")
    expect(content).to_be_focused()
    desk.keyboard.type(" dở")
    expect(content).to_have_value("Câu đang viết dở")
    expect(desk.locator("[data-save-status=saved]")).to_be_visible()
    desk.keyboard.press("Alt+p")
    expect(content).to_have_value("")
    expect(desk.locator(".line .list:not(#owed, #desk-inbox)").first).to_contain_text("***018")


def test_keys_are_letters_in_a_text_field_and_commands_outside(pages: Pages, desk: Page) -> None:
    answer(pages)
    expect(desk.locator("#record-form")).to_be_visible()
    desk.keyboard.press("n")
    expect(desk.locator("[name=content]")).to_be_focused()
    desk.keyboard.type("1 2 3 c k")
    expect(desk.locator("[name=content]")).to_have_value("1 2 3 c k")
    desk.keyboard.press("Alt+1")
    expect(desk.locator("#notices")).to_contain_text("Im lặng")


def test_one_key_closes_and_z_brings_it_back(pages: Pages, desk: Page) -> None:
    answer(pages)
    expect(desk.locator("#record-form")).to_be_visible()
    desk.keyboard.press("2")
    expect(desk.locator("#notices")).to_contain_text("Đã kết thúc phiếu: Trêu đùa.")
    expect(desk.locator("#record-form")).to_have_count(0)
    desk.keyboard.press("z")
    expect(desk.locator("#record-form")).to_be_visible()


def test_a_case_is_opened_with_what_was_just_typed(pages: Pages, desk: Page) -> None:
    answer(pages)
    desk.fill("[name='child.1.name']", "Bé Na")
    desk.fill("[name=place]", "Kim Bôi")
    desk.keyboard.press("Alt+c")
    expect(desk.locator("#notices")).to_contain_text("Đã lập ca")
    expect(desk.locator("[name=place]")).to_have_value("Kim Bôi")
    desk.get_by_role("link", name="Xem ca").first.click()
    expect(desk.locator(".context")).to_contain_text("Bé Na")
    expect(desk.locator(".next")).to_contain_text("Chuyển tin cho UBND xã nơi xảy ra")


def test_a_missed_call_is_said_plainly_and_one_button_leads_back(pages: Pages, desk: Page) -> None:
    world.choose(pages.house.world.counselor, Choice.MISSED)
    expect(desk.locator(".pop-told")).to_contain_text("Bạn vừa lỡ một cuộc")
    desk.keyboard.press("s")
    expect(desk.locator(".pop-quiet")).to_contain_text("Đang đợi cuộc gọi")


def test_the_key_map_tells_the_keys_of_this_page(pages: Pages, desk: Page) -> None:
    answer(pages)
    expect(desk.locator("#record-form")).to_be_visible()
    desk.keyboard.press("?")
    expect(desk.locator("#keymap dd", has_text="Im lặng")).to_be_visible()
    expect(desk.locator("#keymap dd", has_text="Lập ca")).to_be_visible()
    desk.keyboard.press("Escape")
    expect(desk.locator("#keymap")).to_be_hidden()


def test_a_second_child_is_one_click_away(pages: Pages, desk: Page) -> None:
    answer(pages)
    desk.get_by_role("button", name="Thêm trẻ").click()
    expect(desk.locator("[name='child.2.name']")).to_be_focused()
    desk.keyboard.type("Em Tí")
    expect(desk.locator("[data-save-status=saved]")).to_be_visible()
    desk.reload()
    expect(desk.locator("[name='child.2.name']")).to_have_value("Em Tí")


def test_an_alleged_offender_is_added_like_a_child_cleared_and_put_back(
    pages: Pages, desk: Page
) -> None:
    answer(pages)
    desk.get_by_role("button", name="Thêm người bị cho là gây hại").press("Enter")
    described, saved = (
        desk.locator("[name='offender.1.described']"),
        desk.locator("[data-save-status=saved]"),
    )
    expect(described).to_be_focused()
    desk.keyboard.type("cha dượng")
    desk.get_by_role("radio", name="Ở bên trẻ").check()
    expect(saved).to_be_visible()
    desk.get_by_role("button", name="Xóa người này").click()
    expect(described).to_have_value("")
    desk.get_by_role("button", name="Lấy lại").click()
    expect(described).to_have_value("cha dượng")
    expect(saved).to_be_visible()
    desk.get_by_role("button", name="Thêm trẻ").click()
    desk.get_by_label("Là gì của trẻ 2").select_option("parent")
    expect(saved).to_be_visible()
    assert axe.complaints(desk) == []
    desk.reload()
    expect(desk.get_by_label("Là gì của trẻ 2")).to_have_value("parent")
    expect(described).to_have_value("cha dượng")
    expect(desk.get_by_role("radio", name="Ở bên trẻ")).to_be_checked()


def test_an_interpreter_is_asked_for_and_the_state_is_what_happens(pages: Pages, desk: Page) -> None:
    story = answer(pages)
    desk.get_by_text("Mời phiên dịch").click()
    desk.get_by_role("button", name="H'Mông").click()
    expect(desk.locator("[data-interpreter=asked]")).to_contain_text("đang nối")
    with transaction() as session:
        (wish,) = line_wishes.take(session, "hn", utc_now())
    world.tell(story.beside(wish.offer_id))
    expect(desk.locator("[data-interpreter=ringing]")).to_be_visible()
    world.tell(story.beside(wish.offer_id, talk=True))
    expect(desk.locator("[data-interpreter=talking]")).to_be_visible()
    world.tell(story.talk_ended("telco"))
    expect(desk.get_by_text("Mời phiên dịch")).to_be_visible()


def test_a_shift_lead_listens_from_the_wallboard(pages: Pages, desk: Page) -> None:
    story = answer(pages)
    board = pages.log_in(pages.house.world.lead)
    board.goto(f"{pages.house.address}/wallboard")
    board.get_by_role("button", name="Nghe cuộc của").first.click()
    expect(board.locator("[data-attends=asked]")).to_contain_text("Nhấc máy")
    with transaction() as session:
        (wish,) = line_wishes.take(session, "hn", utc_now())
    phone = pages.house.world.lead.phone or ""
    world.tell(story.supervised(Mode.LISTEN, phone, wish.offer_id))
    expect(board.locator("[data-attends=listening]")).to_be_visible()
    expect(desk.locator("[data-attended]")).not_to_be_attached()
    board.get_by_role("button", name="Nhắc riêng").click()
    world.tell(story.later(1).supervised(Mode.WHISPER, phone, wish.offer_id))
    expect(board.locator("[data-attends=whispering]")).to_be_visible()
    expect(desk.locator("[data-attended]")).to_be_visible()


def test_one_key_hides_the_screen_in_every_tab_and_what_was_typed_is_kept(
    pages: Pages, desk: Page
) -> None:
    answer(pages)
    other = desk.context.new_page()
    other.goto(f"{pages.house.address}/calls")
    expect(other.get_by_role("heading", level=1)).to_be_visible()
    desk.bring_to_front()
    desk.fill("[name=content]", "Nửa câu đang viết")
    desk.keyboard.press("F9")
    for tab in (desk, other):
        expect(tab.locator("#curtain")).to_be_visible()
        expect(tab).to_have_title("111")
    desk.keyboard.press("Escape")
    expect(desk.locator("#curtain")).to_be_visible()
    expect(desk.locator("#curtain [name=password]")).to_be_focused()
    desk.keyboard.type("không phải mật khẩu")
    desk.keyboard.press("Enter")
    expect(desk.locator("#curtain")).to_contain_text("Mật khẩu chưa đúng.")
    other.reload()
    expect(other).to_have_url(f"{pages.house.address}/hidden")
    desk.fill("#curtain [name=password]", world.PASSWORD)
    desk.keyboard.press("Enter")
    expect(desk.locator("#curtain")).to_be_hidden()
    expect(desk.locator("[name=content]")).to_have_value("Nửa câu đang viết")
    expect(desk.locator("[data-save-status=saved]")).to_be_visible()
    expect(other).to_have_url(f"{pages.house.address}/desk")


def test_a_desk_that_nobody_touches_hides_itself_and_not_before(pages: Pages) -> None:
    context = pages.context()
    context.clock.install()
    page = pages.log_in_to(context, pages.house.world.counselor)
    page.wait_for_url("**/desk")
    curtain = page.locator("#curtain")
    context.clock.fast_forward("06:00")
    page.mouse.move(200, 200)
    context.clock.fast_forward("06:00")
    expect(curtain).to_be_hidden()
    context.clock.fast_forward("05:00")
    expect(curtain).to_be_visible()
    curtain.locator("[name=password]").fill(world.PASSWORD)
    curtain.locator("button.primary").click()
    expect(curtain).to_be_hidden()


def test_a_page_whose_server_is_away_hides_itself_when_its_log_in_has_ended(pages: Pages) -> None:
    context = pages.context()
    context.clock.install()
    page = pages.log_in_to(context, pages.house.world.counselor)
    context.set_offline(True)
    context.clock.fast_forward("11:00")  # minutes: nobody can say whether there is a talk
    expect(page.locator("#curtain")).to_be_hidden()
    context.clock.fast_forward("50:00")
    expect(page.locator("#curtain")).to_be_visible()
