from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.callers import Known
from hotline.ids import CallId, Phone, StaffId
from hotline.lines import CalledLine
from routing import rules
from routing.choices import Choice
from routing.policy import (
    Counselor,
    Decision,
    Line,
    Load,
    Pool,
    Post,
    Reason,
    Steering,
    WaitingCall,
    can_take_calls,
    decide,
    decisions,
)
from routing.shifts import AFTERNOON, MORNING, NIGHT, duty_after, duty_at

NOON = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)  # 12:00 in Hà Nội, the morning shift
TODAY = duty_at(NOON)
TRAFFICKING = frozenset({"trafficking"})
PATIENT = Steering(limit=timedelta(seconds=20))


def seconds(many: float) -> timedelta:
    return timedelta(seconds=many)


def counselor(number: int, *, free: int = 60, **changes: Any) -> Counselor:
    values: dict[str, Any] = {
        "staff_id": StaffId(number),
        "phone": Phone(f"hn{number:02}"),
        "duty": (TODAY,),
        "choice": Choice.AVAILABLE,
        "reachable": True,
        "engaged": False,
        "free_since": NOON - seconds(free),
        "site": "hn",
    }
    return Counselor(**(values | changes))


def writing(number: int, *, still: int, **changes: Any) -> Counselor:
    """In a wrap-up that ends in so many seconds."""
    return counselor(number, engaged=True, free_at=NOON + seconds(still), **changes)


def call(number: int, *, waits: int = 5, **changes: Any) -> WaitingCall:
    since = NOON - seconds(waits)
    return WaitingCall(CallId(f"hn-1.{number}"), since, **({"site": "hn"} | changes))


def known(number: int, *, waits: int = 5, **what: Any) -> WaitingCall:
    return call(number, waits=waits, known=Known(**what))


def pairs(
    waiting: list[WaitingCall], counselors: list[Counselor], steering: Steering | None = None
) -> list[tuple[str, int]]:
    found = decide(waiting, counselors, NOON, steering or Steering())
    return [(each.call_id, each.staff_id) for each in found]


def only(waiting: WaitingCall, people: list[Counselor], steering: Steering | None = None) -> Decision:
    (decision,) = decide([waiting], people, NOON, steering or Steering())
    return decision


# -- who can ---------------------------------------------------------------------------------------


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
        {"duty": (duty_after(TODAY),)},
    ],
)
def test_who_cannot_take_calls_is_never_rung(change: dict[str, Any]) -> None:
    assert not can_take_calls(counselor(1, **change), NOON)
    assert pairs([call(1)], [counselor(1, **change)]) == []


def test_who_is_trained_for_the_line_is_rung_before_who_is_free_longer() -> None:
    about_trafficking = call(1, line=CalledLine.TRAFFICKING)
    people = [counselor(1, free=90), counselor(2, free=50, skills=TRAFFICKING), counselor(3)]
    decision = only(about_trafficking, people)
    assert decision.staff_id == 2
    assert Reason.TRAINED in decision.reasons
    assert pairs([call(1)], people) == [("hn-1.1", 1)]


def test_nobody_waits_for_who_is_trained_while_somebody_else_is_free() -> None:
    engaged = counselor(2, engaged=True, skills=TRAFFICKING)
    decision = only(call(1, line=CalledLine.TRAFFICKING), [counselor(1), engaged])
    assert decision.staff_id == 1
    assert Reason.TRAINED not in decision.reasons


def test_who_speaks_the_caller_s_language_is_rung_wherever_they_sit() -> None:
    there = counselor(2, free=1, site="ag", languages=frozenset({"hmn"}))
    decision = only(known(1, language="hmn"), [counselor(1), there], PATIENT)
    assert (decision.staff_id, decision.reasons[1:]) == (
        2,
        (Reason.LONGEST_FREE, Reason.LANGUAGE, Reason.OVERFLOW),
    )


def test_who_needs_a_psychologist_gets_one_wherever_they_sit() -> None:
    there = counselor(2, free=1, site="ag", skills=frozenset({"psychology"}))
    decision = only(known(1, skill="psychology"), [counselor(1), there], PATIENT)
    assert decision.staff_id == 2
    assert Reason.TRAINED in decision.reasons
    assert only(known(1, skill="psychology"), [counselor(1)]).staff_id == 1


def test_nobody_speaks_it_and_an_interpreter_is_needed() -> None:
    decision = only(known(1, language="hmn"), [counselor(1)])
    assert Reason.INTERPRETER in decision.reasons


