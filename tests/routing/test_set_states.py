"""A state that a shift lead sets: for a time, then what it was before, unless that makes no sense."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from hotline import bus
from hotline.access import Viewer
from hotline.audit import AuditRow
from hotline.db import transaction
from hotline.errors import BadInput, NotVisible
from hotline.terms import Term
from routing import availability, set_states, steering
from routing.availability import Availability
from routing.choices import Choice, Why
from routing.set_states import falls_back_to
from routing.steering import Kind
from tests import factories
from tests.factories import NOON

LASTS = timedelta(minutes=30)
HALF_HOUR = Term("giao ban", LASTS)
OVER = NOON + LASTS
SOON = NOON + timedelta(minutes=5)
AVAILABLE, BREAK, AWAY, MISSED = Choice.AVAILABLE, Choice.BREAK, Choice.AWAY, Choice.MISSED


@pytest.fixture
def people(db: Engine) -> dict[str, Viewer]:
    with transaction(db) as session:
        made = factories.two_centers(session) | {"admin": factories.administrator(session)}
        made["far_lead"] = factories.shift_lead(session, factories.center(session, "DN"))
        for name in ("an", "binh"):
            factories.on_duty(session, made[name].staff_id, NOON - timedelta(hours=1))
    return made


class Desk:
    """An's state, by her own hand, a lead's and time's."""

    def __init__(self, db: Engine, people: dict[str, Viewer]) -> None:
        self.db, self.people = db, people

    def chooses(self, choice: Choice, at: datetime = NOON, why: str = "") -> None:
        with transaction(self.db) as session:
            an = self.people["an"]
            availability.choose(session, an, an.staff_id, choice, at, why)

    def happens(self, choice: Choice, at: datetime = SOON) -> None:
        with transaction(self.db) as session:
            availability.choose(session, None, self.people["an"].staff_id, choice, at)

    def put(
        self, choice: Choice, term: Term = HALF_HOUR, by: str = "lead", at: datetime = NOON
    ) -> list[bus.Signal]:
        with transaction(self.db) as session:
            an, lead = self.people["an"], self.people[by]
            return list(set_states.set_state(session, lead, an.staff_id, choice, term, at))

    def undo(self, at: datetime = SOON) -> None:
        with transaction(self.db) as session:
            (order,) = steering.in_force(session, at, Kind.STATE)
            steering.undo(session, self.people["lead"], order.id, at)
            set_states.put_back(session, at)

    def at(self, now: datetime) -> Availability:
        """Once the switchboard has looked."""
        with transaction(self.db) as session:
            assert set_states.any_over(session, now) is bool(set_states.put_back(session, now))
            assert set_states.put_back(session, now) == []
            found = availability.of(session, self.people["an"].staff_id, now)
        assert found is not None
        return found

    def orders(self, now: datetime = SOON) -> list[Choice | None]:
        with transaction(self.db) as session:
            return [one.choice for one in steering.in_force(session, now)]


@pytest.fixture
def desk(db: Engine, people: dict[str, Viewer]) -> Desk:
    return Desk(db, people)


@pytest.mark.parametrize("undone", [True, False])
@pytest.mark.parametrize("at_work", [True, False])
@pytest.mark.parametrize("put", [AVAILABLE, BREAK, AWAY])
@pytest.mark.parametrize("before", [AVAILABLE, BREAK, AWAY, MISSED])
def test_what_is_past_is_not_brought_back(
    put: Choice, before: Choice, undone: bool, at_work: bool
) -> None:
    back = falls_back_to(put, before, undone=undone, at_work=at_work)
    past = put is AVAILABLE and not undone
    assert back is (before if at_work and not past else AWAY)


def test_on_a_break_until_the_half_hour_is_over_and_not_a_moment_longer(desk: Desk) -> None:
    desk.chooses(AVAILABLE, NOON - timedelta(minutes=9))
    told = desk.put(BREAK)
    an = desk.people["an"].staff_id
    assert {one.topic for one in told} == {bus.STAFF, bus.BOARD, bus.desk(an)}
    assert desk.at(OVER - timedelta(microseconds=1)).choice is BREAK
    assert desk.orders() == [BREAK]
    back = desk.at(OVER + timedelta(seconds=4))
    assert (back.choice, back.since, back.order_id) == (AVAILABLE, OVER, None)
    assert desk.orders(OVER) == []


