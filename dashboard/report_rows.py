"""A report in words and numbers, row by row: what its document, its sheet and its JSON show alike."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dashboard.formats import number
from dashboard.i18n import Language
from dashboard.report_words import ROWS
from dashboard.words import word
from hotline.units import unit
from intake.small_cells import LEAST, breakdown
from intake.statistics.tables import Compared, Line, Table

_OF_PEOPLE = frozenset({Table.CHILDREN_SEX, Table.CHILDREN_AGE, Table.PROVINCES, Table.OLD_PROVINCES})
"""Tables whose small counts might tell who it is."""
NONE = "–"


@dataclass(frozen=True, slots=True)
class Row:
    """`values`: this period, the one before, the same of the year before, the growth against that; None:
    not known, or hidden (`hidden`: in which columns)."""

    label: str
    values: tuple[int | None, int | None, int | None, int | None]
    growth_share: float | None = None
    hidden: frozenset[int] = frozenset()

    def shown(self, language: Language) -> tuple[str, ...]:
        """As a document has it: label, three counts, and the growth with its share."""
        counts = [
            f"< {LEAST}" if place in self.hidden else _count(value, language)
            for place, value in enumerate(self.values[:3])
        ]
        growth = self.values[3]
        told = NONE if growth is None else f"{'+' if growth > 0 else ''}{_count(growth, language)}"
        if self.growth_share is not None:
            share = f"{self.growth_share:+.1f}"
            told += f" ({share if language.code == 'en' else share.replace('.', ',')} %)"
        return (self.label, *counts, told)


def rows(language: Language, of: Compared) -> Sequence[Row]:
    """Its parts, its total, and by how much they differ if they do."""
    found = list(_parts(language, of))
    if of.total is not None:
        found.append(_row(word(language, "total", "report_column"), of.total))
    if of.missing:
        label = word(language, "missing", "report_column")
        found.append(Row(label, (of.missing, None, None, None)))
    return found


def _parts(language: Language, of: Compared) -> Iterator[Row]:
    small = _hidden(of) if of.table in _OF_PEOPLE else {}
    for line in of.lines:
        yield _row(label(language, of.table, line.code), line, small.get(line.code, frozenset()))


def _row(label: str, line: Line, hidden: frozenset[int] = frozenset()) -> Row:
    told = (line.now, line.before, line.year_before)
    kept = [None if place in hidden else value for place, value in enumerate(told)]
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


def label(language: Language, table: Table, code: str) -> str:
    """What a row is called."""
    match table:
        case Table.MONTHS:
            year, _, month = code.rpartition("-")
            return language.say("Tháng %(month)s", month="/".join(filter(None, (month, year))))
        case Table.WEEKDAYS:
            return word(language, str(int(code) - 1), "weekday")
        case Table.HOURS:
            return f"{code}:00–{code}:59"
        case Table.PROVINCES | Table.OLD_PROVINCES:
            found = unit(code)
            return found.name if found else code
        case Table.CENTERS:
            return code.upper()
    return word(language, code, ROWS[table])


def _count(value: int | None, language: Language) -> str:
    return NONE if value is None else number(value, language.code)
