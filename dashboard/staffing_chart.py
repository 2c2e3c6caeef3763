"""The staffing page's picture as paths of an SVG: calls above, counselors below, one day. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from routing.staffing import Slot

STEP = 20
"""Width of a half hour, in the picture's own units."""
HEIGHT = 120
"""Of each of the two panels."""


@dataclass(frozen=True, slots=True)
class Chart:
    """Paths, each from the top left of its panel. `calls_top`, `people_top`: what the panels' heights
    stand for. `spread`: between what eight of ten such half hours bring. `missing`: the area between the
    counselors on the roster and those needed, where they are fewer."""

    bars: str
    spread: str
    needed: str
    rostered: str
    missing: str
    calls_top: int
    people_top: int


def chart(slots: Sequence[Slot]) -> Chart:
    calls_top = _round(max(slot.high for slot in slots))
    people_top = _round(max(max(slot.needed, slot.rostered) for slot in slots))
    bars, spread, missing = [], [], []
    for place, slot in enumerate(slots):
        left, high = place * STEP, _down(slot.calls, calls_top)
        bars.append(f"M{left + 3} {HEIGHT}V{high:.1f}h{STEP - 6}V{HEIGHT}z")
        low_end, high_end = _down(slot.low, calls_top), _down(slot.high, calls_top)
        spread.append(f"M{left + STEP // 2} {low_end:.1f}V{high_end:.1f}")
        if slot.missing:
            there, wanted = _down(slot.rostered, people_top), _down(slot.needed, people_top)
            missing.append(f"M{left} {there:.1f}V{wanted:.1f}h{STEP}V{there:.1f}z")
    return Chart(
        bars="".join(bars),
        spread="".join(spread),
        needed=_steps([slot.needed for slot in slots], people_top),
        rostered=_steps([slot.rostered for slot in slots], people_top),
        missing="".join(missing),
        calls_top=calls_top,
        people_top=people_top,
    )


def _steps(values: Sequence[int], top: int) -> str:
    return "M0 " + "".join(f"{_down(value, top):.1f}h{STEP}V" for value in values).removesuffix("V")


def _down(value: float, top: int) -> float:
    """How far below the panel's top."""
    return HEIGHT * (1 - value / top)


def _round(most: float) -> int:
    """A little above, and even, so that half of it is whole."""
    step = 2 if most < 20 else 10
    return max(step, ceil(most * 1.05 / step) * step)
