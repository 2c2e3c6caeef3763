"""A plan of support and intervention (NĐ 56/2017, Mẫu 04): what stands in it, and what becomes of it.

Pure. A version goes by `AFTER`: a draft is written until it is submitted, then approved or returned.
What was submitted is never changed: a returned or approved version is the beginning of the next draft,
and an approved one is superseded when the next is approved.

What is typed is one flat form of texts: `goal.<goal>`, `source`, `action.<position>.<name>`, positions
from 1. A draft may have gaps; `missing` names them when it is submitted.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from enum import StrEnum

from hotline.clock import HANOI
from hotline.errors import Conflict, FieldErrors
from intake.forms.forms import tidy

MOST_ACTIONS = 30
LONGEST = {
    "what": 1_000,
    "agency": 160,
    "person": 120,
    "coordination": 300,
    "source": 500,
    "goal": 2_000,
}
DEAREST = 2_000_000_000
"""Đồng: more than any plan of a child costs, and what the database's integers hold."""


class Goal(StrEnum):
    RECOVERY = "recovery"
    """Phục hồi tổn hại."""
    SAFETY = "safety"
    """Khắc phục yếu tố không an toàn."""
    INCLUSION = "inclusion"
    """Hòa nhập."""
    OTHER = "other"


class Work(StrEnum):
    """What kind of action."""

    MEDICAL = "medical"
    """Y tế, trị liệu."""
    SOCIAL = "social"
    """Trợ giúp xã hội."""
    EDUCATION = "education"
    LEGAL = "legal"
    OTHER = "other"


class PlanState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    SUPERSEDED = "superseded"


class Deed(StrEnum):
    SAVE = "save"
    SUBMIT = "submit"
    RETURN = "return"
    APPROVE = "approve"
    SUPERSEDE = "supersede"


AFTER: Mapping[tuple[PlanState, Deed], PlanState] = {
    (PlanState.DRAFT, Deed.SAVE): PlanState.DRAFT,
    (PlanState.DRAFT, Deed.SUBMIT): PlanState.SUBMITTED,
    (PlanState.SUBMITTED, Deed.RETURN): PlanState.RETURNED,
    (PlanState.SUBMITTED, Deed.APPROVE): PlanState.APPROVED,
    (PlanState.APPROVED, Deed.SUPERSEDE): PlanState.SUPERSEDED,
}


class Outcome(StrEnum):
    """What became of an action."""

    DONE = "done"
    NOT_DONE = "not_done"
    """With the reason."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One action. `due`: done by the end of this day in Vietnam; `cost`: whole đồng."""

    work: Work | None = None
    what: str = ""
    agency: str = ""
    person: str = ""
    coordination: str = ""
    due: date | None = None
    cost: int | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """What stands in a version. `source`: where the money comes from."""

    goals: Mapping[Goal, str]
    actions: tuple[Planned, ...]
    source: str = ""


EMPTY = Content({}, ())
_NEEDED = ("work", "what", "agency", "person", "due")
_ACTION = re.compile(r"action\.([0-9]{1,3})\.(\w+)")


def after(state: PlanState, deed: Deed) -> PlanState:
    """Raises Conflict when that may not be done with such a version (any more)."""
    try:
        return AFTER[state, deed]
    except KeyError:
        raise Conflict(f"the plan is {state}") from None


def read(texts: Mapping[str, str]) -> Content:
    """What was typed; an action without a single word is left out. Raises FieldErrors (`not_a_choice`,
    `not_a_date`, `not_a_number`, `too_long`, `too_many`, `unknown_field`)."""
    typed = {name: tidy(text).strip() for name, text in texts.items()}
    wrong: dict[str, str] = {}
    goals = {goal: typed.pop(f"goal.{goal}", "") for goal in Goal}
    wrong |= {f"goal.{goal}": "too_long" for goal, text in goals.items() if len(text) > LONGEST["goal"]}
    source = typed.pop("source", "")
    if len(source) > LONGEST["source"]:
        wrong["source"] = "too_long"
    actions: dict[int, Planned] = {}
    for name, text in typed.items():
        found = _ACTION.fullmatch(name)
        if found is None or found[2] not in _READERS:
            wrong[name] = "unknown_field"
            continue
        if text:
            position = int(found[1])
            try:
                actions[position] = _with(actions.get(position, Planned()), found[2], text)
            except ValueError as error:
                wrong[name] = str(error)
                actions.setdefault(position, Planned())
    if len(actions) > MOST_ACTIONS:
        wrong["actions"] = "too_many"
    if wrong:
        raise FieldErrors(wrong)
    told = {goal: text for goal, text in goals.items() if text}
    return Content(told, tuple(actions[position] for position in sorted(actions)), source)


