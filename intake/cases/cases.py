"""Cases: opened from a record once, moved on step by step, with a deadline for each step.

`intake.cases.flow` says what comes next, `intake.cases.deadlines` by when; here are the rows, the spine
of events and the rights.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import Integer, Select, bindparam, func, select, text
from sqlalchemy.orm import Session

from hotline import audit, broken_glass, staff
from hotline.access import Action, Role, Viewer, may
from hotline.clock import local
from hotline.db import UtcDateTime
from hotline.errors import BadInput, Conflict, FieldErrors, NotAllowed
from hotline.ids import CaseId, RecordId
from intake.cases import (
    case_limits,
    case_lists,
    case_rows,
    case_warnings,
    case_way,
    flow,
    separations,
    untold_actions,
)
from intake.cases.case_views import CaseCall, CaseEvent, CaseLine, CaseView, view
from intake.cases.case_way import NextStep
from intake.forms.forms import About, tidy
from intake.forms.taxonomy import Disposition, Risk
from intake.records import records
from intake.searching import case_told
from intake.tables.calls import CallRow
from intake.tables.cases import CaseRow
from intake.tables.records import RecordRow
from intake.visibility import given, reachable_cases, whoever

__all__ = [
    "BY_PLAN",
    "CaseCall",
    "CaseEvent",
    "CaseLine",
    "CaseView",
    "NextStep",
    "Standing",
    "add_note",
    "advance",
    "case",
    "cases",
    "complete_step",
    "open_from_record",
    "reads",
    "standing",
]

NOTE_LONGEST = 20_000
BY_PLAN = frozenset({flow.Step.DRAFT_PLAN, flow.Step.APPROVE_PLAN})
"""Completed by submitting and approving a plan (`intake.plans.case_plans`), by nothing else."""


def open_from_record(session: Session, viewer: Viewer, record_id: RecordId, now: datetime) -> CaseId:
    """Close the record as escalated and open its case, in the caller's one transaction.

    Pressed twice or in two tabs it is the same case. Raises NotVisible, NotAllowed.
    """
    if not may(viewer, Action.WRITE_CASE):
        raise NotAllowed("open a case")
    record = records.writable_row(session, viewer, record_id)
    known = case_told.case_id_of(session, record.id)
    if known is not None:
        return known
    records.close_as(session, viewer, record, Disposition.ESCALATED, now)
    row = _open(session, viewer, record, now)
    case_rows.append(session, viewer, row, flow.OPENED, now)
    row.due_at = case_limits.due(session, row)
    audit.note(session, viewer, audit.Act.CREATE, "case", row.id, now)
    session.flush()
    return CaseId(row.id)


def _open(session: Session, viewer: Viewer, record: RecordRow, now: datetime) -> CaseRow:
    call = session.get(CallRow, record.call_id) if record.call_id else None
    received_at = call.arrived_at if call else record.received_at or record.created_at
    row = CaseRow(
        number=_next_number(session, record.center_id, now),
        state=flow.State.RECEIVED,
        owner_id=viewer.staff_id if may(viewer, Action.TAKE_CALLS) else record.owner_id,
        opened_by=viewer.staff_id,
        center_id=record.center_id,
        received_at=received_at,
        heard_at=received_at,
        opened_at=now,
        entered_at=now,
    )
    session.add(row)
    session.flush()
    case_rows.put_record(session, viewer, row, record, now)
    return row


def _next_number(session: Session, center_id: int, now: datetime) -> str:
    """`2026-HN-000123`: one upsert, so that two transactions never get the same; both databases
    understand it. A rolled-back transaction gives its number back.
    """
    year = local(now).year
    last = session.execute(
        text(
            "INSERT INTO case_counter (center_id, year, last) VALUES (:center, :year, 1)"
            " ON CONFLICT (center_id, year) DO UPDATE SET last = case_counter.last + 1"
            " RETURNING last"
        ),
        {"center": center_id, "year": year},
    ).scalar_one()
    code = next(center.code for center in staff.centers(session) if center.id == center_id)
    return f"{year}-{code.upper()}-{last:06d}"


def case(session: Session, viewer: Viewer, case_id: CaseId, now: datetime) -> CaseView:
    """One case, audited with those that stand in it; what is new in it is not new to its owner any more.
    Raises NotVisible."""
    row = case_rows.readable(session, viewer, case_id)
    if row.news_at is not None and row.owner_id == viewer.staff_id:
        row.news_at = None
    shown = view(session, viewer, row, now)
    through = broken_glass.said(viewer, Action.READ_CASE, row.id)
    audit.note(session, viewer, audit.Act.SEE, "case", row.id, now, through)
    for one in shown.merged:
        audit.note(
            session, viewer, audit.Act.SEE, "case", one.id, now, f"in c{row.id} {through}".strip()
        )
    return shown


def reads(session: Session, viewer: Viewer, case_id: CaseId) -> bool:
    """Whether the viewer may read it."""
    query = select(CaseRow.id).where(CaseRow.id == case_id, reachable_cases(viewer, Action.READ_CASE))
    return session.scalar(query) is not None


def cases(session: Session, viewer: Viewer, now: datetime, limit: int = 100) -> Sequence[CaseLine]:
    """Open cases the viewer may read, the next deadline first."""
    rows = session.scalars(_open_cases(viewer.role), {**given(viewer), "most": limit}).all()
    return case_lists.lines_of(session, rows, now)


@dataclass(frozen=True, slots=True)
class Standing:
    """Open cases within somebody's reach. `next_due`: of those that are not late yet."""

    open: int
    overdue: int
    next_due: datetime | None


