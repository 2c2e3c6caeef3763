"""Counselors needed against counselors on the roster, half hour by half hour. Pure.

The whole house is one queue: callers overflow to whichever center has somebody free, so that one number
is needed for all centers together and not one for each.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from hotline.calendar import HALF_HOUR, days, start_of
from routing.erlang import Demand, Service, Target, needed, service
from routing.forecast import Error, Model
from routing.shifts import Duty


@dataclass(frozen=True, slots=True)
class Work:
    """What a call costs. `handling`: talk and wrap-up, in the mean. `patience`: None when nobody is
    known to have hung up; then all are taken to wait for ever, which asks for more counselors."""

    handling: timedelta
    patience: timedelta | None


@dataclass(frozen=True, slots=True)
class Slot:
    """One half hour to come. `low`, `high`: eight of ten such half hours bring so many `calls`.
    `met`: what callers find with the counselors `rostered`."""

    starts_at: datetime
    calls: float
    low: float
    high: float
    needed: int
    rostered: int
    met: Service

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + HALF_HOUR

    @property
    def missing(self) -> int:
        """Counselors; 0 when there are enough."""
        return max(0, self.needed - self.rostered)


@dataclass(frozen=True, slots=True)
class Gap:
    """A time with as many `rostered` throughout, fewer than needed; `needed` at its busiest."""

    starts_at: datetime
    ends_at: datetime
    needed: int
    rostered: int


def plan(
    model: Model,
    error: Error | None,
    duties: Iterable[Duty],
    first: date,
    end: date,
    work: Work,
    target: Target,
) -> Sequence[Slot]:
    """The half hours from `first` to before `end`. `duties`: one for each counselor and shift."""
    by_start = sorted(duties)
    return [
        _slot(start_of(day, number), calls, error, by_start, work, target)
        for day in days(first, end)
        for number, calls in enumerate(model.calls(day))
    ]


def _slot(
    starts_at: datetime,
    calls: float,
    error: Error | None,
    duties: Sequence[Duty],
    work: Work,
    target: Target,
) -> Slot:
    low, high = error.between(calls) if error else (calls, calls)
    demand = Demand(calls * 2, work.handling, work.patience)
    rostered = sum(duty.covers(starts_at) for duty in duties)
    met = service(demand, rostered, target.within)
    return Slot(starts_at, calls, low, high, needed(demand, target), rostered, met)


def gaps(slots: Iterable[Slot]) -> Iterator[Gap]:
    """In order; half hours that follow each other with as many on the roster are one."""
    last: Gap | None = None
    for slot in slots:
        if not slot.missing:
            continue
        if last and last.ends_at == slot.starts_at and last.rostered == slot.rostered:
            last = Gap(last.starts_at, slot.ends_at, max(last.needed, slot.needed), last.rostered)
            continue
        if last:
            yield last
        last = Gap(slot.starts_at, slot.ends_at, slot.needed, slot.rostered)
    if last:
        yield last
