"""Every page: nothing serious from axe, light enough for a slow line, right on a phone, live and not."""

import gzip
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Request, expect

from hotline.clock import utc_now
from hotline.db import transaction
from intake.calls import callbacks
from intake.cases import cases
from intake.documents import filled_forms
from intake.forms.taxonomy import Way
from intake.records import records
from intake.reports import api_clients, reports
from intake.reports.reports import Submitted
from routing.choices import Choice
from tests.browser import world
from tests.browser.axe import complaints, complaints_in_the_dark
from tests.browser.conftest import Pages

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("db", ["sqlite"], indirect=True)]

MOST_BYTES = 200 * 1024
PHONE = {"width": 390, "height": 844}


def scene(pages: Pages) -> dict[str, str]:
    """A case, a conflict-free record, a ringing call; the pages that show them."""
    people = pages.house.world
    now = utc_now()
    story = world.past_call(people.counselor, "0353777018", now, 30)
    with transaction() as session:
        found = records.record_of_call(session, people.counselor, story.call_id, now)
        assert found is not None
        typed = {"risk": "emergency", "child.1.name": "Bé Na", "content": "Bé khóc."}
        records.autosave(session, people.counselor, found.id, 0, typed, now)
        case = cases.open_from_record(session, people.counselor, found.id, now)
        child = cases.case(session, people.counselor, case, now).children[0].id
        form = filled_forms.open_form(
            session, people.counselor, case, "initial_assessment", child, "f" * 16, now
        )
        client, _ = api_clients.make(session, "App", Way.APP, 60, now)
        sent = Submitted("one", "a" * 64, now, True, {"content": "Em sợ."}, ())
        reports.accept(session, client, sent, (), now)
    world.tell(world.lost("0866904512"), aloud=False)
    with transaction() as session:
        (owed,) = callbacks.tasks(session, people.counselor, now)
    world.choose(people.counselor, Choice.AVAILABLE)
    world.tell(world.story().arrived().waiting().rang(people.counselor.phone or ""))
    return {
        "desk": "/desk",
        "docked": f"/desk?record={found.id}",
        "record": f"/records/{found.id}",
        "case": f"/cases/{case}",
        "form": f"/forms/{form}",
        "cases": "/cases",
        "calls": "/calls",
        "call": f"/calls/{story.call_id}",
        "inbox": "/inbox",
        "inbox_new": "/inbox/new",
        "callbacks": "/callbacks",
        "callback": f"/callbacks/{owed.id}",
        "ask": f"/callbacks/{owed.id}/call",
        "call_out": f"/call-out?call={story.call_id}",
        "search": "/search",
        "missing": "/cases/999",
    }


def test_axe_finds_nothing_by_light_or_in_the_dark(pages: Pages) -> None:
    paths = scene(pages)
    options = {"color_scheme": "light", "reduced_motion": "reduce"}
    found: dict[str, list[str]] = {}

    def ask(name: str, page: Page) -> None:
        found[name] = complaints(page)
        found[f"{name}, dark"] = complaints_in_the_dark(page)

    stranger = pages.watched(pages.context(**options))
    stranger.goto(f"{pages.house.address}/login")
    ask("login", stranger)
    page = pages.log_in(pages.house.world.counselor, **options)
    for name, path in paths.items():
        page.goto(f"{pages.house.address}{path}")
        expect(page.locator("#main")).to_be_visible()
        ask(name, page)
    page.goto(f"{pages.house.address}/desk")
    page.keyboard.press("?")
    ask("keymap", page)
    lead = pages.log_in(pages.house.world.lead, **options)
    expect(lead.locator(".tile").first).to_be_visible()
    ask("wallboard", lead)
    assert {name: said for name, said in found.items() if said} == {}


