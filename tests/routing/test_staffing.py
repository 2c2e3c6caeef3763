"""The forecast against the roster: who is missing when, in as few words as it takes."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from hotline.calendar import HALF_HOURS, start_of
from routing.erlang import Target
from routing.forecast import Error, Model
from routing.shifts import AFTERNOON, MORNING, NIGHT, Duty
from routing.staffing import Gap, Slot, Work, gaps, plan

THURSDAY = date(2026, 11, 26)
DAY = timedelta(days=1)
TARGET = Target(0.8, timedelta(seconds=15))
WORK = Work(timedelta(minutes=2), timedelta(minutes=2))
EVENING = [20.0 if slot < 38 or slot >= 44 else 90.0 for slot in range(HALF_HOURS)]
"""Calls in each half hour: from 19:00 to 22:00 far more than else."""


def _model(shape: Sequence[float] = EVENING) -> Model:
    return Model((tuple(shape),) * 7, (float(THURSDAY.toordinal()),) * 7, 0.0, 1.0, 0, 56)


def _duties(day: date) -> list[Duty]:
    night_before = NIGHT.on(day - DAY)
    return [*[MORNING.on(day)] * 4, *[AFTERNOON.on(day)] * 7, *[NIGHT.on(day), night_before] * 3]


def _plan(duties: Sequence[Duty], error: Error | None = None, days: int = 1) -> Sequence[Slot]:
    return plan(_model(), error, duties, THURSDAY, THURSDAY + days * DAY, WORK, TARGET)


def test_thursday_evening_needs_more_than_it_has() -> None:
    slots = _plan(_duties(THURSDAY))
    assert len(slots) == HALF_HOURS
    assert {slot.rostered for slot in slots[:12]} == {3}  # the night that began the evening before
    assert [slots[number].rostered for number in (12, 27, 28, 43, 44)] == [4, 4, 7, 7, 3]
    assert list(gaps(slots)) == [
        Gap(start_of(THURSDAY, 38), start_of(THURSDAY, 44), needed=slots[38].needed, rostered=7)
    ]
    assert slots[38].needed > 7
    assert slots[38].met.in_time < TARGET.share <= slots[37].met.in_time


def test_a_gap_ends_where_the_strength_changes() -> None:
    slots = _plan([*_duties(THURSDAY)[:11]])  # nobody at night
    found = list(gaps(slots))
    assert [(gap.starts_at, gap.rostered) for gap in found] == [
        (start_of(THURSDAY, 0), 0),
        (start_of(THURSDAY, 38), 7),
        (start_of(THURSDAY, 44), 0),
    ]
    assert found[1].ends_at == found[2].starts_at
    assert found[-1].ends_at == start_of(THURSDAY + DAY)


def test_nothing_is_said_of_half_hours_that_have_enough() -> None:
    assert list(gaps(_plan([AFTERNOON.on(THURSDAY)] * 20)[28:44])) == []


def test_a_gap_goes_on_past_midnight() -> None:
    slots = _plan([MORNING.on(THURSDAY), AFTERNOON.on(THURSDAY)], days=2)
    assert max(gap.ends_at - gap.starts_at for gap in gaps(slots)) == timedelta(hours=26)


def test_how_sure_the_forecast_is_goes_with_it() -> None:
    error = Error(0.2, 0.1, 0.15, 0.0, low=-1.5, high=1.5, days=28)
    slot = _plan(_duties(THURSDAY), error)[38]
    assert [slot.low, slot.high] == pytest.approx([75.8, 104.2], abs=0.1)
    unsure = _plan(_duties(THURSDAY))[38]
    assert unsure.low == unsure.calls == unsure.high == 90


def test_who_waits_for_ever_asks_for_more_counselors() -> None:
    patient = plan(
        _model(), None, [], THURSDAY, THURSDAY + DAY, Work(timedelta(minutes=2), None), TARGET
    )
    assert patient[38].needed > _plan([])[38].needed
