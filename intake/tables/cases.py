"""The rows of cases."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from hotline.db import OWNER_DELETES, Base, UtcDateTime
from hotline.sealed_columns import SealedJson, SealedText


class CaseRow(Base):
    """A case. What was told about children and place stays in its records (`intake.tables.joins`) and is
    read from there: counselors open the case first and go on writing. What lists show and filter by is
    copied here whenever one of them is written (`intake.searching.case_told`).
    """

    __tablename__ = "case_file"
    __table_args__ = (
        Index("ix_case_file_owner_id_closed_at", "owner_id", "closed_at", "due_at"),
        Index("ix_case_file_opened_by_closed_at", "opened_by", "closed_at", "due_at"),
        Index("ix_case_file_center_id_closed_at", "center_id", "closed_at", "due_at"),
        Index("ix_case_file_province_closed_at", "province", "closed_at", "due_at"),
        Index("ix_case_file_commune_closed_at", "commune", "closed_at", "due_at"),
        Index("ix_case_file_closed_at", "closed_at", "due_at", "id"),
        Index(
            "ix_case_file_trafficking",
            "opened_at",
            sqlite_where=text("trafficking = 1"),
            postgresql_where=text("trafficking"),
        ),
        Index(
            "ix_case_file_trafficking_closed_at",
            "closed_at",
            "due_at",
            "id",
            sqlite_where=text("trafficking = 1"),
            postgresql_where=text("trafficking"),
        ),
        Index(
            "ix_case_file_merged_into_id",
            "merged_into_id",
            sqlite_where=text("merged_into_id IS NOT NULL"),
            postgresql_where=text("merged_into_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(30), unique=True)
    state: Mapped[str] = mapped_column(String(20))
    risk: Mapped[str | None] = mapped_column(String(20))
    """The human conclusion of the assessment; before it, the first look of its records counts."""
    told_risk: Mapped[str | None] = mapped_column(String(20))
    """That first look: the gravest of its records."""
    place: Mapped[str] = mapped_column(SealedText("case_file.place"), default="")
    """Where it happened, on one line, as the first of its records says that tells it."""
    province: Mapped[str | None] = mapped_column(String(10))
    commune: Mapped[str | None] = mapped_column(String(10))
    """Ids of the units of today that the place is in (`hotline.units`)."""
    trafficking: Mapped[bool] = mapped_column(default=False)
    """An anti-trafficking case (`intake.forms.trafficking`), as its records say."""
    adults: Mapped[bool] = mapped_column(default=False)
    """Such a case in which nobody is, or may be, a child: the limits of NĐ 56/2017 are no law for it."""
    owner_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    opened_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    center_id: Mapped[int] = mapped_column(ForeignKey("center.id"))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    heard_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """What the clocks of receipt run from: receipt, later when the case was opened again or a child was
    said to be in danger anew."""
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    entered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When the present state was entered."""
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Deadline of the next step, for sorting; made by `intake.cases.flow` and `.deadlines`."""
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    news_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When somebody else put a report or another case into it that its owner has not looked at yet."""
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("case_file.id"))
    """The case that all that was this one's is read in now; such a case is closed, too."""
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When its time was over (`intake.retention`): nobody reaches it any more, it is only counted."""


class CaseEventRow(Base):
    """The spine: what happened, and apart from it when it was entered. Append-only, until the time of
    the case is over (`intake.retention`)."""

    __tablename__ = "case_event"
    __table_args__ = (
        Index("ix_case_event_case_id_happened_at", "case_id", "happened_at"),
        OWNER_DELETES,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    kind: Mapped[str] = mapped_column(String(30))
    code: Mapped[str] = mapped_column(String(40), default="")
    text: Mapped[str] = mapped_column(SealedText("case_event.text"), default="")
    answers: Mapped[dict[str, str]] = mapped_column(SealedJson("case_event.answers"), default=dict)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    entered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("case_event.id"), unique=True)
    """The entry that this one supersedes; each is corrected once, its correction again."""


class CaseCounterRow(Base):
    """The last case number given out per center and year."""

    __tablename__ = "case_counter"

    center_id: Mapped[int] = mapped_column(ForeignKey("center.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]
