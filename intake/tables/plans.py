"""The rows of plans of cases."""

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hotline.db import OWNER_DELETES, Base, UtcDateTime
from hotline.sealed_columns import SealedJson, SealedText


class PlanRow(Base):
    """One version of a case's plan. From its submission on only its state is changed."""

    __tablename__ = "case_plan"
    __table_args__ = (UniqueConstraint("case_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    version: Mapped[int]
    state: Mapped[str] = mapped_column(String(20))
    """`intake.plans.plan_rules.PlanState`."""
    revision: Mapped[int] = mapped_column(default=1)
    """Counts the savings of a draft, so that nobody writes over what they have not seen."""
    goals: Mapped[dict[str, str]] = mapped_column(SealedJson("case_plan.goals"))
    source: Mapped[str] = mapped_column(SealedText("case_plan.source"), default="")
    writers: Mapped[list[int]] = mapped_column(JSON)
    """Everybody who wrote in it: none of them approves it."""
    saved_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    submitted_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    approver_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    """Who is to decide; None after submission: somebody outside the house, `approver`."""
    approver: Mapped[str] = mapped_column(String(160), default="")
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    """Who decided, or told what was decided outside the house."""
    decided_for: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    """In whose place, when it was a delegate."""
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision_number: Mapped[str] = mapped_column(String(60), default="")
    """Số/ký hiệu of a decision on paper (Mẫu 05)."""
    comment: Mapped[str] = mapped_column(SealedText("case_plan.comment"), default="")


class PlanActionRow(Base):
    """One action of a version."""

    __tablename__ = "case_plan_action"
    __table_args__ = (UniqueConstraint("plan_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("case_plan.id"))
    position: Mapped[int]
    work: Mapped[str] = mapped_column(String(20))
    what: Mapped[str] = mapped_column(SealedText("case_plan_action.what"))
    agency: Mapped[str] = mapped_column(SealedText("case_plan_action.agency"))
    person: Mapped[str] = mapped_column(SealedText("case_plan_action.person"))
    coordination: Mapped[str] = mapped_column(SealedText("case_plan_action.coordination"))
    due: Mapped[date | None]
    cost: Mapped[int | None]


class PlanResultRow(Base):
    """What became of an action. Append-only: of several the newest holds."""

    __tablename__ = "case_plan_result"
    __table_args__ = OWNER_DELETES

    id: Mapped[int] = mapped_column(primary_key=True)
    action_id: Mapped[int] = mapped_column(ForeignKey("case_plan_action.id"), index=True)
    outcome: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(SealedText("case_plan_result.text"))
    """The result, or why it was not done."""
    evidence: Mapped[str] = mapped_column(SealedText("case_plan_result.evidence"), default="")
    """What shows it: a note; a file stands beside it."""
    attachment_id: Mapped[int | None] = mapped_column(ForeignKey("case_attachment.id"))
    told_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    told_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PlanDelegationRow(Base):
    """Somebody stands in for an approver from one moment to another."""

    __tablename__ = "plan_delegation"
    __table_args__ = (Index("ix_plan_delegation_to_id_until_at", "to_id", "until_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    from_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    to_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    from_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String(200))
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it was taken back early."""
