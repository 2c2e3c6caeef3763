"""The rows of what runs beside a case's steps."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hotline.db import Base, UtcDateTime
from hotline.sealed_columns import SealedText


class CaseLimitRow(Base):
    """What a unit set for one clock. Nothing is overwritten: the newest row holds."""

    __tablename__ = "case_limit"
    __table_args__ = (
        Index("ix_case_limit_center_id", "center_id"),
        Index("ix_case_limit_unit_id", "unit_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    center_id: Mapped[int | None] = mapped_column(ForeignKey("center.id"))
    unit_id: Mapped[str | None] = mapped_column(String(10))
    """A province or commune of today, where it is no center (`hotline.units`)."""
    clock: Mapped[str] = mapped_column(String(20))
    amount: Mapped[int | None]
    """None: as everywhere again."""
    reason: Mapped[str] = mapped_column(SealedText("case_limit.reason"))
    set_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SeparationRow(Base):
    """A child kept apart from their parents or carer. What each decision said is on the case's spine."""

    __tablename__ = "separation"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"), index=True)
    home_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    """The case in which it was begun: where it goes back to when a merge is undone."""
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    days: Mapped[int]
    """Renewals included."""
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CaseWarningRow(Base):
    """That one stage (`intake.cases.escalation`) was told of one deadline: once, however often found."""

    __tablename__ = "case_warning"
    __table_args__ = (UniqueConstraint("case_id", "clock", "due_at", "stage"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    clock: Mapped[str] = mapped_column(String(20))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    stage: Mapped[str] = mapped_column(String(20))
    told_at: Mapped[datetime] = mapped_column(UtcDateTime)
    over_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    """The step was done, or the deadline became another."""


class CaseMailRow(Base):
    """An e-mail to one person about one warning. `sent_at` None: it waits for `next_at`."""

    __tablename__ = "case_mail"
    __table_args__ = (UniqueConstraint("warning_id", "staff_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    warning_id: Mapped[int] = mapped_column(ForeignKey("case_warning.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    tries: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    """None: sent, given up, or not needed any more."""
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
