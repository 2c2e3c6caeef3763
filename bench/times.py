"""What a benchmark says of the times it took."""

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path


def at(share: float, times: Sequence[float]) -> float:
    """The time that so great a share of them does not exceed; endless when there are none."""
    line = sorted(times)
    return line[min(len(line) - 1, int(len(line) * share))] if line else float("inf")


def taken(do: Callable[[], object], rounds: int) -> list[float]:
    """How long it took each time, in milliseconds."""
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        do()
        times.append(1000 * (time.perf_counter() - began))
    return times


def processor_seconds(process: int) -> float:
    """Processor time of this process so far, all its threads (proc(5): utime, stime)."""
    fields = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def with_children(process: int) -> float:
    """`processor_seconds` of this process and of those that its first thread has made."""
    made = Path(f"/proc/{process}/task/{process}/children").read_text("ascii").split()
    return processor_seconds(process) + sum(with_children(int(child)) for child in made)
