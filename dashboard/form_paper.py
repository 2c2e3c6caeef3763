"""A filled form into words on paper: what `intake.documents.paper` sets. Always in Vietnamese."""

from collections.abc import Iterator, Mapping
from datetime import date

from dashboard.form_words import READERS
from dashboard.formats import day
from dashboard.i18n import FIRST, N_, Language
from dashboard.letterhead import BLANK, MADE_UP, RECIPIENTS, dated, head
from dashboard.words import word
from hotline.clock import local
from hotline.settings import Settings
from intake.documents import statutory_forms
from intake.documents.document_files import Order
from intake.documents.paper import Answers, Block, Choices, Foot, Head, Heading, Note, Paper, Table
from intake.documents.statutory_forms import AGREED
from intake.documents.statutory_shapes import Rows, Score, Section, StatutoryForm, counted
from intake.forms.forms import Field, Kind

_VI = Language(FIRST)
_NUMBER = N_("Số: %(symbol)s")
_LEVEL = N_("Mức độ bảo mật: %(level)s")
_READERS = N_("Phạm vi lưu hành: %(readers)s")
_FILED = N_("Lưu: VT, hồ sơ ca %(number)s.")
_ITEM = N_("Nội dung")
_OURS = N_(
    "Trình bày theo cách của Tổng đài: chưa đối chiếu được với Mẫu số %(number)s của NĐ 56/2017/NĐ-CP."
)
_NO_CONSENT = N_("Không ghi danh tính người cung cấp thông tin: chưa được họ đồng ý.")
_NOT_ASKED = N_("Không hỏi ý kiến: cha mẹ, người chăm sóc là người gây tổn hại (Đ27.1h).")
_SOME_COMMUNE = N_("Ủy ban nhân dân xã ......................")
_ON_ONE_LINE = (
    ("received_time", "received_on"),
    ("birth_date", "age"),
    ("father_name", "father_age", "father_job"),
    ("mother_name", "mother_age", "mother_job"),
    ("separated_time", "separated_on"),
)
_SHORT = {
    "father_age": N_("Tuổi"),
    "mother_age": N_("Tuổi"),
    "father_job": N_("Nghề nghiệp"),
    "mother_job": N_("Nghề nghiệp"),
}
"""Where the line says whose it is."""


def paper(order: Order, of: Settings) -> Paper:
    """The whole document. `order.values` are disclosed already."""
    blocks = [block for section in order.form.sections for block in _section(order, section)]
    if not order.form.seen and order.form.number:
        blocks.append(Note(_VI.say(_OURS, number=order.form.number)))
    return Paper(_head(order, of), tuple(blocks), _foot(order))


def _head(order: Order, of: Settings) -> Head:
    code, values, setting = order.form.code, order.values, order.setting
    commune = code in statutory_forms.COMMUNE
    group = values.get("group")
    subject = _VI.say(
        word(_VI, code, "paper_subject"), group=word(_VI, group, "form.group") if group else ""
    )
    return head(
        of,
        office=(values.get("office") or _VI.say(_SOME_COMMUNE)) if commune else None,
        symbol=_VI.say(_NUMBER, symbol=order.symbol),
        place_and_date=_place_and_date(order, commune=commune),
        title=word(_VI, code, "paper_title"),
        subject=subject.strip(),
        reading=(
            _VI.say(_LEVEL, level=word(_VI, setting.level, "level")),
            _VI.say(_READERS, readers=setting.readers or _VI.say(READERS)),
            *([_VI.say(MADE_UP)] if order.made_up else []),
        ),
    )


def _place_and_date(order: Order, *, commune: bool) -> str:
    """A commune names its place and dates its own decision."""
    if not commune:
        return dated(order.center.name, local(order.ordered_at).date())
    decided = order.values.get("decided_on")
    return dated(BLANK * 2, date.fromisoformat(decided)) if decided else dated(BLANK, None)


def _foot(order: Order) -> Foot:
    setting = order.setting
    capacity = setting.capacity or word(_VI, order.form.code, "paper_capacity")
    recipients = [one.strip(" -;") for one in setting.recipients.splitlines()]
    return Foot(
        recipients_label=_VI.say(RECIPIENTS),
        recipients=(
            *(f"{one};" for one in recipients if one),
            _VI.say(_FILED, number=order.case_number),
        ),
        capacity=capacity.upper(),
        signer=setting.signer or order.values.get("approver", ""),
    )


def _section(order: Order, section: Section) -> Iterator[Block]:
    form, values = order.form, order.values
    yield Heading(word(_VI, f"{form.code}.{section.code}", "form_section"))
    if section.scale:
        yield Note(word(_VI, section.scale, "form_scale"))
        yield _scores(section, values)
        return
    if section.code == "informant" and not values.get(AGREED):
        yield Note(_VI.say(_NO_CONSENT))
        return
    if values.get("parents_harm") and section.code == "parents_opinion":
        yield Note(_VI.say(_NOT_ASKED))
        return
    done: set[str] = set()
    for one in section.asks:
        if isinstance(one, Rows):
            yield Heading(word(_VI, one.name, "form_field"), 2)
            yield _rows(one, values)
        elif one.name not in done and one.kind is not Kind.FLAG:
            together = next((line for line in _ON_ONE_LINE if line[0] == one.name), (one.name,))
            line = tuple(name for name in together if form.field(name))
            done.update(line)
            yield _answers(form, line, values) if one.kind is not Kind.CHOICE else _choices(one, values)


def _answers(form: StatutoryForm, names: tuple[str, ...], values: Mapping[str, str]) -> Answers:
    return Answers(
        tuple(
            (
                _VI.say(_SHORT[name]) if name in _SHORT else word(_VI, name, "form_field"),
                shown(form.field(name), values.get(name, "")),
            )
            for name in names
        )
    )


def shown(field: Field | None, text: str) -> str:
    """A value as people read it: a date as 21/11/2026."""
    if field is not None and field.kind is Kind.DATE and text:
        return day(date.fromisoformat(text))
    return text


def _choices(field: Field, values: Mapping[str, str]) -> Choices:
    chosen = values.get(field.name)
    return Choices(
        word(_VI, field.name, "form_field"),
        tuple((word(_VI, code, f"form.{field.name}"), code == chosen) for code in field.choices),
    )


def _scores(section: Section, values: Mapping[str, str]) -> Table:
    rows = [
        (
            word(_VI, one.name, "form_field"),
            *("x" if values.get(one.name) == score else "" for score in Score),
        )
        for one in section.asks
    ]
    counts = counted(section, values)
    total = (
        word(_VI, section.scale or "", "form_total"),
        *(str(counts[score]) for score in Score),
    )
    header = (_VI.say(_ITEM), *(word(_VI, score, "score") for score in Score))
    return Table(header, (*rows, total), (7, 2, 2, 2), centered=1, total=True)


def _rows(table: Rows, values: Mapping[str, str]) -> Table:
    names = [column.name for column in table.columns]
    first = [word(_VI, "need", "form_field")] if table.lines else []
    lines = table.used(values) or ("1",)
    return Table(
        header=(*first, *(word(_VI, name, "form_field") for name in names)),
        rows=tuple(
            (
                *([word(_VI, line, "form_line")] if table.lines else []),
                *(values.get(table.cell(line, name), "") for name in names),
            )
            for line in lines
        ),
        widths=(3,) * (len(first) + len(names)),
    )
