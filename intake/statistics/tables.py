"""The tables of a report: which there are, and what a total says about its parts. Pure.

A table's parts are counted each by itself and its total too, never by adding up: where they differ (a
case of which no problem was told), the difference is shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Table(StrEnum):
    """In the order of the report."""

    CALLS = "calls"
    MONTHS = "months"
    """`01`; in a period of more than twelve `2019-01`. No other months than its own."""
    WEEKDAYS = "weekdays"
    HOURS = "hours"
    CLOSED = "closed"
    WAYS = "ways"
    LETTERS = "letters"
    KINDS = "kinds"
    CALLERS = "callers"
    COUNSELED = "counseled"
    CHILDREN_SEX = "children_sex"
    CHILDREN_AGE = "children_age"
    PROVINCES = "provinces"
    OLD_PROVINCES = "old_provinces"
    CENTERS = "centers"
    CASES = "cases"
    CASE_WAYS = "case_ways"
    CASE_STATES = "case_states"
    CASE_CHILDREN = "case_children"
    TRAFFICKING = "trafficking"
    THERAPY = "therapy"


TOTAL, MISSING = "total", "missing"
"""Codes of what stands below a table's rows."""
OF_PEOPLE = frozenset({Table.CHILDREN_SEX, Table.CHILDREN_AGE, Table.PROVINCES, Table.OLD_PROVINCES})
"""Tables whose small counts might tell who it is."""


@dataclass(slots=True)
class Counted:
    """One table of one period. `rows`: code → count; `total`: None where adding up means nothing."""

    rows: dict[str, int] = field(default_factory=dict)
    total: int | None = None

    @property
    def missing(self) -> int:
        """By how much the total is more than its parts."""
        return 0 if self.total is None else self.total - sum(self.rows.values())


Figures = Mapping[Table, Counted]


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a report: the period, the one before it and the same of the year before; None where
    nothing was counted in that one."""

    code: str
    now: int
    before: int | None
    year_before: int | None

    @property
    def growth(self) -> int | None:
        """Against the year before."""
        return None if self.year_before is None else self.now - self.year_before

    @property
    def growth_share(self) -> float | None:
        """In percent; None without a number to compare with."""
        return 100 * (self.now - self.year_before) / self.year_before if self.year_before else None


@dataclass(frozen=True, slots=True)
class Compared:
    """One table of a report. `missing` as in `Counted`, of the period itself."""

    table: Table
    lines: Sequence[Line]
    total: Line | None
    missing: int


def compared(now: Figures, before: Figures | None, year_before: Figures | None) -> Sequence[Compared]:
    """A report's tables. A period of which nothing is known (None) leaves its columns empty."""
    found = []
    for table, counted in now.items():
        others = [None if each is None else each[table] for each in (before, year_before)]
        told = (counted,) if table is Table.MONTHS else (counted, *others)
        codes = dict.fromkeys(code for each in told if each for code in each.rows)
        lines = [
            Line(code, counted.rows.get(code, 0), *(_row(one, code) for one in others)) for code in codes
        ]
        total = None
        if counted.total is not None:
            total = Line(TOTAL, counted.total, *(one.total if one else None for one in others))
        found.append(Compared(table, lines, total, counted.missing))
    return found


def _row(of: Counted | None, code: str) -> int | None:
    return None if of is None else of.rows.get(code, 0)
