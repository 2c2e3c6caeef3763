"""When a report is due, and which way it may go."""

from datetime import UTC, date, datetime

import pytest

from hotline.errors import Conflict
from intake.official_reports.report_rules import (
    NUMBERED,
    WAY,
    Kind,
    State,
    Step,
    after,
    due,
    due_at,
    of_kind,
    offered,
    symbol,
)
from intake.statistics import periods


def _at(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("year", "month", "on"),
    [
        (2026, 10, date(2026, 11, 2)),  # 1 November is a Sunday
        (2025, 12, date(2026, 1, 2)),  # after New Year
        (2025, 1, date(2025, 2, 3)),  # Tết until 2 February
        (2026, 4, date(2026, 5, 4)),  # 1 May, a weekend
    ],
)
def test_a_month_is_due_on_the_first_working_day_after_it(year: int, month: int, on: date) -> None:
    at = due_at(periods.month(year, month))
    assert (at.date(), at.hour) == (on, 6)


def test_what_was_missed_is_caught_up_and_nothing_from_before_the_schedule() -> None:
    since = _at(2026, 8, 20)
    assert due(Kind.MONTHLY, since, _at(2026, 8, 31, 22)) == []
    assert due(Kind.MONTHLY, since, _at(2026, 11, 20)) == [
        periods.month(2026, number) for number in (8, 9, 10)
    ]
    assert due(Kind.QUARTERLY, since, _at(2026, 11, 20)) == [periods.quarter(2026, 3)]
    assert due(Kind.ANNUAL, since, _at(2026, 12, 31)) == []
    assert due(Kind.ANNUAL, since, _at(2027, 1, 10)) == [periods.year(2026)]


def test_it_is_due_in_the_morning_and_not_before() -> None:
    since, october = _at(2026, 10, 20), [periods.month(2026, 10)]
    assert due(Kind.MONTHLY, since, _at(2026, 11, 1, 22, 59)) == []
    assert due(Kind.MONTHLY, since, _at(2026, 11, 1, 23)) == october


def test_the_way_of_a_report() -> None:
    assert after(State.DRAFTED, Step.SIGN) is State.SIGNED
    for state in (State.RETURNED, State.WITHDRAWN):
        assert not [step for step in Step if (state, step) in WAY]
    with pytest.raises(Conflict, match="state"):
        after(State.ISSUED, Step.SIGN)
    assert {WAY[state, Step.WITHDRAW] for state in (State.SIGNED, State.ISSUED)} <= set(NUMBERED)


def test_numbers_and_periods_are_written_as_they_should() -> None:
    assert [symbol(number, "TĐ111") for number in (7, 12)] == ["07/BC-TĐ111", "12/BC-TĐ111"]
    assert of_kind(Kind.QUARTERLY, date(2026, 5, 5)) == periods.quarter(2026, 2)
    with pytest.raises(ValueError, match="span"):
        of_kind(Kind.SPAN, date(2026, 5, 5))
    found = offered(_at(2026, 11, 23))
    assert (found[Kind.MONTHLY][0], found[Kind.ANNUAL][-1]) == (
        periods.month(2026, 10),
        periods.year(2006),
    )