def test_undone_they_are_what_they_were_and_why(desk: Desk) -> None:
    desk.chooses(BREAK, why=Why.MEAL)
    desk.put(AVAILABLE)
    assert desk.at(SOON).why == ""
    desk.undo()
    back = desk.at(SOON)
    assert (back.choice, back.why, back.since) == (BREAK, Why.MEAL, SOON)


def test_whom_the_lead_made_available_is_away_afterwards(desk: Desk) -> None:
    desk.happens(MISSED, NOON)
    desk.put(AVAILABLE)
    assert desk.at(OVER).choice is AWAY


@pytest.mark.parametrize("own", [AVAILABLE, AWAY, BREAK])
def test_what_the_counselor_chooses_later_counts_and_stays(desk: Desk, own: Choice) -> None:
    desk.chooses(AVAILABLE)
    desk.put(BREAK)
    desk.chooses(own, SOON, Why.REST if own is BREAK else "")
    assert desk.orders() == []
    assert desk.at(OVER).choice is own


def test_a_missed_call_ends_it_but_a_phone_that_came_and_went_does_not(desk: Desk) -> None:
    desk.put(AVAILABLE)
    desk.happens(Choice.PHONE_AWAY)
    desk.happens(AVAILABLE)
    assert desk.orders() == [AVAILABLE]
    assert desk.at(OVER).choice is AWAY
    desk.put(AVAILABLE, at=OVER)
    desk.happens(MISSED, OVER)
    assert desk.at(OVER + LASTS).choice is MISSED


def test_the_phone_s_news_does_not_keep_up_another_order(desk: Desk) -> None:
    desk.chooses(AVAILABLE)
    desk.put(BREAK)
    desk.happens(AVAILABLE)  # said of her phone before the lead's word was known
    assert desk.orders() == []


def test_a_phone_that_was_away_may_be_tried_again(desk: Desk) -> None:
    desk.happens(Choice.PHONE_AWAY, NOON)
    desk.put(AVAILABLE)
    assert (desk.at(SOON).choice, desk.orders()) == (AVAILABLE, [])
    desk.happens(Choice.PHONE_AWAY)
    desk.put(BREAK, at=SOON)
    assert desk.at(SOON + LASTS).choice is AVAILABLE


def test_set_again_the_first_choice_is_kept_and_to_set_it_takes_the_order_back(desk: Desk) -> None:
    desk.chooses(AVAILABLE)
    desk.put(BREAK)
    desk.put(AWAY, Term("", timedelta(hours=2)))
    assert desk.orders() == [AWAY]
    assert desk.at(OVER).choice is AWAY
    assert desk.put(AVAILABLE, at=OVER)
    assert (desk.at(OVER).choice, desk.orders(OVER)) == (AVAILABLE, [])
    assert desk.put(AVAILABLE, at=OVER) == []


def test_nobody_is_made_available_when_their_shift_is_over(desk: Desk) -> None:
    desk.chooses(AVAILABLE)
    desk.put(BREAK, Term("", timedelta(hours=24)))
    days_later = NOON + timedelta(days=4)
    assert desk.at(days_later).choice is AWAY


def test_who_may_and_what_may_be_set(desk: Desk) -> None:
    for name in ("far_lead", "admin", "an"):
        with pytest.raises(NotVisible):
            desk.put(BREAK, by=name)
    for choice in (MISSED, Choice.PHONE_AWAY):
        with pytest.raises(BadInput):
            desk.put(choice)
    with pytest.raises(BadInput):
        desk.put(BREAK, Term("", timedelta(hours=25)))


def test_it_is_on_record_who_set_it_and_who_took_it_back(desk: Desk) -> None:
    desk.chooses(AVAILABLE)
    desk.put(BREAK)
    desk.undo()
    with transaction(desk.db) as session:
        rows = session.execute(
            select(AuditRow.act, AuditRow.staff_id, AuditRow.detail).order_by(AuditRow.id)
        ).all()
    an, lead = desk.people["an"].staff_id, desk.people["lead"].staff_id
    assert [tuple(row) for row in rows] == [
        ("availability", an, "available"),
        ("steer", lead, f"state staff={an} choice=break"),
        ("availability", lead, "break"),
        ("undo", lead, "state"),
        ("availability", None, "available"),
    ]
