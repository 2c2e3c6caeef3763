"""Spreadsheets (XLSX) that somebody sends us: the first sheet's values, whatever the file really is."""

import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from io import BytesIO
from typing import Any
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from hotline.errors import BadInput

_NO_SPREADSHEET = (
    ArithmeticError, AttributeError, BadZipFile, EOFError, InvalidFileException, LookupError, OSError,
    SyntaxError, TypeError, ValueError, zlib.error,
)  # fmt: skip
"""What openpyxl trips over in a file that only looks like one; the XML parser's complaints are
SyntaxErrors. openpyxl reads by defusedxml, which is there for it: any entity at all is a ValueError."""


def first_sheet(
    content: bytes, most_unpacked: int, *, rows: int | None = None, columns: int | None = None
) -> Iterator[Sequence[Any]]:
    """Row by row, at most so many `rows` and `columns`. A formula is the value it had.

    `most_unpacked`: bytes; an XLSX is a ZIP, and a small one may unpack to anything. Raises BadInput:
    `too_large`, `no_sheet`, as late as the row that cannot be read.
    """
    try:
        with ZipFile(BytesIO(content)) as packed:
            unpacked = sum(part.file_size for part in packed.infolist())
        if unpacked > most_unpacked:
            raise BadInput("too_large")
        with closing(load_workbook(BytesIO(content), read_only=True, data_only=True)) as book:
            sheet: Any = book.worksheets[0]
            yield from sheet.iter_rows(max_row=rows, max_col=columns, values_only=True)
    except _NO_SPREADSHEET:
        raise BadInput("no_sheet") from None
