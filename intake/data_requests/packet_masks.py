"""Other people in what is copied for one: their names and every number are found and masked. Pure.

A known name is found however it is written; of one with several words the last alone too, where it is
written just so ("cô Đào"). What a reader could guess from a story is not: for that two people read it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from intake.search_words import folded

MASK = "•••"
_NUMBER = re.compile(r"(?<!\d)\+?\d(?:[ .()-]?\d){7,}(?!\d)")
"""Eight digits and more: a phone, an identity card."""


@dataclass(frozen=True, slots=True)
class Known:
    """`names`: of people, or as they are described, found however written; `given`: found just so."""

    names: tuple[str, ...] = ()
    given: tuple[str, ...] = ()


def mask(text: str, others: Known) -> str:
    """With these people, and all numbers of people, covered."""
    for start, end in sorted(_spots(text, others), reverse=True):
        text = f"{text[:start]}{MASK}{text[end:]}"
    return text


def tells(text: str, others: Known) -> bool:
    """Whether one of these people, or a number of anybody, stands in it."""
    return bool(_spots(text, others))


def _spots(text: str, others: Known) -> list[tuple[int, int]]:
    """Where, none inside another."""
    plain, places = _folded(text)
    found = [one.span() for one in _NUMBER.finditer(text)]
    for given in others.given:
        pattern = rf"(?<!\w){re.escape(given)}(?!\w)"
        found += [one.span() for one in re.finditer(pattern, text)]
    for name in others.names:
        words = re.findall(r"[a-z0-9]+", folded(name))
        if not words:
            continue
        pattern = r"(?<![a-z0-9])" + r"[^a-z0-9]+".join(words) + r"(?![a-z0-9])"
        found += [(places[one.start()], places[one.end()]) for one in re.finditer(pattern, plain)]
    return _apart(found)


def _folded(text: str) -> tuple[str, list[int]]:
    """The text as it is searched, and where each of its signs was."""
    plain, places = "", []
    for at, sign in enumerate(text):
        small = folded(sign)
        plain += small
        places += [at] * len(small)
    return plain, [*places, len(text)]


def _apart(spots: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spots):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
