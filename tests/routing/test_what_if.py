"""Questions of shift leads: more people, more calls, another limit; bounded, answered by a worker."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from hotline.db import reading, transaction
from hotline.errors import NotVisible
from routing import what_ifs
from routing.erlang import Demand, service
from routing.shifts import AFTERNOON, MORNING, SHIFTS, Duty
from routing.simulator import Desk
from routing.what_if import (
    MOST_CALLS,
    MOST_RUNS,
    Answer,
    Day,
    Question,
    answer,
    more_calls,
    runs_of,
    takes,
    with_more,
)
from tests import factories

MIDNIGHT = datetime(2026, 11, 25, 17, 0, tzinfo=UTC)
"""Of Thursday, 26 November, in Vietnam."""
THURSDAY = MIDNIGHT.date() + timedelta(days=1)
SECOND = timedelta(seconds=1)
ALL_DAY = Duty(MIDNIGHT, MIDNIGHT + timedelta(days=2), "always")


def _day(calls: float = 30, desks: int = 4) -> Day:
    return Day(
        start=MIDNIGHT,
        calls=(calls,) * 48,
        desks=(Desk((ALL_DAY,), "hn"),) * desks,
        talk=90 * SECOND,
        patience=120 * SECOND,
        wrap_up=timedelta(),
        pick_up=timedelta(),
        overflow=timedelta(),
    )


def _question(changed: Day, planned: Day | None = None) -> Question:
    return Question(planned or _day(), changed, 15 * SECOND)


@pytest.fixture(scope="module")
def busier() -> Answer:
    """A campaign that doubles the calls."""
    return answer(_question(replace(_day(), calls=more_calls(_day(), 2))))


def test_an_ordinary_day_is_as_the_theory_has_it(busier: Answer) -> None:
    told = service(Demand(60, 90 * SECOND, 120 * SECOND), 4, 15 * SECOND)
    found = busier.as_planned
    assert found.in_time.value == pytest.approx(told.in_time, abs=2 * found.in_time.margin)
    assert found.abandons.value == pytest.approx(told.abandons, abs=2 * found.abandons.margin)
    assert found.occupancy.value == pytest.approx(told.occupancy, rel=0.05)
    assert found.in_time.margin < 0.02


def test_twice_as_many_calls_make_it_worse(busier: Answer) -> None:
    as_planned, changed = busier.as_planned, busier.changed
    assert changed.offered.value == pytest.approx(2 * as_planned.offered.value, rel=0.05)
    assert changed.in_time.value < as_planned.in_time.value - 0.1
    assert changed.abandons.value > as_planned.abandons.value + 0.05
    assert changed.longest.value > as_planned.longest.value
    assert changed.occupancy.value > as_planned.occupancy.value


def test_it_is_told_by_center_and_by_shift() -> None:
    morning, afternoon = (shift.on(THURSDAY) for shift in (MORNING, AFTERNOON))
    desks = (Desk((afternoon,), "hn"), Desk((morning,), "dn"), Desk((morning,), "dn"))
    day = replace(_day(calls=2), desks=desks)
    parts = answer(_question(day, day)).changed.parts
    assert parts.keys() == {"hn", "dn", *(shift.code for shift in SHIFTS)}
    assert parts["night"].value < 0.05
    assert 0.8 < parts["morning"].value <= 1


def test_a_question_is_bounded() -> None:
    assert runs_of(_question(_day())) == MOST_RUNS
    assert takes(_question(_day())) == timedelta(seconds=10 * 2 * 1440 / 5000)
    many = _question(_day(calls=400))
    assert runs_of(many) * 400 * 48 <= MOST_CALLS
    assert runs_of(_question(_day(calls=10_000))) == 2


def test_a_day_without_calls_or_counselors_has_an_answer() -> None:
    empty = answer(_question(_day(calls=0), _day(calls=2, desks=0)))
    assert empty.changed.offered.value == empty.changed.longest.value == 0
    assert empty.as_planned.in_time.value == empty.as_planned.occupancy.value == 0
    assert empty.as_planned.abandons.value == 1


def test_more_or_fewer_counselors_on_a_shift() -> None:
    morning, afternoon = MORNING.on(THURSDAY), AFTERNOON.on(THURSDAY)
    desks = (Desk((morning,), "hn"), Desk((morning, afternoon), "dn"))
    more = with_more(desks, 2, (afternoon,), "ag")
    assert more == (*desks, Desk((afternoon,), "ag"), Desk((afternoon,), "ag"))
    fewer = with_more(desks, -1, (morning,), "ag")
    assert fewer == (desks[0], Desk((afternoon,), "dn"))
    nobody = with_more(desks, -5, tuple(shift.on(THURSDAY) for shift in SHIFTS), "ag")
    assert [desk.duty for desk in nobody] == [(), ()]


def test_a_worker_answers_what_was_asked(db: Engine) -> None:
    now = datetime.now(UTC)
    with transaction(db) as session:
        lead = factories.shift_lead(session)
        asked = what_ifs.ask(session, lead, _question(_day(calls=0.3)), now)
    with reading(db) as session:
        before = what_ifs.of(session, lead, asked)
    assert before.question == _question(_day(calls=0.3))
    assert before.answer is None
    what_ifs.run(asked)
    with reading(db) as session:
        after = what_ifs.of(session, lead, asked)
    assert after.answer == answer(before.question)
    assert after.answered_at is not None
    what_ifs.run(asked)  # a job may run twice
    with reading(db) as session:
        assert what_ifs.of(session, lead, asked) == after


def test_questions_are_for_who_sees_staffing_and_go_after_a_day(db: Engine) -> None:
    now = datetime.now(UTC)
    with transaction(db) as session:
        lead, counselor = factories.shift_lead(session), factories.counselor(session)
        old = what_ifs.ask(session, lead, _question(_day()), now - timedelta(hours=25))
        kept = what_ifs.ask(session, lead, _question(_day()), now - timedelta(hours=23))
        what_ifs.ask(session, lead, _question(_day()), now)
    with reading(db) as session:
        assert what_ifs.of(session, lead, kept).id == kept
        for who, which in ((counselor, kept), (lead, old)):
            with pytest.raises(NotVisible):
                what_ifs.of(session, who, which)
    what_ifs.run(old)  # gone: nothing to do
