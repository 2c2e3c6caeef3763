"""Counts of people that are shown without telling of one of them. Pure.

A count below five may tell who it is, where so few children of an age and a people live in one place. It
is hidden; and so that it cannot be reckoned from the total and the other counts, more are hidden until
what is hidden is at least two counts and at least five people.
"""

from collections.abc import Mapping
from dataclasses import dataclass

LEAST = 5


@dataclass(frozen=True, slots=True)
class Breakdown:
    """One count of people and what it is made of; None: hidden, more than none and few."""

    total: int | None
    cells: Mapping[str, int | None]


def breakdown(counts: Mapping[str, int], least: int = LEAST) -> Breakdown:
    """`counts` add up to the total."""
    total = sum(counts.values())
    there = sorted((many, name) for name, many in counts.items() if many)
    hidden = [many for many, _ in there if many < least]
    if hidden:
        while len(hidden) < len(there) and (len(hidden) < 2 or sum(hidden) < least):
            hidden.append(there[len(hidden)][0])
    names = {name for _, name in there[: len(hidden)]}
    return Breakdown(
        total=None if 0 < total < least else total,
        cells={name: None if name in names else many for name, many in counts.items()},
    )
