"""Legal holds: what a court, the police or a complaint needs is not deleted, whatever its class says.

A hold on a case holds its records, their calls and recordings; one on a record its call; one on a call
its record. With a reason, a person and, where it has one, an end.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, exists, or_, select, true
from sqlalchemy.orm import Session, aliased

from hotline import audit
from hotline.access import Action, Viewer
from hotline.errors import BadInput, NotVisible
from intake.tables.calls import CallRow
from intake.tables.cases import CaseRow
from intake.tables.data_requests import DataRequestRow
from intake.tables.joins import CaseRecordRow
from intake.tables.records import RecordRow
from intake.tables.retention import LegalHoldRow
from intake.visibility import reachable_cases, reachable_records, readable_calls

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
    lifted_why: str
    number: str
    """By which people know the object: a case's own number, else its id."""

    def stands(self, now: datetime) -> bool:
        return self.lifted_at is None and (self.until is None or self.until > now)


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
    said = _said(reason)
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


def _said(reason: str) -> str:
    said = " ".join(reason.split())
    if not 0 < len(said) <= LONGEST_REASON:
        raise BadInput("reason")
    return said


def lift(session: Session, viewer: Viewer, hold_id: int, why: str, now: datetime) -> None:
    """It is held no more. Raises NotVisible, BadInput (`reason`)."""
    said = _said(why)
    row = session.get(LegalHoldRow, hold_id, with_for_update=True)
    if row is None:
        raise NotVisible("hold")
    if row.lifted_at is None:
        row.lifted_by, row.lifted_at, row.lifted_why = viewer.staff_id, now, said
        audit.note(session, viewer, audit.Act.CLOSE, "legal_hold", row.id, now)


def everything(session: Session) -> Sequence[Hold]:
    """Every hold there ever was, the newest first."""
    return _holds(session, true())


def of_viewer(session: Session, viewer: Viewer, now: datetime) -> Sequence[Hold]:
    """Those on what the viewer may read; audited."""
    found = _holds(session, _reached(viewer))
    audit.note(session, viewer, audit.Act.LIST, "legal_hold", len(found), now)
    return found


def require_reached(session: Session, viewer: Viewer, hold_id: int) -> None:
    """Raises NotVisible for a hold on what the viewer may not read."""
    query = select(LegalHoldRow.id).where(LegalHoldRow.id == hold_id, _reached(viewer))
    if session.scalar(query) is None:
        raise NotVisible("hold")


def may_name(session: Session, viewer: Viewer, kind: Held, named: str) -> bool:
    """Whether the viewer may read what is named, and so hold it."""
    gate = _gates(viewer).get(kind)
    return gate is not None and session.scalar(_named(kind, named).where(gate)) is not None


def _gates(viewer: Viewer) -> Mapping[Held, ColumnElement[bool]]:
    return {
        Held.CASE: reachable_cases(viewer, Action.READ_CASE),
        Held.RECORD: reachable_records(viewer, Action.READ_RECORD),
        Held.CALL: readable_calls(viewer),
    }


def _reached(viewer: Viewer) -> ColumnElement[bool]:
    ids = {
        Held.CASE: cast(CaseRow.id, String),
        Held.RECORD: cast(RecordRow.id, String),
        Held.CALL: CallRow.id,
    }
    return or_(
        *(
            and_(
                LegalHoldRow.kind == kind,
                select(ids[kind])
                .where(ids[kind] == LegalHoldRow.object_id, gate)
                .correlate(LegalHoldRow)
                .exists(),
            )
            for kind, gate in _gates(viewer).items()
        )
    )


def _holds(session: Session, which: ColumnElement[bool]) -> Sequence[Hold]:
    named = aliased(CaseRow)
    case = and_(LegalHoldRow.kind == Held.CASE, cast(named.id, String) == LegalHoldRow.object_id)
    rows = (
        select(LegalHoldRow, named.number)
        .outerjoin(named, case)
        .where(which)
        .order_by(LegalHoldRow.id.desc())
    )
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
            row.lifted_why or "",
            number or row.object_id,
        )
        for row, number in session.execute(rows)
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


def free_case(now: datetime) -> ColumnElement[bool]:
    """No hold stands on this case, one that was merged into it, or a record or call that is in it. For a
    query of CaseRow."""
    member, link = aliased(CaseRow), aliased(CaseRecordRow)
    merged = exists().where(
        or_(member.id == CaseRow.id, member.merged_into_id == CaseRow.id),
        LegalHoldRow.object_id == cast(member.id, String),
    )
    inside = (link.case_id == CaseRow.id, link.left_at.is_(None), link.record_id == RecordRow.id)
    of_record = exists().where(*inside, LegalHoldRow.object_id == cast(RecordRow.id, String))
    of_call = exists().where(*inside, LegalHoldRow.object_id == RecordRow.call_id)
    return and_(
        ~_held(Held.CASE, merged.correlate(CaseRow, LegalHoldRow), now),
        ~_held(Held.RECORD, of_record.correlate(CaseRow, LegalHoldRow), now),
        ~_held(Held.CALL, of_call.correlate(CaseRow, LegalHoldRow), now),
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
