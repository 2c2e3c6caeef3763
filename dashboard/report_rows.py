"""A report in words and numbers, row by row: what its document, its sheet and its JSON show alike."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from dashboard.formats import decimal, figure, number, span
from dashboard.i18n import N_, Language
from dashboard.report_words import ROWS
from dashboard.words import word
from hotline.units import unit
from intake.forms import places
from intake.small_cells import LEAST, breakdown
from intake.statistics.handover_times import EVERYWHERE
from intake.statistics.tables import (
    EACH_CHILD,
    MISSING,
    OF_PEOPLE,
    TOTAL,
    Compared,
    Line,
    Table,
    Unit,
    unit_of,
)

NONE = "–"
_DAY = 86_400
_DAYS, _POINTS = N_("%(n)s ngày"), N_("%(n)s điểm %%")


@dataclass(frozen=True, slots=True)
class Row:
    """`values`: this period, the one before, the same of the year before, the growth against that; None:
    not known, or hidden (`hidden`: in which columns)."""

    label: str
    values: tuple[int | None, int | None, int | None, int | None]
    growth_share: float | None = None
    hidden: frozenset[int] = frozenset()
    unit: Unit = Unit.COUNT

    def shown(self, language: Language) -> tuple[str, ...]:
        """As a document has it: label, three counts, and the growth with its share."""
        counts = [
            f"< {LEAST}" if place in self.hidden else told(language, self.unit, value)
            for place, value in enumerate(self.values[:3])
        ]
        return (self.label, *counts, self._growth(language))

    def _growth(self, language: Language) -> str:
        growth = self.values[3]
        if growth is None:
            return NONE
        sign = "+" if growth > 0 else "−" if growth < 0 and self.unit is Unit.SECONDS else ""
        amount = abs(growth) if self.unit is Unit.SECONDS else growth
        shown = f"{sign}{told(language, self.unit, amount)}"
        if self.unit is Unit.PERMILLE:
            points = f"{growth / 10:+.1f}"
            return language.say(_POINTS, n=points if language.code == "en" else points.replace(".", ","))
        if self.growth_share is None:
            return shown
        share = f"{self.growth_share:+.1f}"
        return f"{shown} ({share if language.code == 'en' else share.replace('.', ',')} %)"


def told(language: Language, unit: Unit, value: int | None) -> str:
    if value is None:
        return NONE
    match unit:
        case Unit.SECONDS:
            return _span(value, language)
        case Unit.PERMILLE:
            return figure(value / 1000, language.code)
        case Unit.TENTHS:
            return decimal(value / 10, language.code)
    return number(value, language.code)


def _span(seconds: int, language: Language) -> str:
    """2:13 and 1:02:13 within a day, else in days."""
    if seconds < _DAY:
        return span(timedelta(seconds=seconds))
    return language.say(_DAYS, n=decimal(seconds / _DAY, language.code))


def rows(language: Language, of: Compared) -> Sequence[Row]:
    """Its parts, its total, and by how much they differ if they do."""
    found = list(_parts(language, of))
    if of.total is not None:
        found.append(_row(label(language, of.table, TOTAL), of.total))
    if of.missing:
        found.append(Row(label(language, of.table, MISSING), (of.missing, None, None, None)))
    return found


def _parts(language: Language, of: Compared) -> Iterator[Row]:
    small = _hidden(of) if of.table in OF_PEOPLE else _few(of)
    for line in of.lines:
        row = _row(label(language, of.table, line.code), line, small.get(line.code, frozenset()))
        yield replace(row, unit=unit_of(of.table))


def _row(label: str, line: Line, hidden: frozenset[int] = frozenset()) -> Row:
    values = (line.now, line.before, line.year_before)
    kept = [None if place in hidden else value for place, value in enumerate(values)]
    if hidden & {0, 2}:
        return Row(label, (kept[0], kept[1], kept[2], None), None, hidden)
    return Row(label, (kept[0], kept[1], kept[2], line.growth), line.growth_share, hidden)


def _hidden(of: Compared) -> Mapping[str, frozenset[int]]:
    """Code → the columns in which its count tells too much."""
    found: dict[str, set[int]] = {line.code: set() for line in of.lines}
    for column in range(3):
        counts = {line.code: (line.now, line.before, line.year_before)[column] or 0 for line in of.lines}
        for code, shown in breakdown(counts).cells.items():
            if shown is None:
                found[code].add(column)
    return {code: frozenset(columns) for code, columns in found.items()}


def _few(of: Compared) -> Mapping[str, frozenset[int]]:
    return {
        line.code: frozenset(
            column
            for column, many in enumerate((line.now, line.before, line.year_before))
            if many is not None and 0 < many < LEAST
        )
        for line in of.lines
        if (of.table, line.code) in EACH_CHILD
    }


def label(language: Language, table: Table, code: str) -> str:
    """What a row is called."""
    if code in {TOTAL, MISSING}:
        return word(language, code, "report_column")
    named = _NAMED.get(table)
    return named(language, code) if named else word(language, code, ROWS[table])


def _month(language: Language, code: str) -> str:
    year, _, month = code.rpartition("-")
    return language.say("Tháng %(month)s", month="/".join(filter(None, (month, year))))


def _weekday(language: Language, code: str) -> str:
    return word(language, str(int(code) - 1) if code.isdecimal() else code, "weekday")


def _hour(_: Language, code: str) -> str:
    return f"{code}:00–{code}:59"


def _province(_: Language, code: str) -> str:
    found = unit(code)
    return found.name if found else code


def _old_province(language: Language, code: str) -> str:
    """With the one of today that it is in."""
    today = places.province(code)
    named = _province(language, code)
    return f"{named} ({today.name})" if today and today.bare_name not in named else named


def _center(_: Language, code: str) -> str:
    return code.upper()


def _office(language: Language, code: str) -> str:
    return language.say(N_("Cả nước")) if code == EVERYWHERE else _province(language, code)


_NAMED: Mapping[Table, Callable[[Language, str], str]] = {
    Table.MONTHS: _month,
    Table.WEEKDAYS: _weekday,
    Table.HOURS: _hour,
    Table.PROVINCES: _province,
    Table.OLD_PROVINCES: _old_province,
    Table.CENTERS: _center,
    Table.HANDOVER_MEDIANS: _office,
    Table.HANDOVER_P90S: _office,
}
