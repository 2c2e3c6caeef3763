from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.clock import HANOI
from routing.shifts import AFTERNOON, MORNING, NIGHT, SHIFTS, by_code, shift_at


@pytest.mark.parametrize(
    ("clock", "shift"),
    [
        ((6, 0, 0), MORNING),
        ((13, 59, 59), MORNING),
        ((14, 0, 0), AFTERNOON),
        ((21, 59, 59), AFTERNOON),
        ((22, 0, 0), NIGHT),
        ((0, 0, 0), NIGHT),
        ((5, 59, 59), NIGHT),
    ],
)
def test_shifts_are_half_open_on_the_clock_in_viet_nam(
    clock: tuple[int, int, int], shift: object
) -> None:
    assert shift_at(datetime(2026, 11, 21, *clock, tzinfo=HANOI)) is shift


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)))
def test_exactly_one_shift_is_on_at_any_instant(moment: datetime) -> None:
    now = moment.replace(tzinfo=UTC)
    assert [shift.covers(now) for shift in SHIFTS].count(True) == 1


def test_a_day_of_three_shifts() -> None:
    start = datetime(2026, 2, 16, 6, tzinfo=HANOI)  # the eve of Tết is a day like any other
    day = [shift_at(start + timedelta(hours=hours)).code for hours in range(0, 24, 8)]
    assert day == ["morning", "afternoon", "night"]
    assert by_code("night") is NIGHT
