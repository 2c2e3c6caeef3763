"""The roster's pages: the month that a lead writes, files in and out, swaps, a calendar feed."""

import html
import re
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from httpx import Response
from icalendar import Calendar
from openpyxl import load_workbook

from dashboard import roster_sheet
from hotline.access import Viewer
from hotline.clock import local, utc_now
from hotline.db import reading, transaction
from hotline.ids import StaffId
from routing import months, roster, swaps
from routing.planning import HOLIDAY, Kind, Strength
from routing.shifts import AFTERNOON, MORNING, NIGHT, SHIFTS, Shift
from tests import factories
from tests.dashboard.conftest import CSRF, Browser, Face
from tests.queries import counted
from tests.spreadsheets import with_sheet

TODAY = local(utc_now()).date()
FIRST = months.next_month(TODAY)
"""Of next month, in which nobody is on the roster yet."""
MONTH = f"{FIRST:%Y-%m}"
PAGE = f"/roster?month={MONTH}"


@pytest.fixture
def lead(face: Face) -> Browser:
    return face.browser(face.lead)


def on(viewer: Viewer, day: date, shift: Shift, kind: Kind = Kind.PLANNED) -> None:
    with transaction() as session:
        roster.put(session, None, viewer.staff_id, shift.on(day), kind, utc_now())


def day_of(viewer: Viewer, day: date) -> str:
    with reading() as session:
        found = roster.entries(session, day, day, viewer.staff_id)
    return roster_sheet.written(frozenset((each.shift, each.kind) for each in found))


def change(who: Browser, viewer: Viewer, was: str, do: str, day: date = FIRST) -> Response:
    data = {"who": str(viewer.staff_id), "day": day.isoformat(), "was": was, "do": do}
    return who.post("/roster/day", data, fragment=True)


def test_a_lead_writes_a_day_and_sees_the_whole_table_again(face: Face, lead: Browser) -> None:
    assert "Nguyễn Thị An" in lead.get(PAGE).text
    answer = change(lead, face.an, "", "Đ")
    assert re.search(r'class="cell is-night is-planned [^>]*>Đ</button>', answer.text)
    assert (day_of(face.an, FIRST), answer.status_code) == ("Đ", 200)
    for was, do, then in (("Đ", "sick", "Đ!"), ("Đ!", "sick", "Đ"), ("Đ", "S+", "S+"), ("S+", "", "")):
        change(lead, face.an, was, do)
        assert day_of(face.an, FIRST) == then


def test_what_a_colleague_changed_meanwhile_is_shown_and_not_overwritten(
    face: Face, lead: Browser
) -> None:
    on(face.an, FIRST, NIGHT)
    answer = change(lead, face.an, "", "S")
    assert "Có người vừa sửa ngày này" in answer.text
    assert ">Đ</button>" in answer.text
    assert day_of(face.an, FIRST) == "Đ"


def test_history_stays_and_last_week_can_still_be_put_right(face: Face, lead: Browser) -> None:
    old, recent = TODAY - timedelta(days=9), TODAY - timedelta(days=6)
    assert "không sửa được nữa" in change(lead, face.an, "", "S", old).text
    change(lead, face.an, "", "S", recent)
    assert (day_of(face.an, old), day_of(face.an, recent)) == ("", "S")


def test_only_who_leads_the_center_writes(face: Face, an: Browser) -> None:
    assert "<button" not in an.get(PAGE).text.partition('id="roster-table"')[2].partition("</table>")[0]
    for browser in (an, face.browser(face.far_lead), face.browser(face.auditor)):
        assert change(browser, face.an, "", "S").status_code == 404
    assert an.get("/roster?center=dn").status_code == 404
    assert face.browser(face.far_lead).get("/roster?center=hn").status_code == 200
    assert day_of(face.an, FIRST) == ""


def test_only_who_leads_the_center_fills_and_brings_a_sheet(face: Face, an: Browser) -> None:
    numbers: dict[str, Any] = {"center": "hn", "month": MONTH}
    numbers |= {"wanted": ["1"] * 24, "minimum": ["1"] * 24}
    for browser in (an, face.browser(face.far_lead), face.browser(face.auditor)):
        assert browser.post("/roster/template", numbers).status_code == 404
        assert upload(browser, b"").status_code == 404


