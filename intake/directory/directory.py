"""The directory of communes and provinces: who protects children there, and on which number. Pure.

A unit is one of today (`hotline.units`), or the whole country. Who is on duty is told by what stands in
the directory: of a commune that has given nobody for this hour, its province; then the whole country.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar

from hotline.clock import local
from hotline.errors import BadInput, FieldErrors
from hotline.units import now, unit
from intake import numbers
from intake.forms import places
from intake.forms.forms import tidy
from intake.search_words import folded

_T = TypeVar("_T")

NATIONAL = "VN"
"""In the place of a unit's id: for the whole country."""
MOST_NUMBERS = 4
COLUMNS = ("unit", "kind", "name", "numbers", "hours", "note", "source", "checked")
"""Of a list, and of the form on the page."""
LONGEST = {"name": 160, "note": 500, "source": 200}


class Kind(StrEnum):
    OFFICER = "officer"
    """Người làm công tác bảo vệ trẻ em: of a commune by law (NĐ 56/2017); of a province its contact."""
    DUTY = "duty"
    """Who answers at any hour, or at these; rung in the order in which they stand."""
    POLICE = "police"
    HEALTH = "health"
    SHELTER = "shelter"
    SOCIAL_WORK = "social_work"
    RAPID_TEAM = "rapid_team"
    """Whoever goes there for 111 (CRRT)."""
    BORDER_GUARD = "border_guard"
    DIPLOMATIC = "diplomatic"
    """A mission of Vietnam abroad."""
    NGO = "ngo"


@dataclass(frozen=True, slots=True)
class Hours:
    """On these days (Monday is 1), from one minute of the day to another; past midnight when it ends
    before it begins. A night belongs to the day on which it begins."""

    days: frozenset[int]
    begins: int
    ends: int

    def hold(self, moment: datetime) -> bool:
        """Whether it is within them, on Vietnam's clock."""
        here = local(moment)
        minute, today = here.hour * 60 + here.minute, here.isoweekday()
        yesterday = (today - 2) % 7 + 1
        if self.begins < self.ends:
            return today in self.days and self.begins <= minute < self.ends
        return (today in self.days and minute >= self.begins) or (
            yesterday in self.days and minute < self.ends
        )


_ALL_DAYS = frozenset(range(1, 8))
_DAY_NAMES = ("T2", "T3", "T4", "T5", "T6", "T7", "CN")
_HOURS = re.compile(
    r"(?:(?P<first>T[2-7]|CN)(?:-(?P<last>T[2-7]|CN))? )?"
    r"(?P<begins>[0-9]{1,2}[:h][0-9]{2})-(?P<ends>[0-9]{1,2}[:h][0-9]{2})",
    re.IGNORECASE,
)


def hours(text: str) -> Hours | None:
    """`T2-T6 07:30-17:00`, `17:00-07:00`; the empty text is any hour: None. Raises BadInput."""
    line = re.sub(r" *- *", "-", " ".join(text.split()))
    if not line:
        return None
    found = _HOURS.fullmatch(line)
    if found is None:
        raise BadInput("not_hours")
    begins, ends = _minute(found["begins"]), _minute(found["ends"])
    if begins == ends:
        raise BadInput("not_hours")
    if not found["first"]:
        return Hours(_ALL_DAYS, begins, ends)
    first = _DAY_NAMES.index(found["first"].upper())
    last = _DAY_NAMES.index(found["last"].upper()) if found["last"] else first
    span = range(first, last + 1 if last >= first else last + 8)
    return Hours(frozenset(day % 7 + 1 for day in span), begins, ends)


def _minute(text: str) -> int:
    hour, minute = (int(part) for part in re.split("[:h]", text.lower()))
    if hour > 24 or minute > 59 or hour * 60 + minute > 24 * 60:
        raise BadInput("not_hours")
    return hour * 60 + minute


@dataclass(frozen=True, slots=True)
class Contact:
    """What stands in the directory about one office. `numbers`: in normal form, the first is rung
    first; `hours`: as it was written, and as `hours` reads it; `checked_on`: when somebody last rang."""

    unit_id: str
    kind: Kind
    name: str
    numbers: tuple[str, ...] = ()
    hours: str = ""
    note: str = ""
    source: str = ""
    checked_on: date | None = None

    @property
    def key(self) -> tuple[str, Kind, str]:
        """By which a list that is imported again finds the same office."""
        return self.unit_id, self.kind, self.name.casefold()


@dataclass(frozen=True, slots=True)
class Entry:
    """A contact as it stands. `made_up`: of the demo; no such office exists."""

    id: int
    contact: Contact
    revision: int
    made_up: bool


def contact(given: Mapping[str, str]) -> Contact:
    """What was typed, or stands in one line of a list. Raises FieldErrors: `missing`, `too_long`,
    `unknown_unit`, `divided_unit`, `unknown_kind`, `not_a_number`, `too_many`, `not_hours`,
    `not_a_date`."""
    wrong: dict[str, str] = {}
    texts = {name: " ".join(tidy(given.get(name, "")).split()) for name in COLUMNS}
    unit_id = _read(wrong, "unit", texts, unit_of)
    kind = _read(wrong, "kind", texts, kind_of)
    called = _read(wrong, "numbers", texts, numbers_of)
    checked = _read(wrong, "checked", texts, day_of)
    _read(wrong, "hours", texts, hours)
    if not texts["name"]:
        wrong["name"] = "missing"
    wrong |= {name: "too_long" for name, longest in LONGEST.items() if len(texts[name]) > longest}
    if wrong or unit_id is None or kind is None:
        raise FieldErrors(wrong)
    return Contact(
        unit_id=unit_id,
        kind=kind,
        name=texts["name"],
        numbers=called or (),
        hours=texts["hours"],
        note=texts["note"],
        source=texts["source"],
        checked_on=checked,
    )


