"""A report as the administration writes it (NĐ 30/2020, phụ lục I), and as a sheet and JSON for who
reckons with it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import Any

from openpyxl import Workbook

from dashboard.formats import day
from dashboard.i18n import N_, Language
from dashboard.letterhead import MADE_UP, RECIPIENTS, dated, head
from dashboard.report_rows import rows
from dashboard.words import word
from hotline.settings import Settings
from intake.documents.paper import Block, Foot, Heading, Note, Paper
from intake.documents.paper import Table as PaperTable
from intake.official_reports.official_reports import PLAIN, Letter
from intake.statistics import periods
from intake.statistics.periods import Period
from intake.statistics.tables import Compared, Unit, unit_of

_VI = Language("vi")
_NUMBER, _UNNUMBERED = N_("Số: %(symbol)s"), "      /BC-%(office)s"
_PLACE = N_("Hà Nội")
_TITLE = N_("BÁO CÁO")
_SUBJECT = N_("Kết quả hoạt động của Tổng đài điện thoại quốc gia bảo vệ trẻ em 111, %(period)s")
_YEAR, _SPAN = N_("năm %(year)s"), N_("từ ngày %(since)s đến ngày %(until)s")
_QUARTER = N_("quý %(quarter)s năm %(year)s")
_MONTH = N_("tháng %(month)s năm %(year)s")
_QUARTERS = ("I", "II", "III", "IV")
_LEVEL = N_("Mức độ bảo mật: %(level)s")
_READERS = N_("Phạm vi lưu hành: %(readers)s")
_OURS = N_("Cục Bà mẹ và Trẻ em, Tổng đài 111")
_DRAFT = N_("DỰ THẢO, CHƯA KÝ")
_FILED = N_("Lưu: VT, TĐ111.")
_DEPARTMENT, _CAPACITY = N_("Cục Bà mẹ và Trẻ em"), N_("LÃNH ĐẠO TỔNG ĐÀI")
_COLUMNS = ("row", "now", "before", "year_before", "growth")
_WIDTHS = (40, 14, 14, 14, 18)


@dataclass(frozen=True, slots=True)
class Report:
    """What is printed. `made_up`: its figures are about nobody."""

    period: Period
    tables: Sequence[Compared]
    made_at: datetime
    made_up: bool


@dataclass(frozen=True, slots=True)
class Cover:
    """What stands around the figures. `symbol`: empty while it has no number; `on`: the day that it is
    dated, None while it is not; `signer`: their name."""

    letter: Letter = PLAIN
    symbol: str = ""
    on: date | None = None
    signer: str = ""
    draft: bool = False


def named(of: Period) -> str:
    """`năm 2019`, `quý I năm 2019`, `tháng 2 năm 2019`, or the days."""
    since, year = of.since, of.since.year
    if of == periods.year_of(since):
        return _VI.say(_YEAR, year=year)
    if of == periods.quarter_of(since):
        return _VI.say(_QUARTER, quarter=_QUARTERS[since.month // 3], year=year)
    if of == periods.month_of(since):
        return _VI.say(_MONTH, month=since.month, year=year)
    return _VI.say(_SPAN, since=day(since), until=day(of.last_day))


def paper(report: Report, of: Settings, cover: Cover) -> Paper:
    letter = cover.letter
    top = head(
        of,
        symbol=_VI.say(_NUMBER, symbol=cover.symbol or _UNNUMBERED % {"office": of.document_symbol}),
        place_and_date=dated(_VI.say(_PLACE), cover.on),
        title=_VI.say(_TITLE),
        subject=_VI.say(_SUBJECT, period=named(report.period)),
        reading=(
            _VI.say(_LEVEL, level=word(_VI, letter.level, "report_level")),
            _VI.say(_READERS, readers=letter.circle or _VI.say(_OURS)),
            *([_VI.say(_DRAFT)] if cover.draft else []),
            *([_VI.say(MADE_UP)] if report.made_up else []),
        ),
    )
    recipients = [one.strip(" -;") for one in letter.recipients.splitlines()]
    foot = Foot(
        recipients_label=_VI.say(RECIPIENTS),
        recipients=(
            *(f"{one};" for one in recipients or [_VI.say(_DEPARTMENT)] if one),
            _VI.say(_FILED),
        ),
        capacity=(letter.capacity or _VI.say(_CAPACITY)).upper(),
        signer=cover.signer,
    )
    return Paper(top, tuple(_blocks(report)), foot)


def _blocks(report: Report) -> Iterator[Block]:
    header = tuple(word(_VI, column, "report_column") for column in _COLUMNS)
    for table in report.tables:
        if not table.lines:
            continue
        yield Heading(word(_VI, table.table, "report_table"))
        shown = tuple(row.shown(_VI) for row in rows(_VI, table))
        ends_in_total = table.total is not None and not table.missing
        yield PaperTable(header, shown, _WIDTHS, centered=1, total=ends_in_total)
        yield Note(word(_VI, table.table, "report_meant"))


def sheet(report: Report) -> bytes:
    """XLSX: all tables below each other, numbers as numbers."""
    book = Workbook(write_only=True)
    page = book.create_sheet(_VI.say(N_("Mô phỏng")) if report.made_up else "111")
    for column, width in zip("ABCDE", _WIDTHS, strict=True):
        page.column_dimensions[column].width = width
    page.append([_VI.say(_SUBJECT, period=named(report.period))])
    for table in report.tables:
        if not table.lines:
            continue
        page.append([])
        page.append([_titled(table)])
        page.append([word(_VI, column, "report_column") for column in _COLUMNS])
        for row in rows(_VI, table):
            page.append([row.label, *row.values])
        page.append([word(_VI, table.table, "report_meant")])
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def _titled(table: Compared) -> str:
    """With what its numbers are, where they are no counts."""
    name, unit = word(_VI, table.table, "report_table"), unit_of(table.table)
    return name if unit is Unit.COUNT else f"{name} ({word(_VI, unit, 'report_unit')})"


def plain(report: Report) -> dict[str, Any]:
    """As JSON takes it: codes beside words, so that a program can rely on them."""
    return {
        "since": report.period.since.isoformat(),
        "until": report.period.until.isoformat(),
        "made_at": report.made_at.isoformat(),
        "made_up": report.made_up,
        "tables": [_plain(table) for table in report.tables],
    }


def _plain(table: Compared) -> dict[str, Any]:
    shown = rows(_VI, table)
    parts = zip(table.lines, shown, strict=False)
    return {
        "code": table.table,
        "name": word(_VI, table.table, "report_table"),
        "meant": word(_VI, table.table, "report_meant"),
        "unit": unit_of(table.table),
        "rows": [
            {
                "code": line.code,
                "name": row.label,
                "now": row.values[0],
                "before": row.values[1],
                "year_before": row.values[2],
                "hidden": bool(row.hidden),
            }
            for line, row in parts
        ],
        "total": None if table.total is None else table.total.now,
        "missing": table.missing,
    }
