"""Events that come together are read, folded and written together, and nobody can tell from the rows."""

import random
from collections.abc import Callable, Sequence
from datetime import timedelta

from sqlalchemy import Engine, Table, select
from sqlalchemy.orm import Session

from hotline.db import Base, transaction
from hotline.events import CallEvent, Mode, Outcome
from intake.calls import calls
from intake.calls.call_rounds import apply, apply_all
from intake.searching.search_index import SearchRow
from intake.tables.callbacks import CallbackRow
from intake.tables.records import RecordRow
from tests.factories import NOON, Story
from tests.intake.conftest import House
from tests.queries import counted

TABLES = (
    *("call", "offer", "offer_reason", "talk", "hold", "supervision", "transfer", "record"),
    *("recording", "search_doc", "callback", "callback_call", "callback_event"),
)


def a_busy_minute(house: House) -> list[CallEvent]:
    """Calls of everything that may happen, at once; two numbers ring several times."""
    chance, stories = random.Random(111), []
    for number in range(16):
        caller = chance.choice(["0912345678", "0987654321", None, f"09330000{number:02}"])
        at = NOON + timedelta(seconds=chance.uniform(0, 30))
        story = Story(number=caller, at=at, pause=timedelta(seconds=1.5)).arrived().waiting()
        match number % 8:
            case 0:
                story.ended(Outcome.ABANDONED)
            case 1:
                story.rang("hn01").stopped("hn01").chosen(house.binh.staff_id, "hn02").rang("hn02")
                story.ended(Outcome.ABANDONED)
            case 2:
                story.rang("hn01").talk("hn01").transferred("hn01", "dn01").talk_ended("hn01")
                story.rang("dn01").talk("dn01").talk_ended("dn01").ended()
            case 3:
                story.rang("hn02").talk("hn02").held("hn02").supervised(Mode.LISTEN).resumed("hn02")
                story.talk_ended("hn02").ended()
            case 4:
                story.asks_to_be_called().rang("hn01").talk("hn01").ended(Outcome.FAILED, 0).ended()
            case 5:
                story.leaves_a_message().ended(Outcome.ABANDONED)
            case 6:
                story.told = story.told[1:]  # its arrival was lost
                story.rang("hn01").talk("hn01").beside("supervisor-1", "dn01", talk=True).ended()
            case _:
                story.answered_call("hn02", talk_seconds=3)
        stories += story.told
    return sorted(stories, key=lambda event: event.at)


def one_by_one(session: Session, events: Sequence[CallEvent]) -> list[calls.Applied]:
    return [apply(session, event) for event in events]


def some_at_once(session: Session, events: Sequence[CallEvent]) -> list[calls.Applied]:
    parts = [events[start : start + 7] for start in range(0, len(events), 7)]
    return [applied for part in parts for applied in apply_all(session, part)]


def _result(
    db: Engine,
    fold: Callable[[Session, Sequence[CallEvent]], list[calls.Applied]],
    events: Sequence[CallEvent],
) -> tuple[list[object], dict[str, list[str]]]:
    """What was to be told, and the rows without their numbers; nothing is kept."""
    with transaction(db) as session:
        applied = fold(session, events)
        records = dict(session.execute(select(RecordRow.id, RecordRow.call_id)).all())
        tasks = dict(session.execute(select(CallbackRow.id, CallbackRow.number)).all())
        rows = {name: _rows(session, Base.metadata.tables[name], records, tasks) for name in TABLES}
        session.rollback()
    told = [
        (each.jobs, [(s.topic, s.kind, s.id if s.kind != "callback" else "") for s in each.signals])
        for each in applied
    ]
    return list(told), rows


def _rows(session: Session, table: Table, records: object, tasks: object) -> list[str]:
    known = {"callback_id": tasks} | ({"ref": records} if table.name == SearchRow.__tablename__ else {})
    found = []
    for row in session.execute(select(table)).mappings():
        named = {name: value for name, value in row.items() if name != "id" or table.name == "call"}
        for name, names in known.items():
            if name in named:
                assert isinstance(names, dict)
                named[name] = names[named[name]]
        found.append(str(sorted(named.items(), key=lambda item: str(item[0]))))
    return sorted(found)


def test_what_is_taken_in_together_ends_as_if_taken_in_one_by_one(house: House) -> None:
    events = a_busy_minute(house)
    told, rows = _result(house.db, one_by_one, events)
    assert all(rows.values())
    for fold in (apply_all, some_at_once):
        assert _result(house.db, fold, events) == (told, rows)


def test_a_rush_costs_a_few_statements_for_each_call(house: House) -> None:
    """Three dozen calls at once, all of them told in one round as far as they are."""
    stories = [Story(number=f"09120000{number:02}") for number in range(36)]
    for story in stories:
        story.answered_call("hn01")
    half, rest = [s.told[:4] for s in stories], [s.told[4:] for s in stories]
    with counted(house.db) as statements:
        for part in (half, rest):
            with transaction(house.db) as session:
                apply_all(session, [event for told in part for event in told])
    assert len(statements) / len(stories) < 6
    with transaction(house.db) as session:
        assert calls.open_calls(session) == []


def test_a_quiet_call_costs_one_statement_for_each_question(house: House) -> None:
    sent = []
    for event in Story().answered_call().told:
        with transaction(house.db) as session, counted(house.db) as statements:
            apply(session, event)
        sent.append(len(statements))
    assert sent == [4, 2, 9, 10, 4, 10]


def test_a_record_is_found_by_a_number_that_is_told_late(house: House) -> None:
    story = Story().arrived().waiting().rang("hn01")
    with transaction(house.db) as session:
        apply_all(session, story.told[1:])
        (document,) = session.scalars(select(SearchRow))
        assert "0912345678" not in document.words.split()
        apply(session, story.told[0])
        assert "0912345678" in document.words.split()
