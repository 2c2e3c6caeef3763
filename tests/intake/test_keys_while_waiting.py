"""Who waits asks to be called back or leaves a message: that is owed until it is done."""

import itertools

import pytest
from sqlalchemy import Engine, select

from hotline import bus
from hotline.db import reading
from hotline.events import Outcome
from intake.calls.callback_rules import ClosedAs, Why
from intake.tables.callbacks import CallbackCallRow, CallbackRow
from intake.tables.calls import CallRow
from tests.factories import Story
from tests.intake.conftest import House


def the_task(db: Engine) -> CallbackRow:
    with reading(db) as session:
        return session.scalars(select(CallbackRow)).one()


def why(db: Engine) -> list[str]:
    with reading(db) as session:
        return list(session.scalars(select(CallbackCallRow.why)))


def test_a_promise_is_a_task_at_once_and_stays_one_when_the_caller_rings_off(house: House) -> None:
    story = Story().arrived().waiting().asks_to_be_called()
    asked_at = story.told[-1].at
    told = house.apply(story)[-1]
    assert {signal.topic for signal in told.signals} == {bus.BOARD}
    task = the_task(house.db)
    assert (task.promised_at, task.urgent, task.message_call_id) == (asked_at, True, None)
    house.apply(story.ended(Outcome.ABANDONED))
    house.apply(story)
    task = the_task(house.db)
    assert (task.closed_at, task.calls, why(house.db)) == (None, 1, [Why.PROMISED])
    with reading(house.db) as session:
        assert session.get_one(CallRow, story.call_id).callback_asked_at == asked_at


def test_who_asked_and_waited_on_and_was_answered_is_owed_nothing_any_more(house: House) -> None:
    house.apply(Story().arrived().waiting().asks_to_be_called().rang().talk().talk_ended().ended())
    assert the_task(house.db).closed_as == ClosedAs.RANG_AGAIN


def test_who_waits_again_after_a_talk_and_asks_is_owed_a_call(house: House) -> None:
    """Transferred to nobody: the talk was before the promise."""
    story = Story().arrived().waiting().rang().talk().talk_ended().waiting().asks_to_be_called()
    house.apply(story.ended())
    task = the_task(house.db)
    assert (task.promised_at is None, task.closed_at) == (False, None)


def test_a_message_is_kept_with_the_task(house: House) -> None:
    story = Story().arrived().waiting().leaves_a_message().ended(Outcome.ABANDONED)
    house.apply(story)
    assert the_task(house.db).message_call_id == story.call_id
    with reading(house.db) as session:
        assert session.get_one(CallRow, story.call_id).message_at == story.told[2].at


def test_a_message_begun_anew_is_the_same_message(house: House) -> None:
    story = Story().arrived().waiting().leaves_a_message().later(60).leaves_a_message()
    house.apply(story)
    assert (the_task(house.db).calls, why(house.db)) == (1, [Why.PROMISED])


def test_a_message_from_a_withheld_number_is_noted_on_the_call(house: House) -> None:
    story = Story(number=None).arrived().waiting().leaves_a_message().ended(Outcome.ABANDONED)
    house.apply(story)
    with reading(house.db) as session:
        assert session.scalars(select(CallbackRow)).all() == []
        assert session.get_one(CallRow, story.call_id).message_at == story.told[2].at


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_in_whatever_order_it_is_told_one_call_is_owed(house: House, order: tuple[int, ...]) -> None:
    story = Story().arrived().waiting().asks_to_be_called().ended(Outcome.ABANDONED)
    story.told = [story.told[place] for place in order] * 2
    house.apply(story)
    task = the_task(house.db)
    assert (task.calls, task.closed_at, why(house.db)) == (1, None, [Why.PROMISED])
    assert task.promised_at is not None


def test_told_again_it_does_not_touch_a_later_task(house: House) -> None:
    first = Story().arrived().waiting().leaves_a_message().ended(Outcome.ABANDONED)
    house.apply(first)
    house.apply(Story(at=first.at).answered_call())
    house.apply(Story(at=first.at).later(3600).arrived().waiting().ended(Outcome.ABANDONED))
    house.apply(first)
    with reading(house.db) as session:
        query = select(CallbackRow.message_call_id).where(CallbackRow.closed_at.is_(None))
        assert session.scalars(query).all() == [None]
