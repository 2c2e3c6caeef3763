"""The rows of offices with a system of their own."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from hotline.db import Base, UtcDateTime
from hotline.sealed_rows import SealedRow


class OfficeSystemRow(SealedRow, Base):
    """One office's program: where it is told of a handover, and by which key it fetches it."""

    __tablename__ = "office_system"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    unit_id: Mapped[str] = mapped_column(String(12), index=True)
    url: Mapped[str] = mapped_column(String(300))
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    secret_name: Mapped[str] = mapped_column(String(64))
    """What the secret that its webhooks are signed with is sealed for."""
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class WebhookRow(Base):
    """One message to an office's program, until it has arrived or was given up; and the log of it."""

    __tablename__ = "webhook"
    __table_args__ = (Index("ix_webhook_ended_at_next_at", "ended_at", "next_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(String(40), unique=True)
    """The same each time it is sent: the receiver knows it again."""
    system_id: Mapped[int] = mapped_column(ForeignKey("office_system.id"))
    handover_id: Mapped[int] = mapped_column(ForeignKey("handover.id"), index=True)
    event: Mapped[str] = mapped_column(String(40))
    tries: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str] = mapped_column(String(40), default="")
    """Of the newest try: an HTTP status, or a code (`address`, `timeout`, `network`)."""
