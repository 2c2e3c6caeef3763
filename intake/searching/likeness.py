"""How likely two reports tell of one incident: a table of weights, and why. Pure.

Only what both tell counts, and only for: nobody knows much at first, so what one does not say, or says
otherwise, never speaks against. A number is not a person, and a name is not a child: what comes out is a
possibility for a person to look at.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache

from hotline.units import Level, now, unit
from intake.forms import places
from intake.forms.forms import About, split
from intake.search_words import words


class Why(StrEnum):
    NUMBER = "number"
    NAME = "name"
    NAME_ALIKE = "name_alike"
    AGE = "age"
    COMMUNE = "commune"
    PROVINCE = "province"
    OFFENDER = "offender"
    SAME_DAY = "same_day"
    SAME_WEEK = "same_week"


WEIGHTS: Mapping[Why, int] = {
    Why.NUMBER: 40,
    Why.NAME: 40,
    Why.COMMUNE: 20,
    Why.NAME_ALIKE: 18,
    Why.OFFENDER: 14,
    Why.SAME_DAY: 10,
    Why.AGE: 8,
    Why.SAME_WEEK: 5,
    Why.PROVINCE: 4,
}
"""Our own, chosen so that a number or a full name is enough by itself, and a commune with the day, a
like name or the offender; a time, an age or a province never is."""
SHOWN_FROM = 30
_IMPLIED: Mapping[Why, Why] = {
    Why.NAME: Why.NAME_ALIKE,
    Why.COMMUNE: Why.PROVINCE,
    Why.SAME_DAY: Why.SAME_WEEK,
}
"""The stronger says the weaker, which is not counted again."""
_YEARS_APART = 1
"""Ages are estimated."""
_SAID_OF_ANYBODY = frozenset(
    words("bé em cháu con chị anh cô chú bác ông bà bạn nhỏ không rõ chưa biết tên")
)
_COMMON = frozenset(
    words(
        "nguyễn trần lê phạm hoàng huỳnh phan vũ võ đặng bùi đỗ hồ ngô dương lý văn thị hữu đức ngọc"
        " thu kim cha mẹ bố dượng kế người hàng xóm thầy nội ngoại"
    )
)
"""What a great part of all names has tells nobody apart."""

Name = frozenset[str]
"""A name's words, whatever their order and marks."""


@dataclass(frozen=True, slots=True)
class Told:
    """What of a report can be compared. `happened_at`: when it happened, else when word of it came."""

    number: str | None = None
    children: frozenset[Name] = frozenset()
    ages: frozenset[int] = frozenset()
    communes: frozenset[str] = frozenset()
    provinces: frozenset[str] = frozenset()
    offenders: frozenset[Name] = frozenset()
    happened_at: datetime | None = None


def told(fields: Mapping[str, str], number: str | None, happened_at: datetime | None) -> Told:
    """Of a record's fields by full name (`intake.forms.forms`)."""
    people = [(split(name), text) for name, text in fields.items() if text]
    of_child = [(inner, text) for (who, inner), text in people if who and who.about is About.CHILD]
    described = [
        text
        for (who, inner), text in people
        if inner == ("described" if who else "offender") and (not who or who.about is About.OFFENDER)
    ]
    placed = [units(fields.get("place_unit", ""))]
    placed += [units(text) for inner, text in of_child if inner == "address_unit"]
    return Told(
        number=number,
        children=_names(text for inner, text in of_child if inner == "name"),
        ages=frozenset(int(text) for inner, text in of_child if inner == "age"),
        communes=frozenset(one for communes, _ in placed for one in communes),
        provinces=frozenset(one for _, provinces in placed for one in provinces),
        offenders=_names(described),
        happened_at=happened_at,
    )


@cache
def units(kept: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The communes and the province of today of what a form keeps of a place; an old commune that was
    divided is in several."""
    found, province = unit(kept), places.province(kept)
    communes = now(found) if found and found.level is Level.COMMUNE else ()
    return tuple(one.id for one in communes), (province.id,) if province else ()


def _names(texts: Iterable[str]) -> frozenset[Name]:
    return frozenset(filter(None, (frozenset(words(text)) - _SAID_OF_ANYBODY for text in texts)))


def reasons(one: Told, other: Told) -> frozenset[Why]:
    """What speaks for one incident; the same whichever is given first."""
    found = {why for why, holds in _TESTS.items() if holds(one, other)}
    return frozenset(found - {_IMPLIED[why] for why in found if why in _IMPLIED})


def score(whys: Collection[Why]) -> int:
    return sum(WEIGHTS[why] for why in whys)


def by_weight(whys: Collection[Why]) -> tuple[Why, ...]:
    """The strongest first."""
    return tuple(why for why in WEIGHTS if why in whys)


def _any_alike(ones: frozenset[Name], others: frozenset[Name]) -> bool:
    return any(_alike(one, other) for one in ones for other in others)


def _alike(one: Name, other: Name) -> bool:
    """One is part of the other, or two words are common to both; and one of them tells people apart."""
    shared = one & other
    return bool(shared - _COMMON) and (len(shared) >= 2 or shared in (one, other))


def _same_name(one: Told, other: Told) -> bool:
    return any(len(name) >= 2 and bool(name - _COMMON) for name in one.children & other.children)


def _within(one: Told, other: Told, most: timedelta) -> bool:
    if one.happened_at is None or other.happened_at is None:
        return False
    return abs(one.happened_at - other.happened_at) <= most


_TESTS: Mapping[Why, Callable[[Told, Told], bool]] = {
    Why.NUMBER: lambda one, other: one.number is not None and one.number == other.number,
    Why.NAME: _same_name,
    Why.NAME_ALIKE: lambda one, other: _any_alike(one.children, other.children),
    Why.AGE: lambda one, other: any(
        abs(age - their) <= _YEARS_APART for age in one.ages for their in other.ages
    ),
    Why.COMMUNE: lambda one, other: bool(one.communes & other.communes),
    Why.PROVINCE: lambda one, other: bool(one.provinces & other.provinces),
    Why.OFFENDER: lambda one, other: _any_alike(one.offenders, other.offenders),
    Why.SAME_DAY: lambda one, other: _within(one, other, timedelta(hours=24)),
    Why.SAME_WEEK: lambda one, other: _within(one, other, timedelta(days=7)),
}


def marks(of: Told) -> tuple[frozenset[str], frozenset[str]]:
    """By which of its words a report's case is looked up: those of which one is enough to be shown, and
    those that many share. Reports that `score` enough have at least one in common, but for those whose
    names alone are alike, in different provinces."""
    strong = {f"n:{of.number}"} if of.number else set[str]()
    strong |= {_spelled("k", name) for name in of.children if len(name) >= 2}
    weak = {f"c:{one}" for one in of.communes}
    weak |= {
        f"w:{province}:{word}"
        for province in of.provinces
        for name in of.children
        for word in name - _COMMON
    }
    return frozenset(strong), frozenset(weak)


MARK_LONGEST = 160


def _spelled(kind: str, name: Name) -> str:
    return f"{kind}:{' '.join(sorted(name))}"[:MARK_LONGEST]
