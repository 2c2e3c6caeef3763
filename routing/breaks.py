"""Breaks: each has a reason, and while many wait only one counselor of a center is on one at a time.

Whoever has just borne a hard call, or says no more than that they need a pause, may always go: nobody
is kept at the phone. Asked for in the midst of a talk, a break begins when it is over.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline import bus
from hotline.access import Viewer
from hotline.errors import Conflict
from hotline.staff import CenterRow, StaffView
from routing import availability
from routing.choices import Choice, Why

_NEVER_HELD = frozenset({Why.HARD_CALL, Why.PAUSE})
LONG = 3
"""So many callers waiting are a long line."""


class BreakHeld(Conflict):
    """Not now: `on_break` is away already, and the line is long."""

    def __init__(self, on_break: StaffView) -> None:
        super().__init__("break")
        self.on_break = on_break


def is_held(why: Why, others_on_break: int, waiting: int) -> bool:
    """Whether this break has to wait for the one before it."""
    return why not in _NEVER_HELD and others_on_break > 0 and waiting >= LONG


def take(
    session: Session, viewer: Viewer, why: Why, waiting: int, now: datetime
) -> Sequence[bus.Signal]:
    """Go on a break. `waiting`: how many callers wait. Raises BreakHeld.

    Who is on a break off duty keeps nobody from theirs.
    """
    lock = select(CenterRow.id).where(CenterRow.id == viewer.center_id).with_for_update()
    session.execute(lock)  # two who ask in the same moment are told one after the other
    others = [
        one.staff
        for one in availability.everybody(session, now)
        if one.staff.center.id == viewer.center_id
        and one.staff.id != viewer.staff_id
        and one.choice is Choice.BREAK
        and one.on_duty(now)
    ]
    if is_held(why, len(others), waiting):
        raise BreakHeld(others[0])
    return availability.choose(session, viewer, viewer.staff_id, Choice.BREAK, now, why)
