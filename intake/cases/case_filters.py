"""What a list of cases is narrowed to, and how that is written in an address. Pure.

In an address there are codes and units alone: nothing that was told.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

from hotline.units import NEW, Level, Unit, now, unit
from intake.cases.flow import State
from intake.forms.taxonomy import Risk

Code = TypeVar("Code", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Open cases without anything else. `over`: those that are closed instead; `center` is a code,
    `unit` the id of a unit, old or new, in which it happened."""

    mine: bool = False
    over: bool = False
    overdue: bool = False
    trafficking: bool = False
    """Anti-trafficking cases alone."""
    left: bool = False
    """Whose owner has left: somebody must take them over."""
    center: str = ""
    unit: str = ""
    state: State | None = None
    risk: Risk | None = None

    @property
    def narrows(self) -> bool:
        """Whether it leaves out anything that is open."""
        return self != CaseFilter()


def read(given: Mapping[str, str]) -> CaseFilter:
    """What cannot be used is left out: an address may be old."""
    return CaseFilter(
        mine=given.get("mine") == "1",
        over=given.get("over") == "1",
        overdue=given.get("overdue") == "1",
        trafficking=given.get("trafficking") == "1",
        left=given.get("left") == "1",
        center=given.get("center", "")[:8],
        unit=given.get("unit", "") if unit(given.get("unit", "")) else "",
        state=_one_of(State, given.get("state", "")),
        risk=_one_of(Risk, given.get("risk", "")),
    )


def told(of: CaseFilter) -> dict[str, str]:
    """What `read` reads; empty for all open cases."""
    flags = {name: "1" for name in _FLAGS if getattr(of, name)}
    words = {name: str(getattr(of, name) or "") for name in ("center", "unit", "state", "risk")}
    return {**flags, **{name: text for name, text in words.items() if text}}


_FLAGS = ("mine", "over", "overdue", "trafficking", "left")


def written(of: CaseFilter) -> str:
    """As the query of an address."""
    return urlencode(told(of))


def _one_of(kind: type[Code], text: str) -> Code | None:
    return kind(text) if text in set(kind) else None


def places(unit_id: str) -> tuple[str | None, tuple[str, ...]]:
    """A unit as the province or the communes of today that it is in."""
    found = unit(unit_id)
    if found is None:
        return None, ()
    if found.level is Level.PROVINCE:
        return now(found)[0].id, ()
    return None, tuple(one.id for one in _communes(found))


def _communes(found: Unit) -> tuple[Unit, ...]:
    return (found,) if found.era == NEW else now(found)


@dataclass(frozen=True, slots=True)
class Mark:
    """The last line of a page: the next begins after it. `at`: its deadline, or when it was closed."""

    at: datetime
    id: int

    def __str__(self) -> str:
        return f"{self.at.astimezone(UTC):%Y%m%dT%H%M%S.%f}_{self.id}"


def mark(text: str) -> Mark | None:
    """None for what is none: the first page."""
    at, _, number = text.partition("_")
    if not (number.isascii() and number.isdigit() and len(number) <= 10):
        return None
    try:
        return Mark(datetime.strptime(at, "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC), int(number))
    except ValueError:
        return None
