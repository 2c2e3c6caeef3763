"""Deletes what is due, in batches: first the files, then what the rows tell, with a certificate.

Killed at any moment it leaves nothing half: a recording is set to be deleted before its first file goes,
and stays due until all of it is gone and the certificate is written in the transaction that says so. Run
twice, or by two at once, it does the same. A file that the disk does not give up leaves its row for the
next night.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import Engine, Select, func, or_, select
from sqlalchemy.orm import Session

from hotline import alarms, bus
from hotline.alarm_kinds import AlarmKind
from hotline.clock import utc_now
from hotline.db import transaction
from hotline.ids import CallId
from hotline.settings import Settings, settings
from intake.recordings.recording_files import Part, drop_raw, file_of
from intake.recordings.recordings import RecordingState
from intake.retention import certificates, emptying, ending_cases, ending_therapy
from intake.retention.due import due
from intake.retention.retention_rules import CASES, Kept, Rule, rules
from intake.tables.recordings import RecordingRow
from intake.tables.records import RecordRow

AT_ONCE = 200
"""Rows of one transaction: a moment for whoever waits to write."""
_log = structlog.get_logger()
_OF_RECORDS = frozenset({Kept.SILENT, Kept.RECORD, Kept.ASKED})
"""Classes whose ids are records'."""
_OF_RECORDINGS = frozenset({Kept.RECORDING, Kept.CASE_RECORDING})
_WITHOUT_FILES = frozenset({Kept.DATA_REQUEST, Kept.THERAPY})
"""Nothing of them lies outside the database. What is in none of these, nor a case, is a call."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How many are due by this rule; nothing is where it says 0 days."""

    rule: Rule
    count: int


def rules_of(of: Settings) -> tuple[Rule, ...]:
    """Raises SetupError."""
    days = {
        Kept.SILENT: of.keep_silent_days,
        Kept.RECORD: of.keep_record_days,
        Kept.RECORDING: of.keep_recording_days,
        Kept.CASE_RECORDING: of.keep_case_recording_days,
        Kept.THERAPY: of.keep_therapy_days,
        Kept.CASE: of.keep_case_days,
        Kept.VICTIM_CASE: of.keep_victim_case_days,
        Kept.CALL: of.keep_call_days,
        Kept.DATA_REQUEST: of.keep_data_request_days,
    }
    return rules(days)


def preview(session: Session, of: Settings, now: datetime) -> list[Standing]:
    """What a run would delete now. Changes nothing."""
    return [Standing(rule, _count(session, rule, now)) for rule in rules_of(of)]


def _count(session: Session, rule: Rule, now: datetime) -> int:
    if not rule.runs:
        return 0
    found = due(rule.kept, rule.before(now), now).order_by(None).subquery()
    return session.scalar(select(func.count()).select_from(found)) or 0


def run_all() -> None:
    """Job (daily); looks at the certificates of all nights, too."""
    for rule in rules_of(settings()):
        run(None, rule, utc_now())
    certificates.watch(None, utc_now())


def run(engine: Engine | None, rule: Rule, now: datetime, at_once: int = AT_ONCE) -> int:
    """Delete all that is due by this rule; gives how many."""
    done = 0
    batch = _begin(engine, rule, now, None, at_once)
    while batch.ids:
        gone = [each for each in batch.recordings if _files_gone(*each)]
        with transaction(engine) as session:
            count, signals = _finish(session, rule, batch, gone, now)
        bus.publish(signals)
        done += count
        batch = _begin(engine, rule, now, batch.ids[-1], at_once)
    if done:
        _log.info("retention", kind=str(rule.kept), count=done)
    return done


@dataclass(frozen=True, slots=True)
class _Batch:
    """`recordings`: call, and the stem of its files, if it has any."""

    ids: Sequence[int | str]
    recordings: Sequence[tuple[CallId, str | None]]


