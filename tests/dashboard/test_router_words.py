"""What the router did is told where it matters: why a call rang here, rests, nuisance numbers."""

from datetime import timedelta

from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.events import CounselorChosen
from hotline.ids import OfferId
from intake.calls import nuisances
from routing import rests
from tests.dashboard.conftest import Browser, Face
from tests.factories import Story


def chosen(face: Face, story: Story, reasons: str) -> Story:
    offer = OfferId(f"offer-{story.call_id}-hn01-1")
    story.told.append(CounselorChosen(story.call_id, story.at, offer, face.an.staff_id, reasons))
    return face.tell(story.rang("hn01"))


def test_the_pop_and_the_call_say_why_it_rang_here(face: Face, an: Browser) -> None:
    story = face.tell(Story(number="0912345678", at=utc_now()).arrived().waiting())
    chosen(face, story, "rang_again same_counselor")
    text = an.get("/desk/line?open=0", fragment=True).text
    assert "Vì sao ở đây:" in text
    assert "đã gác máy rồi gọi lại; chính người đã nói chuyện với số này" in text
    assert "đã gác máy rồi gọi lại" in face.browser(face.lead).get(f"/calls/{story.call_id}").text


def test_a_call_that_no_router_rang_gives_no_reasons(face: Face, an: Browser) -> None:
    face.tell(Story(at=utc_now()).arrived().waiting().rang("hn01"))
    assert "Vì sao ở đây" not in an.get("/desk/line?open=0", fragment=True).text


def test_a_wrap_up_is_lengthened_on_the_desk_and_ended(face: Face, an: Browser) -> None:
    story = face.answered(face.an)
    face.tell(story.talk_ended("hn01").ended())
    assert "Thêm 1 phút" in an.get("/desk").text
    an.post("/desk/rest/longer", fragment=True)
    with reading(face.db) as session:
        rest = rests.of(session, face.an.staff_id)
    assert rest is not None
    assert rest.until - story.at > timedelta(seconds=60)
    for _ in range(12):
        last = an.post("/desk/rest/longer", fragment=True)
    assert "Thêm 1 phút" not in last.text
    ended = an.post("/desk/rest/end", fragment=True)
    assert "Đã gác máy" not in ended.text


def test_after_a_heavy_call_the_desk_gives_a_rest_with_its_record_closed(
    face: Face, an: Browser
) -> None:
    story = face.answered(face.an)
    record = face.record_of(story, face.an)
    face.tell(story.talk_ended("hn01").ended())
    an.save(record, 0, {"problem": "sexual_abuse"})
    closed = an.post(f"/records/{record}/close", {"disposition": "counseling"}, fragment=True)
    assert "Nghỉ một chút" in closed.text
    assert f'data-record="{record}"' not in an.get("/desk").text
    with reading(face.db) as session:
        rest = rests.of(session, face.an.staff_id)
    assert rest is not None
    assert rest.length == timedelta(minutes=5)


def test_closing_the_record_does_not_cut_short_what_was_asked_for(face: Face, an: Browser) -> None:
    story = face.answered(face.an)
    record = face.record_of(story, face.an)
    face.tell(story.talk_ended("hn01").ended())
    for _ in range(3):
        an.post("/desk/rest/longer", fragment=True)
    an.post(f"/records/{record}/close", {"disposition": "thanks"}, fragment=True)
    with reading(face.db) as session:
        rest = rests.of(session, face.an.staff_id)
    assert rest is not None
    assert rest.until - story.at > timedelta(minutes=2)


def test_a_closing_undone_gives_the_time_to_write_back(face: Face, an: Browser) -> None:
    story = face.answered(face.an)
    record = face.record_of(story, face.an)
    an.post(f"/records/{record}/close", {"disposition": "prank"}, fragment=True)
    an.post(f"/records/{record}/reopen", fragment=True)
    face.tell(story.talk_ended("hn01").ended())
    assert "Đã gác máy" in an.get("/desk").text
    closed = an.post(f"/records/{record}/close", {"disposition": "prank"}, fragment=True)
    assert "Đang đợi cuộc gọi" in closed.text
    reopened = an.post(f"/records/{record}/reopen", fragment=True)
    assert "Đã gác máy" in reopened.text


def test_after_a_prank_the_next_call_comes_at_once(face: Face, an: Browser) -> None:
    story = face.answered(face.an)
    record = face.record_of(story, face.an)
    face.tell(story.talk_ended("hn01").ended())
    closed = an.post(f"/records/{record}/close", {"disposition": "prank"}, fragment=True)
    assert "Nghỉ một chút" not in closed.text


def test_a_shift_lead_lowers_a_number_sees_which_are_and_lifts_it(face: Face, an: Browser) -> None:
    story = face.past(face.an)
    lead, path = face.browser(face.lead), f"/calls/{story.call_id}"
    assert "Hạ 8 giờ" in lead.get(path).text
    assert "Hạ 8 giờ" not in an.get(path).text
    assert an.post(f"{path}/lower", {"hours": "8"}).status_code in (403, 404)
    lead.post(f"{path}/lower", {"hours": "8"})
    assert "Trả lại thứ tự như mọi người" in lead.get(path).text
    assert "Số đang bị hạ thứ tự" in lead.get("/calls").text
    assert "Số đang bị hạ thứ tự" not in an.get("/calls").text
    with transaction(face.db) as session:
        (found,) = nuisances.lowered_now(session, face.lead, utc_now())
    lead.post(f"/nuisances/{found.id}/lift")
    assert "Hạ 8 giờ" in lead.get(path).text
