"""What comes by other ways than calls, as people see it."""

import re
from datetime import timedelta

from dashboard.arrival_form import moment_field
from hotline.clock import utc_now
from hotline.ids import RecordId
from tests.dashboard.conftest import Browser, Face
from tests.queries import counted


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


def test_what_is_wrong_is_said_beside_its_field_and_the_rest_stays(an: Browser) -> None:
    answer = an.post(
        "/inbox/new", {"token": "word-word", "way": "post", "received_at": "2999-01-01T10:00"}
    )
    assert answer.status_code == 422
    assert "Giờ này phải là lúc đã qua." in answer.text
    assert re.search(r'value="post" checked', answer.text)


def test_how_and_when_it_came_can_be_corrected(an: Browser) -> None:
    record = open_by_hand(an).removeprefix("/desk?record=")
    page = an.get(f"/records/{record}").text
    assert 'value="zalo" checked' in page
    mended = {"way": "fanpage", "received_at": moment_field(utc_now() - timedelta(hours=2))}
    assert an.post(f"/records/{record}/arrival", mended).status_code == 303
    assert "<ins>Fanpage</ins>" in an.get(f"/records/{record}").text


def test_the_list_takes_a_bounded_number_of_statements(face: Face, an: Browser) -> None:
    for _ in range(4):
        open_by_hand(an)
    with counted(face.db) as statements:
        assert an.get("/inbox").text.count('href="/records/') == 4
    assert len(statements) <= 8
