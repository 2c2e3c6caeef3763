"""A figure's course over the day as the path of an SVG: one bar for each hour. Pure."""

from collections.abc import Sequence
from datetime import timedelta

from intake.calls.kpis import Tally

HEIGHT = 16
"""In the picture's own units; an hour is one unit wide."""
HOURS = 24
_GAP = 0.15
OF_CALLS = frozenset(
    {
        "offered",
        "answered",
        "abandoned",
        "answer_rate",
        "service_level",
        "speed_of_answer",
        "longest_wait",
    }
)
"""Figures that an hour's own calls make; the others are of people and of what is open now."""
_SHARES = frozenset({"answer_rate", "service_level"})


def sparkline(hours: Sequence[Tally], figure: str) -> str:
    """Bars up to the day's highest, shares up to the whole; an hour of which nothing can be said has
    none, and one that was 0 a stroke on the ground."""
    values = [_number(getattr(each, figure)) for each in hours]
    top = 1.0 if figure in _SHARES else max((each for each in values if each is not None), default=0.0)
    return "".join(
        f"M{hour + _GAP:g} {HEIGHT}V{_down(value, top):.1f}h{1 - 2 * _GAP:g}V{HEIGHT}z"
        for hour, value in enumerate(values)
        if value is not None
    )


def _down(value: float, top: float) -> float:
    """How far below the picture's top."""
    return HEIGHT - 1 - (HEIGHT - 1) * value / top if top else HEIGHT - 1


def _number(value: float | timedelta | None) -> float | None:
    return value.total_seconds() if isinstance(value, timedelta) else value
