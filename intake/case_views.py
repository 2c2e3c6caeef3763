"""Cases as they are shown: the next step with its clock, what the record tells, the spine of events."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline import staff
from hotline.ids import CallId, CaseId, RecordId, StaffId
from hotline.staff import StaffView
from intake import flow, forms
from intake.deadlines import Clock, Deadline, deadline
from intake.forms import About
from intake.record_text import people_of
from intake.record_views import Arrival, Told, arrival_of, told_of
from intake.tables import CallRow, CaseEventRow, CaseRow, RecordRow
from intake.taxonomy import Risk


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
    place_unit: str
    """As the record holds it: the id of a unit, or words (`intake.places`)."""
    owner: StaffView
    received_at: datetime
    opened_at: datetime
    closed_at: datetime | None
    record_id: RecordId
    call: CaseCall | None
    arrival: Arrival | None
    """How it came in when it was no call."""
    about: Mapping[str, str]
    children: tuple[Told, ...]
    offenders: tuple[Told, ...]
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


def _running(row: CaseRow) -> tuple[flow.Rule, Deadline] | None:
    asked = flow.rule(flow.State(row.state))
    if asked is None:
        return None
    return asked, deadline(asked.clock, received_at=row.received_at, entered_at=row.entered_at)


def due(row: CaseRow) -> datetime | None:
    running = _running(row)
    return running[1].due if running else None


def next_step(row: CaseRow, now: datetime) -> NextStep | None:
    running = _running(row)
    if running is None:
        return None
    asked, until = running
    return NextStep(
        asked.step, until.clock, until.article, until.due, until.overdue(now), asked.questions
    )


_BEFORE_PROTECTION = frozenset({flow.State.RECEIVED, flow.State.ASSESSING})


def risk_of(row: CaseRow, told: Mapping[str, str]) -> Risk | None:
    """What was concluded, else the record's first look."""
    code = row.risk or told.get("risk")
    return Risk(code) if code else None


def _emergency(row: CaseRow, risk: Risk | None) -> Deadline | None:
    """The 12 hours run from receipt, whatever step the case is in, until protection is the step."""
    if risk is not Risk.EMERGENCY or flow.State(row.state) not in _BEFORE_PROTECTION:
        return None
    return deadline(Clock.EMERGENCY, received_at=row.received_at, entered_at=row.entered_at)


def view(session: Session, row: CaseRow, now: datetime) -> CaseView:
    record = session.get_one(RecordRow, row.record_id)
    told = record.fields
    risk = risk_of(row, told)
    told_people = people_of(session, row.record_id).values()
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
        place=forms.place_told(told),
        place_unit=told.get("place_unit", ""),
        owner=people[StaffId(row.owner_id)],
        received_at=row.received_at,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        record_id=RecordId(row.record_id),
        call=CaseCall(CallId(call.id), call.number, call.arrived_at) if call else None,
        arrival=arrival_of(record),
        about={name: value for name, value in told.items() if name not in forms.INFORMANT},
        children=told_of(told_people, About.CHILD),
        offenders=told_of(told_people, About.OFFENDER),
        next=next_step(row, now),
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
