"""A caller who cannot speak is asked, and answers with keys."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from hotline import bus
from hotline.access import Viewer
from hotline.db import transaction
from hotline.errors import BadInput, Conflict
from intake.calls import calls, yes_no
from intake.calls.yes_no import Answer
from tests.factories import Story
from tests.intake.conftest import House


def tell(session: Session, story: Story) -> list[str]:
    """Apply what the story told; the topics of its last event's signals."""
    topics: list[str] = []
    for event in story.told:
        topics = [signal.topic for signal in calls.apply(session, event).signals]
    story.told.clear()
    return topics


@pytest.fixture
def session(house: House) -> Iterator[Session]:
    with transaction(house.db) as opened:
        yield opened


@pytest.fixture
def an(house: House) -> Viewer:
    return house.an


@pytest.fixture
def talk(session: Session, an: Viewer) -> Story:
    story = Story().arrived().waiting().rang().talk()
    tell(session, story)
    return story


def test_each_key_answers_the_question_before_it(session: Session, an: Viewer, talk: Story) -> None:
    tell(session, talk.presses("5"))
    for question, keys in (("Con có nghe rõ không?", "1"), ("Có ai ở gần không?", "22"), ("Ổn?", "12")):
        yes_no.ask(session, an, talk.call_id, f"  {question}\n", talk.at)
        talk.later(1)
        for key in keys:
            tell(session, talk.presses(key))
    yes_no.ask(session, an, talk.call_id, "Còn đó không?", talk.at)
    told = yes_no.told(session, talk.call_id)
    assert [(one.text, one.answer, "".join(one.keys)) for one in told] == [
        ("", Answer.UNSURE, "5"),
        ("Con có nghe rõ không?", Answer.YES, "1"),
        ("Có ai ở gần không?", Answer.NO, "22"),
        ("Ổn?", Answer.UNSURE, "12"),
        ("Còn đó không?", Answer.NONE, ""),
    ]


def test_a_key_comes_once_and_only_to_the_desk_that_talks(
    session: Session, an: Viewer, talk: Story
) -> None:
    talk.presses("1")
    again = talk.told[-1]
    assert tell(session, talk) == [bus.desk(an.staff_id)]
    assert calls.apply(session, again).signals == ()
    assert [one.keys for one in yes_no.told(session, talk.call_id)] == [("1",)]


def test_only_who_talks_may_ask_and_a_question_is_said(
    session: Session, house: House, an: Viewer, talk: Story
) -> None:
    with pytest.raises(Conflict):
        yes_no.ask(session, house.binh, talk.call_id, "Con có ổn không?", talk.at)
    for wrong in (" \n", "x" * 201):
        with pytest.raises(BadInput):
            yes_no.ask(session, an, talk.call_id, wrong, talk.at)
    tell(session, talk.talk_ended().ended())
    with pytest.raises(Conflict):
        yes_no.ask(session, an, talk.call_id, "Con có ổn không?", talk.at + timedelta(seconds=1))
    assert yes_no.told(session, talk.call_id) == ()
