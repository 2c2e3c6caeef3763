"""A call counts to the day and the shift in which it arrived, however long it lasts; who talks with the
caller in the next shift has it in their own list."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from hotline.clock import HANOI, local
from hotline.db import reading, transaction
from intake.calls import calls, on_the_line
from intake.calls.calls import CallView
from routing.shifts import AFTERNOON, NIGHT, shift_at
from tests.factories import Story
from tests.intake.conftest import House

DAY = timedelta(days=1)
SHIFT_CHANGE = datetime(2026, 12, 31, 22, tzinfo=HANOI)
MIDNIGHT = datetime(2027, 1, 1, tzinfo=HANOI)


def view(house: House, story: Story, now: datetime) -> CallView:
    with transaction(house.db) as session:
        return calls.call(session, house.lead, story.call_id, now)


@pytest.mark.parametrize("turn", [SHIFT_CHANGE, MIDNIGHT], ids=["shift change", "midnight"])
def test_it_arrives_before_and_is_answered_after(house: House, turn: datetime) -> None:
    story = Story(at=turn - timedelta(seconds=10)).arrived().waiting().rang().later(10).talk().later(59)
    house.apply(story.talk_ended().ended())
    call = view(house, story, turn + DAY)
    assert local(call.arrived_at).date() == SHIFT_CHANGE.date()
    assert shift_at(call.arrived_at) is (AFTERNOON if turn is SHIFT_CHANGE else NIGHT)
    assert (call.waited, call.talked) == (timedelta(seconds=13), timedelta(seconds=60))


def test_24_hours_with_two_counselors(house: House) -> None:
    """An begins before 22:00, Bình takes over at midnight and talks until the next one."""
    story = Story(at=SHIFT_CHANGE - timedelta(minutes=10)).arrived().waiting().rang().talk()
    story.at = MIDNIGHT
    story.transferred("hn01", "hn02").talk_ended().rang("hn02").talk("hn02")
    house.apply(story)

    noon = MIDNIGHT + timedelta(hours=12)
    with reading(house.db) as session:
        live = calls.current_for(session, house.binh)
        assert live is not None
        assert live.call_id == story.call_id
        assert calls.current_for(session, house.an) is None
        assert on_the_line.waiting(session).count == 0
    assert timedelta(hours=14) < view(house, story, noon).talked < timedelta(hours=14, minutes=10)

    story.at = MIDNIGHT + DAY
    house.apply(story.held("hn02").later(600).resumed("hn02").talk_ended("hn02").ended())
    call = view(house, story, story.at)
    assert call.talked > DAY
    assert call.held == timedelta(seconds=601)
    assert [talk.counselor.id for talk in call.talks if talk.counselor] == [
        house.an.staff_id,
        house.binh.staff_id,
    ]
    with reading(house.db) as session:
        assert listed(session, house, SHIFT_CHANGE) == [False, True]
        assert listed(session, house, SHIFT_CHANGE - timedelta(hours=8)) == [True, True]
        assert calls.in_scope(session, house.lead, MIDNIGHT) == []


def listed(session: Session, house: House, since: datetime) -> list[bool]:
    """Whether An and Bình have a call in their lists of what was since then."""
    return [len(calls.recent(session, viewer, since)) == 1 for viewer in (house.an, house.binh)]