# -- whom first ------------------------------------------------------------------------------------


def test_the_counselor_free_longest_is_rung() -> None:
    people = [counselor(1, free=10), counselor(2, free=90), counselor(3, free=50)]
    assert only(call(1), people).staff_id == 2
    assert only(call(1), people).reasons == (Reason.LONGEST_WAITING, Reason.LONGEST_FREE)


def test_who_had_many_calls_in_this_shift_comes_a_little_later() -> None:
    worked = counselor(1, free=90, calls=8, talked=timedelta(minutes=40))
    assert only(call(1), [worked, counselor(2, free=30)]).staff_id == 2
    assert only(call(1), [worked, counselor(2, free=1)]).staff_id == 1


def test_whoever_comes_late_to_a_shift_is_not_given_every_call() -> None:
    worked = counselor(1, free=150, calls=90, talked=timedelta(hours=6))
    assert only(call(1), [worked, counselor(2, free=20)]).staff_id == 1


def test_who_rests_after_a_heavy_call_yields_to_who_waits_long_and_finds_nobody_else() -> None:
    resting = writing(1, still=200, yields=True)
    assert pairs([call(1, waits=19)], [resting]) == []
    decision = only(call(1, waits=20), [resting])
    assert (decision.staff_id, decision.reasons[-1]) == (1, Reason.NOBODY_ELSE)
    assert pairs([call(1, waits=20)], [resting, counselor(2)]) == [("hn-1.1", 2)]
    assert pairs([call(1, waits=20)], [writing(1, still=200)]) == []
    assert pairs([call(1, waits=20)], [replace(resting, free_at=None)]) == []


def test_who_did_not_take_this_call_is_passed_over_while_others_are_free() -> None:
    missed = call(1, declined_by=frozenset({StaffId(2)}))
    assert pairs([missed], [counselor(1, free=1), counselor(2, free=99)]) == [("hn-1.1", 1)]


def test_who_did_not_take_this_call_is_rung_again_when_nobody_else_is_free() -> None:
    decision = only(call(1, declined_by=frozenset({StaffId(2)})), [counselor(2)])
    assert decision.staff_id == 2
    assert Reason.NOBODY_ELSE in decision.reasons


def test_who_is_trained_and_did_not_take_the_call_comes_after_who_was_not_asked() -> None:
    declined = call(1, declined_by=frozenset({StaffId(2)}), line=CalledLine.TRAFFICKING)
    assert pairs([declined], [counselor(1), counselor(2, skills=TRAFFICKING)]) == [("hn-1.1", 1)]


# -- which call first ------------------------------------------------------------------------------


def test_the_caller_waiting_longest_is_served_first() -> None:
    assert pairs([call(1, waits=3), call(2, waits=40)], [counselor(1)]) == [("hn-1.2", 1)]


@pytest.mark.parametrize(
    ("raised", "why"),
    [
        (known(2, rang_again=True), Reason.RANG_AGAIN),
        (known(2, promised=True), Reason.PROMISED),
        (known(2, urgent_case=True), Reason.URGENT_CASE),
        (call(2, partner=True), Reason.PARTNER),
        (call(2, transferred=True), Reason.TRANSFERRED),
        (call(2, transferred=True, lost=True), Reason.LOST),
    ],
)
def test_what_raises_a_call_lets_it_overtake_for_a_bounded_time(
    raised: WaitingCall, why: Reason
) -> None:
    by = int(rules.BOOSTS[why].total_seconds())
    (decision,) = decide([call(1, waits=4 + by), raised], [counselor(1)], NOON)
    assert (decision.call_id, decision.reasons[0]) == ("hn-1.2", why)
    assert pairs([call(1, waits=6 + by), raised], [counselor(1)]) == [("hn-1.1", 1)]


def test_two_reasons_raise_more_than_one() -> None:
    once, twice = known(1, waits=9, promised=True), known(2, promised=True, rang_again=True)
    assert decide([once, twice], [counselor(1)], NOON)[0].reasons[:2] == ("promised", "rang_again")


def test_a_nuisance_number_waits_longer_but_is_served() -> None:
    nuisance = known(1, waits=30, lowered=True)
    assert pairs([nuisance, call(2)], [counselor(1)]) == [("hn-1.2", 1)]
    assert only(nuisance, [counselor(1)]).reasons[0] == Reason.LOWERED
    assert pairs([known(1, waits=130, lowered=True), call(2)], [counselor(1)]) == [("hn-1.1", 1)]


