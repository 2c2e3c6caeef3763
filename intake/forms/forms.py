"""The record form as versioned data, and the one check of what is typed into it. Pure.

Everything is optional: anonymous and partial is valid. Values are text in one canonical form: a choice
is its code, several are codes separated by one space, a date is ISO 8601, an age is digits, a flag is
`1`, a place is the id of a unit or words (`intake.forms.places`); the empty text means "not given".
Fields about a person are named `child.<position>.<name>` and `offender.<position>.<name>`, positions
from 1. A published version never changes; a new one is added beside it.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, time
from enum import StrEnum
from typing import Protocol
from unicodedata import category, normalize

from hotline.errors import FieldErrors
from hotline.languages import LANGUAGES
from intake.forms import places
from intake.forms.taxonomy import CallerType, Nearness, Problem, Relation, Risk, Sex


class About(StrEnum):
    """Of whom a record may tell several; each is a person of their own."""

    CHILD = "child"
    OFFENDER = "offender"
    """Alleged."""


MOST: Mapping[About, int] = {About.CHILD: 12, About.OFFENDER: 6}
OLDEST = 120
"""Anti-trafficking callers are of all ages."""


class Kind(StrEnum):
    TEXT = "text"
    LONG_TEXT = "long_text"
    CHOICE = "choice"
    SEVERAL = "several"
    AGE = "age"
    DATE = "date"
    FLAG = "flag"
    PLACE = "place"
    TIME = "time"
    """Of the day: 14:05."""
    SCORE = "score"
    """Cao, trung bình, thấp: a choice of which a form counts how often each was made."""


@dataclass(frozen=True, slots=True)
class Field:
    """One question. `longest` counts characters of the canonical text."""

    name: str
    kind: Kind
    longest: int = 0
    choices: tuple[str, ...] = ()


class Asks(Protocol):
    """Whatever knows its questions by their full names: the record form, a statutory form."""

    def field(self, name: str) -> Field | None: ...


@dataclass(frozen=True, slots=True)
class Form:
    """One version: questions about the call, and questions asked for each child and offender."""

    code: str
    version: int
    fields: tuple[Field, ...]
    child_fields: tuple[Field, ...]
    offender_fields: tuple[Field, ...] = ()

    def asked(self, about: About | None) -> tuple[Field, ...]:
        """The questions about each such person, or about the call itself."""
        return {About.CHILD: self.child_fields, About.OFFENDER: self.offender_fields, None: self.fields}[
            about
        ]

    def field(self, name: str) -> Field | None:
        """The question with this full name (`risk`, `child.2.age`); None when there is none."""
        person, inner = split(name)
        return self.question(person.about if person else None, inner)

    def question(self, about: About | None, name: str) -> Field | None:
        """The one with this name about such a person, or the call itself; None when there is none."""
        return next((field for field in self.asked(about) if field.name == name), None)


@dataclass(frozen=True, slots=True, order=True)
class Person:
    """One of the persons a record tells of."""

    about: About
    position: int

    def field(self, name: str) -> str:
        """The full name of a question about them: `age` → `child.2.age`."""
        return f"{self.about}.{self.position}.{name}"


_PERSON = re.compile(rf"({'|'.join(About)})\.([1-9][0-9]?)\.([a-z_]+(?:_[0-9]+)?)")


def split(name: str) -> tuple[Person | None, str]:
    """`child.2.age` → (the second child, "age"); a question about the call itself → (None, name)."""
    found = _PERSON.fullmatch(name)
    if found is None or int(found[2]) > MOST[About(found[1])]:
        return None, name
    return Person(About(found[1]), int(found[2])), found[3]


_CALLERS_TO_3 = tuple(one for one in CallerType if one is not CallerType.VICTIM)

RECORD_1 = Form(
    code="record",
    version=1,
    fields=(
        Field("caller_type", Kind.CHOICE, choices=_CALLERS_TO_3),
        Field("caller_name", Kind.TEXT, 120),
        Field("anonymous", Kind.FLAG),
        Field("language", Kind.CHOICE, choices=("vi", *LANGUAGES)),
        Field("psychologist", Kind.FLAG),
        Field("call_back", Kind.TEXT, 300),
        Field("problem", Kind.CHOICE, choices=tuple(Problem)),
        Field("problems", Kind.SEVERAL, choices=tuple(Problem)),
        Field("online", Kind.FLAG),
        Field("risk", Kind.CHOICE, choices=tuple(Risk)),
        Field("place", Kind.TEXT, 300),
        Field("offender", Kind.TEXT, 300),
        Field("content", Kind.LONG_TEXT, 20_000),
        Field("advice", Kind.LONG_TEXT, 10_000),
        Field("referral", Kind.LONG_TEXT, 2_000),
    ),
    child_fields=(
        Field("name", Kind.TEXT, 120),
        Field("sex", Kind.CHOICE, choices=tuple(Sex)),
        Field("birth_date", Kind.DATE),
        Field("age", Kind.AGE),
        Field("ethnicity", Kind.TEXT, 60),
        Field("school", Kind.TEXT, 200),
        Field("address", Kind.TEXT, 300),
        Field("condition", Kind.TEXT, 500),
    ),
)
"""`problem` is the main one, `problems` the others; `place` is where it happened; `age` is estimated;
`language` is the caller's own, `psychologist` that they need one: for the router, too."""

