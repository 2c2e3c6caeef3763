"""A break has a reason, and while many wait only one of a center is on one at a time."""

import html

import pytest
from httpx import Response
from sqlalchemy import select

from hotline.access import Viewer
from hotline.audit import Act, AuditRow
from hotline.clock import utc_now
from hotline.db import reading
from routing import availability
from routing.breaks import LONG, is_held
from routing.choices import Choice, Why
from tests.dashboard.conftest import Browser, Face
from tests.factories import Story


@pytest.mark.parametrize(
    ("why", "others", "waiting", "held"),
    [
        (Why.MEAL, 1, LONG, True),
        (Why.MEAL, 1, LONG - 1, False),
        (Why.MEAL, 0, 99, False),
        (Why.HARD_CALL, 5, 99, False),
        (Why.PAUSE, 5, 99, False),
    ],
)
def test_a_break_waits_for_another_only_while_the_line_is_long(
    why: Why, others: int, waiting: int, held: bool
) -> None:
    assert is_held(why, others, waiting) is held


def rests(browser: Browser, why: str) -> Response:
    return browser.post("/desk/availability", {"choice": "break", "why": why}, fragment=True)


def chosen(who: Viewer) -> tuple[Choice, str]:
    with reading() as session:
        found = availability.of(session, who.staff_id, utc_now())
    assert found is not None
    return found.choice, found.why


def long_line(face: Face) -> None:
    for number in range(LONG):
        face.tell(Story(number=f"091234567{number}", at=utc_now()).arrived().waiting())


def test_a_break_says_why_to_its_owner_to_colleagues_and_to_the_audit(face: Face, an: Browser) -> None:
    assert "Nghỉ giữa giờ: ăn" in rests(an, "meal").text
    assert chosen(face.an) == (Choice.BREAK, "meal")
    assert "Nghỉ giữa giờ: ăn" in face.browser(face.binh).get("/desk").text
    board = face.browser(face.lead).get("/wallboard/board", fragment=True).text
    assert '<span class="tile-state">Nghỉ: ăn</span>' in board
    with reading() as session:
        details = session.scalars(
            select(AuditRow.detail).where(AuditRow.act == Act.AVAILABILITY).order_by(AuditRow.id)
        ).all()
    assert "break meal" in details
    an.post("/desk/availability", {"choice": "available"}, fragment=True)
    assert chosen(face.an) == (Choice.AVAILABLE, "")


@pytest.mark.parametrize("why", ["", "tired"])
def test_a_break_without_a_reason_is_none(face: Face, an: Browser, why: str) -> None:
    assert rests(an, why).status_code == 422
    assert chosen(face.an) == (Choice.AWAY, "")


def test_while_many_wait_the_second_break_waits_and_is_told_for_whom(face: Face, an: Browser) -> None:
    binh = face.browser(face.binh)
    face.choose(face.an, Choice.AVAILABLE)
    long_line(face)
    rests(binh, "meal")
    answer = rests(an, "rest")
    assert answer.status_code == 200
    assert "Trần Văn Bình đang nghỉ và nhiều người đang chờ" in html.unescape(answer.text)
    assert chosen(face.an) == (Choice.AVAILABLE, "")
    rests(an, "hard_call")
    assert chosen(face.an) == (Choice.BREAK, "hard_call")


def test_a_pause_is_asked_for_by_one_key_in_the_midst_of_a_call_and_only_the_lead_sees_it_coming(
    face: Face, an: Browser
) -> None:
    face.choose(face.an, Choice.AVAILABLE)
    talk = face.answered(face.an)
    assert 'data-key="G"' in an.get("/desk/line", fragment=True).text
    assert "Sau cuộc này bạn nghỉ." in rests(an, "pause").text
    assert chosen(face.an) == (Choice.BREAK, "pause")
    lead, colleague = face.browser(face.lead), face.browser(face.binh)
    assert "xin nghỉ một lúc sau cuộc này" in lead.get("/wallboard").text
    assert "xin nghỉ một lúc" not in colleague.get("/desk").text
    assert "xin nghỉ một lúc" not in face.browser(face.far_lead).get("/wallboard").text
    face.tell(talk.talk_ended().ended())
    assert "Bạn đang không nhận cuộc gọi" in an.get("/desk/line", fragment=True).text
    an.post("/desk/availability", {"choice": "available"}, fragment=True)
    assert chosen(face.an) == (Choice.AVAILABLE, "")


def test_with_a_short_line_two_may_rest(face: Face, an: Browser) -> None:
    rests(face.browser(face.binh), "meal")
    rests(an, "rest")
    assert chosen(face.an) == (Choice.BREAK, "rest")