def test_slash_searches_from_the_keyboard_and_no_name_gets_into_the_address(pages: Pages) -> None:
    paths = scene(pages)
    page = pages.log_in(pages.house.world.counselor)
    page.goto(f"{pages.house.address}{paths['cases']}")
    page.keyboard.press("/")
    box = page.get_by_role("searchbox")
    expect(box).to_be_focused()
    page.keyboard.type("be na")
    page.keyboard.press("Enter")
    hit = page.locator(".hits li")
    expect(hit).to_have_count(1)
    expect(hit.locator("mark")).to_have_text("Bé")
    assert page.url == f"{pages.house.address}/search"
    assert complaints(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(box).to_be_focused()
    hit.get_by_role("link").last.click()
    expect(page).to_have_url(f"{pages.house.address}{paths['case']}")


_INTO_SCRIPT = """() => {
  const script = document.createElement("script");
  const tries = {
    text: () => { script.text = "1"; },
    address: () => { script.src = "/static/x.js"; },
    policy: () => { trustedTypes.createPolicy("other", { createScript: (text) => text }); },
  };
  const refused = (work) => { try { work(); return false; } catch { return true; } };
  return Object.keys(tries).filter((name) => !refused(tries[name]));
}"""


def test_no_text_becomes_a_script_whoever_asks(pages: Pages) -> None:
    """By Trusted Types; pages are put together from the server's HTML all the same."""
    page = pages.log_in(pages.house.world.counselor)
    assert page.evaluate(_INTO_SCRIPT) == []
    pages.complaints.clear()  # Chromium tells what it has refused
    page.goto(f"{pages.house.address}/search")
    page.locator("main [name=q]").fill("không có ai")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Không tìm thấy")).to_be_visible()


def test_the_first_load_is_light(pages: Pages, record_property: Callable[[str, object], None]) -> None:
    sizes: dict[str, int] = {}

    def weigh(request: Request) -> None:
        response = request.response()
        if response is None or "/live" in response.url:
            return
        body = response.body()
        squeezed = response.headers.get("content-encoding") == "gzip"
        path = response.url.removeprefix(pages.house.address)
        sizes[path] = len(gzip.compress(body, 6)) if squeezed else len(body)

    scene(pages)
    page = pages.log_in(pages.house.world.counselor)
    fresh = pages.watched(pages.context(storage_state=page.context.storage_state()))
    fresh.on("requestfinished", weigh)
    fresh.goto(f"{pages.house.address}/desk")
    expect(fresh.locator("[data-live-status=on]")).to_be_attached()
    record_property("first_load_bytes", sum(sizes.values()))
    assert sum(sizes.values()) < MOST_BYTES


def test_on_a_phone_nothing_sticks_out(pages: Pages) -> None:
    paths = scene(pages)
    page = pages.log_in(pages.house.world.counselor, viewport=PHONE)
    for name in ("desk", "record", "case", "cases", "calls", "callbacks", "ask", "call_out", "search"):
        page.goto(f"{pages.house.address}{paths[name]}")
        expect(page.locator("#main")).to_be_visible()
        wide = page.evaluate("() => document.documentElement.scrollWidth")
        assert wide <= PHONE["width"], name


def test_on_a_phone_a_case_shows_its_next_step_and_folds_the_rest(pages: Pages) -> None:
    path = scene(pages)["case"]
    page = pages.log_in(pages.house.world.counselor, viewport=PHONE)
    page.goto(f"{pages.house.address}{path}")
    expect(page.get_by_role("button", name="Xong bước này")).to_be_in_viewport()
    expect(page.locator("details.fold[open]")).to_have_count(0)


def test_the_wallboard_follows_the_line(pages: Pages) -> None:
    people = pages.house.world
    page = pages.log_in(people.lead)
    expect(page.locator("[data-live-status=on]")).to_be_attached()
    expect(page.locator("[data-waiting]")).to_have_text("0")
    world.choose(people.counselor, Choice.AVAILABLE)
    expect(page.locator("[data-free]")).to_have_text("1")
    story = world.story("0353777018").arrived().waiting()
    world.tell(story)
    expect(page.locator("[data-waiting]")).to_have_text("1")
    world.tell(story.rang(people.counselor.phone or ""))
    expect(page.locator(".tile-ringing")).to_have_count(1)
    world.tell(story.talk(people.counselor.phone or ""))
    expect(page.locator(".tile-talking")).to_have_count(1)
    expect(page.locator("[data-waiting]")).to_have_text("0")
    shown = page.inner_text("body")
    assert "777018" not in page.content()
    assert "777 018" not in shown


def test_the_desk_asks_by_itself_while_there_are_no_signals(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = pages.house.world
    pages.house.stop()
    pages.house.environment["TONGDAI_REDIS_URL"] = "unix:///nowhere/valkey.sock"
    pages.house.start()
    page = pages.log_in(people.counselor)
    expect(page.locator("[data-live-status=polling]")).to_contain_text("hỏi lại mỗi 3 giây")
    world.tell(world.story().arrived().waiting().rang(people.counselor.phone or ""))
    expect(page.locator(".pop-ringing")).to_contain_text("0912 345 678")


def test_a_second_tab_shares_the_stream(pages: Pages) -> None:
    people = pages.house.world
    first = pages.log_in(people.counselor)
    expect(first.locator("[data-live-status=on]")).to_be_attached()
    asked: list[str] = []
    second = pages.watched(first.context)
    second.on("request", lambda request: asked.append(request.url))
    second.goto(f"{pages.house.address}/desk")
    expect(second.locator("[data-live-status=on]")).to_be_attached()
    world.tell(world.story().arrived().waiting().rang(people.counselor.phone or ""))
    expect(second.locator(".pop-ringing")).to_be_visible()
    assert not any(url.endswith("/live") for url in asked)
    first.close()
    world.choose(people.counselor, Choice.MISSED)
    expect(second.locator("[data-live-status=on]")).to_be_attached()


def test_english_is_a_whole_language(pages: Pages) -> None:
    page = pages.log_in(pages.house.world.counselor)
    page.locator(".menu-right summary").click()
    page.get_by_role("button", name="English").click()
    expect(page.locator("#main")).to_contain_text("On shift with you")
    expect(page.locator("html")).to_have_attribute("lang", "en")
