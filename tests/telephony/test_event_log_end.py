import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from structlog.testing import capture_logs

from hotline.db import transaction
from hotline.ids import CallId
from telephony.event_log_end import AT_ONCE, EventLogEnd
from telephony.recovery import EventLogCursorRow, read_log, recover
from tests.telephony.test_event_log import ANSWERED, CALL
from tests.telephony.test_recovery import LATER, apply, write_log

KEEP = timedelta(days=90)
OVER = ANSWERED[-1].at + KEEP + timedelta(seconds=1)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """As Asterisk has it: in WAL mode, and open."""
    path = tmp_path / "master.db"
    asterisk = sqlite3.connect(path)
    asterisk.execute("PRAGMA journal_mode=WAL")
    yield write_log(path, ANSWERED)
    asterisk.close()


def end_of(db: Engine, log: Path) -> EventLogEnd:
    return EventLogEnd(db, log, "hn", KEEP)


def put_in(db: Engine, log: Path) -> None:
    """Two looks: all of it is in SQL, and then the cursor is behind it."""
    apply(db, recover(db, log, "hn", (), LATER))
    assert recover(db, log, "hn", (), LATER) == []


def test_what_is_in_the_database_goes_when_its_days_are_over(db: Engine, log: Path) -> None:
    put_in(db, log)
    end = end_of(db, log)
    assert end.cut(ANSWERED[0].at + KEEP) == 0
    half = ANSWERED[4].at + KEEP
    older = sum(row.at < half - KEEP for row in ANSWERED)
    assert 0 < older < len(ANSWERED) - 1
    assert end.cut(half) == older
    assert end.cut(OVER) == len(ANSWERED) - older - 1  # rows are numbered from the newest
    assert [row.seq for row in read_log(log, 0)[0]] == [len(ANSWERED)]
    assert end.cut(OVER) == 0


def on_disk(log: Path) -> bytes:
    return b"".join(file.read_bytes() for file in log.parent.glob("master.db*"))


def test_no_number_is_left_in_the_file(db: Engine, log: Path) -> None:
    write_log(log, [ANSWERED[-1]._replace(cidnum="")])  # the newest stays
    number = next(row.cidnum for row in ANSWERED if len(row.cidnum) > 8).encode()
    put_in(db, log)
    assert number in on_disk(log)
    end_of(db, log).cut(OVER)
    own = sqlite3.connect(log)
    own.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # as SQLite does by itself, every thousand pages
    own.close()
    assert number not in on_disk(log)


def test_what_the_database_lacks_is_never_deleted(db: Engine, log: Path) -> None:
    end = end_of(db, log)
    assert end.cut(OVER + 10 * KEEP) == 0  # nobody has looked yet
    recover(db, log, "hn", {CallId(CALL)}, LATER)
    assert end.cut(OVER + 10 * KEEP) == 0
    assert len(read_log(log, 0)[0]) == len(ANSWERED)


def test_a_call_of_which_half_is_gone_is_not_told_anew(db: Engine, log: Path) -> None:
    put_in(db, log)
    end_of(db, log).cut(ANSWERED[4].at + KEEP)
    assert recover(db, log, "hn", (), LATER) == []
    with transaction(db) as session:
        session.get_one(EventLogCursorRow, "hn").seq = 0
    assert recover(db, log, "hn", (), LATER) == []


def test_a_thousand_rows_at_a_time(db: Engine, log: Path) -> None:
    put_in(db, log)
    write_log(log, [ANSWERED[-1]] * AT_ONCE)
    with transaction(db) as session:
        session.get_one(EventLogCursorRow, "hn").seq = 2 * AT_ONCE
    end = end_of(db, log)
    assert (end.cut(OVER), end.cut(OVER), end.cut(OVER)) == (AT_ONCE, len(ANSWERED) - 1, 0)


def test_asterisk_goes_first(db: Engine, log: Path) -> None:
    put_in(db, log)
    writing = sqlite3.connect(log, isolation_level=None)
    writing.execute("BEGIN IMMEDIATE")
    with capture_logs() as said:
        assert end_of(db, log).cut(OVER) == 0
    writing.execute("ROLLBACK")
    writing.close()
    assert said == []
    assert end_of(db, log).cut(OVER) > 0


def test_a_log_that_is_none_is_told_of_once(db: Engine, log: Path, tmp_path: Path) -> None:
    put_in(db, log)
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"not a database, but there" * 100)
    end = end_of(db, broken)
    with capture_logs() as said:
        assert (end.cut(OVER), end.cut(OVER)) == (0, 0)
    assert [(one["event"], one["site"]) for one in said] == [("event_log_not_cut", "hn")]
    assert end_of(db, tmp_path / "none.db").cut(OVER) == 0
