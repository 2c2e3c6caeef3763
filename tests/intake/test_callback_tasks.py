"""What happens on the line opens and closes call-backs, once, even if told twice, late or together."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine, select

from hotline.db import reading, transaction
from hotline.events import CallJoined, Outcome
from intake.calls import calls
from intake.calls.callback_rules import ClosedAs, Why
from intake.cases import cases
from intake.records import records
from intake.tables.callbacks import CallbackCallRow, CallbackRow
from tests.factories import NOON, Story
from tests.intake.conftest import House

MINUTE = timedelta(minutes=1)


def tasks(db: Engine) -> list[CallbackRow]:
    with reading(db) as session:
        return list(session.scalars(select(CallbackRow).order_by(CallbackRow.id)))


def reasons(db: Engine) -> list[str]:
    with reading(db) as session:
        return list(session.scalars(select(CallbackCallRow.why).order_by(CallbackCallRow.at)))


def abandoned(**how: object) -> Story:
    return Story(**how).arrived().waiting().later(40).ended(Outcome.ABANDONED)  # type: ignore[arg-type]


def test_a_caller_who_gave_up_waiting_is_owed_one_call(house: House) -> None:
    story = abandoned()
    house.apply(story)
    house.apply(story)
    (task,) = tasks(house.db)
    ended_at = story.told[-1].at
    assert (task.number, task.calls, task.center_id) == ("+84912345678", 1, house.an.center_id)
    assert (task.opened_at, task.last_at, task.due_at) == (ended_at, ended_at, ended_at + 30 * MINUTE)
    assert (task.urgent, task.owner_id, task.closed_at) == (False, None, None)
    assert reasons(house.db) == [Why.ABANDONED]


@pytest.mark.parametrize("outcome", [Outcome.NO_ANSWER, Outcome.BUSY, Outcome.REJECTED, Outcome.FAILED])
def test_a_call_that_nobody_took_is_owed_one_too(house: House, outcome: Outcome) -> None:
    house.apply(Story().arrived().waiting().rang().stopped().ended(outcome, 19))
    assert [task.calls for task in tasks(house.db)] == [1]
    assert reasons(house.db) == [Why.MISSED]


def test_who_rings_off_and_rings_again_has_one_task_that_is_urgent(house: House) -> None:
    house.apply(abandoned())
    again = abandoned(at=NOON + 5 * MINUTE, number="+84 912 345 678")
    house.apply(again)
    (task,) = tasks(house.db)
    assert (task.calls, task.urgent) == (2, True)
    assert task.due_at == again.told[-1].at + 10 * MINUTE
    assert task.last_at == again.told[-1].at


def test_an_open_emergency_makes_the_first_lost_call_urgent(house: House) -> None:
    story = Story(at=NOON - timedelta(hours=1)).answered_call()
    house.apply(story)
    record = house.record_of(story)
    with transaction(house.db) as session:
        records.autosave(session, house.an, record, 0, {"risk": "emergency"}, NOON)
        cases.open_from_record(session, house.an, record, NOON)
    house.apply(abandoned())
    assert [task.urgent for task in tasks(house.db)] == [True]


def test_ringing_in_again_and_being_spoken_with_closes_it(house: House) -> None:
    house.apply(abandoned())
    again = Story(at=NOON + 5 * MINUTE).arrived().waiting().rang().talk()
    house.apply(again)
    (task,) = tasks(house.db)
    assert (task.closed_as, task.closing_call_id) == (ClosedAs.RANG_AGAIN, again.call_id)
    assert task.closed_at == again.told[-1].at
    house.apply(again.talk_ended().ended())
    house.apply(abandoned(at=NOON + 20 * MINUTE))
    assert [(task.calls, task.closed_at is None) for task in tasks(house.db)] == [(1, False), (1, True)]


def test_a_lost_call_that_is_told_late_opens_nothing_for_whom_we_spoke_with_since(house: House) -> None:
    house.apply(Story(at=NOON + 5 * MINUTE).answered_call())
    house.apply(abandoned())
    assert tasks(house.db) == []


def test_a_talk_that_is_told_late_closes_nothing_that_came_after_it(house: House) -> None:
    talk = Story(at=NOON - 5 * MINUTE).answered_call(talk_seconds=10)
    house.apply(abandoned())
    house.apply(talk)
    assert [task.closed_at for task in tasks(house.db)] == [None]


def test_a_call_taken_for_lost_that_was_answered_owes_nothing(house: House) -> None:
    story = Story().arrived().waiting().rang()
    house.apply(story)
    house.apply(Story(story.call_id, at=story.at + MINUTE).ended(Outcome.FAILED, 0))
    house.apply(story.talk().talk_ended().ended())
    (task,) = tasks(house.db)
    assert (task.closed_as, task.closing_call_id) == (ClosedAs.RANG_AGAIN, story.call_id)


def test_a_number_that_is_told_after_the_end_is_owed_a_call(house: House) -> None:
    story = abandoned()
    house.apply(Story(story.call_id, told=story.told[::-1]))
    assert [task.number for task in tasks(house.db)] == ["+84912345678"]


def test_withheld_numbers_and_calls_between_colleagues_open_nothing(house: House) -> None:
    house.apply(abandoned(number=None))
    consult = abandoned()
    consult.told.append(CallJoined(consult.call_id, consult.at, Story().call_id))
    consult.told.pop(-2)
    house.apply(consult)
    assert tasks(house.db) == []


def test_two_writers_who_meet_make_one_task(house: House) -> None:
    """Standby and active, or the live feed and `tongdai reconcile`, at the same moment."""
    stories = [abandoned(), abandoned(at=NOON + MINUTE)]
    for story in stories:
        house.apply(Story(story.call_id, told=story.told[:-1]))
    together = Barrier(2)

    def finish(story: Story) -> None:
        together.wait(10)
        with transaction(house.db) as session:
            calls.apply(session, story.told[-1])

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(finish, stories))
    assert [task.calls for task in tasks(house.db)] == [2]
