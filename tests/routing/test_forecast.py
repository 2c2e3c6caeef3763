"""What the forecast says of days of which we know how they were made."""

from collections.abc import Callable
from datetime import date, timedelta
from math import sqrt
from random import Random

import pytest

from hotline import synthetic
from hotline.calendar import DAY, HALF_HOURS, days, half_hour_of, is_holiday, start_of
from routing.forecast import back_test, learn

TODAY = date(2026, 11, 20)
FLAT = [10] * HALF_HOURS


def _history(of: Callable[[date], list[int]], weeks: int = 12) -> dict[date, list[int]]:
    return {day: of(day) for day in days(TODAY - timedelta(weeks=weeks), TODAY)}


def test_half_hours_are_on_the_wall_clock_of_vietnam() -> None:
    begins = start_of(date(2026, 11, 20), 45)
    assert begins.isoformat() == "2026-11-20T22:30:00+07:00"
    assert half_hour_of(begins) == half_hour_of(begins + timedelta(minutes=29, seconds=59)) == 45
    assert half_hour_of(begins + timedelta(minutes=90)) == 0


def test_holidays_are_those_of_vietnam() -> None:
    tet = date(2026, 2, 17)  # the first day of Bính Ngọ
    assert is_holiday(tet)
    assert is_holiday(date(2026, 9, 2))
    assert not is_holiday(TODAY)


def test_each_weekday_and_half_hour_is_as_it_was() -> None:
    model = learn(_history(lambda day: [slot + day.weekday() for slot in range(HALF_HOURS)]), TODAY)
    assert model is not None
    for day in days(TODAY, TODAY + 7 * DAY):
        assert model.calls(day) == pytest.approx([slot + day.weekday() for slot in range(HALF_HOURS)])
    assert (model.trend, model.holiday, model.days_seen) == (0.0, 1.0, 56)


def test_a_clear_trend_goes_on() -> None:
    chance = Random(1)
    grown = _history(lambda day: [round(60 + 0.5 * ((day - TODAY).days + chance.gauss(0, 2)))] * 48)
    model = learn(grown, TODAY)
    assert model is not None
    assert model.calls(TODAY)[0] == pytest.approx(60, rel=0.03)
    assert model.calls(TODAY + 14 * DAY)[0] == pytest.approx(67, rel=0.03)


def test_a_trend_that_may_be_chance_is_none() -> None:
    chance = Random(2)
    model = learn(_history(lambda _: [chance.randint(5, 15) for _ in range(HALF_HOURS)]), TODAY)
    assert model is not None
    assert model.trend == 0.0


def test_a_trend_never_more_than_doubles_or_halves() -> None:
    model = learn(_history(lambda day: [max(0, 10 + (day - TODAY).days // 4)] * 48), TODAY)
    assert model is not None
    usual = model.usual[TODAY.weekday()][0]
    assert model.calls(TODAY + 3650 * DAY)[0] == pytest.approx(2 * usual, rel=0.3)


def test_holidays_are_compared_with_the_ordinary_days_around_them() -> None:
    history = _history(lambda day: [6 if is_holiday(day) else 10] * HALF_HOURS, weeks=16)
    model = learn(history, TODAY)
    assert model is not None
    assert model.holidays_seen >= 2  # September 1 and 2
    assert model.holiday == pytest.approx(0.6)
    new_year = date(2027, 1, 1)
    assert model.calls(new_year) == pytest.approx([6.0] * HALF_HOURS)
    assert model.calls(new_year + DAY) == pytest.approx([10.0] * HALF_HOURS)


def test_too_little_is_known_to_say_anything() -> None:
    two_weeks = dict.fromkeys(days(TODAY - 14 * DAY, TODAY), FLAT)
    assert learn(two_weeks, TODAY) is not None
    del two_weeks[TODAY - DAY]
    assert learn(two_weeks, TODAY) is None
    assert learn({}, TODAY) is None
    assert back_test({}, TODAY) is None
    assert back_test({day: [0] * HALF_HOURS for day in _history(lambda _: FLAT)}, TODAY) is None
    without_sundays = {day: FLAT for day in _history(lambda _: FLAT) if day.weekday() != 6}
    assert learn(without_sundays, TODAY) is None


def test_days_that_are_missing_are_left_out() -> None:
    known = _history(lambda _: FLAT)
    del known[TODAY - 3 * DAY]
    error = back_test(known, TODAY)
    assert error is not None
    assert (error.days, error.half_hour, error.bias) == (27, 0.0, 0.0)


def test_the_error_is_told_from_weeks_that_were_not_learned_from() -> None:
    doubled = _history(lambda day: [20 if day >= TODAY - 7 * DAY else 10] * HALF_HOURS)
    error = back_test(doubled, TODAY)
    assert error is not None
    assert error.half_hour == pytest.approx(10 * 7 / (10 * 21 + 20 * 7))
    assert error.bias == pytest.approx(-10 * 7 / (10 * 21 + 20 * 7))


def test_calls_made_by_chance_are_forecast_nearly_as_well_as_can_be() -> None:
    """The synthetic half year: the error is not much above what the mere chance of calls makes."""
    history = {}
    for day in days(TODAY - timedelta(weeks=14), TODAY):
        counts = [0] * HALF_HOURS
        for call in synthetic.calls_of(day):
            counts[half_hour_of(call.arrived_at)] += 1
        history[day] = counts
    error = back_test(history, TODAY)
    assert error is not None
    assert error.days == 28
    assert error.chance < error.half_hour < 1.35 * error.chance
    assert error.day < 0.09
    assert abs(error.bias) < 0.05
    low, high = error.between(30)
    assert 30 - 2 * sqrt(30) < low < 30 - 0.8 * sqrt(30)
    assert 30 + 0.8 * sqrt(30) < high < 30 + 2 * sqrt(30)
    assert error.between(0.1)[0] == 0
