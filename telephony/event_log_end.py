"""The end of what stands in Asterisk's event log: rows are deleted when their days are over.

The log is there to find calls again that ended while nobody listened (`telephony.recovery`). What lies
before the recovery's cursor is in SQL, where numbers have a period of their own; so here it is a copy,
which goes by itself. A row that SQL still lacks is never deleted, however old.

Asterisk writes into the same file, and goes first: a thousand rows at a time, and when the file is taken
just now, not at all. Deleted text is overwritten (`secure_delete`), the file keeps its size. The newest
row stays: rows are numbered from it.
"""

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import Engine

from hotline.db import reading
from telephony.recovery import EventLogCursorRow

AT_ONCE = 1000
"""Rows of one look; one look every five seconds is more than any center's day."""
_log = structlog.get_logger()

_DELETE = """
DELETE FROM cel WHERE AcctId IN (
  SELECT AcctId FROM cel
  WHERE AcctId <= :cursor AND AcctId < (SELECT max(AcctId) FROM cel)
  ORDER BY AcctId LIMIT :most
) AND CAST(eventtime AS REAL) < :before
"""


class EventLogEnd:
    """Of one site's log. `keep`: from the row's own time."""

    def __init__(self, engine: Engine, event_log: Path, site: str, keep: timedelta) -> None:
        self._engine, self._event_log, self._site, self._keep = engine, event_log, site, keep
        self._said = ""

    def cut(self, now: datetime) -> int:
        """Delete what is due, at most AT_ONCE rows; returns how many. Raises Unavailable when SQL
        is away; a log that cannot be written is told of in our own, once."""
        with reading(self._engine) as session:
            cursor = session.get(EventLogCursorRow, self._site)
        if cursor is None or not self._event_log.exists():
            return 0
        try:
            return self._delete(cursor.seq, now - self._keep)
        except sqlite3.Error as error:
            if str(error) not in (self._said, "database is locked"):
                self._said = str(error)
                _log.warning("event_log_not_cut", site=self._site, error=self._said)
            return 0

    def _delete(self, cursor: int, before: datetime) -> int:
        with closing(sqlite3.connect(f"file:{self._event_log}?mode=rw", uri=True, timeout=0)) as log:
            if log.execute("SELECT 1 FROM sqlite_master WHERE name = 'cel'").fetchone() is None:
                return 0
            first = log.execute("SELECT eventtime FROM cel ORDER BY AcctId LIMIT 1").fetchone()
            if first is None or float(first[0]) >= before.timestamp():
                return 0  # as nearly always: nothing is locked for it
            log.execute("PRAGMA secure_delete = ON")
            asked = {"cursor": cursor, "most": AT_ONCE, "before": before.timestamp()}
            with log:
                return log.execute(_DELETE, asked).rowcount
