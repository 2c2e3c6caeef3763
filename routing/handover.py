"""From one shift to the next without a gap. Pure.

The old shift stays on duty until the new one is on line with its minimum strength, for two hours at
most. Who has come is told by what they chose: available (or already on a break) from an hour before the
shift on; what somebody has left standing since yesterday does not count.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from hotline.ids import CenterId, StaffId
from routing.choices import Choice
from routing.planning import Template, strength_on
from routing.shifts import Duty, by_code, duty_after, duty_at, duty_before

EARLY = timedelta(hours=1)
HOLD = timedelta(hours=2)
PARTING = timedelta(minutes=15)
"""After the end of a shift, for the last call and its record."""
_DAY = timedelta(days=1)
_ON_LINE = frozenset({Choice.AVAILABLE, Choice.BREAK})


class Worker(NamedTuple):
    """A counselor, as far as it matters here. `since`: of the choice. `duty`: shifts around now."""

    staff_id: StaffId
    center: CenterId
    choice: Choice
    since: datetime
    duty: tuple[Duty, ...]


@dataclass(frozen=True, slots=True)
class Shortage:
    """The present shift of a center is below its minimum: `have` came, `least` must."""

    center: CenterId
    have: int
    least: int


def least_of(templates: Mapping[CenterId, Template], center: CenterId, duty: Duty) -> int:
    """The minimum strength of this shift; 0 where nobody has set one."""
    template = templates.get(center)
    return strength_on(template, duty.day, by_code(duty.shift)).minimum if template else 0


def has_come(worker: Worker, duty: Duty) -> bool:
    """On line for this shift: chosen for it, or still there from the one before."""
    if duty not in worker.duty or worker.choice not in _ON_LINE:
        return False
    stayed = any(other.ends == duty.starts for other in worker.duty)
    return stayed or worker.since >= duty.starts - EARLY


def strength(workers: Iterable[Worker], center: CenterId, duty: Duty) -> int:
    """How many have come for this shift."""
    return sum(worker.center == center and has_come(worker, duty) for worker in workers)


def held(
    workers: Sequence[Worker], templates: Mapping[CenterId, Template], now: datetime
) -> Mapping[StaffId, Duty]:
    """Who stays on duty past the end of their shift, and how long at most.

    Told already before the shift ends: so nobody is off duty for the moment in which it changes.
    """
    present = duty_at(now)
    turns = [(present, duty_after(present))]
    if now - present.starts < HOLD:
        turns.append((duty_before(present), present))
    return {
        worker.staff_id: Duty(old.ends, old.ends + HOLD, old.shift)
        for center in templates
        for old, new in turns
        if strength(workers, center, new) < least_of(templates, center, new)
        for worker in workers
        if worker.center == center and old in worker.duty and new not in worker.duty
    }


def left_standing(worker: Worker, stays: Mapping[StaffId, Duty], now: datetime) -> bool:
    """Whether what they chose belongs to a shift that is over: they have gone home without saying so.

    `stays`: who is `held`. Whoever chose anew after their shift, or is on one, has not gone.
    """
    kept = stays.get(worker.staff_id)
    duties = worker.duty if kept is None else (*worker.duty, kept)
    if worker.choice is Choice.AWAY or any(duty.covers(now) for duty in duties):
        return False
    over = [duty.ends for duty in duties if duty.ends + PARTING <= now]
    last = max(over, default=now - _DAY)
    return worker.since < last and last + PARTING <= now


def shortages(
    workers: Sequence[Worker],
    templates: Mapping[CenterId, Template],
    now: datetime,
    patience: timedelta,
) -> Iterator[Shortage]:
    """Centers whose present shift began longer than `patience` ago and is not there with its minimum."""
    present = duty_at(now)
    if now - present.starts < patience:
        return
    for center in sorted(templates):
        least, have = least_of(templates, center, present), strength(workers, center, present)
        if have < least:
            yield Shortage(center, have, least)