def _read(
    wrong: dict[str, str], name: str, texts: Mapping[str, str], reader: Callable[[str], _T]
) -> _T | None:
    try:
        return reader(texts[name])
    except BadInput as problem:
        wrong[name] = str(problem)
        return None


def unit_of(text: str) -> str:
    """A unit of today by its id or label, also by those of an old one that is in a single one now.
    Raises BadInput."""
    if text.casefold() in _WHOLE_COUNTRY:
        return NATIONAL
    if not text:
        raise BadInput("missing")
    found = unit(places.canonical(text))
    if found is None:
        raise BadInput("unknown_unit")
    parts = now(found)
    if len(parts) != 1:
        raise BadInput("divided_unit")
    return parts[0].id


_WHOLE_COUNTRY = frozenset({NATIONAL.casefold(), "toàn quốc", "cả nước"})
_KIND_NAMES: Mapping[str, Kind] = {
    **{kind.value: kind for kind in Kind},
    "can bo bao ve tre em": Kind.OFFICER,
    "can bo tre em": Kind.OFFICER,
    "nguoi lam cong tac bao ve tre em": Kind.OFFICER,
    "truc": Kind.DUTY,
    "so truc": Kind.DUTY,
    "cong an": Kind.POLICE,
    "y te": Kind.HEALTH,
    "noi tam lanh": Kind.SHELTER,
    "nha tam lanh": Kind.SHELTER,
    "cong tac xa hoi": Kind.SOCIAL_WORK,
    "trung tam cong tac xa hoi": Kind.SOCIAL_WORK,
    "nhom phan ung nhanh": Kind.RAPID_TEAM,
}
"""As lists of offices write them, without marks."""


def kind_of(text: str) -> Kind:
    """By its code or as lists write it. Raises BadInput."""
    if not text:
        raise BadInput("missing")
    found = _KIND_NAMES.get(folded(text))
    if found is None:
        raise BadInput("unknown_kind")
    return found


def numbers_of(text: str) -> tuple[str, ...]:
    """`0912 345 678; 113` in normal form, each once, none that cannot be dialled. Raises BadInput."""
    found: list[str] = []
    for part in re.split("[;,/]", text):
        if not part.strip():
            continue
        number = numbers.normal(part)
        if number is None or numbers.dialable(number) is None:
            raise BadInput("not_a_number")
        found.append(number)
    if len(found) > MOST_NUMBERS:
        raise BadInput("too_many")
    return tuple(dict.fromkeys(found))


def day_of(text: str) -> date | None:
    """`21/11/2026` or `2026-11-21`; None when empty. Raises BadInput."""
    if not text:
        return None
    for form in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    raise BadInput("not_a_date")


def chain(unit_id: str) -> tuple[str, ...]:
    """Whose entries count for a unit, the nearest first: its own, its province's, the country's. An old
    unit, or words, that are no single unit of today: from the province on, as far as it is known."""
    found = unit(unit_id)
    if found is None:
        return (NATIONAL,)
    parts = now(found)
    nearest = parts[0] if len(parts) == 1 else parts[0].province
    return tuple(dict.fromkeys((nearest.id, nearest.province.id, NATIONAL)))


@dataclass(frozen=True, slots=True)
class OnDuty:
    """`unit_id`: whose they are, which may be further up than was asked."""

    unit_id: str
    entries: tuple[Entry, ...]


def on_duty(entries: Iterable[Entry], unit_id: str, moment: datetime) -> OnDuty | None:
    """Who is on duty for this unit now, in the order in which they are rung. `entries`: of the whole
    chain, in order. None: nobody, not even for the country."""
    held: dict[str, list[Entry]] = {}
    for one in entries:
        told = one.contact
        within = hours(told.hours)
        if told.kind is Kind.DUTY and told.numbers and (within is None or within.hold(moment)):
            held.setdefault(told.unit_id, []).append(one)
    for each in chain(unit_id):
        if each in held:
            return OnDuty(each, tuple(held[each]))
    return None


def shown_unit(unit_id: str) -> str:
    """Its label; empty for the whole country, which only `dashboard` has a word for."""
    return "" if unit_id == NATIONAL else places.shown(unit_id)


@dataclass(frozen=True, slots=True)
class Change:
    """What one line of a list changes. `before`: None when it is new."""

    line: int
    before: Entry | None
    after: Contact


@dataclass(frozen=True, slots=True)
class Plan:
    """What a list would change. `wrong`: line → column → code; a list with any changes nothing."""

    changes: tuple[Change, ...]
    same: int
    wrong: Mapping[int, Mapping[str, str]]


def plan(lines: Sequence[tuple[int, Mapping[str, str]]], standing: Collection[Entry]) -> Plan:
    """Compare a list with what stands. Nobody is removed by not being in it."""
    known = {one.contact.key: one for one in standing}
    seen: set[tuple[str, Kind, str]] = set()
    changes: list[Change] = []
    wrong: dict[int, Mapping[str, str]] = {}
    for number, texts in lines:
        try:
            told = contact(texts)
        except FieldErrors as problem:
            wrong[number] = problem.fields
            continue
        if told.key in seen:
            wrong[number] = {"name": "twice"}
            continue
        seen.add(told.key)
        before = known.get(told.key)
        if before is None or before.contact != told or before.made_up:
            changes.append(Change(number, before, told))
    return Plan(tuple(changes), len(seen) - len(changes), wrong)
