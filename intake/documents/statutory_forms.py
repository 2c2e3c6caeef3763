"""The forms of the annex of Decree 56/2017/NĐ-CP as versioned data. Pure.

Sources: 01 and 06 after the annex; 02 to 04 after one secondary source whose 06 is the annex's. The
fields of 05 and 07 were not seen: what is here for them is ours, and they say so (`seen`). The quick
report has no official template: it is Mẫu 01 with what was done, by whom and when; nor has that of a
victim of trafficking (`intake.documents.trafficking_form`). A published version never changes; a new one
is added beside it, and a filled form is shown with the one it was written with.
"""

from collections.abc import Mapping

from intake.documents.statutory_shapes import Rows, Scale, Score, Section, StatutoryForm
from intake.documents.trafficking_form import TRAFFICKING_1
from intake.forms.forms import Field, Kind
from intake.forms.taxonomy import Risk, Sex

_LINE, _BLOCK = 300, 4_000
_SCORES = tuple(Score)


def _line(name: str, longest: int = _LINE) -> Field:
    return Field(name, Kind.TEXT, longest)


def _block(name: str) -> Field:
    return Field(name, Kind.LONG_TEXT, _BLOCK)


def _date(name: str) -> Field:
    return Field(name, Kind.DATE)


def _choice(name: str, *codes: str) -> Field:
    return Field(name, Kind.CHOICE, choices=codes)


def _scored(code: str, scale: Scale, *names: str) -> Section:
    return Section(code, tuple(Field(one, Kind.SCORE, choices=_SCORES) for one in names), scale)


_NAME = _line("child_name", 120)
_GROUP = Section("group", (_choice("group", "abused", "at_risk", "special"),))
_SOURCE = Section(
    "source",
    (
        _choice("through", "phone", "in_person", "other_person"),
        Field("received_time", Kind.TIME),
        _date("received_on"),
    ),
)
_CHILD = (
    _NAME,
    _date("birth_date"),
    Field("age", Kind.AGE),
    Field("sex", Kind.CHOICE, choices=tuple(Sex)),
    _line("place", 600),
    _block("condition"),
    _block("consequences"),
    _line("father_name", 120),
    Field("father_age", Kind.AGE),
    _line("father_job", 120),
    _line("mother_name", 120),
    Field("mother_age", Kind.AGE),
    _line("mother_job", 120),
    _block("family"),
    _line("caregiver"),
    _block("done_before"),
)
AGREED = "informant_agreed"
INFORMANT = frozenset({"informant_name", "informant_phone", "informant_address", "informant_note"})
"""Who told it: kept and printed only when they agreed (Mẫu 01, mục 3; Đ24)."""

