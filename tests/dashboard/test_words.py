"""Every code has its words, every sentence its translation, every icon its picture."""

import re
from collections.abc import Iterable

import pytest

from dashboard import figures, words
from dashboard.assets import BUILT, asset
from dashboard.i18n import LANGUAGES, language, translations
from dashboard.record_form import PLACED
from dashboard.rendering import _TEMPLATES
from hotline.access import Role
from hotline.audit import Act
from hotline.audit_findings import Outcome as Looked
from hotline.audit_patterns import Odd
from hotline.audit_proof import Fault
from hotline.events import Outcome, TransferKind
from hotline.ids import Part
from hotline.languages import LANGUAGES as SPOKEN
from intake.calls import callback_rules, line_wishes
from intake.calls.yes_no import Answer
from intake.cases import case_entries, deadlines, emergency, escalation, flow, separations, timeline
from intake.directory import directory
from intake.documents import documents, statutory_forms, trafficking_form
from intake.documents.statutory_shapes import Rows, Scale, Score
from intake.forms import forms, taxonomy, trafficking
from intake.plans import plan_rules
from intake.recordings.recordings import RecordingState
from intake.reports.attachment_kinds import ENDINGS
from intake.reports.attachments import Refused
from intake.therapy import therapy_rules
from intake.victims import trafficking_counts, trafficking_figures
from routing.choices import Choice, Why
from routing.planning import Breach
from routing.shifts import SHIFTS
from routing.swaps import SwapState
from routing.values import Reason
from tests.dashboard.catalog import sources, written

_ASKED: list[flow.Rule | flow.Turn] = [*flow.TABLE.values(), *flow.TURNS.values()]
_STATUTORY = statutory_forms.CURRENT.values()
_SECTIONS = [(form.code, section) for form in _STATUTORY for section in form.sections]
_ROWS = [one for _, section in _SECTIONS for one in section.asks if isinstance(one, Rows)]
_QUESTIONS = [
    q
    for questions in (
        *(asked.questions for asked in _ASKED),
        *case_entries.ASKED.values(),
        separations.RENEWAL,
        separations.END,
    )
    for q in questions
]
_CODES: dict[str, Iterable[str]] = {
    "role": Role,
    "shift": [shift.code for shift in SHIFTS],
    "state": Choice,
    "outcome": Outcome,
    "offer": Outcome,
    "disposition": taxonomy.Disposition,
    "field": {field.name for about in (None, *forms.About) for field in forms.CURRENT.asked(about)}
    - forms.RELATIONS.keys(),
    "caller_type": taxonomy.CallerType,
    "sex": taxonomy.Sex,
    "relation": taxonomy.Relation,
    "nearness": taxonomy.Nearness,
    "key_answer": Answer,
    "risk": taxonomy.Risk,
    "way": taxonomy.Way,
    "attachment": {kind.partition("/")[0] for kind in ENDINGS},
    "attachment_refused": Refused,
    "problem": taxonomy.Problem,
    "chi": taxonomy.ChiCategory,
    "transfer": TransferKind,
    "case_state": flow.State,
    "step": flow.Step,
    "step_done": flow.Step,
    "question": ["text", *(q.name for q in _QUESTIONS)],
    "answer": [code for q in _QUESTIONS for code in q.choices],
    "need": flow.Need,
    "timeline_group": timeline.Group,
    "entry": case_entries.ASKED,
    "emergency_item": emergency.Item,
    "case_clock": deadlines.Clock,
    "clock_name": deadlines.Clock,
    "plan_state": plan_rules.PlanState,
    "goal": plan_rules.Goal,
    "work": plan_rules.Work,
    "plan_outcome": plan_rules.Outcome,
    "plan_deed": plan_rules.Deed,
    "stage": escalation.Stage,
    "recording": RecordingState,
    "callback_why": callback_rules.Why,
    "callback_deed": callback_rules.Deed,
    "safe": callback_rules.Safe,
    "language": ("vi", *SPOKEN),
    "reason": Reason,
    "wish": line_wishes.State,
    "mode": line_wishes.SUPERVISING | line_wishes.TAKING,
    "part": Part,
    "weekday": [str(day) for day in range(7)],
    "breach": Breach,
    "break_why": Why,
    "swap": SwapState,
    "statutory_form": statutory_forms.CURRENT,
    "paper_title": statutory_forms.CURRENT,
    "paper_subject": statutory_forms.CURRENT,
    "paper_capacity": statutory_forms.CURRENT,
    "form_section": {f"{code}.{section.code}" for code, section in _SECTIONS},
    "form_field": {
        *(one.name for _, section in _SECTIONS for one in section.asks),
        *(name.rpartition(".")[2] for form in _STATUTORY for name in form.names()),
    },
    "form_line": {line for table in _ROWS for line in table.lines},
    "form_scale": Scale,
    "form_total": Scale,
    "score": Score,
    "document_state": documents.State,
    "level": documents.Level,
    **{
        f"form.{one.name}": one.choices
        for _, section in _SECTIONS
        for one in section.asks
        if isinstance(one, forms.Field) and one.kind is forms.Kind.CHOICE
    },
    "victim_body": trafficking.Body,
    "victim_outcome": (trafficking_figures.WAITING, *trafficking.Outcome),
    "contact": trafficking_counts.Contact,
    "teller": trafficking_counts.Teller,
    "age_band": trafficking.AgeBand,
    "people": trafficking.People,
    "purpose": trafficking_form.Purpose,
    "destination": trafficking_form.Destination,
    "therapy_standing": therapy_rules.Standing,
    "therapy_deed": ("referred", "conclusion", *set(therapy_rules.Standing) - {"waiting"}),
    "charge": therapy_rules.Charge,
    "meeting_kind": therapy_rules.Kind,
    "meeting_way": therapy_rules.Way,
    "meeting_state": therapy_rules.Held,
    "owed": therapy_rules.Owed,
    "directory_kind": directory.Kind,
    "figure": {*figures.MADE_OF, *(part for parts in figures.MADE_OF.values() for part in parts)},
    "formula": figures.MADE_OF,
    "act": Act,
    "odd": Odd,
    "odd_how": Odd,
    "audit_outcome": Looked,
    "audit_fault": Fault,
}


