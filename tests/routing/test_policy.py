from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.ids import CallId, Phone, StaffId
from hotline.lines import CalledLine
from routing.choices import Choice
from routing.policy import (
    Counselor,
    WaitingCall,
    can_take_calls,
    decide,
    first_in_line,
    longest_waiting_first,
)
from routing.shifts import duty_after, duty_at

NOON = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)  # 12:00 in Hà Nội, the morning shift


def counselor(number: int, *, free: int = 60, **changes: object) -> Counselor:
    values: dict[str, object] = {
        "staff_id": StaffId(number),
        "phone": Phone(f"hn{number:02}"),
        "duty": (duty_at(NOON),),
        "choice": Choice.AVAILABLE,
        "reachable": True,
        "engaged": False,
        "free_since": NOON - timedelta(seconds=free),
    }
    return Counselor(**(values | changes))  # type: ignore[arg-type]


def call(number: int, *, waits: int = 5, declined_by: frozenset[StaffId] = frozenset()) -> WaitingCall:
    return WaitingCall(CallId(f"hn-1.{number}"), NOON - timedelta(seconds=waits), declined_by)


def pairs(waiting: list[WaitingCall], counselors: list[Counselor]) -> list[tuple[str, int]]:
    return [(each.call_id, each.staff_id) for each in decide(waiting, counselors, NOON)]


def test_the_counselor_free_longest_is_rung() -> None:
    assert pairs([call(1)], [counselor(1, free=10), counselor(2, free=90), counselor(3, free=50)]) == [
        ("hn-1.1", 2)
    ]


def test_the_caller_waiting_longest_is_served_first() -> None:
    assert pairs([call(1, waits=3), call(2, waits=40)], [counselor(1)]) == [("hn-1.2", 1)]


@pytest.mark.parametrize(
    "change",
    [
        {"choice": Choice.BREAK},
        {"choice": Choice.AWAY},
        {"choice": Choice.MISSED},
        {"choice": Choice.PHONE_AWAY},
        {"reachable": False},
        {"engaged": True},
        {"duty": ()},
        {"duty": (duty_after(duty_at(NOON)),)},
    ],
)
def test_who_cannot_take_calls_is_never_rung(change: dict[str, Any]) -> None:
    assert not can_take_calls(counselor(1, **change), NOON)
    assert pairs([call(1)], [counselor(1, **change)]) == []


def test_who_did_not_take_this_call_is_passed_over_while_others_are_free() -> None:
    missed = frozenset({StaffId(2)})
    assert pairs([call(1, declined_by=missed)], [counselor(1, free=1), counselor(2, free=99)]) == [
        ("hn-1.1", 1)
    ]


def test_who_did_not_take_this_call_is_rung_again_when_nobody_else_is_free() -> None:
    (decision,) = decide([call(1, declined_by=frozenset({StaffId(2)}))], [counselor(2)], NOON)
    assert decision.staff_id == 2
    assert "nobody_else" in decision.reasons


TRAFFICKING = frozenset({"trafficking"})


def test_who_is_trained_for_the_line_is_rung_before_who_is_free_longer() -> None:
    about_trafficking = replace(call(1), line=CalledLine.TRAFFICKING)
    people = [counselor(1, free=90), counselor(2, free=50, skills=TRAFFICKING), counselor(3)]
    (decision,) = decide([about_trafficking], people, NOON)
    assert (decision.staff_id, decision.reasons) == (2, ("longest_waiting", "trained"))
    assert pairs([call(1)], people) == [("hn-1.1", 1)]


def test_nobody_waits_for_who_is_trained_while_somebody_else_is_free() -> None:
    about_trafficking = replace(call(1), line=CalledLine.TRAFFICKING)
    engaged = counselor(2, engaged=True, skills=TRAFFICKING)
    (decision,) = decide([about_trafficking], [counselor(1), engaged], NOON)
    assert (decision.staff_id, decision.reasons) == (1, ("longest_waiting", "longest_free"))


def test_who_is_trained_and_did_not_take_the_call_comes_after_who_was_not_asked() -> None:
    declined = replace(call(1, declined_by=frozenset({StaffId(2)})), line=CalledLine.TRAFFICKING)
    assert pairs([declined], [counselor(1), counselor(2, skills=TRAFFICKING)]) == [("hn-1.1", 1)]


def test_who_sits_where_the_caller_is_held_comes_first() -> None:
    here, there = counselor(1, free=5, site="hn"), counselor(2, free=90, site="ag")
    (decision,) = decide([replace(call(1), site="hn")], [here, there], NOON)
    assert (decision.staff_id, decision.reasons) == (1, ("longest_waiting", "longest_free"))


def test_nobody_is_free_here_and_another_center_takes_the_overflow() -> None:
    busy, there = counselor(1, site="hn", engaged=True), counselor(2, site="ag")
    (decision,) = decide([replace(call(1), site="hn")], [busy, there], NOON)
    assert (decision.staff_id, decision.reasons[-1]) == (2, "overflow")


def test_another_center_comes_before_who_declined_here() -> None:
    declined = replace(call(1, declined_by=frozenset({StaffId(1)})), site="hn")
    assert pairs([declined], [counselor(1, site="hn"), counselor(2, site="ag")]) == [("hn-1.1", 2)]


@given(
    st.lists(st.tuples(st.integers(0, 300), st.sets(st.integers(1, 8))), max_size=12),
    st.lists(st.tuples(st.integers(0, 300), st.booleans(), st.sampled_from(Choice)), max_size=8),
)
def test_never_two_calls_for_one_counselor_nor_one_call_twice(
    waiting: list[tuple[int, set[int]]], people: list[tuple[int, bool, Choice]]
) -> None:
    calls = [
        call(number, waits=waits, declined_by=frozenset(map(StaffId, refused)))
        for number, (waits, refused) in enumerate(waiting)
    ]
    counselors = [
        counselor(number, free=free, engaged=engaged, choice=choice)
        for number, (free, engaged, choice) in enumerate(people, 1)
    ]
    decisions = decide(calls, counselors, NOON)
    able = sum(can_take_calls(each, NOON) for each in counselors)
    assert len({each.staff_id for each in decisions}) == len(decisions)
    assert len({each.call_id for each in decisions}) == len(decisions)
    assert len(decisions) == min(able, len(calls))


def test_first_in_line_is_the_order_of_the_line_and_ends_with_it() -> None:
    line = [call(1, waits=3), call(2, waits=40), call(3, waits=3), call(4, waits=9)]
    assert list(first_in_line({each.call_id: each.since for each in line})) == [
        each.call_id for each in longest_waiting_first(line)
    ]
