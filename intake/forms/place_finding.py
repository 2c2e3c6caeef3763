"""Finding a unit by what somebody types of it while a caller says it. Pure.

Words may come in any order, without marks, the last one unfinished: of its own name, and of what it is
in or, for a commune of today, its parts were in. A kind (`xã`, `p.`, `tt`) is a hint and no condition:
in 2025 many a town became a commune, and callers say what it was. Who says "cũ" (former) means what was
before; no unit has it in its name.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from unicodedata import normalize

from hotline.units import KINDS, NEW, Level, Unit, before
from intake.forms.places import choosable, label
from intake.search_words import words

LONGEST_QUERY = 120
_MOST_WORDS = 12
_LEAST_LETTERS = 2
ABBREVIATED = {
    "x": "xa", "p": "phuong", "f": "phuong", "q": "quan", "h": "huyen", "t": "tinh",
    "tt": "thi tran", "tx": "thi xa", "tp": "thanh pho", "dk": "dac khu",
}  # fmt: skip
KIND_NAMES = frozenset(" ".join(words(kind)) for kind in KINDS)
_NICKNAMES = {
    "hn": "ha noi", "hcm": "ho chi minh", "tphcm": "ho chi minh", "sg": "ho chi minh",
    "hp": "hai phong", "dn": "da nang", "ct": "can tho", "brvt": "ba ria vung tau", "tth": "hue",
}  # fmt: skip
_ALSO = {"Huế": "thua thien", "Hồ Chí Minh": "sai gon", "Buôn Ma Thuột": "me"}
"""Words by which a place is known besides."""
_GLUED = re.compile(r"([pfq])([0-9]{1,2})")
_FORMER = re.compile(r"\(?\bcũ\b\)?")
_LOOKED_AT = 100
"""More than so many fit only something that says little: the first by rank are as good as any."""
_Sets = Mapping[str, frozenset[int]]
_NOBODY = frozenset[int]()
_NONE = frozenset[str]()


@dataclass(frozen=True, slots=True)
class _Index:
    """`units` by rank (short names first, provinces, new before old, large before small), their names
    without their kinds, and word → ranks: of the name alone, and of what it is and was in, too."""

    units: Sequence[Unit]
    names: Sequence[str]
    vocabulary: Sequence[str]
    own: _Sets
    anywhere: _Sets


@dataclass(frozen=True, slots=True)
class _Asked:
    """`kinds`: kind → the word after it. `marked`: words as they were typed, if they had marks."""

    line: str
    exact: tuple[str, ...]
    begins: str
    kinds: Mapping[str, str]
    marked: frozenset[str]
    former: bool


def find(query: str, limit: int = 8) -> Sequence[Unit]:
    """The units that fit best, best first. The first time, whatever is asked, takes half a second."""
    index = _index()
    asked = normalize("NFC", query[:LONGEST_QUERY]).lower()
    query = _FORMER.sub(" ", asked)
    former = query != asked
    typed = [_plain(word) for word in words(_GLUED.sub(r"\1 \2", query))]
    if len("".join(typed)) < _LEAST_LETTERS:
        return ()
    found = _best(index, _asked(typed, query, former), limit)
    if not found and typed[-1] in KIND_NAMES | set(ABBREVIATED):
        found = _best(index, _asked([*typed[:-1], ""], query, former), limit)
    return [index.units[rank] for rank in found]


def _asked(typed: Sequence[str], query: str, former: bool) -> _Asked:
    exact: list[str] = []
    kinds: dict[str, str] = {}
    *done, last = typed[:_MOST_WORDS]
    while done:
        two = " ".join(done[:2])
        length = 2 if two in KIND_NAMES else 1
        kind = two if length == 2 else ABBREVIATED.get(done[0], done[0])
        one, done = done[0], done[length:]
        if kind in KIND_NAMES:
            kinds[kind] = done[0] if done else last
        else:
            exact += _NICKNAMES.get(one, one).split()
    if last in _NICKNAMES:
        exact, last = [*exact, *_NICKNAMES[last].split()], ""
    marked = frozenset(word for word in _as_written(query) if not word.isascii())
    return _Asked(" ".join(typed), tuple(exact), last, kinds, marked, former)


def _as_written(text: str) -> list[str]:
    return normalize("NFC", text).casefold().replace(",", " ").split()


def _best(index: _Index, asked: _Asked, limit: int) -> Sequence[int]:
    named = _sets(asked, index.own, index.vocabulary)
    whole = _in_all([*named[: len(asked.exact)], index.own.get(asked.begins, _NOBODY)])
    pool = whole if len(whole) >= limit else _in_all(named)
    if len(pool) < limit:
        pool = _in_all(_sets(asked, index.anywhere, index.vocabulary)) & _NOBODY.union(*named)
    likely = sorted(pool)[:_LOOKED_AT]
    return sorted(likely, key=_misfit(index, asked))[:limit]


def _sets(asked: _Asked, of: _Sets, vocabulary: Sequence[str]) -> list[frozenset[int]]:
    """Who has each word that was asked for."""
    sets = [of.get(word, _NOBODY) for word in asked.exact]
    if asked.begins:
        begun = _beginning(asked.begins, vocabulary)
        sets.append(_NOBODY.union(*(of.get(word, _NOBODY) for word in begun)))
    return sets


def _beginning(begins: str, vocabulary: Sequence[str]) -> Sequence[str]:
    start = bisect_left(vocabulary, begins)
    return vocabulary[start : bisect_left(vocabulary, f"{begins}~")]


def _in_all(sets: Iterable[frozenset[int]]) -> frozenset[int]:
    ordered = sorted(sets, key=len)
    return reduce(frozenset.intersection, ordered) if ordered else _NOBODY


def _misfit(index: _Index, asked: _Asked) -> Callable[[int], tuple[int, ...]]:
    """What makes one fit worse than another, first what weighs most: words that are not of its own name;
    an unfinished word; words of its name that were not asked for; words of what only its parts were in
    (who says the district means the old unit); another kind; another order; other marks; today."""
    exact = frozenset(asked.exact)
    kinds = frozenset(" ".join(asked.kinds).split())

    def misfit(rank: int) -> tuple[int, ...]:
        one, name = index.units[rank], index.names[rank]
        own = frozenset(name.split())
        rest = own - exact
        missing = len(exact) - len(own) + len(rest)
        begun = "" if asked.begins in own else asked.begins
        ends = next((word for word in rest if word.startswith(begun)), None) if begun else None
        return (
            missing + (begun != "" and ends is None),
            begun != "",
            len(rest - {ends, asked.begins} - kinds),
            len(exact.difference(_name(label(one)).split())),
            bool(asked.kinds) and not kinds & rest and asked.kinds.get(_name(one.kind)) not in own,
            name not in asked.line,
            len(asked.marked.difference(_as_written(label(one)))),
            asked.former and one.era == NEW,
            rank,
        )

    return misfit


@cache
def _index() -> _Index:
    units = sorted(choosable(), key=_order)
    own: dict[str, set[int]] = {}
    anywhere: dict[str, set[int]] = {}
    for rank, one in enumerate(units):
        for word in _name(one.bare_name).split():
            own.setdefault(word, set()).add(rank)
        for word in _around(one).union(*(_around(each.within) for each in before(one))):
            anywhere.setdefault(word, set()).add(rank)
    names = [_name(one.bare_name) for one in units]
    return _Index(units, names, sorted(anywhere), _frozen(own), _frozen(anywhere))


def _frozen(sets: Mapping[str, Iterable[int]]) -> _Sets:
    return {word: frozenset(places) for word, places in sets.items()}


def _order(one: Unit) -> tuple[int, bool, bool, int, str]:
    name = _name(one.bare_name)
    is_part = one.level is not Level.PROVINCE
    return len(name.split()), is_part, one.era != NEW, one.level, f"{name} {one.code}"


@cache
def _around(one: Unit | None) -> frozenset[str]:
    """The words of a unit and of what it is in."""
    if one is None:
        return _NONE
    also = _ALSO.get(one.bare_name, "")
    return _around(one.within).union(_name(one.bare_name).split(), also.split())


@cache
def _name(name: str) -> str:
    return " ".join(_plain(word) for word in words(name))


def _plain(word: str) -> str:
    """`Phường 05` is `Phường 5`."""
    return word.lstrip("0") or word if word.isdigit() else word
