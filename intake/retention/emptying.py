"""Takes out of rows what tells of anybody; the rows stay, because they are counted.

In the transaction of the caller. What it empties, table by table, is in docs/security/retention.md.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from hotline.clock import local
from intake.calls.nuisances import NuisanceRow
from intake.calls.number_flags import NumberFlagRow
from intake.calls.yes_no import QuestionRow
from intake.forms.forms import About
from intake.recordings.recordings import RecordingState
from intake.retention.retention_rules import counted, counted_person, counted_report
from intake.searching.search_index import RECORD, SearchRow
from intake.tables.callbacks import CallbackCallRow, CallbackEventRow, CallbackRow, CallOutRow
from intake.tables.calls import CallRow, KeyRow, TransferRow
from intake.tables.data_requests import DataObjectRow, DataPaperRow, DataRequestRow
from intake.tables.recordings import RecordingRow, RecordingSoundRow
from intake.tables.records import RecordPersonRow, RecordRejectedRow, RecordRevisionRow, RecordRow
from intake.tables.reports import ReportAttachmentRow, ReportRow


def recording(session: Session, call_id: str, now: datetime) -> None:
    """Its files are gone: how long it was stays."""
    row = session.get_one(RecordingRow, call_id, with_for_update=True)
    row.state, row.reason, row.path, row.key_id = RecordingState.ERASED, "", None, None
    row.checked_at = now
    session.execute(delete(RecordingSoundRow).where(RecordingSoundRow.call_id == call_id))


def with_recording(
    session: Session, ids: Sequence[int | str], *, of_records: bool
) -> set[int | str | None]:
    """Those of these records, or calls, whose recording still has files."""
    one = RecordRow.id if of_records else CallRow.id
    there = or_(RecordingRow.path.is_not(None), RecordingRow.state == RecordingState.PENDING)
    query = (
        select(one)
        .select_from(CallRow)
        .join(RecordingRow, RecordingRow.call_id == CallRow.id)
        .outerjoin(RecordRow, RecordRow.call_id == CallRow.id)
    )
    return set(session.scalars(query.where(one.in_(ids), there)))


def records(session: Session, ids: Sequence[int], now: datetime) -> None:
    """Records, whom they tell of, their history, reports, files, place in the search, and calls."""
    rows = session.scalars(select(RecordRow).where(RecordRow.id.in_(ids)).with_for_update()).all()
    told_of = {
        row.id: (row.form_version, local(row.received_at or row.created_at).date()) for row in rows
    }
    for row in rows:
        row.fields = counted(row.form_version, None, row.fields)
        row.erased_at = now
    for person in session.scalars(select(RecordPersonRow).where(RecordPersonRow.record_id.in_(ids))):
        version, told_on = told_of[person.record_id]
        person.fields = counted_person(version, About(person.about), person.fields, told_on)
    session.execute(delete(RecordRevisionRow).where(RecordRevisionRow.record_id.in_(ids)))
    session.execute(delete(RecordRejectedRow).where(RecordRejectedRow.record_id.in_(ids)))
    session.execute(delete(SearchRow).where(SearchRow.kind == RECORD, SearchRow.ref.in_(ids)))
    _reports(session, ids)
    calls(session, [row.call_id for row in rows if row.call_id], now)


def _reports(session: Session, record_ids: Sequence[int]) -> None:
    rows = session.scalars(select(ReportRow).where(ReportRow.record_id.in_(record_ids))).all()
    for row in rows:
        row.fields, row.body_hash = counted_report(row.form_version, row.fields), ""
    of = ReportAttachmentRow.report_id.in_([row.id for row in rows])
    session.execute(delete(ReportAttachmentRow).where(of))


def data_requests(session: Session, ids: Sequence[int], now: datetime) -> None:
    """What was asked and answered, and about what; that somebody asked, and when, stays."""
    session.execute(delete(DataPaperRow).where(DataPaperRow.request_id.in_(ids)))
    session.execute(delete(DataObjectRow).where(DataObjectRow.request_id.in_(ids)))
    session.execute(update(DataRequestRow).where(DataRequestRow.id.in_(ids)).values(erased_at=now))


def calls(session: Session, ids: Sequence[str], now: datetime) -> None:
    """Numbers, and what was asked and pressed; when, how long and with whom stays."""
    if not ids:
        return
    session.execute(
        update(CallRow).where(CallRow.id.in_(ids)).values(number=None, dialled="", erased_at=now)
    )
    session.execute(delete(QuestionRow).where(QuestionRow.call_id.in_(ids)))
    session.execute(delete(KeyRow).where(KeyRow.call_id.in_(ids)))
    session.execute(update(TransferRow).where(TransferRow.call_id.in_(ids)).values(dialled="", to=""))
    session.execute(update(NuisanceRow).where(NuisanceRow.call_id.in_(ids)).values(number=""))
    flags = update(NumberFlagRow).where(NumberFlagRow.call_id.in_(ids), NumberFlagRow.until < now)
    session.execute(flags.values(number="", text=""))
    unwritten = select(RecordRow.id).where(RecordRow.call_id.in_(ids), RecordRow.state == "unused")
    refs = list(session.scalars(unwritten))
    session.execute(delete(SearchRow).where(SearchRow.kind == RECORD, SearchRow.ref.in_(refs)))
    _callbacks(session, ids)


def _callbacks(session: Session, calls: Sequence[str]) -> None:
    """Tasks that are closed and of which no call has its number any more, and the calls out for them."""
    of = select(CallbackCallRow.callback_id).where(CallbackCallRow.call_id.in_(calls))
    numbered = (
        select(CallbackCallRow.callback_id)
        .join(CallRow, CallRow.id == CallbackCallRow.call_id)
        .where(CallRow.number.is_not(None))
    )
    over = list(
        session.scalars(
            select(CallbackRow.id).where(
                CallbackRow.id.in_(of),
                CallbackRow.closed_at.is_not(None),
                CallbackRow.id.not_in(numbered),
            )
        )
    )
    session.execute(update(CallbackRow).where(CallbackRow.id.in_(over)).values(number=""))
    session.execute(
        update(CallbackEventRow).where(CallbackEventRow.callback_id.in_(over)).values(note="")
    )
    outs = or_(CallOutRow.callback_id.in_(over), CallOutRow.call_id.in_(calls))
    session.execute(update(CallOutRow).where(outs).values(number="", note=""))
