"""The rows of requests of people about what is kept of them. No words of theirs: those are sealed."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hotline.db import Base, UtcDateTime
from hotline.sealed_rows import SealedRow


class DataRequestRow(Base):
    """One request to one center. Its codes are in `intake.data_requests.request_rules`."""

    __tablename__ = "data_request"
    __table_args__ = (Index("ix_data_request_closed_at", "closed_at", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    center_id: Mapped[int] = mapped_column(ForeignKey("center.id"))
    asked_by: Mapped[str] = mapped_column(String(60), unique=True)
    """A random word of the page on which it was registered: sent twice is once."""
    state: Mapped[str] = mapped_column(String(12))
    way: Mapped[str] = mapped_column(String(20))
    relation: Mapped[str] = mapped_column(String(20))
    child_says: Mapped[str] = mapped_column(String(20), default="")
    identity: Mapped[str] = mapped_column(String(20))
    wants: Mapped[list[str]] = mapped_column(JSON)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    registered_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    registered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    refused_as: Mapped[str] = mapped_column(String(20), default="")
    """Why nothing at all is given; empty where each object has its own answer."""
    submitted_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    delivered_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    delivered_as: Mapped[str] = mapped_column(String(20), default="")
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the answer was handed over."""
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Its time was over: codes and times are left."""


class DataObjectRow(Base):
    """One record or case that the request is about, and what is answered about it."""

    __tablename__ = "data_object"
    __table_args__ = (
        UniqueConstraint("request_id", "kind", "object_id"),
        Index("ix_data_object_object", "kind", "object_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("data_request.id"))
    kind: Mapped[str] = mapped_column(String(10))
    object_id: Mapped[int]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("record_person.id"))
    """Whose data it is about; None: who called."""
    answers: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    """What is wanted → the decision, and behind a blank its ground."""
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    erase_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since then retention deletes it (`intake.retention`)."""
    limited_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since then it serves the child's protection alone."""


class DataPaperRow(SealedRow, Base):
    """Something sealed of a request: its own words, an excerpt, the answer and its files."""

    __tablename__ = "data_paper"

    request_id: Mapped[int] = mapped_column(ForeignKey("data_request.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(24), primary_key=True)
    """`told`, `excerpt-ID`, `answer`, `pdf`, `docx`, `back`, `handed`."""
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
