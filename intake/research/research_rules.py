"""The columns that research may have, and how rows are kept from telling of one person. Pure.

Every column is a closed list of codes, a month or a pseudonym: what is not in its list becomes empty,
so no text that somebody typed can get into an extract, nor a formula. Columns that somebody outside may
know of a child are quasi-identifiers: fewer than `LEAST` rows that are alike in all of those that an
extract has are made coarser, first the month, then the province, then the age; rows that are too few
even then are left out (k-anonymity: Sweeney 2002). It says nothing of what a group has in common
besides.
"""

import hmac
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache

from hotline import units
from hotline.units import Level
from intake.forms.taxonomy import (
    CallerType,
    ChiCategory,
    Disposition,
    Problem,
    Relation,
    Risk,
    Sex,
    Way,
)
from intake.small_cells import LEAST

LONGEST_MONTHS = 24
COARSE = "*"
"""What stands where something was made coarser."""


class State(StrEnum):
    ASKED = "asked"
    REFUSED = "refused"
    APPROVED = "approved"
    MADE = "made"
    OVER = "over"
    """Its files are gone again."""


class AgeBand(StrEnum):
    TO_5 = "to_5"
    TO_9 = "to_9"
    TO_12 = "to_12"
    TO_15 = "to_15"
    TO_17 = "to_17"
    ADULT = "adult"


_BANDS = (
    (5, AgeBand.TO_5),
    (9, AgeBand.TO_9),
    (12, AgeBand.TO_12),
    (15, AgeBand.TO_15),
    (17, AgeBand.TO_17),
)


class Children(StrEnum):
    NONE = "none"
    ONE = "one"
    SEVERAL = "several"


class Flag(StrEnum):
    YES = "yes"


@dataclass(frozen=True, slots=True)
class Column:
    """`kind`: of words for its codes; `quasi`: its turn to be made coarser, 0 for never; `source`: the
    field or row that it is made of."""

    name: str
    source: str
    codes: tuple[str, ...] = ()
    kind: str = ""
    quasi: int = 0
    known: bool = False
    """Whether somebody outside may know it of a child, although it is never made coarser."""


@cache
def provinces() -> tuple[str, ...]:
    """Ids of the provinces of today."""
    return tuple(
        one.id
        for one in units.all_units().values()
        if one.era == units.NEW and one.level is Level.PROVINCE
    )


@cache
def columns() -> Mapping[str, Column]:
    """All there are, in their order."""
    return {
        one.name: one
        for one in (
            Column("record", "record.id"),
            Column("case", "case_record.case_id"),
            Column("month", "call.arrived_at, record.received_at", quasi=1),
            Column("way", "record.way", tuple(Way), "way"),
            Column("disposition", "record.disposition", tuple(Disposition), "disposition"),
            Column("caller_type", "record.fields.caller_type", tuple(CallerType), "caller_type"),
            Column("problem", "record.fields.problem", tuple(Problem), "problem"),
            Column("chi", "record.fields.problem, record.disposition", tuple(ChiCategory), "chi"),
            Column("online", "record.fields.online", tuple(Flag), "research_flag"),
            Column("risk", "record.fields.risk", tuple(Risk), "risk"),
            Column("province", "record.fields.place_unit", provinces(), "", quasi=2),
            Column("children", "record_person", tuple(Children), "research_children", known=True),
            Column("age", "child.1.birth_date, child.1.age", tuple(AgeBand), "research_age", quasi=3),
            Column("sex", "child.1.sex", tuple(Sex), "sex", known=True),
            Column("relation", "offender.1.relation", tuple(Relation), "relation"),
        )
    }


ALWAYS = ("record",)
"""What tells one row from another."""
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
_PSEUDONYM = re.compile(r"[0-9a-f]{16}")
_FORMS = {"month": _MONTH, "record": _PSEUDONYM, "case": _PSEUDONYM}


def safe(name: str, value: str) -> str:
    """The value if its column may hold it, else nothing."""
    pattern = _FORMS.get(name)
    if pattern is not None:
        return value if pattern.fullmatch(value) else ""
    return value if value in columns()[name].codes else ""


def pseudonym(key: bytes, kind: str, number: int) -> str:
    """The same for the same thing within one extract; nobody has the key afterwards."""
    return hmac.digest(key, f"{kind}:{number}".encode(), "sha256").hex()[:16]


def band(birth_date: str, age: str, on: date) -> str:
    """The band of an age then; empty when nobody knows it."""
    years: int | None = int(age) if age.isdecimal() else None
    if birth_date:
        born = date.fromisoformat(birth_date)
        years = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
    if years is None or years < 0:
        return ""
    return next((str(one) for most, one in _BANDS if years <= most), str(AgeBand.ADULT))


@dataclass(frozen=True, slots=True)
class Kept:
    """What is left of an extract's rows, each as its columns are ordered."""

    rows: Sequence[tuple[str, ...]]
    coarsened: int
    dropped: int


def anonymous(names: Sequence[str], rows: Iterable[tuple[str, ...]], least: int = LEAST) -> Kept:
    """The rows, so that in what may be known of a child outside each is like `least` - 1 others."""
    known = [at for at, name in enumerate(names) if columns()[name].quasi or columns()[name].known]
    turns = sorted((columns()[name].quasi, at) for at, name in enumerate(names) if columns()[name].quasi)
    told = [list(row) for row in rows]
    touched: set[int] = set()
    for _, column in turns:
        small = _small(told, known, least)
        for at in small:
            told[at][column] = COARSE
        touched |= small
    gone = _small(told, known, least)
    left = [tuple(row) for at, row in enumerate(told) if at not in gone]
    return Kept(left, len(touched - gone), len(gone))


def _small(rows: Sequence[Sequence[str]], known: Sequence[int], least: int) -> set[int]:
    """Places of the rows of which fewer than `least` are alike."""
    if not known:
        return set()
    alike = [tuple(row[at] for at in known) for row in rows]
    many = Counter(alike)
    return {at for at, key in enumerate(alike) if many[key] < least}
