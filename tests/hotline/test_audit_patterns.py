"""What is odd is found, what is a person's habit is not, and every finding has its rows."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import count

import pytest

from hotline.audit_patterns import MANY_FILES, Found, Look, Odd, busiest_hour, find
from tests.factories import NOON

AN, BINH = 1, 2
MINUTE = timedelta(minutes=1)
_IDS = count(1)


def look(
    thing: object, at: datetime = NOON, who: int = AN, act: str = "see", kind: str = "case"
) -> Look:
    return Look(next(_IDS), at, who, act, kind, str(thing))


def odd(
    looks: list[Look],
    usual: Mapping[int, int] | None = None,
    own: Mapping[int, frozenset[str]] | None = None,
    places: Mapping[str, str] | None = None,
) -> list[Found]:
    return find(looks, usual or {}, own or {}, places or {})


def test_many_different_files_in_an_hour() -> None:
    looks = [look(number, NOON + number * MINUTE) for number in range(MANY_FILES)]
    (found,) = odd(looks)
    assert (found.odd, found.staff_id, found.count) == (Odd.MANY_FILES, AN, MANY_FILES)
    assert found.rows == tuple(each.id for each in looks)


def test_the_same_file_again_and_again_is_one_file() -> None:
    assert odd([look(1, NOON + number * MINUTE) for number in range(59)]) == []


def test_files_over_a_whole_day_are_work() -> None:
    assert odd([look(number, NOON + number * 10 * MINUTE) for number in range(100)]) == []


@pytest.mark.parametrize(("usual", "is_odd"), [(9, True), (10, True), (11, False), (40, False)])
def test_whose_habit_it_is_is_not_found(usual: int, is_odd: bool) -> None:
    looks = [look(number) for number in range(MANY_FILES)]
    assert bool(odd(looks, {AN: usual})) == is_odd


def test_the_hour_may_begin_at_any_minute() -> None:
    begin = NOON - 20 * MINUTE
    looks = [look("before", NOON - timedelta(hours=3))]
    looks += [look(number, begin + number * MINUTE) for number in range(MANY_FILES)]
    assert [found.odd for found in odd(looks)] == [Odd.MANY_FILES]


def test_the_busiest_hour_is_each_persons_own() -> None:
    looks = [look(1), look(2), look(2), look(3, NOON + 61 * MINUTE), look(1, who=BINH, kind="record")]
    assert busiest_hour(looks) == {AN: 2, BINH: 1}


@pytest.mark.parametrize(
    ("utc_hour", "is_odd"), [(14, False), (15, True), (20, True), (22, True), (23, False), (5, False)]
)
def test_an_export_at_night_by_the_clock_in_vietnam(utc_hour: int, is_odd: bool) -> None:
    looks = [look("list", NOON.replace(hour=utc_hour), act="export")]
    assert [found.odd for found in odd(looks)] == [Odd.NIGHT_EXPORT] * is_odd


def test_a_roster_that_a_night_shift_prints_is_not_odd() -> None:
    assert odd([look("HN", NOON.replace(hour=18), act="export", kind="roster")]) == []


def test_a_case_of_ones_own_commune() -> None:
    own = {AN: frozenset({"c1"})}
    places = {"7": "c1", "8": "c2"}
    looks = [look(7), look(7), look(8), look(7, who=BINH), look(7, act="refused"), look(7, kind="call")]
    (found,) = odd(looks, own=own, places=places)
    assert (found.odd, found.staff_id, found.kind, found.object_id) == (Odd.OWN_PLACE, AN, "case", "7")
    assert found.rows == (looks[0].id, looks[1].id)


@pytest.mark.parametrize(("times", "is_odd"), [(9, False), (10, True)])
def test_who_is_refused_again_and_again(times: int, is_odd: bool) -> None:
    looks = [look(number, NOON + number * MINUTE, act="refused") for number in range(times)]
    assert [found.odd for found in odd(looks)] == [Odd.REFUSALS] * is_odd


@pytest.mark.parametrize(("people", "is_odd"), [(5, False), (6, True)])
def test_a_file_that_many_look_at(people: int, is_odd: bool) -> None:
    looks = [look(7, who=person) for person in range(1, people + 1)]
    found = odd([*looks, look(7, who=1)])
    assert [(each.odd, each.staff_id, each.count) for each in found] == [
        (Odd.MANY_PEOPLE, 0, people)
    ] * is_odd


def test_a_finding_names_at_most_two_hundred_rows() -> None:
    looks = [look(number) for number in range(500)]
    (found,) = odd(looks)
    assert (found.count, len(found.rows)) == (500, 200)
