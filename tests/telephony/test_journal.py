from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from hotline.db import reading
from hotline.errors import BadInput
from hotline.events import CallArrived, CallEnded, CallEvent, Outcome
from hotline.ids import CallId
from telephony.journal import Journal, JournalCursorRow, JournalRejectRow, drain_once

AT = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)


def arrived(number: int) -> CallArrived:
    return CallArrived(CallId(f"hn-1.{number}"), AT, "PJSIP/telco-1", "0912345678", "111")


class Shelf:
    """Stands for `intake.calls.apply`: remembers what was applied."""

    def __init__(self) -> None:
        self.events: list[CallEvent] = []

    def __call__(self, session: Session, event: CallEvent) -> None:
        self.events.append(event)


def test_events_are_applied_in_order_and_once(db: Engine, tmp_path: Path) -> None:
    journal, shelf = Journal(tmp_path), Shelf()
    events = [arrived(1), CallEnded(CallId("hn-1.1"), AT, Outcome.ABANDONED, 16), arrived(2)]
    journal.append(events[:2])
    journal.append(events[2:])
    assert drain_once(journal, db, shelf) == 3
    assert drain_once(journal, db, shelf) == 0
    assert shelf.events == events


def test_killed_between_append_and_drain_nothing_is_lost(db: Engine, tmp_path: Path) -> None:
    Journal(tmp_path).append([arrived(1)])  # never closed: the process is gone
    shelf = Shelf()
    assert drain_once(Journal(tmp_path), db, shelf) == 1
    assert shelf.events == [arrived(1)]


def test_killed_after_commit_before_the_journal_forgets_nothing_comes_twice(
    db: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal, shelf = Journal(tmp_path), Shelf()
    journal.append([arrived(1)])
    monkeypatch.setattr(journal, "forget", lambda up_to: None)
    drain_once(journal, db, shelf)
    assert drain_once(Journal(tmp_path), db, shelf) == 0


def test_a_new_journal_file_starts_from_its_own_beginning(db: Engine, tmp_path: Path) -> None:
    shelf = Shelf()
    for folder in ("old", "new"):
        journal = Journal(tmp_path / folder)
        journal.append([arrived(1), arrived(2)])
        assert drain_once(journal, db, shelf) == 2
    with reading(db) as session:
        assert len(session.scalars(select(JournalCursorRow)).all()) == 2


def test_one_event_that_cannot_be_applied_is_set_aside_and_the_rest_goes_on(
    db: Engine, tmp_path: Path
) -> None:
    journal, shelf = Journal(tmp_path), Shelf()
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