@pytest.mark.parametrize("kind", _CODES)
def test_every_code_has_its_words(kind: str) -> None:
    assert {str(code) for code in _CODES[kind]} <= words.KINDS[kind].keys()


def test_every_state_has_its_shape() -> None:
    assert words.KINDS["state"].keys() == words.STATE_ICONS.keys()


def test_the_form_puts_every_field_somewhere() -> None:
    versions = range(1, forms.CURRENT.version + 1)
    asked = {field.name for version in versions for field in forms.by_version(version).fields}
    assert asked == PLACED


@pytest.mark.parametrize("code", sorted(set(LANGUAGES) - {"vi"}))
def test_every_sentence_is_translated(code: str) -> None:
    catalog = written(code)
    wanted = {message.id for message in sources() if message.id}
    there = {message.id for message in catalog if message.id}
    empty = [message.id for message in catalog if message.id and (not message.string or message.fuzzy)]
    assert wanted == there, "run `python -m tests.dashboard.catalog`"
    assert empty == []


@pytest.mark.parametrize("code", sorted(set(LANGUAGES) - {"vi"}))
def test_a_translation_fills_in_the_same_values(code: str) -> None:
    value = re.compile(r"%\(\w+\)s")
    for message in written(code):
        if isinstance(message.id, str) and message.id:
            assert sorted(value.findall(message.id)) == sorted(value.findall(str(message.string)))


def test_a_code_of_a_newer_form_is_shown_as_it_is() -> None:
    assert words.word(language("vi"), "unheard_of", "problem") == "unheard_of"


def test_values_are_told_in_words() -> None:
    vietnamese, english = language("vi"), language("en")
    assert (
        words.value(vietnamese, "problems", "violence neglect") == "Bạo lực, Bỏ rơi, bỏ mặc, sao nhãng"
    )
    assert words.value(vietnamese, "birth_date", "2015-03-02") == "02/03/2015"
    assert words.value(english, "online", "1") == "yes"
    assert words.field(english, "child.2.age") == "Child 2 · Age (estimated)"
    assert words.field(english, "offender.1.nearness") == "Alleged offender 1 · Is near the child"
    assert words.field(english, "offender.1.relation_3") == "Alleged offender 1 · Relation to child 3"
    assert words.value(english, "relation_3", "parent") == words.value(english, "relation", "parent")


def test_an_unknown_language_is_vietnamese() -> None:
    assert language("xx").code == "vi"
    assert translations("xx").gettext("Sẵn sàng") == "Sẵn sàng"


def test_every_icon_of_the_templates_is_in_the_sprite() -> None:
    used = set(words.STATE_ICONS.values())
    for template in _TEMPLATES.glob("*.html"):
        used |= set(re.findall(r'icon\("([a-z0-9-]+)"\)', template.read_text("utf-8")))
    sprite = (BUILT / asset("icons.svg").removeprefix("/static/")).read_text("utf-8")
    assert used <= set(re.findall(r'<symbol id="([a-z0-9-]+)"', sprite))
