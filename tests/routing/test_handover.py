"""From one shift to the next: who stays, until when, and when it is an alarm."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.clock import HANOI
from hotline.ids import CenterId, StaffId
from routing.choices import Choice
from routing.handover import HOLD, PARTING, Shortage, Worker, held, left_standing, shortages
from routing.planning import HOLIDAY, Strength
from routing.shifts import AFTERNOON, NIGHT, SHIFTS, Duty

HN, DN = CenterId(1), CenterId(2)
TEN = datetime(2026, 11, 24, 22, tzinfo=HANOI)
"""When the afternoon of 24/11 ends and the night begins."""
OLD, NEW = AFTERNOON.on(TEN.date()), NIGHT.on(TEN.date())
MINIMUM = {HN: {(kind, s.code): Strength(3, 2) for kind in range(HOLIDAY + 1) for s in SHIFTS}}
MINUTE = timedelta(minutes=1)
PATIENCE = MINUTE


def worker(
    number: int,
    *duty: Duty,
    choice: Choice = Choice.AVAILABLE,
    since: datetime = TEN - 7 * 60 * MINUTE,
    center: CenterId = HN,
) -> Worker:
    return Worker(StaffId(number), center, choice, since, duty)


def night(number: int, minutes: int, choice: Choice = Choice.AVAILABLE) -> Worker:
    """Of the night shift, who made that choice so many minutes after 22:00."""
    return worker(number, NEW, choice=choice, since=TEN + minutes * MINUTE)


STAYING = [worker(1, OLD), worker(2, OLD)]


def stay(others: list[Worker], now: datetime) -> set[int]:
    """Who of the afternoon shift; the night is held for the morning in its turn."""
    return {1, 2} & set(held([*STAYING, *others], MINIMUM, now))


@pytest.mark.parametrize(
    ("others", "stays"),
    [
        ([], True),
        ([night(3, -10)], True),
        ([night(3, -10), night(4, 5)], False),
        ([night(3, -10), night(4, -5, Choice.BREAK)], False),
        ([night(3, -10), night(4, -5, Choice.AWAY)], True),
        ([night(3, -10), night(4, -5, Choice.PHONE_AWAY)], True),
        ([night(3, -10), night(4, -600)], True),
    ],
    ids=[
        "nobody",
        "one of two",
        "both",
        "one on a break",
        "one went",
        "no phone",
        "left from yesterday",
    ],
)
def test_the_old_shift_stays_until_the_new_one_is_there(others: list[Worker], stays: bool) -> None:
    for now in (TEN - MINUTE, TEN, TEN + 10 * MINUTE):
        assert stay(others, now) == ({1, 2} if stays else set())


def test_who_stays_does_so_without_a_gap_and_not_for_ever() -> None:
    (until,) = {held(STAYING, MINIMUM, now)[StaffId(1)] for now in (TEN - MINUTE, TEN)}
    assert (until.starts, until.ends) == (OLD.ends, OLD.ends + HOLD)
    assert stay([], TEN + HOLD) == set()


def test_who_works_on_counts_for_the_new_shift_and_is_not_held() -> None:
    both = worker(3, OLD, NEW)
    assert stay([both, night(4, 1)], TEN) == set()
    assert stay([both], TEN) == {1, 2}


def test_a_center_without_a_minimum_and_another_center_hold_nobody() -> None:
    assert held([worker(1, OLD, center=DN)], MINIMUM, TEN) == {}
    assert held(STAYING, {}, TEN) == {}
    far = [worker(n, NEW, since=TEN, center=DN) for n in (5, 6)]
    assert stay(far, TEN) == {1, 2}


def test_a_shift_that_has_not_come_is_short_after_a_moment() -> None:
    def short(others: list[Worker], now: datetime) -> list[Shortage]:
        return list(shortages(others, MINIMUM, now, PATIENCE))

    assert short(STAYING, TEN + MINUTE - timedelta(seconds=1)) == []
    assert short(STAYING, TEN + MINUTE) == [Shortage(HN, 0, 2)]
    assert short([night(3, 1)], TEN + 2 * MINUTE) == [Shortage(HN, 1, 2)]
    assert short([night(3, 1), night(4, 1)], TEN + 2 * MINUTE) == []


@given(came=st.lists(st.integers(-59, 100), max_size=4), after=st.integers(-60, 119))
def test_somebody_is_on_duty_at_every_moment_of_the_change(came: list[int], after: int) -> None:
    """Whoever comes when: as long as the new shift is short, both of the old one are there."""
    now = TEN + after * MINUTE
    seen = [night(3 + number, at) for number, at in enumerate(came) if at <= after]
    longer = held([*STAYING, *seen], MINIMUM, now)
    duty = {one.staff_id: one.duty + tuple([longer[one.staff_id]] if one.staff_id in longer else [])
            for one in [*STAYING, *seen]}  # fmt: skip
    there = [who for who, theirs in duty.items() if any(each.covers(now) for each in theirs)]
    assert len(there) >= 2


YESTERDAY = AFTERNOON.on(TEN.date() - timedelta(days=1))


@pytest.mark.parametrize(
    ("chosen", "duty", "after", "gone"),
    [
        (-420, (OLD,), -1, False),
        (-420, (OLD,), 14, False),
        (-420, (OLD,), 15, True),
        (5, (OLD,), 60, False),
        (-420, (OLD, NEW), 60, False),
        (-1800, (YESTERDAY, NEW), -60, True),
        (-30, (YESTERDAY, NEW), -10, False),
        (-60, (), 60, False),
        (-2000, (), 0, True),
    ],
    ids=[
        "still on shift",
        "last call and record",
        "gone",
        "chose after the shift",
        "works on",
        "left from yesterday, before the next",
        "early for the next",
        "not on the roster, today",
        "not on the roster, long ago",
    ],
)
def test_who_has_gone_home_without_a_word(
    chosen: int, duty: tuple[Duty, ...], after: int, gone: bool
) -> None:
    who = worker(1, *duty, since=TEN + chosen * MINUTE)
    assert left_standing(who, {}, TEN + after * MINUTE) is gone


def test_who_is_held_has_not_gone_until_they_are_let_go() -> None:
    stays = held(STAYING, MINIMUM, TEN + 60 * MINUTE)
    assert not left_standing(STAYING[0], stays, TEN + 60 * MINUTE)
    end = TEN + HOLD + PARTING
    assert left_standing(STAYING[0], held(STAYING, MINIMUM, end), end)
    assert not left_standing(worker(1, OLD, choice=Choice.AWAY), {}, end)
