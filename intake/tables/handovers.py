"""The rows of handovers to communes."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hotline.db import Base, UtcDateTime
from hotline.sealed_columns import SealedJson, SealedText
from hotline.sealed_rows import SealedRow


class HandoverRow(Base):
    """One packet on its way to one unit. `packet` never changes: it is what was sent."""

    __tablename__ = "handover"
    __table_args__ = (
        Index("ix_handover_unit_id_state", "unit_id", "state"),
        Index("ix_handover_province_id_state", "province_id", "state"),
        Index("ix_handover_state_rings_at", "state", "rings_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"), index=True)
    center_id: Mapped[int] = mapped_column(ForeignKey("center.id"))
    unit_id: Mapped[str] = mapped_column(String(12))
    province_id: Mapped[str] = mapped_column(String(12))
    recipient: Mapped[str] = mapped_column(String(160))
    """The office or person, as the directory named it then."""
    way: Mapped[str] = mapped_column(String(10))
    """`intake.handovers.case_handovers.Way`."""
    urgent: Mapped[bool]
    packet: Mapped[dict[str, Any]] = mapped_column(SealedJson("handover.packet"))
    state: Mapped[str] = mapped_column(String(12))
    sent_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    rings_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When somebody is rung because nobody has answered; later than `due_at` after they were."""
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reported: Mapped[str] = mapped_column(String(40), default="")
    """The newest report from the field: situation and what is done, separated by a blank."""
    reported_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class HandoverEventRow(Base):
    """What happened to it, when and by whom. Append-only."""

    __tablename__ = "handover_event"
    __table_args__ = (UniqueConstraint("handover_id", "word"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    handover_id: Mapped[int] = mapped_column(ForeignKey("handover.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[str] = mapped_column(String(12))
    """A turn, `report`, `photo`, `rung`."""
    code: Mapped[str] = mapped_column(String(40), default="")
    text: Mapped[str] = mapped_column(SealedText("handover_event.text"), default="")
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    by: Mapped[str] = mapped_column(String(160), default="")
    """Who it was, where they have no account."""
    word: Mapped[str | None] = mapped_column(String(40))
    """By which a page that sends again is known: once is once."""


class HandoverLinkRow(Base):
    """A way in for somebody without an account; only hashes of what opens it."""

    __tablename__ = "handover_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    handover_id: Mapped[int] = mapped_column(ForeignKey("handover.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    code_hash: Mapped[str] = mapped_column(String(200))
    """argon2id: the code is short."""
    tries: Mapped[int] = mapped_column(default=0)
    made_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    device_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    """Of the secret in the one browser that opened it."""
    lasting_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    """Of the part of it that stays (`hotline.session_tokens`)."""
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class HandoverPhotoRow(SealedRow, Base):
    """A picture or document from the field, sealed as recordings are (`hotline.sealed`)."""

    __tablename__ = "handover_photo"

    id: Mapped[int] = mapped_column(primary_key=True)
    handover_id: Mapped[int] = mapped_column(ForeignKey("handover.id"), index=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("handover_event.id"), unique=True)
    kind: Mapped[str] = mapped_column(String(40))
    size: Mapped[int]
