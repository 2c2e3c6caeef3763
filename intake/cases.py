"""Cases: opened from a record once, moved on step by step, with a deadline for each step.

`intake.flow` says what comes next, `intake.deadlines` by when; here are the rows, the spine of events
and the rights.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import Integer, Select, bindparam, select, text
from sqlalchemy.orm import Session

from hotline import audit, staff
from hotline.access import Action, Role, Viewer, may
from hotline.clock import local
from hotline.errors import BadInput, Conflict, FieldErrors, NotAllowed, NotVisible
from hotline.ids import CaseId, RecordId, StaffId
from intake import flow, records, search_index
from intake.case_views import (
    CaseCall,
    CaseEvent,
    CaseLine,
    CaseView,
    NextStep,
    due,
    next_step,
    risk_of,
    view,
)
from intake.forms import place_told, tidy
from intake.tables import CallRow, CaseEventRow, CaseRow, RecordRow
from intake.taxonomy import Disposition
from intake.visibility import given, reachable_cases, whoever

__all__ = [
    "CaseCall",
    "CaseEvent",
    "CaseLine",
    "CaseView",
    "NextStep",
    "add_note",
    "case",
    "cases",
    "complete_step",
    "open_from_record",
]

NOTE_LONGEST = 20_000


def open_from_record(session: Session, viewer: Viewer, record_id: RecordId, now: datetime) -> CaseId:
    """Close the record as escalated and open its case, in the caller's one transaction.

    Pressed twice or in two tabs it is the same case. Raises NotVisible, NotAllowed.
    """
    if not may(viewer, Action.WRITE_CASE):
        raise NotAllowed("open a case")
    record = records.writable_row(session, viewer, record_id)
    known = session.scalar(select(CaseRow.id).where(CaseRow.record_id == record.id))
    if known is not None:
        return CaseId(known)
    records.close_as(session, viewer, record, Disposition.ESCALATED, now)
    row = _open(session, viewer, record, now)
    _append(session, viewer, row, "opened", now)
    audit.note(session, viewer, audit.Act.CREATE, "case", row.id, now)
    session.flush()
    return CaseId(row.id)


def _open(session: Session, viewer: Viewer, record: RecordRow, now: datetime) -> CaseRow:
    call = session.get(CallRow, record.call_id) if record.call_id else None
    received_at = call.arrived_at if call else record.received_at or record.created_at
    row = CaseRow(
        number=_next_number(session, record.center_id, now),
        record_id=record.id,
        call_id=record.call_id,
        state=flow.State.RECEIVED,
        owner_id=viewer.staff_id if may(viewer, Action.TAKE_CALLS) else record.owner_id,
        opened_by=viewer.staff_id,
        center_id=record.center_id,
        received_at=received_at,
        opened_at=now,
        entered_at=now,
    )
    row.due_at = due(row)
    session.add(row)
    session.flush()
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
    """One case, audited. Raises NotVisible."""
    row = _row(session, viewer, Action.READ_CASE, case_id)
    audit.note(session, viewer, audit.Act.SEE, "case", row.id, now)
    return view(session, row, now)


def cases(session: Session, viewer: Viewer, now: datetime, limit: int = 100) -> Sequence[CaseLine]:
    """Open cases the viewer may read, the next deadline first."""
    rows = session.execute(_open_cases(viewer.role), {**given(viewer), "most": limit}).all()
    people = staff.some(session, {StaffId(row.owner_id) for row, _ in rows})
    return [
        CaseLine(
            id=CaseId(row.id),
            number=row.number,
            state=flow.State(row.state),
            risk=risk_of(row, told),
            place=place_told(told),
            owner=people[StaffId(row.owner_id)],
            opened_at=row.opened_at,
            next=next_step(row, now),
        )
        for row, told in rows
    ]


@cache
def _open_cases(role: Role) -> Select[CaseRow, dict[str, str]]:
    return (
        select(CaseRow, RecordRow.fields)
        .join(RecordRow, RecordRow.id == CaseRow.record_id)
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
    """Complete the next step. Raises NotVisible, FieldErrors (what is missing), and Conflict when
    `step` is not the next one any more: somebody else was faster.
    """
    row = _row(session, viewer, Action.WRITE_CASE, case_id, lock=True)
    asked = flow.rule(flow.State(row.state))
    if asked is None or asked.step != step:
        raise Conflict(f"the case is in state {row.state}")
    cleaned = flow.answers(asked, answers)
    row.state = flow.after(flow.State(row.state), step, cleaned)
    row.entered_at = now
    if asked.step is flow.Step.ASSESS_RISK:
        row.risk = cleaned["conclusion"]
    row.closed_at = now if row.state == flow.State.CLOSED else None
    row.due_at = due(row)
    _append(session, viewer, row, "step", now, code=step, answers=cleaned)
    audit.note(session, viewer, audit.Act.CHANGE, "case", row.id, now, step)
    session.flush()
    return view(session, row, now)


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
    row = _row(session, viewer, Action.WRITE_CASE, case_id, lock=True)
    written = tidy(note).strip()
    if not written or len(written) > NOTE_LONGEST:
        raise FieldErrors({"note": "too_long" if written else "missing"})
    if happened_at is not None and happened_at > now:
        raise BadInput("a note is about what has happened")
    _append(session, viewer, row, "note", now, words=written, happened_at=happened_at)
    audit.note(session, viewer, audit.Act.CHANGE, "case", row.id, now, "note")
    session.flush()
    return view(session, row, now)


def _append(
    session: Session,
    viewer: Viewer,
    row: CaseRow,
    kind: str,
    now: datetime,
    *,
    code: str = "",
    words: str = "",
    answers: Mapping[str, str] | None = None,
    happened_at: datetime | None = None,
) -> None:
    session.add(
        CaseEventRow(
            case_id=row.id,
            kind=kind,
            code=code,
            text=words,
            answers=dict(answers or {}),
            staff_id=viewer.staff_id,
            happened_at=happened_at or now,
            entered_at=now,
        )
    )
    search_index.write_case(session, row)


def _row(
    session: Session, viewer: Viewer, action: Action, case_id: CaseId, *, lock: bool = False
) -> CaseRow:
    query = select(CaseRow).where(CaseRow.id == case_id, reachable_cases(viewer, action))
    row = session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotVisible("case")
    return row
