"""When something is wrong enough to be an alarm."""

from dataclasses import replace
from datetime import timedelta

from hotline.alarm_kinds import AlarmKind
from hotline.ids import CenterId, StaffId
from telephony.alarm_rules import LEAST_OFFERED, Limits, Seen, Wrong, wrong
from telephony.watch import longest
from tests.factories import NOON

LIMITS = Limits(wait=timedelta(seconds=60), answer_rate=0.7, away=timedelta(seconds=15))
OFF = Limits(wait=timedelta(), answer_rate=0.0, away=timedelta())
HANOI = CenterId(1)
CENTERS = {"hn": HANOI}


def ago(seconds: float) -> dict[str, object]:
    return {"hn": NOON - timedelta(seconds=seconds)}


def found(limits: Limits = LIMITS, **seen: object) -> list[Wrong]:
    return list(wrong(replace(Seen(centers=CENTERS), **seen), limits, NOON))  # type: ignore[arg-type]


def test_all_is_well() -> None:
    assert found() == []


def test_somebody_waits_longer_than_the_limit() -> None:
    assert found(waiting=ago(60)) == []
    assert found(waiting=ago(61)) == [Wrong(AlarmKind.WAITING, "hn", "long", HANOI)]
    assert found(OFF, waiting=ago(999)) == []


def test_too_few_of_enough_calls_are_answered() -> None:
    many = LEAST_OFFERED
    assert found(answered=0, offered=many - 1) == []
    assert found(answered=7, offered=10) == []
    assert found(answered=6, offered=10) == [Wrong(AlarmKind.ANSWER_RATE, "house", "60", None)]
    assert found(OFF, answered=0, offered=100) == []


def test_a_site_is_away_longer_than_a_restart_takes() -> None:
    assert found(away=ago(15)) == []
    assert found(away=ago(16)) == [Wrong(AlarmKind.SITE, "hn", "lost", HANOI)]
    assert found(OFF, away=ago(999)) == []


def test_a_counselor_missed_twice_in_a_row() -> None:
    assert found(missed={StaffId(7): (1, HANOI)}) == []
    assert found(missed={StaffId(7): (2, HANOI)}) == [Wrong(AlarmKind.MISSED, "7", "twice", HANOI)]


def test_a_site_of_no_center_concerns_every_lead() -> None:
    seen = Seen(away={"xx": NOON - timedelta(minutes=1)}, centers=CENTERS)
    assert [one.center for one in wrong(seen, LIMITS, NOON)] == [None]


def test_who_waits_longest_at_each_site() -> None:
    waiting = [("hn-1.1", NOON), ("dn-1.1", NOON), ("hn-1.2", NOON - timedelta(seconds=9))]
    assert longest(waiting) == {"hn": NOON - timedelta(seconds=9), "dn": NOON}
