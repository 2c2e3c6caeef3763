"""The tables of a report: which there are, and what a total says about its parts. Pure.

A table's parts are counted each by itself and its total too, never by adding up: where they differ (a
case of which no problem was told), the difference is shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from hotline.access import Action


class Table(StrEnum):
    """In the order of the report."""

    CALLS = "calls"
    SERVICE = "service"
    WAITS = "waits"
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
    CHILDREN_PEOPLE = "children_people"
    PROVINCES = "provinces"
    OLD_PROVINCES = "old_provinces"
    CENTERS = "centers"
    CASES = "cases"
    CASE_WAYS = "case_ways"
    CASE_STATES = "case_states"
    CASE_CHILDREN = "case_children"
    CASE_CHILDREN_STATES = "case_children_states"
    STEPS = "steps"
    STEPS_LATE = "steps_late"
    STEPS_IN_TIME = "steps_in_time"
    STEP_MEDIANS = "step_medians"
    STEP_P90S = "step_p90s"
    HANDOVERS = "handovers"
    HANDOVER_MEDIANS = "handover_medians"
    HANDOVER_P90S = "handover_p90s"
    LOAD_CALLS = "load_calls"
    LOAD_TALK = "load_talk"
    LOAD_WRAP_UP = "load_wrap_up"
    TRAFFICKING = "trafficking"
    REFERRALS = "referrals"
    THERAPY = "therapy"


Tally = Mapping[Table, Mapping[str, int]]
"""What was counted of a day, or added up of several: table → code → how many."""
Added = tuple[date, Table, str, int]
"""What is added to the tally of a day."""


class Unit(StrEnum):
    """What the numbers of a table are."""

    COUNT = "count"
    SECONDS = "seconds"
    PERMILLE = "permille"
    TENTHS = "tenths"


_UNITS: Mapping[Table, Unit] = {
    Table.SERVICE: Unit.PERMILLE,
    Table.STEPS_IN_TIME: Unit.PERMILLE,
    Table.LOAD_CALLS: Unit.TENTHS,
    **dict.fromkeys(
        (
            Table.WAITS,
            Table.STEP_MEDIANS,
            Table.STEP_P90S,
            Table.HANDOVER_MEDIANS,
            Table.HANDOVER_P90S,
            Table.LOAD_TALK,
            Table.LOAD_WRAP_UP,
        ),
        Unit.SECONDS,
    ),
}


def unit_of(table: Table) -> Unit:
    """What is no count has no total, and where nothing can be said of it there is no number, not 0."""
    return _UNITS.get(table, Unit.COUNT)


TOTAL, MISSING = "total", "missing"
"""Codes of what stands below a table's rows."""
NEEDS: Mapping[Table, Action] = {
    Table.TRAFFICKING: Action.SEE_SPECIAL_FIGURES,
    Table.REFERRALS: Action.SEE_SPECIAL_FIGURES,
    Table.THERAPY: Action.SEE_THERAPY_FIGURES,
}
"""What must be allowed besides `Action.SEE_FIGURES`."""
OF_PEOPLE = frozenset(
    {
        Table.CHILDREN_SEX,
        Table.CHILDREN_AGE,
        Table.CHILDREN_PEOPLE,
        Table.PROVINCES,
        Table.OLD_PROVINCES,
    }
)
"""Tables whose small counts might tell who it is."""


EACH_CHILD = frozenset({(Table.THERAPY, "treated"), (Table.THERAPY, "free")})
"""Rows that count children and are no part of a total: a small one is hidden by itself."""


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
    nothing was counted in that one, or nothing can be said."""

    code: str
    now: int | None
    before: int | None
    year_before: int | None

    @property
    def growth(self) -> int | None:
        """Against the year before."""
        if self.now is None or self.year_before is None:
            return None
        return self.now - self.year_before

    @property
    def growth_share(self) -> float | None:
        """In percent; None without a number to compare with."""
        return (
            100 * self.growth / self.year_before
            if self.growth is not None and self.year_before
            else None
        )


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
        others = [None if each is None else each.get(table) for each in (before, year_before)]
        told = (counted,) if table is Table.MONTHS else (counted, *others)
        codes = dict.fromkeys(code for each in told if each for code in each.rows)
        lines = [Line(code, *(_row(table, one, code) for one in (counted, *others))) for code in codes]
        total = None
        if counted.total is not None:
            total = Line(TOTAL, counted.total, *(one.total if one else None for one in others))
        found.append(Compared(table, lines, total, counted.missing))
    return found


def _row(table: Table, of: Counted | None, code: str) -> int | None:
    nothing = 0 if unit_of(table) is Unit.COUNT else None
    return None if of is None else of.rows.get(code, nothing)
