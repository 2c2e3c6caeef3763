"""Breaking the glass: one thing that the rules deny, opened in an emergency, for a reason and a while.

Owns what was opened by whom until when, and that the auditor and the leads are told. Which rows exist,
and what they are called, knows the room that owns them (`intake.behind_glass`); what being open means,
the rules (`hotline.access.opened`) and the gates made of them. Append-only: an end is a row of its own.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Index, SQLColumnExpression, String, and_, exists, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline import alarms, audit, audit_findings, bus, stated_reasons
from hotline.access import Action, Glass, Thing, Viewer, opened
from hotline.alarm_kinds import AlarmKind
from hotline.audit import Act, AuditRow
from hotline.audit_patterns import Found, Odd
from hotline.db import INSERT_ONLY, Base, UtcDateTime
from hotline.errors import NotVisible
from hotline.ids import CenterId
from hotline.sealed import KeyRing
from hotline.staff import StaffRow

_HOUR = timedelta(hours=1)
_TRY = "glass"
"""Of what kind a refused try is: of no thing, for nobody shall learn from it which there are."""


class Emergency(StrEnum):
    """Why somebody must look now."""

    CHILD_IN_DANGER = "child_in_danger"
    CALLS_AGAIN = "calls_again"
    """Who told it, or the child, is on the line here."""
    NOBODY_REACHED = "nobody_reached"
    """Whose it is, and who leads there, cannot be reached."""
    AUTHORITY_ASKS = "authority_asks"
    """Police, a hospital or a commune must know at once."""


class GlassRow(Base):
    __tablename__ = "glass"
    __table_args__ = (Index("ix_glass_staff_id", "staff_id", "until_at"), INSERT_ONLY)

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int]
    thing: Mapped[str] = mapped_column(String(10))
    thing_id: Mapped[int]
    number: Mapped[str] = mapped_column(String(30))
    reason_id: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    until_at: Mapped[datetime] = mapped_column(UtcDateTime)


class GlassEndRow(Base):
    """Its person has closed it before its time."""

    __tablename__ = "glass_end"
    __table_args__ = INSERT_ONLY

    glass_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


def stands(
    staff_id: SQLColumnExpression[int] | int, now: SQLColumnExpression[datetime] | datetime
) -> ColumnElement[bool]:
    """Whether a `GlassRow` is this person's and neither over nor ended."""
    ended = exists().where(GlassEndRow.glass_id == GlassRow.id)
    return and_(GlassRow.staff_id == staff_id, GlassRow.until_at > now, ~ended)


def view(row: GlassRow) -> Glass:
    return Glass(row.id, Thing(row.thing), row.thing_id, row.number, row.reason_id, row.until_at)


def may_try(session: Session, viewer: Viewer, most: int, now: datetime) -> bool:
    """Whether this person has tried fewer times than `most` within the hour. Their row is locked until
    the transaction ends: two tries at once are two."""
    session.execute(select(StaffRow.id).where(StaffRow.id == viewer.staff_id).with_for_update())
    refused = and_(AuditRow.act == Act.REFUSED, AuditRow.object_kind == _TRY)
    tries = select(func.count()).where(
        AuditRow.staff_id == viewer.staff_id,
        AuditRow.at > now - _HOUR,
        or_(AuditRow.act == Act.BREAK_GLASS, refused),
    )
    return (session.scalar(tries) or 0) < most


def refuse(session: Session, viewer: Viewer, why: str, now: datetime) -> None:
    """Put a try on record that opened nothing. `why`: `unknown`, `too_many`; the person is not told."""
    audit.note(session, viewer, Act.REFUSED, _TRY, "try", now, why)


def shatter(
    session: Session,
    viewer: Viewer,
    thing: Thing,
    thing_id: int,
    number: str,
    center: CenterId,
    why: Emergency,
    words: str,
    ring: KeyRing,
    now: datetime,
    until: datetime,
) -> Sequence[bus.Signal]:
    """Open this one thing to this person, and tell who must know. What was open to them before is
    closed: there is one at a time. `center`: whose leads are told."""
    for before in session.scalars(select(GlassRow.id).where(stands(viewer.staff_id, now))).all():
        session.add(GlassEndRow(glass_id=before, at=now))
    reason = stated_reasons.state(session, viewer, why, words, ring, now)
    row = GlassRow(
        staff_id=viewer.staff_id,
        thing=thing,
        thing_id=thing_id,
        number=number,
        reason_id=reason,
        at=now,
        until_at=until,
    )
    session.add(row)
    audit.note(session, viewer, Act.BREAK_GLASS, thing, thing_id, now, stated_reasons.said(reason))
    session.flush()
    mine = select(func.max(AuditRow.id)).where(
        AuditRow.staff_id == viewer.staff_id, AuditRow.act == Act.BREAK_GLASS
    )
    rows = (session.scalars(mine).one() or 0,)
    found = Found(Odd.GLASS, viewer.staff_id, "stated_reason", str(reason), now, 1, rows)
    audit_findings.keep(session, [found])
    subject = f"{thing}-{thing_id}-{viewer.staff_id}-{row.id}"
    return alarms.sound(session, AlarmKind.GLASS, subject, why, center, now)


def end(session: Session, viewer: Viewer, glass: Glass | None, now: datetime) -> None:
    """Close what is open to them before its time. Raises NotVisible when nothing is."""
    if glass is None:
        raise NotVisible("glass")
    if session.get(GlassEndRow, glass.id) is None:
        session.add(GlassEndRow(glass_id=glass.id, at=now))
        reason = stated_reasons.said(glass.reason_id)
        audit.note(session, viewer, Act.END_GLASS, glass.thing, glass.thing_id, now, reason)


def said(viewer: Viewer, action: Action, thing_id: int) -> str:
    """What the audit row of a look at this thing says: the reason for which the glass was broken, if it
    is open that way."""
    glass = viewer.glass
    through = glass is not None and opened(viewer, action) == thing_id
    return stated_reasons.said(glass.reason_id) if glass and through else ""
