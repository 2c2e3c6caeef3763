"""Telling a unit from the hamlet, street or house that is said before it on one line. Pure.

`thôn Bãi, xã Kim Bôi`, `thon bai xa kim boi` and `thôn Bãi Kim Bôi` are the hamlet, then the unit.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from hotline.units import Unit
from intake.forms.place_finding import ABBREVIATED, KIND_NAMES, LONGEST_QUERY, find
from intake.search_words import folded, words

_SMALLER = frozenset(
    words("thôn xóm ấp bản buôn làng tổ khu khóm sóc phum plei đội phố đường ngõ ngách hẻm kiệt số nhà")
)
"""How what is smaller than a commune begins to be said."""


_ENDS = (",", ";", "-")


@dataclass(frozen=True, slots=True)
class Line:
    """`units` that fit best, best first, and the words before them as they were typed."""

    units: Sequence[Unit]
    before: str


def find_in(line: str, limit: int = 8) -> Line:
    """Units for the whole line, else for the longest end of it that has any."""
    typed = line[:LONGEST_QUERY].split()
    for start in (0, *_starts(typed)):
        if units := find(" ".join(typed[start:]), limit):
            return Line(units, " ".join(typed[:start]).rstrip(" ,;-"))
    return Line((), "")


def _starts(typed: Sequence[str]) -> Sequence[int]:
    """Where a unit may begin: after a comma and at its kind; where nobody said either, behind the name
    of a hamlet, which has a word or more."""
    plain = [folded(word).strip(".,;") for word in typed]
    told = [place for place in range(1, len(typed)) if _begins(typed, plain, place)]
    if told or not typed or plain[0] not in _SMALLER:
        return told
    return range(2, len(typed) - 1)


def _begins(typed: Sequence[str], plain: Sequence[str], place: int) -> bool:
    one, two = plain[place], " ".join(plain[place : place + 2])
    kinds = {one, two, ABBREVIATED.get(one)}
    return typed[place - 1].endswith(_ENDS) or not KIND_NAMES.isdisjoint(kinds)
