"""The answer to a request about personal data, in words on paper. Always in Vietnamese.

What it may say was decided and sealed before (`intake.data_requests.answers`); here are only its words.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from dashboard.formats import day, phone
from dashboard.i18n import FIRST, N_, Language
from dashboard.letterhead import MADE_UP, RECIPIENTS, dated, head
from dashboard.words import field as field_word
from dashboard.words import value, word
from hotline.clock import local
from hotline.settings import Settings
from intake.data_requests.answers import AnswerText, Entry, Handed
from intake.documents.paper import Answers, Block, Foot, Heading, Note, Paper, Table

_VI = Language(FIRST)
_TITLE = N_("TRẢ LỜI YÊU CẦU VỀ DỮ LIỆU CÁ NHÂN")
_SUBJECT = N_("Yêu cầu số %(id)s, nhận ngày %(day)s")
_LEVEL = N_("Mức độ bảo mật: mật; chỉ trao cho người yêu cầu")
_NUMBER = N_("Số: ....../TL")
_TO = N_("Kính gửi")
_WANTS = N_("Điều được yêu cầu")
_NOTHING = N_("Với những gì được cung cấp, Tổng đài không tìm thấy dữ liệu nào của người yêu cầu.")
_REFUSED = N_("Tổng đài không cung cấp dữ liệu: %(why)s.")
_NOT_ALL = N_("Có phần không cung cấp được: %(why)s.")
_KEPT = N_("Đang giữ")
_WHY = N_("Để làm gì")
_PURPOSE = N_("tiếp nhận, xác minh, bảo vệ và hỗ trợ trẻ em")
_GROUND = N_("Căn cứ")
_LAW = N_(
    "Luật Trẻ em; Nghị định 56/2017/NĐ-CP, Điều 22 đến 28; ghi âm cuộc gọi: Nghị định 162/2025/NĐ-CP"
)
_SINCE = N_("Từ ngày")
_HOW_LONG = N_("Giữ bao lâu")
_DAYS = N_("%(period)s: %(days)s ngày từ khi kết thúc")
_NO_PERIOD = N_("%(period)s: chưa ấn định thời hạn")
_HANDED = N_("Đã chuyển cho")
_HANDED_HOW = N_("Cách")
_HANDED_WHEN = N_("Ngày")
_NOBODY = N_("Không chuyển cho ai.")
_OWN = N_("Dữ liệu của người yêu cầu")
_OWN_CHILD = N_("Dữ liệu của trẻ")
_STORY = N_("Nội dung đã ghi, đã lược bỏ phần về người khác")
_DECIDED = N_("Kết quả")
_CASE = N_("%(what)s %(number)s")
_FURTHER = N_(
    "Thư này không nêu người cung cấp thông tin và dữ liệu của người khác (Nghị định 56/2017/NĐ-CP, "
    "Điều 24). Nếu không đồng ý, người yêu cầu có quyền khiếu nại theo pháp luật."
)
_FILED = N_("Lưu: yêu cầu số %(id)s.")
_CAPACITY = N_("LÃNH ĐẠO TRUNG TÂM")
_NUMBER_FIELD = N_("Số máy đã gọi")


def paper(answer: AnswerText, request_id: int, place: str, of: Settings, *, made_up: bool) -> Paper:
    """`place`: the center's name. `made_up`: what there is to tell is about nobody."""
    top = head(
        of,
        symbol=_VI.say(_NUMBER),
        place_and_date=dated(place, local(datetime.fromisoformat(answer.gathered_at)).date()),
        title=_VI.say(_TITLE),
        subject=_VI.say(_SUBJECT, id=request_id, day=_day(answer.received_at)),
        reading=(_VI.say(_LEVEL), *([_VI.say(MADE_UP)] if made_up else [])),
    )
    foot = Foot(
        recipients_label=_VI.say(RECIPIENTS),
        recipients=(f"{answer.name};", _VI.say(_FILED, id=request_id)),
        capacity=_VI.say(_CAPACITY),
        signer="",
    )
    return Paper(top, tuple(_blocks(answer)), foot)


def _blocks(answer: AnswerText) -> Iterator[Block]:
    yield Answers(((_VI.say(_TO), answer.name),))
    yield Answers(((_VI.say(_WANTS), _joined("data_want", answer.wants)),))
    if answer.refused_as:
        yield Note(_VI.say(_REFUSED, why=word(_VI, answer.refused_as, "data_refused").lower()))
    elif not answer.entries and not answer.refused:
        yield Note(_VI.say(_NOTHING))
    for number, entry in enumerate(answer.entries, 1):
        yield from _entry(number, entry)
    if answer.refused:
        yield Note(_VI.say(_NOT_ALL, why=_joined("data_ground", answer.refused).lower()))
    yield Note(_VI.say(_FURTHER))


def _entry(number: int, entry: Entry) -> Iterator[Block]:
    what = word(_VI, entry.kind, "data_object")
    name = _VI.say(_CASE, what=what, number=entry.number) if entry.number else what
    yield Heading(f"{number}. {name}, {_day(entry.at)}")
    yield Answers(((_VI.say(_KEPT), _joined("data_kept", entry.kept)),))
    yield Answers(((_VI.say(_WHY), _VI.say(_PURPOSE)),))
    yield Answers(((_VI.say(_GROUND), _VI.say(_LAW)),))
    period = word(_VI, entry.period, "data_period")
    long = _VI.say(_DAYS, period=period, days=entry.days) if entry.days else ""
    yield Answers(
        (
            (_VI.say(_SINCE), _day(entry.at)),
            (_VI.say(_HOW_LONG), long or _VI.say(_NO_PERIOD, period=period)),
        )
    )
    if entry.handed:
        yield _handed(entry.handed)
    elif entry.kind == "case":
        yield Answers(((_VI.say(_HANDED), _VI.say(_NOBODY)),))
    if entry.own:
        yield Heading(_VI.say(_OWN if entry.about_caller else _OWN_CHILD), 2)
        for name, text in entry.own.items():
            shown = phone(text) if name == "number" else value(_VI, name, text)
            yield Answers(((_question(name), shown),))
    if entry.excerpt:
        yield Answers(((_VI.say(_STORY), entry.excerpt),))
    yield Heading(_VI.say(_DECIDED), 2)
    for want, said in entry.answers.items():
        decision, _, ground = said.partition(" ")
        told = word(_VI, decision, "data_decision")
        why = f" ({word(_VI, ground, 'data_ground').lower()})" if ground else ""
        yield Answers(((word(_VI, want, "data_want"), f"{told}{why}"),))


def _question(name: str) -> str:
    return _VI.say(_NUMBER_FIELD) if name == "number" else field_word(_VI, name)


def _handed(handed: Sequence[Handed]) -> Table:
    return Table(
        header=(_VI.say(_HANDED), _VI.say(_HANDED_HOW), _VI.say(_HANDED_WHEN)),
        rows=tuple((one.to, word(_VI, one.way, "data_handed"), _day(one.at)) for one in handed),
        widths=(6, 4, 3),
    )


def _joined(kind: str, codes: Sequence[str]) -> str:
    return ", ".join(word(_VI, code, kind) for code in codes)


def _day(moment: str) -> str:
    return day(datetime.fromisoformat(moment))
