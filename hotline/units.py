"""The administrative units of Vietnam: 34 provinces and 3,321 communes since 1 July 2025 (Resolution
202/2025/QH15); before, 63 provinces, 696 districts and 10,040 communes, five of them districts without
communes. Pure but for its table, `units.tsv`, which is read once.

A code alone does not tell a unit: new communes took over codes of old ones. So a unit's id is its era
and its code, `2025:18547`, `2024:18547`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType

NEW, OLD = "2025", "2024"
_TABLE = Path(__file__).parent / "units.tsv"


class Level(IntEnum):
    PROVINCE = 2
    DISTRICT = 3
    COMMUNE = 5
    """The number of digits of its code."""


@dataclass(frozen=True, slots=True, eq=False)
class Unit:
    """One unit of one era; there is one object of each. `within` is empty for a province. `became`: ids
    of the new communes that an old commune, or a district without communes, went into, most of it first.
    """

    era: str
    level: Level
    code: str
    kind: str
    """`Xã`, `Thành phố`."""
    bare_name: str
    """`Phúc Trạch`, `1`."""
    within: "Unit | None"
    became: tuple[str, ...]

    @property
    def id(self) -> str:
        return f"{self.era}:{self.code}"

    @property
    def name(self) -> str:
        return f"{self.kind} {self.bare_name}"

    @property
    def province(self) -> "Unit":
        return self if self.within is None else self.within.province


KINDS = (
    "Thành phố", "Thị trấn", "Thị xã", "Đặc khu", "Phường", "Huyện", "Quận", "Tỉnh", "Xã",
)  # fmt: skip
_NAME = re.compile(f"({'|'.join(KINDS)}) (.+)")


@cache
def all_units() -> Mapping[str, Unit]:
    """Every unit by its id: the new ones first, each province before what is in it."""
    return MappingProxyType({unit.id: unit for unit in _read()})


def unit(unit_id: str) -> Unit | None:
    """The unit with this id; None when there is none."""
    return all_units().get(unit_id)


def _read() -> Iterator[Unit]:
    era = ""
    above: dict[Level, Unit] = {}
    for line in _TABLE.read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        code, *rest = line.split("\t")
        if not rest:
            era, above = code, {}
            continue
        level = Level(len(code))
        above = {higher: one for higher, one in above.items() if higher < level}
        became = tuple(f"{NEW}:{each}" for each in rest[1].split()) if len(rest) > 1 else ()
        kind, bare_name = _NAME.fullmatch(rest[0]).groups()  # type: ignore[union-attr]
        above[level] = Unit(
            era, level, code, kind, bare_name, above[max(above)] if above else None, became
        )
        yield above[level]


@cache
def _communes() -> Mapping[str, tuple[Unit, ...]]:
    """Old province or district → the new communes that its communes went into."""
    found: dict[str, dict[str, Unit]] = {}
    units = all_units()
    for one in units.values():
        above: Unit | None = one if one.became else None
        while above is not None:
            found.setdefault(above.id, {}).update((each, units[each]) for each in one.became)
            above = above.within
    return {unit_id: tuple(communes.values()) for unit_id, communes in found.items()}


def now(one: Unit) -> tuple[Unit, ...]:
    """What a unit is part of now: a new one is itself, an old province is a new one, all others are
    communes; several where it was divided."""
    if one.era == NEW:
        return (one,)
    communes = _communes()[one.id]
    if one.level is Level.PROVINCE:
        return (communes[0].province,)
    return communes


@cache
def _before() -> Mapping[str, tuple[Unit, ...]]:
    found: dict[str, list[Unit]] = {}
    for one in all_units().values():
        for each in one.became:
            found.setdefault(each, []).append(one)
    return {unit_id: tuple(parts) for unit_id, parts in found.items()}


def before(commune: Unit) -> tuple[Unit, ...]:
    """The old communes of which at least a part is in this new one."""
    return _before().get(commune.id, ())
