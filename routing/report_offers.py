"""Which free counselor is offered which report of the inbox. Pure.

Calls come first: while anybody waits on the line, nothing is offered. An offer holds nobody back: a
counselor with one is still rung, and others may take the report from the inbox. So nothing needs to be
remembered: whoever asks with the same facts finds the same pairs, and an offer that is left lying goes
round by itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hotline.ids import StaffId

TURN = timedelta(seconds=60)
"""So long a report is one counselor's before the next is offered it."""


@dataclass(frozen=True, slots=True)
class Free:
    """A counselor with nothing to do. `since`: when they became it."""

    staff_id: StaffId
    since: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """One report that nobody has taken."""

    id: int
    since: datetime


def offers(
    reports: Sequence[Waiting], free: Sequence[Free], callers_waiting: int, now: datetime
) -> Mapping[StaffId, int]:
    """Counselor → the report offered to them; at most one each. `reports`: the most pressing first,
    which gets whoever has been free longest; after each `TURN` it moves on by one."""
    if callers_waiting:
        return {}
    line = [one.staff_id for one in sorted(free, key=lambda one: (one.since, one.staff_id))]
    offered = {}
    for report in reports[: len(line)]:
        turn = max(0, (now - report.since) // TURN) % len(line)
        offered[line.pop(turn)] = report.id
    return offered
