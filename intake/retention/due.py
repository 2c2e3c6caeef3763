"""What is due to be deleted: one query for each class, by which preview counts and the run deletes."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from intake.forms.taxonomy import Disposition
from intake.recordings.recordings import RecordingState
from intake.retention import legal_holds
from intake.retention.retention_rules import NOTHING_TOLD, Kept
from intake.tables.calls import CallRow
from intake.tables.cases import CaseRow
from intake.tables.data_requests import DataObjectRow, DataRequestRow
from intake.tables.joins import CaseRecordRow
from intake.tables.recordings import RecordingRow
from intake.tables.records import RecordPersonRow, RecordRow
from intake.tables.therapy import TherapyReferralRow
from intake.tables.victims import VictimReferralRow
from intake.therapy.therapy_rules import Standing


def due(kept: Kept, before: datetime, now: datetime) -> Select[Any]:
    """Ids of what is due, a record's number or a call's id, in their order. Nothing that is held."""
    free = _FREE.get(kept, legal_holds.free)
    return _QUERIES[kept](before).where(free(now))


_FREE: Mapping[Kept, Callable[[datetime], ColumnElement[bool]]] = {
    Kept.CASE: legal_holds.free_case,
    Kept.VICTIM_CASE: legal_holds.free_case,
    Kept.THERAPY: legal_holds.free_case,
    Kept.DATA_REQUEST: legal_holds.free_request,
}


def _in_case() -> ColumnElement[bool]:
    """Of a record, now."""
    return exists().where(CaseRecordRow.record_id == RecordRow.id, CaseRecordRow.left_at.is_(None))


def _records(before: datetime, of: ColumnElement[bool]) -> Select[Any]:
    return (
        select(RecordRow.id)
        .outerjoin(CallRow, CallRow.id == RecordRow.call_id)
        .where(
            RecordRow.state == "closed",
            RecordRow.closed_at < before,
            RecordRow.erased_at.is_(None),
            RecordRow.disposition != Disposition.ESCALATED,
            or_(CallRow.id.is_(None), CallRow.ended_at < before),
            ~_in_case(),
            of,
        )
        .order_by(RecordRow.id)
    )


def _silent(before: datetime) -> Select[Any]:
    return _records(before, RecordRow.disposition.in_(NOTHING_TOLD))


def _told(before: datetime) -> Select[Any]:
    return _records(before, RecordRow.disposition.not_in(NOTHING_TOLD))


def _recordings(before: datetime, of: ColumnElement[bool]) -> Select[Any]:
    """Those that have files, or had them when a run was killed; what is not done yet is nobody's."""
    return (
        select(RecordingRow.call_id)
        .join(CallRow, CallRow.id == RecordingRow.call_id)
        .outerjoin(RecordRow, RecordRow.call_id == CallRow.id)
        .where(
            RecordingRow.path.is_not(None),
            RecordingRow.state != RecordingState.PENDING,
            CallRow.ended_at < before,
            of,
        )
        .order_by(RecordingRow.call_id)
    )


def _recording(before: datetime) -> Select[Any]:
    escalated = RecordRow.disposition == Disposition.ESCALATED
    in_case = and_(RecordRow.id.is_not(None), or_(escalated.is_(True), _in_case()))
    return _recordings(before, ~in_case)


def _case_recording(before: datetime) -> Select[Any]:
    """All its cases are closed since before then; one that was merged is closed with what it is in."""
    present = (CaseRecordRow.record_id == RecordRow.id, CaseRecordRow.left_at.is_(None))
    still = or_(CaseRow.closed_at.is_(None), CaseRow.closed_at >= before)
    open_now = exists().where(
        *present, or_(CaseRow.id == CaseRecordRow.case_id, CaseRow.id == CaseRecordRow.home_id), still
    )
    return _recordings(before, and_(_in_case(), ~open_now))


def _case(before: datetime) -> Select[Any]:
    return _cases(before).where(~_of_victims())


def _victim_case(before: datetime) -> Select[Any]:
    return _cases(before).where(_of_victims())


def _of_victims() -> ColumnElement[bool]:
    member = aliased(CaseRow)
    group = or_(member.id == CaseRow.id, member.merged_into_id == CaseRow.id)
    referred = member.id.in_(select(VictimReferralRow.case_id))
    return exists().where(group, or_(member.trafficking, referred)).correlate(CaseRow)


