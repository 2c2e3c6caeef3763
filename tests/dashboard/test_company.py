"""Interpreters at the desk, the shift lead's listening on the wallboard: rights and what is shown."""

import re
from datetime import timedelta

import pytest

from dashboard import board
from hotline import interpreters
from hotline.clock import utc_now
from hotline.db import transaction
from hotline.events import Mode
from hotline.ids import CallId, OfferId, StaffId
from hotline.staff import StaffRow
from intake.calls import line_wishes
from intake.calls.line_wishes import State, Wanted, WishView
from routing.choices import Choice
from tests.dashboard.conftest import Browser, Face
from tests.factories import NOON, Story
from tests.queries import counted


@pytest.fixture
def talk(face: Face) -> Story:
    """An (hn01) talks."""
    return face.answered(face.an)


@pytest.fixture
def interpreter(face: Face) -> int:
    with transaction(face.db) as session:
        return interpreters.add(
            session,
            name="Giàng A Tủa",
            languages=["hmn"],
            center=face.an.center_id,
            reached="0912345678",
        ).id


@pytest.fixture
def lead(face: Face) -> Browser:
    """The lead of An's center, with a phone."""
    with transaction(face.db) as session:
        for viewer, phone in ((face.lead, "hn91"), (face.far_lead, "dn91")):
            row = session.get(StaffRow, viewer.staff_id)
            assert row is not None
            row.phone = phone
    return face.browser(face.lead)


def offered(face: Face, story: Story) -> OfferId:
    with transaction(face.db) as session:
        return line_wishes.interpreters_of(session, story.call_id, utc_now())[-1].offer_id


def asked(an: Browser, story: Story, interpreter: int) -> str:
    data = {"call": story.call_id, "interpreter": str(interpreter)}
    answer = an.post("/desk/interpreter", data, fragment=True)
    assert answer.status_code == 200
    return answer.text


def test_the_menu_is_there_while_somebody_talks(
    face: Face, an: Browser, talk: Story, interpreter: int
) -> None:
    text = an.get("/desk/line", fragment=True).text
    assert "Mời phiên dịch" in text
    assert "H&#39;Mông" in text
    face.tell(talk.talk_ended().ended())
    assert "Mời phiên dịch" not in an.get("/desk/line", fragment=True).text


def test_what_is_shown_is_what_happens(face: Face, an: Browser, talk: Story, interpreter: int) -> None:
    assert "Phiên dịch Giàng A Tủa: đang nối" in asked(an, talk, interpreter)
    offer = offered(face, talk)
    face.tell(talk.beside(offer))
    assert "Giàng A Tủa: đang đổ chuông" in an.get("/desk/line", fragment=True).text
    face.tell(talk.beside(offer, talk=True))
    text = an.get("/desk/line", fragment=True).text
    assert "Giàng A Tủa: đang trong cuộc" in text
    assert "Cho phiên dịch rời cuộc" in text
    assert an.post("/desk/interpreter/leave", {"call": talk.call_id}, fragment=True).status_code == 200
    with transaction(face.db) as session:
        wanted = [wish.wanted for wish in line_wishes.take(session, "hn", utc_now())]
    assert wanted == [Wanted.INTERPRET, Wanted.LEAVE]
    face.tell(talk.talk_ended("telco"))
    assert "data-interpreter" not in an.get("/desk/line", fragment=True).text


def test_nobody_asks_into_a_talk_that_is_not_theirs(face: Face, talk: Story, interpreter: int) -> None:
    data = {"call": talk.call_id, "interpreter": str(interpreter)}
    assert face.browser(face.binh).post("/desk/interpreter", data).status_code == 404
    assert face.browser(face.lead).post("/desk/interpreter", data).status_code == 404
    assert face.browser(face.binh).post("/desk/interpreter/leave", data).status_code == 404


def test_a_colleague_is_asked_into_the_talk_and_it_becomes_theirs(
    face: Face, an: Browser, talk: Story
) -> None:
    assert "Mời đồng nghiệp vào cuộc" in an.get("/desk/line", fragment=True).text
    face.choose(face.binh, Choice.AVAILABLE)
    assert "Trần Văn Bình" in an.get(f"/desk/colleagues?call={talk.call_id}", fragment=True).text
    data = {"call": talk.call_id, "colleague": str(face.binh.staff_id)}
    assert face.browser(face.binh).post("/desk/colleague", data).status_code == 404
    text = an.post("/desk/colleague", data, fragment=True).text
    assert "Đồng nghiệp Trần Văn Bình: đang nối" in text
    assert an.post("/desk/colleague", data, fragment=True).status_code == 409
    with transaction(face.db) as session:
        (wish,) = line_wishes.take(session, "hn", utc_now())
    assert (wish.wanted, wish.colleague_id) == (Wanted.ACCOMPANY, face.binh.staff_id)
    ringing = talk.beside(wish.offer_id, "hn02")
    face.tell(ringing.beside(wish.offer_id, "hn02", talk=True))
    assert "Cho đồng nghiệp rời cuộc" in an.get("/desk/line", fragment=True).text
    binh = face.browser(face.binh)
    assert "Nguyễn Thị An đã mời bạn vào cuộc này." in binh.get("/desk/line", fragment=True).text
    record = face.record_of(talk, face.an)
    face.tell(talk.talk_ended("hn01"))
    text = binh.get("/desk/line", fragment=True).text
    assert "đã mời bạn" not in text
    assert "Mời đồng nghiệp vào cuộc" in text
    assert face.record_of(talk, face.binh) == record
    assert "Đồng nghiệp được mời" not in binh.get(f"/calls/{talk.call_id}").text


