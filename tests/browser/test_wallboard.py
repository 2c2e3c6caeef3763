"""A shift lead at the wallboard: figures, steering, messages, and an alarm that is heard."""

from playwright.sync_api import Page, expect

from hotline import alarms, bus
from hotline.alarm_kinds import AlarmKind
from hotline.clock import utc_now
from hotline.db import transaction
from routing.choices import Choice
from tests.browser import world
from tests.browser.conftest import Pages


def open_dialog(page: Page, button: str) -> None:
    page.locator(button).first.click()
    expect(page.locator("#action form").first).to_be_visible()


def test_a_lead_steers_and_the_desks_are_told(pages: Pages) -> None:
    people = pages.house.world
    for who in (people.counselor, people.colleague):
        world.choose(who, Choice.AVAILABLE)
    desk, page = pages.log_in(people.counselor), pages.log_in(people.lead)
    tile = f"#tile-{people.counselor.staff_id}"
    open_dialog(page, tile)
    page.evaluate("document.querySelectorAll('.tile').forEach(tile => { tile.stayed = true })")
    world.choose(people.colleague, Choice.BREAK)
    expect(page.locator(".tile-break")).to_have_count(1)
    assert page.evaluate("document.querySelector('.tile-break').stayed")  # it was not drawn anew
    expect(page.locator(".tile-break .clock")).to_have_text("0′")
    expect(page.locator("#action")).to_be_visible()  # the board changed behind it
    page.select_option("#action select[name=center]", index=1)
    page.click("#action button[type=submit].primary")
    expect(page.locator("#action")).to_be_hidden()
    expect(page.locator(".tile-moved")).to_have_count(1)
    open_dialog(page, tile)
    page.fill("#action form[hx-post$=state] input[name=reason]", "Giao ban")
    page.click("#action form[hx-post$=state] button[value=away]")
    expect(page.locator("#action")).to_be_hidden()
    expect(page.locator(".tile-away .tile-until")).to_have_count(1)
    expect(desk.locator("[data-set-to=away]")).to_contain_text("Giao ban")
    page.click("[data-order=state] button")
    expect(page.locator(".tile-until")).to_have_count(0)
    expect(desk.locator("[data-set-to]")).to_have_count(0)
    open_dialog(page, "button.center-name")
    page.fill("#action form[hx-post$=close] input[name=reason]", "Mất điện")
    page.click("#action form[hx-post$=close] button")
    expect(page.locator(".center-closed")).to_be_visible()
    page.click("[data-order=closed] button")
    expect(page.locator(".center-closed")).to_have_count(0)
    page.keyboard.press("n")
    page.fill("#to-desks textarea", "Họp giao ca lúc 13 giờ")
    page.click("#to-desks form button.primary")
    expect(desk.locator(".desk-message")).to_contain_text("Họp giao ca")
    desk.click(".desk-message button")
    expect(desk.locator(".desk-message")).to_have_count(0)
    expect(page.locator("[data-order=message]")).to_contain_text("1 người đã đọc")


def test_a_figure_says_how_it_is_made_and_stays_live(pages: Pages) -> None:
    people = pages.house.world
    page = pages.log_in(people.lead)
    offered = page.locator("[data-figure=offered] .kpi-whole")
    expect(offered).to_have_text("0")
    world.tell(world.story().arrived().waiting().rang(people.counselor.phone or "").talk("hn01"))
    page.locator("[data-figure=service_level] button").click()
    expect(page.locator("#formula")).to_contain_text("Nghe trong mức chờ / cuộc gọi đến.")
    page.keyboard.press("Escape")
    expect(offered).to_have_text("1", timeout=10_000)


def test_an_alarm_is_heard_once_the_page_was_touched_until_it_is_noted(pages: Pages) -> None:
    people = pages.house.world
    page = pages.log_in(people.lead)
    page.locator("h1").first.wait_for(state="attached")
    page.mouse.click(5, 5)
    expect(page.locator("[data-sound-off]")).to_be_hidden()
    with transaction() as session:
        signals = alarms.sound(session, AlarmKind.WAITING, "hn", "long", None, utc_now())
    bus.publish(signals)
    expect(page.locator("[data-alarm]")).to_be_visible()
    expect(page.locator("body[data-rang='1']")).to_be_attached()
    page.click("[data-alarm] button")
    expect(page.locator("[data-alarm]")).to_have_count(0)
