"""A month that is filled from a template: fair, lawful, and the same every time."""

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.calendar import is_holiday
from hotline.ids import StaffId
from routing.planning import (
    HOLIDAY,
    REST,
    Breach,
    Entry,
    Kind,
    Strength,
    Template,
    breaches,
    fill,
    manning,
)
from routing.shifts import AFTERNOON, MORNING, NIGHT, SHIFTS, Shift

MONDAY = date(2026, 11, 23)
TET = date(2027, 2, 6)
"""The first day of the year Đinh Mùi."""


def days(first: date, many: int = 28) -> list[date]:
    return [first + timedelta(days=n) for n in range(many)]


def people(many: int) -> list[StaffId]:
    return [StaffId(number) for number in range(1, many + 1)]


def template(wanted: int = 2, minimum: int = 1, *, holiday: int | None = None) -> Template:
    made = {(kind, s.code): Strength(wanted, minimum) for kind in range(8) for s in SHIFTS}
    if holiday is not None:
        made |= {(HOLIDAY, s.code): Strength(holiday, min(minimum, holiday)) for s in SHIFTS}
    return made


def on(day: date, shift: Shift, who: int = 1, kind: Kind = Kind.PLANNED) -> Entry:
    return Entry(day, shift.code, StaffId(who), kind)


def test_enough_people_fill_a_month_without_a_gap() -> None:
    month = days(MONDAY)
    plan = fill(month, template(), people(9), [])
    assert len(plan) == 28 * 3 * 2
    assert all(each.missing == 0 for each in manning(plan, template(), month).values())


@pytest.mark.parametrize(("many", "wanted"), [(4, 1), (9, 2), (14, 3), (32, 7)])
def test_shifts_and_nights_are_shared_fairly(many: int, wanted: int) -> None:
    plan = fill(days(MONDAY, 31), template(wanted), people(many), [])
    assert len(plan) == 31 * 3 * wanted
    shifts = Counter(entry.staff_id for entry in plan)
    nights = Counter(entry.staff_id for entry in plan if entry.shift == "night")
    assert max(shifts.values()) - min(shifts.values()) <= 1
    assert max(nights.values()) - min(nights[who] for who in people(many)) <= 4


def test_tet_has_its_own_strength_and_goes_round() -> None:
    month = days(TET - timedelta(days=10))
    plan = fill(month, template(3, holiday=1), people(14), [])
    at_tet = [entry for entry in plan if entry.day == TET]
    assert len(at_tet) == 3
    around = Counter(e.staff_id for e in plan if is_holiday(e.day))
    assert around.total() == 7 * 3  # from the 29th of the last month to the fifth of the first
    assert set(around.values()) == {1, 2}
    assert len(around) == 14


def test_what_cannot_be_filled_is_a_gap_and_nobody_is_overworked() -> None:
    month = days(MONDAY, 7)
    plan = fill(month, template(2, 2), people(3), [])
    found = manning(plan, template(2, 2), month)
    assert sum(each.missing for each in found.values()) == 7 * 3 * 2 - len(plan) > 0
    assert breaches(plan) == {}


def test_two_people_work_all_that_the_law_allows() -> None:
    plan = fill(days(MONDAY, 28), template(1), people(2), [])
    assert len(plan) >= 2 * 4 * 6 - 4  # six days a week each, less what changes of shift cost


def test_who_is_sick_is_not_planned_that_day_and_leaves_a_gap() -> None:
    sick = on(MONDAY, MORNING, 1, Kind.SICK)
    plan = fill([MONDAY], template(1), people(4), [sick])
    assert StaffId(1) not in {entry.staff_id for entry in plan}
    assert manning([sick], template(1), [MONDAY])[MONDAY, "morning"].missing == 1


def test_a_shift_of_the_month_before_counts_as_work() -> None:
    night_before = on(MONDAY - timedelta(days=1), NIGHT)
    plan = fill([MONDAY], {(0, "morning"): Strength(1, 1)}, people(1), [night_before])
    assert plan == []


@pytest.mark.parametrize(
    ("entries", "breach"),
    [
        ([on(MONDAY, NIGHT), on(MONDAY + timedelta(days=1), AFTERNOON)], Breach.REST),
        ([on(MONDAY, MORNING), on(MONDAY, AFTERNOON)], Breach.REST),
        ([on(MONDAY, NIGHT), on(MONDAY + timedelta(days=1), NIGHT)], None),
        ([on(MONDAY, AFTERNOON), on(MONDAY + timedelta(days=1), AFTERNOON)], None),
        ([on(day, MORNING) for day in days(MONDAY, 6)], None),
        ([on(day, MORNING) for day in days(MONDAY, 7)], Breach.WEEK),
        ([on(day, MORNING) for day in days(MONDAY + timedelta(days=3), 7)], Breach.ROW),
        ([on(day, MORNING, kind=Kind.SICK) for day in days(MONDAY, 7)], None),
    ],
)
def test_what_the_labor_code_does_not_allow_is_found(
    entries: list[Entry], breach: Breach | None
) -> None:
    assert list(breaches(entries).values()) == ([breach] if breach else [])


@settings(max_examples=40, deadline=None)
@given(
    many=st.integers(0, 9),
    wanted=st.integers(0, 4),
    first=st.dates(date(2026, 1, 1), date(2028, 12, 1)),
    chance=st.randoms(use_true_random=False),
)
def test_any_month_is_lawful_never_overfilled_and_does_not_depend_on_the_order(
    many: int, wanted: int, first: date, chance: Random
) -> None:
    month, staff, of = days(first, 14), people(many), template(wanted, 0)
    before = fill(days(first - timedelta(days=7), 7), of, staff, [])
    plan = fill(month, of, staff, before)
    mixed, shuffled = list(before), list(staff)
    chance.shuffle(mixed)
    chance.shuffle(shuffled)
    assert fill(month, of, shuffled, mixed) == plan
    assert breaches([*before, *plan]) == {}
    assert all(each.have <= wanted for each in manning(plan, of, month).values())
    for who in staff:
        theirs = sorted(entry.duty for entry in [*before, *plan] if entry.staff_id == who)
        assert all(after.starts - earlier.ends >= REST for earlier, after in pairwise(theirs))
