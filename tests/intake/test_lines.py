"""For which of our lines a call is counted."""

import pytest

from hotline.db import reading
from hotline.events import CallArrived, LineChosen
from hotline.lines import CalledLine
from intake.tables.calls import CallRow
from tests.factories import Story
from tests.intake.conftest import House


def line(house: House, story: Story) -> str:
    with reading(house.db) as session:
        return session.get_one(CallRow, story.call_id).line


def passed_on(story: Story, to: CalledLine) -> Story:
    story.told.append(LineChosen(story.call_id, story.at, to))
    return story


def dialling(number: str) -> Story:
    story = Story()
    story.told.append(CallArrived(story.call_id, story.at, "PJSIP/telco-1", "0912345678", number))
    return story


@pytest.mark.parametrize(("number", "counted"), [("111", "child"), ("18001116", "trafficking")])
def test_by_the_number_dialled(house: House, number: str, counted: str) -> None:
    story = dialling(number)
    house.apply(story)
    assert line(house, story) == counted


def test_passed_on_it_counts_for_the_other_line_and_is_the_same_call(house: House) -> None:
    story = passed_on(Story().arrived().waiting().rang().talk().talk_ended(), CalledLine.TRAFFICKING)
    told = house.apply(story)
    assert [signal.kind for signal in told[-1].signals] == ["line"]
    assert house.apply(story)[-1].signals == ()
    assert line(house, story) == "trafficking"
    house.apply(passed_on(Story(story.call_id), CalledLine.CHILD))
    assert line(house, story) == "child"


def test_passed_on_before_its_arrival_is_told(house: House) -> None:
    story = passed_on(Story(), CalledLine.TRAFFICKING).arrived()
    house.apply(story)
    assert line(house, story) == "trafficking"
