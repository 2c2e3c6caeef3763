"""Days and half hours of Vietnam's civil time. Pure."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import cache

import holidays

from hotline.clock import HANOI, local

HALF_HOUR = timedelta(minutes=30)
HALF_HOURS = 48
"""In a day; Vietnam's clocks do not change."""
DAY = timedelta(days=1)


def half_hour_of(moment: datetime) -> int:
    """0 to 47 on the clock on the wall."""
    here = local(moment)
    return here.hour * 2 + here.minute // 30


def start_of(day: date, half_hour: int = 0) -> datetime:
    """When this half hour (0 to 47) of the day begins: an aware instant."""
    return datetime.combine(day, time(), HANOI) + half_hour * HALF_HOUR


def days(first: date, end: date) -> Iterator[date]:
    """From `first` to before `end`."""
    while first < end:
        yield first
        first += DAY


def is_holiday(day: date) -> bool:
    """A public holiday of Vietnam, Tết among them, or the free day that stands for one."""
    return day in _calendar()


def holiday_name(day: date) -> str:
    """What the holiday is called in Vietnamese; empty on other days."""
    return str(_calendar().get(day) or "")


@cache
def _calendar() -> holidays.HolidayBase:
    """Vietnam's public holidays with their substitute days, computed for each year asked for."""
    return holidays.country_holidays("VN", language="vi")
