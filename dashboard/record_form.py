"""How the record form is laid out and shown; what it asks is `intake.forms.forms`. Pure."""

from collections.abc import Mapping
from datetime import date

from dashboard.formats import day
from intake.forms import forms, places
from intake.forms.forms import RELATIONS, Field, Kind
from intake.records.records import RecordView

PLACED = frozenset(
    {
        "caller_type",
        "caller_name",
        "anonymous",
        "language",
        "psychologist",
        "call_back",
        "problem",
        "problems",
        "online",
        "risk",
        "place_unit",
        "place",
        "offender",
        "content",
        "advice",
        "referral",
        "offender_relation",
        "caregiver",
        "family",
        "done_before",
        "consequences",
    }
)
"""Fields that the template puts somewhere, of every form that was; those of one to come follow below."""

FAMILY = ("caregiver", "family", "done_before", "consequences")
"""What Mẫu 01 asks about the child's situation: folded until something is there."""

OFFENDER_FOLDED = ("sex", "age", "whereabouts")
_FOLDED = ("birth_date", "ethnicity", "school", "address_unit", "address")


def child_count(record: RecordView) -> int:
    """How many children the form shows: those there are, and room for one."""
    related = (RELATIONS.get(name, 1) for offender in record.offenders for name in offender.fields)
    return max([1, *(child.position for child in record.children), *related])


def offender_count(record: RecordView) -> int:
    """How many alleged offenders the form shows: most calls are about none."""
    return max([0, *(offender.position for offender in record.offenders)])


def has_more_about_child(record: RecordView, position: str) -> bool:
    """Whether the folded part of a child holds something."""
    return any(record.fields.get(f"child.{position}.{name}") for name in _FOLDED)


def has_more_about_offender(record: RecordView, position: str) -> bool:
    """Whether the folded part of an alleged offender holds something."""
    return any(record.fields.get(f"offender.{position}.{name}") for name in OFFENDER_FOLDED)


def has_more_about_family(record: RecordView) -> bool:
    """Whether the folded part about the child's situation holds something."""
    return any(record.fields.get(name) for name in FAMILY)


def shown_date(text: str) -> str:
    """21/11/2015 for the canonical 2015-11-21; the form takes both back."""
    return day(date.fromisoformat(text)) if text else ""


def shown_fields(fields: Mapping[str, str]) -> dict[str, str]:
    """Canonical values as the form's controls hold them."""
    return {name: shown(forms.CURRENT.field(name), text) for name, text in fields.items()}


def shown(field: Field | None, text: str) -> str:
    """One canonical value as its control holds it."""
    if field is not None and field.kind is Kind.DATE:
        return shown_date(text)
    return places.shown(text) if field is not None and field.kind is Kind.PLACE else text
