from datetime import timedelta

from hotline.db import reading, transaction
from intake.calls import on_the_line
from intake.forms.taxonomy import Disposition
from intake.records import records
from tests.factories import NOON, Story
from tests.intake.conftest import House


def test_waiting_are_those_nobody_talks_with(house: House) -> None:
    house.apply(Story(at=NOON + timedelta(seconds=5)).arrived().rang())
    house.apply(Story().arrived().waiting())
    house.apply(Story(at=NOON - timedelta(hours=1)).arrived().rang("hn02").talk("hn02"))
    house.apply(Story(at=NOON - timedelta(hours=1)).answered_call("dn01"))
    with reading(house.db) as session:
        waiting = on_the_line.waiting(session)
    assert (waiting.count, waiting.since) == (2, NOON)


def test_nobody_waits(house: House) -> None:
    with reading(house.db) as session:
        assert on_the_line.waiting(session) == on_the_line.Waiting(0, None)


def test_who_just_talked_and_still_writes(house: House) -> None:
    story, closed = Story().answered_call("hn01"), Story().answered_call("hn02")
    for one in (story, closed, Story(at=NOON - timedelta(hours=1)).answered_call("dn01")):
        house.apply(one)
    record_id = house.record_of(closed)
    with transaction(house.db) as session:
        records.close(session, house.binh, record_id, Disposition.THANKS, NOON)
    with reading(house.db) as session:
        found = on_the_line.just_talked(session, NOON - timedelta(minutes=1))
    assert found == {house.an.staff_id: story.told[-2].at}
