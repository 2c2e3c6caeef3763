"""Deadlines of cases that come near or have passed: each stage is told once, until the step is done.

What was told is a row, so that a sweep that runs twice, late or after a restart tells nothing twice.
From the lead on there is an alarm, too, which rings phones where the rule says so
(`telephony.alarm_calls`); who takes note of it stops the ringing and nothing else.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hotline import alarms, bus, jobs, staff
from hotline.access import Role
from hotline.alarm_kinds import AlarmKind
from hotline.alarms import Alarm
from hotline.clock import utc_now
from hotline.db import transaction
from hotline.ids import CaseId, CenterId, StaffId
from hotline.settings import settings
from hotline.staff import StaffView
from intake.cases import flow
from intake.cases.deadlines import Clock
from intake.cases.escalation import LONGEST_SOON, RULES, Stage, above, stages
from intake.tables.cases import CaseRow
from intake.tables.flow import CaseMailRow, CaseWarningRow, SeparationRow

_ROLES = {Stage.LEAD: Role.SHIFT_LEAD, Stage.CENTER: Role.CENTER_LEAD, Stage.DEPARTMENT: Role.DEPARTMENT}
_ALARMED = {Stage.LEAD: "", Stage.CENTER: "-center"}
"""Stage → what follows the case's id in the subject of its alarm."""


@dataclass(frozen=True, slots=True)
class Warned:
    """That this stage was told."""

    stage: Stage
    clock: Clock
    told_at: datetime


@dataclass(frozen=True, slots=True)
class _Running:
    """One deadline of an open case."""

    case_id: int
    clock: Clock
    due: datetime
    owner_id: int
    center_id: int

    @property
    def key(self) -> tuple[int, str, datetime]:
        return self.case_id, self.clock, self.due


def sweep() -> None:
    """Job (cron): tell of every deadline whom there is to tell by now."""
    watch(None, utc_now(), writes=bool(settings().smtp_host))


def watch(engine: Engine | None, now: datetime, *, writes: bool = False) -> None:
    """`writes`: e-mails can be sent, too."""
    signals: list[bus.Signal] = []
    with transaction(engine) as session:
        running = {one.key: one for one in _all_running(session, now)}
        open_rows = session.scalars(select(CaseWarningRow).where(CaseWarningRow.over_at.is_(None))).all()
        over = [row for row in open_rows if (row.case_id, row.clock, row.due_at) not in running]
        signals += _end(session, over, now)
        known = {(row.case_id, row.clock, row.due_at, row.stage) for row in open_rows}
        people = staff.everybody(session) if running else ()
        emails = staff.emails(session, [one.id for one in people]) if writes else {}
        for one in running.values():
            fresh = [
                stage for stage in stages(one.clock, one.due, now) if (*one.key, stage) not in known
            ]
            signals += _tell(session, one, fresh, people, emails, now)
    bus.publish(signals)
    if emails and signals:
        jobs.enqueue("dashboard.case_mail.sweep")


def _all_running(session: Session, now: datetime) -> Iterator[_Running]:
    """Deadlines that are over or may be told of soon."""
    horizon = now + LONGEST_SOON
    open_case = (CaseRow.closed_at.is_(None), CaseRow.merged_into_id.is_(None))
    steps = select(CaseRow.id, CaseRow.state, CaseRow.due_at, CaseRow.owner_id, CaseRow.center_id)
    for case_id, state, due, owner, center in session.execute(
        steps.where(*open_case, CaseRow.due_at < horizon)
    ):
        asked = flow.rule(flow.State(state))
        if asked is not None and due is not None:
            yield _Running(case_id, asked.clock, due, owner, center)
    apart = select(CaseRow.id, SeparationRow.due_at, CaseRow.owner_id, CaseRow.center_id)
    for case_id, due, owner, center in session.execute(
        apart.join(SeparationRow, SeparationRow.case_id == CaseRow.id).where(
            SeparationRow.ended_at.is_(None),
            SeparationRow.due_at < horizon,
            CaseRow.merged_into_id.is_(None),
        )
    ):
        yield _Running(case_id, Clock.SEPARATION, due, owner, center)


def _tell(
    session: Session,
    one: _Running,
    fresh: Collection[Stage],
    people: Sequence[StaffView],
    emails: Mapping[StaffId, str],
    now: datetime,
) -> Iterator[bus.Signal]:
    for stage in fresh:
        row = _row(session, one, stage, now)
        if row is None:
            continue
        those = whom(stage, one.owner_id, one.center_id, people)
        yield from (bus.Signal(bus.desk(each.id), "case", str(one.case_id)) for each in those)
        if row.told_at == now and not (stage is Stage.SOON and Stage.OWNER in fresh):
            _write(session, row, [each.id for each in those if each.id in emails], now)
        if stage in _ALARMED:
            reason = "ring" if RULES[one.clock].rings else "late"
            subject = f"{one.case_id}{_ALARMED[stage]}"
            center = CenterId(one.center_id)
            yield from alarms.sound(session, AlarmKind.CASE, subject, reason, center, now)


