"""Which cases are those of human trafficking, and for whom the law on children holds in them. Pure.

Since 2025 the hotline answers for victims of trafficking of all ages. What decree 56/2017 limits in time
it limits for children, and a child is a person under 16 (Luật Trẻ em 2016 Đ1). An anti-trafficking case
in which everybody is known to be older runs the same way with the same clocks, as a rule of ours and no
law, and its first word goes to whoever receives victims and not to a commune. Whose age nobody knows may
be a child. Why so: docs/adr/0023-victims-of-trafficking.md.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum

from hotline.lines import CalledLine
from intake.forms.taxonomy import Problem
from intake.search_words import folded

CHILD_UNTIL = 16


class Body(StrEnum):
    """To whom a victim is referred: those that the hotline names in its reports."""

    POLICE = "police"
    BORDER_GUARD = "border_guard"
    DIPLOMATIC = "diplomatic"
    """Cơ quan đại diện ngoại giao: of victims abroad."""
    LABOR = "labor"
    """The offices for social matters: before 2025 those of labor."""
    NGO = "ngo"
    OTHER = "other"


class Outcome(StrEnum):
    """What became of a referral; ours, no published list was found."""

    TAKEN_UP = "taken_up"
    RESCUED = "rescued"
    RETURNED = "returned"
    """Home, or back in the country."""
    SUPPORTED = "supported"
    NOT_FOUND = "not_found"
    DECLINED = "declined"
    MISTAKE = "mistake"
    """It was never made; such a one is not counted."""


class People(StrEnum):
    """Dân tộc, as it is published."""

    KINH = "kinh"
    MINORITY = "minority"
    UNKNOWN = "unknown"


class AgeBand(StrEnum):
    """As the hotline published them for the callers of its anti-trafficking line."""

    TO_10 = "to_10"
    TO_14 = "to_14"
    TO_18 = "to_18"
    TO_25 = "to_25"
    TO_40 = "to_40"
    OVER_40 = "over_40"
    UNKNOWN = "unknown"


_BANDS = (
    (10, AgeBand.TO_10),
    (14, AgeBand.TO_14),
    (18, AgeBand.TO_18),
    (25, AgeBand.TO_25),
    (40, AgeBand.TO_40),
)


def concerns(problem: str | None, line: str) -> bool:
    """Whether a record with this main problem that came over this line makes a case one of
    trafficking."""
    return problem == Problem.TRAFFICKING or line == CalledLine.TRAFFICKING


def age(person: Mapping[str, str], on: date) -> int | None:
    """In full years on that day, by the date of birth, else as it was estimated."""
    if born := person.get("birth_date"):
        day = date.fromisoformat(born)
        return max(0, on.year - day.year - ((on.month, on.day) < (day.month, day.day)))
    told = person.get("age", "")
    return int(told) if told else None


def people_of(ethnicity: str) -> People:
    """As somebody wrote it: "KINH" and "kinh" are one."""
    told = folded(ethnicity)
    return (People.KINH if told == "kinh" else People.MINORITY) if told else People.UNKNOWN


def adults_alone(people: Sequence[Mapping[str, str]], on: date) -> bool:
    """Whether all of these, and there is somebody, are known not to be children on that day."""
    ages = [age(one, on) for one in people if one]
    return bool(ages) and all(each is not None and each >= CHILD_UNTIL for each in ages)


def band(years: int | None) -> AgeBand:
    if years is None:
        return AgeBand.UNKNOWN
    return next((name for last, name in _BANDS if years <= last), AgeBand.OVER_40)
