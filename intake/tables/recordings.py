"""The rows of recordings."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from hotline.db import Base, UtcDateTime


class RecordingRow(Base):
    __tablename__ = "recording"
    __table_args__ = (Index("ix_recording_state", "state", "call_id"),)

    call_id: Mapped[str] = mapped_column(ForeignKey("call.id"), primary_key=True)
    state: Mapped[str] = mapped_column(String(20))
    path: Mapped[str | None] = mapped_column(String(200))
    """Stem of its files, relative to the recordings folder."""
    key_id: Mapped[str | None] = mapped_column(String(16), index=True)
    """Which key wraps the files' data keys, as `hotline.sealed` names it."""
    duration_ms: Mapped[int | None]
    message_ms: Mapped[int | None]
    """How much of its beginning is a message that the caller left."""
    size: Mapped[int | None]
    """Bytes of the original before it was sealed."""
    reason: Mapped[str] = mapped_column(String(40), default="")
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RecordingSoundRow(Base):
    """What a recording sounds like (`intake.recordings.loudness`): as private as itself."""

    __tablename__ = "recording_sound"

    call_id: Mapped[str] = mapped_column(ForeignKey("recording.call_id"), primary_key=True)
    caller_level_db: Mapped[int | None]
    caller_silent: Mapped[float]
    caller_peaks: Mapped[bytes]
    counselor_level_db: Mapped[int | None]
    counselor_silent: Mapped[float]
    counselor_peaks: Mapped[bytes]
    silences: Mapped[list[list[int]]] = mapped_column(JSON)