def test_a_nuisance_number_is_never_put_behind_more_than_so_many() -> None:
    nuisance = known(1, waits=30, lowered=True)
    crowd = [call(number, waits=30 - number) for number in range(2, 20)]
    order = [each.call_id for each in rules.in_line([*crowd, nuisance])]
    assert order.index(nuisance.call_id) == rules.LOWERED_MOST


def test_an_urgent_case_is_stronger_than_a_nuisance() -> None:
    both = known(2, lowered=True, urgent_case=True)
    assert pairs([call(1, waits=60), both], [counselor(1)]) == [("hn-1.2", 1)]


# -- the same counselor again ----------------------------------------------------------------------


def test_the_same_counselor_again_before_whoever_is_free_longer() -> None:
    people = [counselor(1, free=900), counselor(2, free=1, site="ag")]
    decision = only(known(1, counselor=StaffId(2)), people)
    assert (decision.staff_id, decision.reasons[-1]) == (2, Reason.SAME_COUNSELOR)


def test_a_caller_waits_a_moment_for_the_same_counselor_and_no_longer() -> None:
    people = [counselor(1), writing(2, still=8)]
    assert pairs([known(1, waits=1, counselor=StaffId(2))], people) == []
    assert pairs([known(1, waits=10, counselor=StaffId(2))], people) == [("hn-1.1", 1)]
    assert pairs([known(1, waits=1, counselor=StaffId(2))], [counselor(1), writing(2, still=30)]) == [
        ("hn-1.1", 1)
    ]


def test_one_counselor_is_kept_for_one_caller_only() -> None:
    both = [known(1, waits=2, counselor=StaffId(2)), known(2, waits=1, counselor=StaffId(2))]
    assert pairs(both, [counselor(1), writing(2, still=8)]) == [("hn-1.2", 1)]


def test_the_same_counselor_who_did_not_take_the_call_is_not_waited_for() -> None:
    declined = replace(known(1, counselor=StaffId(2)), declined_by=frozenset({StaffId(2)}))
    assert pairs([declined], [counselor(1), writing(2, still=8)]) == [("hn-1.1", 1)]


# -- where -----------------------------------------------------------------------------------------


def test_the_home_queue_first() -> None:
    here, there = counselor(1, free=5), counselor(2, free=90, site="ag")
    assert only(call(1), [here, there]).staff_id == 1


def test_the_center_of_the_caller_s_region_first() -> None:
    here, there = counselor(1, free=90), counselor(2, free=5, site="ag")
    decision = only(call(1, region="ag"), [here, there])
    assert (decision.staff_id, decision.reasons[-1]) == (2, Reason.REGION)


def test_one_pbx_for_all_centers_still_knows_its_regions() -> None:
    """Their phones are all registered at hn, and that is one home queue."""
    here, there = counselor(1, free=50, center="hn"), counselor(2, free=90, center="ag")
    assert only(call(1, region="hn"), [here, there]).staff_id == 1
    assert only(call(1), [here, there]).reasons == (Reason.LONGEST_WAITING, Reason.LONGEST_FREE)
    assert only(call(1), [here, there]).staff_id == 2


def test_nobody_is_free_here_and_another_center_takes_the_overflow() -> None:
    busy, there = counselor(1, engaged=True), counselor(2, site="ag")
    decision = only(call(1), [busy, there], PATIENT)
    assert (decision.staff_id, decision.reasons[-1]) == (2, Reason.OVERFLOW)


def test_a_caller_is_left_to_their_own_center_up_to_its_limit() -> None:
    people = [writing(1, still=9), counselor(2, site="ag")]
    assert pairs([call(1, waits=5)], people, PATIENT) == []
    assert pairs([call(1, waits=20)], people, PATIENT) == [("hn-1.1", 2)]
    live = replace(PATIENT, limits={"hn": seconds(5)})
    assert pairs([call(1, waits=5)], people, live) == [("hn-1.1", 2)]


def test_the_wait_that_is_to_come_counts_too() -> None:
    people = [writing(1, still=9), counselor(2, site="ag")]
    assert pairs([call(1, waits=12)], people, PATIENT) == [("hn-1.1", 2)]


