"""Calls, and talks of calls that go on, that ended while nobody listened: found again in Asterisk's own
event log.

Compares the log with SQL and gives back, as call events, what SQL lacks; the journal carries them in
like any other event, and the fold ignores what it knows. Safe to run at any time and again. A call that
the log never ended and that is not on the line any more died with its Asterisk.
"""

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import BigInteger, Engine, String
from sqlalchemy.orm import Mapped, mapped_column

from hotline.db import Base, reading, transaction
from hotline.errors import Unavailable
from hotline.events import CallEnded, CallEvent, Outcome
from hotline.ids import CallId, began_at, site_of
from intake.calls import calls as kept
from telephony.event_log import LoggedCall, LogRow, by_call

SETTLING = timedelta(seconds=5)
"""Younger than this a call may have come after the line was looked at."""
_EVERY_SECONDS, _AT_LEAST_EVERY_SECONDS = 5.0, 60.0
_COLUMNS = "AcctId, eventtype, eventtime, uniqueid, linkedid, channame, cidnum, exten, extra, call"


class EventLogCursorRow(Base):
    """Up to which row of a site's event log every call is in SQL with its end."""

    __tablename__ = "event_log_cursor"

    site: Mapped[str] = mapped_column(String(8), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)


class Recovery:
    """Looks again and again at the log of the switchboard's own site.

    A call that is still not in SQL after it was told could not be applied (`journal_reject`),
    and is told anew by the next switchboard, who may know better.
    """

    def __init__(self, engine: Engine, event_log: Path, site: str) -> None:
        self._engine, self._event_log, self._site = engine, event_log, site
        self._told: frozenset[CallId] = frozenset()

    def look(self, elsewhere: Collection[CallId], now: datetime) -> list[CallEvent]:
        """What SQL lacks and was not told before. `elsewhere`: calls on the line, or of whom something
        is still on its way into SQL. Blocks, and raises, as `recover` does."""
        found = recover(self._engine, self._event_log, self._site, elsewhere, now)
        going_on = [event for event in found if event.call_id in elsewhere]
        over = [event for event in found if event.call_id not in elsewhere]
        told = self._told
        self._told = frozenset(event.call_id for event in over) | (told & frozenset(elsewhere))
        return going_on + [event for event in over if event.call_id not in told]


def recover(
    engine: Engine, event_log: Path, site: str, live: Collection[CallId], now: datetime
) -> list[CallEvent]:
    """The call events that SQL lacks of calls which are over; `live` ones are not: of those, the ends of
    talks whose phone has hung up.

    Blocks on SQL and the log: call it from a thread. Raises Unavailable when SQL is away.
    """
    with reading(engine) as session:
        cursor = session.get(EventLogCursorRow, site)
        after = cursor.seq if cursor else 0
        open_calls = {each for each in kept.open_calls(session) if site_of(each) == site} - set(live)
        rows, last = read_log(event_log, after)
        there = by_call(rows)
        outcomes = kept.outcomes_of(session, [call.call_id for call in there])
        logged = [
            call.told() for call in there if call.call_id in live or not outcomes.get(call.call_id)
        ]
        settled = now - SETTLING
        left = [end for call in logged if call.call_id in live for end in call.left if end.at < settled]
        talking = kept.open_talks(session, {end.call_id for end in left}) if left else ()
    found: list[CallEvent] = []
    unsettled = [last + 1, *_beginnings(rows, live, settled)]
    for call in logged:
        if outcomes.get(call.call_id):
            continue
        unsettled.append(call.first_seq)
        if call.call_id not in live:
            found += missing(call, now)
    found += [end for end in left if (end.call_id, end.channel) in talking]
    found += _gone_without_a_trace(open_calls - {each.call_id for each in there}, now)
    _move_cursor(engine, site, after, min(unsettled) - 1)
    return found


def pause_after(seconds: float) -> float:
    """How long to wait for the next look at the log when the last one took so long.

    The cursor stays before the oldest call that is not over: while one lasts for a day, all of that
    day's log is read each time (a second for 5,000 calls). So it stays a twentieth of a core.
    """
    return min(max(_EVERY_SECONDS, 20 * seconds), _AT_LEAST_EVERY_SECONDS)


def missing(call: LoggedCall, now: datetime) -> Sequence[CallEvent]:
    """All events of a logged call that is not on the line; none while it may have come just now."""
    if call.ended:
        return call.events
    if now - call.last_at < SETTLING:
        return ()
    outcome = Outcome.ANSWERED if call.talked else Outcome.FAILED
    return (*call.events, CallEnded(call.call_id, call.last_at, outcome, 0))


def _beginnings(rows: Sequence[LogRow], live: Collection[CallId], settled: datetime) -> Iterator[int]:
    """The first rows of channels on the line, or perhaps on it by now. Until somebody answers, nothing
    else is logged of a caller who waits, and not even that they are a call."""
    for row in rows:
        if row.eventtype == "CHAN_START" and (row.uniqueid in live or row.at >= settled):
            yield row.seq


def _gone_without_a_trace(open_calls: Collection[CallId], now: datetime) -> list[CallEvent]:
    """Calls that SQL has open, that are not on the line and not in the log either (it was lost)."""
    return [
        CallEnded(call_id, now, Outcome.FAILED, 0)
        for call_id in open_calls
        if now.timestamp() - began_at(call_id) > SETTLING.total_seconds()
    ]


def _move_cursor(engine: Engine, site: str, old: int, new: int) -> None:
    if new == old:
        return
    with transaction(engine) as session:
        session.merge(EventLogCursorRow(site=site, seq=new))


def read_log(path: Path, after: int) -> tuple[list[LogRow], int]:
    """Rows past `after`, and the last row's number. A log that was begun anew is read from its start.

    Opened read-only; with WAL a reader never makes Asterisk lose a row. No log: no rows. A log that is
    there and cannot be read raises Unavailable: taken for empty it would end calls as failed.
    """
    if not path.exists():
        return [], 0
    log = None
    try:
        log = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)
        if log.execute("SELECT 1 FROM sqlite_master WHERE name = 'cel'").fetchone() is None:
            return [], 0  # Asterisk has not made the table yet
        last = log.execute("SELECT max(AcctId) FROM cel").fetchone()[0] or 0
        query = f"SELECT {_COLUMNS} FROM cel WHERE AcctId > ? ORDER BY AcctId"  # noqa: S608
        found = log.execute(query, (after if after <= last else 0,)).fetchall()
        return [LogRow(row[0], *map(str, row[1:])) for row in found], last
    except sqlite3.Error as error:
        raise Unavailable(f"Asterisk's event log {path} cannot be read: {error}") from error
    finally:
        if log is not None:
            log.close()
