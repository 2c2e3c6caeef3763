"""What becomes of a request about personal data, and what may be answered to whom, as tables. Pure.

Under Law 91/2025 on personal data a person asks what is kept, for a copy, to have it corrected, erased
or no further used; an answer is owed within two working days. NĐ 56/2017 Đ24 keeps who told secret, and
the Children's Law (Đ6.11) and Law 91 (Đ24) ask for the child's own agreement from seven years on: so a
parent alone gets nothing, and one who is said to be the offender gets nothing at all. Which grounds a
refusal may name is ours; no list was found.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from intake.cases.deadlines import after_working_days
from intake.forms.taxonomy import Relation as Offender

WORKING_DAYS = 2


class State(StrEnum):
    OPEN = "open"
    SUBMITTED = "submitted"
    """Decided by one, it waits for the other."""
    APPROVED = "approved"
    """The answer is made, and may leave."""
    CLOSED = "closed"


class Deed(StrEnum):
    SUBMIT = "submit"
    SEND_BACK = "send-back"
    APPROVE = "approve"
    DELIVER = "deliver"


MOVES: Mapping[State, Mapping[Deed, State]] = {
    State.OPEN: {Deed.SUBMIT: State.SUBMITTED},
    State.SUBMITTED: {Deed.SEND_BACK: State.OPEN, Deed.APPROVE: State.APPROVED},
    State.APPROVED: {Deed.DELIVER: State.CLOSED},
    State.CLOSED: {},
}


class Want(StrEnum):
    KNOW = "know"
    COPY = "copy"
    CORRECT = "correct"
    ERASE = "erase"
    RESTRICT = "restrict"
    OBJECT = "object"


class Relation(StrEnum):
    """Who asks, to whose data it is."""

    CHILD = "child"
    """About themselves."""
    ADULT = "adult"
    """About themselves: who called, or was a child then."""
    PARENT = "parent"
    GUARDIAN = "guardian"
    REPRESENTATIVE = "representative"
    """Of a child, with a paper that says so."""


THEMSELVES = frozenset({Relation.CHILD, Relation.ADULT})


class ChildSays(StrEnum):
    """What the child says to somebody else having its data."""

    AGREES = "agrees"
    YOUNG = "young"
    """Under seven."""
    REFUSES = "refuses"
    NOT_ASKED = "not_asked"
    """Cannot be asked, or not safely."""


class Identity(StrEnum):
    """How it was made sure who asks."""

    PAPER = "paper"
    ELECTRONIC = "electronic"
    """VNeID."""
    CALLED_BACK = "called_back"
    """At the number that is in the record."""
    KNOWN = "known"
    """The commune's officer knows them."""
    NOT_SHOWN = "not_shown"


class Way(StrEnum):
    """By which a request came, or an answer went."""

    IN_PERSON = "in_person"
    PHONE = "phone"
    POST = "post"
    EMAIL = "email"


HANDED = (Way.IN_PERSON, Way.POST, Way.EMAIL)
"""Nobody reads an answer out on the phone."""


class Decision(StrEnum):
    GIVE = "give"
    PART = "part"
    """The particulars without what was told."""
    CORRECTED = "corrected"
    ERASE = "erase"
    LIMIT = "limit"
    """It serves the child's protection alone, no research."""
    REFUSE = "refuse"


class Ground(StrEnum):
    """Why not, or not all."""

    ENDANGERS = "endangers"
    INFORMANT = "informant"
    OTHERS = "others"
    PROCEEDING = "proceeding"
    DUTY = "duty"
    CHILD_REFUSES = "child_refuses"
    NOT_WRONG = "not_wrong"
    """Of a correction: what is kept is what was told then."""


class Refused(StrEnum):
    """Why a request as a whole is."""

    IDENTITY = "identity"
    NO_RIGHT = "no_right"


_LAW = (Ground.ENDANGERS, Ground.PROCEEDING, Ground.DUTY)
_TELLING = (Ground.ENDANGERS, Ground.INFORMANT, Ground.OTHERS, Ground.PROCEEDING, Ground.CHILD_REFUSES)
DECISIONS: Mapping[Want, Mapping[Decision, tuple[Ground, ...]]] = {
    Want.KNOW: {Decision.GIVE: (), Decision.REFUSE: _TELLING},
    Want.COPY: {Decision.GIVE: (), Decision.PART: _TELLING, Decision.REFUSE: _TELLING},
    Want.CORRECT: {Decision.CORRECTED: (), Decision.REFUSE: (Ground.NOT_WRONG, *_LAW)},
    Want.ERASE: {Decision.ERASE: (), Decision.REFUSE: _LAW},
    Want.RESTRICT: {Decision.LIMIT: (), Decision.REFUSE: _LAW},
    Want.OBJECT: {Decision.LIMIT: (), Decision.REFUSE: _LAW},
}
"""What can be answered to each wish, and the grounds of which one is named with it."""
TELLS = frozenset({Decision.GIVE, Decision.PART})
_OWN_PEOPLE = frozenset({Offender.PARENT, Offender.STEP_PARENT, Offender.CAREGIVER})
"""With whom a child lives, and who comes in its name."""


def due(received_at: datetime) -> datetime:
    """The last minute of the second working day after it came."""
    return after_working_days(received_at, WORKING_DAYS)


class Late(StrEnum):
    """How an alarm is told."""

    SOON = "soon"
    LATE = "late"
    LONG = "long"


SOON, _LONG = timedelta(hours=16), timedelta(hours=24)


def late(due_at: datetime, now: datetime) -> Late | None:
    """What is told of a request that is not answered: from the morning of its last day on."""
    if now > due_at + _LONG:
        return Late.LONG
    if now > due_at:
        return Late.LATE
    return Late.SOON if now > due_at - SOON else None


@dataclass(frozen=True, slots=True)
class Asker:
    """What the answers depend on. `offenders`: what those who are accused are to the child."""

    relation: Relation
    child_says: ChildSays | None
    identity: Identity
    offenders: Collection[Offender] = ()

    @property
    def barred(self) -> bool:
        """Whether nothing of a child may be told to them."""
        if self.identity is Identity.NOT_SHOWN:
            return True
        if self.relation in THEMSELVES:
            return False
        agreed = self.child_says in {ChildSays.AGREES, ChildSays.YOUNG}
        return not agreed or bool(_OWN_PEOPLE & set(self.offenders))


def check(want: Want, decision: Decision, ground: Ground | None, asker: Asker) -> str | None:
    """What is wrong with this answer: `not_a_choice`, `ground`, `barred`; None for nothing."""
    grounds = DECISIONS[want].get(decision)
    if grounds is None:
        return "not_a_choice"
    if ground not in (grounds or (None,)):
        return "ground"
    if asker.barred and decision is not Decision.REFUSE:
        return "barred"
    return None
