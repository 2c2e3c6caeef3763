"""The desk as it answers: the pop, what docks, what is told to the person."""

import pytest

from hotline.clock import utc_now
from hotline.events import Outcome
from routing.choices import Choice
from tests.dashboard.conftest import Browser, Face
from tests.factories import Story
from tests.queries import counted


def ringing(face: Face, number: str | None = "0912345678") -> Story:
    return face.tell(Story(number=number, at=utc_now()).arrived().waiting().rang("hn01"))


def test_an_empty_desk_shows_the_shift(an: Browser) -> None:
    text = an.get("/desk").text
    assert "Cùng ca với bạn" in text
    assert "Trần Văn Bình" in text
    assert 'name="open" value="0"' in text


def test_a_ring_brings_the_pop_and_the_record_in_one_answer(face: Face, an: Browser) -> None:
    face.past(face.an)
    ringing(face)
    text = an.get("/desk/line?open=0", fragment=True).text
    assert "0912 345 678" in text
    assert "Đang đổ chuông" in text
    assert 'id="main"' in text
    assert "Số này đã gọi 1 lần trước đây." in text
    assert "data-record=" in text


def test_a_ring_does_not_touch_a_record_that_is_being_written(face: Face, an: Browser) -> None:
    written = face.record_of(face.past(face.an), face.an)
    ringing(face, "0977000111")
    text = an.get(f"/desk/line?open={written}", fragment=True).text
    assert "0977 000 111" in text
    assert "Phiếu bạn đang viết vẫn ở giữa" in text
    assert "data-record=" not in text
    assert 'id="main"' not in text


def test_the_own_record_of_the_call_stays_as_it_is(face: Face, an: Browser) -> None:
    story = ringing(face)
    record = face.record_of(story, face.an)
    text = an.get(f"/desk/line?open={record}", fragment=True).text
    assert "data-record=" not in text
    assert "Phiếu bạn đang viết" not in text


def test_a_call_that_goes_elsewhere_takes_its_empty_record_along(face: Face, an: Browser) -> None:
    story = ringing(face)
    record = face.record_of(story, face.an)
    face.tell(story.stopped("hn01").rang("hn02", leg=2).talk("hn02", leg=2))
    text = an.get(f"/desk/line?open={record}", fragment=True).text
    assert "dừng lại trước khi bạn nghe" in text
    assert "Cùng ca với bạn" in text


def test_a_withheld_number_has_no_history(face: Face, an: Browser) -> None:
    ringing(face, None)
    text = an.get("/desk").text
    assert "Số bị ẩn" in text
    assert "Người gọi giấu số" in text


@pytest.mark.parametrize(
    ("choice", "told"),
    [(Choice.MISSED, "Bạn vừa lỡ một cuộc"), (Choice.PHONE_AWAY, "Điện thoại hn01 mất kết nối")],
)
def test_what_the_switchboard_did_is_said_plainly_with_the_way_back(
    face: Face, an: Browser, choice: Choice, told: str
) -> None:
    face.choose(face.an, choice)
    text = an.get("/desk/line", fragment=True).text
    assert told in text
    assert text.count('hx-vals=\'{"choice": "available"}\'') >= 1
    answer = an.post("/desk/availability", {"choice": "available"}, fragment=True)
    assert "Đang đợi cuộc gọi" in answer.text


def test_whose_phone_fell_silent_is_told_what_became_of_the_caller(face: Face, an: Browser) -> None:
    story = face.answered(face.an)
    face.tell(story.talk_ended("hn01", lost=True).waiting())
    assert "Bạn sẵn sàng là cuộc gọi trở lại máy bạn" in an.get("/desk/line", fragment=True).text
    face.tell(story.rang("hn01", leg=2))
    assert "data-lost" not in an.get("/desk/line", fragment=True).text, "the caller is back"
    face.tell(story.stopped("hn01", leg=2).rang("hn02").talk("hn02"))
    text = an.get("/desk/line", fragment=True).text
    assert "Máy của bạn mất tiếng lúc" in text
    assert "Cuộc gọi đã tới Trần Văn Bình." in text
    assert "Mất tiếng giữa cuộc" in an.get(f"/calls/{story.call_id}").text
    face.tell(story.talk_ended("hn02").ended())
    assert "Cuộc gọi nay đã kết thúc." in an.get("/desk/line", fragment=True).text


def test_nobody_can_choose_what_only_the_switchboard_sets(an: Browser) -> None:
    answer = an.post("/desk/availability", {"choice": "missed"}, fragment=True)
    assert answer.status_code == 422
    assert answer.headers["HX-Retarget"] == "#notices"
    assert "còn nguyên" in answer.text


