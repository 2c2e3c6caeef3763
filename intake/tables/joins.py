"""The rows that say which records are one case, which cases are one, and which children are one; and by
what cases are found and listed.

What stands is told from what was undone by a time: nothing is deleted.
"""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from hotline.db import Base, UtcDateTime
from hotline.sealed_columns import SealedText


class CaseRecordRow(Base):
    """A record that stands in a case until it is taken apart from it."""

    __tablename__ = "case_record"
    __table_args__ = (
        Index(
            "uq_case_record_standing",
            "record_id",
            unique=True,
            sqlite_where=text("left_at IS NULL"),
            postgresql_where=text("left_at IS NULL"),
        ),
        Index("ix_case_record_case_id", "case_id", "left_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    """Where it stands: `home_id`, or the case that was merged into."""
    home_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"), index=True)
    """The case that was opened from it or that it was joined to."""
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    joined_at: Mapped[datetime] = mapped_column(UtcDateTime)
    joined_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    left_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))


class CaseMergeRow(Base):
    """One case put into another; while it is not undone, all that was the one's is read in the other."""

    __tablename__ = "case_merge"
    __table_args__ = (
        Index(
            "uq_case_merge_standing",
            "case_id",
            unique=True,
            sqlite_where=text("undone_at IS NULL"),
            postgresql_where=text("undone_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    into_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"), index=True)
    why: Mapped[str] = mapped_column(SealedText("case_merge.why"))
    closed_before: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the case that was put in had been closed by itself; the merge closes an open one."""
    merged_at: Mapped[datetime] = mapped_column(UtcDateTime)
    merged_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))


class SameChildRow(Base):
    """Somebody says that a child of one record is that of another. It counts where both stand in one
    case."""

    __tablename__ = "same_child"
    __table_args__ = (
        Index(
            "uq_same_child_standing",
            "person_id",
            unique=True,
            sqlite_where=text("undone_at IS NULL"),
            postgresql_where=text("undone_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("record_person.id"))
    same_as_id: Mapped[int] = mapped_column(ForeignKey("record_person.id"), index=True)
    """Always the earlier row of the two: so the links make no ring, and the first keeps its id."""
    marked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    marked_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))


class CaseMarkRow(Base):
    """A word (`intake.searching.likeness.marks`) by which cases of maybe one incident are found."""

    __tablename__ = "case_mark"

    mark: Mapped[str] = mapped_column(String(160), primary_key=True)
    link_id: Mapped[int] = mapped_column(ForeignKey("case_record.id"), primary_key=True, index=True)
    """The record in its case that tells it."""


class SavedFilterRow(Base):
    """A filter of the list of cases that a person keeps under a name."""

    __tablename__ = "saved_filter"
    __table_args__ = (UniqueConstraint("staff_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    name: Mapped[str] = mapped_column(String(60))
    asked: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    """As in an address (`intake.cases.case_filters`)."""