def test_who_listens_is_shown_to_the_counselor_only_when_whispering_or_joined(
    face: Face, an: Browser, talk: Story, lead: Browser
) -> None:
    shown = "Trưởng ca đang cùng bạn trong cuộc này."
    face.tell(talk.supervised(Mode.LISTEN, "hn91"))
    assert shown not in an.get("/desk/line", fragment=True).text
    face.tell(talk.supervised(Mode.WHISPER, "hn91"))
    assert shown in an.get("/desk/line", fragment=True).text
    face.tell(talk.supervision_ended("hn91").beside("supervisor-1", "hn91", talk=True))
    assert shown in an.get("/desk/line", fragment=True).text
    assert "Trưởng ca: Nghe cùng" in lead.get(f"/calls/{talk.call_id}").text


def test_a_lead_listens_whispers_and_joins(face: Face, talk: Story, lead: Browser) -> None:
    assert "Nghe cuộc của Nguyễn Thị An" in lead.get("/wallboard/board", fragment=True).text

    def asks(wanted: str) -> str:
        answer = lead.post(
            "/wallboard/supervise", {"call": talk.call_id, "wanted": wanted}, fragment=True
        )
        assert answer.status_code == 200
        return answer.text

    assert "Đang gọi máy hn91 của bạn. Nhấc máy để nghe cuộc của Nguyễn Thị An." in asks("listen")
    with transaction(face.db) as session:
        (wish,) = line_wishes.take(session, "hn", utc_now())
    face.tell(talk.supervised(Mode.LISTEN, "hn91", wish.offer_id))
    text = lead.get("/wallboard/board", fragment=True).text
    assert "Cuộc của Nguyễn Thị An: bạn đang nghe." in text
    assert "Nhắc riêng" in text
    asks("whisper")
    face.tell(talk.supervised(Mode.WHISPER, "hn91", wish.offer_id))
    assert "bạn đang nhắc riêng" in lead.get("/wallboard/board", fragment=True).text
    assert lead.post(
        "/wallboard/supervise", {"call": talk.call_id, "wanted": "leave"}, fragment=True
    ).status_code in (403, 422)


def test_attending_says_when_it_ends_goes_on_by_one_press_and_stops_by_another(
    face: Face, talk: Story, lead: Browser
) -> None:
    wanted = {"call": talk.call_id, "wanted": "listen", "minutes": "1"}
    assert "Rời cuộc" not in lead.post("/wallboard/supervise", wanted, fragment=True).text
    with transaction(face.db) as session:
        (wish,) = line_wishes.take(session, "hn", utc_now())
    face.tell(talk.supervised(Mode.LISTEN, "hn91", wish.offer_id))
    shown = lead.get("/wallboard/board", fragment=True).text
    assert "Tự rời lúc" in shown
    assert "is-soon" in shown  # a minute is left
    assert "is-soon" not in lead.post("/wallboard/supervise/stay", fragment=True).text
    assert lead.post("/wallboard/supervise/leave", fragment=True).status_code == 200
    with transaction(face.db) as session:
        more, left = line_wishes.take(session, "hn", utc_now())
    assert [more.wanted, left.wanted] == [Wanted.STAY, Wanted.LEAVE]
    assert more.offer_id == left.offer_id == wish.offer_id
    face.tell(talk.supervision_ended("hn91"))
    assert "data-attends" not in lead.get("/wallboard/board", fragment=True).text
    for path in ("stay", "leave", "give-back"):
        assert lead.post(f"/wallboard/supervise/{path}", fragment=True).status_code == 409
        assert face.browser(face.admin).post(f"/wallboard/supervise/{path}").status_code == 404


def test_what_rings_at_the_leads_phone_is_called_off(face: Face, talk: Story, lead: Browser) -> None:
    wanted = {"call": talk.call_id, "wanted": "take_over"}
    assert 'hx-post="/wallboard/supervise/leave"' in lead.post("/wallboard/supervise", wanted).text
    assert "data-attends" not in lead.post("/wallboard/supervise/leave", fragment=True).text
    again = lead.post("/wallboard/supervise", wanted, fragment=True)
    assert "Nhấc máy để nhận cuộc của Nguyễn Thị An." in again.text


