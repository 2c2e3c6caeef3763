"""The rows of reports that programs send in, and of the programs that may."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hotline.db import Base, UtcDateTime
from hotline.sealed_columns import SealedJson
from hotline.sealed_rows import SealedRow


class ApiClientRow(Base):
    """One program that may send reports: the public app, a web form."""

    __tablename__ = "api_client"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    way: Mapped[str] = mapped_column(String(20))
    """`intake.forms.taxonomy.Way` of everything it sends."""
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    per_minute: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ReportRow(Base):
    """One report as it was sent: never changed, except by whom it was taken."""

    __tablename__ = "report"
    __table_args__ = (
        UniqueConstraint("client_id", "idempotency_key"),
        Index("ix_report_taken_at_received_at", "taken_at", "received_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("api_client.id"))
    idempotency_key: Mapped[str] = mapped_column(String(200))
    body_hash: Mapped[str] = mapped_column(String(64))
    way: Mapped[str] = mapped_column(String(20))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    happened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    in_danger: Mapped[bool]
    form_version: Mapped[int]
    fields: Mapped[dict[str, str]] = mapped_column(SealedJson("report.fields"))
    """Canonical values by full field name of the form, children's too."""
    refused: Mapped[dict[str, str]] = mapped_column(JSON)
    """Attachments that were not taken in: position → code."""
    taken_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    given_back: Mapped[str | None] = mapped_column(String(20))
    """Why `taken_by` gave it back (`intake.forms.taxonomy.WhyBack`), while nobody has taken it since."""
    record_id: Mapped[int | None] = mapped_column(ForeignKey("record.id"), unique=True)
    """Of the first who took it; whoever takes it after them goes on with it."""


class ReportAttachmentRow(SealedRow, Base):
    """A file that came with a report, sealed as recordings are (`hotline.sealed`)."""

    __tablename__ = "report_attachment"
    __table_args__ = (UniqueConstraint("report_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("report.id"))
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(40))
    """Its media type by content, a key of `intake.reports.attachment_kinds.ENDINGS`."""
    size: Mapped[int]
    """Bytes before it was sealed."""
