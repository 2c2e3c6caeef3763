"""The way of a case as two tables. Pure.

`TABLE`: state → the one next step, its clock, what it asks and needs, where it leads. NĐ 56/2017 Đ22–33:
received → reported to the commune → first assessment → (emergency measure) → verified → plan →
approval → carried out → reviewed → watched for three months → closed. `TURNS`: what may happen besides,
with a reason: referred to another body, refused, opened again, protected at once. States are entered
only through a completed step, never inferred from dates; docs/case-states.md draws both tables.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from itertools import chain

from hotline.access import Action
from hotline.errors import Conflict, FieldErrors
from intake.cases.deadlines import Clock
from intake.cases.flow_terms import (
    Approval,
    Finding,
    Ground,
    Measure,
    Need,
    Question,
    Referral,
    Review,
    Rule,
    State,
    Step,
    Turn,
)
from intake.forms.forms import tidy
from intake.forms.taxonomy import Risk

__all__ = [
    "CLOSED",
    "NOTE",
    "OPENED",
    "SPINE",
    "STEPPED",
    "TABLE",
    "TO_AUTHORITIES",
    "TURNS",
    "Measure",
    "Need",
    "Question",
    "Rule",
    "State",
    "Step",
    "Turn",
    "after",
    "answers",
    "asked",
    "begins_anew",
    "cleaned",
    "missing",
    "rule",
    "turns",
]

SPINE = OPENED, STEPPED = "opened", "step"
"""Kinds of the entries by which a case's states are made, and its times counted."""
TO_AUTHORITIES = "to_authorities"
"""Among the answers of the first step: nobody was known to be a child (`intake.forms.trafficking`), so
whoever receives victims was told in the commune's place."""
NOTE = Question("note", required=False, longest=5_000)
_REASON = Question("reason", longest=1_000)

_REPORT = Rule(
    Step.REPORT_TO_COMMUNE,
    Clock.REPORT,
    (Question("recipient"), Question("acknowledged_by"), NOTE),
    {"": State.ASSESSING},
    needs={"": (Need.PLACE,)},
)

TABLE: Mapping[State, Rule] = {
    State.RECEIVED: _REPORT,
    State.ASSESSING: Rule(
        Step.ASSESS_RISK,
        Clock.ASSESSMENT,
        (Question("conclusion", tuple(Risk)), NOTE),
        {
            Risk.EMERGENCY: State.PROTECTING,
            Risk.PLAN: State.VERIFYING,
            Risk.WATCH: State.WATCHING,
        },
        decides="conclusion",
    ),
    State.PROTECTING: Rule(
        Step.TAKE_EMERGENCY_MEASURE,
        Clock.EMERGENCY,
        (
            Question("kind", tuple(Measure)),
            Question("days", number=15, only_if=("kind", Measure.SEPARATION)),
            Question("decision_number", only_if=("kind", Measure.SEPARATION)),
            Question("measure"),
            Question("agency"),
            NOTE,
        ),
        {"": State.VERIFYING},
    ),
    State.VERIFYING: Rule(
        Step.VERIFY,
        Clock.VERIFICATION,
        (Question("finding", tuple(Finding)), Question("verified_by"), NOTE),
        {Finding.HIGH: State.PLANNING, Finding.LOW: State.WATCHING},
        decides="finding",
        needs={"": (Need.PLACE, Need.CHILD)},
    ),
    State.PLANNING: Rule(
        Step.DRAFT_PLAN,
        Clock.PLAN,
        (Question("plan"), NOTE),
        {"": State.APPROVING},
    ),
    State.APPROVING: Rule(
        Step.APPROVE_PLAN,
        Clock.APPROVAL,
        (
            Question("decision", tuple(Approval)),
            Question("approver"),
            Question("in_place_of", required=False),
            Question("number", required=False),
            NOTE,
        ),
        {Approval.APPROVED: State.CARRYING_OUT, Approval.RETURNED: State.PLANNING},
        decides="decision",
    ),
    State.CARRYING_OUT: Rule(
        Step.CARRY_OUT,
        Clock.CARRY_OUT,
        (Question("done", longest=5_000),),
        {"": State.REVIEWING},
        needs={"": (Need.RESULTS,)},
    ),
    State.REVIEWING: Rule(
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
        needs={Review.STABLE: (Need.WATCHED, Need.TOGETHER)},
    ),
    State.REFERRED: Rule(
        Step.FOLLOW_REFERRAL,
        Clock.REFERRAL,
        (Question("outcome", tuple(Referral)), Question("told_by"), NOTE),
        {
            Referral.UNDER_WAY: State.REFERRED,
            Referral.SETTLED: State.CLOSED,
            Referral.GIVEN_BACK: State.REOPENED,
        },
        decides="outcome",
        needs={Referral.SETTLED: (Need.TOGETHER,)},
    ),
    State.REOPENED: _REPORT,
}

