"""What is done with a recording where its Asterisk is: from the two files it leaves to two sealed ones.

`finish` and `sweep` are jobs of headquarters' worker: they may run twice, at once, or be killed
half-way. What another center recorded is finished there (`intake.recordings.delivering`). The raw files
stay until what was sealed has been read back, heard to be the same, and is in the database as ready; a
recording that is short or broken keeps them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from errno import errorcode
from pathlib import Path

import numpy as np
import structlog
from sqlalchemy import ColumnElement, Engine, and_, select, true
from sqlalchemy.orm import Session

from hotline import bus
from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.errors import Unavailable
from hotline.ids import CallId, call_ids_of
from hotline.peers import held_elsewhere, other_sites
from hotline.settings import settings
from intake.recordings import audio, recording_care
from intake.recordings.audio import BadAudio, Side, Sound
from intake.recordings.loudness import Loudness, measure
from intake.recordings.recording_care import NOTHING_SAID
from intake.recordings.recording_files import (
    NotKept,
    OwnDisk,
    Part,
    Shelf,
    clear_scratch,
    drop_raw,
    message_file,
    raw_files,
    stem,
)
from intake.recordings.recordings import RecordingState
from intake.recordings.talks import talk_time
from intake.tables.calls import CallRow, TalkRow
from intake.tables.recordings import RecordingRow, RecordingSoundRow

_log = structlog.get_logger()

GRACE = timedelta(minutes=2)
"""Asterisk may still be writing for a moment after the hang-up; after this a file is missing."""
_SHORTFALL = timedelta(seconds=3)
"""How much shorter than the talk, or longer than the whole call, a recording may be."""
_SWEPT_AT_ONCE = 200
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class _Call:
    """What the database knows of the call."""

    id: CallId
    arrived_at: datetime
    ended_at: datetime
    talked: timedelta
    answered: bool
    left_message: bool


@dataclass(frozen=True, slots=True)
class _Kept:
    """What lies on the disk now."""

    path: str
    key_id: str
    duration: timedelta
    message: timedelta
    size: int
    loudness: Loudness


@dataclass(frozen=True, slots=True)
class _Found:
    """What the files turned out to be."""

    state: RecordingState
    reason: str = ""
    kept: _Kept | None = None


_NOT_YET = _Found(RecordingState.PENDING, "not_yet")


def finish(call_id: str) -> None:
    """Job: make this call's recording ready, or say why it cannot be."""
    if not held_elsewhere(call_id, settings()):
        attempt(None, CallId(call_id), utc_now(), OwnDisk())


def sweep() -> None:
    """Job (cron): finish what a lost job or a killed worker left pending."""
    sweep_all(None, utc_now())


def sweep_all(engine: Engine | None, now: datetime) -> None:
    """Try every pending recording of ours; one that the disk does not take waits for the next sweep. Of
    every site those that are late sound their alarm."""
    here = settings()
    elsewhere = [RecordingRow.call_id.startswith(call_ids_of(peer.code)) for peer in other_sites(here)]
    for call_id in pending(engine, and_(true(), *(~each for each in elsewhere))):
        attempt(engine, call_id, now, OwnDisk())
    recording_care.tell_late(engine, now)
    clear_scratch(now)


def pending(engine: Engine | None, whose: ColumnElement[bool]) -> list[CallId]:
    """Calls whose recordings are to be finished."""
    with reading(engine) as session:
        query = select(RecordingRow.call_id).where(RecordingRow.state == RecordingState.PENDING, whose)
        rows = session.scalars(query.order_by(RecordingRow.call_id).limit(_SWEPT_AT_ONCE)).all()
    return [CallId(row) for row in rows]


def attempt(
    engine: Engine | None, call_id: CallId, now: datetime, shelf: Shelf
) -> RecordingState | None:
    """`finish_one`; what does not go now is logged and tried again by the next sweep."""
    try:
        return finish_one(engine, call_id, now, shelf)
    except (OSError, NotKept, Unavailable) as error:
        code = errorcode.get(error.errno or 0) if isinstance(error, OSError) else type(error).__name__
        _log.error("recording_not_written", call=call_id, error=code)
        return None


def finish_one(
    engine: Engine | None, call_id: CallId, now: datetime, shelf: Shelf | None = None
) -> RecordingState | None:
    """Look at the files outside any transaction, then write down what they are.

    Raises OSError when the disk does not take it, NotKept when it does not give back what it took,
    Unavailable when headquarters or the database does not answer.
    """
    shelf = shelf or OwnDisk()
    with reading(engine) as session:
        row, call = session.get(RecordingRow, call_id), _call(session, call_id, now)
        if row is None or call is None:
            return None
        state, path = RecordingState(row.state), row.path
    if state is RecordingState.READY:
        if path is not None and shelf.has(call_id, path):
            drop_raw(call_id)
        return state
    found = _look(call, shelf, late=now - call.ended_at > GRACE)
    with transaction(engine) as session:
        signals = _note(session, call_id, found, now)
    bus.publish(signals)
    if found.state is RecordingState.READY:
        drop_raw(call_id)
    return found.state


