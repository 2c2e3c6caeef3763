"""Who works which shift on which day: the roster's rows.

An entry is one counselor on one dated shift. Who is sick keeps the entry, as a gap that somebody has to
fill. What an entry was before is in the audit, not here.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, Select, String, bindparam, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline import audit, bus, staff
from hotline.access import Viewer
from hotline.clock import local
from hotline.db import Base, UtcDateTime
from hotline.errors import BadInput
from hotline.ids import CenterId, StaffId
from routing.planning import Entry, Kind, Strength, Template
from routing.shifts import Duty, Shift, by_code


class RosterRow(Base):
    __tablename__ = "roster"
    __table_args__ = (Index("ix_roster_day", "day"),)

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    """On which the shift starts, in Vietnam."""
    shift: Mapped[str] = mapped_column(String(20), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    written_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    """None: a command on the server, or the demo."""
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RosterTemplateRow(Base):
    """How many counselors a center wants on one shift of one kind of day."""

    __tablename__ = "roster_template"

    center_id: Mapped[int] = mapped_column(ForeignKey("center.id"), primary_key=True)
    day_kind: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Monday is 0; `planning.HOLIDAY`."""
    shift: Mapped[str] = mapped_column(String(20), primary_key=True)
    wanted: Mapped[int]
    minimum: Mapped[int]


MOST_WANTED = 200


def put(
    session: Session,
    viewer: Viewer | None,
    staff_id: StaffId,
    duty: Duty,
    kind: Kind,
    now: datetime,
) -> Sequence[bus.Signal]:
    """Put a counselor on this shift, or change how they are on it; returns the signals to publish."""
    row = session.get(RosterRow, (staff_id, duty.day, duty.shift))
    if row is None:
        row = RosterRow(staff_id=staff_id, day=duty.day, shift=duty.shift)
        session.add(row)
    row.kind, row.written_at = kind, now
    row.written_by = viewer.staff_id if viewer else None
    _note(session, viewer, staff_id, duty, kind, now)
    return _changed(staff_id)


def take_off(
    session: Session, viewer: Viewer | None, staff_id: StaffId, duty: Duty, now: datetime
) -> Sequence[bus.Signal]:
    """Take a counselor off this shift. Nothing happens when they were not on it."""
    row = session.get(RosterRow, (staff_id, duty.day, duty.shift))
    if row is None:
        return []
    session.delete(row)
    _note(session, viewer, staff_id, duty, "off", now)
    return _changed(staff_id)


def _note(
    session: Session, viewer: Viewer | None, staff_id: StaffId, duty: Duty, what: str, now: datetime
) -> None:
    detail = f"{duty.day.isoformat()} {duty.shift} {what}"
    audit.note(session, viewer, audit.Act.CHANGE, "roster", staff_id, now, detail)


def _changed(staff_id: StaffId) -> Sequence[bus.Signal]:
    return [
        bus.Signal(bus.STAFF, "roster", str(staff_id)),
        bus.Signal(bus.desk(staff_id), "availability", str(staff_id)),
        bus.Signal(bus.BOARD, "availability", str(staff_id)),
    ]


def plan_daily(
    session: Session, staff_id: StaffId, shift: Shift, days: Iterable[date], now: datetime
) -> None:
    """Put a counselor on the same shift on these days, wherever they have no entry yet."""
    wanted = set(days)
    if not wanted:
        return
    there = session.scalars(
        select(RosterRow.day).where(
            RosterRow.staff_id == staff_id, RosterRow.day.between(min(wanted), max(wanted))
        )
    )
    for day in sorted(wanted - set(there)):
        add(session, None, Entry(day, shift.code, staff_id, Kind.PLANNED), now)
    session.flush()


def add(session: Session, viewer: Viewer | None, entry: Entry, now: datetime) -> None:
    """Add an entry that is not there yet; for plans, which the caller notes as a whole."""
    row = RosterRow(staff_id=entry.staff_id, day=entry.day, shift=entry.shift, kind=entry.kind)
    row.written_by, row.written_at = viewer.staff_id if viewer else None, now
    session.add(row)