@pytest.mark.parametrize(
    ("line", "talk", "limit", "reason"),
    [
        (1, 60, 20, None),
        (1, 60, 14, Reason.FORECAST),
        (2, 60, 20, Reason.FORECAST),
        (1, None, 20, Reason.OVERFLOW),
        (1, 60, 4, Reason.OVERFLOW),
    ],
    ids=["one of six is done in 10 s", "too late", "a longer line", "nobody knows", "waited already"],
)
def test_while_all_talk_the_wait_is_forecast_from_how_many_and_how_long(
    line: int, talk: int | None, limit: int, reason: Reason | None
) -> None:
    talking = [counselor(number, engaged=True) for number in range(1, 7)]
    load = Load({"hn": line}, None if talk is None else seconds(talk))
    steering = Steering(limit=seconds(limit))
    found = decide([call(1, waits=5)], [*talking, counselor(9, site="ag")], NOON, steering, load)
    assert [each.reasons[-1] for each in found] == ([] if reason is None else [reason])


def test_who_talks_for_another_center_or_has_gone_shortens_no_wait_here() -> None:
    pool, load = Pool(PATIENT), Load({"hn": 1}, seconds(60))
    people = [counselor(number, engaged=True) for number in range(1, 7)]
    for each in [*people, counselor(8, engaged=True, site="ag"), counselor(9, site="ag")]:
        pool.put(each, NOON)
    assert (pool.talking["hn"], pool.talking["ag"]) == (6, 1)
    assert list(decisions([call(1)], pool, NOON, load)) == []
    for each in people[1:]:
        pool.put(replace(each, choice=Choice.AWAY), NOON)
    pool.put(replace(people[0], engaged=False, choice=Choice.BREAK), NOON)
    assert pool.talking["hn"] == 0
    assert [each.staff_id for each in decisions([call(1)], pool, NOON, load)] == [9]


def test_of_two_callers_one_waits_for_the_one_counselor_who_is_soon_free() -> None:
    people = [writing(1, still=3), counselor(2, site="ag")]
    assert pairs([call(1, waits=4), call(2, waits=2)], people, PATIENT) == [("hn-1.2", 2)]


def test_another_center_comes_before_who_declined_here() -> None:
    declined = call(1, declined_by=frozenset({StaffId(1)}))
    assert pairs([declined], [counselor(1), counselor(2, site="ag")]) == [("hn-1.1", 2)]


def test_a_closed_center_s_callers_go_to_the_whole_country_at_once() -> None:
    closed = replace(PATIENT, closed=frozenset({"hn"}))
    people = [counselor(1), writing(3, still=3), counselor(2, site="ag")]
    decision = only(call(1), people, closed)
    assert (decision.staff_id, decision.reasons[-1]) == (2, Reason.CLOSED)


def test_who_is_moved_to_another_center_serves_its_queue() -> None:
    moved = Steering(moved={StaffId(2): Post(center="hn")})
    people = [counselor(1, free=10), counselor(2, free=90, site="ag")]
    decision = only(call(1), people, moved)
    assert (decision.staff_id, decision.reasons[-1]) == (2, Reason.MOVED)
    assert only(call(1, site="ag"), people, moved).reasons[-1] == Reason.OVERFLOW


def test_who_is_put_on_a_line_takes_other_calls_only_when_nobody_else_can() -> None:
    put = Steering(moved={StaffId(2): Post(line=CalledLine.TRAFFICKING)})
    people = [counselor(1, free=10), counselor(2, free=90)]
    assert only(call(1), people, put).staff_id == 1
    about_trafficking = only(call(1, line=CalledLine.TRAFFICKING), people, put)
    assert about_trafficking.staff_id == 2
    assert Reason.MOVED in about_trafficking.reasons
    assert only(call(1), people[1:], put).staff_id == 2


@pytest.mark.parametrize(
    ("steering", "late"),
    [
        (Steering(), 0),
        (Steering(moved={StaffId(1): Post(center="ag")}), 1),
        (Steering(moved={StaffId(1): Post(center="hn")}), 0),
        (Steering(moved={StaffId(1): Post(line=CalledLine.TRAFFICKING)}), 1),
        (Steering(closed=frozenset({"hn"})), 2),
        (Steering(closed=frozenset({"hn"}), moved={StaffId(1): Post(center="ag")}), 1),
    ],
)
def test_how_late_the_fallback_queue_rings_whom(steering: Steering, late: int) -> None:
    assert rules.penalty(counselor(1), "hn", steering) == late


# -- what always holds -----------------------------------------------------------------------------

