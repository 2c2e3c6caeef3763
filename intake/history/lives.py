"""How a made-up case goes its way: by the table of real ones, each step after an assumed time. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from intake.cases import flow
from intake.cases.flow import State
from intake.cases.flow_terms import Approval, Finding, Review
from intake.history.people import SAID

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_AFTER: Mapping[State, tuple[timedelta, timedelta]] = {
    State.RECEIVED: (timedelta(minutes=5), timedelta(minutes=40)),
    State.ASSESSING: (_HOUR, 10 * _HOUR),
    State.PROTECTING: (_HOUR, 12 * _HOUR),
    State.VERIFYING: (_DAY, 4 * _DAY),
    State.PLANNING: (_DAY, 6 * _DAY),
    State.APPROVING: (4 * _HOUR, 2 * _DAY),
    State.CARRYING_OUT: (14 * _DAY, 40 * _DAY),
    State.REVIEWING: (_DAY, 5 * _DAY),
    State.WATCHING: (90 * _DAY, 100 * _DAY),
}
"""State → the shortest and the longest time until its step is done."""
_DECIDED: Mapping[str, str] = {
    "finding": Finding.HIGH,
    "decision": Approval.APPROVED,
    "review": Review.STABLE,
}


@dataclass(frozen=True, slots=True)
class Done:
    """One step of a case."""

    step: str
    answers: Mapping[str, str]
    at: datetime


@dataclass(frozen=True, slots=True)
class Life:
    """`due_at`: when the next step would be done; None for a closed case, which was closed at the end of
    its last step."""

    state: State
    done: tuple[Done, ...]
    due_at: datetime | None


def life(chance: Random, opened_at: datetime, risk: str, now: datetime) -> Life:
    """All that has happened until `now` in a case that was opened then."""
    state, at = State.RECEIVED, opened_at
    done: list[Done] = []
    while (rule := flow.rule(state)) is not None:
        shortest, longest = _AFTER[state]
        at += shortest + (longest - shortest) * chance.random()
        if at > now:
            return Life(state, tuple(done), at)
        answers = {
            question.name: _answer(question, risk)
            for question in rule.questions
            if question.required and question.only_if is None
        }
        state = rule.leads[answers[rule.decides] if rule.decides else ""]
        done.append(Done(rule.step, answers, at))
    return Life(state, tuple(done), None)


def _answer(question: flow.Question, risk: str) -> str:
    if question.name == "conclusion":
        return risk
    return _DECIDED.get(question.name) or (question.choices[0] if question.choices else SAID)
