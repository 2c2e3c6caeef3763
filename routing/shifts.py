"""Shifts round the clock in Vietnam's civil time, and the dated instances of them. Pure.

Half-open: a shift that ends at 14:00 is over at 14:00:00. The night shift crosses midnight; it belongs
to the day on which it starts.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from hotline.clock import HANOI, local


@dataclass(frozen=True, slots=True, order=True)
class Duty:
    """One shift of one day: `[starts, ends)`, aware UTC. `shift` is the code of the daily shift."""

    starts: datetime
    ends: datetime
    shift: str

    def covers(self, now: datetime) -> bool:
        return self.starts <= now < self.ends

    @property
    def day(self) -> date:
        """The day in Vietnam on which it starts."""
        return local(self.starts).date()


@dataclass(frozen=True, slots=True)
class Shift:
    """One daily shift: `[starts, ends)` on the wall clock; `ends <= starts` crosses midnight."""

    code: str
    starts: time
    ends: time

    def covers(self, now: datetime) -> bool:
        """Whether the aware instant `now` lies in this shift."""
        clock = local(now).time()
        if self.starts < self.ends:
            return self.starts <= clock < self.ends
        return clock >= self.starts or clock < self.ends

    @lru_cache(maxsize=1024)  # noqa: B019 - there are three shifts, and they live for ever
    def on(self, day: date) -> Duty:
        """This shift as it starts on that day in Vietnam."""
        return _duty(self, day)


@lru_cache(maxsize=1024)
def _duty(shift: Shift, day: date) -> Duty:
    """Made once: a look at the roster of hundreds of people asks for the same few."""
    last = day if shift.starts < shift.ends else day + timedelta(days=1)
    starts = datetime.combine(day, shift.starts, HANOI).astimezone(UTC)
    return Duty(starts, datetime.combine(last, shift.ends, HANOI).astimezone(UTC), shift.code)


MORNING = Shift("morning", time(6), time(14))
AFTERNOON = Shift("afternoon", time(14), time(22))
NIGHT = Shift("night", time(22), time(6))
SHIFTS = (MORNING, AFTERNOON, NIGHT)
"""Three shifts of eight hours that cover the day without gap or overlap."""

_BY_CODE = {shift.code: shift for shift in SHIFTS}


def shift_at(now: datetime) -> Shift:
    """The one shift that is on at `now`."""
    return next(shift for shift in SHIFTS if shift.covers(now))


def duty_at(now: datetime) -> Duty:
    """The dated shift that is on at `now`."""
    here = local(now)
    shift = shift_at(now)
    return shift.on(here.date() if here.time() >= shift.starts else here.date() - timedelta(days=1))


def duty_after(duty: Duty) -> Duty:
    """The shift that takes over from this one."""
    return duty_at(duty.ends)


def duty_before(duty: Duty) -> Duty:
    """The shift from which this one takes over."""
    return duty_at(duty.starts - timedelta(microseconds=1))


def by_code(code: str) -> Shift:
    """The shift of this code; KeyError when there is none."""
    return _BY_CODE[code]