SITES = ("hn", "dn", "ag")
FEWER = settings(max_examples=50)
"""Each draws a whole floor."""
NUMBERS = st.integers(1, 8).map(StaffId)
KNOWN = st.builds(
    Known,
    language=st.sampled_from(("", "", "hmn")),
    counselor=st.none() | NUMBERS,
    urgent_case=st.booleans(),
    promised=st.booleans(),
    rang_again=st.booleans(),
    lowered=st.booleans(),
)
CALLS = st.lists(
    st.builds(
        WaitingCall,
        st.just(CallId("")),
        st.integers(0, 300).map(lambda waits: NOON - seconds(waits)),
        st.frozensets(NUMBERS, max_size=3),
        st.sampled_from(CalledLine),
        st.sampled_from(SITES),
        st.sampled_from(("", "", *SITES)),
        st.booleans(),
        st.booleans(),
        KNOWN,
    ),
    max_size=12,
).map(lambda found: [replace(one, call_id=CallId(f"hn-1.{at:02}")) for at, one in enumerate(found)])
PEOPLE = st.lists(
    st.builds(
        counselor,
        st.just(0),
        free=st.integers(0, 300),
        choice=st.sampled_from((Choice.AVAILABLE, Choice.AVAILABLE, Choice.AVAILABLE, Choice.BREAK)),
        engaged=st.booleans(),
        site=st.sampled_from(SITES),
        skills=st.sampled_from((frozenset(), TRAFFICKING)),
        languages=st.sampled_from((frozenset(), frozenset({"hmn"}))),
        calls=st.integers(0, 30),
        free_at=st.none() | st.integers(0, 20).map(lambda still: NOON + seconds(still)),
    ),
    max_size=8,
).map(lambda found: [replace(one, staff_id=StaffId(at)) for at, one in enumerate(found, 1)])
STEERING = st.builds(
    Steering,
    limit=st.sampled_from((seconds(0), seconds(20))),
    closed=st.frozensets(st.sampled_from(SITES), max_size=2),
    moved=st.dictionaries(
        NUMBERS,
        st.builds(Post, st.sampled_from(("", *SITES)), st.none() | st.sampled_from(CalledLine)),
        max_size=3,
    ),
)


@FEWER
@given(CALLS, PEOPLE, STEERING)
def test_never_two_calls_for_one_counselor_nor_one_call_twice(
    waiting: list[WaitingCall], people: list[Counselor], steering: Steering
) -> None:
    found = decide(waiting, people, NOON, steering)
    able = {
        each.staff_id for each in people if can_take_calls(each, NOON) and rules.at_work(each, steering)
    }
    assert len({each.staff_id for each in found}) == len(found)
    assert len({each.call_id for each in found}) == len(found)
    assert {each.staff_id for each in found} <= able


@FEWER
@given(CALLS, PEOPLE, STEERING)
def test_no_call_is_left_while_somebody_able_is_free_but_for_who_is_soon_free(
    waiting: list[WaitingCall], people: list[Counselor], steering: Steering
) -> None:
    found = decide(waiting, people, NOON, steering)
    able = sum(can_take_calls(each, NOON) and rules.at_work(each, steering) for each in people)
    coming = sum(rules.soon_free(each, NOON) and rules.at_work(each, steering) for each in people)
    assert len(found) >= min(able, len(waiting) - coming)
    left = {each.call_id for each in waiting} - {each.call_id for each in found}
    if len(found) < able:  # somebody is free, so each of these waits for somebody, and not for long
        longest = max(rules.SOON, steering.limit)
        assert all(NOON - each.since < longest for each in waiting if each.call_id in left)


@FEWER
@given(CALLS, PEOPLE, STEERING, st.lists(st.tuples(CALLS, PEOPLE), max_size=3))
def test_a_pool_that_was_kept_decides_as_one_made_anew(
    waiting: list[WaitingCall],
    people: list[Counselor],
    steering: Steering,
    later: list[tuple[list[WaitingCall], list[Counselor]]],
) -> None:
    pool = Pool(steering)
    for callers, present in [(waiting, people), *later]:
        for number in range(len(present), 10):
            pool.remove(StaffId(number + 1))
        for each in present:
            pool.put(each, NOON)
        assert pool.reach(NOON) >= len(decide(callers, present, NOON, steering))
        assert list(decisions(callers, pool, NOON)) == decide(callers, present, NOON, steering)


def test_places_that_nobody_holds_any_more_do_not_pile_up() -> None:
    pool = Pool()
    for turn in range(10_000):
        pool.put(counselor(1, free=turn), NOON)
    assert sum(len(heap) for heap in pool._heaps.values()) < 100