def test_a_template_fills_the_month_and_what_cannot_be_filled_is_shown(
    face: Face, lead: Browser
) -> None:
    numbers: dict[str, Any] = {"center": "hn", "month": MONTH}
    numbers |= {"wanted": ["1"] * 24, "minimum": ["1"] * 24}
    assert lead.post("/roster/template", numbers).status_code == 303
    with reading() as session:
        center = face.an.center_id
        assert roster.template_of(session, center)[HOLIDAY, "night"] == Strength(1, 1)
    assert lead.post("/roster/fill", {"center": "hn", "month": MONTH}).status_code == 303
    page = lead.get(PAGE).text
    days = months.days_of_month(FIRST)
    with reading() as session:
        planned = len(roster.entries(session, days[0], days[-1]))
    assert planned > len(days)  # two people, six days of seven
    assert f"{3 * len(days) - planned} ca còn thiếu người" in page
    wrong = lead.post("/roster/template", numbers | {"minimum": ["2"] * 24})
    assert wrong.status_code == 422
    assert "số ít nhất không lớn hơn số cần" in wrong.text


def test_the_month_goes_out_as_a_sheet_and_comes_back_changed(face: Face, lead: Browser) -> None:
    on(face.an, FIRST, NIGHT, Kind.EXTRA)
    book, sheet = exported(lead)
    assert [sheet.cell(4, 1).value, sheet.cell(4, 2).value] == [face.an.login, "Nguyễn Thị An"]
    assert sheet.cell(4, roster_sheet.FIRST_DAY).value == "Đ+"
    sheet.cell(4, roster_sheet.FIRST_DAY).value = None
    sheet.cell(5, roster_sheet.FIRST_DAY + 1).value = "s"
    answer = send(lead, book)
    assert answer.headers["location"].endswith("told=imported-2")
    assert (day_of(face.an, FIRST), day_of(face.binh, FIRST + timedelta(days=1))) == ("", "S")


def test_of_a_sheet_with_wrong_cells_nothing_is_taken_and_each_is_named(
    face: Face, lead: Browser
) -> None:
    book, sheet = exported(lead)
    sheet["C4"], sheet["D4"], sheet["E5"] = "S", "Sáng", "S S"
    sheet["A6"], sheet["C6"], sheet["C7"] = "tv99", "C", "C"
    answer = send(lead, book)
    assert answer.status_code == 422
    named = re.findall(r'<strong class="tabular">([A-Z]+\d+)</strong>', answer.text)
    assert named == ["D4", "E5", "A6", "A7"]
    assert (day_of(face.an, FIRST), "Chưa có gì thay đổi" in answer.text) == ("", True)
    sheet["C3"] = date(2001, 1, 1)
    assert '<strong class="tabular">C3</strong>' in send(lead, book).text


@pytest.mark.parametrize("content", [b"", b"no sheet", b"PK\x05\x06" + b"\0" * 18, with_sheet("<row")])
def test_what_is_no_sheet_is_said(lead: Browser, content: bytes) -> None:
    answer = upload(lead, content)
    assert answer.status_code == 422
    assert "không phải tệp Excel" in answer.text


def exported(who: Browser) -> tuple[Any, Any]:
    answer = who.get(f"/roster/export?month={MONTH}")
    assert answer.headers["content-disposition"].endswith(f'filename="111-hn-{MONTH}.xlsx"')
    book = load_workbook(BytesIO(answer.content))
    return book, book.worksheets[0]


def send(who: Browser, book: Any) -> Response:
    out = BytesIO()
    book.save(out)
    return upload(who, out.getvalue())


def upload(who: Browser, content: bytes) -> Response:
    data = {"center": "hn", "month": MONTH, "csrf": CSRF}
    files = {"sheet": ("a.xlsx", content, roster_sheet.XLSX)}
    answer: Response = who.client.post("/roster/import", data=data, files=files, follow_redirects=False)
    return answer


def ask(browser: Browser, of: Viewer, give: date, take: date) -> Response:
    theirs = f"{of.staff_id} {take.isoformat()} night"
    return browser.post("/roster/swaps", {"give": f"{give.isoformat()} morning", "take": theirs})


