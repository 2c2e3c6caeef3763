"""What comes by other ways than calls, as people see it."""

import re
from datetime import timedelta

import pytest

from dashboard.formats import moment_field
from hotline.clock import utc_now
from hotline.db import transaction
from hotline.ids import RecordId
from intake.forms.taxonomy import Way
from intake.reports import api_clients, reports
from intake.reports.reports import Submitted
from routing.choices import Choice
from tests.dashboard.conftest import Browser, Face
from tests.factories import Story
from tests.queries import counted

one_database = pytest.mark.parametrize("db", ["sqlite"], indirect=True)
"""The rows are looked at on both in tests/intake; here it is about the pages."""


def open_by_hand(browser: Browser, **given: str) -> str:
    """Fill the page in and send it; gives where it leads."""
    token = re.search(r'name="token" value="([\w-]+)"', browser.get("/inbox/new").text)
    assert token is not None
    received = moment_field(utc_now() - timedelta(hours=1))
    answer = browser.post(
        "/inbox/new", {"token": token[1], "way": "zalo", "received_at": received} | given
    )
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


@one_database
def test_a_counselor_writes_it_on_the_desk_and_a_lead_on_its_page(face: Face, an: Browser) -> None:
    place = open_by_hand(an, happened_at="2026-01-31T21:05")
    desk = an.get(place).text
    record = RecordId(int(place.removeprefix("/desk?record=")))
    assert f'data-record="{record}"' in desk
    assert "21:05 31/01/2026" in desk
    assert '"silent"' not in desk  # what only a call can be
    assert an.save(record, 0, {"content": "Tin nhắn Zalo"}).json()["revision"] == 1
    assert "Zalo" in an.get("/desk").text  # among the unfinished
    assert an.post(f"/records/{record}/close", {"disposition": "counseling"}).status_code == 200
    assert f'href="/records/{record}"' in an.get("/inbox").text
    assert open_by_hand(face.browser(face.lead)).startswith("/records/")


@one_database
def test_what_is_wrong_is_said_beside_its_field_and_the_rest_stays(an: Browser) -> None:
    answer = an.post(
        "/inbox/new", {"token": "word-word", "way": "post", "received_at": "2999-01-01T10:00"}
    )
    assert answer.status_code == 422
    assert "Giờ này phải là lúc đã qua." in answer.text
    assert re.search(r'value="post" checked', answer.text)


@one_database
def test_how_and_when_it_came_can_be_corrected(an: Browser) -> None:
    record = open_by_hand(an).removeprefix("/desk?record=")
    page = an.get(f"/records/{record}").text
    assert 'value="zalo" checked' in page
    mended = {"way": "fanpage", "received_at": moment_field(utc_now() - timedelta(hours=2))}
    assert an.post(f"/records/{record}/arrival", mended).status_code == 303
    assert "<ins>Fanpage</ins>" in an.get(f"/records/{record}").text


@one_database
def test_the_list_takes_a_bounded_number_of_statements(face: Face, an: Browser) -> None:
    for _ in range(4):
        open_by_hand(an)
    with counted(face.db) as statements:
        assert an.get("/inbox").text.count('href="/records/') == 4
    assert len(statements) <= 8


def report(face: Face, key: str, *, in_danger: bool = False) -> None:
    """One that came in just now."""
    sent = Submitted(key, "a" * 64, None, in_danger, {"content": "Em sợ về nhà"}, ())
    with transaction(face.db) as session:
        client, _ = api_clients.make(session, "Ứng dụng 111", Way.APP, 60, utc_now())
        reports.accept(session, client, sent, (), utc_now())


def test_a_report_is_offered_after_the_callers_and_taken_on_the_desk(face: Face, an: Browser) -> None:
    report(face, "one")
    binh = face.browser(face.binh)
    offer = 'data-key="R"'
    assert offer not in an.get("/desk").text  # away
    face.choose(face.an, Choice.AVAILABLE)
    face.choose(face.binh, Choice.AVAILABLE)
    asked = [offer in browser.get("/desk/queue", fragment=True).text for browser in (an, binh)]
    assert asked == [True, False]  # whoever has been free longest
    waits = face.tell(Story(at=utc_now()).arrived().waiting())
    assert offer not in an.get("/desk/inbox", fragment=True).text  # a caller comes first
    face.tell(waits.rang("hn02").talk("hn02"))
    text = an.get("/desk/inbox", fragment=True).text
    (number,) = re.findall(r"/inbox/(\d+)/take", text)

    report(face, "two", in_danger=True)
    (pressing,) = re.findall(r"/inbox/(\d+)/take", an.get("/desk/inbox", fragment=True).text)
    assert pressing != number
    for viewer in (face.lead, face.admin):
        board = face.browser(viewer).get("/wallboard/board", fragment=True).text
        assert "Tin báo chưa ai nhận: 2" in board
        assert "1 trẻ đang nguy hiểm" in board

    with counted(face.db) as statements:
        assert offer in an.get("/desk/inbox", fragment=True).text
    assert len(statements) <= 14  # however many wait, and 200 desks ask
    taken = an.post(f"/inbox/{pressing}/take", fragment=True)
    assert "Em sợ về nhà" in taken.text
    assert 'id="main"' in taken.text  # it is in the middle of the desk now
    assert binh.post(f"/inbox/{pressing}/take", fragment=True).status_code == 409
    assert offer not in an.get("/desk/inbox", fragment=True).text  # one at a time
    mine = binh.post(f"/inbox/{number}/take", fragment=True)
    assert "Không có tin nào đang chờ." in an.get("/desk/inbox", fragment=True).text

    assert f'hx-post="/inbox/{number}/give-back"' in mine.text
    back = binh.post(f"/inbox/{number}/give-back", {"why": "no_time"}, fragment=True)
    assert "Em sợ về nhà" in mine.text
    assert "Em sợ về nhà" not in back.text  # there is room for the call
    assert "có người nhận rồi trả lại: bận nghe máy, hoặc hết ca" in an.get("/inbox").text
    assert binh.post(f"/inbox/{number}/give-back", {"why": "lazy"}).status_code == 422
    face.tell(waits.talk_ended("hn02").ended())
    binh.post("/desk/rest/end", fragment=True)
    assert offer not in binh.get("/desk/inbox", fragment=True).text  # not to whom gave it back
