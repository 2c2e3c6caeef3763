"""Cases: opened from a record once, moved on step by step, with a deadline for each step.

`intake.flow` says what comes next, `intake.deadlines` by when; here are the rows, the spine of events
and the rights.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select, text
from sqlalchemy.orm import Session

from hotline import audit, staff
from hotline.access import Action, Viewer, may
from hotline.clock import local
from hotline.errors import BadInput, Conflict, FieldErrors, NotAllowed, NotVisible
from hotline.ids import CallId, CaseId, RecordId, StaffId
from hotline.staff import StaffView
from intake import flow, records
from intake.deadlines import Clock, Deadline, deadline
from intake.forms import tidy
from intake.records import Child
from intake.tables import CallRow, CaseEventRow, CaseRow, RecordRow
from intake.taxonomy import Disposition, Risk
from intake.visibility import visible

NOTE_LONGEST = 20_000
_INFORMANT = frozenset({"caller_name", "call_back"})


@dataclass(frozen=True, slots=True)
class NextStep:
    """What must be done now. `due` is aware UTC."""

    step: flow.Step
    clock: Clock
    article: str
    due: datetime
    overdue: bool
    questions: tuple[flow.Question, ...]


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """One entry of the spine. `kind`: `opened`, `step`, `note`; `code`: the step."""

    kind: str
    code: str
    text: str
    answers: Mapping[str, str]
    who: StaffView
    happened_at: datetime
    entered_at: datetime


@dataclass(frozen=True, slots=True)
class CaseCall:
    call_id: CallId
    number: str | None
    arrived_at: datetime


@dataclass(frozen=True, slots=True)
class CaseView:
    """`about` is what the record tells, without who told it (NĐ 56/2017 Đ24: the informant is
    protected). `emergency` is the 12-hour clock while it runs beside the next step's own.
    """

    id: CaseId
    number: str
    state: flow.State
    risk: Risk | None
    place: str
    owner: StaffView
    received_at: datetime
    opened_at: datetime
    closed_at: datetime | None
    record_id: RecordId
    call: CaseCall | None
    about: Mapping[str, str]
    children: tuple[Child, ...]
    next: NextStep | None
    emergency: Deadline | None
    events: tuple[CaseEvent, ...]


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One line of a list: no names."""

    id: CaseId
    number: str
    state: flow.State
    risk: Risk | None
    place: str
    owner: StaffView
    opened_at: datetime
    next: NextStep | None


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
    received_at = call.arrived_at if call else record.created_at
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
    row.due_at = _due(row)
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
    return _view(session, row, now)


def cases(session: Session, viewer: Viewer, now: datetime, limit: int = 100) -> Sequence[CaseLine]:
    """Open cases the viewer may read, the next deadline first."""
    rows = session.execute(
        select(CaseRow, RecordRow.fields)
        .join(RecordRow, RecordRow.id == CaseRow.record_id)
        .where(_visible(viewer, Action.READ_CASE), CaseRow.closed_at.is_(None))
        .order_by(CaseRow.due_at, CaseRow.id)
        .limit(limit)
    ).all()
    people = staff.some(session, {StaffId(row.owner_id) for row, _ in rows})
    return [
        CaseLine(
            id=CaseId(row.id),
            number=row.number,
            state=flow.State(row.state),
            risk=_risk(row, told),
            place=told.get("place", ""),
            owner=people[StaffId(row.owner_id)],
            opened_at=row.opened_at,
            next=_next_step(row, now),
        )
        for row, told in rows
    ]


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
    row.due_at = _due(row)
    _append(session, viewer, row, "step", now, code=step, answers=cleaned)
    audit.note(session, viewer, audit.Act.CHANGE, "case", row.id, now, step)
    session.flush()
    return _view(session, row, now)


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
    return _view(session, row, now)


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


def _visible(viewer: Viewer, action: Action) -> ColumnElement[bool]:
    return visible(
        viewer,
        action,
        owner=CaseRow.owner_id,
        center=CaseRow.center_id,
        own=CaseRow.opened_by == viewer.staff_id,
    )


def _row(
    session: Session, viewer: Viewer, action: Action, case_id: CaseId, *, lock: bool = False
) -> CaseRow:
    query = select(CaseRow).where(CaseRow.id == case_id, _visible(viewer, action))
    row = session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotVisible("case")
    return row


def _running(row: CaseRow) -> tuple[flow.Rule, Deadline] | None:
    asked = flow.rule(flow.State(row.state))
    if asked is None:
        return None
    return asked, deadline(asked.clock, received_at=row.received_at, entered_at=row.entered_at)


def _due(row: CaseRow) -> datetime | None:
    running = _running(row)
    return running[1].due if running else None


def _next_step(row: CaseRow, now: datetime) -> NextStep | None:
    running = _running(row)
    if running is None:
        return None
    asked, until = running
    return NextStep(
        asked.step, until.clock, until.article, until.due, until.overdue(now), asked.questions
    )


_BEFORE_PROTECTION = frozenset({flow.State.RECEIVED, flow.State.ASSESSING})


def _risk(row: CaseRow, told: Mapping[str, str]) -> Risk | None:
    """What was concluded, else the record's first look."""
    code = row.risk or told.get("risk")
    return Risk(code) if code else None


def _emergency(row: CaseRow, risk: Risk | None) -> Deadline | None:
    """The 12 hours run from receipt, whatever step the case is in, until protection is the step."""
    if risk is not Risk.EMERGENCY or flow.State(row.state) not in _BEFORE_PROTECTION:
        return None
    return deadline(Clock.EMERGENCY, received_at=row.received_at, entered_at=row.entered_at)


def _view(session: Session, row: CaseRow, now: datetime) -> CaseView:
    told = session.scalar(select(RecordRow.fields).where(RecordRow.id == row.record_id)) or {}
    risk = _risk(row, told)
    events = session.scalars(
        select(CaseEventRow)
        .where(CaseEventRow.case_id == row.id)
        .order_by(CaseEventRow.happened_at.desc(), CaseEventRow.id.desc())
        .limit(500)
    ).all()
    people = staff.some(session, {StaffId(row.owner_id), *(StaffId(one.staff_id) for one in events)})
    call = session.get(CallRow, row.call_id) if row.call_id else None
    return CaseView(
        id=CaseId(row.id),
        number=row.number,
        state=flow.State(row.state),
        risk=risk,
        place=told.get("place", ""),
        owner=people[StaffId(row.owner_id)],
        received_at=row.received_at,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        record_id=RecordId(row.record_id),
        call=CaseCall(CallId(call.id), call.number, call.arrived_at) if call else None,
        about={name: value for name, value in told.items() if name not in _INFORMANT},
        children=records.children_of(session, row.record_id),
        next=_next_step(row, now),
        emergency=_emergency(row, risk),
        events=tuple(_event(one, people) for one in events),
    )


def _event(row: CaseEventRow, people: Mapping[StaffId, StaffView]) -> CaseEvent:
    return CaseEvent(
        kind=row.kind,
        code=row.code,
        text=row.text,
        answers=dict(row.answers),
        who=people[StaffId(row.staff_id)],
        happened_at=row.happened_at,
        entered_at=row.entered_at,
    )
