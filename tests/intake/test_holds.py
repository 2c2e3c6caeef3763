from datetime import timedelta

from sqlalchemy import select

from hotline.db import reading, transaction
from intake.calls import calls
from intake.calls.calls import CallView
from intake.tables.calls import HoldRow
from tests.factories import NOON, Story
from tests.intake.conftest import House


def _view(house: House, story: Story) -> CallView:
    with transaction(house.db) as session:
        return calls.call(session, house.lead, story.call_id, NOON + timedelta(hours=1))


def test_on_hold_twice(house: House) -> None:
    story = Story().arrived().rang().talk().held().later(9).resumed().held().later(4).resumed()
    house.apply(story.talk_ended().ended())
    house.apply(story)
    view = _view(house, story)
    assert view.held == timedelta(seconds=10 + 5)
    assert view.talked == timedelta(seconds=18)
    assert [hold.counselor.id for hold in view.holds if hold.counselor] == [house.an.staff_id] * 2


def test_a_hold_runs_while_it_lasts(house: House) -> None:
    story = Story().arrived().rang().talk().held()
    house.apply(story)
    assert _view(house, story).held == timedelta(hours=1, seconds=-3)


def test_who_transfers_out_of_a_hold_held_until_then(house: House) -> None:
    story = Story().arrived().rang().talk().held().later(19).transferred("hn01", "hn02").talk_ended()
    house.apply(story.rang("hn02").talk("hn02").later(60).talk_ended("hn02").ended())
    assert _view(house, story).held == timedelta(seconds=21)


def test_the_caller_rings_off_while_on_hold(house: House) -> None:
    story = Story().arrived().rang().talk().held().later(29).ended()
    house.apply(story)
    assert _view(house, story).held == timedelta(seconds=30)
    with reading(house.db) as session:
        assert session.scalars(select(HoldRow).where(HoldRow.ended_at.is_(None))).all() == []


def test_the_caller_may_hold_too(house: House) -> None:
    story = Story().arrived().rang().talk().held("0912345678").later(4).resumed("0912345678")
    house.apply(story.talk_ended().ended())
    view = _view(house, story)
    assert (view.held, view.holds[0].counselor) == (timedelta(seconds=5), None)


def test_a_hold_whose_begin_was_lost_has_no_length(house: House) -> None:
    story = Story().arrived().rang().talk().later(9).resumed().talk_ended().ended()
    house.apply(story)
    house.apply(story)
    view = _view(house, story)
    assert (view.held, view.holds) == (timedelta(), ())
    with reading(house.db) as session:
        assert len(session.scalars(select(HoldRow)).all()) == 1
