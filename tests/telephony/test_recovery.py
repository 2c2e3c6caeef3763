import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from hotline.db import reading, transaction
from hotline.errors import BadInput, SetupError, Unavailable
from hotline.events import CallArrived, CallEnded, CallEvent, Outcome, TalkEnded
from hotline.ids import CallId, new_call_out_id
from hotline.settings import Settings
from intake.calls import calls as kept
from telephony import recovery
from telephony.event_log import LogRow, calls
from telephony.journal import Journal, JournalRejectRow, drain_once
from telephony.reconcile import Difference, Report, reconcile
from telephony.recovery import EventLogCursorRow, Recovery, read_log, recover
from telephony.shipping import ship
from tests.telephony.test_event_log import ANSWERED, CALL

LATER = datetime.fromtimestamp(1795294600, UTC)


def write_log(path: Path, rows: Sequence[LogRow]) -> Path:
    log = sqlite3.connect(path)
    log.execute(
        "CREATE TABLE IF NOT EXISTS cel (AcctId INTEGER PRIMARY KEY, eventtype, eventtime, uniqueid,"
        " linkedid, channame, cidnum, context, exten, appname, appdata, extra, peer, userdeftype, call)"
    )
    log.executemany(
        "INSERT INTO cel"
        " (eventtype, eventtime, uniqueid, linkedid, channame, cidnum, exten, extra, call)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                r.eventtype,
                r.eventtime,
                r.uniqueid,
                r.linkedid,
                r.channame,
                r.cidnum,
                r.exten,
                r.extra,
                r.call,
            )
            for r in rows
        ],
    )
    log.commit()
    log.close()
    return path


def apply(db: Engine, events: Sequence[CallEvent]) -> None:
    for event in events:
        with transaction(db) as session:
            kept.apply(session, event)


def cursor(db: Engine) -> int:
    with reading(db) as session:
        row = session.get(EventLogCursorRow, "hn")
        return row.seq if row else 0


def ends(events: Sequence[CallEvent]) -> list[tuple[str, Outcome]]:
    return [(event.call_id, event.outcome) for event in events if isinstance(event, CallEnded)]


def test_a_call_nobody_listened_to_is_found_once(db: Engine, tmp_path: Path) -> None:
    log = write_log(tmp_path / "master.db", ANSWERED)
    found = recover(db, log, "hn", (), LATER)
    assert ends(found) == [(CALL, Outcome.ANSWERED)]
    apply(db, found)
    assert recover(db, log, "hn", (), LATER) == []
    assert cursor(db) == len(ANSWERED)


def test_a_call_still_on_the_line_is_left_alone(db: Engine, tmp_path: Path) -> None:
    log = write_log(tmp_path / "master.db", ANSWERED[:6])
    assert recover(db, log, "hn", {CallId(CALL)}, LATER) == []
    assert cursor(db) == 0


def test_who_left_a_call_that_goes_on_while_nobody_listened_talks_there_no_more(
    db: Engine, tmp_path: Path
) -> None:
    over = {"BRIDGE_EXIT", "HANGUP", "CHAN_END"}
    stays = [row for row in ANSWERED if row.uniqueid != CALL or row.eventtype not in over]
    log, here = write_log(tmp_path / "master.db", stays), {CallId(CALL)}
    began = [event for event in calls(stays)[0].events if not isinstance(event, TalkEnded)]
    apply(db, began)
    moment = began[-1].at + timedelta(seconds=3)
    assert recover(db, log, "hn", here, moment) == []  # the line may be about to tell it
    looks = Recovery(db, log, "hn")
    (left,) = looks.look(here, LATER)
    assert isinstance(left, TalkEnded)
    assert (left.call_id, left.phone) == (CALL, "hn01")
    apply(db, [left])
    assert looks.look(here, LATER) == []
    assert ends(looks.look((), LATER)) == [(CALL, Outcome.ANSWERED)]


def test_a_call_that_died_with_its_asterisk_ends_when_it_was_last_seen(
    db: Engine, tmp_path: Path
) -> None:
    log = write_log(tmp_path / "master.db", ANSWERED[:6])
    found = recover(db, log, "hn", (), LATER)
    assert ends(found) == [(CALL, Outcome.ANSWERED)]
    assert found[-1].at == ANSWERED[5].at


