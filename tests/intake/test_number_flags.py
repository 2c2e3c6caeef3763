"""What counselors tell each other of a number: with an author and an end, reached by a call only."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from hotline.access import Viewer
from hotline.db import reading, transaction
from hotline.errors import BadInput, NotVisible
from hotline.ids import CallId
from intake.calls import number_flags
from tests.factories import NOON, Story
from tests.intake.conftest import House

DAY = timedelta(days=1)


@pytest.fixture
def call(house: House) -> CallId:
    """Answered by An."""
    story = Story().answered_call()
    house.apply(story)
    return story.call_id


def put(
    house: House, who: Viewer, call: CallId, text: str = "chỉ gọi lại sau 21h", days: int = 1
) -> None:
    with transaction(house.db) as session:
        number_flags.put(session, who, call, text, days, NOON)


def texts(house: House, who: Viewer, call: CallId, at: datetime = NOON) -> Sequence[str]:
    with reading(house.db) as session:
        return [flag.text for flag in number_flags.standing(session, who, call, at)]


def test_a_flag_is_seen_at_the_next_call_of_the_number_until_its_end(house: House, call: CallId) -> None:
    put(house, house.an, call)
    put(house, house.an, call, "  nói  nhỏ ", days=7)
    again = Story(call_id=CallId("hn-1795000000.9")).answered_call("hn02")
    other = Story(call_id=CallId("hn-1795000000.10"), number="0912345679").answered_call("hn02")
    house.apply(again)
    house.apply(other)
    assert texts(house, house.binh, again.call_id) == ["nói nhỏ", "chỉ gọi lại sau 21h"]
    assert texts(house, house.binh, again.call_id, NOON + DAY) == ["nói nhỏ"]
    assert texts(house, house.binh, other.call_id) == []
    with reading(house.db) as session:
        (newest, _) = number_flags.standing(session, house.binh, again.call_id, NOON)
    assert (newest.by.id, newest.until) == (house.an.staff_id, NOON + 7 * DAY)
    with transaction(house.db) as session:
        number_flags.lift(session, house.binh, again.call_id, newest.id, NOON)
    assert texts(house, house.an, call) == ["chỉ gọi lại sau 21h"]
    with pytest.raises(NotVisible), transaction(house.db) as session:
        number_flags.lift(session, house.binh, other.call_id, newest.id, NOON)


def test_who_may_not_see_the_call_sees_and_sets_no_flag(house: House, call: CallId) -> None:
    put(house, house.an, call)
    with pytest.raises(NotVisible):
        texts(house, house.far, call)
    with pytest.raises(NotVisible):
        put(house, house.far, call)


@pytest.mark.parametrize(("text", "days"), [(" ", 1), ("x" * 121, 1), ("ừ", 365)])
def test_a_flag_says_something_and_ends(house: House, call: CallId, text: str, days: int) -> None:
    with pytest.raises(BadInput):
        put(house, house.an, call, text, days)


def test_a_withheld_number_cannot_be_flagged(house: House) -> None:
    story = Story(number=None).answered_call()
    house.apply(story)
    with pytest.raises(BadInput):
        put(house, house.an, story.call_id)
    assert texts(house, house.an, story.call_id) == []
