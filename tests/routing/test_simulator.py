"""The simulator agrees with the theory where there is one, and keeps the policy's promises elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import sqrt
from random import Random
from statistics import fmean, stdev

import pytest

from routing.erlang import Demand, Service, service
from routing.policy import Steering
from routing.shifts import AFTERNOON, MORNING, Duty
from routing.simulator import Caller, Desk, Fate, House, Simulated, simulate

START = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
"""12:00 in Vietnam."""
SECOND = timedelta(seconds=1)
LIMIT = 15 * SECOND
_BATCHES = 20
_T_995 = 2.861
"""Student's t with 19 degrees of freedom: two-sided 99 % confidence."""


def _always(hours: float = 24 * 365) -> tuple[Duty, ...]:
    return (Duty(START, START + timedelta(hours=hours), "always"),)


def _by_chance(demand: Demand, many: int, seed: int) -> list[Caller]:
    """Poisson arrivals, exponential talk and patience: what Erlang assumes."""
    chance = Random(seed)
    at, callers = START, []
    for _ in range(many):
        at += timedelta(hours=chance.expovariate(demand.calls_per_hour))
        patience = demand.patience * chance.expovariate(1) if demand.patience else None
        callers.append(Caller(at, demand.handling * chance.expovariate(1), patience))
    return callers


def _plain(callers: Sequence[Caller], desks: int, house: House | None = None) -> Simulated:
    end = callers[-1].arrives_at + timedelta(hours=1)
    return simulate(callers, [Desk(_always())] * desks, house or House(), START, end)


@dataclass(frozen=True)
class Measured:
    """Means over batches of calls and half the width of their 99 % confidence intervals."""

    means: tuple[float, ...]
    widths: tuple[float, ...]

    def agrees(self, theory: Service) -> tuple[bool, ...]:
        assert theory.answer_speed is not None
        told = (theory.waits, theory.in_time, theory.abandons, theory.answer_speed.total_seconds())
        return tuple(
            abs(mean - value) <= width
            for mean, width, value in zip(self.means, self.widths, told, strict=True)
        )


def _measured(fates: Sequence[Fate]) -> Measured:
    """Waits, in time, abandons, mean wait of the answered; the first batch warms up."""
    size = len(fates) // (_BATCHES + 1)
    batches = [_figures(fates[n * size : (n + 1) * size]) for n in range(1, _BATCHES + 1)]
    columns = list(zip(*batches, strict=True))
    return Measured(
        tuple(fmean(column) for column in columns),
        tuple(_T_995 * stdev(column) / sqrt(_BATCHES) for column in columns),
    )


def _figures(fates: Sequence[Fate]) -> tuple[float, float, float, float]:
    answered = [fate for fate in fates if fate.answered_by is not None]
    return (
        sum(fate.waited > timedelta() for fate in fates) / len(fates),
        sum(fate.waited <= LIMIT for fate in answered) / len(fates),
        1 - len(answered) / len(fates),
        fmean(fate.waited.total_seconds() for fate in answered),
    )


@pytest.mark.parametrize(
    "demand",
    [
        Demand(100, 120 * SECOND),
        Demand(140, 120 * SECOND, 60 * SECOND),
    ],
    ids=["Erlang C", "Erlang A"],
)
def test_the_plain_case_agrees_with_the_theory(demand: Demand) -> None:
    """Within 99 % confidence with five counselors, and clearly not with what four or six would do."""
    found = _measured(_plain(_by_chance(demand, 12_600, seed=7), 5).fates)
    assert found.agrees(service(demand, 5, LIMIT)) == (True, True, True, True)
    for other in (4, 6):
        assert not any(found.agrees(service(demand, other, LIMIT))[:2])


def test_who_is_answered_waits_in_the_order_of_the_line_and_nobody_has_two_calls() -> None:
    callers = _by_chance(Demand(200, 120 * SECOND, 90 * SECOND), 2_000, seed=3)
    house = House(wrap_up=10 * SECOND, pick_up=3 * SECOND)
    done = _plain(callers, 6, house)
    spells: dict[int, list[tuple[datetime, datetime]]] = {}
    for caller, fate in zip(callers, done.fates, strict=True):
        if fate.answered_by is not None:
            assert fate.waited >= house.pick_up
            answered = fate.arrived_at + fate.waited
            ended = answered + caller.talk + house.wrap_up
            spells.setdefault(fate.answered_by, []).append((answered - house.pick_up, ended))
        else:
            assert fate.waited == caller.patience
    assert len(spells) == 6
    for theirs in spells.values():
        assert all(one[1] <= other[0] for one, other in pairwise(sorted(theirs)))
    served = [fate.arrived_at + fate.waited for fate in done.fates if fate.answered_by is not None]
    assert served == sorted(served)


