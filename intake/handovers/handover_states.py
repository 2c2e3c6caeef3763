"""What becomes of a case that was handed to a commune, as a table. Pure.

It is sent, delivered (it reached the receiver's device, list or program), opened (somebody there has
seen it), and accepted or refused. Only that answer is an acknowledgement: silence never closes anything.
"""

from collections.abc import Mapping
from enum import StrEnum

from hotline.errors import Conflict


class State(StrEnum):
    SENT = "sent"
    DELIVERED = "delivered"
    OPENED = "opened"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    """By the hotline: it went to the wrong unit, or too much was in it."""
    SUPERSEDED = "superseded"
    """By a later one of the same case."""


class Turn(StrEnum):
    DELIVER = "deliver"
    OPEN = "open"
    ACCEPT = "accept"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    SUPERSEDE = "supersede"


_ENDED_BY_US = {Turn.WITHDRAW: State.WITHDRAWN, Turn.SUPERSEDE: State.SUPERSEDED}
_ANSWERED = {Turn.ACCEPT: State.ACCEPTED, Turn.REFUSE: State.REFUSED}
TABLE: Mapping[State, Mapping[Turn, State]] = {
    State.SENT: {
        Turn.DELIVER: State.DELIVERED,
        Turn.OPEN: State.OPENED,
        **_ENDED_BY_US,
    },
    State.DELIVERED: {Turn.DELIVER: State.DELIVERED, Turn.OPEN: State.OPENED, **_ENDED_BY_US},
    State.OPENED: {
        Turn.DELIVER: State.OPENED,
        Turn.OPEN: State.OPENED,
        **_ANSWERED,
        **_ENDED_BY_US,
    },
    State.ACCEPTED: {
        Turn.DELIVER: State.ACCEPTED,
        Turn.OPEN: State.ACCEPTED,
        Turn.ACCEPT: State.ACCEPTED,
        **_ENDED_BY_US,
    },
    State.REFUSED: {Turn.REFUSE: State.REFUSED},
    State.WITHDRAWN: {Turn.WITHDRAW: State.WITHDRAWN},
    State.SUPERSEDED: {},
}
"""Nobody answers what they have not opened. What is said again changes nothing; what is not in a row
cannot be said."""
UNANSWERED = frozenset({State.SENT, State.DELIVERED, State.OPENED})
"""The limit runs."""
SHOWN = frozenset({*UNANSWERED, State.ACCEPTED})
"""Its unit may look at it: need-to-know ends with refusing."""


def after(state: State, turn: Turn) -> State:
    """Raises Conflict: this cannot be said of it any more, or not yet."""
    following = TABLE[state].get(turn)
    if following is None:
        raise Conflict(f"the handover is {state}")
    return following


class Situation(StrEnum):
    """The first tap of a report from the field."""

    SAFE = "safe"
    AT_RISK = "at_risk"
    NOT_MET = "not_met"


class Doing(StrEnum):
    """The second: what was done, or comes next. The third sends it."""

    VISITED = "visited"
    POLICE = "police"
    HEALTH = "health"
    MOVED = "moved"
    """The child was brought to a safe place."""
    FAMILY = "family"
    SEARCHING = "searching"
    FINISHED = "finished"
    """Nothing is left to do for the commune: the outcome."""


class WhyRefused(StrEnum):
    NOT_HERE = "not_here"
    """It happened elsewhere, the child lives elsewhere."""
    KNOWN = "known"
    """The commune works on it already."""
    NOT_OURS = "not_ours"
    OTHER = "other"


LONGEST_NOTE = 2_000