def _write(session: Session, row: CaseWarningRow, ids: Iterable[StaffId], now: datetime) -> None:
    session.add_all(CaseMailRow(warning_id=row.id, staff_id=each, next_at=now) for each in ids)


def _row(session: Session, one: _Running, stage: Stage, now: datetime) -> CaseWarningRow | None:
    """None when another sweep has told it. One that was over, and is not any more, sounds again, and is
    not written of a second time."""
    query = select(CaseWarningRow).where(
        CaseWarningRow.case_id == one.case_id,
        CaseWarningRow.clock == one.clock,
        CaseWarningRow.due_at == one.due,
        CaseWarningRow.stage == stage,
    )
    row = session.scalar(query)
    if row is not None:
        row.over_at = None
        return row
    row = CaseWarningRow(case_id=one.case_id, clock=one.clock, due_at=one.due, stage=stage, told_at=now)
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return None
    return row


def whom(
    stage: Stage, owner_id: int, center_id: int, people: Sequence[StaffView]
) -> Sequence[StaffView]:
    """Who is told at this stage; where there is nobody, whoever is above."""
    if stage in (Stage.SOON, Stage.OWNER):
        found = [one for one in people if one.id == owner_id]
    else:
        everywhere = stage is Stage.DEPARTMENT
        found = [
            one
            for one in people
            if one.role is _ROLES[stage] and (everywhere or one.center.id == center_id)
        ]
    if found or (higher := above(stage)) is None:
        return found
    return whom(higher if stage is not Stage.SOON else Stage.LEAD, owner_id, center_id, people)


def settle(session: Session, row: CaseRow, now: datetime) -> None:
    """What was told of deadlines of this case that are none any more is over. Called when a step is
    done; whatever else ends a deadline is found by the next sweep."""
    asked = flow.rule(flow.State(row.state))
    apart = session.scalars(
        select(SeparationRow.due_at).where(
            SeparationRow.case_id == row.id, SeparationRow.ended_at.is_(None)
        )
    ).all()
    stands = {(Clock.SEPARATION.value, due) for due in apart}
    if asked is not None and row.due_at is not None:
        stands.add((asked.clock.value, row.due_at))
    told = session.scalars(
        select(CaseWarningRow).where(CaseWarningRow.case_id == row.id, CaseWarningRow.over_at.is_(None))
    ).all()
    _end(session, [one for one in told if (one.clock, one.due_at) not in stands], now)


def _end(session: Session, over: Collection[CaseWarningRow], now: datetime) -> list[bus.Signal]:
    """Its alarms end with the last warning of their stage."""
    for row in over:
        row.over_at = now
    if not over:
        return []
    session.flush()
    cases = {row.case_id for row in over}
    left = session.execute(
        select(CaseWarningRow.case_id, CaseWarningRow.stage).where(
            CaseWarningRow.case_id.in_(cases), CaseWarningRow.over_at.is_(None)
        )
    )
    still = {(case_id, stage) for case_id, stage in left}
    ended = {(row.case_id, Stage(row.stage)) for row in over if row.stage in _ALARMED}
    return [
        signal
        for case_id, stage in sorted(ended - still)
        for signal in alarms.end(session, AlarmKind.CASE, f"{case_id}{_ALARMED[stage]}", now)
    ]


def told(session: Session, case_id: int) -> tuple[Warned, ...]:
    """Who was told of the deadlines that run now, in turn."""
    rows = session.scalars(
        select(CaseWarningRow)
        .where(CaseWarningRow.case_id == case_id, CaseWarningRow.over_at.is_(None))
        .order_by(CaseWarningRow.told_at, CaseWarningRow.id)
    )
    return tuple(Warned(Stage(row.stage), Clock(row.clock), row.told_at) for row in rows)


def alarm_of(session: Session, warned: Collection[Warned], case_id: int) -> Alarm | None:
    """The alarm that sounds for this case: of the highest stage that has one."""
    for stage in (Stage.CENTER, Stage.LEAD):
        if any(one.stage is stage for one in warned):
            return alarms.of(session, AlarmKind.CASE, f"{case_id}{_ALARMED[stage]}")
    return None


def take_note(session: Session, staff_id: StaffId, row: CaseRow, now: datetime) -> list[bus.Signal]:
    """This person looks into it: its alarms ring no more, its clock runs on. The caller has checked that
    they may write to the case."""
    return [
        signal
        for ending in _ALARMED.values()
        for signal in alarms.answer(session, staff_id, AlarmKind.CASE, f"{row.id}{ending}", now)
    ]


def case_of(subject: str) -> CaseId:
    """The case that an alarm is about."""
    return CaseId(int(subject.partition("-")[0]))
