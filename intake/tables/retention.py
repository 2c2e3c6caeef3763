"""The rows of retention: what is held, and what was deleted by which rule."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from hotline.db import INSERT_ONLY, OWNER_INSERTS, Base, UtcDateTime
from hotline.sealed_columns import SealedText


class LegalHoldRow(Base):
    """As long as it stands, nothing of its object is deleted. It refers to no row: what it names may be
    of three tables."""

    __tablename__ = "legal_hold"
    __table_args__ = (Index("ix_legal_hold_object", "kind", "object_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    """`intake.retention.legal_holds.Held`."""
    object_id: Mapped[str] = mapped_column(String(150))
    reason: Mapped[str] = mapped_column(SealedText("legal_hold.reason"))
    set_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """None: until somebody lifts it."""
    lifted_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    lifted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lifted_why: Mapped[str | None] = mapped_column(SealedText("legal_hold.lifted_why"))


class DeletionRow(Base):
    """A certificate of deletion: ids alone, of nobody's words. Append-only."""

    __tablename__ = "deletion"
    __table_args__ = (INSERT_ONLY,)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[str] = mapped_column(String(20))
    """`intake.retention.retention_rules.Kept`."""
    rule: Mapped[str] = mapped_column(String(80))
    before: Mapped[datetime] = mapped_column(UtcDateTime)
    """What was over before this was due."""
    ids: Mapped[list[str]] = mapped_column(JSON)
    files: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 over all of the above and the certificate before."""


class CaseDeletionRow(Base):
    """The ledger: the timeline of this case, and of no other, may be deleted in the transaction that
    writes it. The database takes only a case that a certificate names, that is closed and not held."""

    __tablename__ = "case_deletion"
    __table_args__ = (OWNER_INSERTS,)

    case_id: Mapped[int] = mapped_column(
        ForeignKey("case_file.id"), primary_key=True, autoincrement=False
    )
    deletion_id: Mapped[int] = mapped_column(ForeignKey("deletion.id"))


class TherapyDeletionRow(Base):
    """The same for what was said in the treatment of one child: `end_therapy`."""

    __tablename__ = "therapy_deletion"
    __table_args__ = (OWNER_INSERTS,)

    referral_id: Mapped[int] = mapped_column(
        ForeignKey("therapy_referral.id"), primary_key=True, autoincrement=False
    )
    deletion_id: Mapped[int] = mapped_column(ForeignKey("deletion.id"))
