"""The form of a victim of human trafficking, as data; ours: no official one was found. Pure.

It asks what the hotline's published figures are broken down by (kind of help, destination, purpose), and
what whoever is to find and take in a victim must know first.
"""

from enum import StrEnum

from intake.documents.statutory_shapes import Section, StatutoryForm
from intake.forms.forms import Field, Kind
from intake.forms.taxonomy import Sex

CODE = "trafficking"


class Purpose(StrEnum):
    """For what a victim is, or was to be, exploited."""

    SEXUAL = "sexual"
    LABOR = "labor"
    MARRIAGE = "marriage"
    ADOPTION = "adoption"
    SURROGACY = "surrogacy"
    ORGANS = "organs"
    BEGGING = "begging"
    ONLINE_FRAUD = "online_fraud"
    """Held and made to defraud people over the internet."""
    OTHER = "other_purpose"
    UNKNOWN = "unknown"


class Destination(StrEnum):
    INSIDE = "inside"
    OUTSIDE = "outside"
    UNKNOWN = "unknown"


class Held(StrEnum):
    """How a victim stands now."""

    LURED = "lured"
    """Not taken away yet."""
    ON_THE_WAY = "on_the_way"
    HELD = "held"
    ESCAPED = "escaped"
    RESCUED = "rescued"
    RETURNED = "returned"
    UNKNOWN = "unknown"


class Recruiter(StrEnum):
    """What whoever took or lured them is to them."""

    PARTNER = "partner"
    RELATIVE = "relative"
    ACQUAINTANCE = "acquaintance"
    ONLINE = "online"
    BROKER = "broker"
    """Of a company or a go-between for work, marriage, study."""
    STRANGER = "stranger"
    UNKNOWN = "unknown"


class Help(StrEnum):
    """As the reports count it: thông tin, tư vấn, chuyển tuyến."""

    INFORMATION = "information"
    COUNSELING = "counseling"
    REFERRAL = "referral"


_YES_NO = ("yes", "no", "unknown")


def _line(name: str, longest: int = 300) -> Field:
    return Field(name, Kind.TEXT, longest)


def _block(name: str) -> Field:
    return Field(name, Kind.LONG_TEXT, 4_000)


def _choice(name: str, *codes: str) -> Field:
    return Field(name, Kind.CHOICE, choices=codes)


TRAFFICKING_1 = StatutoryForm(
    CODE,
    1,
    (
        Section(
            "source",
            (
                _choice("told_by", "victim", "relative", "citizen", "official"),
                Field("received_time", Kind.TIME),
                Field("received_on", Kind.DATE),
                _choice("help", *Help),
            ),
        ),
        Section(
            "victim",
            (
                _line("victim_name", 120),
                Field("birth_date", Kind.DATE),
                Field("age", Kind.AGE),
                Field("sex", Kind.CHOICE, choices=tuple(Sex)),
                _line("ethnicity", 60),
                _line("home", 600),
                _line("victim_family", 600),
                _block("victim_condition"),
            ),
        ),
        Section(
            "taken",
            (
                _line("recruited_at", 600),
                _block("recruited_how"),
                _line("recruiter"),
                _choice("recruiter_relation", *Recruiter),
                _line("route", 600),
                _choice("destination", *Destination),
                _line("country", 120),
                _line("held_at", 600),
            ),
        ),
        Section(
            "exploited",
            (
                _choice("purpose", *Purpose),
                _block("exploited_how"),
                _choice("papers_taken", *_YES_NO),
                _line("debt"),
            ),
        ),
        Section(
            "now",
            (
                _choice("held", *Held),
                _choice("danger_now", *_YES_NO),
                _block("danger_told"),
                _line("safe_contact"),
            ),
        ),
        Section(
            "wishes",
            (
                _block("wishes"),
                _block("help_needed"),
                _choice("agrees", "agrees", "agrees_not", "not_asked"),
            ),
        ),
    ),
    seen=False,
)
