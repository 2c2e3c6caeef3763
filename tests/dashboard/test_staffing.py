"""The staffing page: who is missing when, in words, as a picture and as a table."""

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine

from dashboard.staffing_chart import HEIGHT, STEP, chart
from hotline import accounts, jobs
from hotline.access import Viewer
from hotline.calendar import DAY, HALF_HOURS, days, start_of
from hotline.clock import local, utc_now
from hotline.db import transaction
from routing import roster
from routing.erlang import Service
from routing.planning import Kind
from routing.shifts import SHIFTS
from routing.staffing import Slot
from tests import factories
from tests.dashboard.conftest import Browser, Face
from tests.queries import counted


def _today() -> date:
    return local(utc_now()).date()


def past(db: Engine, weeks: int = 8, calls: int = 20, *, synthetic: bool = False) -> None:
    with transaction(db) as session:
        factories.past_days(session, weeks, calls, synthetic=synthetic)


def on_roster(db: Engine, people: tuple[Viewer, ...]) -> None:
    """On every shift of the coming days."""
    with transaction(db) as session:
        for viewer in people:
            for day in days(_today() - DAY, _today() + 8 * DAY):
                for shift in SHIFTS:
                    roster.put(session, None, viewer.staff_id, shift.on(day), Kind.PLANNED, utc_now())


@pytest.fixture
def lead(face: Face) -> Browser:
    return face.browser(face.lead)


def _words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def test_without_a_past_it_says_what_is_needed(lead: Browser) -> None:
    text = _words(lead.get("/staffing").text)
    assert "Chưa đủ lịch sử để dự báo: cần ít nhất 14 ngày thường" in text


def test_who_is_missing_is_told_in_words(face: Face, lead: Browser) -> None:
    past(face.db)
    on_roster(face.db, (face.an, face.binh))
    tomorrow = _today() + DAY
    text = _words(lead.get(f"/staffing?day={tomorrow.isoformat()}").text)
    assert "cần 3, có 2" in text
    assert "khoảng 960 cuộc gọi" in text
    assert "sai 0,0 % mỗi nửa giờ" in text
    assert "mỗi cuộc mất 1:30 kể cả hoàn tất phiếu" in text
    assert "Người gọi chịu chờ trung bình 2:00" in text
    assert "giả lập" not in text


def test_who_has_left_is_counted_on_no_shift(face: Face, lead: Browser) -> None:
    past(face.db)
    on_roster(face.db, (face.an, face.binh))
    with transaction(face.db) as session:
        accounts.close(session, face.admin, face.an.staff_id, utc_now())
    tomorrow = _today() + DAY
    assert "cần 3, có 1" in _words(lead.get(f"/staffing?day={tomorrow.isoformat()}").text)


def test_enough_counselors_are_enough(face: Face, lead: Browser) -> None:
    past(face.db, calls=4)
    on_roster(face.db, (face.an, face.binh))
    assert "Lịch trực đủ người cho mọi giờ" in _words(lead.get("/staffing").text)


def test_who_is_sick_is_not_counted(face: Face, lead: Browser) -> None:
    past(face.db)
    on_roster(face.db, (face.an, face.binh))
    with transaction(face.db) as session:
        for shift in SHIFTS:
            roster.put(
                session, None, face.an.staff_id, shift.on(_today() + 2 * DAY), Kind.SICK, utc_now()
            )
    assert "cần 3, có 1" in _words(lead.get("/staffing").text)


def test_a_made_up_past_says_so(face: Face, lead: Browser) -> None:
    past(face.db, synthetic=True)
    assert "56 trong 56 ngày lịch sử là số giả lập" in _words(lead.get("/staffing").text)


def test_a_day_that_is_not_of_the_week_is_today(face: Face, lead: Browser) -> None:
    past(face.db)
    for day in ("1999-01-01", _today().isoformat()):
        page = lead.get(f"/staffing?day={day}").text
        assert re.search(rf'day={_today().isoformat()}" aria-current="true"', page)
        assert page.count("<tr") == HALF_HOURS + 1