CLOSED = frozenset(State) - TABLE.keys()
"""States without a next step."""

TURNS: Mapping[Step, Turn] = {
    turn.step: turn
    for turn in (
        Turn(
            Step.PROTECT_NOW,
            frozenset(TABLE) - {State.RECEIVED, State.REOPENED, State.ASSESSING, State.PROTECTING},
            State.PROTECTING,
            (_REASON,),
        ),
        Turn(
            Step.REFER,
            frozenset(TABLE) - {State.REFERRED},
            State.REFERRED,
            (Question("receiver"), Question("acknowledged_by"), _REASON),
        ),
        Turn(
            Step.REFUSE,
            frozenset({State.RECEIVED, State.REOPENED, State.ASSESSING, State.VERIFYING}),
            State.REFUSED,
            (Question("ground", tuple(Ground)), _REASON),
            Action.REFUSE_CASE,
            (Need.TOGETHER,),
        ),
        Turn(Step.REOPEN, CLOSED, State.REOPENED, (_REASON,)),
    )
}


def rule(state: State) -> Rule | None:
    """The next step in this state; None when the case is closed."""
    return TABLE.get(state)


def turns(state: State) -> tuple[Turn, ...]:
    """What else may happen in this state."""
    return tuple(turn for turn in TURNS.values() if state in turn.leaves)


def asked(state: State, step: str) -> Rule | Turn:
    """What `step` asks in this state. Raises Conflict when it is not its time (any more)."""
    following = rule(state)
    if following is not None and following.step == step:
        return following
    for turn in turns(state):
        if turn.step == step:
            return turn
    raise Conflict(f"the case is in state {state}")


def questions(of: Rule | Turn, *, adults: bool) -> tuple[Question, ...]:
    """What the step asks. Nobody is kept from their parents in a case of adults."""
    if not adults:
        return of.questions
    return tuple(
        replace(each, choices=tuple(one for one in each.choices if one != Measure.SEPARATION))
        for each in of.questions
        if each.only_if is None or each.only_if[1] != Measure.SEPARATION
    )


def answers(of: Rule | Turn, given: Mapping[str, str], *, adults: bool = False) -> dict[str, str]:
    """The step's answers, tidied. Raises FieldErrors with `missing`, `not_a_choice`, `too_long`,
    `not_a_number` or `unknown_field`.
    """
    return cleaned(questions(of, adults=adults), given)


def cleaned(asked: Sequence[Question], given: Mapping[str, str]) -> dict[str, str]:
    """The same for any questions."""
    names = {question.name for question in asked}
    wrong = {name: "unknown_field" for name in given if name not in names}
    told = {name: tidy(text).strip() for name, text in given.items()}
    kept: dict[str, str] = {}
    for question in asked:
        if question.only_if is not None and told.get(question.only_if[0]) != question.only_if[1]:
            continue
        text = told.get(question.name, "")
        if problem := _problem(question, text):
            wrong[question.name] = problem
        elif text:
            kept[question.name] = text
    if wrong:
        raise FieldErrors(wrong)
    return kept


def _problem(question: Question, text: str) -> str | None:
    """The code of what is wrong with this answer."""
    if not text:
        return "missing" if question.required else None
    if question.choices and text not in question.choices:
        return "not_a_choice"
    if len(text) > question.longest:
        return "too_long"
    if question.number:
        is_number = text.isascii() and text.isdecimal() and len(text) <= 4
        return None if is_number and 0 < int(text) <= question.number else "not_a_number"
    return None


def missing(of: Rule | Turn, have: Set[Need], decision: str | None = None) -> tuple[Need, ...]:
    """What the case lacks for this step with this deciding answer; None: whatever the answer will be."""
    if isinstance(of, Turn):
        needed = of.needs
    else:
        wanted = {""} if decision is None else {"", decision}
        needed = tuple(chain.from_iterable(of.needs.get(each, ()) for each in sorted(wanted)))
    return tuple(need for need in needed if need not in have)


def after(state: State, step: str, given: Mapping[str, str], have: Set[Need]) -> State:
    """Where completing `step` leads, with these clean answers. Raises Conflict when it is not its time,
    FieldErrors with `needed` for each need that the case does not meet.
    """
    of = asked(state, step)
    decision = given[of.decides] if isinstance(of, Rule) and of.decides else ""
    if lacking := missing(of, have, decision):
        raise FieldErrors(dict.fromkeys(lacking, "needed"))
    return of.to if isinstance(of, Turn) else of.leads[decision]


def begins_anew(step: str, to: State) -> bool:
    """Whether the hotline has heard of it anew by this step: then the clocks of receipt begin anew."""
    return to is State.REOPENED or step == Step.PROTECT_NOW
