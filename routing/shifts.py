"""Shifts round the clock in Vietnam's civil time. Pure.

Half-open: a shift that ends at 14:00 is over at 14:00:00. The night shift crosses midnight.
"""

from dataclasses import dataclass
from datetime import datetime, time

from hotline.clock import local


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


MORNING = Shift("morning", time(6), time(14))
AFTERNOON = Shift("afternoon", time(14), time(22))
NIGHT = Shift("night", time(22), time(6))
SHIFTS = (MORNING, AFTERNOON, NIGHT)
"""Three shifts of eight hours that cover the day without gap or overlap."""

_BY_CODE = {shift.code: shift for shift in SHIFTS}


def shift_at(now: datetime) -> Shift:
    """The one shift that is on at `now`."""
    return next(shift for shift in SHIFTS if shift.covers(now))


def by_code(code: str) -> Shift:
    """The shift of this code; KeyError when there is none."""
    return _BY_CODE[code]
