"""`tongdai recordings`: changing the keys that seal recordings, and looking whether all of them open.

The same keys seal what is sealed in SQL: files, what is said in therapy, secrets, and the key that seals
what is told in records and cases.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import typer
from sqlalchemy import Engine, select, update

from hotline import bus, db, keyring, sealed_columns, second_factors, stated_reasons
from hotline.clock import utc_now
from hotline.errors import HotlineError
from hotline.ids import CallId
from hotline.sealed import KeyRing, SealBroken
from hotline.settings import settings
from intake.cases import case_attachments
from intake.data_requests import papers
from intake.documents import document_files
from intake.handovers import handover_photos, office_systems
from intake.official_reports import report_files
from intake.recordings import recording_care
from intake.recordings.recording_files import Part, open_part, rewrap
from intake.reports import attachments
from intake.research import extracts
from intake.tables.recordings import RecordingRow
from intake.therapy import therapy_notes

app = typer.Typer(no_args_is_help=True)

_AT_ONCE = 500
_IN_SQL = (
    attachments.SEALED,
    case_attachments.SEALED,
    document_files.SEALED,
    handover_photos.SEALED,
    papers.SEALED,
    extracts.SEALED,
    office_systems.SEALED,
    report_files.SEALED,
    second_factors.SEALED,
    stated_reasons.SEALED,
    therapy_notes.SEALED,
)
_DATA_KEYS = sealed_columns.SEALED
"""What opens the narrative: one row for all of it, and so in no count of files."""


@dataclass(frozen=True, slots=True)
class Rekeyed:
    """`failed`: call id, or the name of a report's file → what was wrong with it; it stays as it is."""

    done: int
    failed: dict[str, str]


@app.command("new-key")
def new_key_command() -> None:
    """Make a key and say what to do with it. In the embedded default it is put in at once."""
    if settings().recording_keys.get_secret_value():
        typer.echo(keyring.new_key())
        typer.echo("put this key before the others, restart web and worker, then rekey", err=True)
        return
    made = keyring.add_to_file(settings())
    typer.echo(f"recordings are sealed with the key {made.id} from now on; now rekey")


@app.command("rekey")
def rekey_command() -> None:
    """Have every recording open with the newest key. May be stopped and run again at any time."""
    found = rekey(None, keyring.recording_keys(settings()))
    for call_id, why in found.failed.items():
        typer.echo(f"{call_id}: {why}")
    typer.echo(f"{found.done} recordings changed to the newest key, {len(found.failed)} could not be")
    if found.failed:
        raise typer.Exit(1)


@app.command("check")
def check_command() -> None:
    """Open every recording from beginning to end: is each whole, and is there a key for it?"""
    whole, failed = 0, 0
    for call_id, path in _recordings(None, None):
        error = _opens(call_id, path)
        _keep_in_mind(CallId(call_id), error)
        if error is None:
            whole += 1
        else:
            failed += 1
            typer.echo(f"{call_id}: {_said(error)}")
    for others in _IN_SQL:
        files, wrong = others.check(None, keyring.recording_keys(settings()))
        for name, why in wrong.items():
            typer.echo(f"{name}: {why}")
        whole, failed = whole + files, failed + len(wrong)
    typer.echo(f"{whole} recordings are whole, {failed} are not")
    failed += _check_narrative()
    if failed:
        raise typer.Exit(1)


def _check_narrative() -> int:
    """Open all that is told in records and cases: how many values do not."""
    _, failed = _DATA_KEYS.check(None, keyring.recording_keys(settings()))
    if not failed:
        opened, failed = sealed_columns.check(db.engine())
        if opened:
            typer.echo(f"{opened} texts of records and cases open, {len(failed)} do not")
    for name, why in failed.items():
        typer.echo(f"{name}: {why}")
    return len(failed)


def rekey(engine: Engine | None, ring: KeyRing) -> Rekeyed:
    """Rewrap file by file; the row follows its files, so that what was interrupted is found again."""
    done, failed = 0, {}
    for call_id, path in _recordings(engine, ring[0].id):
        try:
            for part in Part:
                rewrap(call_id, path, part, ring)
        except (HotlineError, OSError) as error:
            failed[call_id] = _said(error)
            continue
        with db.transaction(engine) as session:
            session.execute(
                update(RecordingRow).where(RecordingRow.call_id == call_id).values(key_id=ring[0].id)
            )
        done += 1
    for others in _IN_SQL:
        also, wrong = others.rekey(engine, ring)
        done, failed = done + also, failed | wrong
    failed |= _DATA_KEYS.rekey(engine, ring)[1]
    return Rekeyed(done, failed)


def _opens(call_id: str, path: str) -> HotlineError | OSError | None:
    """What is wrong with a recording's files; None when nothing is."""
    try:
        for part in Part:
            with open_part(call_id, path, part) as file:
                for _ in file.read(0, file.size):
                    pass
    except (HotlineError, OSError) as error:
        return error
    return None


def _keep_in_mind(call_id: CallId, error: HotlineError | OSError | None) -> None:
    """What was found becomes an alarm, or ends one. A key that is gone says nothing about the file."""
    with db.transaction() as session:
        if error is None:
            signals = recording_care.came_back(session, call_id, utc_now())
        elif isinstance(error, SealBroken):
            signals = recording_care.went_bad(session, call_id, "damaged", utc_now())
        elif isinstance(error, FileNotFoundError):
            signals = recording_care.went_bad(session, call_id, "gone", utc_now())
        else:
            signals = []
    bus.publish(signals)


def _said(error: HotlineError | OSError) -> str:
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return f"damaged: {error}" if isinstance(error, SealBroken) else str(error)


def _recordings(engine: Engine | None, not_with: str | None) -> Iterator[tuple[str, str]]:
    """(call id, path) of every recording that has files; `not_with`: leave those with this key out."""
    last = ""
    while rows := _next(engine, not_with, last):
        yield from rows
        last = rows[-1][0]


def _next(engine: Engine | None, not_with: str | None, after: str) -> Sequence[tuple[str, str]]:
    query = select(RecordingRow.call_id, RecordingRow.path).where(
        RecordingRow.path.is_not(None), RecordingRow.call_id > after
    )
    if not_with is not None:
        query = query.where(RecordingRow.key_id != not_with)
    with db.reading(engine) as session:
        rows = session.execute(query.order_by(RecordingRow.call_id).limit(_AT_ONCE)).all()
    return [(call_id, path) for call_id, path in rows if path is not None]
