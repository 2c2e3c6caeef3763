"""The way of a case as a table: state → the one next step, what it needs, where it leads. Pure.

NĐ 56/2017 Đ22–33: received → reported to the commune → first assessment → (emergency measure) → plan →
approval → carried out → reviewed → watched for three months → closed. States are entered only through a
completed step, never inferred from dates. Every open state has exactly one next step with a clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from hotline.errors import Conflict, FieldErrors
from intake.deadlines import Clock
from intake.forms import tidy
from intake.taxonomy import Risk


class State(StrEnum):
    RECEIVED = "received"
    ASSESSING = "assessing"
    PROTECTING = "protecting"
    PLANNING = "planning"
    APPROVING = "approving"
    CARRYING_OUT = "carrying_out"
    WATCHING = "watching"
    CLOSED = "closed"


class Step(StrEnum):
    REPORT_TO_COMMUNE = "report_to_commune"
    ASSESS_RISK = "assess_risk"
    TAKE_EMERGENCY_MEASURE = "take_emergency_measure"
    DRAFT_PLAN = "draft_plan"
    APPROVE_PLAN = "approve_plan"
    REVIEW = "review"
    END_WATCH = "end_watch"


class Review(StrEnum):
    """Conclusion of Mẫu 06."""

    STABLE = "stable"
    STILL_AT_RISK = "still_at_risk"


class Approval(StrEnum):
    APPROVED = "approved"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Question:
    """What a step asks. Without `choices` it is a line of text of at most `longest` characters."""

    name: str
    choices: tuple[str, ...] = ()
    required: bool = True
    longest: int = 300


NOTE = Question("note", required=False, longest=5_000)


@dataclass(frozen=True, slots=True)
class Rule:
    """One state's next step. `leads`: the deciding answer → next state; without a `decides` question
    the only entry is `""`.
    """

    step: Step
    clock: Clock
    questions: tuple[Question, ...]
    leads: Mapping[str, State]
    decides: str = ""


TABLE: Mapping[State, Rule] = {
    State.RECEIVED: Rule(
        Step.REPORT_TO_COMMUNE,
        Clock.REPORT,
        (Question("recipient"), Question("acknowledged_by"), NOTE),
        {"": State.ASSESSING},
    ),
    State.ASSESSING: Rule(
        Step.ASSESS_RISK,
        Clock.ASSESSMENT,
        (Question("conclusion", tuple(Risk)), NOTE),
        {
            Risk.EMERGENCY: State.PROTECTING,
            Risk.PLAN: State.PLANNING,
            Risk.WATCH: State.WATCHING,
        },
        decides="conclusion",
    ),
    State.PROTECTING: Rule(
        Step.TAKE_EMERGENCY_MEASURE,
        Clock.EMERGENCY,
        (Question("measure"), Question("agency"), NOTE),
        {"": State.PLANNING},
    ),
    State.PLANNING: Rule(
        Step.DRAFT_PLAN,
        Clock.PLAN,
        (Question("plan", longest=5_000), NOTE),
        {"": State.APPROVING},
    ),
    State.APPROVING: Rule(
        Step.APPROVE_PLAN,
        Clock.APPROVAL,
        (Question("decision", tuple(Approval)), Question("approver"), NOTE),
        {Approval.APPROVED: State.CARRYING_OUT, Approval.RETURNED: State.PLANNING},
        decides="decision",
    ),
    State.CARRYING_OUT: Rule(
        Step.REVIEW,
        Clock.REVIEW,
        (Question("review", tuple(Review)), NOTE),
        {Review.STABLE: State.WATCHING, Review.STILL_AT_RISK: State.PLANNING},
        decides="review",
    ),
    State.WATCHING: Rule(
        Step.END_WATCH,
        Clock.FOLLOW_UP,
        (Question("review", tuple(Review)), NOTE),
        {Review.STABLE: State.CLOSED, Review.STILL_AT_RISK: State.PLANNING},
        decides="review",
    ),
}


def rule(state: State) -> Rule | None:
    """The next step in this state; None when the case is closed."""
    return TABLE.get(state)


def answers(asked: Rule, given: Mapping[str, str]) -> dict[str, str]:
    """The guard: the step's answers, tidied. Raises FieldErrors with `missing`, `not_a_choice`,
    `too_long` or `unknown_field`.
    """
    names = {question.name for question in asked.questions}
    wrong = {name: "unknown_field" for name in given if name not in names}
    cleaned: dict[str, str] = {}
    for question in asked.questions:
        text = tidy(given.get(question.name, "")).strip()
        if not text:
            if question.required:
                wrong[question.name] = "missing"
        elif question.choices and text not in question.choices:
            wrong[question.name] = "not_a_choice"
        elif len(text) > question.longest:
            wrong[question.name] = "too_long"
        else:
            cleaned[question.name] = text
    if wrong:
        raise FieldErrors(wrong)
    return cleaned


def after(state: State, step: str, cleaned: Mapping[str, str]) -> State:
    """Where completing `step` leads. Raises Conflict when that is not the next step (any more)."""
    asked = rule(state)
    if asked is None or asked.step != step:
        raise Conflict(f"the case is in state {state}")
    return asked.leads[cleaned[asked.decides] if asked.decides else ""]
