"""Recordings: from the two files Asterisk leaves behind to one that can be listened to, by right.

`finish` and `sweep` are jobs: they may run twice, at once, or be killed half-way. The raw files stay
until the joined one is in the database as ready; a recording that is short or broken keeps them.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from errno import errorcode
from pathlib import Path

import structlog
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from hotline import audit
from hotline.access import Action, Viewer
from hotline.clock import local, utc_now
from hotline.db import reading, transaction
from hotline.errors import NotVisible
from hotline.ids import CallId
from hotline.settings import settings
from intake.audio import BadAudio, Side, join, load
from intake.tables import CallRow, RecordingRow, TalkRow
from intake.talks import talk_time
from intake.visibility import talked, visible

_log = structlog.get_logger()

GRACE = timedelta(minutes=2)
"""Asterisk may still be writing for a moment after the hang-up; after this a file is missing."""
_SHORTFALL = timedelta(seconds=3)
"""How much shorter than the talk a recording may be."""
_SWEPT_AT_ONCE = 200
_SCRATCH = ".parts"
_SCRATCH_LIFE = timedelta(hours=1)
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class RecordingState(StrEnum):
    PENDING = "pending"
    READY = "ready"
    MISSING = "missing"
    BROKEN = "broken"
    """`reason`: `unreadable`, `one_side`, `short`. Whatever there is can be played."""


@dataclass(frozen=True, slots=True)
class RecordingView:
    state: RecordingState
    duration: timedelta | None
    size: int | None
    reason: str
    playable: bool


@dataclass(frozen=True, slots=True)
class _Found:
    """What the files turned out to be."""

    state: RecordingState
    reason: str = ""
    path: str | None = None
    duration: timedelta | None = None
    size: int | None = None


def finish(call_id: str) -> None:
    """Job: make this call's recording ready, or say why it cannot be."""
    finish_one(None, CallId(call_id), utc_now())


def sweep() -> None:
    """Job (cron): finish what a lost job or a killed worker left pending."""
    sweep_all(None, utc_now())


def sweep_all(engine: Engine | None, now: datetime) -> None:
    """Try every pending recording; one that the disk does not take waits for the next sweep."""
    with reading(engine) as session:
        query = select(RecordingRow.call_id).where(RecordingRow.state == RecordingState.PENDING)
        pending = session.scalars(query.order_by(RecordingRow.call_id).limit(_SWEPT_AT_ONCE)).all()
    for call_id in pending:
        try:
            finish_one(engine, CallId(call_id), now)
        except OSError as error:
            _log.error("recording_not_written", call=call_id, error=errorcode.get(error.errno or 0))
    _clear_scratch(now)


def _clear_scratch(now: datetime) -> None:
    """Drop what killed workers left half-written."""
    for part in (settings().recordings_dir / _SCRATCH).glob("*"):
        with suppress(FileNotFoundError):
            if now.timestamp() - part.stat().st_mtime > _SCRATCH_LIFE.total_seconds():
                part.unlink()


def finish_one(engine: Engine | None, call_id: CallId, now: datetime) -> RecordingState | None:
    """Look at the files outside any transaction, then write down what they are."""
    with reading(engine) as session:
        row = session.get(RecordingRow, call_id)
        call = session.get(CallRow, call_id)
        if row is None or call is None:
            return None
        talks = session.execute(
            select(TalkRow.began_at, TalkRow.ended_at).where(TalkRow.call_id == call_id)
        ).all()
        state = RecordingState(row.state)
        arrived_at, ended_at = call.arrived_at, call.ended_at or now
    if state is RecordingState.READY:
        _drop_raw(call_id)
        return state
    talked = talk_time(((began, ended) for began, ended in talks), ended_at)
    found = _look(call_id, arrived_at, talked, late=now - ended_at > GRACE)
    with transaction(engine) as session:
        _note(session, call_id, found, now)
    if found.state is RecordingState.READY:
        _drop_raw(call_id)
    elif found.state is not RecordingState.PENDING:
        _log.warning("recording", call=call_id, state=found.state, reason=found.reason)
    return found.state


def _sides(call_id: CallId) -> tuple[Path, Path]:
    spool = settings().spool_dir
    return spool / f"{call_id}-in.wav", spool / f"{call_id}-out.wav"


def _look(call_id: CallId, arrived_at: datetime, talked: timedelta, *, late: bool) -> _Found:
    """Join the sides when they are complete. `late`: nothing more will come, so keep what there is."""
    if not _FILE_NAME.fullmatch(call_id):
        return _Found(RecordingState.MISSING, "no_file_name")
    files = _sides(call_id)
    there = [file.is_file() for file in files]
    sides = [_load(file) for file in files]
    if None in sides and not late:
        return _Found(RecordingState.PENDING, "not_yet")
    if not any(sides):
        state = RecordingState.BROKEN if any(there) else RecordingState.MISSING
        return _Found(state, "unreadable" if any(there) else "no_file")
    path = f"{local(arrived_at):%Y/%m/%d}/{call_id}.wav"
    folder = settings().recordings_dir
    joined = join(sides[0], sides[1], folder / path, folder / _SCRATCH)
    reason = "one_side" if None in sides else "short" if joined.duration < talked - _SHORTFALL else ""
    if reason and not late:
        return _Found(RecordingState.PENDING, "not_yet")
    state = RecordingState.BROKEN if reason else RecordingState.READY
    return _Found(state, reason, path, joined.duration, joined.size)


def _load(file: Path) -> Side | None:
    try:
        return load(file)
    except BadAudio:
        return None


def _note(session: Session, call_id: CallId, found: _Found, now: datetime) -> None:
    row = session.get(RecordingRow, call_id, with_for_update=True)
    if row is None or row.state == RecordingState.READY:
        return  # another worker was faster
    row.state, row.reason, row.checked_at = found.state, found.reason, now
    row.path, row.size = found.path, found.size
    row.duration_ms = round(found.duration / timedelta(milliseconds=1)) if found.duration else None


def _drop_raw(call_id: CallId) -> None:
    """Drop the two sides, and the mixed file that MixMonitor cannot be told to leave out."""
    for file in (*_sides(call_id), settings().spool_dir / f"{call_id}.wav"):
        file.unlink(missing_ok=True)


def recording_of(session: Session, call_id: str) -> RecordingView | None:
    """The state of a call's recording; the caller has checked that the viewer may see the call."""
    row = session.get(RecordingRow, call_id)
    if row is None:
        return None
    return RecordingView(
        state=RecordingState(row.state),
        duration=None if row.duration_ms is None else timedelta(milliseconds=row.duration_ms),
        size=row.size,
        reason=row.reason,
        playable=row.path is not None,
    )


def open_recording(session: Session, viewer: Viewer, call_id: CallId, now: datetime) -> Path:
    """The file to play, audited as played. Raises NotVisible, also when there is nothing to play."""
    path = session.scalar(
        select(RecordingRow.path)
        .join(CallRow, CallRow.id == RecordingRow.call_id)
        .where(
            CallRow.id == call_id,
            visible(
                viewer,
                Action.PLAY_RECORDING,
                owner=CallRow.counselor_id,
                center=CallRow.center_id,
                own=talked(viewer, CallRow.id),
            ),
        )
    )
    if path is None:
        raise NotVisible("recording")
    file = settings().recordings_dir / path
    if not file.is_file():
        _log.error("recording_gone", call=call_id)
        raise NotVisible("recording")
    audit.note(session, viewer, audit.Act.PLAY, "recording", call_id, now)
    return file
