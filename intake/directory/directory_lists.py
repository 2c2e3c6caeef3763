"""Lists of offices as files: CSV (UTF-8) or XLSX, columns by their names in any order.

What comes out is text by column and line of the file; what it says is judged by
`intake.directory.directory`.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from io import StringIO

from hotline import spreadsheets
from hotline.errors import BadInput
from intake.directory.directory import COLUMNS
from intake.search_words import folded

MOST_LINES = 40_000
"""Twelve of each commune."""
LARGEST = 8 * 1024 * 1024
_LARGEST_UNPACKED = 200 * 1024 * 1024
_NAMES: Mapping[str, str] = {
    **{name: name for name in COLUMNS},
    "don vi": "unit",
    "xa": "unit",
    "loai": "kind",
    "ten": "name",
    "ten co quan": "name",
    "so dien thoai": "numbers",
    "dien thoai": "numbers",
    "gio truc": "hours",
    "gio": "hours",
    "ghi chu": "note",
    "nguon": "source",
    "ngay kiem tra": "checked",
}
_NEEDED = ("unit", "kind", "name")
Line = tuple[int, Mapping[str, str]]


def lines_of(content: bytes) -> Sequence[Line]:
    """The file's lines that say anything, with their number in it (the header is 1). Raises BadInput:
    `too_large`, `too_many_lines`, `not_a_list`, `no_column`."""
    if len(content) > LARGEST:
        raise BadInput("too_large")
    rows = _sheet(content) if content[:2] == b"PK" else _csv(content)
    header = next(rows, ())
    columns = [_NAMES.get(folded(" ".join(text.split()))) for text in header]
    if any(needed not in columns for needed in _NEEDED):
        raise BadInput("no_column")
    found: list[Line] = []
    for number, row in enumerate(rows, 2):
        texts = {name: text for name, text in zip(columns, row, strict=False) if name}
        if any(text.strip() for text in texts.values()):
            found.append((number, texts))
        if len(found) > MOST_LINES:
            raise BadInput("too_many_lines")
    return found


def _csv(content: bytes) -> Iterator[Sequence[str]]:
    try:
        text = content.decode("utf-8-sig")
        dialect = csv.excel() if text.partition("\n")[0].count(",") else _semicolons()
        yield from csv.reader(StringIO(text, newline=""), dialect)
    except (UnicodeDecodeError, csv.Error):
        raise BadInput("not_a_list") from None


def _semicolons() -> csv.Dialect:
    """As spreadsheets in Vietnamese write them."""
    made = csv.excel()
    made.delimiter = ";"
    return made


def _sheet(content: bytes) -> Iterator[Sequence[str]]:
    try:
        yield from map(_texts, spreadsheets.first_sheet(content, _LARGEST_UNPACKED))
    except BadInput as error:
        raise BadInput("not_a_list" if str(error) == "no_sheet" else str(error)) from None


def _texts(row: Iterable[object]) -> Sequence[str]:
    return [_text(value) for value in row]


def _text(value: object) -> str:
    """A number that a spreadsheet has made of a telephone number has lost its first zero."""
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and 9 <= len(str(value)) <= 10:
        return f"0{value}"
    return str(value)


def blank() -> bytes:
    """An empty list to fill in, as CSV with the byte order mark that spreadsheets want."""
    return ("\ufeff" + ",".join(COLUMNS) + "\r\n").encode()
