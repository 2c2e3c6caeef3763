"""Spreadsheets that no program would write."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook


def with_sheet(xml: str) -> bytes:
    """A whole XLSX with this as its only sheet."""
    whole, made = BytesIO(), BytesIO()
    Workbook().save(whole)
    with ZipFile(whole) as source, ZipFile(made, "w", ZIP_DEFLATED) as target:
        for part in source.namelist():
            target.writestr(part, xml if part.endswith("sheet1.xml") else source.read(part))
    return made.getvalue()
