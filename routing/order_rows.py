"""The rows of what shift leads have ordered: `routing.steering` keeps them; a state names its own."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from hotline.db import Base, UtcDateTime
from hotline.terms import LONGEST_REASON


class Kind(StrEnum):
    LIMIT = "limit"
    """How long a center's callers are left to its own counselors."""
    CLOSED = "closed"
    """A center takes no calls; its callers go to the others."""
    MOVED = "moved"
    """A counselor works for another center's callers, or for a line before others."""
    STATE = "state"
    """A counselor is available, on a break or away by a lead's word (`routing.set_states`)."""


class SteeringRow(Base):
    __tablename__ = "steering"
    __table_args__ = (Index("ix_steering_ended_at_expires_at", "ended_at", "expires_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    center_id: Mapped[int | None] = mapped_column(ForeignKey("center.id"))
    """Which center; of a counselor: where to."""
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    """The counselor who is moved, or whose state it is."""
    line: Mapped[str] = mapped_column(String(20), default="")
    seconds: Mapped[int | None]
    choice: Mapped[str] = mapped_column(String(20), default="")
    """The state."""
    before: Mapped[str] = mapped_column(String(20), default="")
    """What the counselor had chosen themselves, and of a break why (`before_why`)."""
    before_why: Mapped[str] = mapped_column(String(20), default="")
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON))
    by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it was undone."""
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