def test_the_same_is_always_the_same() -> None:
    callers = _by_chance(Demand(200, 120 * SECOND, 90 * SECOND), 300, seed=4)
    assert _plain(callers, 6) == _plain(callers, 6)


def test_work_is_shared_evenly() -> None:
    done = _plain(_by_chance(Demand(100, 120 * SECOND), 1_000, seed=5), 5)
    shares = [sum(fate.answered_by == desk for fate in done.fates) for desk in range(5)]
    assert sum(shares) == done.decisions == 1_000
    assert max(shares) - min(shares) < 60


def test_how_busy_they_are_is_told() -> None:
    one = [Caller(START, 600 * SECOND)]
    done = simulate(one, [Desk(_always())], House(wrap_up=60 * SECOND), START, START + 1320 * SECOND)
    assert (done.busy, done.staffed) == (660 * SECOND, 1320 * SECOND)
    unfinished = simulate(one, [Desk(_always())], House(), START, START + 300 * SECOND)
    assert unfinished.busy == unfinished.staffed == 300 * SECOND


def test_who_hangs_up_while_a_phone_rings_leaves_the_counselor_free() -> None:
    callers = [
        Caller(START, 60 * SECOND, patience=2 * SECOND),
        Caller(START + 2 * SECOND, 60 * SECOND),
    ]
    house = House(pick_up=3 * SECOND)
    done = simulate(callers, [Desk(_always())], house, START, START + timedelta(hours=1))
    assert done.fates == [
        Fate(START, 2 * SECOND, None),
        Fate(START + 2 * SECOND, 3 * SECOND, 0),
    ]
    assert done.busy == 2 * SECOND + 63 * SECOND


def test_who_waits_at_the_end_has_waited_until_then() -> None:
    done = simulate([Caller(START, SECOND)], [], House(), START, START + 90 * SECOND)
    assert done.fates == [Fate(START, 90 * SECOND, None)]


def test_a_caller_waits_for_the_next_shift_and_a_call_outlasts_its_own() -> None:
    day = datetime(2026, 11, 20, tzinfo=UTC).date()
    change = MORNING.on(day).ends
    desks = [Desk((MORNING.on(day),)), Desk((AFTERNOON.on(day),))]
    callers = [
        Caller(change - 60 * SECOND, 300 * SECOND),
        Caller(change - 30 * SECOND, 60 * SECOND),
    ]
    done = simulate(callers, desks, House(), START, change + timedelta(hours=1))
    assert [fate.answered_by for fate in done.fates] == [0, 1]
    assert done.fates[1].waited == 30 * SECOND
    assert done.busy == 360 * SECOND


def test_callers_overflow_after_the_limit_that_a_shift_lead_sets() -> None:
    """Their own center is soon free, so they are kept for it until the limit."""
    desks = [Desk(_always(), site="hn"), Desk(_always(), site="dn")]
    callers = [
        Caller(START, 60 * SECOND, site="hn"),
        Caller(START + 61 * SECOND, 60 * SECOND, site="hn"),
    ]
    house = House(wrap_up=8 * SECOND, steering=Steering(limit=20 * SECOND))
    kept = simulate(callers, desks, house, START, START + timedelta(hours=1))
    assert [(f.answered_by, f.waited) for f in kept.fates] == [(0, timedelta()), (0, 7 * SECOND)]
    at_once = House(wrap_up=8 * SECOND, steering=Steering(limit=timedelta()))
    over = simulate(callers, desks, at_once, START, START + timedelta(hours=1))
    assert [(f.answered_by, f.waited) for f in over.fates] == [(0, timedelta()), (1, timedelta())]


def test_a_closed_center_answers_nobody() -> None:
    desks = [Desk(_always(), site="hn"), Desk(_always(), site="dn")]
    callers = [Caller(START + n * 90 * SECOND, 60 * SECOND, site="hn") for n in range(5)]
    house = House(steering=Steering(closed=frozenset({"hn"})))
    done = simulate(callers, desks, house, START, START + timedelta(hours=1))
    assert {fate.answered_by for fate in done.fates} == {1}


def test_decisions_may_be_made_in_beats() -> None:
    callers = [Caller(START + 2 * SECOND, 60 * SECOND), Caller(START + 3 * SECOND, 60 * SECOND)]
    house = House(beat=10 * SECOND)
    done = simulate(callers, [Desk(_always())] * 2, house, START, START + timedelta(hours=1))
    assert [fate.waited for fate in done.fates] == [8 * SECOND, 7 * SECOND]
