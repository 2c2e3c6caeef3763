"""For how long counselors were there to be rung: the ground of occupancy."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from hotline.access import Viewer
from hotline.db import reading, transaction
from routing import availability
from routing.choices import Choice
from tests import factories
from tests.factories import NOON

DAWN = NOON - timedelta(hours=12)


@pytest.fixture
def an(db: Engine) -> Viewer:
    with transaction(db) as session:
        made = factories.counselor(session)
        availability.enroll(session, made.staff_id, DAWN - timedelta(hours=9))
        return made


def choose(db: Engine, who: Viewer, choice: Choice, at: datetime) -> None:
    with transaction(db) as session:
        availability.choose(session, who, who.staff_id, choice, at)


def minutes(db: Engine, who: Viewer) -> float:
    with reading(db) as session:
        found = availability.time_available(session, DAWN, NOON)
    return found.get(who.center_id, timedelta()).total_seconds() / 60


def test_only_available_spells_count_and_only_of_this_day(db: Engine, an: Viewer) -> None:
    choose(db, an, Choice.AVAILABLE, DAWN - timedelta(minutes=30))
    choose(db, an, Choice.BREAK, DAWN + timedelta(minutes=40))
    choose(db, an, Choice.AVAILABLE, NOON - timedelta(minutes=25))
    choose(db, an, Choice.AWAY, NOON - timedelta(minutes=5))
    assert minutes(db, an) == pytest.approx(60, abs=0.01)


def test_a_running_spell_counts_until_now(db: Engine, an: Viewer) -> None:
    choose(db, an, Choice.AVAILABLE, NOON - timedelta(minutes=7))
    assert minutes(db, an) == pytest.approx(7, abs=0.01)


def test_nobody_available_is_no_time(db: Engine, an: Viewer) -> None:
    assert minutes(db, an) == 0
