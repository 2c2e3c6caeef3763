"""What a day would be like with something changed: the simulator run on it a few times over. Pure.

Both the day as it is planned and the day as changed are run with calls drawn by chance around the
forecast; the figures come with how far chance may have moved them.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import sqrt
from random import Random
from statistics import fmean, stdev

from hotline.calendar import HALF_HOUR
from routing.policy import Steering
from routing.shifts import Duty, duty_at
from routing.simulator import Caller, Desk, House, Simulated, simulate

MOST_RUNS = 10
MOST_CALLS = 60_000
"""Simulated in all for one side of a question: bounds what one may cost."""
_LEAST_RUNS = 2
PER_SECOND = 5_000
"""Calls that a worker simulates a second, on the safe side (`bench/simulator.py`)."""
_AFTER = timedelta(minutes=15)
"""The last callers of the day are still answered."""
_T_975 = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26)
"""Student's t for 95 % confidence, by degrees of freedom from 1."""


@dataclass(frozen=True, slots=True)
class Day:
    """`start`: its midnight. `calls`: forecast for each half hour. `patience`: None for ever."""

    start: datetime
    calls: tuple[float, ...]
    desks: tuple[Desk, ...]
    talk: timedelta
    patience: timedelta | None
    wrap_up: timedelta
    pick_up: timedelta
    overflow: timedelta


@dataclass(frozen=True, slots=True)
class Question:
    """`limit`: within which a call should be answered, for both days."""

    as_planned: Day
    changed: Day
    limit: timedelta


@dataclass(frozen=True, slots=True)
class Mean:
    """Over the runs; with 95 % confidence it is `value` ± `margin`."""

    value: float
    margin: float


@dataclass(frozen=True, slots=True)
class Figures:
    """`in_time`, `abandons`, `occupancy` are shares; `answer_speed` and `longest` (wait) are seconds."""

    offered: Mean
    in_time: Mean
    abandons: Mean
    answer_speed: Mean
    longest: Mean
    occupancy: Mean
    parts: Mapping[str, Mean] = field(default_factory=dict, kw_only=True)
    """Share answered in time, by the code of the center whose callers they are, and of the shift."""


@dataclass(frozen=True, slots=True)
class Answer:
    as_planned: Figures
    changed: Figures
    runs: int


def runs_of(question: Question) -> int:
    """So many that the larger day stays within what a question may cost."""
    most = max(sum(question.as_planned.calls), sum(question.changed.calls), 1.0)
    return max(_LEAST_RUNS, min(MOST_RUNS, int(MOST_CALLS / most)))


def takes(question: Question) -> timedelta:
    """How long a worker will be at it, roughly."""
    calls = sum(question.as_planned.calls) + sum(question.changed.calls)
    return timedelta(seconds=runs_of(question) * calls / PER_SECOND)


def answer(question: Question) -> Answer:
    runs = runs_of(question)
    return Answer(
        _figures(question.as_planned, question.limit, runs),
        _figures(question.changed, question.limit, runs),
        runs,
    )


def _figures(day: Day, limit: timedelta, runs: int) -> Figures:
    drawn = [list(_callers(day, Random(seed))) for seed in range(runs)]  # noqa: S311
    found = [_run(day, callers) for callers in drawn]
    columns = zip(*(_of_run(each, limit) for each in found), strict=True)
    shares = [_parts(callers, each, limit) for callers, each in zip(drawn, found, strict=True)]
    keys = sorted({key for each in shares for key in each})
    parts = {key: _mean([each.get(key, 0.0) for each in shares]) for key in keys}
    return Figures(*(_mean(column) for column in columns), parts=parts)


def _run(day: Day, callers: Sequence[Caller]) -> Simulated:
    house = House(day.wrap_up, day.pick_up, Steering(limit=day.overflow))
    end = day.start + len(day.calls) * HALF_HOUR + _AFTER
    return simulate(callers, day.desks, house, day.start, end)


def _parts(callers: Sequence[Caller], done: Simulated, limit: timedelta) -> dict[str, float]:
    """Share answered in time of each part's callers; only of parts that had any."""
    offered, in_time = Counter[str](), Counter[str]()
    for caller, fate in zip(callers, done.fates, strict=True):
        for key in (caller.site, duty_at(caller.arrives_at).shift):
            offered[key] += 1
            in_time[key] += fate.answered_by is not None and fate.waited <= limit
    return {key: in_time[key] / many for key, many in offered.items() if key}


def _callers(day: Day, chance: Random) -> Iterator[Caller]:
    """Nobody knows yet whose center they would reach: as many for each as it has desks."""
    sites = sorted(desk.site for desk in day.desks) or [""]
    for number, calls in enumerate(day.calls):
        begins = day.start + number * HALF_HOUR
        at = chance.expovariate(calls) if calls > 0 else 1.0
        while at < 1:
            yield Caller(
                begins + at * HALF_HOUR,
                day.talk * chance.expovariate(1),
                day.patience * chance.expovariate(1) if day.patience else None,
                chance.choice(sites),
            )
            at += chance.expovariate(calls)


def _of_run(done: Simulated, limit: timedelta) -> tuple[float, ...]:
    """In the order of `Figures`."""
    answered = [fate.waited for fate in done.fates if fate.answered_by is not None]
    offered = len(done.fates) or 1
    return (
        len(done.fates),
        sum(waited <= limit for waited in answered) / offered,
        1 - len(answered) / offered,
        fmean(waited.total_seconds() for waited in answered) if answered else 0.0,
        max((fate.waited.total_seconds() for fate in done.fates), default=0.0),
        done.busy / done.staffed if done.staffed else 0.0,
    )


def _mean(values: Sequence[float]) -> Mean:
    doubt = _T_975[len(values) - 2] * stdev(values) / sqrt(len(values))
    return Mean(fmean(values), doubt)


def more_calls(day: Day, factor: float) -> tuple[float, ...]:
    """Every half hour alike."""
    return tuple(calls * factor for calls in day.calls)


def with_more(desks: Sequence[Desk], many: int, duties: Sequence[Duty], site: str) -> tuple[Desk, ...]:
    """So many more counselors at this site on each of these shifts; fewer when negative, the last ones
    of a shift first."""
    if many >= 0:
        return (*desks, *(Desk((duty,), site) for duty in duties for _ in range(many)))
    left = list(desks)
    for duty in duties:
        there = [place for place, desk in enumerate(left) if duty in desk.duty][many:]
        for place in there:
            desk = left[place]
            left[place] = Desk(tuple(one for one in desk.duty if one != duty), desk.site, desk.skills)
    return tuple(left)
