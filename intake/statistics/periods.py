"""The spans of days that reports are about, by Vietnam's calendar. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from hotline.calendar import start_of

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """From the first day to before `until`."""

    since: date
    until: date

    def __post_init__(self) -> None:
        if self.until <= self.since:
            raise ValueError("a period ends after it begins")

    @property
    def starts_at(self) -> datetime:
        return start_of(self.since)

    @property
    def ends_at(self) -> datetime:
        return start_of(self.until)

    @property
    def last_day(self) -> date:
        return self.until - _DAY

    def months(self) -> list[date]:
        """The first days of the months in which it lies."""
        found, month = [], self.since.replace(day=1)
        while month < self.until:
            found.append(month)
            month = _months_later(month, 1)
        return found

    def before(self) -> "Period":
        """As long, right before it: for whole months as many months, else as many days."""
        if self.since.day == self.until.day == 1:
            many = len(self.months())
            return Period(_months_later(self.since, -many), self.since)
        return Period(self.since - (self.until - self.since), self.since)

    def year_before(self) -> "Period":
        """The same days of the year before; for 29 February the 28th."""
        return Period(_year_before(self.since), _year_before(self.last_day) + _DAY)


def month(year: int, number: int) -> Period:
    first = date(year, number, 1)
    return Period(first, _months_later(first, 1))


def quarter(year: int, number: int) -> Period:
    first = date(year, 3 * number - 2, 1)
    return Period(first, _months_later(first, 3))


def year(number: int) -> Period:
    return Period(date(number, 1, 1), date(number + 1, 1, 1))


def month_of(day: date) -> Period:
    """The one in which the day lies."""
    return month(day.year, day.month)


def quarter_of(day: date) -> Period:
    return quarter(day.year, (day.month + 2) // 3)


def year_of(day: date) -> Period:
    return year(day.year)


def _months_later(first: date, many: int) -> date:
    years, months = divmod(first.month - 1 + many, 12)
    return date(first.year + years, months + 1, 1)


def _year_before(day: date) -> date:
    if (day.month, day.day) == (2, 29):
        return date(day.year - 1, 2, 28)
    return day.replace(year=day.year - 1)