def _begin(
    engine: Engine | None, rule: Rule, now: datetime, last: int | str | None, at_once: int
) -> _Batch:
    """The next ones after `last`; from now on nobody plays their recordings."""
    if not rule.runs:
        return _Batch((), ())
    query = due(rule.kept, rule.before(now), now)
    (key,) = query.selected_columns
    with transaction(engine) as session:
        ids = session.scalars((query if last is None else query.where(key > last)).limit(at_once)).all()
        if rule.kept in _WITHOUT_FILES:
            return _Batch(ids, ())
        rows = session.scalars(_recordings_of(rule, ids)).all()
        for row in rows:
            row.state, row.reason = RecordingState.ERASED, ""
        return _Batch(ids, [(CallId(row.call_id), row.path) for row in rows])


def _recordings_of(rule: Rule, ids: Sequence[int | str]) -> Select[RecordingRow]:
    records = ending_cases.records_of(_numbers(ids)) if rule.kept in CASES else ids
    calls = select(RecordRow.call_id).where(RecordRow.id.in_(records))
    by_record = rule.kept in _OF_RECORDS or rule.kept in CASES
    of = RecordingRow.call_id.in_(calls if by_record else ids)
    there = or_(RecordingRow.path.is_not(None), RecordingRow.state == RecordingState.BROKEN)
    return select(RecordingRow).where(of, there).with_for_update()


def _numbers(ids: Sequence[int | str]) -> list[int]:
    return [int(one) for one in ids]


def _files_gone(call_id: CallId, path: str | None) -> bool:
    """Whether nothing of it is left on this disk."""
    try:
        for part in Part if path else ():
            file_of(path or "", part).unlink(missing_ok=True)
        drop_raw(call_id)
    except OSError as error:
        _log.error("recording_not_deleted", call=call_id, error=type(error).__name__)
        return False
    return True


def _finish(
    session: Session,
    rule: Rule,
    batch: _Batch,
    gone: Sequence[tuple[CallId, str | None]],
    now: datetime,
) -> tuple[int, list[bus.Signal]]:
    """Empty the rows whose files are gone and which nobody has put a hold on since, and certify it."""
    signals: list[bus.Signal] = []
    for call_id, _ in gone:
        emptying.recording(session, call_id, now)
        signals += alarms.end(session, AlarmKind.RECORDING, call_id, now)
    session.flush()
    if rule.kept in _OF_RECORDINGS:
        ids: Sequence[int | str] = [call_id for call_id, _ in gone]
    else:
        ids = _still_due(session, rule, batch.ids, now)
    if ids and rule.kept in CASES:
        ids = _end_cases(session, rule, _numbers(ids), len(gone), now)
        return len(ids), signals
    if ids and rule.kept in _OF_RECORDS:
        emptying.records(session, _numbers(ids), now)
    elif ids and rule.kept is Kept.CALL:
        emptying.calls(session, [str(one) for one in ids], now)
    elif ids and rule.kept is Kept.DATA_REQUEST:
        emptying.data_requests(session, _numbers(ids), now)
    if ids:
        made = certificates.write(session, rule, [str(one) for one in ids], len(gone), now)
        if rule.kept is Kept.THERAPY:
            ending_therapy.end(session, _numbers(ids), made, now)
    return len(ids), signals


def _still_due(
    session: Session, rule: Rule, batch: Sequence[int | str], now: datetime
) -> Sequence[int | str]:
    """Nobody has held it since, and no recording of it has a file any more."""
    query = due(rule.kept, rule.before(now), now)
    (key,) = query.selected_columns
    ids = session.scalars(query.where(key.in_(batch))).all()
    if rule.kept in _WITHOUT_FILES:
        return ids
    if rule.kept in CASES:
        return [one for one in ids if not _has_recordings(session, int(one))]
    kept = emptying.with_recording(session, ids, of_records=rule.kept in _OF_RECORDS)
    return [one for one in ids if one not in kept]


def _has_recordings(session: Session, case_id: int) -> bool:
    records = session.scalars(ending_cases.records_of([case_id])).all()
    return bool(emptying.with_recording(session, records, of_records=True))


def _end_cases(
    session: Session, rule: Rule, roots: Sequence[int], files: int, now: datetime
) -> Sequence[int]:
    """The certificate first, which the database asks for; gives also what was merged into them."""
    ids = ending_cases.together(session, roots)
    certificate = certificates.write(session, rule, [str(one) for one in ids], files, now)
    records = session.scalars(ending_cases.records_of(ids)).all()
    emptying.records(session, records, now)
    ending_cases.end(session, ids, certificate, now)
    return ids