def _with(action: Planned, name: str, text: str) -> Planned:
    """Raises ValueError with the code of what is wrong."""
    return _READERS[name](action, text)


def _work(action: Planned, text: str) -> Planned:
    if text not in set(Work):
        raise ValueError("not_a_choice")
    return replace(action, work=Work(text))


def _due(action: Planned, text: str) -> Planned:
    """As a date field sends it, or as people write it: 21/11/2026."""
    written = re.fullmatch(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})", text)
    try:
        due = date(*map(int, reversed(written.groups()))) if written else date.fromisoformat(text)
    except ValueError:
        raise ValueError("not_a_date") from None
    return replace(action, due=due)


def _cost(action: Planned, text: str) -> Planned:
    """1.500.000, 1,500,000 and 1500000 đ are the same."""
    digits = re.sub(r"[.,\s]|đ(ồng)?$", "", text.lower())
    if not re.fullmatch(r"[0-9]{1,10}", digits) or int(digits) > DEAREST:
        raise ValueError("not_a_number")
    return replace(action, cost=int(digits))


def _line(action: Planned, name: str, text: str) -> Planned:
    if len(text) > LONGEST[name]:
        raise ValueError("too_long")
    return replace(action, **{name: text})  # type: ignore[arg-type]


_READERS = {
    "work": _work,
    "what": lambda action, text: _line(action, "what", text),
    "agency": lambda action, text: _line(action, "agency", text),
    "person": lambda action, text: _line(action, "person", text),
    "coordination": lambda action, text: _line(action, "coordination", text),
    "due": _due,
    "cost": _cost,
}


def texts(content: Content) -> dict[str, str]:
    """The other way round: every field of the form that holds something."""
    found = {f"goal.{goal}": text for goal, text in content.goals.items()}
    if content.source:
        found["source"] = content.source
    for position, action in enumerate(content.actions, 1):
        found |= {f"action.{position}.{name}": text for name, text in _told(action) if text}
    return found


def _told(action: Planned) -> Iterator[tuple[str, str]]:
    yield "work", action.work or ""
    for name in ("what", "agency", "person", "coordination"):
        yield name, getattr(action, name)
    yield "due", action.due.isoformat() if action.due else ""
    yield "cost", "" if action.cost is None else str(action.cost)


def missing(content: Content) -> dict[str, str]:
    """Field → `missing`, for what a plan must have before it is submitted (Mẫu 04)."""
    gaps = [] if content.goals else ["goals"]
    if not content.actions:
        gaps.append("actions")
    for position, action in enumerate(content.actions, 1):
        gaps += [f"action.{position}.{name}" for name in _NEEDED if not getattr(action, name)]
    return dict.fromkeys(gaps, "missing")


def differing(mine: Mapping[str, str], stored: Mapping[str, str]) -> dict[str, str]:
    """Field → what is stored there, for every field that holds something else than was typed."""
    names = sorted(mine.keys() | stored.keys())
    typed = {name: tidy(mine.get(name, "")).strip() for name in names}
    return {name: stored.get(name, "") for name in names if typed[name] != stored.get(name, "")}


def ends_at(due: date) -> datetime:
    """When that day is over in Vietnam: an aware instant from which the action is overdue."""
    return datetime.combine(due, time(23, 59, 59, 999999), HANOI)


def overdue(due: date | None, outcome: Outcome | None, now: datetime) -> bool:
    """Whether it should have been done, and nobody has said what became of it."""
    return due is not None and outcome is None and now > ends_at(due)


def decides(
    who: int, *, approver: int | None, stands_in_for: frozenset[int], writers: frozenset[int]
) -> int | None:
    """In whose place `who` decides a version that names `approver`: their own, or that of somebody they
    stand in for now; None when they may not. Whoever wrote in it never does, in whoever's place. What
    somebody outside the house decides (`approver` None) is told by anybody who did not write in it.
    """
    if who in writers:
        return None
    if approver is None or who == approver:
        return who
    return approver if approver in stands_in_for else None
