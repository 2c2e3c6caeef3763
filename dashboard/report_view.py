"""A report on a page: its tables in chapters, each with its definition and its picture, as far as the
viewer may see them. The rows and what is hidden in them are those of the document (`report_rows`)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dashboard.asked_report import AskedReport, Kind
from dashboard.formats import day
from dashboard.i18n import N_, Language
from dashboard.report_chart import Chart, chart
from dashboard.report_rows import Row, rows
from hotline.access import Viewer, may
from intake.statistics.tables import (
    EACH_CHILD,
    MISSING,
    NEEDS,
    TOTAL,
    Compared,
    Line,
    Table,
    Unit,
    unit_of,
)

CHAPTERS: Mapping[str, Sequence[Table]] = {
    "calls": (
        Table.CALLS,
        Table.SERVICE,
        Table.WAITS,
        Table.MONTHS,
        Table.WEEKDAYS,
        Table.HOURS,
        Table.CLOSED,
    ),
    "consultations": (
        Table.WAYS,
        Table.LETTERS,
        Table.KINDS,
        Table.CALLERS,
        Table.COUNSELED,
        Table.CHILDREN_SEX,
        Table.CHILDREN_AGE,
        Table.CHILDREN_PEOPLE,
        Table.PROVINCES,
        Table.OLD_PROVINCES,
        Table.CENTERS,
    ),
    "cases": (
        Table.CASES,
        Table.CASE_WAYS,
        Table.CASE_STATES,
        Table.CASE_CHILDREN,
        Table.CASE_CHILDREN_STATES,
    ),
    "steps": (
        Table.STEPS,
        Table.STEPS_LATE,
        Table.STEPS_IN_TIME,
        Table.STEP_MEDIANS,
        Table.STEP_P90S,
    ),
    "network": (Table.HANDOVERS, Table.HANDOVER_MEDIANS, Table.HANDOVER_P90S),
    "load": (Table.LOAD_CALLS, Table.LOAD_TALK, Table.LOAD_WRAP_UP),
    "special": (Table.TRAFFICKING, Table.REFERRALS, Table.THERAPY),
}
_OVER_TIME = frozenset({Table.MONTHS, Table.WEEKDAYS, Table.HOURS})
_WHOLE = 100
_TITLES: Mapping[Kind, str] = {
    Kind.MONTH: N_("tháng %(month)s/%(year)s"),
    Kind.QUARTER: N_("quý %(quarter)s/%(year)s"),
    Kind.YEAR: N_("năm %(year)s"),
    Kind.DAYS: N_("từ ngày %(since)s đến ngày %(until)s"),
}


@dataclass(frozen=True, slots=True)
class ShownRow:
    """`cells`: label, three counts and the growth, in words; `bars`: this period and the year before, of
    a hundred; None: not known, hidden, or of no part. `leads`: whether rows of its own stand behind this
    period's figure."""

    code: str
    cells: Sequence[str]
    bars: tuple[float, float | None] | None
    leads: bool


@dataclass(frozen=True, slots=True)
class ShownTable:
    """`total`, `missing`: rows below the others, where there are such."""

    table: Table
    rows: Sequence[ShownRow]
    total: ShownRow | None
    missing: ShownRow | None
    chart: Chart | None


def title(language: Language, of: AskedReport) -> str:
    """What its period is called."""
    since, last = of.period.since, of.period.last_day
    told = {"month": since.month, "quarter": of.quarter, "year": since.year}
    return language.say(_TITLES[of.kind], since=day(since), until=day(last), **told)


def allowed(viewer: Viewer, tables: Sequence[Compared]) -> Sequence[Compared]:
    """What this viewer may see of a report."""
    return [one for one in tables if one.table not in NEEDS or may(viewer, NEEDS[one.table])]


def chapters(language: Language, tables: Sequence[Compared]) -> Mapping[str, Sequence[ShownTable]]:
    """Those that have anything in them."""
    shown = {one.table: _shown(language, one) for one in tables if one.lines}
    found = {
        chapter: [shown[table] for table in of if table in shown] for chapter, of in CHAPTERS.items()
    }
    return {chapter: of for chapter, of in found.items() if of}


def _shown(language: Language, of: Compared) -> ShownTable:
    told = rows(language, of)
    parts, rest = told[: len(of.lines)], list(told[len(of.lines) :])
    total = rest.pop(0) if of.total is not None else None
    most = max((each or 0 for row in parts for each in (row.values[0], row.values[2])), default=0)
    return ShownTable(
        of.table,
        [
            ShownRow(line.code, row.shown(language), _bars(row, most), _leads(of.table, line, row))
            for line, row in zip(of.lines, parts, strict=True)
        ],
        _below(language, TOTAL, total),
        _below(language, MISSING, rest[0] if rest else None),
        _picture(of, parts) if of.table in _OVER_TIME else None,
    )


def _leads(table: Table, line: Line, row: Row) -> bool:
    """A share of none is of something."""
    if 0 in row.hidden and (table, line.code) in EACH_CHILD:
        return False
    return line.now is not None and (line.now != 0 or unit_of(table) is not Unit.COUNT)


def _below(language: Language, code: str, row: Row | None) -> ShownRow | None:
    return None if row is None else ShownRow(code, row.shown(language), None, bool(row.values[0]))


def _bars(row: Row, most: int) -> tuple[float, float | None] | None:
    now, year_before = row.values[0], row.values[2]
    if now is None or not most:
        return None
    return _WHOLE * now / most, None if year_before is None else _WHOLE * year_before / most


def _picture(of: Compared, parts: Sequence[Row]) -> Chart:
    names = list(_names(of))
    return chart(names, [row.values[0] or 0 for row in parts], [row.values[2] for row in parts])


def _names(of: Compared) -> Iterator[str]:
    """Short enough to stand under a column: `02`, `02/19`; the days of the week as people count them."""
    for line in of.lines:
        year, _, month = line.code.rpartition("-")
        if of.table is Table.WEEKDAYS:
            yield "CN" if line.code == "7" else f"T{int(line.code) + 1}"
        else:
            yield f"{month}/{year[2:]}" if year else month