def test_after_the_talk_the_record_waits_and_the_clock_runs(face: Face, an: Browser) -> None:
    story = face.answered(face.an)
    face.tell(story.later(29).talk_ended("hn01").ended())
    text = an.get("/desk").text
    assert "Đã gác máy" in text
    assert "data-until=" in text
    assert "data-record=" in text


def test_a_break_in_the_wrap_up_is_what_the_desk_says_until_it_ends(face: Face, an: Browser) -> None:
    """No call comes, so nothing counts down to one; the record stays where it is."""
    story = face.answered(face.an)
    face.tell(story.later(29).talk_ended("hn01").ended())
    chosen = an.post("/desk/availability", {"choice": "break", "why": "meal"}, fragment=True).text
    for text in (chosen, an.get("/desk").text):
        assert "data-until=" not in text
        assert "Nghỉ giữa giờ: ăn" in text
        assert "Phiếu cuộc vừa rồi vẫn ở giữa." in text
    assert "data-record=" in text
    ended = an.post("/desk/availability", {"choice": "available"}, fragment=True).text
    assert "data-until=" in ended


def test_one_key_closes_and_one_key_brings_it_back(face: Face, an: Browser) -> None:
    record = face.record_of(face.answered(face.an), face.an)
    closed = an.post(f"/records/{record}/close", {"disposition": "silent"}, fragment=True)
    assert "Đã kết thúc phiếu: Im lặng." in closed.text
    assert f"/records/{record}/reopen" in closed.text
    assert f'data-record="{record}"' not in closed.text
    again = an.post(f"/records/{record}/reopen", fragment=True)
    assert f'data-record="{record}"' in again.text


def test_a_closed_call_that_goes_on_does_not_open_its_record_again(face: Face, an: Browser) -> None:
    record = face.record_of(face.answered(face.an), face.an)
    an.post(f"/records/{record}/close", {"disposition": "prank"}, fragment=True)
    assert "data-record=" not in an.get("/desk/line?open=0", fragment=True).text


def test_a_case_is_opened_and_the_writing_goes_on(face: Face, an: Browser) -> None:
    record = face.record_of(face.answered(face.an), face.an)
    answer = an.post(f"/records/{record}/case", fragment=True)
    assert "Đã lập ca" in answer.text
    assert "Chuyển tin cho UBND xã nơi xảy ra" in answer.text
    assert f'data-record="{record}"' in answer.text
    assert (
        an.post(f"/records/{record}/close", {"disposition": "prank"}, fragment=True).status_code == 409
    )


def test_the_number_of_statements_does_not_grow_with_the_rows(face: Face, an: Browser) -> None:
    paths = ("/desk", "/desk/line", "/calls", "/cases")
    counts: list[list[int]] = []
    for rows in (2, 9):
        for _ in range(rows):
            story = face.past(face.an)
            face.open_case(face.record_of(story, face.an), face.an)
            face.past(face.an)
        counts.append([])
        for path in paths:
            with counted(face.db) as statements:
                assert an.get(path).status_code == 200
            counts[-1].append(len(statements))
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 30


def test_a_missed_ring_shows_in_the_list_of_calls(face: Face, an: Browser) -> None:
    story = ringing(face)
    face.tell(story.stopped("hn01", Outcome.ABANDONED).ended(Outcome.ABANDONED))
    assert "Gác trước khi được nghe" in an.get("/calls").text


def test_what_a_colleague_says_of_the_number_comes_with_the_ring(face: Face, an: Browser) -> None:
    past = face.past(face.binh)
    binh = face.browser(face.binh)
    flagged = binh.post(f"/calls/{past.call_id}/flags", {"text": "sau <21h>", "days": "7"}).text
    assert "sau &lt;21h&gt;" in flagged
    call = face.answered(face.an)
    page = an.get("/desk").text
    assert "sau &lt;21h&gt;" in page
    assert f"{face.binh.name}, đến " in page
    lift = page.partition(f'hx-post="/calls/{call.call_id}/flags/')[2].partition('"')[0]
    assert "&lt;21h" not in an.post(f"/calls/{call.call_id}/flags/{lift}").text
    assert "&lt;21h" not in an.get("/desk").text


def test_the_pop_tells_the_line_and_in_which_language_the_number_called_before(
    face: Face, an: Browser
) -> None:
    an.save(face.record_of(face.past(face.an), face.an), 0, {"language": "hmn"})
    call = face.answered(face.an)
    page = an.get("/desk").text
    assert "Bảo vệ trẻ em" in page
    assert "Số này từng nói: <strong>H&#39;Mông</strong>" in page
    an.save(face.record_of(call, face.an), 0, {"language": "vi"})
    assert "Số này từng nói" not in an.get("/desk").text