def _call(session: Session, call_id: CallId, now: datetime) -> _Call | None:
    row = session.get(CallRow, call_id)
    if row is None:
        return None
    spells = session.execute(
        select(TalkRow.began_at, TalkRow.ended_at).where(TalkRow.call_id == call_id)
    ).all()
    ended_at = row.ended_at or now
    talked = talk_time(((began, ended) for began, ended in spells), ended_at)
    answered = row.answered_at is not None
    return _Call(call_id, row.arrived_at, ended_at, talked, answered, row.message_at is not None)


def _look(call: _Call, shelf: Shelf, *, late: bool) -> _Found:
    """Keep what was said when it is complete. `late`: nothing more will come, so keep what there is."""
    if not _FILE_NAME.fullmatch(call.id):
        return _Found(RecordingState.MISSING, "no_file_name")
    files = raw_files(call.id)
    sides = [_load(file) for file in files]
    message = _load(message_file(call.id)) if call.left_message else None
    if not late and (None in sides if call.answered else message is None):
        return _NOT_YET
    if not any((*sides, message)):
        return _nothing(call)
    sound = audio.join(sides[0], sides[1], message)
    told = message.duration if message is not None else timedelta()
    reason = _wrong(call, sides, sound.duration, told)
    if reason and not late:
        return _NOT_YET
    state = RecordingState.BROKEN if reason else RecordingState.READY
    return _Found(state, reason, _keep(call, shelf, sound, told))


def _nothing(call: _Call) -> _Found:
    if not call.answered:
        return _Found(RecordingState.MISSING, NOTHING_SAID)
    if any(file.is_file() for file in raw_files(call.id)):
        return _Found(RecordingState.BROKEN, "unreadable")
    return _Found(RecordingState.MISSING, "no_file")


def _wrong(call: _Call, sides: Sequence[Side | None], whole: timedelta, message: timedelta) -> str:
    """The reason why this is not all that was said; empty when it is."""
    if call.answered and None in sides:
        return "one_side"
    if whole - message < call.talked - _SHORTFALL:
        return "short"
    if whole > call.ended_at - call.arrived_at + _SHORTFALL:
        return "long"
    return ""


def _load(file: Path) -> Side | None:
    try:
        return audio.load(file)
    except BadAudio:
        return None


def _keep(call: _Call, shelf: Shelf, sound: Sound, message: timedelta) -> _Kept:
    """Seal both files. What is in them was decoded again first and is the same sound."""
    original, small = audio.flac(sound), audio.opus(sound)
    if not np.array_equal(audio.read(original).samples, sound.samples):
        raise NotKept(Part.ORIGINAL)
    if abs(audio.read(small).duration - sound.duration) > timedelta(seconds=0.1):
        raise NotKept(Part.PLAYING)
    path = stem(call.id, call.arrived_at)
    shelf.keep(call.id, path, Part.PLAYING, small)
    key_id = shelf.keep(call.id, path, Part.ORIGINAL, original)
    loudness = measure(sound.samples, sound.rate)
    return _Kept(path, key_id, sound.duration, message, len(original), loudness)


def _note(session: Session, call_id: CallId, found: _Found, now: datetime) -> list[bus.Signal]:
    row = session.get(RecordingRow, call_id, with_for_update=True)
    if row is None or row.state == RecordingState.READY:
        return []  # another worker was faster
    row.state, row.reason, row.checked_at = found.state, found.reason, now
    if (kept := found.kept) is not None:
        row.path, row.key_id, row.size = kept.path, kept.key_id, kept.size
        row.duration_ms = _ms(kept.duration)
        row.message_ms = _ms(kept.message)
        session.merge(_sound(call_id, kept.loudness))
    return recording_care.tell(session, call_id, found.state, found.reason, now)


def _ms(length: timedelta) -> int:
    return round(length / timedelta(milliseconds=1))


def _sound(call_id: CallId, loudness: Loudness) -> RecordingSoundRow:
    caller, counselor = loudness.caller, loudness.counselor
    return RecordingSoundRow(
        call_id=call_id,
        caller_level_db=caller.level_db,
        caller_silent=caller.silent,
        caller_peaks=caller.peaks,
        counselor_level_db=counselor.level_db,
        counselor_silent=counselor.silent,
        counselor_peaks=counselor.peaks,
        silences=[list(silence) for silence in loudness.silences],
    )
