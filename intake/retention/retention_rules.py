"""Classes of what is kept, for how long, and what stays of a record for the figures. Pure.

No law says how long a hotline keeps what it was told (none was found; Luật 91/2025 asks that personal
data be deleted when its purpose is over). So a period is the ministry's to set: 0, the default of every
class, keeps. Rows stay, without what tells of anybody, because they are what is counted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from json import dumps

from hotline.errors import SetupError
from intake.forms import forms, places
from intake.forms.forms import Kind
from intake.forms.taxonomy import Disposition
from intake.forms.trafficking import People, age, people_of

SHORTEST_DAYS = 30
"""Callbacks, repeated calls and complaints of a month need what happened in it."""


class Kept(StrEnum):
    SILENT = "silent"
    """Records closed without anything told, and their calls and recordings."""
    RECORD = "record"
    """Closed records that are in no case, and their calls, recordings, reports and files."""
    RECORDING = "recording"
    """Recordings of calls that are in no case."""
    CASE_RECORDING = "case_recording"
    """Recordings of calls of cases all of which are closed."""
    THERAPY = "therapy"
    """What is kept of a child's treatment that is over, its case too: reasons, places, what was said."""
    CASE = "case"
    """Closed cases, with their timeline, papers, files, records, calls and recordings."""
    VICTIM_CASE = "victim_case"
    """The same of trafficking, or in which victims were referred."""
    CALL = "call"
    """Numbers of calls in which nothing was written, lost ones above all."""
    ASKED = "asked"
    """Records whose deletion somebody asked for and two people allowed (`intake.data_requests`). The
    request is the rule: it has no period."""
    DATA_REQUEST = "data_request"
    """What people asked about their data, and what they were answered."""


CASES = frozenset({Kept.CASE, Kept.VICTIM_CASE})
NOTHING_TOLD = frozenset(
    {
        Disposition.SILENT,
        Disposition.PRANK,
        Disposition.WRONG_NUMBER,
        Disposition.TEST,
        Disposition.HANG_UP,
        Disposition.ABUSIVE,
    }
)
_COUNTED = frozenset({Kind.CHOICE, Kind.SEVERAL, Kind.AGE, Kind.FLAG, Kind.SCORE})
"""Codes and ages; text, dates and times of day tell of somebody."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`days` after its end what is of this class is due."""

    kept: Kept
    setting: str
    days: int

    @property
    def runs(self) -> bool:
        """Whether anything is ever due by it."""
        return self.days > 0 or self.kept is Kept.ASKED

    @property
    def variable(self) -> str:
        """By which the period is set."""
        return f"TONGDAI_{self.setting.upper()}"

    @property
    def said(self) -> str:
        """As a certificate names it."""
        return "data_request" if self.kept is Kept.ASKED else f"{self.setting}={self.days}"

    def before(self, now: datetime) -> datetime:
        """What ended before this is due."""
        return now - timedelta(days=self.days)


def rules(days: Mapping[Kept, int]) -> tuple[Rule, ...]:
    """One for each class, also for those that are kept (0 days). Raises SetupError for a period that is
    too short."""
    found = tuple(Rule(kept, f"keep_{kept}_days", days.get(kept, 0)) for kept in Kept)
    for rule in found:
        if 0 < rule.days < SHORTEST_DAYS:
            raise SetupError(f"{rule.variable}: 0 to keep, or at least {SHORTEST_DAYS} days")
    return found


def counted(form_version: int, about: forms.About | None, fields: Mapping[str, str]) -> dict[str, str]:
    """What of a record's fields, or of one person's in it, stays: what is counted and tells of nobody.
    Of a place its province of today; `fields` are named without the person."""
    form, left = forms.by_version(form_version), {}
    for name, text in fields.items():
        question = form.question(about, name)
        if question is None:
            continue
        if question.kind in _COUNTED:
            left[name] = text
        elif question.kind is Kind.PLACE and (province := places.province(text)):
            left[name] = province.id
    return left


def counted_person(
    form_version: int, about: forms.About, fields: Mapping[str, str], told_on: date
) -> dict[str, str]:
    """The same for one person: in place of the date of birth the age that the figures take from it, on
    the day they were told of; of the people to which they belong what is published, Kinh or another."""
    left = counted(form_version, about, fields)
    if fields.get("birth_date") and (years := age(fields, told_on)) is not None:
        left["age"] = str(years)
    if told := fields.get("ethnicity"):
        left["ethnicity"] = "Kinh" if people_of(told) is People.KINH else "khác"
    if fields and not left:
        left["name"] = ""  # whoever has no field at all is counted as nobody
    return left


def counted_report(form_version: int, fields: Mapping[str, str]) -> dict[str, str]:
    """The same for a report, which names its persons' fields in full."""
    left: dict[str, str] = {}
    for name, text in fields.items():
        person, inner = forms.split(name)
        kept = counted(form_version, person.about if person else None, {inner: text})
        if inner in kept:
            left[name] = kept[inner]
    return left


def digest(
    previous: str,
    at: datetime,
    kind: str,
    rule: str,
    before: datetime,
    ids: Sequence[str],
    files: int,
) -> str:
    """What a certificate proves itself with: neither it nor the one before it can be changed unseen."""
    told = [previous, at.isoformat(), kind, rule, before.isoformat(), list(ids), files]
    return sha256(dumps(told, separators=(",", ":")).encode()).hexdigest()
