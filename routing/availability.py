"""What each counselor has chosen: available, on a break, away.

Owns the rows. Whether a counselor is ringing or talking is not here: that is the line's truth and comes
from Asterisk. Somebody who chose nothing is away.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, String, case, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline import audit, bus, staff
from hotline.access import Role, Viewer
from hotline.db import Base, UtcDateTime
from hotline.ids import CenterId, StaffId
from hotline.sql_time import instant, seconds_between
from hotline.staff import StaffRow, StaffView
from routing import handover, roster
from routing.choices import Choice
from routing.handover import Worker
from routing.order_rows import SteeringRow
from routing.shifts import Duty

_MONTH = timedelta(days=31)
_OF_THE_PHONE = frozenset({Choice.AVAILABLE, Choice.PHONE_AWAY})
"""Between these the switchboard moves somebody with their phone."""


class AvailabilityRow(Base):
    __tablename__ = "availability"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    choice: Mapped[str] = mapped_column(String(20), default=Choice.AWAY)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    why: Mapped[str] = mapped_column(String(20), default="")
    """What a break is for, a code of `choices.Why`."""
    order_id: Mapped[int | None] = mapped_column(ForeignKey(SteeringRow.id))
    """The shift lead's order that they are so by; None: they chose it themselves, or it happened."""


class AvailabilitySpellRow(Base):
    """One finished spell of a counselor's choice; the running one is in `availability`."""

    __tablename__ = "availability_spell"
    __table_args__ = (Index("ix_availability_spell_choice_ended_at", "choice", "ended_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    center_id: Mapped[int] = mapped_column(ForeignKey("center.id"))
    """Theirs at that time."""
    choice: Mapped[str] = mapped_column(String(20))
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime] = mapped_column(UtcDateTime)


@dataclass(frozen=True, slots=True)
class Availability:
    staff: StaffView
    choice: Choice
    since: datetime
    duty: tuple[Duty, ...]
    """Their shifts around now, in order."""
    why: str = ""
    """What a break is for; empty otherwise, or when nobody said."""
    order_id: int | None = None
    """The shift lead's order that they are so by (`routing.set_states`)."""

    def on_duty(self, now: datetime) -> bool:
        return any(duty.covers(now) for duty in self.duty)

    @property
    def worker(self) -> Worker:
        """What the change of shifts asks of them."""
        return Worker(self.staff.id, self.staff.center.id, self.choice, self.since, self.duty)


def enroll(session: Session, staff_id: StaffId, now: datetime) -> None:
    """This person takes calls from now on, whenever the roster says so; they start away."""
    session.merge(AvailabilityRow(staff_id=staff_id, choice=Choice.AWAY, since=now))


def choose(
    session: Session,
    viewer: Viewer | None,
    staff_id: StaffId,
    choice: Choice,
    now: datetime,
    why: str = "",
    order_id: int | None = None,
) -> Sequence[bus.Signal]:
    """Set a counselor's choice; returns the signals to publish after commit.

    `viewer` is who did it: the counselor, a shift lead (`order_id`: by this order), or None for the
    house itself. `why`: of a break. An order that stood before is over, unless only the phone has come
    or gone.
    """
    row = session.get(AvailabilityRow, staff_id)
    if row is None:
        return []
    session.add(
        AvailabilitySpellRow(
            staff_id=staff_id,
            center_id=staff.one(session, staff_id).center.id,
            choice=row.choice,
            began_at=row.since,
            ended_at=max(now, row.since),
        )
    )
    if viewer is None and {row.choice, choice} <= _OF_THE_PHONE:
        order_id = row.order_id
    row.choice, row.since, row.why, row.order_id = choice, now, why, order_id
    detail = f"{choice} {why}".rstrip()
    audit.note(session, viewer, audit.Act.AVAILABILITY, "staff", staff_id, now, detail)
    return [
        bus.Signal(bus.STAFF, "availability", str(staff_id)),
        bus.Signal(bus.desk(staff_id), "availability", str(staff_id)),
        bus.Signal(bus.BOARD, "availability", str(staff_id)),
    ]


def everybody(
    session: Session, now: datetime, coming: timedelta = roster.COMING
) -> Sequence[Availability]:
    """Every active counselor, by staff id, with their shifts of the `coming` days: what the router and
    the wallboard need."""
    duties = roster.duties(session, now, coming=coming)
    people = {person.id: person for person in staff.everybody(session, Role.COUNSELOR)}
    row = AvailabilityRow
    rows = session.execute(
        select(row.staff_id, row.choice, row.since, row.why, row.order_id).order_by(row.staff_id)
    )
    return [
        Availability(people[who], Choice(choice), since, duties.get(who, ()), why, order_id)
        for number, choice, since, why, order_id in rows
        if (who := StaffId(number)) in people
    ]


def since(session: Session, staff_id: StaffId) -> datetime | None:
    """When they chose last, as it is now; nobody else can change it in this transaction."""
    row = session.get(AvailabilityRow, staff_id, with_for_update=True)
    return row.since if row is not None else None


def who_is(session: Session, choice: Choice) -> Mapping[StaffId, CenterId]:
    """Active counselors of whom this is true → their center."""
    rows = session.execute(
        select(AvailabilityRow.staff_id, StaffRow.center_id)
        .join(StaffRow, StaffRow.id == AvailabilityRow.staff_id)
        .where(AvailabilityRow.choice == choice, StaffRow.active)
    )
    return {StaffId(who): CenterId(center) for who, center in rows}


def stays(session: Session, staff_id: StaffId, now: datetime) -> bool:
    """Whether they are kept on duty past the end of their shift, because the next one has not come."""
    workers = [each.worker for each in everybody(session, now)]
    kept = handover.held(workers, roster.templates(session), now).get(staff_id)
    return kept is not None and kept.covers(now)


def of(session: Session, staff_id: StaffId, now: datetime) -> Availability | None:
    """One counselor's choice, and their shifts of a month; None for staff who take no calls."""
    row = session.get(AvailabilityRow, staff_id)
    if row is None:
        return None
    duties = roster.duties(session, now, staff_id, coming=_MONTH)
    return Availability(
        staff.one(session, staff_id),
        Choice(row.choice),
        row.since,
        duties.get(staff_id, ()),
        row.why,
        row.order_id,
    )


def time_available(session: Session, since: datetime, now: datetime) -> dict[CenterId, timedelta]:
    """Center → for how long in [since, now) its counselors had chosen to be available, all together."""
    spell = AvailabilitySpellRow
    began = case((spell.began_at < since, instant(since)), else_=spell.began_at)
    spells = (
        select(spell.center_id, func.sum(seconds_between(began, spell.ended_at)))
        .where(spell.choice == Choice.AVAILABLE, spell.ended_at > since)
        .group_by(spell.center_id)
    )
    begun = case((AvailabilityRow.since < since, instant(since)), else_=AvailabilityRow.since)
    running = (
        select(StaffRow.center_id, func.sum(seconds_between(begun, instant(now))))
        .join(StaffRow, StaffRow.id == AvailabilityRow.staff_id)
        .where(AvailabilityRow.choice == Choice.AVAILABLE, AvailabilityRow.since < now, StaffRow.active)
        .group_by(StaffRow.center_id)
    )
    total: defaultdict[CenterId, timedelta] = defaultdict(timedelta)
    for query in (spells, running):
        for center, seconds in session.execute(query):
            total[CenterId(center)] += timedelta(seconds=seconds)
    return dict(total)
