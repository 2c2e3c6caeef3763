"""What the policy is given and what it answers: waiting calls, counselors, steering, decisions. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from hotline.callers import NOTHING_KNOWN, Known
from hotline.ids import CallId, Phone, StaffId
from hotline.lines import CalledLine
from routing.choices import Choice
from routing.shifts import Duty


class Reason(StrEnum):
    """Why this call rang here: codes of the rules that led to a decision, in words in `dashboard`.

    The first group says why it was this call's turn, the second why it was this counselor.
    """

    LONGEST_WAITING = "longest_waiting"
    RANG_AGAIN = "rang_again"
    PROMISED = "promised"
    LOST = "lost"
    """The phone of whoever they talked with fell silent: they talk on before anybody else."""
    TRANSFERRED = "transferred"
    URGENT_CASE = "urgent_case"
    PARTNER = "partner"
    LOWERED = "lowered"

    LONGEST_FREE = "longest_free"
    SAME_COUNSELOR = "same_counselor"
    LANGUAGE = "language"
    """They speak the caller's language."""
    INTERPRETER = "interpreter"
    """Nobody who is free speaks it: an interpreter is needed."""
    TRAINED = "trained"
    REGION = "region"
    """They sit in the center of the region that the number tells."""
    MOVED = "moved"
    """A shift lead has moved them to this queue."""
    OVERFLOW = "overflow"
    FORECAST = "forecast"
    """All of the caller's own center talk, and the wait that is to come passes its limit."""
    CLOSED = "closed"
    """The caller's own center is closed."""
    NOBODY_ELSE = "nobody_else"
    """They did not take this call before, and nobody else is free."""


@dataclass(frozen=True, slots=True)
class WaitingCall:
    """A caller held for a counselor. `declined_by`: who was rung for it already in vain. `site`: the PBX
    that holds the caller, and the home queue. `region`: code of the center whose region the number
    tells, "" when it tells nothing. `transferred`: somebody has spoken with them in this call; `lost`:
    and that phone fell silent."""

    call_id: CallId
    since: datetime
    declined_by: frozenset[StaffId] = frozenset()
    line: CalledLine = CalledLine.CHILD
    site: str = ""
    region: str = ""
    transferred: bool = False
    lost: bool = False
    partner: bool = False
    """On the emergency line of the police and the communes."""
    known: Known = NOTHING_KNOWN

    @property
    def home(self) -> str:
        """Whose queue they wait in first."""
        return self.region or self.site


@dataclass(frozen=True, slots=True)
class Counselor:
    """A counselor as the router sees them.

    `engaged`: rung, talking or in wrap-up. `reachable`: their phone is registered. `free_since`: since
    when they could have taken a call (end of the last one with its wrap-up, or their own choice).
    `duty`: their shifts around now. `site`: the PBX of their phone. `center`: code of where they belong,
    mostly the same. `free_at`: when a wrap-up or rest that runs now will end; None when nobody knows
    (they talk) or they are free.
    """

    staff_id: StaffId
    phone: Phone
    duty: tuple[Duty, ...]
    choice: Choice
    reachable: bool
    engaged: bool
    free_since: datetime
    skills: frozenset[str] = frozenset()
    """Names of lines that this counselor is trained for."""
    site: str = ""
    center: str = ""
    languages: frozenset[str] = frozenset()
    """Spoken besides Vietnamese: ISO 639 codes."""
    calls: int = 0
    talked: timedelta = timedelta()
    """How many calls they took in this shift, and how long they talked."""
    free_at: datetime | None = None
    yields: bool = False
    """They rest with nothing left to write: who waits long and finds nobody else may have them."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Ring this counselor for this call. `reasons`: the rules that led here."""

    call_id: CallId
    staff_id: StaffId
    phone: Phone
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Post:
    """Where a shift lead has put a counselor: the queue of this center, or this line before others."""

    center: str = ""
    line: CalledLine | None = None


@dataclass(frozen=True, slots=True)
class Steering:
    """What a shift lead can change live.

    `limits`: center → how long a caller may be left to its own counselors while others are free; else
    `limit`. `closed`: centers that take no calls now. `moved`: who works elsewhere than usual.
    """

    limit: timedelta = timedelta()
    limits: Mapping[str, timedelta] = field(default_factory=dict)
    closed: frozenset[str] = frozenset()
    moved: Mapping[StaffId, Post] = field(default_factory=dict)

    def limit_of(self, center: str) -> timedelta:
        return self.limits.get(center, self.limit)


UNSTEERED = Steering()


@dataclass(frozen=True, slots=True)
class Load:
    """`lines`: home queue → how many wait there. `talk`: how long counselors talk in the mean, as it was
    measured; None when it is not known."""

    lines: Mapping[str, int] = field(default_factory=dict)
    talk: timedelta | None = None


UNKNOWN = Load()
