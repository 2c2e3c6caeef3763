"""What `tongdai doctor` can say about recordings: whether they can be opened, whether any is missing."""

from collections.abc import Iterator

from sqlalchemy import func, select

from hotline import keyring, migrate, sealed_columns
from hotline.alarm_kinds import AlarmKind
from hotline.alarms import AlarmRow
from hotline.clock import utc_now
from hotline.db import reading
from hotline.errors import SetupError, Unavailable
from hotline.findings import Finding, Grade, Patient
from hotline.sealed import KeyRing
from hotline.settings import Settings
from intake.recordings import recording_care
from intake.tables.recordings import RecordingRow

_NAMED = 5


def examine(patient: Patient) -> Iterator[Finding]:
    """Are the keys there, is there space to record, and is any recording missing or broken?"""
    of = patient.settings
    if of.containers and not of.recording_keys.get_secret_value():
        return  # this container has nothing to do with recordings
    yield from _spool(of)
    if _has_database(of):
        yield from _bad()
    yield from _keys(of)
    if of.headquarters:
        yield _headquarters(of)


def _headquarters(of: Settings) -> Finding:
    from intake.recordings import delivering  # numpy, which no other finding needs

    try:
        delivering.headquarters(of).greet()
    except Unavailable as error:
        return Finding(
            Grade.WRONG,
            "headquarters",
            f"{error}: recordings wait here",
            "its certificate, and ca.pem here, must be of one authority (TONGDAI_CERTIFICATES), and for "
            "the address in TONGDAI_HEADQUARTERS"
            if isinstance(error, delivering.Untrusted)
            else "401: the newest key here must be in the settings of `tongdai receive` there, too; "
            "otherwise check the line to it and TONGDAI_HEADQUARTERS",
        )
    return Finding(Grade.GOOD, "headquarters", "takes recordings from here")


def _spool(of: Settings) -> Iterator[Finding]:
    """The disk of the data folder is looked at by `hotline.doctor`."""
    free = recording_care.free_gb(of).get("spool")
    if free is not None and free < of.least_free_gb:
        yield Finding(
            Grade.WRONG,
            "spool",
            f"only {free:.1f} GB are free to record calls; {of.least_free_gb:g} GB is the least",
            f"free some space on the disk of {of.spool_dir}: calls go on without it, recordings do not",
        )


def _bad() -> Iterator[Finding]:
    query = select(AlarmRow.subject, AlarmRow.reason).where(
        AlarmRow.kind == AlarmKind.RECORDING, AlarmRow.over_at.is_(None), AlarmRow.noted_by.is_(None)
    )
    with reading() as session:
        bad = session.execute(query.order_by(AlarmRow.since.desc())).all()
        undone = recording_care.left_undone(session, utc_now())
    if undone:
        yield Finding(
            Grade.WRONG,
            "recordings",
            f"{undone} are not done a quarter of an hour after their calls: no worker is at work",
            "start the worker; the raw files are in the spool until then",
        )
    if bad:
        named = ", ".join(f"{call_id} ({reason})" for call_id, reason in bad[:_NAMED])
        yield Finding(
            Grade.WRONG,
            "recordings",
            f"{len(bad)} are missing or broken and nobody looks into it: {named}"
            + (" …" if len(bad) > _NAMED else ""),
            "docs/operations.md says what each reason means; take note of them on the wallboard",
        )


def _keys(of: Settings) -> Iterator[Finding]:
    if not keyring.exists(of):
        yield Finding(Grade.GOOD, "recording keys", "none yet, the first recording makes one")
        return
    try:
        ring = keyring.recording_keys(of)
    except SetupError as error:
        yield Finding(
            Grade.WRONG,
            "recording keys",
            str(error),
            "put the right keys in: without them recordings wait in the spool and none can be played",
        )
        return
    yield Finding(Grade.GOOD, "recording keys", f"{len(ring)}, recordings are sealed with {ring[0].id}")
    if _has_database(of):
        yield from _unopenable(ring)


def _has_database(of: Settings) -> bool:
    if not of.database_url and not (of.data / "tongdai.db").exists():
        return False
    return migrate.revision_of() == migrate.newest()


def _unopenable(ring: KeyRing) -> Iterator[Finding]:
    query = (
        select(RecordingRow.key_id, func.count())
        .where(RecordingRow.key_id.is_not(None), RecordingRow.key_id.not_in([key.id for key in ring]))
        .group_by(RecordingRow.key_id)
    )
    with reading() as session:
        lost = session.execute(query).all()
        locked = sealed_columns.locked_by(session.connection(), ring)
    if locked is not None:
        yield Finding(
            Grade.WRONG,
            "recording keys",
            f"records and cases are sealed with the key {locked}, which is not in the settings:"
            " nobody can read or write any",
            "put that key back behind the others, restart, then run `tongdai recordings rekey`",
        )
    for key_id, count in lost:
        yield Finding(
            Grade.WRONG,
            "recording keys",
            f"{count} recordings are sealed with the key {key_id}, which is not in the settings",
            "put that key back behind the others, then run `tongdai recordings rekey`",
        )
