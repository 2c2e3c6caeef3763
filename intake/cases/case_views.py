"""Cases as they are shown: the next step with its clock, what the record tells, the spine of events."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session, aliased

from hotline import staff
from hotline.access import Action, Viewer
from hotline.alarms import Alarm
from hotline.ids import CallId, CaseId, ChildId, RecordId, StaffId
from hotline.staff import StaffView
from intake.cases import (
    case_limits,
    case_owners,
    case_warnings,
    case_way,
    flow,
    separations,
    untold_actions,
)
from intake.cases.case_people import CaseChild, ToldChild, children
from intake.cases.case_warnings import Warned
from intake.cases.case_way import Lacking, NextStep, OpenTurn
from intake.cases.deadlines import Deadline
from intake.cases.separations import Separation
from intake.forms.forms import About
from intake.forms.taxonomy import Risk
from intake.numbers import masked
from intake.records.record_views import Arrival, Told, arrival_of, told_of
from intake.searching import case_told
from intake.searching.case_told import RecordTold
from intake.tables.calls import CallRow
from intake.tables.cases import CaseEventRow, CaseRow
from intake.tables.joins import CaseRecordRow, SameChildRow
from intake.tables.records import RecordRow
from intake.visibility import reachable_records


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """One entry of the spine. `kind`: `opened`, `step`, `note`, or one of `intake.cases.joining`;
    `code`: the step, or the record that was joined or taken out. `answers`: the step's, or the other
    `case`."""

    kind: str
    code: str
    text: str
    answers: Mapping[str, str]
    who: StaffView
    happened_at: datetime
    entered_at: datetime


@dataclass(frozen=True, slots=True)
class CaseCall:
    """`number` is masked (`***678`): who called may be who told it (NĐ 56/2017 Đ24)."""

    call_id: CallId
    number: str | None
    arrived_at: datetime


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """One record of a case, without who told it. `call` or `arrival`: how it came in."""

    id: RecordId
    call: CaseCall | None
    arrival: Arrival | None
    received_at: datetime
    about: Mapping[str, str]
    joined_at: datetime
    joined_by: StaffView
    came_with: CaseId | None
    """The merged case that it came with; such a one is not taken apart by itself."""
    readable: bool
    """Whether this viewer may open the record itself."""


@dataclass(frozen=True, slots=True)
class Merged:
    """A case that this one was put into, or that was put into this one."""

    id: CaseId
    number: str


@dataclass(frozen=True, slots=True)
class CaseView:
    """`about` is what the records tell, without who told it (NĐ 56/2017 Đ24: the informant is
    protected). `emergency` is the 12-hour clock while it runs beside the next step's own.
    """

    id: CaseId
    number: str
    state: flow.State
    risk: Risk | None
    place: str
    place_unit: str
    """As the record holds it: the id of a unit, or words (`intake.forms.places`)."""
    trafficking: bool
    """An anti-trafficking case: its people are victims of any age (`intake.forms.trafficking`)."""
    adults: bool
    """And nobody of it is, or may be, a child."""
    owner: StaffView
    received_at: datetime
    opened_at: datetime
    closed_at: datetime | None
    records: tuple[CaseRecord, ...]
    """That from which it was opened first, then in the order in which they were joined."""
    merged_into: Merged | None
    """Where everything goes on; this case is as it was then."""
    merged: tuple[Merged, ...]
    about: Mapping[str, str]
    children: tuple[CaseChild, ...]
    offenders: tuple[Told, ...]
    next: NextStep | None
    lacking: Lacking
    turns: tuple[OpenTurn, ...]
    writable: bool
    emergency: Deadline | None
    warned: tuple[Warned, ...]
    """Who was told of the deadlines that run."""
    alarm: Alarm | None
    separations: tuple[Separation, ...]
    """Each with its own clock beside the next step's."""
    heirs: tuple[StaffView, ...]
    """To whom the viewer may hand it on."""
    events: tuple[CaseEvent, ...]
    """The newest hundred as they hold now; `intake.cases.timeline` has all, and what was corrected."""

    @property
    def commune_untold(self) -> bool:
        """There is a child in it after all, and only the authorities were told."""
        told = [one.answers for one in self.events if one.code == flow.Step.REPORT_TO_COMMUNE]
        return not self.adults and bool(told) and all(flow.TO_AUTHORITIES in one for one in told)

    @property
    def calls(self) -> tuple[CaseCall, ...]:
        """Those of its records, the first one first."""
        return tuple(one.call for one in self.records if one.call)

    @property
    def record_id(self) -> RecordId:
        """That from which it was opened."""
        return self.records[0].id

    @property
    def call(self) -> CaseCall | None:
        """That from which it was opened."""
        return self.records[0].call

    @property
    def arrival(self) -> Arrival | None:
        """How the first word of it came in when that was no call."""
        return self.records[0].arrival


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
    news: bool
    """A report or another case was put into it, and its owner has not looked yet."""
    trafficking: bool


def risk_of(row: CaseRow) -> Risk | None:
    """What was concluded, else the gravest first look of its records."""
    code = row.risk or row.told_risk
    return Risk(code) if code else None


