"""The rows of records.

Free text sits in sealed JSON columns keyed by the field names of the form version it was written with
(`intake.forms.forms`), so that an old record is shown as it was asked.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, validates

from hotline.db import Base, UtcDateTime
from hotline.sealed_columns import SealedJson, SealedText


class RecordRow(Base):
    """What a counselor wrote down. For a call it exists from the first ring, once; what came another
    way has `received_at` and a record that a person opened."""

    __tablename__ = "record"
    __table_args__ = (
        Index("ix_record_owner_id_state", "owner_id", "state"),
        Index("ix_record_center_id_state", "center_id", "state"),
        Index(
            "ix_record_spoken",
            "created_at",
            sqlite_where=text("language IS NOT NULL"),
            postgresql_where=text("language IS NOT NULL"),
        ),
        Index(
            "ix_record_trafficking",
            "created_at",
            sqlite_where=text("problem = 'trafficking'"),
            postgresql_where=text("problem = 'trafficking'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[str | None] = mapped_column(ForeignKey("call.id"), unique=True)
    way: Mapped[str] = mapped_column(String(20), default="phone")
    received_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    """When it reached the hotline; None for a call, which has its own times."""
    happened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When that happened which is told; None for a call, or when nobody knows."""
    asked_by: Mapped[str | None] = mapped_column(String(40), unique=True)
    """A random word of the page on which it was opened by hand: sent twice is once."""
    form_version: Mapped[int]
    owner_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    center_id: Mapped[int] = mapped_column(ForeignKey("center.id"))
    revision: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(20), default="draft")
    """`draft`, `closed`, or `unused`: nobody answered, nothing was written, nobody need close it."""
    disposition: Mapped[str | None] = mapped_column(String(20), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Its time was over (`intake.retention`): what told of anybody is gone, what is counted stays."""
    fields: Mapped[dict[str, str]] = mapped_column(SealedJson("record.fields"), default=dict)
    language: Mapped[str | None] = mapped_column(String(8))
    """That of `fields`, for the router, who asks of all numbers at once and often."""
    problem: Mapped[str | None] = mapped_column(String(40))
    """The main one of `fields`, for what is counted by it."""
    caller_type: Mapped[str | None] = mapped_column(String(40))
    """That of `fields`, for what is counted by it."""
    psychologist: Mapped[str | None] = mapped_column(String(8))
    """That of `fields`, for the router, who cannot open them."""

    @validates("fields")
    def _keep_copies(self, _name: str, fields: dict[str, str]) -> dict[str, str]:
        self.language = fields.get("language") or None
        self.problem = fields.get("problem") or None
        self.caller_type = fields.get("caller_type") or None
        self.psychologist = fields.get("psychologist") or None
        return fields


class RecordPersonRow(Base):
    """One child a record is about, or one alleged offender; caller, child, informant and offender are
    different people."""

    __tablename__ = "record_person"
    __table_args__ = (UniqueConstraint("record_id", "about", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    about: Mapped[str] = mapped_column(String(10))
    """`intake.forms.forms.About`."""
    position: Mapped[int]
    fields: Mapped[dict[str, str]] = mapped_column(SealedJson("record_person.fields"), default=dict)


class RecordRevisionRow(Base):
    """One accepted change: field → [old, new]. Append-only."""

    __tablename__ = "record_revision"
    __table_args__ = (UniqueConstraint("record_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    number: Mapped[int]
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    tab: Mapped[str] = mapped_column(String(40), default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    changes: Mapped[dict[str, list[str]]] = mapped_column(SealedJson("record_revision.changes"))


class RecordRejectedRow(Base):
    """Text that could not be taken into the record, kept so that nothing typed is lost."""

    __tablename__ = "record_rejected"

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"), index=True)
    field: Mapped[str] = mapped_column(String(80))
    value: Mapped[str] = mapped_column(SealedText("record_rejected.value"))
    reason: Mapped[str] = mapped_column(String(40))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
