"""Numbers that a shift lead has found a nuisance: for some hours their calls wait a little longer.

Never blocked, and never put behind more than a few others (`routing.rules`): a giggling caller may be
a child who tries whether it is safe. One call of the number is the evidence; the decision has a name
and an end, can be lifted at any time, and is audited. A number is never looked up here: it is reached
by a call that the viewer may read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, Select, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline import audit, staff
from hotline.access import Action, Viewer, may
from hotline.db import Base, UtcDateTime
from hotline.errors import BadInput, NotAllowed, NotVisible
from hotline.ids import CallId, StaffId
from intake.forms.taxonomy import Disposition
from intake.numbers import masked
from intake.tables.calls import CALL_ID, NUMBER_LENGTH, CallRow
from intake.tables.records import RecordRow
from intake.visibility import readable_call, readable_calls

HOURS = (1, 8, 24)
"""How long a shift lead may choose."""
_LOOKED_BACK = timedelta(days=7)


class NuisanceRow(Base):
    __tablename__ = "nuisance"
    __table_args__ = (Index("ix_nuisance_number_until", "number", "until"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(NUMBER_LENGTH))
    call_id: Mapped[str] = mapped_column(CALL_ID, ForeignKey("call.id"))
    """The call that was looked at."""
    set_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    lifted_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    lifted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


@dataclass(frozen=True, slots=True)
class Nuisance:
    """A number whose calls are lowered now. `set_by`: the shift lead's name."""

    id: int
    call_id: CallId
    number: str
    set_by: str
    set_at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Review:
    """What a shift lead looks at before deciding. `pranks` of the `calls` of a week were closed as a
    prank or as abusive."""

    calls: int
    pranks: int
    lowered: Nuisance | None


def review(session: Session, viewer: Viewer, call_id: CallId, now: datetime) -> Review | None:
    """Of the number of this call; None when the viewer does not decide, or the number is withheld."""
    row = readable_call(session, viewer, call_id)
    if row.number is None or row.outbound or row.internal or not may(viewer, Action.LOWER_NUISANCES):
        return None
    recent = select(CallRow.id).where(
        CallRow.number == row.number, CallRow.arrived_at >= now - _LOOKED_BACK, ~CallRow.outbound
    )
    pranks = select(func.count(RecordRow.id)).where(
        RecordRow.call_id.in_(recent),
        RecordRow.disposition.in_((Disposition.PRANK, Disposition.ABUSIVE)),
    )
    found = session.scalar(_active(now).where(NuisanceRow.number == row.number).limit(1))
    return Review(
        calls=session.scalar(select(func.count()).select_from(recent.subquery())) or 0,
        pranks=session.scalar(pranks) or 0,
        lowered=_views(session, [found])[0] if found is not None else None,
    )


def lower(session: Session, viewer: Viewer, call_id: CallId, hours: int, now: datetime) -> None:
    """The number of this call, for so many hours from now. Raises NotAllowed, NotVisible, BadInput."""
    if not may(viewer, Action.LOWER_NUISANCES):
        raise NotAllowed("lower a nuisance")
    row = readable_call(session, viewer, call_id)
    if row.number is None or row.outbound or row.internal or hours not in HOURS:
        raise BadInput("no number to lower, or not for so long")
    for known in session.scalars(_active(now).where(NuisanceRow.number == row.number)):
        known.lifted_by, known.lifted_at = viewer.staff_id, now
    until = now + timedelta(hours=hours)
    session.add(
        NuisanceRow(number=row.number, call_id=row.id, set_by=viewer.staff_id, set_at=now, until=until)
    )
    audit.note(session, viewer, audit.Act.NUISANCE, "call", row.id, now, f"{hours}h")


def lift(session: Session, viewer: Viewer, nuisance_id: int, now: datetime) -> None:
    """Served like everybody again. Raises NotAllowed, NotVisible."""
    if not may(viewer, Action.LOWER_NUISANCES):
        raise NotAllowed("lift a nuisance")
    row = session.scalar(
        _active(now)
        .join(CallRow, CallRow.id == NuisanceRow.call_id)
        .where(NuisanceRow.id == nuisance_id, readable_calls(viewer))
        .with_for_update(of=NuisanceRow)
    )
    if row is None:
        raise NotVisible("nuisance")
    row.lifted_by, row.lifted_at = viewer.staff_id, now
    audit.note(session, viewer, audit.Act.NUISANCE, "call", row.call_id, now, "lifted")


def lowered_now(session: Session, viewer: Viewer, now: datetime, limit: int = 50) -> Sequence[Nuisance]:
    """The numbers lowered now by calls that the viewer may read, the next to end first."""
    if not may(viewer, Action.LOWER_NUISANCES):
        return ()
    rows = session.scalars(
        _active(now)
        .join(CallRow, CallRow.id == NuisanceRow.call_id)
        .where(readable_calls(viewer))
        .order_by(NuisanceRow.until, NuisanceRow.id)
        .limit(limit)
    )
    return _views(session, rows.all())


def lowered_numbers(session: Session, now: datetime) -> Sequence[str]:
    """All that are lowered now."""
    return [row.number for row in session.scalars(_active(now))]


def _active(now: datetime) -> Select[NuisanceRow]:
    return select(NuisanceRow).where(NuisanceRow.until > now, NuisanceRow.lifted_at.is_(None))


def _views(session: Session, rows: Sequence[NuisanceRow]) -> list[Nuisance]:
    people = staff.some(session, {StaffId(row.set_by) for row in rows})
    return [
        Nuisance(
            id=row.id,
            call_id=CallId(row.call_id),
            number=masked(row.number) or "",
            set_by=people[StaffId(row.set_by)].name,
            set_at=row.set_at,
            until=row.until,
        )
        for row in rows
    ]
