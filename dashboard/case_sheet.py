"""A list of cases as a spreadsheet (XLSX). What a cell holds is text or a time and never a formula,
whatever it begins with."""

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO

from openpyxl import Workbook
from openpyxl.styles import Font

from dashboard.i18n import Language
from dashboard.sheet_cells import cell
from dashboard.words import word
from intake.cases.case_lists import SheetLine
from intake.forms import places

_WIDTHS = (18, 22, 38, 18, 22, 34, 22, 26, 16, 18, 18)


def write(language: Language, lines: Sequence[SheetLine], *, made_up: bool) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(language.say("Mô phỏng") if made_up else "111")
    for column, width in zip("ABCDEFGHIJK", _WIDTHS, strict=True):
        sheet.column_dimensions[column].width = width
    sheet.freeze_panes = "A2"
    say = language.say
    headings = [
        say("Ca"), say("Tình trạng"), say("Việc tiếp theo"), say("Hạn"), say("Nguy cơ"),
        say("Xã, phường"), say("Tỉnh, thành phố"), say("Người giữ ca"), say("Trung tâm"),
        say("Tiếp nhận"), say("Kết thúc"),
    ]  # fmt: skip
    for heading in (row := [cell(sheet, text) for text in headings]):
        heading.font = Font(bold=True)
    sheet.append(row)
    for one in lines:
        sheet.append([cell(sheet, value) for value in _row(language, one)])
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def _row(language: Language, one: SheetLine) -> Sequence[str | datetime | None]:
    line = one.line
    return (
        line.number,
        word(language, line.state, "case_state"),
        word(language, line.next.named, "step") if line.next else "",
        line.next.due if line.next else None,
        word(language, line.risk, "risk") if line.risk else "",
        places.shown(one.commune),
        places.shown(one.province),
        line.owner.name,
        line.owner.center.name,
        one.received_at,
        one.closed_at,
    )
