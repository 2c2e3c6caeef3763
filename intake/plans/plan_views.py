"""Plans as they are shown: each version with its actions and what became of them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline import staff
from hotline.clock import local
from hotline.ids import CaseId, StaffId
from hotline.staff import StaffView
from intake.plans.plan_rules import Content, Goal, Outcome, Planned, PlanState, Work, overdue
from intake.tables.plans import PlanActionRow, PlanResultRow, PlanRow


@dataclass(frozen=True, slots=True)
class ActionResult:
    """`text`: the result, or why it was not done; `attachment_id`: a file that shows it."""

    outcome: Outcome
    text: str
    evidence: str
    attachment_id: int | None
    by: StaffView
    at: datetime


@dataclass(frozen=True, slots=True)
class PlanAction:
    """`results`: the newest first, which is the one that holds."""

    id: int
    position: int
    planned: Planned
    results: tuple[ActionResult, ...]
    overdue: bool

    @property
    def outcome(self) -> Outcome | None:
        return self.results[0].outcome if self.results else None


@dataclass(frozen=True, slots=True)
class PlanVersion:
    """`approver`: who is named to decide, of the house or by name; `decided_for`: in whose place it was
    decided, when it was not their own."""

    version: int
    state: PlanState
    revision: int
    content: Content
    actions: tuple[PlanAction, ...]
    writers: frozenset[int]
    saved_by: StaffView
    saved_at: datetime
    submitted_by: StaffView | None
    submitted_at: datetime | None
    approver_id: StaffId | None
    approver: str
    decided_by: StaffView | None
    decided_for: StaffView | None
    decided_at: datetime | None
    decision_number: str
    comment: str


@dataclass(frozen=True, slots=True)
class PlanInForce:
    """How far the approved plan of a case has come. `overdue`: the actions whose day is over."""

    version: int
    total: int
    done: int
    not_done: int
    overdue: tuple[Planned, ...]
    next_due: date | None


def versions(session: Session, case_id: CaseId, now: datetime) -> list[PlanVersion]:
    """All of a case, the newest first: four statements, however many."""
    query = select(PlanRow).where(PlanRow.case_id == case_id).order_by(PlanRow.version.desc())
    rows = session.scalars(query).all()
    actions, results = _actions(session, [row.id for row in rows])
    told = [one for several in results.values() for one in several]
    ids = {who for row in rows for who in (row.saved_by, row.submitted_by, row.decided_by)}
    ids |= {row.approver_id for row in rows} | {row.decided_for for row in rows}
    ids |= {one.told_by for one in told}
    people = staff.some(session, {StaffId(who) for who in ids if who is not None})
    return [_version(row, actions[row.id], results, people, now) for row in rows]


def _actions(
    session: Session, plans: Sequence[int]
) -> tuple[Mapping[int, list[PlanActionRow]], Mapping[int, list[PlanResultRow]]]:
    """By plan in their order, and by action the newest result first."""
    actions: defaultdict[int, list[PlanActionRow]] = defaultdict(list)
    results: defaultdict[int, list[PlanResultRow]] = defaultdict(list)
    if not plans:
        return actions, results
    for row in session.scalars(
        select(PlanActionRow)
        .where(PlanActionRow.plan_id.in_(plans))
        .order_by(PlanActionRow.plan_id, PlanActionRow.position)
    ):
        actions[row.plan_id].append(row)
    for result in session.scalars(
        select(PlanResultRow)
        .join(PlanActionRow, PlanActionRow.id == PlanResultRow.action_id)
        .where(PlanActionRow.plan_id.in_(plans))
        .order_by(PlanResultRow.id.desc())
    ):
        results[result.action_id].append(result)
    return actions, results


def _version(
    row: PlanRow,
    actions: Sequence[PlanActionRow],
    results: Mapping[int, list[PlanResultRow]],
    people: Mapping[StaffId, StaffView],
    now: datetime,
) -> PlanVersion:
    def person(who: int | None) -> StaffView | None:
        return people[StaffId(who)] if who is not None else None

    state = PlanState(row.state)
    named = person(row.approver_id)
    return PlanVersion(
        version=row.version,
        state=state,
        revision=row.revision,
        content=content_of(row, actions),
        actions=tuple(_action(one, results.get(one.id, ()), people, state, now) for one in actions),
        writers=frozenset(row.writers),
        saved_by=people[StaffId(row.saved_by)],
        saved_at=row.saved_at,
        submitted_by=person(row.submitted_by),
        submitted_at=row.submitted_at,
        approver_id=named.id if named else None,
        approver=named.name if named else row.approver,
        decided_by=person(row.decided_by),
        decided_for=person(row.decided_for),
        decided_at=row.decided_at,
        decision_number=row.decision_number,
        comment=row.comment,
    )


def content_of(row: PlanRow, actions: Iterable[PlanActionRow]) -> Content:
    goals = {Goal(goal): text for goal, text in row.goals.items()}
    return Content(goals, tuple(_planned(one) for one in actions), row.source)


def _planned(row: PlanActionRow) -> Planned:
    return Planned(
        Work(row.work) if row.work else None,
        row.what,
        row.agency,
        row.person,
        row.coordination,
        row.due,
        row.cost,
    )


def _action(
    row: PlanActionRow,
    results: Sequence[PlanResultRow],
    people: Mapping[StaffId, StaffView],
    state: PlanState,
    now: datetime,
) -> PlanAction:
    told = tuple(
        ActionResult(
            Outcome(one.outcome),
            one.text,
            one.evidence,
            one.attachment_id,
            people[StaffId(one.told_by)],
            one.told_at,
        )
        for one in results
    )
    outcome = told[0].outcome if told else None
    late = state is PlanState.APPROVED and overdue(row.due, outcome, now)
    return PlanAction(row.id, row.position, _planned(row), told, late)


def in_force(session: Session, cases: Sequence[CaseId], now: datetime) -> dict[CaseId, PlanInForce]:
    """Case → its approved plan, for those that have one: three statements, however many cases."""
    plans = session.scalars(
        select(PlanRow).where(PlanRow.case_id.in_(cases), PlanRow.state == PlanState.APPROVED)
    ).all()
    actions, results = _actions(session, [one.id for one in plans])
    return {
        CaseId(plan.case_id): _in_force(plan.version, actions[plan.id], results, now) for plan in plans
    }


def _in_force(
    version: int,
    actions: Sequence[PlanActionRow],
    results: Mapping[int, list[PlanResultRow]],
    now: datetime,
) -> PlanInForce:
    outcomes = {
        one.id: Outcome(results[one.id][0].outcome) if one.id in results else None for one in actions
    }
    still = [one for one in actions if outcomes[one.id] is None]
    late = [one for one in still if overdue(one.due, None, now)]
    coming = [one.due for one in still if one.due is not None and one.due >= local(now).date()]
    told = list(outcomes.values())
    return PlanInForce(
        version,
        len(actions),
        told.count(Outcome.DONE),
        told.count(Outcome.NOT_DONE),
        tuple(_planned(one) for one in late),
        min(coming, default=None),
    )
