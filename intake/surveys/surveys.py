"""Surveys that are or were open. One at a time: a counselor has one question to think of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline import audit
from hotline.access import Viewer
from hotline.errors import Conflict, NotVisible
from hotline.ids import StaffId
from intake.surveys.survey import Survey
from intake.tables.surveys import SurveyRow


@dataclass(frozen=True, slots=True)
class Opened:
    id: int
    survey: Survey
    opened_by: StaffId
    opened_at: datetime
    closed_at: datetime | None


def everything(session: Session) -> Sequence[Opened]:
    """Newest first."""
    rows = session.scalars(select(SurveyRow).order_by(SurveyRow.opened_at.desc(), SurveyRow.id.desc()))
    return [_view(row) for row in rows]


def one(session: Session, survey_id: int) -> Opened:
    """Raises NotVisible."""
    row = session.get(SurveyRow, survey_id)
    if row is None:
        raise NotVisible("survey")
    return _view(row)


def current(session: Session) -> Opened | None:
    row = session.scalar(select(SurveyRow).where(SurveyRow.closed_at.is_(None)))
    return _view(row) if row else None


def put_in_use(session: Session, viewer: Viewer, survey: Survey, now: datetime) -> int:
    """It is asked from now on, in these words. Raises Conflict while another is, and for one that was:
    its words may have changed, and the version with them."""
    used = session.execute(select(SurveyRow.code, SurveyRow.version, SurveyRow.closed_at)).all()
    if any(closed_at is None for _, _, closed_at in used):
        raise Conflict("another survey is open")
    if (survey.code, survey.version) in {(code, version) for code, version, _ in used}:
        raise Conflict("this version was open already")
    row = SurveyRow(
        code=survey.code,
        version=survey.version,
        definition=survey.model_dump(mode="json"),
        opened_by=viewer.staff_id,
        opened_at=now,
    )
    session.add(row)
    session.flush()
    audit.note(session, viewer, audit.Act.CREATE, "survey", row.id, now)
    return row.id


def end(session: Session, viewer: Viewer, survey_id: int, now: datetime) -> None:
    """Nobody is asked any more. Raises NotVisible."""
    row = session.get(SurveyRow, survey_id, with_for_update=True)
    if row is None:
        raise NotVisible("survey")
    if row.closed_at is None:
        row.closed_at, row.closed_by = now, viewer.staff_id
        audit.note(session, viewer, audit.Act.CLOSE, "survey", row.id, now)


def _view(row: SurveyRow) -> Opened:
    return Opened(
        row.id,
        Survey.model_validate(row.definition),
        StaffId(row.opened_by),
        row.opened_at,
        row.closed_at,
    )
