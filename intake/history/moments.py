"""When the calls of a made-up month come. Pure; the shape of the day, of the week and of holidays is
that of `hotline.synthetic`, where all of it is assumed."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import accumulate
from random import Random

from hotline.calendar import HALF_HOUR, HALF_HOURS, days, start_of
from hotline.synthetic import expected_calls

_UNUSUAL = 0.06
"""Days differ by more than chance: standard deviation of the day's own factor."""


def arrivals(chance: Random, year: int, month: int, many: int) -> Sequence[datetime]:
    """So many moments of this month of Hà Nội, in order."""
    slots: list[datetime] = []
    weights: list[float] = []
    for day in _days(year, month):
        unusual = chance.lognormvariate(0, _UNUSUAL)
        slots += [start_of(day, slot) for slot in range(HALF_HOURS)]
        weights += [mean * unusual for mean in expected_calls(day)]
    found = chance.choices(slots, cum_weights=list(accumulate(weights)), k=many)
    return sorted(begins + HALF_HOUR * chance.random() for begins in found)


def office_hours(chance: Random, year: int, month: int, many: int) -> Sequence[datetime]:
    """So many moments of its working days, from 8 to 17 h: when letters are opened and people meet."""
    workdays = [day for day in _days(year, month) if day.weekday() < 5]
    found = chance.choices(workdays, k=many)
    return sorted(
        start_of(day) + timedelta(hours=8) + timedelta(hours=9) * chance.random() for day in found
    )


def share(left: int, month: int) -> int:
    """Of what is left of a year, so much comes in this month: all by the last."""
    return left // (13 - month)


def _days(year: int, month: int) -> Iterator[date]:
    return days(date(year, month, 1), date(year + month // 12, month % 12 + 1, 1))
