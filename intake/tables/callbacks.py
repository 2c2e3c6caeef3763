"""The rows of call-backs: numbers that we owe a call."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from hotline.db import Base, UtcDateTime
from hotline.sealed_columns import SealedText
from intake.tables.calls import NUMBER_LENGTH


class CallbackRow(Base):
    """One number to be called back, from the first call that nobody took until it is closed."""

    __tablename__ = "callback"
    __table_args__ = (
        Index("ix_callback_center_id_closed_at", "center_id", "closed_at", "due_at"),
        Index("ix_callback_owner_id_closed_at", "owner_id", "closed_at", "due_at"),
        Index("ix_callback_closed_at_due_at", "closed_at", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(NUMBER_LENGTH), index=True)
    open_number: Mapped[str | None] = mapped_column(String(NUMBER_LENGTH), unique=True)
    """The number while the task is open, then NULL: no number has two open tasks."""
    center_id: Mapped[int | None] = mapped_column(ForeignKey("center.id"))
    """Of the call that came last; NULL: a PBX of no center, so every center's."""
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    """Who took it; until then it is everybody's of the center."""
    urgent: Mapped[bool] = mapped_column(default=False)
    calls: Mapped[int] = mapped_column(default=0)
    promised_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When we said that we would call back."""
    message_call_id: Mapped[str | None] = mapped_column(ForeignKey("call.id"))
    """The call in which the caller left a spoken message."""
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When the number was last on the line in vain."""
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    not_before: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Somebody found that it is not safe to call earlier."""
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_as: Mapped[str | None] = mapped_column(String(20))
    closing_call_id: Mapped[str | None] = mapped_column(ForeignKey("call.id"))


class CallbackCallRow(Base):
    """A call that nobody took, and the task it went into: it counts once, however often it is told."""

    __tablename__ = "callback_call"

    call_id: Mapped[str] = mapped_column(ForeignKey("call.id"), primary_key=True)
    callback_id: Mapped[int] = mapped_column(ForeignKey("callback.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    why: Mapped[str] = mapped_column(String(20))


class CallbackEventRow(Base):
    """What people did about a task. Append-only."""

    __tablename__ = "callback_event"
    __table_args__ = (Index("ix_callback_event_callback_id_at", "callback_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    callback_id: Mapped[int] = mapped_column(ForeignKey("callback.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    kind: Mapped[str] = mapped_column(String(20))
    call_id: Mapped[str | None] = mapped_column(ForeignKey("call.id"), unique=True)
    """The call that tried to reach them, if it came to one."""
    note: Mapped[str] = mapped_column(SealedText("callback_event.note"), default="")


class CallOutRow(Base):
    """A counselor's wish to call somebody: asked for on the desk, claimed once by a switchboard."""

    __tablename__ = "call_out"
    __table_args__ = (
        Index("ix_call_out_claimed_at_expires_at", "claimed_at", "expires_at"),
        Index("ix_call_out_staff_id_asked_at", "staff_id", "asked_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    number: Mapped[str] = mapped_column(String(NUMBER_LENGTH))
    callback_id: Mapped[int | None] = mapped_column(ForeignKey("callback.id"), index=True)
    safe: Mapped[str] = mapped_column(String(20))
    """What was answered to "is it safe to call now?"."""
    note: Mapped[str] = mapped_column(SealedText("call_out.note"), default="")
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    call_id: Mapped[str | None] = mapped_column(ForeignKey("call.id"), unique=True)
