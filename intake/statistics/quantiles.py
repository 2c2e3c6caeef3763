"""Medians and other quantiles of spans, kept from telling of one. Pure."""

from collections.abc import Mapping, Sequence

from intake.small_cells import LEAST

QUARTILES: Mapping[str, float] = {"p25": 0.25, "p50": 0.5, "p75": 0.75}


def quantile(values: Sequence[float], share: float) -> int | None:
    """Between the two values around it, rounded; None of fewer than five values."""
    if len(values) < LEAST:
        return None
    order = sorted(values)
    place = share * (len(order) - 1)
    below = int(place)
    above = min(below + 1, len(order) - 1)
    return round(order[below] + (order[above] - order[below]) * (place - below))


def table(of: Mapping[str, Sequence[float]], share: float) -> dict[str, int]:
    """Code → the quantile of its values, where it can be told."""
    found = {code: quantile(values, share) for code, values in of.items()}
    return {code: value for code, value in found.items() if value is not None}


def spans(of: Mapping[str, int]) -> dict[str, list[int]]:
    """Code → its values, out of how many there are of each: `verify 3600` → 2."""
    found: dict[str, list[int]] = {}
    for told, many in of.items():
        code, _, value = told.rpartition(" ")
        found.setdefault(code, []).extend([int(value)] * many)
    return found


def quartiles(values: Sequence[float]) -> dict[str, int]:
    found = {name: quantile(values, share) for name, share in QUARTILES.items()}
    return {name: value for name, value in found.items() if value is not None}
