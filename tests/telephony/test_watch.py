"""Alarms by rule: sounded once, ended when it is over; who let two calls in a row ring."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from hotline import alarms
from hotline.access import Viewer
from hotline.alarm_kinds import AlarmKind
from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.events import Outcome
from hotline.settings import Settings
from intake.calls import calls, missed
from routing import availability
from routing.choices import Choice
from telephony.ami import Address
from telephony.site import Site, Sites
from telephony.watch import Watch
from tests import factories
from tests.factories import NOON, Story


@pytest.fixture
def people(db: Engine, redis: str) -> dict[str, Viewer]:
    with transaction(db) as session:
        made = {"an": factories.counselor(session), "lead": factories.shift_lead(session)}
        availability.enroll(session, made["an"].staff_id, NOON)
        return made


def shown(db: Engine, lead: Viewer) -> list[tuple[AlarmKind, str]]:
    with reading(db) as session:
        return [(one.kind, one.subject) for one in alarms.present(session, lead)]


def tell(db: Engine, story: Story) -> None:
    for event in story.told:
        with transaction(db) as session:
            calls.apply(session, event)


class Line(Sites):
    """One site that is connected, and who waits there."""

    def __init__(self, since: datetime | None, *, connected: bool = True) -> None:
        site = Site("hn", Address("127.0.0.1", 1, "", ""))
        site.ami = object() if connected else None  # type: ignore[assignment]
        super().__init__([site])
        self.since = since

    @property
    def fresh(self) -> bool:
        return True

    def waiting(self) -> dict[object, datetime]:  # type: ignore[override]
        return {"hn-1.1": self.since} if self.since else {}


def test_it_sounds_while_somebody_waits_too_long_and_not_after(
    db: Engine, people: dict[str, Viewer]
) -> None:
    line = Line(utc_now() - timedelta(seconds=59))
    watch = Watch(Settings(), db, line)
    asyncio.run(watch.look())
    assert shown(db, people["lead"]) == []
    line.since = utc_now() - timedelta(seconds=61)
    for _ in range(2):
        asyncio.run(watch.look())
    assert shown(db, people["lead"]) == [(AlarmKind.WAITING, "hn")]
    line.since = None
    asyncio.run(watch.look())
    assert shown(db, people["lead"]) == []


def test_a_site_that_is_away_is_told_after_a_while(db: Engine, people: dict[str, Viewer]) -> None:
    watch = Watch(Settings(alarm_site_seconds=1), db, Line(None, connected=False))
    asyncio.run(watch.look())
    assert shown(db, people["lead"]) == []
    watch._away["hn"] -= timedelta(seconds=2)
    asyncio.run(watch.look())
    assert shown(db, people["lead"]) == [(AlarmKind.SITE, "hn")]


def test_who_misses_twice_in_a_row_is_an_alarm_until_they_are_back(
    db: Engine, people: dict[str, Viewer]
) -> None:
    watch, an = Watch(Settings(), db, Line(None)), people["an"]
    for _ in range(2):
        asyncio.run(watch.look())
        assert shown(db, people["lead"]) == []
        tell(db, Story().arrived().waiting().rang().later(15).stopped().ended(Outcome.ABANDONED))
        with transaction(db) as session:
            availability.choose(session, None, an.staff_id, Choice.MISSED, NOON)
    asyncio.run(watch.look())
    assert shown(db, people["lead"]) == [(AlarmKind.MISSED, str(an.staff_id))]
    with transaction(db) as session:
        availability.choose(session, an, an.staff_id, Choice.AVAILABLE, NOON)
    asyncio.run(watch.look())
    assert shown(db, people["lead"]) == []


def test_a_call_taken_and_a_caller_who_gave_up_are_no_misses(
    db: Engine, people: dict[str, Viewer]
) -> None:
    def many() -> int:
        with reading(db) as session:
            return missed.in_a_row(session, people["an"].staff_id)

    at = NOON
    for outcome, expected in (
        (Outcome.NO_ANSWER, 1),
        (Outcome.ABANDONED, 1),
        (Outcome.REJECTED, 2),
        (None, 0),
        (Outcome.NO_ANSWER, 1),
    ):
        story = Story(at=at).arrived().waiting().rang()
        told = story.talk().talk_ended().ended() if outcome is None else story.stopped(outcome=outcome)
        tell(db, told if outcome is None else told.ended(Outcome.ABANDONED))
        assert many() == expected, outcome
        at += timedelta(minutes=5)
