"""Rows of the surveys among children. Nothing leads from an answer to a call, nor back."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hotline.db import Base, UtcDateTime


class SurveyRow(Base):
    """A survey that was opened, as it was then (`intake.surveys.survey.Survey`)."""

    __tablename__ = "survey"
    __table_args__ = (UniqueConstraint("code", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    definition: Mapped[dict[str, Any]] = mapped_column(JSON)
    opened_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SurveyAskedRow(Base):
    """That somebody was asked in this call, and how far it went; never what they said."""

    __tablename__ = "survey_asked"

    call_id: Mapped[str] = mapped_column(ForeignKey("call.id"), primary_key=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id"), index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(12))
    """`intake.surveys.asking.Asked`."""


class SurveyAnswerRow(Base):
    """What one child said. The key is random and the rows stand in its order: neither it nor a hidden
    row number (SQLite) tells which came after which; of the time the month is kept."""

    __tablename__ = "survey_answer"
    __table_args__ = (
        Index("ix_survey_answer_survey_id", "survey_id", "age_group", "sex"),
        {"sqlite_with_rowid": False},
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id"))
    month: Mapped[str] = mapped_column(String(7))
    """As 2026-11."""
    age_group: Mapped[str] = mapped_column(String(6))
    sex: Mapped[str] = mapped_column(String(10))
    answers: Mapped[dict[str, list[str]]] = mapped_column(JSON)
