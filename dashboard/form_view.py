"""What the pages of statutory forms and documents show, out of what the rooms below know."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from secrets import token_urlsafe

from dashboard.asking import Work
from dashboard.formats import clock, day_short
from dashboard.i18n import FIRST, N_, Language
from dashboard.words import word
from intake.cases.case_people import CaseChild
from intake.cases.case_views import CaseEvent, CaseView
from intake.documents import documents, filled_forms, statutory_forms, trafficking_form
from intake.documents.documents import DocumentView
from intake.documents.filled_forms import FilledForm, FormLine, SavedForm
from intake.documents.statutory_shapes import Rows
from intake.forms.forms import Kind
from intake.handovers.handover_states import SHOWN, State
from intake.handovers.handover_views import HandoverView

_VI = Language(FIRST)
_BLANK_LINES = 2
_TOLD_MOST = 20
_DEEDS = {"step": "step_done", "emergency": "emergency_item", "handover": "handover_spine"}
"""Kind of an entry of the spine → kind of the words for its code."""
_TAKE = N_("Tiếp nhận ca đã chuyển (%(reference)s), kiểm tra tình trạng của trẻ em và báo lại")
_ACT = N_("Đã tiếp nhận ca (%(reference)s): can thiệp, hỗ trợ trẻ em và báo kết quả")
_ASKED = dict.fromkeys(SHOWN, _TAKE) | {State.ACCEPTED: _ACT}


@dataclass(frozen=True, slots=True)
class CasePapers:
    """The forms of a case and their documents, with what is needed to open another. `offered`: codes
    of forms; `token`: of this page, so that a form opened twice is one."""

    lines: Sequence[FormLine]
    documents: Mapping[int, Sequence[DocumentView]]
    """Form id → its documents, the newest first."""
    offered: Sequence[str]
    children: Sequence[CaseChild]
    token: str


def of_case(work: Work, case: CaseView) -> CasePapers:
    """For a case that the viewer may read: two statements, and one for the documents' files."""
    ids = [case.id, *(one.id for one in case.merged)]
    made: dict[int, list[DocumentView]] = {}
    for one in documents.of_cases(work.session, work.viewer, ids):
        made.setdefault(one.form_id, []).append(one)
    return CasePapers(
        lines=filled_forms.of_cases(work.session, ids),
        documents=made,
        offered=_offered(case),
        children=case.children,
        token=new_token(),
    )


def _offered(case: CaseView) -> Sequence[str]:
    """Codes of the forms that may be opened; of a victim of trafficking their own first."""
    apart = {"quick_report", trafficking_form.CODE}
    codes = [code for code in statutory_forms.CURRENT if code not in apart]
    return [trafficking_form.CODE, *codes] if case.trafficking else codes


def new_token() -> str:
    """A random word for one page: what is sent from it twice is done once."""
    return token_urlsafe(16)


def lines_to_show(table: Rows, values: Mapping[str, str]) -> Sequence[str]:
    """Those that hold something, and some to write on."""
    used = table.used(values)
    added = len(used) - len(table.lines)
    more = range(added + 1, min(added + _BLANK_LINES, table.most) + 1)
    return (*used, *map(str, more))


def held(filled: FilledForm, typed: Mapping[str, str], saved: SavedForm, name: str) -> str:
    """What stands in a field: what was typed and not taken in, else what the form holds."""
    if name in typed and (name in saved.clashes or name in saved.errors):
        return typed[name]
    return filled.values.get(name, "")


def typed_value(kind: Kind, text: str) -> str:
    """As an input field of this kind holds it: a date on the Vietnamese calendar."""
    parts = text.split("-")
    return "/".join(reversed(parts)) if kind is Kind.DATE and len(parts) == 3 else text


def done_so_far(events: Sequence[CaseEvent]) -> dict[str, str]:
    """The spine as lines of the quick report's table, the oldest first. In Vietnamese, as documents
    are."""
    told = sorted(
        (one for one in events if one.kind in {"note", *_DEEDS}), key=lambda one: one.happened_at
    )
    lines: dict[str, str] = {}
    for number, one in enumerate(told[-_TOLD_MOST:], start=1):
        agency = next(
            (one.answers[name] for name in ("recipient", "agency") if one.answers.get(name)), ""
        )
        lines |= {
            f"done.{number}.at": _moment(one.happened_at),
            f"done.{number}.action": " ".join(
                [word(_VI, one.code, _DEEDS[one.kind])] if one.kind in _DEEDS else one.text.split()
            ),
            f"done.{number}.agency": agency,
            f"done.{number}.result": " ".join(one.text.split())
            if one.kind == "emergency"
            else one.answers.get("acknowledged_by", ""),
        }
    return lines


def other_children(children: Sequence[CaseChild], told_of: int | None) -> dict[str, str]:
    """Those beside the one that the quick report is about, as lines of its table."""
    others = [one.fields for one in children if told_of not in one.ids]
    return {
        f"others.{number}.{name}": text
        for number, of in enumerate(others, start=1)
        for name, text in (
            ("other_child", of.get("name", "")),
            ("other_age", of.get("age", "")),
            ("other_told", word(_VI, of["sex"], "sex") if of.get("sex") else ""),
        )
    }


def asked_so_far(handovers: Sequence[HandoverView]) -> dict[str, str]:
    """What stands with others, as lines of the quick report's table, the oldest first."""
    standing = [one for one in reversed(handovers) if one.state in SHOWN]
    return {
        f"asked.{number}.{name}": text
        for number, one in enumerate(standing, start=1)
        for name, text in (
            ("whom", one.recipient),
            ("what", one.packet.request or _VI.say(_ASKED[one.state], reference=one.reference)),
            ("until", "" if one.state is State.ACCEPTED else _moment(one.due_at)),
        )
    }


def _moment(at: datetime) -> str:
    return f"{clock(at)} {day_short(at)}"
