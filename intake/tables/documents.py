"""The rows of filled statutory forms and of the documents made of them."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hotline.db import Base, UtcDateTime
from hotline.sealed_columns import SealedJson, SealedText
from hotline.sealed_rows import SealedRow


class FilledFormRow(Base):
    """One statutory form of a case, about one of its children or about none in particular."""

    __tablename__ = "filled_form"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"), index=True)
    child_id: Mapped[int | None] = mapped_column(ForeignKey("record_person.id"))
    code: Mapped[str] = mapped_column(String(30))
    version: Mapped[int]
    """Of `intake.documents.statutory_forms`: an old form is shown with the one it was written with."""
    revision: Mapped[int] = mapped_column(default=0)
    opened_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    asked_by: Mapped[str] = mapped_column(String(40), unique=True)
    """A random word of the page on which it was opened: sent twice is once."""
    fields: Mapped[dict[str, str]] = mapped_column(SealedJson("filled_form.fields"), default=dict)
    carried: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Fields that still hold what was carried over from case and record, untouched by people."""


class FormRevisionRow(Base):
    """One accepted change: field → [old, new]. Append-only."""

    __tablename__ = "filled_form_revision"
    __table_args__ = (UniqueConstraint("form_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("filled_form.id"))
    number: Mapped[int]
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    changes: Mapped[dict[str, list[str]]] = mapped_column(SealedJson("filled_form_revision.changes"))


class FormRejectedRow(Base):
    """Text that could not be taken into the form, kept so that nothing typed is lost."""

    __tablename__ = "filled_form_rejected"

    id: Mapped[int] = mapped_column(primary_key=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("filled_form.id"), index=True)
    field: Mapped[str] = mapped_column(String(80))
    value: Mapped[str] = mapped_column(SealedText("filled_form_rejected.value"))
    reason: Mapped[str] = mapped_column(String(40))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class DocumentRow(Base):
    """One document as it was ordered: a filled form at one revision, on paper. What it says never
    changes; only its making and its withdrawal are written here later."""

    __tablename__ = "document"
    __table_args__ = (
        UniqueConstraint("center_id", "year", "series", "number"),
        Index("ix_document_state_ordered_at", "state", "ordered_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"), index=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("filled_form.id"), index=True)
    form_revision: Mapped[int]
    center_id: Mapped[int] = mapped_column(ForeignKey("center.id"))
    year: Mapped[int]
    series: Mapped[str] = mapped_column(String(8))
    """Abbreviation of its kind (NĐ 30/2020, phụ lục III): what it is numbered under."""
    number: Mapped[int | None]
    """None for a draft that somebody else numbers."""
    symbol: Mapped[str] = mapped_column(String(60))
    """Number and symbol as printed: `12/BC-TĐ111-HN`."""
    fields: Mapped[dict[str, str]] = mapped_column(SealedJson("document.fields"))
    """The form's values as they were disclosed."""
    setting: Mapped[dict[str, str]] = mapped_column(SealedJson("document.setting"))
    """Who signs, who receives, who may read (`intake.documents.documents.Setting`)."""
    ordered_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    ordered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    asked_by: Mapped[str] = mapped_column(String(40), unique=True)
    state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(40), default="")
    made_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    withdrawn_why: Mapped[str] = mapped_column(SealedText("document.withdrawn_why"), default="")


class DocumentFileRow(SealedRow, Base):
    """One of a document's files, sealed (`hotline.sealed`)."""

    __tablename__ = "document_file"

    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    """`pdf` or `docx`."""
    size: Mapped[int]
    """Bytes before it was sealed."""
    sha256: Mapped[str] = mapped_column(String(64))
    """Of the same bytes, in hexadecimal."""


class DocumentCounterRow(Base):
    """The last number given out per center, year and kind of document."""

    __tablename__ = "document_counter"

    center_id: Mapped[int] = mapped_column(ForeignKey("center.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    series: Mapped[str] = mapped_column(String(8), primary_key=True)
    last: Mapped[int]
