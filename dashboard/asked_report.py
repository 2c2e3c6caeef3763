"""The period that somebody asks a report of, as it stands in the address of a page. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from urllib.parse import urlencode

from hotline.errors import FieldErrors
from intake.statistics import periods
from intake.statistics.periods import Period

FIRST_YEAR, LAST_YEAR = 2004, 2100
"""The hotline began in 2004."""
_DAY = timedelta(days=1)


class Kind(StrEnum):
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    DAYS = "days"


@dataclass(frozen=True, slots=True)
class AskedReport:
    kind: Kind
    period: Period

    @property
    def quarter(self) -> int:
        """In which it begins."""
        return (self.period.since.month + 2) // 3

    @property
    def query(self) -> str:
        """Of the address of its page."""
        since = self.period.since
        match self.kind:
            case Kind.MONTH:
                told = {"year": since.year, "month": since.month}
            case Kind.QUARTER:
                told = {"year": since.year, "quarter": self.quarter}
            case Kind.YEAR:
                told = {"year": since.year}
            case Kind.DAYS:
                return urlencode({"kind": "days", "first": since, "last": self.period.last_day})
        return urlencode({"kind": self.kind.value, **told})

    @property
    def earlier(self) -> "AskedReport":
        return AskedReport(self.kind, self.period.before())

    @property
    def later(self) -> "AskedReport":
        """Right after it, as long."""
        if self.kind is Kind.DAYS:
            length = self.period.until - self.period.since
            return AskedReport(self.kind, Period(self.period.until, self.period.until + length))
        return of_kind(self.kind, self.period.until)


def of_kind(kind: Kind, day: date) -> AskedReport:
    """The month, quarter or year in which this day is; for days the month until then."""
    match kind:
        case Kind.MONTH:
            return AskedReport(kind, periods.month_of(day))
        case Kind.QUARTER:
            return AskedReport(kind, periods.quarter_of(day))
        case Kind.YEAR:
            return AskedReport(kind, periods.year_of(day))
    return AskedReport(kind, Period(day.replace(day=1), day + _DAY))


def of_period(period: Period) -> AskedReport:
    """A month by its name, else its days."""
    is_month = period == periods.month_of(period.since)
    return AskedReport(Kind.MONTH if is_month else Kind.DAYS, period)


def last_whole(today: date) -> AskedReport:
    """The month that is over: what is reported on next."""
    return of_kind(Kind.MONTH, today.replace(day=1) - _DAY)


def asked(told: Mapping[str, str], today: date) -> AskedReport:
    """As the address says; the last whole month where it says nothing. A kind alone: the one of today.

    Raises FieldErrors: `kind`, `year`, `month`, `quarter`, `first`, `last`, each `not_usable`, or `last`
    `before_first`.
    """
    kind_told = told.get("kind", "")
    if not kind_told:
        return last_whole(today)
    if kind_told not in set(Kind):
        raise FieldErrors({"kind": "not_usable"})
    kind = Kind(kind_told)
    if kind is Kind.DAYS:
        return _days(told, today)
    if not told.get("year"):
        return of_kind(kind, today)
    year = _number(told, "year", FIRST_YEAR, LAST_YEAR)
    match kind:
        case Kind.MONTH:
            return AskedReport(kind, periods.month(year, _number(told, "month", 1, 12)))
        case Kind.QUARTER:
            return AskedReport(kind, periods.quarter(year, _number(told, "quarter", 1, 4)))
    return AskedReport(kind, periods.year(year))


def _days(told: Mapping[str, str], today: date) -> AskedReport:
    if not (told.get("first") or told.get("last")):
        return of_kind(Kind.DAYS, today)
    found: dict[str, date] = {}
    wrong: dict[str, str] = {}
    for name in ("first", "last"):
        try:
            found[name] = date.fromisoformat(told.get(name, ""))
        except ValueError:
            wrong[name] = "not_usable"
        else:
            if not FIRST_YEAR <= found[name].year <= LAST_YEAR:
                wrong[name] = "not_usable"
    if wrong:
        raise FieldErrors(wrong)
    if found["last"] < found["first"]:
        raise FieldErrors({"last": "before_first"})
    return AskedReport(Kind.DAYS, Period(found["first"], found["last"] + _DAY))


def _number(told: Mapping[str, str], name: str, least: int, most: int) -> int:
    text = told.get(name, "")
    if text.isascii() and text.isdecimal() and len(text) < 5 and least <= int(text) <= most:
        return int(text)
    raise FieldErrors({name: "not_usable"})
