"""The rows of the house's own reports. Their figures and files are sealed."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hotline.db import Base, UtcDateTime
from hotline.sealed_rows import SealedRow


class _Letter:
    """What is printed around the figures. `recipients`: nơi nhận, one a line; `circle`: the readers in
    words, and `level` (NĐ 56/2017 Đ24.3)."""

    level: Mapped[str] = mapped_column(String(12))
    circle: Mapped[str] = mapped_column(String(300))
    recipients: Mapped[str] = mapped_column(String(1000))
    capacity: Mapped[str] = mapped_column(String(200))


class OfficialReportRow(_Letter, Base):
    """One report, from its order on. Its codes are in `intake.official_reports.report_rules`."""

    __tablename__ = "official_report"
    __table_args__ = (UniqueConstraint("year", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    asked_by: Mapped[str] = mapped_column(String(40), unique=True)
    """A random word of the page on which it was ordered, or what the schedule calls this period: ordered
    twice is once."""
    kind: Mapped[str] = mapped_column(String(12))
    since: Mapped[date] = mapped_column(Date)
    until: Mapped[date] = mapped_column(Date)
    """The first day after it."""
    approver_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    drafted_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    """None: by the schedule."""
    ordered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(12), index=True)
    moved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """Into this state."""
    reason: Mapped[str] = mapped_column(String(40), default="")
    """Why it failed, as a code."""
    drafted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    digest: Mapped[str] = mapped_column(String(64), default="")
    """SHA-256 of what was frozen, in hexadecimal: what is signed."""
    signed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    year: Mapped[int | None]
    number: Mapped[int | None]
    symbol: Mapped[str] = mapped_column(String(60), default="")
    issued_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    """Who sent it back, or withdrew it, when and why."""
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_why: Mapped[str] = mapped_column(String(300), default="")


class OfficialReportReaderRow(Base):
    """Somebody who is told of it when it is issued; of a strict one nobody else reads it."""

    __tablename__ = "official_report_reader"

    report_id: Mapped[int] = mapped_column(ForeignKey("official_report.id"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True, index=True)


class OfficialReportFileRow(SealedRow, Base):
    """Something of a report, sealed."""

    __tablename__ = "official_report_file"

    report_id: Mapped[int] = mapped_column(ForeignKey("official_report.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    """`frozen`, `draft`, `pdf`, `docx`."""
    size: Mapped[int]
    """Bytes before it was sealed."""
    sha256: Mapped[str] = mapped_column(String(64))
    """Of the same bytes, in hexadecimal."""


class OfficialReportCounterRow(Base):
    """The last number given out in a year."""

    __tablename__ = "official_report_counter"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class ReportScheduleRow(_Letter, Base):
    """What is ordered by itself on the first working day after its period."""

    __tablename__ = "report_schedule"

    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    running: Mapped[bool]
    since_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """It was switched on then: what was due before is not caught up."""
    approver_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    changed_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ReportScheduleReaderRow(Base):
    __tablename__ = "report_schedule_reader"

    kind: Mapped[str] = mapped_column(ForeignKey("report_schedule.kind"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)


class OfficialReportMailRow(Base):
    """An e-mail to one person about one report."""

    __tablename__ = "official_report_mail"
    __table_args__ = (UniqueConstraint("report_id", "staff_id", "about"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("official_report.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    about: Mapped[str] = mapped_column(String(12))
    """`to_sign`, `issued`, `withdrawn`."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    """When it is tried next; None: sent, or not needed any more."""
    tries: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
