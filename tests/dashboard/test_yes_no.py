"""A caller who cannot speak, at the desk: questions, live answers, and both beside the record."""

from hotline.clock import utc_now
from tests.dashboard.conftest import Browser, Face


def test_questions_are_asked_and_answers_shown_at_the_desk_and_with_the_record(
    face: Face, an: Browser
) -> None:
    talk = face.answered(face.an)
    desk = an.get("/desk").text
    assert "Hỏi đáp bằng phím" in desk
    assert "Con có bị thương không?" in desk
    data = {"call": talk.call_id, "question": "Con có bị thương không?"}
    assert "Chưa bấm phím" in an.post("/desk/yes-no", data, fragment=True).text
    talk.at = utc_now()
    face.tell(talk.presses("1"))
    line = an.get("/desk/line", fragment=True).text
    assert "phím 1" in line
    assert 'data-answer="yes"' in line
    face.tell(talk.talk_ended().ended())
    record = an.get(f"/records/{face.record_of(talk, face.an)}").text
    assert 'data-answer="yes"' in record
    assert "Con có bị thương không? Đúng" in record
    assert 'data-answer="yes"' in an.get("/desk/line", fragment=True).text
    assert an.post("/desk/yes-no", data, fragment=True).status_code == 409
