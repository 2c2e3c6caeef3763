"""Care for what was recorded: files that went bad, recordings that do not get done, disks that fill up.

What is found here becomes an alarm with the call's id (`hotline.alarms`); nothing here stops a call.
"""

import shutil
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, Select, func, select
from sqlalchemy.orm import Session

from hotline import alarms, bus
from hotline.alarm_kinds import AlarmKind
from hotline.alarms import AlarmRow
from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.ids import CallId, CenterId
from hotline.settings import Settings, settings
from intake.recordings.recording_files import OwnDisk, Part, Shelf, drop_raw, file_of, raw_of_every_call
from intake.recordings.recordings import RecordingState
from intake.tables.calls import CallRow
from intake.tables.recordings import RecordingRow

WENT_BAD = frozenset({"gone", "damaged"})
"""Reasons of recordings that were whole once."""
NOTHING_SAID = "nothing_said"
"""Reason of a message in which the caller said nothing: told, but no alarm."""
LATE = timedelta(minutes=15)
"""A recording that is not done so long after its call is an alarm, whatever the cause."""
_WORKER_PAUSE = timedelta(minutes=3)
"""Within this a worker that is at work has looked at every recording."""
_ENOUGH = 1.1
"""A disk is well again at so many times the least, so that its alarm does not flicker."""
_AT_ONCE = 500
_UNCLAIMED = timedelta(days=1)
"""A call may last for hours, and be told late."""
_EMPTY_BYTES = 44
"""A WAV's header."""


def tell(
    session: Session, call_id: CallId, state: RecordingState, reason: str, now: datetime
) -> list[bus.Signal]:
    """Sound or end the alarm of a recording that came out like this."""
    if state is RecordingState.READY:
        return alarms.end(session, AlarmKind.RECORDING, call_id, now)
    if state is RecordingState.PENDING or reason == NOTHING_SAID:
        return []
    return _sound(session, call_id, reason, now)


def _sound(session: Session, call_id: CallId, reason: str, now: datetime) -> list[bus.Signal]:
    call = session.get(CallRow, call_id)
    center = CenterId(call.center_id) if call is not None and call.center_id is not None else None
    return alarms.sound(session, AlarmKind.RECORDING, call_id, reason, center, now)


def tell_late(engine: Engine | None, now: datetime, at_once: int = _AT_ONCE) -> None:
    """Sound the alarm for every recording that should long be done."""
    with reading(engine) as session:
        late = session.scalars(_untold_since(now - LATE).limit(at_once)).all()
    if late:
        with transaction(engine) as session:
            signals = [s for call_id in late for s in _sound(session, CallId(call_id), "late", now)]
        bus.publish(signals)


def left_undone(session: Session, now: datetime) -> int:
    """How many recordings are late although nobody has sounded their alarm: no worker is at work.

    Asked by whoever shows alarms, because a worker that does not run can tell of nothing.
    """
    untold = _untold_since(now - LATE - _WORKER_PAUSE).subquery()
    return session.scalar(select(func.count()).select_from(untold)) or 0


def _untold_since(at: datetime) -> Select[str]:
    """Recordings that are not done, of calls that ended before `at`, and that no alarm tells of."""
    told = select(AlarmRow.subject).where(
        AlarmRow.kind == AlarmKind.RECORDING, AlarmRow.over_at.is_(None)
    )
    return (
        select(RecordingRow.call_id)
        .join(CallRow, CallRow.id == RecordingRow.call_id)
        .where(
            RecordingRow.state == RecordingState.PENDING,
            CallRow.ended_at < at,
            RecordingRow.call_id.not_in(told),
        )
        .order_by(RecordingRow.call_id)
    )


def went_bad(session: Session, call_id: CallId, reason: str, now: datetime) -> list[bus.Signal]:
    """A recording that was whole is not any more. `reason`: `gone`, `damaged`."""
    row = session.get(RecordingRow, call_id, with_for_update=True)
    if row is None:
        return []
    row.state, row.reason, row.checked_at = RecordingState.BROKEN, reason, now
    return _sound(session, call_id, reason, now)


