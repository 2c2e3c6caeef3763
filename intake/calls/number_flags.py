"""What counselors tell each other of a number: "call back after 21:00 only". A flag has an author and an
end.

A number is not a person: a flag is shown as a possibility, beside the earlier calls. It is reached by a
call that the viewer may read, and only there; numbers are never looked up here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, String, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline import audit, staff
from hotline.access import Viewer
from hotline.db import Base, UtcDateTime
from hotline.errors import BadInput, NotVisible
from hotline.ids import CallId, StaffId
from hotline.sealed_columns import SealedText
from hotline.staff import StaffView
from intake.forms.forms import tidy
from intake.tables.calls import CALL_ID, NUMBER_LENGTH, CallRow
from intake.visibility import readable_call

DAYS = (1, 7, 30)
"""For how long one may be set."""
LONGEST = 120
"""Characters."""
_SHOWN = 5


class NumberFlagRow(Base):
    __tablename__ = "number_flag"
    __table_args__ = (Index("ix_number_flag_number_until", "number", "until"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(NUMBER_LENGTH))
    call_id: Mapped[str] = mapped_column(CALL_ID, ForeignKey("call.id"))
    """The call at which it was set."""
    text: Mapped[str] = mapped_column(SealedText("number_flag.text"))
    set_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    lifted_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    lifted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


@dataclass(frozen=True, slots=True)
class NumberFlag:
    """One that stands now."""

    id: int
    text: str
    by: StaffView
    until: datetime


_STANDING = (
    select(NumberFlagRow)
    .where(
        NumberFlagRow.number == bindparam("number"),
        NumberFlagRow.until > bindparam("now"),
        NumberFlagRow.lifted_at.is_(None),
    )
    .order_by(NumberFlagRow.id.desc())
    .limit(_SHOWN)
)


def standing(session: Session, viewer: Viewer, call_id: CallId, now: datetime) -> Sequence[NumberFlag]:
    """The flags of this call's number, newest first. Raises NotVisible."""
    number = readable_call(session, viewer, call_id).number
    return of_number(session, number, now) if number is not None else ()


def of_number(session: Session, number: str, now: datetime) -> tuple[NumberFlag, ...]:
    """For whom may read a call of it; that has been checked."""
    rows = session.scalars(_STANDING, {"number": number, "now": now}).all()
    people = staff.some(session, {StaffId(row.set_by) for row in rows}) if rows else {}
    return tuple(NumberFlag(row.id, row.text, people[StaffId(row.set_by)], row.until) for row in rows)


def put(session: Session, viewer: Viewer, call_id: CallId, text: str, days: int, now: datetime) -> None:
    """Flag the number of this call. Raises NotVisible, and BadInput for a withheld number, an empty or
    too long text, another number of days."""
    number = _flaggable(session, viewer, call_id).number
    line = " ".join(tidy(text).split())
    if number is None or not 0 < len(line) <= LONGEST or days not in DAYS:
        raise BadInput("flag")
    until = now + timedelta(days=days)
    session.add(
        NumberFlagRow(
            number=number, call_id=call_id, text=line, set_by=viewer.staff_id, set_at=now, until=until
        )
    )
    session.flush()
    audit.note(session, viewer, audit.Act.CHANGE, "call", call_id, now, f"flag {days}d")


def lift(session: Session, viewer: Viewer, call_id: CallId, flag_id: int, now: datetime) -> None:
    """Whoever has a call of the number may; who did stays written. Raises NotVisible."""
    number = _flaggable(session, viewer, call_id).number
    row = session.get(NumberFlagRow, flag_id, with_for_update=True)
    if row is None or row.number != number:
        raise NotVisible("flag")
    if row.lifted_at is None:
        row.lifted_by, row.lifted_at = viewer.staff_id, now
        audit.note(session, viewer, audit.Act.CHANGE, "call", call_id, now, "flag lifted")


def _flaggable(session: Session, viewer: Viewer, call_id: CallId) -> CallRow:
    call = readable_call(session, viewer, call_id)
    if call.internal:
        raise NotVisible("call")
    return call
