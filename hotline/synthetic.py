"""Made-up calls: for the demo and the tests, never for a report. Pure, and the same for the same seed.

What is known (the hotline's own reports; 506,957 calls in 2019, 507,861 in 2021): about 507,000 calls a
year round the clock; 90 to 96 % of them are not counseling but silence, jokes, wrong numbers and short
questions; children of 10 to 16 ring mostly from 22 to 24 h. **Everything else here is assumed**: the
shape of the day, of the week and of holidays, how long people talk and how long they wait.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from hotline.calendar import HALF_HOURS, is_holiday, start_of

CALLS_A_YEAR = 507_000
SEED = 111

_HOURS = (
    *(0.55, 0.35, 0.25, 0.20, 0.20, 0.30, 0.60, 0.90, 1.20, 1.40, 1.40, 1.30),
    *(1.10, 1.10, 1.30, 1.40, 1.40, 1.30, 1.20, 1.40, 1.60, 1.70, 1.75, 1.45),
)
"""How busy each hour of the day is, against the others."""
_WEEKDAYS = (1.06, 1.03, 1.02, 1.02, 1.01, 0.95, 0.91)
"""Monday first; the mean is 1."""
_HOLIDAY = 0.75
_UNUSUAL = 0.06
"""Days differ by more than chance: standard deviation of the day's own factor."""
_COUNSELING = 0.07
_SHORT_TALK = timedelta(seconds=45)
_COUNSELING_TALK = timedelta(minutes=12)
_PATIENCE = timedelta(minutes=2)
"""Means of exponential distributions."""
_HOLIDAYS_A_YEAR = 11
"""Days off by the Labor Code 2019, Đ112."""


@dataclass(frozen=True, slots=True)
class SyntheticCall:
    """A made-up call. `talk`: how long it would last once answered. `patience`: how long the caller
    would wait. `counseling`: a real talk, not one of the many short calls."""

    arrived_at: datetime
    talk: timedelta
    patience: timedelta
    counseling: bool


def expected_calls(day: date) -> tuple[float, ...]:
    """Mean number of calls in each half hour of the day."""
    whole = CALLS_A_YEAR / (365.25 - _HOLIDAYS_A_YEAR * (1 - _HOLIDAY))
    whole *= _WEEKDAYS[day.weekday()] * (_HOLIDAY if is_holiday(day) else 1)
    return tuple(whole * _HOURS[slot // 2] / sum(_HOURS) / 2 for slot in range(HALF_HOURS))


def calls_of(day: date, seed: int = SEED) -> Iterator[SyntheticCall]:
    """The calls of one day, in order. Each day is drawn by itself, whatever was drawn before."""
    chance = Random(f"{seed} {day.isoformat()}")  # noqa: S311
    unusual = chance.lognormvariate(-(_UNUSUAL**2) / 2, _UNUSUAL)
    for slot, mean in enumerate(expected_calls(day)):
        begins = start_of(day, slot)
        second = chance.expovariate(mean * unusual / 1800)
        while second < 1800:
            yield _call(chance, begins + timedelta(seconds=second))
            second += chance.expovariate(mean * unusual / 1800)


def _call(chance: Random, at: datetime) -> SyntheticCall:
    counseling = chance.random() < _COUNSELING
    mean = _COUNSELING_TALK if counseling else _SHORT_TALK
    return SyntheticCall(
        arrived_at=at,
        talk=mean * chance.expovariate(1),
        patience=_PATIENCE * chance.expovariate(1),
        counseling=counseling,
    )