RECORD_2 = Form(
    code="record",
    version=2,
    fields=(
        *RECORD_1.fields,
        Field("offender_relation", Kind.CHOICE, choices=tuple(Relation)),
        Field("caregiver", Kind.TEXT, 300),
        Field("family", Kind.LONG_TEXT, 2_000),
        Field("done_before", Kind.LONG_TEXT, 2_000),
        Field("consequences", Kind.LONG_TEXT, 2_000),
    ),
    child_fields=RECORD_1.child_fields,
)
"""With what Mẫu 01 of NĐ 56/2017 asks besides: who cares for the child now, the parents and the family,
what was done before, what may become of the child without help."""

RELATIONS: Mapping[str, int] = {f"relation_{n}": n for n in range(2, MOST[About.CHILD] + 1)}
"""What an alleged offender is to a further child → that child's position; "" is "the same as to all"."""

RECORD_3 = Form(
    code="record",
    version=3,
    fields=(
        Field("place_unit", Kind.PLACE, 300),
        *(one for one in RECORD_2.fields if one.name not in {"offender", "offender_relation"}),
    ),
    child_fields=(*RECORD_2.child_fields, Field("address_unit", Kind.PLACE, 300)),
    offender_fields=(
        Field("described", Kind.TEXT, 300),
        Field("relation", Kind.CHOICE, choices=tuple(Relation)),
        *(Field(name, Kind.CHOICE, choices=tuple(Relation)) for name in RELATIONS),
        Field("nearness", Kind.CHOICE, choices=tuple(Nearness)),
        Field("sex", Kind.CHOICE, choices=tuple(Sex)),
        Field("age", Kind.AGE),
        Field("whereabouts", Kind.TEXT, 300),
    ),
)
"""With the administrative units, old or new, of where it happened and where the child is now: `place`
and `address` beside them say the rest (hamlet, street, near what). Each alleged offender is a person:
`described` by name or by what is known, `relation` is to the children; where they are several and it is
another to one of them, `RELATIONS` say so."""

RECORD_4 = replace(
    RECORD_3,
    version=4,
    fields=tuple(
        replace(one, choices=tuple(CallerType)) if one.name == "caller_type" else one
        for one in RECORD_3.fields
    ),
)
"""Victims of trafficking who are grown up may be who calls."""

INFORMANT = frozenset({"caller_name", "call_back"})
"""Fields that tell who told it: they stay with the record (NĐ 56/2017 Đ24)."""

UNITS = frozenset({"place_unit", "address_unit"})
"""Names, without the person, of fields that hold a unit."""

CURRENT = RECORD_4
_VERSIONS = {form.version: form for form in (RECORD_1, RECORD_2, RECORD_3, RECORD_4)}


def by_version(version: int) -> Form:
    """The form of this version; KeyError when it was never published."""
    return _VERSIONS[version]


def place_told(fields: Mapping[str, str]) -> str:
    """Where it happened, on one line."""
    return places.told(fields.get("place_unit", ""), fields.get("place", ""))


class _Wrong(Exception):
    """Carries the stable code of what is wrong with one value."""


