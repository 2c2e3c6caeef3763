"""When a number is owed a call-back, how soon, and how that ends. Pure.

No law sets a time. A child who gave up waiting may still have the phone in hand, so what is owed is
soon; sooner for a number that has an open emergency, that rang off and rang again, or that was promised
a call (settings `callback_minutes` and `callback_urgent_minutes`). Silence never closes a task.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from hotline.events import Outcome


class Why(StrEnum):
    """Why one call is owed a call-back."""

    ABANDONED = "abandoned"
    MISSED = "missed"
    """Nobody took it: no answer, busy, declined, failed."""
    PROMISED = "promised"
    """The caller asked for it, or left a message."""


class ClosedAs(StrEnum):
    RANG_AGAIN = "rang_again"
    """They rang in again and somebody spoke with them."""
    REACHED = "reached"
    """We called and somebody spoke with us."""
    WRONG_NUMBER = "wrong_number"
    GIVEN_UP = "given_up"
    """A shift lead's decision, with its reason."""


class Deed(StrEnum):
    """What happened to a task, in its history."""

    TAKEN = "taken"
    GIVEN_BACK = "given_back"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    REJECTED = "rejected"
    FAILED = "failed"
    """Our call came to nothing for a technical reason."""
    OWN_PHONE = "own_phone"
    """The counselor did not pick up their own phone: nobody outside was rung."""
    NOT_SAFE = "not_safe"
    REACHED = "reached"
    RANG_AGAIN = "rang_again"
    WRONG_NUMBER = "wrong_number"
    GIVEN_UP = "given_up"


class Safe(StrEnum):
    """Answers to "is it safe to call now?" that let the call go out."""

    SAID_SO = "said_so"
    """Earlier calls say that now is a good time."""
    JUST_RANG = "just_rang"
    """They rang a moment ago."""
    NOTHING_SAID = "nothing_said"
    """Nobody ever said anything about it: ask for nobody by name, say nothing of 111 first."""
    OFFICIAL = "official"
    """An office or a colleague of the service, no family's phone."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a number may wait for our call."""

    ordinary: timedelta
    urgent: timedelta


def why(outcome: Outcome) -> Why:
    return Why.ABANDONED if outcome is Outcome.ABANDONED else Why.MISSED


def deed(outcome: Outcome) -> Deed:
    """What a call of ours that reached nobody is in the task's history."""
    return Deed.NO_ANSWER if outcome is Outcome.ABANDONED else Deed(outcome)


def is_urgent(*, calls: int, emergency: bool, promised: bool) -> bool:
    return emergency or promised or calls > 1


def due(at: datetime, *, urgent: bool, patience: Patience) -> datetime:
    """By when to call a number that was on the line in vain, or tried in vain, at `at`."""
    return at + (patience.urgent if urgent else patience.ordinary)