def view(session: Session, viewer: Viewer, row: CaseRow, now: datetime) -> CaseView:
    risk = risk_of(row)
    told = _told(session, viewer, row)
    newer = aliased(CaseEventRow)
    events = session.scalars(
        select(CaseEventRow)
        .where(CaseEventRow.case_id == row.id, ~exists().where(newer.corrects_id == CaseEventRow.id))
        .order_by(CaseEventRow.happened_at.desc(), CaseEventRow.id.desc())
        .limit(100)
    ).all()
    involved = {*(one.staff_id for one in events), *(one.link.joined_by for one, _ in told)}
    people = staff.some(session, {StaffId(each) for each in (row.owner_id, *involved)})
    records = [one for one, _ in told]
    about = case_told.first_told(records)
    into, merged = _merged(session, row)
    those = _children(session, records)
    changed = case_limits.changed_for(session, row)
    apart = separations.running(session, row, changed, now)
    met = case_way.have(
        row,
        has_child=bool(those),
        separated=bool(apart),
        untold=untold_actions.are_there(session, row),
        changed=changed,
        now=now,
    )
    hands_on = into is None and case_way.is_open(row) and case_owners.may_hand_on(row, viewer)
    heirs = tuple(case_owners.colleagues(session, row)) if hands_on else ()
    warned = case_warnings.told(session, row.id)
    return CaseView(
        id=CaseId(row.id),
        number=row.number,
        state=flow.State(row.state),
        risk=risk,
        place=row.place,
        place_unit=about.get("place_unit", ""),
        trafficking=row.trafficking,
        adults=row.adults,
        owner=people[StaffId(row.owner_id)],
        received_at=row.received_at,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        records=tuple(_record(one, people, readable=readable) for one, readable in told),
        merged_into=into,
        merged=merged,
        about=about,
        children=those,
        offenders=tuple(each for one in records for each in told_of(one.people, About.OFFENDER)),
        next=None if into else case_way.next_step(row, now),
        lacking=case_way.lacking(row, met),
        turns=() if into else case_way.turns(row, viewer, met),
        writable=into is None and case_way.may_take(row, viewer, Action.WRITE_CASE),
        warned=warned,
        alarm=case_warnings.alarm_of(session, warned, row.id),
        separations=apart,
        heirs=heirs,
        emergency=None if into else case_way.emergency(row, risk, changed),
        events=tuple(_event(one, people) for one in events),
    )


def _told(session: Session, viewer: Viewer, row: CaseRow) -> Sequence[tuple[RecordTold, bool]]:
    """Its records, and whether the viewer may open each; of a merged case those that it had."""
    mine = CaseRecordRow.home_id if row.merged_into_id else CaseRecordRow.case_id
    found = session.execute(
        select(
            CaseRecordRow, RecordRow, CallRow, reachable_records(viewer, Action.READ_RECORD).label("may")
        )
        .join(RecordRow, RecordRow.id == CaseRecordRow.record_id)
        .outerjoin(CallRow, CallRow.id == RecordRow.call_id)
        .where(mine == row.id, CaseRecordRow.left_at.is_(None))
        .order_by(CaseRecordRow.home_id != row.id, CaseRecordRow.joined_at, CaseRecordRow.id)
    ).all()
    people = case_told.people_of(session, [record.id for _, record, _, _ in found])
    return [
        (RecordTold(link, record, call, people.get(record.id, ())), bool(readable))
        for link, record, call, readable in found
    ]


def _record(told: RecordTold, people: Mapping[StaffId, StaffView], *, readable: bool) -> CaseRecord:
    link, call = told.link, told.call
    return CaseRecord(
        id=RecordId(told.record.id),
        call=CaseCall(CallId(call.id), masked(call.number), call.arrived_at) if call else None,
        arrival=arrival_of(told.record),
        received_at=told.received_at,
        about=case_told.first_told([told]),
        joined_at=link.joined_at,
        joined_by=people[StaffId(link.joined_by)],
        came_with=CaseId(link.home_id) if link.home_id != link.case_id else None,
        readable=readable,
    )


def _children(session: Session, records: Sequence[RecordTold]) -> tuple[CaseChild, ...]:
    told = [
        ToldChild(ChildId(row.id), RecordId(one.record.id), dict(row.fields))
        for one in records
        for row in one.people
        if row.about == About.CHILD and row.fields
    ]
    if len(records) < 2:
        return children(told, ())
    same = session.execute(
        select(SameChildRow.person_id, SameChildRow.same_as_id).where(
            SameChildRow.undone_at.is_(None), SameChildRow.person_id.in_([one.id for one in told])
        )
    )
    return children(told, same.all())


def _merged(session: Session, row: CaseRow) -> tuple[Merged | None, tuple[Merged, ...]]:
    """Where it was put, and what stands in it now."""
    found = session.execute(
        select(CaseRow.id, CaseRow.number)
        .where(or_(CaseRow.merged_into_id == row.id, CaseRow.id == row.merged_into_id))
        .order_by(CaseRow.id)
    )
    cases = [Merged(CaseId(case_id), number) for case_id, number in found]
    if row.merged_into_id is None:
        return None, tuple(cases)
    return cases[0], ()


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