def test_a_swap_is_asked_agreed_and_approved(face: Face, an: Browser, lead: Browser) -> None:
    later = FIRST + timedelta(days=2)
    on(face.an, FIRST, MORNING)
    on(face.binh, later, NIGHT)
    binh = face.browser(face.binh)
    assert ask(an, face.binh, FIRST, later).status_code == 303
    with reading() as session:
        (swap,) = swaps.open_for(session, face.binh)
    address = f"/roster/swaps/{swap.id}"
    assert lead.post(f"{address}/approve").status_code == 409  # the colleague has not agreed
    assert an.post(f"{address}/agree").status_code == 404
    assert f"{address}/agree" in binh.get("/roster").text
    assert binh.post(f"{address}/agree").status_code == 303
    assert face.browser(face.far_lead).post(f"{address}/approve").status_code == 404
    assert f"{address}/approve" in lead.get("/roster").text
    assert lead.post(f"{address}/approve").status_code == 303
    assert (day_of(face.an, FIRST), day_of(face.an, later)) == ("", "Đ~")
    assert (day_of(face.binh, FIRST), day_of(face.binh, later)) == ("S~", "")
    assert lead.post(f"{address}/approve").status_code == 409


def test_a_swap_of_what_is_not_ones_own_or_has_moved_comes_to_nothing(
    face: Face, an: Browser, lead: Browser
) -> None:
    on(face.an, FIRST, MORNING)
    assert ask(an, face.binh, FIRST, FIRST).status_code == 422
    on(face.binh, FIRST, NIGHT)
    assert ask(an, face.binh, FIRST, FIRST).status_code == 303
    with reading() as session:
        (swap,) = swaps.open_for(session, face.binh)
    face.browser(face.binh).post(f"/roster/swaps/{swap.id}/agree")
    change(lead, face.binh, "Đ", "C")
    assert lead.post(f"/roster/swaps/{swap.id}/approve").status_code == 409
    assert (day_of(face.an, FIRST), day_of(face.binh, FIRST)) == ("S", "C")
    assert an.post(f"/roster/swaps/{swap.id}/withdraw").status_code == 303


def test_a_feed_is_for_who_has_its_address_until_it_is_taken_back(face: Face, an: Browser) -> None:
    on(face.an, FIRST, NIGHT)
    on(face.an, FIRST + timedelta(days=3), AFTERNOON, Kind.SICK)
    made = html.unescape(an.post("/roster/feed").text)
    (address,) = re.findall(r'value="https?://[^/]+(/roster/feed/[^"]+\.ics)"', made)
    assert address not in an.get("/roster").text
    stranger = face.stranger()
    answer = stranger.get(address)
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    feed: Any = Calendar.from_ical(answer.content)
    events = [one for one in feed.walk("VEVENT") if one["DTSTART"].dt.date() >= FIRST]
    (night,) = events
    assert (night["DTSTART"].dt, night["DTEND"].dt) == (NIGHT.on(FIRST).starts, NIGHT.on(FIRST).ends)
    assert str(night["SUMMARY"]) == "Ca đêm, Hà Nội"
    assert b"\r\nDTSTART:" in answer.content
    assert stranger.get(f"/roster/feed/{'x' * 43}.ics").status_code == 404
    second = html.unescape(an.post("/roster/feed").text)
    assert stranger.get(address).status_code == 404
    (other,) = re.findall(r'value="https?://[^/]+(/roster/feed/[^"]+\.ics)"', second)
    an.post("/roster/feed/close")
    assert stranger.get(other).status_code == 404


def test_the_page_asks_the_same_few_questions_however_many_work_there(face: Face, lead: Browser) -> None:
    with transaction() as session:
        hanoi = factories.center(session)
        for number in range(3, 12):
            one = factories.counselor(session, f"hn{number:02}", hanoi)
            for shift in SHIFTS:
                roster.plan_daily(session, StaffId(one.staff_id), shift, [FIRST], utc_now())
    with counted(face.db) as asked:
        lead.get(PAGE)
    assert len(asked) <= 12
