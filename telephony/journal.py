"""The journal between the line and the database: call events in order, on local disk.

The switchboard appends and goes on; a process beside it (`telephony.draining`) folds the events into
SQL in order. The cursor moves in the same SQL transaction as what it covers, so each event is applied
exactly once whatever is killed when. While the database is away events wait here. An event that cannot
be applied (a bug) is set aside in `journal_reject` and the rest goes on.

The file is SQLite in WAL mode: an append survives SIGKILL; after a power cut the last moments come back
from Asterisk's own event log (`telephony.recovery`).
"""

import fcntl
import json
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from secrets import token_hex

import structlog
from sqlalchemy import BigInteger, Engine, String, Text, bindparam, update
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline.db import Base, transaction
from hotline.errors import HotlineError, SetupError, Unavailable
from hotline.events import CallEvent, from_json, to_json
from hotline.ids import CallId

_log = structlog.get_logger()

BATCH = 500
_encoded = json.JSONEncoder(ensure_ascii=False).encode
_LOOKED_THROUGH = 500


class JournalCursorRow(Base):
    """How far one journal has been applied. `journal`: the id made with the file."""

    __tablename__ = "journal_cursor"

    journal: Mapped[str] = mapped_column(String(32), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)


class JournalRejectRow(Base):
    """An event that could not be applied, kept for whoever mends the cause."""

    __tablename__ = "journal_reject"

    journal: Mapped[str] = mapped_column(String(32), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    body: Mapped[str] = mapped_column(Text)
    error: Mapped[str] = mapped_column(String(200))


class Journal:
    """The local file. One process holds it to `append`: raises SetupError when another one does. One
    holds it for `draining`, that is `after` and `forget`: the next waits until that one has gone."""

    def __init__(self, folder: Path, *, draining: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._hold(folder, draining=draining)
        self._path = folder / "journal.db"
        self._reader: sqlite3.Connection | None = None
        with (folder / "opening.lock").open("w") as gate:  # SQLite waits for nobody who makes it WAL
            fcntl.flock(gate, fcntl.LOCK_EX)
            self._writer = self._open()
            self._begin()
        self.applied: int | None = None
        """How far the database is, as we left it; None: ask it."""
        self.id: str = self._writer.execute("SELECT id FROM journal").fetchone()[0]
        self.on_growth: Callable[[], None] = lambda: None

    def _begin(self) -> None:
        """Make a new file ours; nothing changes in an old one."""
        self._writer.execute("CREATE TABLE IF NOT EXISTS journal (id TEXT NOT NULL)")
        self._writer.execute(
            "CREATE TABLE IF NOT EXISTS event"
            " (seq INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL)"
        )
        self._writer.execute(
            "INSERT INTO journal SELECT ? WHERE NOT EXISTS (SELECT 1 FROM journal)", (token_hex(8),)
        )

    def _hold(self, folder: Path, *, draining: bool) -> None:
        self._lock = (folder / ("drain.lock" if draining else "lock")).open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | (0 if draining else fcntl.LOCK_NB))
        except OSError as error:
            self._lock.close()
            raise SetupError(
                f"another switchboard keeps its journal in {folder}: give this one another name"
                " (TONGDAI_INSTANCE)"
            ) from error

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA busy_timeout=5000")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        return connection

    def append(self, events: Sequence[CallEvent]) -> None:
        """Keep the events, in order, before anybody hears of them."""
        if not events:
            return
        self._writer.execute("BEGIN IMMEDIATE")
        self._writer.executemany(
            "INSERT INTO event (body) VALUES (?)",
            [(_encoded(to_json(event)),) for event in events],
        )
        self._writer.execute("COMMIT")
        self.on_growth()

    def after(self, seq: int, limit: int = BATCH) -> list[tuple[int, str]]:
        """(seq, JSON body) of the oldest events past `seq`."""
        if self._reader is None:
            self._reader = self._open()
        rows = self._reader.execute(
            "SELECT seq, body FROM event WHERE seq > ? ORDER BY seq LIMIT ?", (seq, limit)
        )
        return rows.fetchall()

    def waiting(self) -> frozenset[CallId] | None:
        """The calls of whom something is still here; None: of too many to look through."""
        bodies = self._writer.execute("SELECT body FROM event LIMIT ?", (_LOOKED_THROUGH,)).fetchall()
        if len(bodies) == _LOOKED_THROUGH:
            return None
        return frozenset(CallId(json.loads(body)["call_id"]) for (body,) in bodies)

    def forget(self, up_to: int) -> None:
        """Drop what is safely in SQL."""
        if self._reader is not None:
            self._reader.execute("DELETE FROM event WHERE seq <= ?", (up_to,))

    def close(self) -> None:
        for connection in (self._writer, self._reader):
            if connection is not None:
                connection.close()
        self._lock.close()


Apply = Callable[[Session, Sequence[CallEvent]], object]
"""Folds events, in order, into rows of this session: all of them or, raising, none that is kept."""

_UNFIT = (HotlineError, ValueError, LookupError, TypeError, IntegrityError, DataError)
"""What an event that cannot be applied raises; a database that is away raises something else."""


def drain_once(journal: Journal, engine: Engine, apply: Apply) -> int:
    """Apply the next batch in one transaction; returns how many events that were (0: none left).

    They are applied together; when that raises, one by one, and those that raise again are set aside.
    """
    if not journal.after(0, limit=1):
        return 0  # what is applied is forgotten: nothing here, nothing to lock the database for
    with transaction(engine) as session:
        known, journal.applied = journal.applied, None  # until this is committed
        cursor = _cursor(session, journal.id) if known is None else known
        batch = journal.after(cursor)
        if batch and not _apply_together(session, batch, apply):
            for seq, body in batch:
                _apply_one(session, journal.id, seq, body, apply)
        last = batch[-1][0] if batch else cursor
        _move_cursor(session, journal.id, cursor, last)
    journal.applied = last
    journal.forget(last)
    return len(batch)


def _cursor(session: Session, journal_id: str) -> int:
    cursor = session.get(JournalCursorRow, journal_id)
    if cursor is None:
        cursor = JournalCursorRow(journal=journal_id, seq=0)
        session.add(cursor)
        session.flush()
    return cursor.seq


_cursors = Base.metadata.tables[JournalCursorRow.__tablename__]
_MOVE = (
    update(_cursors)
    .where(_cursors.c.journal == bindparam("id"), _cursors.c.seq == bindparam("old"))
    .values(seq=bindparam("new"))
)


def _move_cursor(session: Session, journal_id: str, old: int, new: int) -> None:
    """Raises Unavailable when it is not where we left it: the database has been put back."""
    moved = session.connection().execute(_MOVE, {"id": journal_id, "old": old, "new": new})
    if moved.rowcount != 1:
        raise Unavailable("the journal's cursor is not where it was left")


def _apply_together(session: Session, batch: Sequence[tuple[int, str]], apply: Apply) -> bool:
    try:
        with session.begin_nested():
            apply(session, [from_json(json.loads(body)) for _, body in batch])
    except _UNFIT as error:
        _log.warning("journal_batch_unfit", error=type(error).__name__)
        return False
    return True


def _apply_one(session: Session, journal_id: str, seq: int, body: str, apply: Apply) -> None:
    try:
        with session.begin_nested():
            apply(session, [from_json(json.loads(body))])
    except _UNFIT as error:
        _log.error("journal_reject", seq=seq, error=type(error).__name__)
        session.add(JournalRejectRow(journal=journal_id, seq=seq, body=body, error=type(error).__name__))
