"""Who rests after a call, as the desk has it: written when a record is closed, or the counselor asks.

Owns the rows, one for each counselor: the last rest. The floor of the switchboard reads it; a talk that
ends later begins a wrap-up of its own.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline import bus
from hotline.db import Base, UtcDateTime
from hotline.ids import CallId, StaffId
from routing.rest_rules import Rest


class RestRow(Base):
    __tablename__ = "rest"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    call_id: Mapped[str] = mapped_column(String(150), default="")
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    seconds: Mapped[int]
    yields: Mapped[bool]


def begin(
    session: Session, staff_id: StaffId, call_id: CallId, length: timedelta, now: datetime
) -> Sequence[bus.Signal]:
    """After this call so long from now; no time at all ends a rest."""
    return put(session, staff_id, Rest(call_id, now, now + length, length, yields=True))


def put(session: Session, staff_id: StaffId, rest: Rest) -> Sequence[bus.Signal]:
    session.merge(
        RestRow(
            staff_id=staff_id,
            call_id=rest.call_id,
            set_at=rest.set_at,
            until=rest.until,
            seconds=round(rest.length.total_seconds()),
            yields=rest.yields,
        )
    )
    session.flush()
    who = str(staff_id)
    return [bus.Signal(bus.STAFF, "rest", who), bus.Signal(bus.BOARD, "availability", who)]


def of(session: Session, staff_id: StaffId) -> Rest | None:
    """This counselor's last one."""
    row = session.get(RestRow, staff_id)
    return _view(row) if row is not None else None


def since(session: Session, moment: datetime) -> Mapping[StaffId, Rest]:
    """Everybody's that did not end before then."""
    rows = session.scalars(select(RestRow).where(RestRow.until > moment))
    return {StaffId(row.staff_id): _view(row) for row in rows}


def _view(row: RestRow) -> Rest:
    length = timedelta(seconds=row.seconds)
    return Rest(CallId(row.call_id), row.set_at, row.until, length, row.yields)