def check(form: Asks, changes: Mapping[str, str]) -> dict[str, str]:
    """The changes in canonical form. Raises FieldErrors: field → `unknown_field`, `too_long`,
    `not_a_choice`, `not_a_date`, `not_a_time` or `not_an_age`.
    """
    cleaned, wrong = sort_out(form, changes)
    if wrong:
        raise FieldErrors(wrong)
    return cleaned


def sort_out(form: Asks, changes: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Good changes in canonical form, and field → code for the others: one bad field must not keep
    the good ones from being saved.
    """
    cleaned: dict[str, str] = {}
    wrong: dict[str, str] = {}
    for name, raw in changes.items():
        field = form.field(name)
        try:
            if field is None:
                raise _Wrong("unknown_field")
            cleaned[name] = _CANONICAL[field.kind](field, tidy(raw))
        except _Wrong as error:
            wrong[name] = str(error)
    return cleaned, wrong


_UNWRITABLE = frozenset({"Cc", "Cs"})
_NO_SIGNS = frozenset("\ufffe\uffff")
"""Reserved for programs; XML, and so a DOCX, cannot hold them."""


def tidy(raw: str) -> str:
    """NFC, `\\n` line ends, no control characters, no lone surrogates, nothing that is no sign."""
    text = normalize("NFC", raw.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(
        sign
        for sign in text
        if sign in "\n\t" or (category(sign) not in _UNWRITABLE and sign not in _NO_SIGNS)
    )


def _line(field: Field, text: str) -> str:
    return _block(field, " ".join(text.split()))


def _block(field: Field, text: str) -> str:
    if len(text) > field.longest:
        raise _Wrong("too_long")
    return text if text.strip() else ""


def _choice(field: Field, text: str) -> str:
    code = text.strip()
    if code and code not in field.choices:
        raise _Wrong("not_a_choice")
    return str(code)


def _several(field: Field, text: str) -> str:
    codes = set(text.replace(",", " ").split())
    if not codes <= set(field.choices):
        raise _Wrong("not_a_choice")
    return _joined(choice for choice in field.choices if choice in codes)


def _joined(codes: Iterable[str]) -> str:
    return " ".join(codes)


def _age(_field: Field, text: str) -> str:
    digits = text.strip()
    if not digits:
        return ""
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 3 and int(digits) <= OLDEST):
        raise _Wrong("not_an_age")
    return str(int(digits))


_VIETNAMESE_DATE = re.compile(r"([0-9]{1,2})[/.\-]([0-9]{1,2})[/.\-]([0-9]{4})")


def _date(_field: Field, text: str) -> str:
    written = text.strip()
    if not written:
        return ""
    try:
        if found := _VIETNAMESE_DATE.fullmatch(written):
            return date(int(found[3]), int(found[2]), int(found[1])).isoformat()
        return date.fromisoformat(written).isoformat()
    except ValueError:
        raise _Wrong("not_a_date") from None


def _time(_field: Field, text: str) -> str:
    written = text.strip().lower().replace("h", ":").replace("giờ", ":").replace(" ", "")
    if not written:
        return ""
    hour, _, minute = written.partition(":")
    if not (f"{hour}{minute}".isascii() and hour.isdigit() and (minute.isdigit() or not minute)):
        raise _Wrong("not_a_time")
    try:
        return time(int(hour), int(minute or 0)).isoformat("minutes")
    except ValueError:
        raise _Wrong("not_a_time") from None


_OFF = frozenset({"", "0", "off", "false"})
_ON = frozenset({"1", "on", "true"})


def _flag(_field: Field, text: str) -> str:
    word = text.strip().lower()
    if word not in _ON | _OFF:
        raise _Wrong("not_a_choice")
    return "1" if word in _ON else ""


def _place(field: Field, text: str) -> str:
    return _line(field, places.canonical(text))


_CANONICAL: dict[Kind, Callable[[Field, str], str]] = {
    Kind.TEXT: _line,
    Kind.LONG_TEXT: _block,
    Kind.CHOICE: _choice,
    Kind.SEVERAL: _several,
    Kind.AGE: _age,
    Kind.DATE: _date,
    Kind.FLAG: _flag,
    Kind.PLACE: _place,
    Kind.TIME: _time,
    Kind.SCORE: _choice,
}
