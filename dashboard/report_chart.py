"""A table of a report over time as paths of an SVG: a column for each row of the period, and over it the
course of the year before. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10

STEP, HEIGHT = 40, 160
"""Width of a row, height of the panel, in the picture's own units."""
_GAP = 6


@dataclass(frozen=True, slots=True)
class Chart:
    """`columns`, `year_before`: paths from the top left of the panel; `top`: what its height stands for;
    `names`: of the rows, one under each column."""

    columns: str
    year_before: str
    top: int
    names: Sequence[str]

    @property
    def width(self) -> int:
        return STEP * len(self.names)


def chart(names: Sequence[str], now: Sequence[int], year_before: Sequence[int | None]) -> Chart:
    """Where nothing is known of a row of the year before, its line has a gap."""
    top = _round(max([*now, *(each or 0 for each in year_before)], default=0))
    columns = "".join(
        f"M{place * STEP + _GAP} {HEIGHT}V{_down(many, top):.1f}h{STEP - 2 * _GAP}V{HEIGHT}z"
        for place, many in enumerate(now)
        if many
    )
    before = "".join(
        f"M{place * STEP + 2} {_down(many, top):.1f}h{STEP - 4}"
        for place, many in enumerate(year_before)
        if many is not None
    )
    return Chart(columns, before, top, tuple(names))


def _down(many: int, top: int) -> float:
    """How far below the panel's top."""
    return HEIGHT * (1 - many / top)


def _round(most: int) -> int:
    """The next 1, 2, 4, 6 or 8 of a power of ten of which half is whole."""
    power = int(10 ** int(log10(max(2, most))))
    steps = (step * power for step in (1, 2, 4, 6, 8, 10))
    return next(step for step in steps if step >= most and step % 2 == 0)
