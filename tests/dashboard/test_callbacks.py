"""The page of call-backs: asks first, rings after, says what hinders."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from hotline.clock import local, utc_now
from hotline.db import reading, transaction
from hotline.events import MessageLeft, Outcome
from intake.calls import callbacks, calls
from intake.records import records
from intake.tables.callbacks import CallbackRow, CallOutRow
from intake.tables.recordings import RecordingRow
from tests.dashboard.conftest import Browser, Face
from tests.factories import Story
from tests.queries import counted


def lose(face: Face, number: str | None = "0912345678", minutes: float = 5) -> int:
    """A number rings in vain; the id of the task, 0 without."""
    at = utc_now() - timedelta(minutes=minutes)
    face.tell(Story(number=number, at=at).arrived().waiting().ended(Outcome.ABANDONED))
    with reading(face.db) as session:
        newest = select(CallbackRow.id).order_by(CallbackRow.id.desc()).limit(1)
        return (session.scalar(newest) or 0) if number else 0


def wishes(face: Face) -> list[CallOutRow]:
    with reading(face.db) as session:
        return list(session.scalars(select(CallOutRow)))


def test_the_list_has_every_number_once_and_withheld_ones_apart(face: Face, an: Browser) -> None:
    lose(face)
    lose(face, minutes=3)
    lose(face, None)
    page = an.get("/callbacks").text
    assert page.count('<span class="number">***678') == 1
    assert "2 lần gọi" in page
    assert "gấp" in page
    assert "Giấu số" in page
    assert an.get("/callbacks/list", fragment=True).text.count("task-") == 1


def test_a_number_is_whole_for_who_has_taken_it_and_where_who_leads_there_opens_it(
    face: Face, an: Browser
) -> None:
    task = lose(face)
    binh, lead = face.browser(face.binh), face.browser(face.lead)
    an.post(f"/callbacks/{task}/take")
    shown = {
        (who.viewer.login, path): "0912 345 678" in who.get(path).text
        for who in (an, lead, binh)
        for path in ("/callbacks", f"/callbacks/{task}")
    }
    assert {of for of, whole in shown.items() if whole} == {
        (an.viewer.login, "/callbacks"),
        (an.viewer.login, f"/callbacks/{task}"),
        (lead.viewer.login, f"/callbacks/{task}"),
    }


def test_an_empty_list_says_why(an: Browser) -> None:
    assert "Không nợ ai cuộc gọi nào" in an.get("/callbacks").text


def test_before_ringing_what_earlier_records_say_is_in_view_and_the_question_asked(
    face: Face, an: Browser
) -> None:
    story = face.past(face.binh)
    with transaction(face.db) as session:
        record = face.record_of(story, face.binh)
        told = {"call_back": "chỉ sau 21 giờ, hỏi bạn Hoa", "content": "bí mật của trẻ"}
        records.autosave(session, face.binh, record, 0, told, utc_now())
    task = lose(face)
    asked = an.get(f"/callbacks/{task}/call").text
    assert "chỉ sau 21 giờ, hỏi bạn Hoa" in asked
    assert "bí mật của trẻ" not in asked
    assert "Bây giờ gọi có an toàn không?" in asked


def test_a_spoken_message_is_heard_before_ringing(face: Face, an: Browser) -> None:
    story = Story(at=utc_now() - timedelta(minutes=5)).arrived().waiting()
    face.tell(story)
    with transaction(face.db) as session:
        calls.apply(session, MessageLeft(story.call_id, story.at))
    with reading(face.db) as session:
        task = session.scalars(select(CallbackRow)).one()
    assert "Ghi âm đang được chuẩn bị" in an.get(f"/callbacks/{task.id}/call").text
    with transaction(face.db) as session:
        session.merge(RecordingRow(call_id=story.call_id, state="ready"))
    page = an.get(f"/callbacks/{task.id}/call").text
    assert f'src="/recordings/{story.call_id}"' in page
    assert "đã hẹn gọi lại" in page


@pytest.mark.parametrize("safe", ["", "perhaps"])
def test_without_an_answer_nothing_is_rung(face: Face, an: Browser, safe: str) -> None:
    task = lose(face)
    answer = an.post(f"/callbacks/{task}/call", {"safe": safe, "note": "vì tôi nghĩ thế"})
    assert answer.status_code == 422
    assert "Hãy trả lời câu hỏi an toàn" in answer.text
    assert "vì tôi nghĩ thế" in answer.text
    assert wishes(face) == []


def test_with_an_answer_it_is_wished_and_the_desk_shows_it(face: Face, an: Browser) -> None:
    task = lose(face)
    answer = an.post(f"/callbacks/{task}/call", {"safe": "just_rang", "note": "vừa gọi đến"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk")
    (wish,) = wishes(face)
    assert (wish.number, wish.safe, wish.note) == ("+84912345678", "just_rang", "vừa gọi đến")
    assert "Sắp gọi ra" in an.get("/desk").text
    again = an.post(f"/callbacks/{task}/call", {"safe": "just_rang"})
    assert (again.status_code, len(wishes(face))) == (409, 1)
    assert "Bạn đang gọi một số khác" in again.text


def test_a_number_somebody_else_took_is_not_rung(face: Face, an: Browser) -> None:
    task = lose(face)
    assert face.browser(face.binh).post(f"/callbacks/{task}/take").status_code == 303
    answer = an.post(f"/callbacks/{task}/call", {"safe": "just_rang"})
    assert answer.status_code == 409
    assert "Người khác đã nhận số này" in answer.text
    assert wishes(face) == []
    assert "Gọi<" not in an.get(f"/callbacks/{task}").text


def test_who_has_no_phone_watches_and_does_not_ring(face: Face) -> None:
    task = lose(face)
    lead = face.browser(face.lead)
    assert f"/callbacks/{task}/call" not in lead.get("/callbacks").text
    answer = lead.post(f"/callbacks/{task}/call", {"safe": "just_rang"})
    assert answer.status_code == 409
    assert "không có máy điện thoại" in answer.text


def test_not_safe_now_is_put_off(face: Face, an: Browser) -> None:
    task = lose(face)
    wrong = an.post(f"/callbacks/{task}/postpone", {"until": "gestern", "note": "bố ở nhà"})
    assert wrong.status_code == 422
    assert "bố ở nhà" in wrong.text
    until = local(utc_now() + timedelta(hours=3)).replace(second=0, microsecond=0)
    data = {"until": f"{until:%Y-%m-%dT%H:%M}", "note": "bố ở nhà"}
    assert an.post(f"/callbacks/{task}/postpone", data).status_code == 303
    page = an.get(f"/callbacks/{task}").text
    assert f"Chưa an toàn trước {until:%H:%M}" in page
    assert "bố ở nhà" in page


def test_only_a_lead_gives_up_and_says_why(face: Face, an: Browser) -> None:
    task = lose(face)
    assert "Thôi không gọi nữa" not in an.get(f"/callbacks/{task}").text
    data = {"how": "given_up", "note": "số quảng cáo"}
    assert an.post(f"/callbacks/{task}/finish", data).status_code == 403
    lead = face.browser(face.lead)
    assert lead.post(f"/callbacks/{task}/finish", data | {"note": " "}).status_code == 422
    assert lead.post(f"/callbacks/{task}/finish", data).status_code == 303
    assert "Thôi không gọi nữa" in lead.get(f"/callbacks/{task}").text
    assert lead.post(f"/callbacks/{task}/finish", data | {"how": "rang_again"}).status_code == 422


def test_another_center_and_other_roles_find_nothing(face: Face) -> None:
    task = lose(face)
    for viewer in (face.far_lead, face.admin, face.auditor):
        assert face.browser(viewer).get(f"/callbacks/{task}").status_code == 404
    assert face.browser(face.admin).get("/callbacks").status_code == 404


def test_overdue_ones_are_on_the_leads_wallboard_and_the_desk(face: Face, an: Browser) -> None:
    lose(face, minutes=40)
    lose(face, "0912000002")
    board = face.browser(face.lead).get("/wallboard/board", fragment=True).text
    assert "Cần gọi lại: 2" in board
    assert "1 quá hạn" in board
    assert "345 678" not in board
    assert "1 quá hạn" in an.get("/desk").text


def test_what_became_of_a_call_that_reached_nobody_is_said_on_the_desk(face: Face, an: Browser) -> None:
    task = lose(face)
    an.post(f"/callbacks/{task}/call", {"safe": "just_rang"})
    with transaction(face.db) as session:
        (wish,) = session.scalars(select(CallOutRow))
        wish.expires_at = utc_now() - timedelta(seconds=1)
    page = an.get("/desk").text
    assert "Chưa gọi được" in page
    assert f'href="/callbacks/{task}"' in page


def test_the_number_of_statements_does_not_grow_with_the_list(face: Face, an: Browser) -> None:
    def count() -> int:
        with counted(face.db) as statements:
            assert an.get("/callbacks").status_code == 200
        return len(statements)

    def taken() -> None:
        with transaction(face.db) as session:
            for line in callbacks.tasks(session, face.binh, utc_now()):
                callbacks.take(session, face.binh, line.id, utc_now())

    lose(face)
    taken()
    few = count()
    for number in range(9):
        lose(face, f"091200000{number}", minutes=number)
        lose(face, None, minutes=number)
    taken()
    assert count() == few
    assert few <= 12
