"""Alarms: what somebody must look into, until it is over or a person has taken note of it.

One row for each thing that can be wrong, so that it sounds once however often it is found. Ids and codes
only; what an alarm is about is looked up by who may see it. Shift leads see those of their center and of
the whole house, administrators all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, ForeignKey, String, and_, false, or_, select, true
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline import audit, bus
from hotline.access import Action, Scope, Viewer, scope
from hotline.alarm_kinds import LASTING, RINGING, AlarmKind, rings
from hotline.db import Base, UtcDateTime
from hotline.errors import NotVisible
from hotline.ids import CenterId, StaffId
from hotline.staff import StaffRow, viewer_of

_log = structlog.get_logger()

_LULL = timedelta(hours=1)


class AlarmRow(Base):
    __tablename__ = "alarm"

    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    subject: Mapped[str] = mapped_column(String(150), primary_key=True)
    reason: Mapped[str] = mapped_column(String(40))
    center_id: Mapped[int | None] = mapped_column(ForeignKey("center.id"))
    """None: of the whole house."""
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    over_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    noted_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    noted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


@dataclass(frozen=True, slots=True)
class Alarm:
    """`noted_by`: the name of who has taken note, None before."""

    kind: AlarmKind
    subject: str
    reason: str
    since: datetime
    noted_by: str | None
    noted_at: datetime | None


def sound(
    session: Session,
    kind: AlarmKind,
    subject: str,
    reason: str,
    center: CenterId | None,
    now: datetime,
) -> list[bus.Signal]:
    """Something is wrong. What is known already only gets its newest reason."""
    row = session.get(AlarmRow, (kind, subject), with_for_update=True)
    if row is not None and row.over_at is None:
        begins = rings(kind, reason) and not rings(kind, row.reason) and row.noted_by is None
        row.reason = reason
        return [_RINGS] if begins else []
    if row is None:
        row = AlarmRow(kind=kind, subject=subject)
        session.add(row)
    row.reason, row.center_id, row.since = reason, center, now
    row.over_at = row.noted_by = row.noted_at = None
    session.flush()
    _log.error("alarm", kind=kind, id=subject, reason=reason)
    return [_BOARD, _RINGS] if rings(kind, reason) else [_BOARD]


def end(session: Session, kind: AlarmKind, subject: str, now: datetime) -> list[bus.Signal]:
    """It is well again. Nothing happens when nothing was wrong."""
    row = session.get(AlarmRow, (kind, subject), with_for_update=True)
    if row is None or row.over_at is not None:
        return []
    row.over_at = now
    _log.info("alarm_over", kind=kind, id=subject)
    return [_BOARD]


def take_note(
    session: Session, viewer: Viewer, kind: AlarmKind, subject: str, now: datetime
) -> list[bus.Signal]:
    """This person looks into it: on record with their name. Twice is once. Raises NotVisible."""
    row = session.scalar(
        select(AlarmRow)
        .where(AlarmRow.kind == kind, AlarmRow.subject == subject, _reached(viewer))
        .with_for_update()
    )
    if row is None:
        raise NotVisible("alarm")
    if row.noted_by is not None or row.over_at is not None:
        return []
    return _noted(session, row, viewer, now)


def ringing(session: Session, center: CenterId | None, now: datetime) -> Sequence[tuple[AlarmKind, str]]:
    """Alarms of this center (None: of the whole house), kind and subject, for which somebody must be
    rung now; oldest first. Of many recordings one, and none for an hour after somebody took note of one:
    what they look into may be the disk."""
    rows = session.scalars(
        select(AlarmRow)
        .where(AlarmRow.over_at.is_(None), AlarmRow.center_id == center, AlarmRow.kind.in_(RINGING))
        .order_by(AlarmRow.since, AlarmRow.subject)
    ).all()
    due: list[tuple[AlarmKind, str]] = []
    rung_for_recordings = any(
        row.kind == AlarmKind.RECORDING and row.noted_at is not None and now - row.noted_at < _LULL
        for row in rows
    )
    for row in rows:
        kind = AlarmKind(row.kind)
        if row.noted_by is not None or not rings(kind, row.reason):
            continue
        if kind is AlarmKind.RECORDING:
            if rung_for_recordings:
                continue
            rung_for_recordings = True
        due.append((kind, row.subject))
    return due


def answer(
    session: Session, staff_id: StaffId, kind: AlarmKind, subject: str, now: datetime
) -> list[bus.Signal]:
    """Who was rung for it has taken note at the phone, whatever their role."""
    row = session.get(AlarmRow, (kind, subject), with_for_update=True)
    person = session.get(StaffRow, staff_id)
    if row is None or person is None or row.noted_by is not None or row.over_at is not None:
        return []
    return _noted(session, row, viewer_of(person), now)


def _noted(session: Session, row: AlarmRow, by: Viewer, now: datetime) -> list[bus.Signal]:
    row.noted_by, row.noted_at = by.staff_id, now
    audit.note(session, by, audit.Act.TAKE_NOTE, f"alarm_{row.kind}", row.subject, now, row.reason)
    return [_BOARD]


def open_of(session: Session, kind: AlarmKind) -> dict[str, str]:
    """What is wrong of this kind now: subject → reason."""
    rows = session.scalars(select(AlarmRow).where(AlarmRow.kind == kind, AlarmRow.over_at.is_(None)))
    return {row.subject: row.reason for row in rows}


def present(session: Session, viewer: Viewer, limit: int = 50) -> Sequence[Alarm]:
    """What this viewer should know of now, newest first: unnoted before noted."""
    shown = or_(AlarmRow.noted_by.is_(None), AlarmRow.kind.in_(LASTING))
    query = (
        select(AlarmRow, StaffRow.name)
        .outerjoin(StaffRow, StaffRow.id == AlarmRow.noted_by)
        .where(and_(AlarmRow.over_at.is_(None), shown, _reached(viewer)))
        .order_by(AlarmRow.noted_by.is_not(None), AlarmRow.since.desc(), AlarmRow.subject)
        .limit(limit)
    )
    return [_alarm(row, name) for row, name in session.execute(query)]


def of(session: Session, kind: AlarmKind, subject: str) -> Alarm | None:
    """The alarm about this thing, also one that is over or was noted; the caller has checked that the
    viewer may see the thing.
    """
    query = (
        select(AlarmRow, StaffRow.name)
        .outerjoin(StaffRow, StaffRow.id == AlarmRow.noted_by)
        .where(AlarmRow.kind == kind, AlarmRow.subject == subject)
    )
    found = session.execute(query).one_or_none()
    return None if found is None else _alarm(*found)


def _alarm(row: AlarmRow, name: str | None) -> Alarm:
    return Alarm(AlarmKind(row.kind), row.subject, row.reason, row.since, name, row.noted_at)


def _reached(viewer: Viewer) -> ColumnElement[bool]:
    match scope(viewer, Action.TAKE_NOTE_OF_ALARMS):
        case Scope.ALL:
            return true()
        case Scope.CENTER:
            return or_(AlarmRow.center_id == viewer.center_id, AlarmRow.center_id.is_(None))
    return false()


_BOARD = bus.Signal(bus.BOARD, "alarm")
_RINGS = bus.Signal(bus.STAFF, "alarm")
"""To the switchboard: somebody must be rung for it."""
