"""How many calls each half hour of a coming day brings, told from the past days. Pure.

Nothing but means that a shift lead can check by hand: the mean of the same half hour on the same
weekday over the last eight weeks, times the trend of those weeks where there clearly is one, times what
a holiday used to be. How wrong it is, is measured on the last four weeks: each is forecast from what was
known before it and held against what came.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import exp, floor, lgamma, log, sqrt
from statistics import fmean

from hotline.calendar import DAY, HALF_HOURS, days, is_holiday

History = Mapping[date, Sequence[int]]
"""Day → calls offered in each of its 48 half hours, for every day that is known in full."""

WINDOW = timedelta(weeks=8)
LEAST_DAYS = 14
"""Ordinary days in the window below which nothing is said."""
_TESTED_WEEKS = 4
_CLEAR = 2.0
"""A trend counts when it is so many standard errors from none."""
_MOST_TREND = 2.0


@dataclass(frozen=True, slots=True)
class Model:
    """What was learned. `usual`: by weekday, calls of each half hour. `middle`: by weekday, the ordinal
    of the day for which that holds. `trend`: growth a day, as a part of `usual`; 0 where none is clear.
    `holiday`: calls of a holiday against an ordinary day; 1 when none was seen (`holidays_seen`)."""

    usual: tuple[tuple[float, ...], ...]
    middle: tuple[float, ...]
    trend: float
    holiday: float
    holidays_seen: int
    days_seen: int

    def calls(self, day: date) -> tuple[float, ...]:
        """Expected calls in each half hour of the day."""
        grown = 1 + self.trend * (day.toordinal() - self.middle[day.weekday()])
        factor = min(_MOST_TREND, max(1 / _MOST_TREND, grown))
        if is_holiday(day):
            factor *= self.holiday
        return tuple(mean * factor for mean in self.usual[day.weekday()])


@dataclass(frozen=True, slots=True)
class Error:
    """How far the forecast was off over `days` days.

    `half_hour`, `day`: sum of the differences as a share of all calls (WAPE), half hour by half hour and
    day by day. MAPE would divide by the nearly empty hours of the night. `chance`: what even a forecast
    that knew the true means would be off half hour by half hour, since calls come as they please
    (Poisson). `bias`: forecast over what came, less 1. `low`, `high`: eight of ten half hours were
    between f + low·√f and f + high·√f calls, f the forecast.
    """

    half_hour: float
    day: float
    chance: float
    bias: float
    low: float
    high: float
    days: int

    def between(self, calls: float) -> tuple[float, float]:
        """In eight of ten half hours for which `calls` are forecast, so many come."""
        return max(0.0, calls + self.low * sqrt(calls)), calls + self.high * sqrt(calls)


def learn(history: History, until: date) -> Model | None:
    """From the days before `until`; None when they are too few to say anything."""
    known = [day for day in days(until - WINDOW, until) if day in history and not is_holiday(day)]
    if len(known) < LEAST_DAYS or len({day.weekday() for day in known}) < 7:
        return None
    alike = [[day for day in known if day.weekday() == weekday] for weekday in range(7)]
    usual = tuple(_mean_day(history, some) for some in alike)
    middle = tuple(fmean(day.toordinal() for day in some) for some in alike)
    ratios = [_against(sum(history[day]), sum(usual[day.weekday()])) for day in known]
    seen = [_holiday_ratio(history, day) for day in history if day < until and is_holiday(day)]
    compared = [ratio for ratio in seen if ratio is not None]
    return Model(
        usual=usual,
        middle=middle,
        trend=_clear_slope([day.toordinal() - middle[day.weekday()] for day in known], ratios),
        holiday=fmean(compared) if compared else 1.0,
        holidays_seen=len(compared),
        days_seen=len(known),
    )


def back_test(history: History, until: date) -> Error | None:
    """The error over the four weeks before `until`; None when there was too little to learn from."""
    pairs: list[tuple[float, int]] = []
    totals: list[tuple[float, int]] = []
    for week in range(_TESTED_WEEKS, 0, -1):
        first = until - timedelta(weeks=week)
        model = learn(history, first)
        if model is None:
            continue
        for day in days(first, first + timedelta(weeks=1)):
            if day in history:
                forecast = model.calls(day)
                pairs += zip(forecast, history[day], strict=True)
                totals.append((sum(forecast), sum(history[day])))
    came = sum(calls for _, calls in totals)
    if not came:
        return None
    off = sorted((calls - mean) / sqrt(mean) for mean, calls in pairs if mean > 0)
    return Error(
        half_hour=sum(abs(calls - mean) for mean, calls in pairs) / came,
        day=sum(abs(calls - mean) for mean, calls in totals) / came,
        chance=sum(_chance(mean) for mean, _ in pairs) / came,
        bias=sum(mean for mean, _ in totals) / came - 1,
        low=off[len(off) // 10],
        high=off[len(off) * 9 // 10],
        days=len(totals),
    )


def _mean_day(history: History, known: Sequence[date]) -> tuple[float, ...]:
    return tuple(fmean(history[day][slot] for day in known) for slot in range(HALF_HOURS))


def _against(calls: float, usual: float) -> float:
    return calls / usual if usual else 1.0


def _clear_slope(places: Sequence[float], values: Sequence[float]) -> float:
    """Least squares; 0 when it could well be none. Seven means of weekdays were taken off before."""
    mid, mean = fmean(places), fmean(values)
    spread = sum((place - mid) ** 2 for place in places)
    slope = sum((p - mid) * (v - mean) for p, v in zip(places, values, strict=True)) / spread
    rest = sum((v - mean - slope * (p - mid)) ** 2 for p, v in zip(places, values, strict=True))
    doubt = sqrt(rest / (len(places) - 8) / spread)
    return slope if abs(slope) > _CLEAR * doubt else 0.0


def _holiday_ratio(history: History, day: date) -> float | None:
    """Against the ordinary days of the same weekday in the four weeks around it."""
    near = [day + week * 7 * DAY for week in (-2, -1, 1, 2)]
    ordinary = [sum(history[one]) for one in near if one in history and not is_holiday(one)]
    return sum(history[day]) / fmean(ordinary) if ordinary and sum(ordinary) else None


def _chance(mean: float) -> float:
    """Mean distance of a Poisson count from its mean (de Moivre's formula)."""
    if mean <= 0:
        return 0.0
    whole = floor(mean)
    return 2 * exp((whole + 1) * log(mean) - mean - lgamma(whole + 1))
