"""When the calls of a made-up month come. Pure; the shape of the day, of the week and of holidays is
that of `hotline.synthetic`, where all of it is assumed."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import accumulate
from random import Random

from hotline.calendar import HALF_HOURS, days, start_of
from hotline.synthetic import expected_calls

_UNUSUAL = 0.06
"""Days differ by more than chance: standard deviation of the day's own factor."""
_HALF_HOUR = timedelta(minutes=30)


def arrivals(chance: Random, year: int, month: int, many: int) -> Sequence[datetime]:
    """So many moments of this month of Hà Nội, in order."""
    first = date(year, month, 1)
    following = date(year + month // 12, month % 12 + 1, 1)
    slots: list[datetime] = []
    weights: list[float] = []
    for day in days(first, following):
        unusual = chance.lognormvariate(0, _UNUSUAL)
        slots += [start_of(day, slot) for slot in range(HALF_HOURS)]
        weights += [mean * unusual for mean in expected_calls(day)]
    found = chance.choices(slots, cum_weights=list(accumulate(weights)), k=many)
    return sorted(begins + _HALF_HOUR * chance.random() for begins in found)


def office_hours(chance: Random, year: int, month: int, many: int) -> Sequence[datetime]:
    """So many moments of its working days, from 8 to 17 h: when letters are opened and people meet."""
    first = date(year, month, 1)
    following = date(year + month // 12, month % 12 + 1, 1)
    workdays = [day for day in days(first, following) if day.weekday() < 5]
    found = chance.choices(workdays, k=many)
    return sorted(
        start_of(day) + timedelta(hours=8) + timedelta(hours=9) * chance.random() for day in found
    )
