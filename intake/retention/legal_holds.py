"""Legal holds: what a court, the police or a complaint needs is not deleted, whatever its class says.

A hold on a case holds its records, their calls and recordings; one on a record its call; one on a call
its record. With a reason, a person and, where it has one, an end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, exists, or_, select
from sqlalchemy.orm import Session

from hotline import audit
from hotline.access import Viewer
from hotline.errors import BadInput, NotVisible
from intake.tables.calls import CallRow
from intake.tables.cases import CaseRow
from intake.tables.data_requests import DataRequestRow
from intake.tables.joins import CaseRecordRow
from intake.tables.records import RecordRow
from intake.tables.retention import LegalHoldRow

LONGEST_REASON = 300


class Held(StrEnum):
    CASE = "case"
    """By its number."""
    RECORD = "record"
    CALL = "call"
    DATA_REQUEST = "data_request"


@dataclass(frozen=True, slots=True)
class Hold:
    id: int
    kind: Held
    object_id: str
    reason: str
    set_by: int
    set_at: datetime
    until: datetime | None
    lifted_at: datetime | None


def put(
    session: Session,
    viewer: Viewer,
    kind: Held,
    named: str,
    reason: str,
    until: datetime | None,
    now: datetime,
) -> int:
    """Hold what is named. Raises NotVisible for what is not there, BadInput (`reason`, `until`)."""
    said = " ".join(reason.split())
    if not 0 < len(said) <= LONGEST_REASON:
        raise BadInput("reason")
    if until is not None and until <= now:
        raise BadInput("until")
    found = session.scalar(_named(kind, named))
    if found is None:
        raise NotVisible(kind)
    row = LegalHoldRow(
        kind=kind, object_id=str(found), reason=said, set_by=viewer.staff_id, set_at=now, until=until
    )
    session.add(row)
    session.flush()
    audit.note(session, viewer, audit.Act.CREATE, "legal_hold", row.id, now, f"{kind} {found}")
    return row.id


def lift(session: Session, viewer: Viewer, hold_id: int, now: datetime) -> None:
    """It is held no more. Raises NotVisible."""
    row = session.get(LegalHoldRow, hold_id, with_for_update=True)
    if row is None:
        raise NotVisible("hold")
    if row.lifted_at is None:
        row.lifted_by, row.lifted_at = viewer.staff_id, now
        audit.note(session, viewer, audit.Act.CLOSE, "legal_hold", row.id, now)


def everything(session: Session) -> Sequence[Hold]:
    """Every hold there ever was, the newest first."""
    rows = session.scalars(select(LegalHoldRow).order_by(LegalHoldRow.id.desc()))
    return [
        Hold(
            row.id,
            Held(row.kind),
            row.object_id,
            row.reason,
            row.set_by,
            row.set_at,
            row.until,
            row.lifted_at,
        )
        for row in rows
    ]


def free(now: datetime) -> ColumnElement[bool]:
    """No hold stands on this call, its record, or a case that the record is or was in. For a query of
    RecordRow joined with CallRow, either of which may be missing."""

    def held(kind: Held, of: ColumnElement[bool]) -> ColumnElement[bool]:
        return _held(kind, of, now)

    in_case = exists().where(
        CaseRecordRow.record_id == RecordRow.id,
        or_(
            LegalHoldRow.object_id == cast(CaseRecordRow.case_id, String),
            LegalHoldRow.object_id == cast(CaseRecordRow.home_id, String),
        ),
    )
    return and_(
        ~held(Held.CALL, LegalHoldRow.object_id == CallRow.id),
        ~held(Held.RECORD, LegalHoldRow.object_id == cast(RecordRow.id, String)),
        ~held(Held.CASE, in_case),
    )


def free_request(now: datetime) -> ColumnElement[bool]:
    """No hold stands on this request. For a query of DataRequestRow."""
    return ~_held(Held.DATA_REQUEST, LegalHoldRow.object_id == cast(DataRequestRow.id, String), now)


def _held(kind: Held, of: ColumnElement[bool], now: datetime) -> ColumnElement[bool]:
    return exists().where(
        LegalHoldRow.lifted_at.is_(None),
        or_(LegalHoldRow.until.is_(None), LegalHoldRow.until > now),
        LegalHoldRow.kind == kind,
        of,
    )


def _named(kind: Held, named: str) -> Select[Any]:
    match kind:
        case Held.CASE:
            return select(CaseRow.id).where(CaseRow.number == named)
        case Held.RECORD:
            return select(RecordRow.id).where(cast(RecordRow.id, String) == named)
        case Held.DATA_REQUEST:
            return select(DataRequestRow.id).where(cast(DataRequestRow.id, String) == named)
    return select(CallRow.id).where(CallRow.id == named)
