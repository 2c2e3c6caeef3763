"""How long a counselor is left alone after a call, by what came of it. Pure.

Until the record is closed the house's wrap-up time runs. Closing it says how the call was: after most
the next may come at once, after a heavy one nobody has to talk with the next child straight away. The
counselor may lengthen a rest up to a limit, or end it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from hotline.ids import CallId

AFTER: Mapping[str, timedelta] = {
    "silent": timedelta(),
    "prank": timedelta(),
    "wrong_number": timedelta(),
    "test": timedelta(),
    "hang_up": timedelta(),
    "information": timedelta(),
    "thanks": timedelta(),
    "abusive": timedelta(minutes=1),
    "counseling": timedelta(seconds=30),
    "escalated": timedelta(minutes=2),
}
"""Disposition of the record → rest from its closing."""
HEAVY = timedelta(minutes=5)
HEAVY_PROBLEMS = frozenset(
    {"violence", "sexual_abuse", "exploitation", "trafficking", "neglect", "missing"}
)
STEP = timedelta(minutes=1)
MOST = timedelta(minutes=10)
"""After the talk: no rest is lengthened beyond; a break is for more."""


@dataclass(frozen=True, slots=True)
class Rest:
    """From `set_at` to `until`. Set in the midst of the talk, it runs for `length` from its end."""

    call_id: CallId
    set_at: datetime
    until: datetime
    length: timedelta
    yields: bool = False
    """The record is closed: a caller who waits long and finds nobody else is put through all the same.
    False: the counselor has asked for this time."""

    def ends(self, talked_until: datetime) -> datetime:
        """When it ends, if the last talk ended then."""
        return self.until if talked_until <= self.set_at else talked_until + self.length


def is_heavy(risk: str, problems: Collection[str]) -> bool:
    """A child in danger, or hurt."""
    return risk == "emergency" or not HEAVY_PROBLEMS.isdisjoint(problems)


def rest_after(disposition: str, *, heavy: bool) -> timedelta:
    """A heavy call that was no more than a short one (a prank about violence) is not rested from."""
    rest = AFTER.get(disposition, timedelta())
    return HEAVY if heavy and rest else rest


def lengthened(until: datetime, talked_until: datetime) -> datetime:
    """One step later, within the limit."""
    return max(until, min(until + STEP, talked_until + MOST))
