"""What a check of `tongdai doctor` gives. Shared by the rooms that have checks of their own."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

from hotline.settings import Settings


class Grade(Enum):
    """How bad it is; the value is what is printed in front."""

    GOOD = "ok     "
    ODD = "odd    "
    """Works, but something is missing or will change."""
    WRONG = "WRONG  "


@dataclass(frozen=True, slots=True)
class Finding:
    """`advice` says what to do; empty when all is well."""

    grade: Grade
    subject: str
    said: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Patient:
    """What is examined. `running`: the process of the `tongdai up` that uses this data folder."""

    settings: Settings
    running: int | None


Check = Callable[[Patient], Iterator[Finding]]