RECEPTION_1 = StatutoryForm(
    "reception",
    1,
    (
        _GROUP,
        _SOURCE,
        Section("child", _CHILD),
        Section(
            "informant",
            (
                Field(AGREED, Kind.FLAG),
                _line("informant_name", 120),
                _line("informant_phone", 40),
                _line("informant_address"),
                _block("informant_note"),
            ),
        ),
    ),
    number="01",
)
_NEEDED = (_line("service"), _line("unit"))
INITIAL_ASSESSMENT_1 = StatutoryForm(
    "initial_assessment",
    1,
    (
        Section("assessed", (_NAME, _date("assessed_on"), _line("assessor", 120))),
        _scored("harm", Scale.HARM, "harm_degree", "harm_again"),
        _scored("strength", Scale.STRENGTH, "protects_self", "accepts_help"),
        Section("conclusion", (_choice("conclusion", *Risk),)),
        Section(
            "measures",
            (
                Rows("shelter", _NEEDED, ("care_place", "food", "clothes")),
                Rows("safety", _NEEDED, ("medical", "mental")),
                Rows("other_needs", (_line("need"), *_NEEDED), most=6),
            ),
        ),
    ),
    number="02",
)
DETAILED_ASSESSMENT_1 = StatutoryForm(
    "detailed_assessment",
    1,
    (
        Section("assessed", (_NAME, _date("assessed_on"), _line("assessor", 120))),
        Section(
            "asked",
            tuple(
                map(
                    _block,
                    (
                        "physical",
                        "mental",
                        "emotional",
                        "family_protects",
                        "care_good",
                        "care_bad",
                        "future_caregiver",
                        "coming_good",
                        "coming_bad",
                    ),
                )
            ),
        ),
        _scored(
            "harm",
            Scale.HARM,
            "harm_degree",
            "offender_access",
            "development",
            "care_obstacles",
            "no_protector",
        ),
        _scored(
            "strength",
            Scale.STRENGTH,
            "protects_self",
            "knows_protector",
            "makes_contact",
            "asks_protector",
            "watched_by_others",
        ),
        Section("conclusion", (_choice("danger", "high_risk", "low_risk"),)),
        Section("problems", (_block("problems"),)),
        Section("child_opinion", (_block("child_opinion"),)),
        Section("parents_opinion", (Field("parents_harm", Kind.FLAG), _block("parents_opinion"))),
        Section("services", (_block("services"),)),
    ),
    number="03",
)
PLAN_1 = StatutoryForm(
    "plan",
    1,
    (
        Section("planned", (_NAME, _date("planned_on"), _line("planner", 120))),
        Section("goals", tuple(map(_block, ("recovery", "unsafe", "integration", "other_goals")))),
        Section(
            "activities",
            tuple(
                map(
                    _block,
                    ("treatment", "social_help", "education", "legal_help", "other_activities"),
                )
            ),
        ),
        Section(
            "carrying_out",
            (
                Rows(
                    "work",
                    (_line("activity", 600), _line("officer"), _line("partner"), _line("when")),
                    most=20,
                ),
            ),
        ),
        Section("budget", (_block("budget"),)),
    ),
    number="04",
)
APPROVAL_1 = StatutoryForm(
    "approval",
    1,
    (
        Section("decided", (_line("office"), _date("decided_on"), _block("grounds"))),
        Section("child_short", (_NAME, _date("birth_date"), _line("address", 600))),
        Section("decision", (_line("plan_of"), _block("carried_out_by"), _line("approver", 120))),
    ),
    seen=False,
    number="05",
)
REVIEW_1 = StatutoryForm(
    "review",
    1,
    (
        Section("reviewed", (_NAME, _line("assessor", 120), _date("reviewed_on"))),
        _scored("harm", Scale.HARM, "still_serious", "offender_access", "care_obstacles"),
        _scored("strength", Scale.STRENGTH, "protects_self", "watched_by_others", "asks_protector"),
        Section("conclusion", (_choice("outcome", "still_at_risk", "stable"),)),
    ),
    number="06",
)
SEPARATION_1 = StatutoryForm(
    "separation",
    1,
    (
        Section("decided", (_line("office"), _date("decided_on"), _block("grounds"))),
        Section("child_short", (_NAME, _date("birth_date"), _line("address", 600))),
        Section(
            "separation",
            (
                _line("separated_from"),
                _line("placed_with"),
                Field("separated_time", Kind.TIME),
                _date("separated_on"),
                _date("separated_until"),
                _block("carried_out_by"),
                _line("approver", 120),
            ),
        ),
    ),
    seen=False,
    number="07",
)
QUICK_REPORT_1 = StatutoryForm(
    "quick_report",
    1,
    (
        _GROUP,
        _SOURCE,
        Section("child", _CHILD),
        Section("events", (_block("events"),)),
        Section(
            "actions",
            (
                Rows(
                    "done",
                    (_line("at", 40), _line("action", 600), _line("agency"), _line("result", 600)),
                    most=20,
                ),
            ),
        ),
        Section("proposals", (_block("proposals"),)),
    ),
    seen=False,
)
QUICK_REPORT_2 = StatutoryForm(
    "quick_report",
    2,
    (
        *QUICK_REPORT_1.sections[:2],
        Section(
            "child",
            (
                *_CHILD,
                Rows(
                    "others",
                    (_line("other_child", 120), Field("other_age", Kind.AGE), _line("other_told")),
                    most=9,
                ),
            ),
        ),
        *QUICK_REPORT_1.sections[3:5],
        Section(
            "proposals",
            (
                Rows("asked", (_line("whom"), _line("what", 600), _line("until", 40)), most=10),
                _block("proposals"),
            ),
        ),
    ),
    seen=False,
)
"""With the other children of the case, and what is asked of whom."""

_PUBLISHED = (
    RECEPTION_1,
    INITIAL_ASSESSMENT_1,
    DETAILED_ASSESSMENT_1,
    PLAN_1,
    APPROVAL_1,
    REVIEW_1,
    SEPARATION_1,
    QUICK_REPORT_1,
    QUICK_REPORT_2,
    TRAFFICKING_1,
)
CURRENT: Mapping[str, StatutoryForm] = {form.code: form for form in _PUBLISHED}
"""Code → its newest version, in the order of the annex."""
_VERSIONS = {(form.code, form.version): form for form in _PUBLISHED}
SERIES: Mapping[str, str] = {
    "plan": "KH",
    "approval": "QĐ",
    "separation": "QĐ",
}
"""The abbreviation of the kind of document (NĐ 30/2020, phụ lục III) under which it is numbered, where
it is not a report; the assessments count as reports because only Mẫu 01 shows a number at all."""
REPORT = "BC"
TO_DEPARTMENT = frozenset({"quick_report"})
"""Written for the department, which may have them whatever their level."""
COMMUNE = frozenset({"approval", "separation"})
"""Decided, numbered and signed by the chair of the commune, not by us: we only write the draft."""


def by_version(code: str, version: int) -> StatutoryForm:
    """The form of this version; KeyError when it was never published."""
    return _VERSIONS[code, version]


def disclosed(form: StatutoryForm, values: Mapping[str, str]) -> Mapping[str, str]:
    """What may be printed: without who told it unless they agreed, and of the parents' opinion nothing
    when they are said to be the offenders (Đ27.1h)."""
    hidden = frozenset() if values.get(AGREED) else INFORMANT
    if values.get("parents_harm"):
        hidden |= {"parents_opinion"}
    return {name: text for name, text in values.items() if name not in hidden and form.field(name)}


def consent_gone(printed: Mapping[str, str], form: Mapping[str, str]) -> bool:
    """Whether a document tells who told it, and they agree no more: then nobody has it. `form`: what the
    form holds now."""
    return not form.get(AGREED) and any(printed.get(name) for name in INFORMANT)