def test_a_call_seen_a_moment_ago_may_be_on_the_line_by_now(db: Engine, tmp_path: Path) -> None:
    log = write_log(tmp_path / "master.db", ANSWERED[:3])
    assert recover(db, log, "hn", (), ANSWERED[2].at + timedelta(seconds=1)) == []


@pytest.mark.parametrize("here", [{CallId(CALL)}, set()], ids=["on the line", "come after the look"])
def test_a_call_is_found_however_far_the_log_was_at_the_look_before(
    db: Engine, tmp_path: Path, here: set[CallId]
) -> None:
    """The first row of a caller does not say that it is a call, and who waits has no other."""
    arrived = CallArrived(CallId(CALL), ANSWERED[0].at, "PJSIP/telco-0", "0912345678", "111")
    apply(db, [arrived])
    for seen in range(1, len(ANSWERED) - 3):
        log = write_log(tmp_path / f"{seen}.db", ANSWERED[:seen])
        assert recover(db, log, "hn", here, ANSWERED[seen - 1].at + timedelta(seconds=1)) == []
        assert cursor(db) == 0
        write_log(log, ANSWERED[seen:])
        assert ends(recover(db, log, "hn", (), LATER)) == [(CALL, Outcome.ANSWERED)]
        with transaction(db) as session:
            session.execute(delete(EventLogCursorRow))


def test_a_call_open_in_the_database_that_nobody_knows_is_ended_as_failed(
    db: Engine, tmp_path: Path
) -> None:
    apply(db, [CallArrived(CallId(CALL), ANSWERED[0].at, "PJSIP/telco-0", "0912345678", "111")])
    found = recover(db, tmp_path / "no-log.db", "hn", (), LATER)
    assert ends(found) == [(CALL, Outcome.FAILED)]
    assert recover(db, tmp_path / "no-log.db", "dn", (), LATER) == []  # another site's business


def test_a_call_from_the_desk_that_was_claimed_and_never_rung_is_ended_as_failed(
    db: Engine, tmp_path: Path
) -> None:
    claimed = new_call_out_id("hn", LATER - timedelta(seconds=9))
    apply(db, [CallArrived(claimed, LATER, "PJSIP/hn01-0", None, "", outbound=True)])
    assert recover(db, tmp_path / "no-log.db", "hn", {claimed}, LATER) == []
    assert ends(recover(db, tmp_path / "no-log.db", "hn", (), LATER)) == [(claimed, Outcome.FAILED)]


def test_what_is_in_the_database_is_not_told_again(db: Engine, tmp_path: Path) -> None:
    log = write_log(tmp_path / "master.db", ANSWERED)
    apply(db, recover(db, log, "hn", (), LATER))
    assert recover(db, log, "hn", (), LATER) == []


def test_a_log_begun_anew_is_read_from_its_start(db: Engine, tmp_path: Path) -> None:
    with transaction(db) as session:
        session.add(EventLogCursorRow(site="hn", seq=5000))
    log = write_log(tmp_path / "master.db", ANSWERED)
    assert ends(recover(db, log, "hn", (), LATER)) == [(CALL, Outcome.ANSWERED)]


def test_a_log_without_its_table_has_no_rows(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "master.db").close()
    assert read_log(tmp_path / "master.db", 0) == ([], 0)


def test_a_log_that_cannot_be_read_is_not_taken_for_empty(db: Engine, tmp_path: Path) -> None:
    apply(db, [CallArrived(CallId(CALL), ANSWERED[0].at, "PJSIP/telco-0", "0912345678", "111")])
    (tmp_path / "master.db").write_bytes(b"not a database, but there" * 100)
    with pytest.raises(Unavailable, match="cannot be read"):
        recover(db, tmp_path / "master.db", "hn", (), LATER)


def test_reconcile_puts_in_what_is_missing_and_nothing_twice(db: Engine, tmp_path: Path) -> None:
    log = write_log(tmp_path / "master.db", ANSWERED)
    assert reconcile(db, log, (), None, LATER) == Report(1, 0, 1, ())
    assert reconcile(db, log, (), None, LATER) == Report(1, 0, 0, ())


def test_reconcile_leaves_a_call_on_the_line_alone(db: Engine, tmp_path: Path) -> None:
    log = write_log(tmp_path / "master.db", ANSWERED[:6])
    assert reconcile(db, log, {CallId(CALL)}, None, LATER) == Report(1, 1, 0, ())