def came_back(session: Session, call_id: CallId, now: datetime) -> list[bus.Signal]:
    """A recording that had gone bad is whole again: a backup was put back."""
    row = session.get(RecordingRow, call_id, with_for_update=True)
    if row is None or row.state != RecordingState.BROKEN or row.reason not in WENT_BAD:
        return []
    row.state, row.reason, row.checked_at = RecordingState.READY, "", now
    return alarms.end(session, AlarmKind.RECORDING, call_id, now)


def look_over() -> None:
    """Job (daily): is every recording's file still there? What lies in the spool that nobody claims?"""
    look_over_all(None, utc_now())
    look_over_spool(None, utc_now(), OwnDisk())


def look_over_spool(engine: Engine | None, now: datetime, shelf: Shelf) -> None:
    """Asterisk makes files for every caller: of those nobody answered, empty ones stay, which are
    dropped here, and so is what a worker left that died when the recording was just ready. Sound that
    belongs to no recording we know of stays, and is an alarm.
    """
    unclaimed: list[CallId] = []
    for call_id, files in raw_of_every_call().items():
        stats = [file.stat() for file in files if file.exists()]
        if any(now.timestamp() - stat.st_mtime < _UNCLAIMED.total_seconds() for stat in stats):
            continue
        with reading(engine) as session:
            row = session.get(RecordingRow, call_id)
        if row is not None:
            if row.state == RecordingState.READY and row.path and shelf.has(call_id, row.path):
                drop_raw(call_id)
        elif all(stat.st_size <= _EMPTY_BYTES for stat in stats):
            drop_raw(call_id)
        else:
            unclaimed.append(call_id)
    if unclaimed:
        with transaction(engine) as session:
            signals = [s for call_id in unclaimed for s in _sound(session, call_id, "unclaimed", now)]
        bus.publish(signals)


def look_over_all(engine: Engine | None, now: datetime) -> None:
    """Looks at the folders only: `tongdai recordings check` reads every file."""
    for batch in _that_should_be_there(engine):
        lost = [
            call_id for call_id, path in batch if not all(file_of(path, part).exists() for part in Part)
        ]
        if lost:
            with transaction(engine) as session:
                signals = [s for call_id in lost for s in went_bad(session, call_id, "gone", now)]
            bus.publish(signals)


def _that_should_be_there(engine: Engine | None) -> Iterator[Sequence[tuple[CallId, str]]]:
    last = ""
    while True:
        query = select(RecordingRow.call_id, RecordingRow.path).where(
            RecordingRow.state == RecordingState.READY, RecordingRow.call_id > last
        )
        with reading(engine) as session:
            rows = session.execute(query.order_by(RecordingRow.call_id).limit(_AT_ONCE)).all()
        if not rows:
            return
        yield [(CallId(call_id), path) for call_id, path in rows if path is not None]
        last = rows[-1][0]


def watch_disks() -> None:
    """Job (cron): are the disks nearly full on which recordings are made and kept?"""
    watch_disks_of(None, settings(), utc_now())


def watch_disks_of(engine: Engine | None, of: Settings, now: datetime) -> None:
    """Sound or end the alarm of each disk. Calls go on in any case: Asterisk needs no disk for them.
    Another center's disk is named after it: `spool:dn`.
    """
    signals: list[bus.Signal] = []
    whose = f":{of.site}" if of.headquarters else ""
    with transaction(engine) as session:
        for disk, free in free_gb(of).items():
            subject = f"{disk}{whose}"
            if free < of.least_free_gb:
                tenths = f"{free * 10:.0f}"
                signals += alarms.sound(session, AlarmKind.DISK, subject, tenths, None, now)
            elif free >= of.least_free_gb * _ENOUGH:
                signals += alarms.end(session, AlarmKind.DISK, subject, now)
    bus.publish(signals)


def free_gb(of: Settings) -> dict[str, float]:
    """What is free for `recordings` and for the `spool`, which is left out when it is the same disk."""
    folders = {"recordings": _existing(of.recordings_dir), "spool": _existing(of.spool_dir)}
    if folders["recordings"].stat().st_dev == folders["spool"].stat().st_dev:
        del folders["spool"]
    return {subject: shutil.disk_usage(folder).free / 1e9 for subject, folder in folders.items()}


def _existing(folder: Path) -> Path:
    while not folder.exists():
        folder = folder.parent
    return folder
