"""What the tables of `intake.cases.flow` are made of: states, steps, questions, needs. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from hotline.access import Action
from intake.cases.deadlines import Clock


class State(StrEnum):
    RECEIVED = "received"
    ASSESSING = "assessing"
    PROTECTING = "protecting"
    VERIFYING = "verifying"
    PLANNING = "planning"
    APPROVING = "approving"
    CARRYING_OUT = "carrying_out"
    REVIEWING = "reviewing"
    WATCHING = "watching"
    REFERRED = "referred"
    """With another body, which has said that it took the case over; 111 keeps it in sight."""
    REOPENED = "reopened"
    """Taken up again: the commune is told anew, and the clocks begin anew."""
    REFUSED = "refused"
    CLOSED = "closed"


class Step(StrEnum):
    REPORT_TO_COMMUNE = "report_to_commune"
    ASSESS_RISK = "assess_risk"
    TAKE_EMERGENCY_MEASURE = "take_emergency_measure"
    VERIFY = "verify"
    DRAFT_PLAN = "draft_plan"
    APPROVE_PLAN = "approve_plan"
    CARRY_OUT = "carry_out"
    REVIEW = "review"
    END_WATCH = "end_watch"
    FOLLOW_REFERRAL = "follow_referral"
    PROTECT_NOW = "protect_now"
    REFER = "refer"
    REFUSE = "refuse"
    REOPEN = "reopen"


class Measure(StrEnum):
    """Kinds of emergency protection: Mẫu 02, section 2, and Đ31–32."""

    SHELTER = "shelter"
    MEDICAL = "medical"
    GUARD = "guard"
    """The offender is kept away from the child."""
    SEPARATION = "separation"
    """The child is kept apart from parents or carer: at most 15 days."""


class Review(StrEnum):
    """Conclusion of Mẫu 06."""

    STABLE = "stable"
    STILL_AT_RISK = "still_at_risk"


class Finding(StrEnum):
    """Conclusion of Mẫu 03, section 3: high risk, or little or none."""

    HIGH = "high"
    LOW = "low"


class Approval(StrEnum):
    APPROVED = "approved"
    RETURNED = "returned"


class Referral(StrEnum):
    """What became of a case that another body took over."""

    UNDER_WAY = "under_way"
    SETTLED = "settled"
    GIVEN_BACK = "given_back"


class Ground(StrEnum):
    """Why a case is refused; ours, the law names none."""

    NOT_A_CHILD = "not_a_child"
    UNFOUNDED = "unfounded"
    KNOWN_ALREADY = "known_already"
    NOT_OURS = "not_ours"


class Need(StrEnum):
    """What must be true of a case before a step of it; said to the owner before they try."""

    PLACE = "place"
    """Where it happened is told: only then it is known whose commune is told."""
    CHILD = "child"
    """At least one child is told of."""
    RESULTS = "results"
    """Of every action of the plan in force it is told what became of it."""
    WATCHED = "watched"
    """The three months of the watch are over."""
    TOGETHER = "together"
    """No child of the case is kept apart from their parents now."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a step asks. Without `choices` it is a line of text of at most `longest` characters, or a
    whole number from 1 to `number`. `only_if`: it is asked only where another question has this answer.
    """

    name: str
    choices: tuple[str, ...] = ()
    required: bool = True
    longest: int = 300
    number: int = 0
    only_if: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One state's next step. `leads`: the deciding answer → next state; without a `decides` question
    the only entry is `""`. `needs`: the deciding answer → what it needs, `""`: whatever the answer.
    """

    step: Step
    clock: Clock
    questions: tuple[Question, ...]
    leads: Mapping[str, State]
    decides: str = ""
    needs: Mapping[str, tuple[Need, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Turn:
    """A way off the path, open from several states, never without a reason. `right`: what its taker
    must be allowed to do to the case.
    """

    step: Step
    leaves: frozenset[State]
    to: State
    questions: tuple[Question, ...]
    right: Action = Action.WRITE_CASE
    needs: tuple[Need, ...] = ()
