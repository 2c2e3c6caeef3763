"""The rows of the therapy unit."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from hotline.db import OWNER_DELETES, Base, UtcDateTime
from hotline.sealed_columns import SealedText
from hotline.sealed_rows import SealedRow


class TherapyReferralRow(Base):
    """A child of a case referred to the unit. `intake.therapy.therapy_rules` has the codes."""

    __tablename__ = "therapy_referral"
    __table_args__ = (
        Index("ix_therapy_referral_therapist_id", "therapist_id", "state"),
        Index("ix_therapy_referral_state", "state"),
        Index(
            "uq_therapy_referral_open",
            "child_id",
            unique=True,
            sqlite_where=text("state IN ('waiting', 'accepted')"),
            postgresql_where=text("state IN ('waiting', 'accepted')"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"), index=True)
    child_id: Mapped[int] = mapped_column(ForeignKey("record_person.id"))
    asked_by: Mapped[str] = mapped_column(String(40), unique=True)
    """A random word of the page on which it was asked: sent twice is once."""
    reason: Mapped[str] = mapped_column(SealedText("therapy_referral.reason"))
    state: Mapped[str] = mapped_column(String(20))
    referred_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    referred_at: Mapped[datetime] = mapped_column(UtcDateTime)
    therapist_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    charge: Mapped[str | None] = mapped_column(String(20))
    """Whether the child is treated free of charge, and why; known when it is accepted."""
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision: Mapped[str] = mapped_column(SealedText("therapy_referral.decision"), default="")
    """Why it was refused, or ended."""
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When its time was over (`intake.retention`): nobody reaches it any more, it is only counted."""


class TherapyMeetingRow(Base):
    """An assessment or a session: when, with whom, whether it took place; nothing of what was said."""

    __tablename__ = "therapy_meeting"
    __table_args__ = (
        Index("ix_therapy_meeting_therapist_id", "therapist_id", "starts_at"),
        Index("ix_therapy_meeting_starts_at", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    referral_id: Mapped[int] = mapped_column(ForeignKey("therapy_referral.id"), index=True)
    asked_by: Mapped[str] = mapped_column(String(40), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    therapist_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    minutes: Mapped[int]
    way: Mapped[str] = mapped_column(String(20))
    place: Mapped[str] = mapped_column(SealedText("therapy_meeting.place"))
    state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(SealedText("therapy_meeting.reason"), default="")
    """Why it was canceled, or told otherwise than first."""
    planned_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    planned_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class TherapyNoteRow(SealedRow, Base):
    """What was said in a meeting, sealed. Never changed: a correction is a note of its own; deleted when
    its time is over (`intake.retention`)."""

    __tablename__ = "therapy_note"
    __table_args__ = OWNER_DELETES

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("therapy_meeting.id"), index=True)
    word: Mapped[str] = mapped_column(String(40), unique=True)
    """What its seal is bound to before there is an id: that of the page it was sent from, so that sent
    twice is once."""
    written_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("therapy_note.id"), unique=True)
    """The note that this one supersedes; each is corrected once, its correction again."""