def test_reconcile_names_an_outcome_that_differs(db: Engine, tmp_path: Path) -> None:
    log = write_log(tmp_path / "master.db", ANSWERED)
    apply(db, [CallEnded(CallId(CALL), ANSWERED[-1].at, Outcome.BUSY, 17)])
    report = reconcile(db, log, (), None, LATER)
    assert report.differences == (Difference(CallId(CALL), Outcome.ANSWERED, Outcome.BUSY),)


def test_reconcile_since_a_day_passes_over_what_came_before(db: Engine, tmp_path: Path) -> None:
    log = write_log(tmp_path / "master.db", ANSWERED)
    assert reconcile(db, log, (), LATER, LATER) == Report(0, 0, 0, ())


def test_reconcile_without_a_log_says_so(db: Engine, tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"event log .* is not there"):
        reconcile(db, tmp_path / "no.db", (), None, LATER)


def test_a_call_that_cannot_be_shipped_keeps_no_other_back(
    db: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = CallId(CALL.replace("hn-", "hn-9"))
    again = [
        row._replace(uniqueid=row.uniqueid.replace(CALL, other), linkedid=other, call=other)
        for row in ANSWERED
    ]
    here = Settings()
    here.event_log.parent.mkdir(parents=True)
    write_log(here.event_log, [*ANSWERED, *again])
    applied = kept.apply_all

    def stumbles(session: Session, events: Sequence[CallEvent]) -> list[kept.Applied]:
        if any(event.call_id == CALL for event in events):
            raise LookupError(CALL)
        return applied(session, events)

    monkeypatch.setattr(kept, "apply_all", stumbles)
    assert ship(db, here, ()) == 1
    with reading(db) as session:
        assert kept.outcomes_of(session, [CallId(CALL), other]).keys() == {other}
    monkeypatch.setattr(kept, "apply_all", applied)
    assert ship(db, here, ()) == 1


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal(tmp_path / "journal")
    yield opened
    opened.close()


def test_what_is_on_its_way_into_the_database_is_not_told_again(
    db: Engine, tmp_path: Path, journal: Journal
) -> None:
    recovering = Recovery(db, write_log(tmp_path / "master.db", ANSWERED), "hn")
    told = recovering.look((), LATER)
    journal.append(told)
    waiting = journal.waiting()
    assert waiting == frozenset({CallId(CALL)})
    assert recovering.look(waiting, LATER) == []
    assert drain_once(journal, db, kept.apply_all) == len(told)
    assert recovering.look(journal.waiting() or (), LATER) == []
    assert cursor(db) == len(ANSWERED)


def test_an_end_that_cannot_be_applied_is_told_once(
    db: Engine, tmp_path: Path, journal: Journal
) -> None:
    """It is set aside, the call stays open, and each look would find that again, every five seconds."""
    recovering = Recovery(db, write_log(tmp_path / "master.db", ANSWERED), "hn")

    def apply(session: Session, events: Sequence[CallEvent]) -> list[kept.Applied]:
        if any(isinstance(event, CallEnded) for event in events):
            raise BadInput("a bug")
        return kept.apply_all(session, events)

    for _ in range(4):
        journal.append(recovering.look(journal.waiting() or (), LATER))
        recovering.look(journal.waiting() or (), LATER)  # while it is on its way
        drain_once(journal, db, apply)
    with reading(db) as session:
        assert len(session.scalars(select(JournalRejectRow)).all()) == 1
        assert kept.open_calls(session) == [CALL]
    journal.append(Recovery(db, tmp_path / "master.db", "hn").look((), LATER))  # of a new switchboard
    drain_once(journal, db, kept.apply_all)
    with reading(db) as session:
        assert kept.open_calls(session) == []


def test_a_journal_far_behind_is_not_looked_through(journal: Journal) -> None:
    assert journal.waiting() == frozenset()
    journal.append([CallEnded(CallId("hn-1.1"), LATER, Outcome.FAILED, 0)] * 600)
    assert journal.waiting() is None


def test_a_look_that_takes_long_is_taken_less_often() -> None:
    """A call that lasts for a day keeps the cursor where it began."""
    assert [recovery.pause_after(seconds) for seconds in (0.01, 1, 100)] == [5, 20, 60]
