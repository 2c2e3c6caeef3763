"""The made-up calls are as many and of the kind that is published, and always the same."""

from datetime import date
from itertools import pairwise

import pytest

from hotline.calendar import days, half_hour_of
from hotline.clock import local
from hotline.synthetic import CALLS_A_YEAR, calls_of, expected_calls

TUESDAY = date(2026, 11, 17)


def test_a_year_has_as_many_calls_as_the_hotline_reports() -> None:
    year = sum(sum(expected_calls(day)) for day in days(date(2025, 1, 1), date(2026, 1, 1)))
    assert year == pytest.approx(CALLS_A_YEAR, rel=0.005)


def test_the_same_day_is_always_the_same_and_another_seed_is_another_day() -> None:
    once = list(calls_of(TUESDAY))
    assert list(calls_of(TUESDAY)) == once
    assert list(calls_of(TUESDAY, seed=2)) != once


def test_calls_come_in_order_within_their_day_by_chance() -> None:
    month = [call for day in days(date(2026, 10, 1), date(2026, 11, 1)) for call in calls_of(day)]
    assert all(one.arrived_at <= other.arrived_at for one, other in pairwise(month))
    assert {local(call.arrived_at).date().month for call in month} == {10}
    wanted = sum(sum(expected_calls(day)) for day in days(date(2026, 10, 1), date(2026, 11, 1)))
    assert len(month) == pytest.approx(wanted, rel=0.04)
    late = sum(half_hour_of(call.arrived_at) >= 44 for call in month) / len(month)
    deep = sum(2 <= half_hour_of(call.arrived_at) < 6 for call in month) / len(month)
    assert late > 4 * deep  # children ring from 22 to 24 h


def test_most_calls_are_short_and_few_are_counseling() -> None:
    month = [call for day in days(date(2026, 10, 1), date(2026, 11, 1)) for call in calls_of(day)]
    counseling = [call for call in month if call.counseling]
    assert 0.04 < len(counseling) / len(month) < 0.10
    talked = sum(call.talk.total_seconds() for call in counseling) / len(counseling)
    assert talked == pytest.approx(720, rel=0.1)


def test_holidays_and_sundays_are_quieter() -> None:
    assert sum(expected_calls(date(2026, 9, 2))) < 0.8 * sum(expected_calls(date(2026, 9, 9)))
    assert sum(expected_calls(date(2026, 11, 22))) < sum(expected_calls(date(2026, 11, 23)))
