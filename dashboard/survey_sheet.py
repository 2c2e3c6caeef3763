"""The results of a survey as a spreadsheet (XLSX), with what is hidden in them hidden."""

from collections.abc import Iterator, Sequence
from io import BytesIO

from openpyxl import Workbook

from dashboard.i18n import Language
from dashboard.sheet_cells import cell
from dashboard.words import word
from intake.surveys.asking import Asked
from intake.surveys.results import Column, Results
from intake.surveys.surveys import Opened

_HIDDEN = "–"
_Row = Sequence[str | int | None]


def write(language: Language, opened: Opened, found: Results, *, made_up: bool) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(language.say("Mô phỏng") if made_up else "111")
    sheet.column_dimensions["A"].width = 60
    for row in _rows(language, opened, found):
        sheet.append([cell(sheet, value) for value in row])
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def _rows(language: Language, opened: Opened, found: Results) -> Iterator[_Row]:
    say, survey = language.say, opened.survey
    yield (survey.title, say("Bản %(n)s", n=survey.version))
    yield ()
    yield (say("Đã hỏi trong bao nhiêu cuộc gọi"),)
    for state in Asked:
        yield (word(language, state, "survey_state"), found.asked.get(state, 0))
    for table in found.tables:
        yield ()
        yield (table.question.text, word(language, table.question.kind, "survey_kind"))
        yield ("", *(_head(language, one) for one in found.columns))
        yield (say("Số trẻ trả lời"), *(_told(one.answered) for one in found.columns))
        for code, counts in table.rows.items():
            yield (table.question.words(code), *(_told(many) for many in counts))
    if found.months:
        yield ()
        yield (say("Số trẻ trả lời theo tháng"),)
        for month, many in found.months.items():
            yield (f"{month[5:]}/{month[:4]}", _told(many))


def _head(language: Language, column: Column) -> str:
    if column.kind == "age":
        return language.say("%(ages)s tuổi", ages=column.code.replace("-", "–"))
    return word(language, column.code, "survey_sex") if column.kind == "sex" else language.say("Tất cả")


def _told(many: int | None) -> str | int:
    """Hidden: few, or what would tell how few."""
    return _HIDDEN if many is None else many
