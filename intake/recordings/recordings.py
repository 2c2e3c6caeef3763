"""Recordings as people meet them: how one came out, what it sounds like, and playing it by right.

How they are made is in `intake.recordings.recording_work`, where they lie in
`intake.recordings.recording_files`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from hotline import alarms, audit
from hotline.access import Action, Viewer
from hotline.alarm_kinds import AlarmKind
from hotline.alarms import Alarm
from hotline.db import reading
from hotline.errors import Conflict, NotVisible
from hotline.ids import CallId
from hotline.peers import held_elsewhere
from hotline.sealed import SealBroken, SealedFile
from hotline.settings import settings
from intake.recordings.recording_files import Part, open_part, stem
from intake.tables.callbacks import CallbackRow
from intake.tables.calls import CallRow
from intake.tables.recordings import RecordingRow, RecordingSoundRow
from intake.visibility import talked, visible

ONE_PLAYING = timedelta(minutes=10)
"""A player asks for a recording in many parts: what one person hears within this is one playing."""


class RecordingBad(NotVisible):
    """A recording that was whole is not any more: `reason` is `gone` or `damaged`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class RecordingState(StrEnum):
    PENDING = "pending"
    READY = "ready"
    MISSING = "missing"
    ERASED = "erased"
    """Its time was over (`intake.retention`). While it still has a path its files are being deleted."""
    BROKEN = "broken"
    """`reason`: `unreadable`, `one_side`, `short`, `long`, `gone`, `damaged`. What there is can be
    played.
    """


@dataclass(frozen=True, slots=True)
class SideSound:
    """One side, as `intake.recordings.loudness.SideLoudness` measures it."""

    level_db: int | None
    silent: float
    peaks: bytes


@dataclass(frozen=True, slots=True)
class RecordingSound:
    """Both sides; `silences`: (from, to) in milliseconds, where neither says anything."""

    caller: SideSound
    counselor: SideSound
    silences: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class RecordingView:
    state: RecordingState
    duration: timedelta | None
    message: timedelta
    """How much of its beginning is a message that the caller left."""
    size: int | None
    reason: str
    sound: RecordingSound | None
    """None when there is nothing to play."""
    alarm: Alarm | None
    """That it is missing or broken, and who has taken note."""


@dataclass(frozen=True, slots=True)
class Playable:
    """A recording that this viewer may play. `noted`: that they do is on record already."""

    call_id: CallId
    path: str
    version: str
    """Another one when the files are."""
    noted: bool
    own: bool
    """The viewer talks in it, or has to call back who left it as a message."""


@dataclass(frozen=True, slots=True)
class ToHear:
    """A recording and what must be known of its call to show it."""

    call_id: CallId
    outbound: bool
    arrived_at: datetime
    recording: RecordingView


def recording_of(session: Session, call_id: str) -> RecordingView | None:
    """How a call's recording came out; the caller has checked that the viewer may see the call."""
    found = session.execute(
        select(RecordingRow, RecordingSoundRow)
        .outerjoin(RecordingSoundRow, RecordingSoundRow.call_id == RecordingRow.call_id)
        .where(RecordingRow.call_id == call_id)
    ).one_or_none()
    if found is None:
        return None
    row, sound = found
    return RecordingView(
        state=RecordingState(row.state),
        duration=None if row.duration_ms is None else timedelta(milliseconds=row.duration_ms),
        message=timedelta(milliseconds=row.message_ms or 0),
        size=row.size,
        reason=row.reason,
        sound=_sound(sound) if sound is not None and row.path is not None else None,
        alarm=_alarm(session, row),
    )


def path_of(call_id: CallId) -> str | None:
    """Where the files of a recording that is ready lie."""
    with reading() as session:
        row = session.get(RecordingRow, call_id)
        return row.path if row is not None and row.state == RecordingState.READY else None


def awaited(call_id: CallId) -> str:
    """Where the files of a recording belong that another center still has to bring.

    Raises NotVisible for a call nobody knows, Conflict for a recording that is there or is given up.
    """
    with reading() as session:
        row, call = session.get(RecordingRow, call_id), session.get(CallRow, call_id)
    if row is None or call is None or not held_elsewhere(call_id, settings()):
        raise NotVisible("recording")
    if row.state != RecordingState.PENDING:
        raise Conflict("recording")
    return stem(call_id, call.arrived_at)


def _alarm(session: Session, row: RecordingRow) -> Alarm | None:
    if row.state == RecordingState.READY:
        return None
    return alarms.of(session, AlarmKind.RECORDING, row.call_id)


def _sound(row: RecordingSoundRow) -> RecordingSound:
    return RecordingSound(
        SideSound(row.caller_level_db, row.caller_silent, row.caller_peaks),
        SideSound(row.counselor_level_db, row.counselor_silent, row.counselor_peaks),
        tuple((begin, end) for begin, end in row.silences),
    )


