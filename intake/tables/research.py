"""The rows of extracts for research. The extracts themselves, and who asked, are sealed."""

from datetime import date, datetime

from sqlalchemy import JSON, Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from hotline.db import Base, UtcDateTime
from hotline.sealed_rows import SealedRow


class ResearchExtractRow(Base):
    """One extract, from its request on. Its codes are in `intake.research.research_rules`."""

    __tablename__ = "research_extract"

    id: Mapped[int] = mapped_column(primary_key=True)
    asked_by: Mapped[str] = mapped_column(String(40), unique=True)
    """A random word of the page on which it was asked for: sent twice is once."""
    state: Mapped[str] = mapped_column(String(12))
    first: Mapped[date] = mapped_column(Date)
    last: Mapped[date] = mapped_column(Date)
    columns: Mapped[list[str]] = mapped_column(JSON)
    requested_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    made_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    rows: Mapped[int] = mapped_column(default=0)
    coarsened: Mapped[int] = mapped_column(default=0)
    """Of the rows: those in which something was made coarser, because too few were alike."""
    dropped: Mapped[int] = mapped_column(default=0)
    """Besides the rows: those that even so were too few."""


class ResearchPaperRow(SealedRow, Base):
    """Something sealed of an extract."""

    __tablename__ = "research_paper"

    extract_id: Mapped[int] = mapped_column(ForeignKey("research_extract.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    """`told`, `extract`, `codebook`."""
