"""A call to any number outside, from the desk: the same question first."""

import pytest
from sqlalchemy import select

from hotline.clock import utc_now
from hotline.db import reading, transaction
from intake.records import records
from intake.tables.callbacks import CallOutRow
from tests.dashboard.conftest import Browser, Face
from tests.dashboard.test_callbacks import lose


def wishes(face: Face) -> list[tuple[str, int | None]]:
    with reading(face.db) as session:
        rows = session.scalars(select(CallOutRow).order_by(CallOutRow.id))
        return [(row.number, row.callback_id) for row in rows]


def test_a_number_of_an_earlier_call_comes_with_what_was_said_about_it(face: Face, an: Browser) -> None:
    story = face.past(face.an)
    with transaction(face.db) as session:
        told = {"call_back": "gọi sau giờ học", "content": "bí mật"}
        records.autosave(session, face.an, face.record_of(story, face.an), 0, told, utc_now())
    assert f'href="/call-out?call={story.call_id}"' in an.get(f"/calls/{story.call_id}").text
    page = an.get(f"/call-out?call={story.call_id}").text
    assert "gọi sau giờ học" in page
    assert 'value="0912 345 678"' in page
    assert "bí mật" not in page
    for path in (f"/call-out?call={story.call_id}", "/call-out?call=hn-1.1"):
        assert face.browser(face.binh).get(path).status_code == 404


def test_asked_and_answered_it_is_rung(face: Face, an: Browser) -> None:
    refused = an.post("/call-out", {"number": "0987 654 321", "note": "cán bộ xã"})
    assert refused.status_code == 422
    assert "Hãy trả lời câu hỏi an toàn" in refused.text
    assert "cán bộ xã" in refused.text
    assert 'value="0987 654 321"' in refused.text
    answer = an.post("/call-out", {"number": "0987 654 321", "safe": "official"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk")
    assert wishes(face) == [("+84987654321", None)]
    again = an.post("/call-out", {"number": "113", "safe": "official"})
    assert again.status_code == 409


@pytest.mark.parametrize("number", ["", "111", "hn02", "1900545415", "+44 20 7183 8750", "0987\r\nX: y"])
def test_what_is_not_to_be_dialled_is_not(face: Face, an: Browser, number: str) -> None:
    answer = an.post("/call-out", {"number": number, "safe": "official"})
    assert answer.status_code == 422
    assert "số trong nước" in answer.text
    assert wishes(face) == []


def test_a_number_that_is_owed_a_call_is_called_as_such(face: Face, an: Browser) -> None:
    story = face.past(face.an, hours=3)
    task = lose(face)
    answer = an.post("/call-out", {"number": "0912345678", "safe": "official"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/callbacks/{task}/call")
    known = an.get(f"/call-out?call={story.call_id}")
    assert (known.status_code, known.headers["location"]) == (303, f"/callbacks/{task}/call")
    assert wishes(face) == []


def test_who_makes_no_calls_does_not_find_it(face: Face) -> None:
    assert face.browser(face.admin).get("/call-out").status_code == 404
    assert face.browser(face.auditor).post("/call-out", {"number": "113"}).status_code == 404
    answer = face.browser(face.lead).post("/call-out", {"number": "113", "safe": "official"})
    assert answer.status_code == 409
