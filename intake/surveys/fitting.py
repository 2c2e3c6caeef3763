"""Whether a child may be asked at the end of this call. Pure.

The help comes first: nobody is asked who is in danger, who cannot speak, of whom a case was opened, or
who was not talked with; and nobody is asked again and again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from intake.forms.taxonomy import INTERVENTION, CallerType, Disposition, Risk

LATEST = timedelta(minutes=15)
"""After the talk: what a child has said is written down while it is known."""
REST = timedelta(days=90)
"""Between two times that a number is asked. Phones are shared; a child who declined is left alone."""

_CHILDREN = frozenset({"", CallerType.CHILD, CallerType.UNKNOWN})
_GRAVE = frozenset(INTERVENTION)
_FITTING = frozenset({None, Disposition.INFORMATION, Disposition.THANKS, Disposition.COUNSELING})


class Hindrance(StrEnum):
    NO_TALK = "no_talk"
    OVER = "over"
    NO_CHILD = "no_child"
    IN_DANGER = "in_danger"
    """Or told of something for which a case may have to be opened."""
    CANNOT_SPEAK = "cannot_speak"
    CLOSED_SO = "closed_so"
    ASKED = "asked"
    ASKED_LATELY = "asked_lately"


@dataclass(frozen=True, slots=True)
class Situation:
    """`asked`: in this call already; `asked_lately`: at this number, within `REST`."""

    talked: bool
    ended_at: datetime | None
    caller: str
    risk: str
    problem: str
    by_key: bool
    """They answered by pressing keys."""
    disposition: Disposition | None
    asked: bool
    asked_lately: bool


def hindrance(of: Situation, now: datetime) -> Hindrance | None:
    """The first that is found; None: the child may be asked."""
    found = {
        Hindrance.ASKED: of.asked,
        Hindrance.NO_TALK: not of.talked,
        Hindrance.OVER: of.ended_at is not None and now - of.ended_at > LATEST,
        Hindrance.NO_CHILD: of.caller not in _CHILDREN,
        Hindrance.IN_DANGER: of.risk in {Risk.EMERGENCY, Risk.PLAN} or of.problem in _GRAVE,
        Hindrance.CANNOT_SPEAK: of.by_key,
        Hindrance.CLOSED_SO: of.disposition not in _FITTING,
        Hindrance.ASKED_LATELY: of.asked_lately,
    }
    return next((why for why, is_so in found.items() if is_so), None)