def test_a_lead_takes_who_waits_in_their_own_center(face: Face, lead: Browser) -> None:
    story = Story().arrived().rang("hn01")
    face.tell(story)
    wanted = {"call": story.call_id, "wanted": "take"}
    shown = lead.get("/wallboard/board", fragment=True).text
    assert "Nhận người chờ thứ 1 về máy hn91 của bạn" in shown
    elsewhere = face.browser(face.far_lead).get("/wallboard/board", fragment=True).text
    assert "Nhận người chờ" not in elsewhere
    asked = lead.post("/wallboard/supervise", wanted, fragment=True).text
    assert "Nhấc máy để nhận người đang chờ; ai nhấc trước thì nghe." in asked
    assert "Nhận người chờ" not in asked
    with transaction(face.db) as session:
        (wish,) = line_wishes.take(session, "hn", utc_now())
        line_wishes.fail(session, wish.offer_id)
    assert "không về máy bạn" in lead.get("/wallboard/board", fragment=True).text


def test_a_lead_takes_the_call_over_and_opens_its_record(face: Face, talk: Story, lead: Browser) -> None:
    shown = lead.get(f"/wallboard/staff/{face.an.staff_id}", fragment=True).text
    assert f'name="call" value="{talk.call_id}"' in shown
    assert 'name="wanted" value="take_over"' in shown
    wanted = {"call": talk.call_id, "wanted": "take_over", "minutes": "30", "reason": "Cần trưởng ca"}
    asked = lead.post("/wallboard/supervise", wanted, fragment=True).text
    assert "Nhấc máy để nhận cuộc của Nguyễn Thị An." in asked
    with transaction(face.db) as session:
        (wish,) = line_wishes.take(session, "hn", utc_now())
    ringing = talk.talk_ended().beside(wish.offer_id, "hn91")
    face.tell(ringing.beside(wish.offer_id, "hn91", talk=True))
    text = lead.get("/wallboard/board", fragment=True).text
    assert "Bạn đã nhận cuộc này và đang nghe." in text
    (record,) = re.findall(r'href="(/records/\d+)"', text)
    assert lead.get(record).status_code == 200
    deeds = re.findall(r"data-deed.*</li>", lead.get(f"/calls/{talk.call_id}").text)
    assert len(deeds) == 1
    assert "Lê Thị Lan: Nhận cuộc (Nguyễn Thị An)" in deeds[0]
    assert "Cần trưởng ca" in deeds[0]
    assert "Trả lại cho Nguyễn Thị An" in text
    assert lead.post("/wallboard/supervise/leave", fragment=True).status_code == 409
    other = face.tell(Story().arrived().rang("hn01").talk("hn01"))
    assert "Trả về đầu hàng chờ" in lead.get("/wallboard/board", fragment=True).text
    face.tell(other.talk_ended("hn01").ended())
    assert lead.post("/wallboard/supervise/give-back", fragment=True).status_code == 200
    with transaction(face.db) as session:
        (back,) = line_wishes.take(session, "hn", utc_now())
    assert "Đang trả lại" in lead.get("/wallboard/board", fragment=True).text
    with transaction(face.db) as session:
        line_wishes.fail(session, back.offer_id)
    assert "Chưa trả lại được" in lead.get("/wallboard/board", fragment=True).text
    assert (back.wanted, back.offer_id, back.colleague_id) == (
        Wanted.GIVE_BACK,
        wish.offer_id,
        face.an.staff_id,
    )


def test_only_the_lead_of_the_center_is_offered_to_listen_and_may(
    face: Face, talk: Story, lead: Browser
) -> None:
    data = {"call": talk.call_id, "wanted": "listen"}
    far, admin, an = (face.browser(who) for who in (face.far_lead, face.admin, face.an))
    for other in (far, admin):
        assert "/wallboard/supervise" not in other.get("/wallboard").text
    for other in (far, admin, an, face.browser(face.auditor)):
        assert other.post("/wallboard/supervise", data, fragment=True).status_code == 404
    face.tell(talk.talk_ended().ended())
    assert lead.post("/wallboard/supervise", data, fragment=True).status_code == 409


def test_the_board_asks_no_more_however_many_talk(face: Face, lead: Browser, talk: Story) -> None:
    with counted(face.db) as one:
        lead.get("/wallboard/board", fragment=True)
    face.answered(face.binh)
    with counted(face.db) as two:
        lead.get("/wallboard/board", fragment=True)
    assert len(one) == len(two)


def wish(state: State, seconds: int) -> WishView:
    asked_at = NOON - timedelta(seconds=seconds)
    call_id, offer_id = CallId("hn-1.1"), OfferId("supervisor-1")
    return WishView(call_id=call_id, offer_id=offer_id, wanted=Wanted.LISTEN, interpreter_id=None,
                    colleague_id=None, staff_id=StaffId(1), asked_at=asked_at, state=state)  # fmt: skip


@pytest.mark.parametrize(
    ("state", "seconds", "told"),
    [
        (State.ASKED, 5, True),
        (State.LISTENING, 900, True),
        (State.FAILED, 30, True),
        (State.LOST, 61, False),
        (State.OVER, 5, False),
    ],
)
def test_what_a_lead_is_told_of_their_own_listening(state: State, seconds: int, told: bool) -> None:
    shown = board.attended(wish(state, seconds), [], NOON)
    assert (shown.wish is not None) is told


def test_nothing_was_asked() -> None:
    assert board.attended(None, [], NOON).wish is None