def test_the_table_has_what_the_picture_shows(face: Face, lead: Browser) -> None:
    past(face.db)
    on_roster(face.db, (face.an, face.binh))
    page = lead.get("/staffing").text
    row = _words(page[page.index("<tbody>") : page.index("</tr>", page.index("<tbody>"))])
    assert row.startswith("00:00 – 00:30 20 20–20 3 2 ")
    assert "00:00 – 00:30: 20 cuộc (20–20), cần 3, có 2" in page


def test_the_page_asks_the_database_a_few_times_whatever_there_is(face: Face, lead: Browser) -> None:
    past(face.db, weeks=2)
    on_roster(face.db, (face.an,))
    with counted(face.db) as few:
        lead.get("/staffing")
    on_roster(face.db, (face.binh,))
    with counted(face.db) as many:
        lead.get("/staffing")
    assert len(few) == len(many) <= 5


def _slot(number: int, calls: float, needed: int, rostered: int) -> Slot:
    met = Service(0.1, 0.9, 0.0, timedelta(), 0.5)
    return Slot(start_of(date(2026, 11, 26), number), calls, calls - 5, calls + 5, needed, rostered, met)


def test_the_picture_is_drawn_from_the_top_left() -> None:
    drawn = chart([_slot(0, 14, 4, 4), _slot(1, 10, 6, 3)])
    assert (drawn.calls_top, drawn.people_top) == (20, 8)
    assert drawn.bars.startswith(f"M3 {HEIGHT}V{HEIGHT * 0.3:.1f}h{STEP - 6}V{HEIGHT}z")
    assert drawn.spread == "M10 66.0V6.0M30 90.0V30.0"
    assert drawn.needed == "M0 60.0h20V30.0h20"
    assert drawn.rostered == "M0 60.0h20V75.0h20"
    assert drawn.missing == "M20 75.0V30.0h20V75.0z"


def test_a_picture_of_nothing_is_flat() -> None:
    empty = chart([_slot(0, 5, 0, 0)])
    assert (empty.people_top, empty.needed, empty.missing) == (2, f"M0 {HEIGHT}.0h20", "")


_CHANGE = {
    "calls": "200",
    "counselors": "1",
    "shift": "",
    "overflow": "10",
    "wrap_up": "30",
    "limit": "15",
}


def test_a_campaign_is_tried_out_by_a_worker(face: Face, lead: Browser) -> None:
    past(face.db, calls=4)
    on_roster(face.db, (face.an, face.binh))
    asked = lead.post("/staffing/what-if", {**_CHANGE, "day": _today().isoformat()}, fragment=True)
    assert asked.status_code == 200
    assert "Đang chạy thử cả ngày nhiều lần, chừng 1 giây" in asked.text
    address = re.search(r'hx-get="(/staffing/what-if/\d+)"', asked.text)
    assert address is not None
    queued = jobs.queue().get_jobs()[0]
    assert queued.args == ["routing.what_ifs.run", int(address[1].rpartition("/")[2])]
    assert 'hx-trigger="load' in lead.get(address[1], fragment=True).text
    for other in (face.an, face.auditor):
        assert face.browser(other).get(address[1], fragment=True).status_code == 404
    jobs.run(*queued.args)
    answer = _words(lead.get(address[1], fragment=True).text)
    planned, changed = (int(n) for n in re.search(r"Cuộc gọi (\d+) (\d+) ", answer).groups())  # type: ignore[union-attr]
    assert planned == pytest.approx(192, rel=0.1)
    assert changed == pytest.approx(2 * planned, rel=0.1)
    assert "10 ngày giả lập mỗi bên" in answer
    assert answer.index("Nghe kịp: Hà Nội") < answer.index("Nghe kịp: Ca đêm")
    assert "load delay" not in answer


def test_what_is_no_change_is_not_simulated(face: Face, lead: Browser) -> None:
    day = {"day": _today().isoformat()}
    assert lead.post("/staffing/what-if", {**_CHANGE, **day}).status_code == 422  # no past
    past(face.db)
    for wrong in (
        {"calls": "100000"},
        {"counselors": "x"},
        {"shift": "noon"},
        {"center": "hue"},
        {"day": "soon"},
    ):
        assert lead.post("/staffing/what-if", {**_CHANGE, **day, **wrong}).status_code == 422
    counselor = face.browser(face.an)
    assert counselor.post("/staffing/what-if", {**_CHANGE, **day}).status_code == 404
    assert lead.get("/staffing/what-if/999").status_code == 404
