"""Codes into words: the one place where a stable code gets its sentence, and a state its shape."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum

from dashboard import (
    account_words,
    audit_words,
    case_words,
    chi_words,
    data_request_words,
    directory_words,
    figure_words,
    form_words,
    handover_words,
    line_words,
    office_words,
    official_report_words,
    plan_words,
    record_words,
    report_words,
    research_words,
    roster_words,
    survey_words,
    therapy_words,
    trafficking_words,
)
from dashboard.formats import clock, day
from dashboard.i18n import N_, Language
from intake.forms import places
from intake.forms.forms import RELATIONS, UNITS, About, split

_NOW = N_("nay: %(units)s")
_NOW_MANY = N_("nay: %(n)s xã, phường của %(province)s")
_NOW_SHOWN = 4
_YES = N_("có")
_PEOPLE = {About.CHILD: N_("Trẻ %(n)s"), About.OFFENDER: N_("Người bị cho là gây hại %(n)s")}
_RELATION_TO = N_("Là gì của trẻ %(n)s")
_ROLES = {
    "counselor": N_("Tư vấn viên"),
    "shift_lead": N_("Trưởng ca"),
    "administrator": N_("Quản trị"),
    "auditor": N_("Kiểm tra viên"),
    "center_lead": N_("Lãnh đạo trung tâm"),
    "department": N_("Cục Bà mẹ và Trẻ em"),
    "province_officer": N_("Cán bộ Sở Y tế"),
    "commune_officer": N_("Cán bộ bảo vệ trẻ em cấp xã"),
    "therapist": N_("Chuyên viên trị liệu"),
    "therapy_head": N_("Trưởng đơn vị trị liệu"),
}
_SHIFTS = {
    "morning": N_("Ca sáng"),
    "afternoon": N_("Ca chiều"),
    "night": N_("Ca đêm"),
}
_STATES = {
    "available": N_("Sẵn sàng"),
    "break": N_("Nghỉ giữa giờ"),
    "away": N_("Rời máy"),
    "phone_away": N_("Điện thoại mất kết nối"),
    "missed": N_("Lỡ một cuộc"),
    "ringing": N_("Đang đổ chuông"),
    "calling": N_("Đang gọi ra"),
    "talking": N_("Đang nghe"),
    "wrap_up": N_("Hoàn tất phiếu"),
}
_SHIFT_REASONS = {
    "nobody": N_("Đã vào ca mà chưa có ai vào máy. Người ca trước vẫn được giữ lại nghe."),
    "too_few": N_("Đã vào ca mà chưa đủ người. Người ca trước vẫn được giữ lại nghe."),
}
_WEEKDAYS = {
    "0": N_("Thứ Hai"),
    "1": N_("Thứ Ba"),
    "2": N_("Thứ Tư"),
    "3": N_("Thứ Năm"),
    "4": N_("Thứ Sáu"),
    "5": N_("Thứ Bảy"),
    "6": N_("Chủ Nhật"),
}
KINDS: Mapping[str, Mapping[str, str]] = {
    "role": _ROLES,
    "shift": _SHIFTS,
    "state": _STATES,
    "shift_reason": _SHIFT_REASONS,
    "weekday": _WEEKDAYS,
    **account_words.KINDS,
    **audit_words.KINDS,
    **line_words.KINDS,
    **record_words.KINDS,
    **case_words.KINDS,
    **plan_words.KINDS,
    **figure_words.KINDS,
    **form_words.KINDS,
    **roster_words.KINDS,
    **directory_words.KINDS,
    **office_words.KINDS,
    **handover_words.KINDS,
    **trafficking_words.KINDS,
    **therapy_words.KINDS,
    **data_request_words.KINDS,
    **research_words.KINDS,
    **survey_words.KINDS,
    **report_words.KINDS,
    **official_report_words.KINDS,
    **chi_words.KINDS,
}
"""Kind of code → code → Vietnamese. For a choice of the record form the kind is the field's name."""

STATE_ICONS = {
    "available": "circle-fill",
    "break": "cup-hot-fill",
    "away": "circle",
    "phone_away": "plug",
    "missed": "telephone-x-fill",
    "ringing": "bell-fill",
    "calling": "telephone-outbound-fill",
    "talking": "telephone-fill",
    "wrap_up": "pencil-fill",
}
"""State → shape, so that no state is told by colour alone."""


def word(language: Language, code: str | StrEnum, kind: str) -> str:
    """The words for a code; the code itself when it is of a newer form than this program."""
    found = KINDS[kind].get(str(code))
    return language.say(found) if found else str(code)


def value(language: Language, field: str, text: str) -> str:
    """A form value as people read it: codes in words, a date as 21/11/2026, a flag as yes."""
    if field in KINDS and text:
        return ", ".join(word(language, code, field) for code in text.split())
    if field in UNITS:
        return " → ".join(filter(None, [places.shown(text), now_told(language, text)]))
    if field in {"anonymous", "online", "psychologist"}:
        return language.say(_YES) if text else ""
    if field == "birth_date" and text:
        return day(date.fromisoformat(text))
    if field in {"received_at", "happened_at"} and text:
        moment = datetime.fromisoformat(text)
        return f"{clock(moment)} {day(moment)}"
    return text


def now_told(language: Language, kept: str) -> str:
    """What became of an old unit, for people who still say its name; "" for all other places."""
    units = places.became(kept)
    if not units:
        return ""
    if len(units) > _NOW_SHOWN:
        return language.say(_NOW_MANY, n=len(units), province=places.label(units[0].province))
    return language.say(_NOW, units=" / ".join(places.label(one) for one in units))


def question(language: Language, inner: str) -> str:
    """What a form field asks, without whom it is about."""
    if inner in RELATIONS:
        return language.say(_RELATION_TO, n=RELATIONS[inner])
    return word(language, inner, "field")


def field(language: Language, name: str) -> str:
    """The name of a form field; one about a person says whom."""
    person, inner = split(name)
    shown = question(language, inner)
    if person is None:
        return shown
    return f"{language.say(_PEOPLE[person.about], n=person.position)} · {shown}"
