"""The period of a page of figures: what was asked, and those that are asked often. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from hotline.calendar import DAY

LONGEST = 5 * 366 * DAY


@dataclass(frozen=True, slots=True)
class Period:
    """From `first` to `last`, both counted. `often`: name → the days of a period to be chosen by one
    press."""

    first: date
    last: date
    often: Mapping[str, tuple[date, date]]


def asked_period(first: str, last: str, today: date) -> Period:
    """This month to date where no usable days are given; the wrong way round is turned, too long is
    cut."""
    month = today.replace(day=1)
    before = month - DAY
    year = today.replace(month=1, day=1)
    often = {
        "this_month": (month, today),
        "last_month": (before.replace(day=1), before),
        "this_year": (year, today),
        "last_year": (year.replace(year=year.year - 1), year - DAY),
    }
    begins, ends = sorted((_day(first, month), _day(last, today)))
    return Period(max(begins, ends - LONGEST), ends, often)


def _day(text: str, otherwise: date) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return otherwise
    return found if 2000 <= found.year <= 2100 else otherwise
