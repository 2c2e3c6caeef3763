"""The row of one case behind its gate, and the one way something gets onto its spine."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from hotline.access import Action, Viewer
from hotline.errors import Conflict, NotVisible
from hotline.ids import CaseId
from intake.searching import search_index
from intake.tables.cases import CaseEventRow, CaseRow
from intake.tables.joins import CaseRecordRow
from intake.tables.records import RecordRow
from intake.visibility import reachable_cases, readable_case


def readable(session: Session, viewer: Viewer, case_id: CaseId) -> CaseRow:
    """Also one that was merged into a case within reach. Raises NotVisible."""
    asked = aliased(CaseRow)
    row = session.scalar(select(asked).where(asked.id == case_id, readable_case(viewer, case_id)))
    if row is None:
        raise NotVisible("case")
    return row


def writable(session: Session, viewer: Viewer, case_id: CaseId) -> CaseRow:
    """The locked row. Raises NotVisible, and Conflict (`merged`) for one that was put into another case:
    what is to be written belongs there."""
    row = reached(session, viewer, case_id)
    if row.merged_into_id is not None:
        raise Conflict("merged")
    return row


def reached(session: Session, viewer: Viewer, case_id: CaseId) -> CaseRow:
    """The locked row, merged or not. Raises NotVisible."""
    query = select(CaseRow).where(CaseRow.id == case_id, reachable_cases(viewer, Action.WRITE_CASE))
    row = session.scalar(query.with_for_update().execution_options(populate_existing=True))
    if row is None:
        raise NotVisible("case")
    return row


def put_record(session: Session, viewer: Viewer, row: CaseRow, record: RecordRow, now: datetime) -> None:
    """From now on this record stands in this case."""
    session.add(
        CaseRecordRow(
            case_id=row.id,
            home_id=row.id,
            record_id=record.id,
            joined_at=now,
            joined_by=viewer.staff_id,
        )
    )
    session.flush()


def append(
    session: Session,
    viewer: Viewer,
    row: CaseRow,
    kind: str,
    now: datetime,
    *,
    code: str = "",
    words: str = "",
    answers: Mapping[str, str] | None = None,
    happened_at: datetime | None = None,
    corrects: int | None = None,
) -> None:
    """Put it on the spine, where it is found by what it says. `corrects`: the entry it supersedes."""
    session.add(
        CaseEventRow(
            case_id=row.id,
            kind=kind,
            code=code,
            text=words,
            answers=dict(answers or {}),
            staff_id=viewer.staff_id,
            happened_at=happened_at or now,
            entered_at=now,
            corrects_id=corrects,
        )
    )
    search_index.write_case(session, row)