_OF_ALL = select(RosterRow.day, RosterRow.shift, RosterRow.staff_id, RosterRow.kind).where(
    RosterRow.day.between(bindparam("first"), bindparam("last"))
)
_OF_ONE = _OF_ALL.where(RosterRow.staff_id == bindparam("who"))
_OF_THE_STAFF = _OF_ALL.where(RosterRow.staff_id.not_in(staff.who_left()))


def entries(
    session: Session, first: date, last: date, staff_id: StaffId | None = None
) -> Sequence[Entry]:
    """What the roster says of these days, both included; of one person when asked."""
    query = _OF_ALL if staff_id is None else _OF_ONE
    return _found(session, query, {"first": first, "last": last, "who": staff_id})


def entries_to_come(session: Session, first: date, last: date) -> Sequence[Entry]:
    """The same without those who have left."""
    return _found(session, _OF_THE_STAFF, {"first": first, "last": last})


def _found(
    session: Session, query: Select[date, str, int, str], asked: Mapping[str, Any]
) -> Sequence[Entry]:
    found = session.execute(query, asked)
    return sorted(Entry(day, shift, StaffId(who), Kind(kind)) for day, shift, who, kind in found)


def coming(session: Session, staff_id: StaffId, now: datetime) -> int:
    """How many shifts of theirs are still to begin, from tomorrow on."""
    tomorrow = local(now).date() + timedelta(days=1)
    return sum(entry.works for entry in entries(session, tomorrow, date.max, staff_id))


def template_of(session: Session, center: CenterId) -> Template:
    """How many this center wants on which kind of day; empty when nobody has said so yet."""
    rows = session.scalars(select(RosterTemplateRow).where(RosterTemplateRow.center_id == center))
    return {(row.day_kind, row.shift): Strength(row.wanted, row.minimum) for row in rows}


def templates(session: Session) -> Mapping[CenterId, Template]:
    """The template of every center that has one."""
    found: dict[CenterId, dict[tuple[int, str], Strength]] = defaultdict(dict)
    for row in session.scalars(select(RosterTemplateRow)):
        strength = Strength(row.wanted, row.minimum)
        found[CenterId(row.center_id)][row.day_kind, row.shift] = strength
    return found


def put_template(
    session: Session, viewer: Viewer | None, center: CenterId, template: Template, now: datetime
) -> Sequence[bus.Signal]:
    """Make this the center's template. Raises BadInput for a strength that cannot be."""
    session.execute(delete(RosterTemplateRow).where(RosterTemplateRow.center_id == center))
    for (kind, shift), strength in template.items():
        if not 0 <= strength.minimum <= strength.wanted <= MOST_WANTED:
            raise BadInput("strength")
        row = RosterTemplateRow(center_id=center, day_kind=kind, shift=by_code(shift).code)
        row.wanted, row.minimum = strength.wanted, strength.minimum
        session.add(row)
    session.flush()
    audit.note(session, viewer, audit.Act.CHANGE, "roster_template", center, now)
    return [bus.Signal(bus.STAFF, "roster"), bus.Signal(bus.BOARD, "availability")]


def last_day(session: Session, staff_id: StaffId) -> date | None:
    """How far the roster knows about this person."""
    return session.scalar(select(func.max(RosterRow.day)).where(RosterRow.staff_id == staff_id))


PAST, COMING = timedelta(days=1), timedelta(days=2)


def duties(
    session: Session,
    now: datetime,
    staff_id: StaffId | None = None,
    *,
    past: timedelta = PAST,
    coming: timedelta = COMING,
) -> Mapping[StaffId, tuple[Duty, ...]]:
    """Each counselor's shifts that lie around now, in order: from `past` ago, over the next `coming`."""
    today = local(now).date()
    found: dict[StaffId, list[Duty]] = defaultdict(list)
    for entry in entries(session, today - past, today + coming, staff_id):
        if entry.works:
            found[entry.staff_id].append(entry.duty)
    return {who: tuple(sorted(theirs)) for who, theirs in found.items()}