def playable(session: Session, viewer: Viewer, call_id: CallId, now: datetime) -> Playable:
    """Reads only, for there are many requests in one playing. Raises NotVisible, also when there is
    nothing to play.
    """
    found = session.execute(
        select(RecordingRow, _is_own(viewer))
        .join(CallRow, CallRow.id == RecordingRow.call_id)
        .where(CallRow.id == call_id, _may_play(viewer))
    ).one_or_none()
    row, own = found or (None, False)
    if row is None or row.path is None:
        raise NotVisible("recording")
    version = f"{row.size}-{row.checked_at.timestamp() if row.checked_at else 0:.0f}"
    return Playable(call_id, row.path, version, _noted(session, viewer, call_id, now), own)


def is_own(session: Session, viewer: Viewer, call_id: CallId) -> bool:
    """See `Playable.own`."""
    return session.scalar(select(CallRow.id).where(CallRow.id == call_id, _is_own(viewer))) is not None


def which_may_be_played(
    session: Session, viewer: Viewer, calls: Collection[CallId]
) -> frozenset[CallId]:
    """Of these calls those whose recording is there and may be played by this viewer."""
    found = session.scalars(
        select(CallRow.id)
        .join(RecordingRow, RecordingRow.call_id == CallRow.id)
        .where(CallRow.id.in_(calls), _may_play(viewer))
    )
    return frozenset(CallId(call_id) for call_id in found)


def _may_play(viewer: Viewer) -> ColumnElement[bool]:
    allowed = visible(
        viewer,
        Action.PLAY_RECORDING,
        owner=CallRow.counselor_id,
        center=CallRow.center_id,
        own=_is_theirs_to_hear(viewer),
    )
    there = and_(RecordingRow.path.is_not(None), RecordingRow.state != RecordingState.ERASED)
    return and_(there, allowed)


def _is_own(viewer: Viewer) -> ColumnElement[bool]:
    return or_(CallRow.counselor_id == viewer.staff_id, _is_theirs_to_hear(viewer))


def _is_theirs_to_hear(viewer: Viewer) -> ColumnElement[bool]:
    return or_(talked(viewer, CallRow.id), _has_to_call_back(viewer), _cannot_call_back(viewer))


def _has_to_call_back(viewer: Viewer) -> ColumnElement[bool]:
    """The caller left a message and waits for a call, from this viewer or from whoever takes it."""
    ours = or_(CallbackRow.center_id == viewer.center_id, CallbackRow.center_id.is_(None))
    return exists().where(
        CallbackRow.message_call_id == CallRow.id,
        CallbackRow.closed_at.is_(None),
        or_(CallbackRow.owner_id == viewer.staff_id, and_(CallbackRow.owner_id.is_(None), ours)),
    )


def _cannot_call_back(viewer: Viewer) -> ColumnElement[bool]:
    """A message of a withheld number, which nobody has spoken with: to hear it is all that can be done,
    and who would have called back may."""
    return and_(
        CallRow.number.is_(None),
        CallRow.message_at.is_not(None),
        CallRow.answered_at.is_(None),
        visible(viewer, Action.CALL_BACK, owner=CallRow.counselor_id, center=CallRow.center_id),
    )


def to_hear(session: Session, viewer: Viewer, call_id: CallId, now: datetime) -> ToHear:
    """A recording by itself, for who may play it and not see the call, audited. Raises NotVisible."""
    playable(session, viewer, call_id, now)
    audit.note(session, viewer, audit.Act.SEE, "recording", call_id, now)
    call, found = session.get_one(CallRow, call_id), recording_of(session, call_id)
    if found is None:
        raise NotVisible("recording")
    return ToHear(call_id, call.outbound, call.arrived_at, found)


def note_playing(session: Session, viewer: Viewer, call_id: CallId, now: datetime) -> None:
    """Put a playing on record, once however many of its parts are asked for at the same time."""
    session.get(RecordingRow, call_id, with_for_update=True)
    if not _noted(session, viewer, call_id, now):
        audit.note(session, viewer, audit.Act.PLAY, "recording", call_id, now)


def _noted(session: Session, viewer: Viewer, call_id: CallId, now: datetime) -> bool:
    return audit.noted(session, viewer, audit.Act.PLAY, "recording", call_id, now - ONE_PLAYING)


def open_recording(found: Playable, part: Part) -> SealedFile:
    """The file to read from. Raises RecordingBad, KeyUnknown."""
    try:
        return open_part(found.call_id, found.path, part)
    except FileNotFoundError:
        raise RecordingBad("gone") from None
    except SealBroken:
        raise RecordingBad("damaged") from None
