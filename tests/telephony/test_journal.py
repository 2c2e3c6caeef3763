from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from hotline.db import reading
from hotline.errors import BadInput, SetupError
from hotline.events import CallArrived, CallEnded, CallEvent, Outcome
from hotline.ids import CallId
from telephony.journal import Journal, JournalCursorRow, JournalRejectRow, drain_once

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
    """Stands for `intake.calls.apply`: remembers what was applied."""

    def __init__(self) -> None:
        self.events: list[CallEvent] = []

    def __call__(self, session: Session, event: CallEvent) -> None:
        self.events.append(event)


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
    journal, shelf = open_journal(tmp_path), Shelf()
    journal.append([arrived(1), arrived(2), arrived(3)])

    def apply(session: Session, event: CallEvent) -> None:
        if event.call_id == "hn-1.2":
            raise BadInput("no")
        shelf(session, event)

    assert drain_once(journal, db, apply) == 3
    assert [event.call_id for event in shelf.events] == ["hn-1.1", "hn-1.3"]
    with reading(db) as session:
        (reject,) = session.scalars(select(JournalRejectRow)).all()
        assert "hn-1.2" in reject.body


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