@FEWER
@given(CALLS, PEOPLE, STEERING, st.randoms(use_true_random=False))
def test_the_order_of_what_is_given_does_not_matter(
    waiting: list[WaitingCall], people: list[Counselor], steering: Steering, chance: Any
) -> None:
    first = decide(waiting, people, NOON, steering)
    calls, counselors = waiting.copy(), people.copy()
    chance.shuffle(calls)
    chance.shuffle(counselors)
    assert decide(calls, counselors, NOON, steering) == first


@FEWER
@given(CALLS, CALLS)
def test_nobody_starves_who_waits_long_enough_is_before_everybody_who_comes_later(
    before: list[WaitingCall], later: list[WaitingCall]
) -> None:
    most = sum(rules.BOOSTS.values(), rules.LOWERED) + seconds(301)
    newer = [
        replace(each, call_id=CallId(f"dn-{each.call_id}"), since=each.since + most) for each in later
    ]
    order = [each.call_id for each in rules.in_line([*newer, *before])]
    assert set(order[: len(before)]) == {each.call_id for each in before}


@FEWER
@given(CALLS)
def test_the_nuisance_numbers_alone_change_places(waiting: list[WaitingCall]) -> None:
    def ordinary(line: list[WaitingCall]) -> list[str]:
        return [each.call_id for each in line if not rules.is_lowered(each)]

    fair = [replace(each, known=replace(each.known, lowered=False)) for each in waiting]
    names = set(ordinary(waiting))
    kept = [each.call_id for each in rules.in_line(fair) if each.call_id in names]
    placed = rules.in_line(waiting)
    assert ordinary(placed) == kept
    for at, each in enumerate(placed):
        if rules.is_lowered(each):
            over = [other for other in placed[:at] if not rules.is_lowered(other)]
            later = [other for other in over if rules.counts_since(other) > each.since]
            assert len(later) <= rules.LOWERED_MOST


def test_a_line_is_in_the_order_in_which_callers_are_served() -> None:
    waiting = [call(1, waits=3), call(2, waits=40), call(3, waits=3), call(4, waits=9)]
    line = Line()
    for each in waiting:
        line.put(each.call_id, each.since)
    assert list(line) == [each.call_id for each in rules.in_line(waiting)]
    line.put(waiting[0].call_id, NOON - seconds(60))
    line.drop(waiting[1].call_id)
    line.drop(waiting[1].call_id)
    assert list(line) == [waiting[each].call_id for each in (0, 3, 2)]


@pytest.mark.parametrize(
    ("at", "able"),
    [
        (datetime(2026, 11, 21, 6, 59, 59, tzinfo=UTC), 1),  # 13:59:59
        (datetime(2026, 11, 21, 7, 0, tzinfo=UTC), 2),  # 14:00:00: the afternoon has begun
        (datetime(2026, 11, 21, 16, 59, 59, tzinfo=UTC), 3),  # a second before midnight
        (datetime(2026, 11, 21, 17, 0, tzinfo=UTC), 3),  # midnight in the night shift
        (datetime(2026, 11, 21, 23, 0, tzinfo=UTC), 1),  # 06:00 of the next day
    ],
)
def test_at_the_change_of_shifts_exactly_one_shift_is_rung(at: datetime, able: int) -> None:
    days = (date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 22))
    people = [
        counselor(number, duty=tuple(shift.on(day) for day in days), free_since=at - seconds(60))
        for number, shift in enumerate((MORNING, AFTERNOON, NIGHT), 1)
    ]
    waiting = replace(call(1), since=at - seconds(5))
    assert [each.staff_id for each in decide([waiting], people, at)] == [able]


def test_clocks_of_other_countries_that_change_alter_nothing() -> None:
    """All times are aware UTC; 1:30 in Berlin, twice in the night of 25 October 2026."""
    for hour in (0, 1):
        at = datetime(2026, 10, 25, hour, 30, tzinfo=UTC)
        people = [
            counselor(number, duty=(duty_at(at),), free_since=at - seconds(free))
            for number, free in ((1, 9), (2, 60))
        ]
        waiting = [
            replace(call(1), since=at - seconds(3)),
            replace(call(2), since=at - seconds(3700)),
        ]
        assert [(one.call_id, one.staff_id) for one in decide(waiting, people, at)] == [
            ("hn-1.2", 2),
            ("hn-1.1", 1),
        ]
