"""Cells of a spreadsheet (XLSX): text, a number or a time, and never a formula, whatever a text begins
with."""

from datetime import datetime
from typing import Any

from openpyxl.cell import WriteOnlyCell

from hotline.clock import local

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def cell(sheet: Any, value: str | int | datetime | None) -> Any:
    """A spreadsheet knows no zones: times are those of the wall in Vietnam."""
    if isinstance(value, int):
        return WriteOnlyCell(sheet, value)
    if isinstance(value, datetime):
        made = WriteOnlyCell(sheet, local(value).replace(tzinfo=None, microsecond=0))
        made.number_format = "dd/mm/yyyy hh:mm"
        return made
    made = WriteOnlyCell(sheet, value or "")
    made.data_type = "s"
    if (value or "").startswith(_FORMULA):
        made.number_format = "@"
    return made
