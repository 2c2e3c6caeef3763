from datetime import timedelta

import pytest
from sqlalchemy import Engine

from hotline.db import transaction
from hotline.ids import CallId
from intake.forms.taxonomy import Disposition, Problem
from routing import rests
from routing.rest_rules import (
    AFTER,
    HEAVY,
    HEAVY_PROBLEMS,
    MOST,
    STEP,
    Rest,
    is_heavy,
    lengthened,
    rest_after,
)
from tests import factories
from tests.factories import NOON

CALL = CallId("hn-1.1")


def test_every_way_to_close_a_record_has_its_rest() -> None:
    assert AFTER.keys() == set(Disposition)
    assert set(Problem) >= HEAVY_PROBLEMS


@pytest.mark.parametrize(
    ("disposition", "heavy", "rest"),
    [
        ("prank", False, timedelta()),
        ("prank", True, timedelta()),
        ("counseling", False, timedelta(seconds=30)),
        ("counseling", True, HEAVY),
        ("escalated", True, HEAVY),
    ],
)
def test_after_a_heavy_call_a_longer_rest(disposition: str, heavy: bool, rest: timedelta) -> None:
    assert rest_after(disposition, heavy=heavy) == rest


def test_what_is_heavy() -> None:
    assert is_heavy("emergency", [])
    assert is_heavy("", ["peer_relations", "sexual_abuse"])
    assert not is_heavy("watch", ["peer_relations", ""])


def test_a_rest_is_lengthened_step_by_step_up_to_a_limit() -> None:
    assert lengthened(NOON + STEP, NOON) == NOON + 2 * STEP
    assert lengthened(NOON + MOST - STEP / 2, NOON) == NOON + MOST
    assert lengthened(NOON + MOST + STEP, NOON) == NOON + MOST + STEP


def test_a_rest_set_in_the_midst_of_a_talk_runs_from_its_end() -> None:
    rest = Rest(CALL, NOON, NOON + STEP, STEP)
    assert rest.ends(NOON - STEP) == NOON + STEP
    assert rest.ends(NOON + MOST) == NOON + MOST + STEP


def test_the_last_rest_counts_and_is_told_to_the_switchboard(db: Engine) -> None:
    with transaction(db) as session:
        who = factories.counselor(session).staff_id
        rests.begin(session, who, CALL, STEP, NOON)
        signals = rests.begin(session, who, CallId("hn-1.2"), MOST, NOON + STEP)
    assert ("staff", "rest", str(who)) in [(one.topic, one.kind, one.id) for one in signals]
    with transaction(db) as session:
        found = Rest(CallId("hn-1.2"), NOON + STEP, NOON + STEP + MOST, MOST, yields=True)
        assert rests.of(session, who) == found
        assert rests.since(session, NOON) == {who: found}
        assert rests.since(session, NOON + STEP + MOST) == {}
