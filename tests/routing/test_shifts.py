from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.clock import HANOI
from routing.shifts import AFTERNOON, MORNING, NIGHT, SHIFTS, by_code, duty_after, duty_at, shift_at


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


@given(
    st.datetimes(timezones=st.just(UTC), min_value=datetime(2000, 1, 2), max_value=datetime(2090, 1, 1))
)
def test_the_dated_shift_of_a_moment_covers_it_and_the_next_one_begins_where_it_ends(
    now: datetime,
) -> None:
    duty = duty_at(now)
    assert duty.covers(now)
    assert duty.shift == shift_at(now).code
    assert duty.ends - duty.starts == timedelta(hours=8)
    assert by_code(duty.shift).on(duty.day) == duty
    after = duty_after(duty)
    assert after.starts == duty.ends
    assert not duty.covers(after.starts)


@pytest.mark.parametrize(
    ("day", "until"),
    [
        (date(2026, 11, 30), date(2026, 12, 1)),
        (date(2026, 12, 31), date(2027, 1, 1)),
        (date(2027, 2, 5), date(2027, 2, 6)),  # the eve of Tết Đinh Mùi
        (date(2028, 2, 28), date(2028, 2, 29)),
    ],
    ids=["month end", "year end", "Tết", "leap day"],
)
def test_the_night_belongs_to_the_day_on_which_it_starts(day: date, until: date) -> None:
    night = NIGHT.on(day)
    assert (night.day, night.starts.astimezone(HANOI).hour) == (day, 22)
    assert night.ends.astimezone(HANOI) == datetime.combine(until, time(6), HANOI)
    assert duty_at(datetime.combine(until, time(0), HANOI)) == night
    assert not night.covers(datetime.combine(until, time(6), HANOI))
