"""The rows of the directory."""

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from hotline.db import Base, UtcDateTime
from intake.directory.directory import LONGEST


class DirectoryEntryRow(Base):
    """One office as it stands (`intake.directory.directory.Contact`)."""

    __tablename__ = "directory_entry"
    __table_args__ = (Index("ix_directory_entry_unit_id", "unit_id", "removed_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[str] = mapped_column(String(12))
    kind: Mapped[str] = mapped_column(String(20))
    position: Mapped[int]
    """Among those of its unit and kind: so they are rung."""
    name: Mapped[str] = mapped_column(String(LONGEST["name"]))
    numbers: Mapped[list[str]] = mapped_column(JSON)
    hours: Mapped[str] = mapped_column(String(40))
    note: Mapped[str] = mapped_column(String(LONGEST["note"]))
    source: Mapped[str] = mapped_column(String(LONGEST["source"]))
    checked_on: Mapped[date | None]
    made_up: Mapped[bool] = mapped_column(default=False)
    revision: Mapped[int] = mapped_column(default=1)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DirectoryChangeRow(Base):
    """What an entry became, by whom and when. Append-only."""

    __tablename__ = "directory_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("directory_entry.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    """None: a command."""
    act: Mapped[str] = mapped_column(String(10))
    """`added`, `changed`, `removed`."""
    texts: Mapped[dict[str, str]] = mapped_column(JSON)
    """As it was from then on, by column of the form."""
    reason: Mapped[str] = mapped_column(String(200), default="")


class DirectoryImportRow(Base):
    """A list that was brought, between the look at what it would change and the change."""

    __tablename__ = "directory_import"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    """None: by a command."""
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
