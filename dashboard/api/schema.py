"""What a report is made of when a program sends it: strict, small, everything but the text optional."""

from base64 import b64decode
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from hotline.languages import LANGUAGES
from intake.forms import forms, places
from intake.forms.forms import MOST, OLDEST, About, Person
from intake.forms.taxonomy import CallerType, Sex
from intake.reports.attachments import Refused

MOST_FILES_READ = 20
"""A request may name so many; more than `attachments.MOST` are not kept."""


Name = Annotated[str, StringConstraints(max_length=120)]
Line = Annotated[str, StringConstraints(max_length=300)]
Unit = Annotated[
    Line,
    Field(
        description="the commune, district or province: `2025:` (`2024:` for one of before 1 July 2025)"
        " and its code of the General Statistics Office, else its name"
    ),
]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Child(_Strict):
    """One child; what is not known is left out."""

    name: Name = ""
    sex: Annotated[Sex, Field(strict=False)] | None = None
    birth_date: date | None = None
    age: Annotated[int, Field(ge=0, le=OLDEST, description="estimated, in years")] | None = None
    ethnicity: Annotated[str, StringConstraints(max_length=60)] = ""
    school: Annotated[str, StringConstraints(max_length=200)] = ""
    address: Annotated[Line, Field(description="where the child is now")] = ""
    address_unit: Unit = ""
    condition: Annotated[str, StringConstraints(max_length=500)] = ""


class Reporter(_Strict):
    """Who tells it: everything may be left out."""

    relation: Annotated[CallerType, Field(strict=False, description="seen from the child")] | None = None
    name: Name = ""
    contact: Annotated[
        Line, Field(description="how and when to reach them safely: number, address, account, hours")
    ] = ""
    anonymous: Annotated[bool, Field(description="their name is told to nobody outside 111")] = False
    language: Annotated[str, Field(pattern=f"^({'|'.join(('vi', *LANGUAGES))})$")] | None = None


def _decoded(text: object) -> object:
    if not isinstance(text, str):
        return text
    try:
        return b64decode(text, validate=True)
    except ValueError:
        raise PydanticCustomError("base64", "no base64") from None


class Attachment(_Strict):
    """A file, in base64 (RFC 4648 section 4). Its name and type are not asked: its content tells."""

    content: Annotated[
        bytes,
        BeforeValidator(_decoded),
        WithJsonSchema({"type": "string", "contentEncoding": "base64"}),
    ]


class Report(_Strict):
    content: Annotated[str, StringConstraints(min_length=1, max_length=20_000)] = Field(
        description="what has happened, in the reporter's own words"
    )
    in_danger: bool = Field(False, description="a child is in danger right now")
    happened_at: AwareDatetime | None = Field(None, description="RFC 3339, with its offset")
    place: Annotated[Line, Field(description="where it happened")] = ""
    place_unit: Unit = ""
    offender: Annotated[Line, Field(description="who is said to have done it")] = ""
    online: Annotated[bool, Field(description="it happened on the internet")] = False
    reporter: Reporter = Reporter()
    children: Annotated[list[Child], Field(max_length=MOST[About.CHILD])] = []
    attachments: Annotated[list[Attachment], Field(max_length=MOST_FILES_READ)] = []


class AttachmentAnswer(BaseModel):
    """`type`: what it is by its content, when it was kept; `refused`: why it was not."""

    position: Annotated[int, Field(ge=1)]
    kept: bool
    type: str | None = None
    refused: Refused | None = None


class ReportAnswer(BaseModel):
    """`reference`: what the reporter may quote when they call 111."""

    reference: str
    received_at: AwareDatetime
    attachments: list[AttachmentAnswer]


def fields_of(report: Report) -> Mapping[str, str]:
    """The report as fields of the record form; empty ones are left out."""
    return {name: text for name, text in _named(report) if text}


def _named(report: Report) -> Iterator[tuple[str, str]]:
    who = report.reporter
    yield "content", report.content
    yield "place", report.place
    yield "place_unit", places.canonical(report.place_unit)
    yield Person(About.OFFENDER, 1).field("described"), report.offender
    yield "online", "1" if report.online else ""
    yield "caller_type", who.relation or ""
    yield "caller_name", who.name
    yield "call_back", who.contact
    yield "anonymous", "1" if who.anonymous else ""
    yield "language", who.language or ""
    for position, child in enumerate(report.children, 1):
        for name, value in child:
            if value is not None:
                text = places.canonical(value) if name in forms.UNITS else str(value)
                yield Person(About.CHILD, position).field(name), text
