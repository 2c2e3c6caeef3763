import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from multiprocessing import Pipe
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from hotline.db import reading, transaction
from hotline.errors import BadInput, SetupError, Unavailable
from hotline.events import CallArrived, CallEnded, CallEvent, CounselorChosen, Outcome
from hotline.ids import CallId, OfferId, StaffId
from intake.calls import calls
from telephony.drain import drain, gathering
from telephony.journal import Journal, JournalCursorRow, JournalRejectRow, drain_once
from tests.waiting import until

AT = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)


def arrived(number: int) -> CallArrived:
    return CallArrived(CallId(f"hn-1.{number}"), AT, "PJSIP/telco-1", "0912345678", "111")


Open = Callable[[Path], Journal]


@pytest.fixture
def open_journal() -> Iterator[Open]:
    """Opens journals; one of a folder at a time, as its process would have it."""
    opened: list[Journal] = []

    def open_journal(folder: Path) -> Journal:
        for journal in opened:
            journal.close()  # as when its process is killed: the lock goes, the file stays
        opened[:] = [Journal(folder)]
        return opened[0]

    yield open_journal
    for journal in opened:
        journal.close()


class Shelf:
    """Stands for `intake.calls.calls.apply_all`: remembers what was applied."""

    def __init__(self) -> None:
        self.events: list[CallEvent] = []

    def __call__(self, session: Session, events: Sequence[CallEvent]) -> None:
        self.events += events


def test_events_are_applied_in_order_and_once(db: Engine, open_journal: Open, tmp_path: Path) -> None:
    journal, shelf = open_journal(tmp_path), Shelf()
    events = [arrived(1), CallEnded(CallId("hn-1.1"), AT, Outcome.ABANDONED, 16), arrived(2)]
    journal.append(events[:2])
    journal.append(events[2:])
    assert drain_once(journal, db, shelf) == 3
    assert drain_once(journal, db, shelf) == 0
    assert shelf.events == events


def test_killed_between_append_and_drain_nothing_is_lost(
    db: Engine, open_journal: Open, tmp_path: Path
) -> None:
    open_journal(tmp_path).append([arrived(1)])
    shelf = Shelf()
    assert drain_once(open_journal(tmp_path), db, shelf) == 1
    assert shelf.events == [arrived(1)]


def test_killed_after_commit_before_the_journal_forgets_nothing_comes_twice(
    db: Engine, open_journal: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal, shelf = open_journal(tmp_path), Shelf()
    journal.append([arrived(1)])
    monkeypatch.setattr(journal, "forget", lambda up_to: None)
    drain_once(journal, db, shelf)
    assert drain_once(open_journal(tmp_path), db, shelf) == 0


def test_a_new_journal_file_starts_from_its_own_beginning(
    db: Engine, open_journal: Open, tmp_path: Path
) -> None:
    shelf = Shelf()
    for folder in ("old", "new"):
        journal = open_journal(tmp_path / folder)
        journal.append([arrived(1), arrived(2)])
        assert drain_once(journal, db, shelf) == 2
    with reading(db) as session:
        assert len(session.scalars(select(JournalCursorRow)).all()) == 2


def test_one_event_that_cannot_be_applied_is_set_aside_and_the_rest_goes_on(
    db: Engine, open_journal: Open, tmp_path: Path
) -> None:
    """Whether the code refuses it or the database does, when it is written."""
    journal = open_journal(tmp_path)
    refused, unknown, later = arrived(1), CallId("hn-1.2"), arrived(3)
    nobody = CounselorChosen(unknown, AT, OfferId("offer-1"), StaffId(999), "")
    journal.append([refused, arrived(2), nobody, later])

    def apply(session: Session, events: Sequence[CallEvent]) -> None:
        if refused in events:
            raise BadInput("no")
        calls.apply_all(session, events)

    assert drain_once(journal, db, apply) == 4
    with reading(db) as session:
        assert set(calls.open_calls(session)) == {unknown, later.call_id}
        rejects = session.scalars(select(JournalRejectRow).order_by(JournalRejectRow.seq)).all()
        assert [(each.seq, each.error) for each in rejects] == [(1, "BadInput"), (3, "IntegrityError")]


def test_a_database_put_back_to_an_older_state_is_gone_on_with(
    db: Engine, open_journal: Open, tmp_path: Path
) -> None:
    journal, shelf = open_journal(tmp_path), Shelf()
    journal.append([arrived(1)])
    drain_once(journal, db, shelf)
    with transaction(db) as session:
        session.execute(delete(JournalCursorRow))
    journal.append([arrived(2)])
    with pytest.raises(Unavailable):
        drain_once(journal, db, shelf)
    assert drain_once(journal, db, shelf) == 1
    with reading(db) as session:
        assert session.scalar(select(JournalCursorRow.seq)) == 2


def test_the_drain_takes_in_what_it_is_told_of_until_the_switchboard_has_gone(
    db: Engine, redis: str, open_journal: Open, tmp_path: Path
) -> None:
    theirs, ours = Pipe(duplex=False)
    journal = open_journal(tmp_path)
    journal.append([arrived(1)])  # before it runs
    with ThreadPoolExecutor(1) as pool:
        draining = pool.submit(drain, tmp_path, theirs)
        for number in (2, 3):
            until(lambda: journal.after(0) == [])
            journal.append([arrived(number)])
            os.write(ours.fileno(), b".")
        ours.close()  # at once: the last one was told
        draining.result(10)
    theirs.close()
    with reading(db) as session:
        assert set(calls.open_calls(session)) == {"hn-1.1", "hn-1.2", "hn-1.3"}


@pytest.mark.parametrize(("taken", "seconds"), [(0, 0.02), (3, 0.02), (40, 0.12), (5000, 0.25)])
def test_the_busier_the_line_is_the_more_the_drain_gathers(taken: int, seconds: float) -> None:
    assert gathering(taken) == pytest.approx(seconds)


def test_two_switchboards_cannot_share_a_journal(open_journal: Open, tmp_path: Path) -> None:
    open_journal(tmp_path)
    with pytest.raises(SetupError, match="TONGDAI_INSTANCE"):
        Journal(tmp_path)


def test_a_new_journal_may_be_opened_by_both_its_ends_at_once(tmp_path: Path) -> None:
    """The switchboard and its drain start together: SQLite makes the file for one, the other waits."""
    with ThreadPoolExecutor(2) as pool:
        for attempt in range(40):
            together = Barrier(2)

            def opened(draining: bool, folder: Path, together: Barrier = together) -> str:
                together.wait()
                journal = Journal(folder, draining=draining)
                journal.close()
                return journal.id

            folder = tmp_path / str(attempt)
            folder.mkdir()
            ids = pool.map(opened, (True, False), (folder, folder))
            assert len(set(ids)) == 1
