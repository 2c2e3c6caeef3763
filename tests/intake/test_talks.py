from datetime import datetime, timedelta

from intake.recordings.talks import talk_time
from tests.factories import NOON


def _at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_nobody_talked() -> None:
    assert talk_time([], NOON) == timedelta()


def test_an_open_spell_runs_until_now() -> None:
    assert talk_time([(_at(0), None)], _at(12)) == timedelta(seconds=12)


def test_overlapping_spells_count_once() -> None:
    spells = [(_at(0), _at(10)), (_at(5), _at(8)), (_at(8), _at(15)), (_at(20), _at(21))]
    assert talk_time(spells, _at(99)) == timedelta(seconds=16)
