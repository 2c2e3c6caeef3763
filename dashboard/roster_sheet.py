"""A month of the roster as a spreadsheet (XLSX), out and in, and what a cell of it says.

S, C and Đ are the morning, the afternoon and the night; + is called in on top, ~ taken over from a
colleague, ! sick. What comes in is read as a whole before anything is written, and each cell that cannot
be used is named, so that whoever filled it in can mend it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from hotline import spreadsheets
from hotline.errors import BadInput
from hotline.ids import StaffId
from hotline.staff import StaffView
from routing.months import FREE, Day, Month
from routing.planning import Kind

LETTERS = {"morning": "S", "afternoon": "C", "night": "Đ"}
SIGNS = {Kind.PLANNED: "", Kind.EXTRA: "+", Kind.SWAPPED: "~", Kind.SICK: "!"}
_SHIFTS = {letter: shift for shift, letter in LETTERS.items()} | {"D": "night"}
_KINDS = {sign: kind for kind, sign in SIGNS.items()}
HEADER_ROW = 3
FIRST_DAY = 3
"""Column of the first of the month; before it come login and name."""
MOST_ROWS = 500
MOST_UNPACKED = 8 * 1024 * 1024
"""Bytes."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def written(day: Day) -> str:
    """`S`, `Đ+`, `S C!`; empty for a free day."""
    order = list(LETTERS)
    return " ".join(
        LETTERS[shift] + SIGNS[kind]
        for shift, kind in sorted(day, key=lambda one: (order.index(one[0]), one[1]))
    )


def read_day(text: str) -> Day:
    """The other way round; letters may be small, D is Đ. Raises BadInput for anything else."""
    found: dict[str, Kind] = {}
    for word in text.upper().replace(",", " ").split():
        letter, sign = word[:1], word[1:]
        if letter not in _SHIFTS or sign not in _KINDS or _SHIFTS[letter] in found:
            raise BadInput("cell")
        found[_SHIFTS[letter]] = _KINDS[sign]
    return frozenset(found.items())


@dataclass(frozen=True, slots=True)
class Wrong:
    """A cell that cannot be used: `cell` like F7, `code` out of `words` (`sheet`), `value` as it is."""

    cell: str
    code: str
    value: str


@dataclass(frozen=True, slots=True)
class Change:
    """What a sheet says of one person's day that the roster does not."""

    staff_id: StaffId
    day: date
    was: Day
    to: Day


class SheetErrors(BadInput):
    """Nothing of the sheet was taken."""

    def __init__(self, wrong: Sequence[Wrong]) -> None:
        super().__init__("sheet")
        self.wrong = wrong


def write(month: Month, title: str, day_names: Sequence[str]) -> bytes:
    """The month as a file. `day_names`: from Monday on."""
    book = Workbook()
    sheet: Any = book.active
    sheet.title = f"{month.first:%m-%Y}"
    sheet["A1"] = title
    sheet["A1"].font = Font(bold=True, size=14)
    bold, grey = Font(bold=True), PatternFill("solid", fgColor="E4EAE8")
    for column, head in enumerate((month.center.code, "S C Đ  + ~ !"), 1):
        sheet.cell(HEADER_ROW, column, head).font = bold
    for column, day in enumerate(month.days, FIRST_DAY):
        sheet.cell(HEADER_ROW - 1, column, day_names[day.weekday()]).font = Font(italic=True)
        head = sheet.cell(HEADER_ROW, column, day)
        head.number_format, head.font = "D", bold
        sheet.column_dimensions[get_column_letter(column)].width = 5
    for row, person in enumerate(month.people, HEADER_ROW + 1):
        _text(sheet.cell(row, 1), person.login)
        _text(sheet.cell(row, 2), person.name)
        for column, day in enumerate(month.days, FIRST_DAY):
            cell = sheet.cell(row, column)
            cell.alignment = Alignment(horizontal="center")
            if shifts := month.day_of(person.id, day):
                _text(cell, written(shifts))
            if day.weekday() >= 5:
                cell.fill = grey
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 10, 26
    sheet.freeze_panes = sheet.cell(HEADER_ROW + 1, FIRST_DAY)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _text(cell: Any, value: str) -> None:
    """As text whatever it begins with: a name is never a formula."""
    cell.value = value
    cell.data_type = "s"


def changes(content: bytes, month: Month) -> list[Change]:
    """What the sheet changes of this month. Raises SheetErrors that name every wrong cell."""
    rows = _rows(content)
    wrong: list[Wrong] = []
    columns = _columns(rows, month, wrong)
    found = list(_read(rows, columns, month, wrong)) if not wrong else []
    if wrong:
        raise SheetErrors(wrong)
    return found


def _rows(content: bytes) -> Sequence[Sequence[Any]]:
    """The first sheet's values."""
    size = {"rows": MOST_ROWS, "columns": FIRST_DAY + 31}
    try:
        return list(spreadsheets.first_sheet(content, MOST_UNPACKED, **size))
    except BadInput as error:
        raise SheetErrors([Wrong("", str(error), "")]) from error


def _columns(rows: Sequence[Sequence[Any]], month: Month, wrong: list[Wrong]) -> Mapping[int, date]:
    """Column → day, from the header."""
    head = rows[HEADER_ROW - 1] if len(rows) >= HEADER_ROW else ()
    found: dict[int, date] = {}
    for column, value in enumerate(head[FIRST_DAY - 1 :], FIRST_DAY):
        if value is None:
            continue
        day = value.date() if isinstance(value, datetime) else value
        if day not in month.days or day in found.values():
            wrong.append(Wrong(_name(HEADER_ROW, column), "day", str(value)))
        else:
            found[column] = day
    if not found and not wrong:
        wrong.append(Wrong(_name(HEADER_ROW, FIRST_DAY), "day", ""))
    return found


def _read(
    rows: Sequence[Sequence[Any]], columns: Mapping[int, date], month: Month, wrong: list[Wrong]
) -> "list[Change]":
    people: dict[str, StaffView] = {person.login: person for person in month.people}
    seen: set[str] = set()
    found = []
    for number, row in enumerate(rows[HEADER_ROW:], HEADER_ROW + 1):
        login = str(row[0] or "").strip()
        if not login:
            if any(row[column - 1] for column in columns if column <= len(row)):
                wrong.append(Wrong(_name(number, 1), "no_login", ""))
            continue
        if login not in people or login in seen:
            wrong.append(Wrong(_name(number, 1), "login" if login not in people else "twice", login))
            continue
        seen.add(login)
        for column, day in columns.items():
            who = people[login].id
            value = row[column - 1] if column <= len(row) else None
            change = _change(who, day, value, month, _name(number, column), wrong)
            if change is not None:
                found.append(change)
    return found


def _change(
    who: StaffId, day: date, value: Any, month: Month, name: str, wrong: list[Wrong]
) -> Change | None:
    text = str(value).strip() if value is not None else ""
    try:
        to = read_day(text) if text else FREE
    except BadInput:
        wrong.append(Wrong(name, "cell", text[:20]))
        return None
    was = month.day_of(who, day)
    if to == was:
        return None
    if day < month.closed_before:
        wrong.append(Wrong(name, "closed", text[:20]))
        return None
    return Change(who, day, was, to)


def _name(row: int, column: int) -> str:
    return f"{get_column_letter(column)}{row}"
