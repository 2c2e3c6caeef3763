"""A shift lead's word to every desk, shown there until it is read or over.

Owns the rows: the words, and who has read them. It is for colleagues: nothing about a caller or a child
belongs here, and the form says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, exists, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline import audit, bus
from hotline.access import Action, Viewer, may
from hotline.db import Base, UtcDateTime
from hotline.errors import BadInput, NotAllowed, NotVisible
from hotline.ids import CenterId
from hotline.sealed_columns import SealedText
from hotline.staff import CenterRow, StaffRow

LONGEST_TEXT = 300
LONGEST = timedelta(hours=24)


class DeskMessageRow(Base):
    __tablename__ = "desk_message"
    __table_args__ = (Index("ix_desk_message_expires_at", "expires_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(SealedText("desk_message.text"))
    center_id: Mapped[int | None] = mapped_column(ForeignKey("center.id"))
    """None: to every center's desks."""
    by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """Brought forward when it is taken back."""


class DeskMessageReadRow(Base):
    __tablename__ = "desk_message_read"

    message_id: Mapped[int] = mapped_column(ForeignKey("desk_message.id"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


@dataclass(frozen=True, slots=True)
class DeskMessage:
    """`by`: the name of who wrote it. `center`: the name of whose desks, None for all. `read`: how many
    have read it."""

    id: int
    text: str
    center: str | None
    by: str
    at: datetime
    expires_at: datetime
    read: int


def send(
    session: Session,
    viewer: Viewer,
    text: str,
    center: CenterId | None,
    lasts: timedelta,
    now: datetime,
) -> Sequence[bus.Signal]:
    """Show this on the desks. Raises BadInput, NotAllowed."""
    if not may(viewer, Action.WRITE_TO_DESKS):
        raise NotAllowed("message to desks")
    text = " ".join(text.split())
    if not 0 < len(text) <= LONGEST_TEXT or not timedelta() < lasts <= LONGEST:
        raise BadInput("text or length")
    row = DeskMessageRow(
        text=text, center_id=center, by_id=viewer.staff_id, at=now, expires_at=now + lasts
    )
    session.add(row)
    session.flush()
    audit.note(session, viewer, audit.Act.CREATE, "desk_message", row.id, now, f"center={center}")
    return _told(row)


def take_back(session: Session, viewer: Viewer, message_id: int, now: datetime) -> Sequence[bus.Signal]:
    """Show it no longer; twice is once. Raises NotVisible."""
    row = session.get(DeskMessageRow, message_id)
    if row is None or not may(viewer, Action.WRITE_TO_DESKS):
        raise NotVisible("message")
    if row.expires_at <= now:
        return []
    row.expires_at = now
    audit.note(session, viewer, audit.Act.UNDO, "desk_message", row.id, now)
    return _told(row)


def read(session: Session, viewer: Viewer, message_id: int, now: datetime) -> Sequence[bus.Signal]:
    """The viewer has read it; twice is once. Raises NotVisible."""
    if session.get(DeskMessageRow, message_id) is None:
        raise NotVisible("message")
    if session.get(DeskMessageReadRow, (message_id, viewer.staff_id)) is not None:
        return []
    session.add(DeskMessageReadRow(message_id=message_id, staff_id=viewer.staff_id, at=now))
    session.flush()
    topics = (bus.desk(viewer.staff_id), bus.BOARD)
    return [bus.Signal(topic, "message", str(message_id)) for topic in topics]


def unread(session: Session, viewer: Viewer, now: datetime) -> Sequence[DeskMessage]:
    """What this desk must show, oldest first."""
    mine = exists().where(
        DeskMessageReadRow.message_id == DeskMessageRow.id,
        DeskMessageReadRow.staff_id == viewer.staff_id,
    )
    here = or_(DeskMessageRow.center_id.is_(None), DeskMessageRow.center_id == viewer.center_id)
    return _messages(session, now, ~mine, here)


def standing(session: Session, now: datetime) -> Sequence[DeskMessage]:
    """Every message that desks show now, oldest first: for the wallboard."""
    return _messages(session, now)


def _messages(session: Session, now: datetime, *conditions: object) -> list[DeskMessage]:
    read_by = (
        select(func.count())
        .select_from(DeskMessageReadRow)
        .where(DeskMessageReadRow.message_id == DeskMessageRow.id)
        .scalar_subquery()
    )
    query = (
        select(DeskMessageRow, StaffRow.name, CenterRow.name, read_by)
        .join(StaffRow, StaffRow.id == DeskMessageRow.by_id)
        .outerjoin(CenterRow, CenterRow.id == DeskMessageRow.center_id)
        .where(DeskMessageRow.expires_at > now, *conditions)  # type: ignore[arg-type]
        .order_by(DeskMessageRow.id)
    )
    return [
        DeskMessage(row.id, row.text, center, by, row.at, row.expires_at, count)
        for row, by, center, count in session.execute(query)
    ]


def _told(row: DeskMessageRow) -> list[bus.Signal]:
    return [bus.Signal(bus.BOARD, "message", str(row.id))]
