"""Texts that people of the hotline write and replace: files in `dashboard/texts/`, each with a version.
A file of the same name in the folder of the setting `texts` takes the place of ours.

They are what is said to children and shown beside the form, in Vietnamese; no words of the interface. A
file that is wrong is refused at the first look, with its name.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hotline.errors import SetupError
from hotline.settings import settings
from intake.calls.yes_no import LONGEST
from intake.forms.taxonomy import Problem
from intake.surveys.survey import Survey

_FOLDER = Path(__file__).parent / "texts"


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Annotated[int, Field(ge=1)]


class YesNo(_File):
    """Questions for a caller who cannot speak."""

    questions: tuple[Annotated[str, Field(min_length=1, max_length=LONGEST)], ...]


_Kind = TypeVar("_Kind", bound=BaseModel)


class Note(BaseModel):
    """What to think of in a call about one of these problems (none: any) and such a child."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    lines: tuple[str, ...]
    problems: frozenset[Problem] = frozenset()
    from_age: int | None = None
    to_age: int | None = None
    source: str = ""


class Guidance(_File):
    """`reviewed`: the hotline's own people have approved this version."""

    reviewed: bool
    notes: tuple[Note, ...]


class Province(BaseModel):
    """`also`: other names, and those of the provinces before 1 July 2025 that are in it now."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    also: tuple[str, ...]
    contacts: tuple[str, ...]


class Addresses(_File):
    """Where to refer to: everywhere, and by province."""

    reviewed: bool
    everywhere: tuple[str, ...]
    provinces: tuple[Province, ...]


@cache
def yes_no() -> YesNo:
    return _read("yes_no", YesNo)


@cache
def guidance() -> Guidance:
    return _read("guidance", Guidance)


@cache
def addresses() -> Addresses:
    return _read("addresses", Addresses)


def survey() -> Survey:
    """The one that may be opened next; read anew each time, so that it can be mended on the way."""
    return _read("survey", Survey)


def _read(name: str, kind: type[_Kind]) -> _Kind:
    theirs = settings().texts
    path = _FOLDER / f"{name}.toml"
    if theirs is not None and (theirs / path.name).exists():
        path = theirs / path.name
    try:
        return kind.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise SetupError(f"{path.name} cannot be used: {error}") from error
