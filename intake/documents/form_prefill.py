"""What of a statutory form is known before anybody writes in it: carried over, to be changed. Pure.

Never who told it, and never a score or a conclusion: those are people's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from hotline.clock import local
from intake.documents.statutory_shapes import StatutoryForm
from intake.forms import forms
from intake.forms.taxonomy import Way

_THROUGH = {Way.PHONE: "phone", Way.WALK_IN: "in_person"}
_CHILD = {
    "child_name": "name",
    "birth_date": "birth_date",
    "age": "age",
    "sex": "sex",
    "condition": "condition",
    "victim_name": "name",
    "ethnicity": "ethnicity",
    "victim_condition": "condition",
}
_RECORD = {
    "family": "family",
    "caregiver": "caregiver",
    "done_before": "done_before",
    "consequences": "consequences",
    "events": "content",
    "victim_family": "family",
}
_TOLD_BY = {"child": "victim", "victim": "victim", "official": "official"} | dict.fromkeys(
    ("parent", "relative"), "relative"
)
"""Who told of a victim of trafficking, as the reports count it; everybody else is a citizen."""
_TODAY = ("assessed_on", "reviewed_on", "planned_on", "decided_on")
_BY = ("assessor", "planner")


@dataclass(frozen=True, slots=True)
class Known:
    """`record` and `child` are canonical fields of the record form; `by`: who opens the form."""

    received_at: datetime
    way: Way
    record: Mapping[str, str]
    child: Mapping[str, str]
    by: str
    now: datetime


def carried_over(form: StatutoryForm, known: Known) -> dict[str, str]:
    """Full field name of the form → text, only what is known."""
    came, today = local(known.received_at), local(known.now).date().isoformat()
    home = forms.place_told(
        {
            "place_unit": known.child.get("address_unit", ""),
            "place": known.child.get("address", ""),
        }
    )
    teller = known.record.get("caller_type", "")
    told = {
        "told_by": _TOLD_BY.get(teller, "citizen") if teller not in {"", "unknown"} else "",
        "through": _THROUGH.get(known.way, "other_person"),
        "received_time": f"{came:%H:%M}",
        "received_on": came.date().isoformat(),
        "place": forms.place_told(known.record),
        "address": home,
        "home": home,
        **{name: known.child.get(of, "") for name, of in _CHILD.items()},
        **{name: known.record.get(of, "") for name, of in _RECORD.items()},
        **dict.fromkeys(_TODAY, today),
        **dict.fromkeys(_BY, known.by),
    }
    return fitting(form, told)


def fitting(form: StatutoryForm, told: Mapping[str, str]) -> dict[str, str]:
    """What of this the form asks for, cut to what fits there: the rest stays where it came from."""
    kept: dict[str, str] = {}
    for name, text in told.items():
        field = form.field(name)
        if field is not None and text:
            kept[name] = text[: field.longest] if field.longest else text
    good, _ = forms.sort_out(form, kept)
    return {name: text for name, text in good.items() if text}