def standing(session: Session, viewer: Viewer, now: datetime) -> Standing:
    """How the cases of the viewer's scope stand, in one statement."""
    return Standing(*session.execute(_standing(viewer.role), {**given(viewer), "now": now}).one())


@cache
def _standing(role: Role) -> Select[int, int, datetime | None]:
    now = bindparam("now", type_=UtcDateTime)
    return select(
        func.count(),
        func.count().filter(CaseRow.due_at < now),
        func.min(CaseRow.due_at).filter(CaseRow.due_at >= now),
    ).where(reachable_cases(whoever(role), Action.READ_CASE), CaseRow.closed_at.is_(None))


@cache
def _open_cases(role: Role) -> Select[CaseRow]:
    return (
        select(CaseRow)
        .where(reachable_cases(whoever(role), Action.READ_CASE), CaseRow.closed_at.is_(None))
        .order_by(CaseRow.due_at, CaseRow.id)
        .limit(bindparam("most", type_=Integer))
    )


def complete_step(
    session: Session,
    viewer: Viewer,
    case_id: CaseId,
    step: str,
    answers: Mapping[str, str],
    now: datetime,
) -> CaseView:
    """Complete the next step, or take a turn off the way. Raises NotVisible, NotAllowed for a turn that
    is not the viewer's to take, FieldErrors (what is missing), and Conflict when it is not the time of
    `step` any more: somebody else was faster; also for a step that a plan completes.
    """
    row = case_rows.writable(session, viewer, case_id)
    if step in BY_PLAN:
        raise Conflict("by_plan")
    advance(session, viewer, row, step, answers, now)
    return view(session, viewer, row, now)


def advance(
    session: Session,
    viewer: Viewer,
    row: CaseRow,
    step: str,
    answers: Mapping[str, str],
    now: datetime,
) -> None:
    """The same for whoever has seen that the viewer reaches the case. Raises as `complete_step` does."""
    state = flow.State(row.state)
    asked = flow.asked(state, step)
    if isinstance(asked, flow.Turn) and not case_way.may_take(row, viewer, asked.right):
        raise NotAllowed(asked.right)
    cleaned = flow.answers(asked, answers, adults=row.adults)
    following = flow.after(state, step, cleaned, _met(session, row, now))
    if cleaned.get("kind") == flow.Measure.SEPARATION:
        separations.begin(session, row, int(cleaned["days"]), now)
    _enter(session, row, asked.step, following, now)
    if asked.step is flow.Step.ASSESS_RISK:
        row.risk = cleaned["conclusion"]
    if asked.step is flow.Step.REPORT_TO_COMMUNE and row.adults:
        cleaned[flow.TO_AUTHORITIES] = "1"
    case_rows.append(session, viewer, row, flow.STEPPED, now, code=step, answers=cleaned)
    audit.note(session, viewer, audit.Act.CHANGE, "case", row.id, now, step)
    session.flush()


def _met(session: Session, row: CaseRow, now: datetime) -> frozenset[flow.Need]:
    people = [
        person
        for told in case_told.of_cases(session, [row.id])
        for one in told.records
        for person in one.people
    ]
    changed = case_limits.changed_for(session, row)
    return case_way.have(
        row,
        has_child=any(one.about == About.CHILD and one.fields for one in people),
        separated=bool(separations.running(session, row, changed, now)),
        untold=untold_actions.are_there(session, row),
        changed=changed,
        now=now,
    )


def _enter(session: Session, row: CaseRow, by: flow.Step, state: flow.State, now: datetime) -> None:
    row.state = state
    row.entered_at = now
    if flow.begins_anew(by, state):
        row.heard_at = now
    if state is flow.State.PROTECTING:
        row.risk = Risk.EMERGENCY
    row.closed_at = now if state in flow.CLOSED else None
    row.due_at = case_limits.due(session, row)
    session.flush()
    case_warnings.settle(session, row, now)


def add_note(
    session: Session,
    viewer: Viewer,
    case_id: CaseId,
    note: str,
    now: datetime,
    happened_at: datetime | None = None,
) -> CaseView:
    """Append to the spine; `happened_at` when it was earlier than now. Raises NotVisible,
    FieldErrors (`missing`, `too_long`), BadInput for a time to come.
    """
    row = case_rows.writable(session, viewer, case_id)
    written = tidy(note).strip()
    if not written or len(written) > NOTE_LONGEST:
        raise FieldErrors({"note": "too_long" if written else "missing"})
    if happened_at is not None and happened_at > now:
        raise BadInput("a note is about what has happened")
    case_rows.append(session, viewer, row, "note", now, words=written, happened_at=happened_at)
    audit.note(session, viewer, audit.Act.CHANGE, "case", row.id, now, "note")
    session.flush()
    return view(session, viewer, row, now)
