"""What a benchmark says of the times it took."""

from collections.abc import Sequence


def at(share: float, times: Sequence[float]) -> float:
    """The time that so great a share of them does not exceed; endless when there are none."""
    line = sorted(times)
    return line[min(len(line) - 1, int(len(line) * share))] if line else float("inf")
