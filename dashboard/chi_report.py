"""The yearly figures for Child Helpline International, in English, with a codebook."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from openpyxl import Workbook

from dashboard.i18n import N_, Language
from dashboard.words import word
from intake.forms.taxonomy import CHI, ChiCategory, Problem
from intake.small_cells import LEAST, Breakdown
from intake.statistics.chi import CALL_TYPES, DISCRIMINATION, METHODS, SUBS
from intake.statistics.chi_counts import Contacts
from intake.statistics.periods import Period

_EN = Language("en")
_TITLE = N_("Đường dây bảo vệ trẻ em quốc gia 111, Việt Nam: số liệu cho Child Helpline International")
_NO_CODE = N_("Tổng đài không có mã cho nhóm này: luôn là 0, không phải là không có")
_ASSUMED = N_("cách xếp của Tổng đài, chưa đối chiếu với sổ giải thích của CHI")
_ONLINE = N_("phiếu có đánh dấu trên môi trường mạng thì xếp vào: %(sub)s")
_MADE_UP = N_("Số liệu mô phỏng")
_PARENTS = N_("hỏi thông tin do cha, mẹ gọi thì xếp vào câu hỏi của cha mẹ")
_NO_REASON: Mapping[str, str] = {"information": "unspecified", "thanks": "thanks"}
_COLUMNS = ("table", "row", "column", "count")
_BOOK = ("local", "means", "table", "category", "sub", "note")


@dataclass(frozen=True, slots=True)
class ChiReport:
    """`made_up`: its figures are about nobody."""

    period: Period
    contacts: Contacts
    made_at: datetime
    made_up: bool


def as_json(of: ChiReport) -> bytes:
    told = {
        "title": _title(of),
        "since": of.period.since.isoformat(),
        "until": of.period.until.isoformat(),
        "made_at": of.made_at.isoformat(),
        "made_up": of.made_up,
        "hidden_below": LEAST,
        "rows": [dict(zip(_COLUMNS, row, strict=True)) for row in _rows(of.contacts)],
        "codebook": [dict(zip(_BOOK, row, strict=True)) for row in codebook()],
    }
    return json.dumps(told, ensure_ascii=False, indent=1).encode()


def as_xlsx(of: ChiReport) -> bytes:
    """Two sheets: the figures, numbers as numbers, and the codebook."""
    book = Workbook(write_only=True)
    figures, codes = book.create_sheet("Data"), book.create_sheet("Codebook")
    figures.append([_title(of)])
    figures.append([f"{of.period.since} – {of.period.last_day}"])
    figures.append(_COLUMNS)
    for *where, count in _rows(of.contacts):
        figures.append([*where, f"< {LEAST}" if count is None else count])
    codes.append(_BOOK)
    for line in codebook():
        codes.append(line)
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def _title(of: ChiReport) -> str:
    return " · ".join([_EN.say(_TITLE), *([_EN.say(_MADE_UP)] if of.made_up else [])])


_Row = tuple[str, str, str, int | None]


def _rows(of: Contacts) -> Iterator[_Row]:
    """Every figure with where it stands; None: hidden."""
    yield _told("contacts"), _told("counseling"), "", of.counseling
    yield _told("contacts"), _told("no_counseling"), "", of.others.total
    yield _told("contacts"), _told("nothing_told"), "", sum(of.call_types.values())
    yield from _of("method", of.methods, "chi_method")
    yield from _of("no_counseling", of.others, "chi_sub")
    for kind, many in of.call_types.items():
        yield _told("nothing_told"), word(_EN, kind, "chi_call_type"), "", many
    for category, many_of in of.reasons.cells.items():
        name = _category(category)
        yield _told("reasons"), name, "", many_of
        for sub, many_in in of.subs[category].cells.items():
            shown = None if many_of is None else many_in
            yield _told("reasons"), name, word(_EN, sub, "chi_sub"), shown
    yield _told("reasons"), _category(DISCRIMINATION), "", 0
    for table, crossed, kind in (("by_sex", of.by_sex, "sex"), ("by_age", of.by_age, "")):
        for category, cells in crossed.items():
            for column, count in cells.items():
                yield _told(table), _category(category), _column(column, kind), count


def _of(table: str, made_of: Breakdown, kind: str) -> Iterator[_Row]:
    for code, many in made_of.cells.items():
        yield _told(table), word(_EN, code, kind), "", many


def _column(code: str, kind: str) -> str:
    """An age group is its own name."""
    return word(_EN, code, kind) if kind else code


def _told(code: str) -> str:
    return word(_EN, code, "chi_table")


def _category(code: str) -> str:
    return word(_EN, code, "chi")


def codebook() -> Iterator[tuple[str, str, str, str, str, str]]:
    """Each code of ours, what it means, and what it counts as."""
    for problem in Problem:
        match = SUBS[problem]
        notes = [_EN.say(_ASSUMED)] if match.assumed else []
        if problem is Problem.SEXUAL_ABUSE:
            online = word(_EN, "online_sexual_abuse", "chi_sub")
            notes.append(_EN.say(_ONLINE, sub=online))
        yield (
            f"problem.{problem}",
            word(_EN, problem, "problem"),
            _told("reasons"),
            _category(CHI[problem]),
            word(_EN, match.sub, "chi_sub"),
            "; ".join(notes),
        )
    yield "", "", _told("reasons"), _category(DISCRIMINATION), "", _EN.say(_NO_CODE)
    none = _category(ChiCategory.NON_COUNSELING)
    for disposition, kind in CALL_TYPES.items():
        means = word(_EN, disposition, "disposition")
        what = word(_EN, kind, "chi_call_type")
        yield f"disposition.{disposition}", means, _told("nothing_told"), none, what, ""
    for code, sub in _NO_REASON.items():
        means = word(_EN, code, "disposition")
        what = word(_EN, sub, "chi_sub")
        yield f"disposition.{code}", means, _told("no_counseling"), none, what, _EN.say(_PARENTS)
    for way, method in METHODS.items():
        what = word(_EN, method, "chi_method")
        yield f"way.{way}", word(_EN, way, "way"), _told("method"), what, "", _EN.say(_ASSUMED)