def _cases(before: datetime) -> Select[Any]:
    """Closed since before then with all that were merged into them, which go with them; nothing of them
    is a draft still or a talk, and no treatment that is kept was in them (`_therapy`)."""
    member = aliased(CaseRow)
    group = or_(member.id == CaseRow.id, member.merged_into_id == CaseRow.id)
    treated = select(TherapyReferralRow.case_id).where(TherapyReferralRow.erased_at.is_(None))
    stays = or_(member.closed_at.is_(None), member.closed_at >= before, member.id.in_(treated))
    apart = exists().where(group, stays)
    draft = exists().where(
        CaseRecordRow.case_id == CaseRow.id,
        CaseRecordRow.left_at.is_(None),
        RecordRow.id == CaseRecordRow.record_id,
        or_(
            RecordRow.state != "closed",
            exists().where(CallRow.id == RecordRow.call_id, CallRow.ended_at.is_(None)),
        ),
    )
    over = (CaseRow.closed_at < before, CaseRow.merged_into_id.is_(None), CaseRow.erased_at.is_(None))
    return (
        select(CaseRow.id)
        .where(*over, ~apart.correlate(CaseRow), ~draft.correlate(CaseRow))
        .order_by(CaseRow.id)
    )


def _therapy(before: datetime) -> Select[Any]:
    """Refused or ended before then, as the case in which the child is now was."""
    row, home = TherapyReferralRow, aliased(CaseRow)
    return (
        select(row.id)
        .join(home, home.id == row.case_id)
        .join(CaseRow, CaseRow.id == func.coalesce(home.merged_into_id, home.id))
        .where(
            row.state.in_((Standing.REFUSED, Standing.ENDED)),
            row.decided_at < before,
            row.erased_at.is_(None),
            CaseRow.closed_at < before,
        )
        .order_by(row.id)
    )


def _call(before: datetime) -> Select[Any]:
    unwritten = or_(RecordRow.id.is_(None), RecordRow.state == "unused")
    return (
        select(CallRow.id)
        .outerjoin(RecordRow, RecordRow.call_id == CallRow.id)
        .where(
            CallRow.ended_at < before,
            CallRow.erased_at.is_(None),
            CallRow.internal.is_(False),
            unwritten,
        )
        .order_by(CallRow.id)
    )


def _asked(_before: datetime) -> Select[Any]:
    """Two people said yes to it, and it is still what they saw: closed, in no case, and about no other
    child than the one that it is erased for."""
    another = (
        exists()
        .where(
            RecordPersonRow.record_id == RecordRow.id,
            RecordPersonRow.about == "child",
            RecordPersonRow.id != func.coalesce(DataObjectRow.person_id, 0),
        )
        .correlate(RecordRow, DataObjectRow)
    )
    allowed = exists().where(
        DataObjectRow.kind == "record",
        DataObjectRow.object_id == RecordRow.id,
        DataObjectRow.erase_at.is_not(None),
        ~another,
    )
    closed = (RecordRow.state == "closed", RecordRow.erased_at.is_(None), ~_in_case())
    return (
        select(RecordRow.id)
        .outerjoin(CallRow, CallRow.id == RecordRow.call_id)
        .where(*closed, RecordRow.disposition != Disposition.ESCALATED, allowed)
        .where(or_(CallRow.id.is_(None), CallRow.ended_at.is_not(None)))
        .order_by(RecordRow.id)
    )


def _data_request(before: datetime) -> Select[Any]:
    """Answered before then, and nothing of it still to be deleted by its own word."""
    still = (
        exists()
        .where(
            DataObjectRow.request_id == DataRequestRow.id,
            DataObjectRow.erase_at.is_not(None),
            DataObjectRow.kind == "record",
            RecordRow.id == DataObjectRow.object_id,
            RecordRow.erased_at.is_(None),
        )
        .correlate(DataRequestRow)
    )
    over = (DataRequestRow.closed_at < before, DataRequestRow.erased_at.is_(None), ~still)
    return select(DataRequestRow.id).where(*over).order_by(DataRequestRow.id)


_QUERIES: Mapping[Kept, Callable[[datetime], Select[Any]]] = {
    Kept.SILENT: _silent,
    Kept.RECORD: _told,
    Kept.RECORDING: _recording,
    Kept.CASE_RECORDING: _case_recording,
    Kept.THERAPY: _therapy,
    Kept.CASE: _case,
    Kept.VICTIM_CASE: _victim_case,
    Kept.CALL: _call,
    Kept.ASKED: _asked,
    Kept.DATA_REQUEST: _data_request,
}
