"""Texts that people of the hotline write and replace: files in `dashboard/texts/`, each with a version.

They are what is said to children and shown beside the form, in Vietnamese; no words of the interface. A
file that is wrong is refused at the first look, with its name.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hotline.errors import SetupError
from intake.yes_no import LONGEST

_FOLDER = Path(__file__).parent / "texts"


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Annotated[int, Field(ge=1)]


class YesNo(_File):
    """Questions for a caller who cannot speak."""

    questions: tuple[Annotated[str, Field(min_length=1, max_length=LONGEST)], ...]


_Kind = TypeVar("_Kind", bound=_File)


@cache
def yes_no() -> YesNo:
    return _read("yes_no", YesNo)


def _read(name: str, kind: type[_Kind]) -> _Kind:
    path = _FOLDER / f"{name}.toml"
    try:
        return kind.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise SetupError(f"{path.name} cannot be used: {error}") from error
