from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hotline.events import CallArrived, CallEnded, Outcome, PhoneStopped, TalkBegan, TalkEnded
from hotline.ids import CallId, OfferId, Phone, StaffId
from routing.choices import Choice
from routing.policy import Counselor, Decision, Known, Steering
from routing.rest_rules import Rest
from routing.shifts import duty_at
from telephony.floor import BUSY_REST, DIALLING, PULLING, Floor, Heard, Person, Work
from telephony.legs import LiveCall, LivePhone
from telephony.offers import Offer
from telephony.rests import SILENT

NOON = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
CALL = CallId("hn-1.1")
HN01, HN02 = Phone("hn01"), Phone("hn02")
WRAP_UP = timedelta(seconds=30)


def person(number: int, choice: Choice = Choice.AVAILABLE, since: datetime = NOON) -> Person:
    return Person(StaffId(number), Phone(f"hn{number:02}"), (duty_at(NOON),), choice, since)


@pytest.fixture
def floor() -> Floor:
    floor = Floor(WRAP_UP)
    floor.staffed([person(1), person(2)])
    return floor


def offer(floor: Floor, number: int = 1) -> Offer:
    return floor.offered(Decision(CALL, StaffId(number), Phone(f"hn{number:02}"), ()), NOON)


def stopped(of: Offer, outcome: Outcome, at: datetime = NOON) -> PhoneStopped:
    return PhoneStopped(CALL, at, "PJSIP/hn01-1", of.phone, outcome, 0, of.id)


def live(*, ringing: tuple[LivePhone, ...] = (), talking: tuple[LivePhone, ...] = ()) -> LiveCall:
    waits = None if talking else NOON
    return LiveCall(CALL, "PJSIP/telco-1", None, "111", NOON, waits, ringing, talking, None, False)


def leg(phone: Phone, offer_id: OfferId | None = None) -> LivePhone:
    return LivePhone(phone, f"PJSIP/{phone}-1", offer_id, NOON)


def seen(floor: Floor, number: int, at: datetime = NOON, in_use: tuple[str, ...] = ()) -> Counselor:
    floor.stir(in_use)
    floor.look(at, lambda phone: phone not in in_use)
    floor.stir(in_use)
    return floor.counselors[StaffId(number)]


def free(floor: Floor, at: datetime = NOON) -> list[StaffId]:
    floor.look(at, lambda _: True)
    return [each for each in floor.counselors if floor.pool.take(each)]


@pytest.mark.parametrize(
    ("outcome", "choice"),
    [
        (Outcome.NO_ANSWER, Choice.MISSED),
        (Outcome.REJECTED, Choice.MISSED),
        (Outcome.FAILED, Choice.PHONE_AWAY),
    ],
)
def test_who_did_not_take_an_offer_is_told_so(floor: Floor, outcome: Outcome, choice: Choice) -> None:
    made = offer(floor)
    assert floor.hear(stopped(made, outcome)) == Heard(choices=((StaffId(1), choice),))
    (waiting,) = floor.waiting([live()])
    assert waiting.declined_by == {1}


def test_what_rings_at_somebody_who_has_left_is_taken_back_and_offered_anew(floor: Floor) -> None:
    made = offer(floor)
    assert floor.staffed([person(2)]) == Heard(withdraw=(made,))
    assert floor.staffed([person(2)]) == Heard()
    assert floor.waiting([live()]) == []  # it rings until Asterisk says that it has stopped
    assert floor.hear(stopped(made, Outcome.NO_ANSWER)) == Heard()
    (waiting,) = floor.waiting([live()])
    assert waiting.declined_by == frozenset()


def test_what_somebody_who_has_left_picks_up_just_now_is_left_to_them(floor: Floor) -> None:
    made = offer(floor)
    floor.hear(stopped(made, Outcome.ANSWERED))
    assert floor.staffed([person(2)]) == Heard()


def test_a_busy_phone_rests_and_its_owner_stays_available(floor: Floor) -> None:
    assert floor.hear(stopped(offer(floor), Outcome.BUSY)) == Heard()
    assert seen(floor, 1).engaged
    assert not seen(floor, 1, NOON + BUSY_REST).engaged


def test_the_caller_rang_off_the_leg_is_taken_back_and_nobody_blamed(floor: Floor) -> None:
    made = offer(floor)
    assert floor.hear(stopped(made, Outcome.ABANDONED)) == Heard(withdraw=(made,))
    assert floor.waiting([live()])[0].declined_by == frozenset()


def test_the_call_ended_every_offer_is_taken_back_and_nobody_blamed(floor: Floor) -> None:
    made = offer(floor)
    ended = floor.hear(CallEnded(CALL, NOON, Outcome.ABANDONED, 0))
    assert ended == Heard(withdraw=(made,))
    assert floor.hear(stopped(made, Outcome.NO_ANSWER)) == Heard()


def test_one_answered_the_others_are_taken_back(floor: Floor) -> None:
    first, second = offer(floor, 1), offer(floor, 2)
    heard = floor.hear(TalkBegan(CALL, NOON, "PJSIP/hn01-1", HN01, first.id))
    assert heard == Heard(withdraw=(second,))
    assert first.id not in floor.offers


def test_a_call_that_is_offered_or_rings_is_not_waiting_for_another(floor: Floor) -> None:
    made = offer(floor)
    assert floor.waiting([live()]) == []
    floor.forget_offers(lambda _: True)
    assert floor.waiting([live(ringing=(leg(HN02),))]) == []
    assert [call.call_id for call in floor.waiting([live()])] == [made.call_id]


def test_an_offered_counselor_and_one_whose_phone_is_in_use_are_engaged(floor: Floor) -> None:
    offer(floor, 1)
    assert seen(floor, 1).engaged
    assert seen(floor, 2, in_use=("hn02", "telco")).engaged
    assert not seen(floor, 2, in_use=("telco",)).engaged


def test_wrap_up_after_a_talk_then_free_since_its_end(floor: Floor) -> None:
    floor.hear(TalkEnded(CALL, NOON, "PJSIP/hn01-1", HN01))
    assert seen(floor, 1, NOON + WRAP_UP - timedelta(seconds=1)).engaged
    after = seen(floor, 1, NOON + WRAP_UP)
    assert not after.engaged
    assert after.free_since == NOON + WRAP_UP
    assert floor.next_free_at(NOON) == NOON + WRAP_UP
    assert floor.next_free_at(NOON + WRAP_UP) is None


def test_a_closed_record_ends_the_wrap_up(floor: Floor) -> None:
    floor.hear(TalkEnded(CALL, NOON, "PJSIP/hn01-1", HN01))
    floor.wrapped_up(StaffId(1))
    assert not seen(floor, 1).engaged


def test_a_talk_on_a_phone_of_nobody_changes_nothing(floor: Floor) -> None:
    assert floor.hear(TalkEnded(CALL, NOON, "PJSIP/telco-9", "telco")) == Heard()


def test_an_unplugged_phone_makes_its_owner_phone_away_and_back(floor: Floor) -> None:
    assert floor.phone_state(HN01, reachable=False, at=NOON) == Heard(((StaffId(1), Choice.PHONE_AWAY),))
    assert not seen(floor, 1).reachable
    assert floor.staffed([person(1, Choice.PHONE_AWAY), person(2)]) == Heard()
    assert floor.phone_state(HN01, reachable=True, at=NOON) == Heard(((StaffId(1), Choice.AVAILABLE),))


def test_whose_phone_is_back_can_be_rung_before_sql_knows_it(floor: Floor) -> None:
    """The phone came while SQL was told that it is away: the next reading says so, and is late."""
    away = [person(1, Choice.PHONE_AWAY), person(2, Choice.AWAY)]
    assert floor.staffed(away) == Heard(((StaffId(1), Choice.AVAILABLE),))
    assert free(floor) == [1]


def test_whose_phone_went_and_came_back_keeps_their_place(floor: Floor) -> None:
    floor.phone_state(HN01, reachable=False, at=NOON)
    floor.staffed([person(1, Choice.PHONE_AWAY, NOON + timedelta(seconds=1)), person(2)])
    floor.phone_state(HN01, reachable=True, at=NOON)
    floor.staffed([person(1, Choice.AVAILABLE, NOON + timedelta(seconds=2)), person(2)])
    assert seen(floor, 1).free_since == NOON


def test_who_chose_to_be_away_meanwhile_does_not(floor: Floor) -> None:
    later = NOON + timedelta(seconds=2)
    floor.phone_state(HN01, reachable=False, at=NOON)
    floor.staffed([person(1, Choice.BREAK, NOON + timedelta(seconds=1)), person(2)])
    floor.phone_state(HN01, reachable=True, at=NOON)
    floor.staffed([person(1, Choice.AVAILABLE, later), person(2)])
    assert seen(floor, 1).free_since == later


def test_nor_who_could_not_be_rung(floor: Floor) -> None:
    later = NOON + timedelta(seconds=2)
    floor.phone_state(HN01, reachable=False, at=NOON)
    floor.phone_state(HN01, reachable=True, at=NOON)
    floor.hear(stopped(offer(floor), Outcome.FAILED, NOON + timedelta(seconds=1)))
    floor.staffed([person(1, Choice.AVAILABLE, later), person(2)])
    assert seen(floor, 1).free_since == later


def test_available_at_the_desk_without_a_phone_is_told_at_once(floor: Floor) -> None:
    floor.phone_state(HN01, reachable=False, at=NOON)
    assert floor.staffed([person(1), person(2)]) == Heard(((StaffId(1), Choice.PHONE_AWAY),))


def test_after_a_failed_offer_the_phone_is_tried_again_when_its_owner_says_so(floor: Floor) -> None:
    floor.hear(stopped(offer(floor), Outcome.FAILED, NOON + timedelta(seconds=1)))
    assert floor.staffed([person(1, Choice.PHONE_AWAY), person(2)]) == Heard()
    again = person(1, Choice.AVAILABLE, NOON + timedelta(seconds=5))
    assert floor.staffed([again, person(2)]) == Heard()
    assert seen(floor, 1).reachable


@pytest.mark.parametrize("told_away", [True, False])
def test_a_phone_that_is_back_before_its_failure_is_believed_stays_available(
    floor: Floor, told_away: bool
) -> None:
    """The failure is judged a second late; a browser that loads the page anew is back sooner."""
    failed_at, back_at = NOON + timedelta(seconds=1), NOON + timedelta(seconds=1.5)
    made = offer(floor)
    if told_away:
        floor.phone_state(HN01, reachable=False, at=failed_at)
    floor.phone_state(HN01, reachable=True, at=back_at)
    assert floor.offer_ended(made.id, Outcome.FAILED, failed_at) == Heard()
    assert seen(floor, 1).reachable
    again = offer(floor)
    assert floor.offer_ended(again.id, Outcome.FAILED, back_at).choices == (
        (StaffId(1), Choice.PHONE_AWAY),
    )


def test_nor_is_it_away_whose_owner_has_said_meanwhile_that_they_are_there(floor: Floor) -> None:
    made = offer(floor)
    floor.staffed([person(1, since=NOON + timedelta(seconds=2)), person(2)])
    assert floor.offer_ended(made.id, Outcome.FAILED, NOON + timedelta(seconds=1)) == Heard()
    assert seen(floor, 1).reachable


def test_a_phone_of_nobody_comes_and_goes_unnoticed(floor: Floor) -> None:
    assert floor.phone_state("hn99", reachable=False, at=NOON) == Heard()


def test_offers_are_found_again_on_the_line_after_a_snapshot(floor: Floor) -> None:
    call = live(
        ringing=(leg(HN01, OfferId("offer-a")), leg(HN02), leg(Phone("hn99"), OfferId("offer-b")))
    )
    floor.offers_on_line({CALL: call}, lambda _: True)
    assert [(each.id, each.staff_id) for each in floor.offers.values()] == [("offer-a", 1)]


def test_an_offer_asterisk_never_settled_is_overdue(floor: Floor) -> None:
    made = offer(floor)
    assert floor.overdue(NOON + timedelta(seconds=19), timedelta(seconds=20)) == ()
    assert floor.overdue(NOON + timedelta(seconds=21), timedelta(seconds=20)) == (made,)


def test_who_declined_a_transferred_caller_is_not_the_next_to_be_rung(floor: Floor) -> None:
    declined = PhoneStopped(CALL, NOON, "PJSIP/hn02-1", HN02, Outcome.REJECTED, 21)
    assert floor.hear(declined) == Heard()
    assert floor.waiting([live()])[0].declined_by == {2}
    gave_up = PhoneStopped(CALL, NOON, "PJSIP/hn01-1", HN01, Outcome.ABANDONED, 0)
    assert floor.hear(gave_up) == Heard()
    assert floor.waiting([live()])[0].declined_by == {2}


def test_no_wrap_up_after_a_talk_with_a_colleague(floor: Floor) -> None:
    floor.hear(CallArrived(CALL, NOON, "PJSIP/hn01-00000001", "hn01", HN02))
    floor.hear(TalkEnded(CALL, NOON, "PJSIP/hn02-1", HN02))
    assert not seen(floor, 2).engaged
    floor.hear(CallEnded(CALL, NOON, Outcome.ANSWERED, 16))
    floor.hear(CallArrived(CALL, NOON, "PJSIP/telco-00000001", "0912345678", HN02))
    floor.hear(TalkEnded(CALL, NOON, "PJSIP/hn02-1", HN02))
    assert seen(floor, 2).engaged


def test_who_calls_out_is_left_alone_and_then_writes_it_down(floor: Floor) -> None:
    floor.calls_out(StaffId(1), NOON)
    assert seen(floor, 1).engaged
    assert not seen(floor, 1, NOON + DIALLING).engaged
    floor.hear(CallArrived(CALL, NOON, "PJSIP/hn01-1", None, "0912345678", outbound=True))
    floor.hear(TalkBegan(CALL, NOON, "PJSIP/telco-2", "telco"))
    floor.hear(TalkEnded(CALL, NOON + WRAP_UP, "PJSIP/telco-2", "telco"))
    assert seen(floor, 1, NOON + WRAP_UP).engaged
    assert not seen(floor, 1, NOON + 2 * WRAP_UP).engaged
    assert not seen(floor, 2).engaged


def test_an_interpreters_phone_that_still_rings_keeps_no_counselor_from_the_caller(floor: Floor) -> None:
    interpreter = LivePhone("hn02", "PJSIP/hn02-9", OfferId("interpreter-1"), NOON)
    waits = live(ringing=(interpreter,))
    assert [call.call_id for call in floor.waiting([waits])] == [CALL]
    floor.offers_on_line({CALL: waits}, lambda _: True)
    assert floor.offers == {}


def test_while_a_picked_up_offer_becomes_a_talk_nobody_else_is_rung(floor: Floor) -> None:
    made = offer(floor)
    assert floor.hear(stopped(made, Outcome.ANSWERED)) == Heard()
    assert floor.waiting([live()]) == []
    assert floor.hear(TalkBegan(CALL, NOON, "PJSIP/hn02-1", "hn02")) == Heard()
    assert floor.offers == {}


def test_a_picked_up_offer_that_becomes_no_talk_is_given_up(floor: Floor) -> None:
    made = offer(floor)
    floor.hear(stopped(made, Outcome.ANSWERED))
    assert floor.overdue(NOON + PULLING, WRAP_UP) == ()
    later = NOON + PULLING + timedelta(seconds=1)
    assert floor.overdue(later, WRAP_UP) == (made,)
    floor.offer_ended(made.id, Outcome.ABANDONED, later)
    assert [call.call_id for call in floor.waiting([live()])] == [CALL]


def test_who_is_free_is_the_same_however_often_it_is_asked(floor: Floor) -> None:
    """What is kept of each counselor between two looks never outlives what it was made of."""
    made = offer(floor)
    steps: list[Callable[[datetime], object]] = [
        lambda at: floor.phone_state("hn02", reachable=False, at=at),
        lambda at: floor.phone_state("hn02", reachable=True, at=at),
        lambda at: floor.hear(stopped(made, Outcome.BUSY, at)),
        lambda at: floor.wrapped_up(StaffId(1)),
        lambda at: floor.calls_out(StaffId(2), at),
        lambda at: floor.hear(TalkEnded(CALL, at, "PJSIP/hn01-1", "hn01")),
        lambda at: floor.offer_ended(offer(floor, 2).id, Outcome.NO_ANSWER, at),
        lambda at: floor.staffed([person(2, since=at), person(1, since=at), person(3)]),
        lambda at: floor.worked({StaffId(1): Work(1)}),
        lambda at: floor.hear(TalkBegan(CALL, at, "PJSIP/hn01-1", "hn01", offer(floor).id)),
        lambda at: floor.offer_ended(offer(floor, 2).id, Outcome.FAILED, at),
        lambda at: floor.forget_offers(lambda _: True),
        lambda at: floor.staffed([person(1, Choice.BREAK)]),
        lambda at: floor.steered(Steering(closed=frozenset({""}))),
    ]
    in_use = set[str]()
    for hour, step in enumerate(steps):
        step(began := NOON + timedelta(hours=hour))
        for at in (began, began + WRAP_UP):
            for now_in_use in (set[str](), {"hn01"}):
                floor.stir(in_use ^ now_in_use)
                in_use = now_in_use
                floor.look(at, lambda phone: phone not in in_use)  # noqa: B023
                kept = (dict(floor.counselors), floor.pool.free, floor.pool.resting)
                floor.steered(floor.pool.steering)  # all is looked at anew
                floor.look(at, lambda phone: phone not in in_use)  # noqa: B023
                assert kept == (floor.counselors, floor.pool.free, floor.pool.resting)


def test_time_alone_ends_a_rest_and_a_shift(floor: Floor) -> None:
    """Nothing is said of them; the look alone finds it."""
    floor.hear(TalkEnded(CALL, NOON, "PJSIP/hn01-1", HN01))
    assert free(floor) == [2]
    assert free(floor, NOON + WRAP_UP) == [1]
    floor.stir()
    (duty,) = person(1).duty
    assert free(floor, duty.ends - timedelta(seconds=1)) == [1, 2]
    floor.stir()
    assert free(floor, duty.ends) == []


def telco(
    call: str = "hn-1.1", number: str | None = "02838234567", dialled: str = "111", at: datetime = NOON
) -> LiveCall:
    return LiveCall(CallId(call), "PJSIP/telco-1", number, dialled, at, at, (), (), None, False)


def test_what_is_told_by_the_number_is_known_at_once(floor: Floor) -> None:
    (waiting,) = floor.waiting([telco()])
    assert (waiting.region, waiting.partner, waiting.transferred) == ("ag", False, False)
    assert floor.waiting([telco(number="0912345678")])[0].region == ""


def test_the_partners_line_is_known_by_the_number_dialled() -> None:
    floor = Floor(WRAP_UP, partners="1800100X")
    floor.hear(CallArrived(CALL, NOON, "PJSIP/telco-1", None, "18001007"))
    assert floor.waiting([telco(dialled="18001007")])[0].partner
    floor.hear(CallEnded(CALL, NOON, Outcome.ABANDONED, 0))
    assert not floor.waiting([telco()])[0].partner


def test_a_restarted_switchboard_learns_whom_a_counselor_has_left(floor: Floor) -> None:
    first, second = CallId("hn-1.1"), CallId("hn-1.2")
    for seconds, each in ((0, first), (30, second)):
        floor.callers.lines_up(each, NOON + timedelta(seconds=seconds))
    assert list(floor.callers.lines["hn"]) == [first, second]
    floor.callers.learn({first: Known(), second: Known(spoken=True)})
    assert list(floor.callers.lines["hn"]) == [second, first]
    (waiting,) = floor.waiting([telco("hn-1.2")])
    assert waiting.transferred


def test_who_waits_again_after_a_talk_was_passed_on_and_nothing_old_is_believed_of_them(
    floor: Floor,
) -> None:
    floor.callers.learn({CALL: Known(promised=True)})
    floor.hear(TalkBegan(CALL, NOON, "PJSIP/hn01-1", HN01))
    floor.hear(TalkEnded(CALL, NOON, "PJSIP/hn01-1", HN01))
    (again,) = floor.waiting([telco()])
    assert (again.transferred, again.known) == (True, Known())


def loses(floor: Floor) -> None:
    floor.hear(TalkBegan(CALL, NOON, "PJSIP/hn01-1", HN01))
    floor.hear(TalkEnded(CALL, NOON, "PJSIP/hn01-1", HN01, lost=True))


def test_whose_counselors_phone_fell_silent_is_kept_for_them_before_all_others(floor: Floor) -> None:
    other = CallId("hn-1.0")
    floor.callers.lines_up(other, NOON - timedelta(minutes=30))
    floor.callers.lines_up(CALL, NOON)
    loses(floor)
    assert list(floor.callers.lines["hn"]) == [CALL, other]
    floor.callers.learn({CALL: Known(counselor=StaffId(2), promised=True, spoken=True)})
    (waiting,) = floor.waiting([telco()])
    assert waiting.lost
    assert (waiting.known.counselor, waiting.known.promised) == (StaffId(1), True)
    floor.hear(TalkBegan(CALL, NOON, "PJSIP/hn02-1", HN02))
    floor.hear(TalkEnded(CALL, NOON, "PJSIP/hn02-1", HN02))
    assert not floor.waiting([telco()])[0].lost, "somebody else has passed them on since"


def test_a_restarted_switchboard_learns_whose_phone_fell_silent(floor: Floor) -> None:
    floor.callers.learn({CALL: Known(spoken=True, lost=StaffId(1))})
    (waiting,) = floor.waiting([telco()])
    assert (waiting.lost, waiting.known.counselor) == (True, StaffId(1))


def test_a_phone_that_fell_silent_is_left_alone_until_it_is_back_or_asterisk_would_know(
    floor: Floor,
) -> None:
    loses(floor)
    assert seen(floor, 1).engaged
    assert not seen(floor, 1, NOON + SILENT).engaged
    loses(floor)
    floor.phone_answers(HN02, NOON)
    assert seen(floor, 1).engaged
    floor.phone_answers(HN01, NOON)
    assert not seen(floor, 1).engaged
    floor.hear(TalkEnded(CALL, NOON, "PJSIP/hn01-1", HN01))
    floor.phone_answers(HN01, NOON)
    assert seen(floor, 1).engaged, "a wrap-up is no silence"
    loses(floor)
    assert seen(floor, 1).engaged, "it registered before the talk"
    floor.hear(TalkBegan(CALL, NOON, "PJSIP/hn01-1", HN01))
    floor.phone_answers(HN01, NOON)
    floor.hear(TalkEnded(CALL, NOON, "PJSIP/hn01-1", HN01, lost=True))
    assert not seen(floor, 1).engaged, "it was back before Asterisk gave its old self up"


def test_what_is_learned_of_a_caller_moves_them_up_the_line(floor: Floor) -> None:
    first, second = CallId("hn-1.1"), CallId("hn-1.2")
    floor.callers.lines_up(first, NOON)
    floor.callers.lines_up(second, NOON + timedelta(seconds=20))
    assert list(floor.callers.lines["hn"]) == [first, second]
    floor.callers.learn({first: Known(), second: Known(rang_again=True)})
    assert list(floor.callers.lines["hn"]) == [second, first]
    assert floor.waiting([telco("hn-1.2")])[0].known.rang_again
    floor.hear(CallEnded(second, NOON, Outcome.ABANDONED, 0))
    floor.callers.leaves_line(second)
    assert list(floor.callers.lines["hn"]) == [first]
    floor.callers.lines_up(second, NOON + timedelta(seconds=20))
    assert list(floor.callers.lines["hn"]) == [first, second]
    floor.callers.forget_lines(lambda each: each == first)
    assert list(floor.callers.lines["hn"]) == [second]


def test_when_a_wrap_up_ends_is_told_and_when_a_talk_ends_nobody_knows(floor: Floor) -> None:
    floor.hear(TalkEnded(CALL, NOON, "PJSIP/hn01-1", HN01))
    assert seen(floor, 1).free_at == NOON + WRAP_UP
    assert seen(floor, 1, in_use=("hn01",)).free_at is None
    assert seen(floor, 1, NOON + WRAP_UP).free_at is None


def test_what_was_done_in_this_shift_is_told_of_each(floor: Floor) -> None:
    assert (seen(floor, 1).calls, seen(floor, 1).talked) == (0, timedelta())
    floor.worked({StaffId(1): Work(3, timedelta(minutes=20))})
    assert (seen(floor, 1).calls, seen(floor, 1).talked) == (3, timedelta(minutes=20))
    assert seen(floor, 2).calls == 0


def test_what_is_remembered_of_a_number_is_known_when_it_rings(floor: Floor) -> None:
    floor.callers.remember({"+842838234567": Known(language="hmn", urgent_case=True)})
    floor.hear(CallArrived(CALL, NOON, "PJSIP/telco-1", "02838234567", "111"))
    assert floor.waiting([telco()])[0].known == Known(language="hmn", urgent_case=True)
    other = CallId("hn-1.2")
    floor.hear(CallArrived(other, NOON, "PJSIP/telco-2", "02838234568", "111"))
    floor.callers.lines_up(other, NOON)
    floor.callers.lines_up(CALL, NOON + timedelta(minutes=1))
    assert next(iter(floor.callers.lines["ag"])) == CALL
    floor.callers.learn({CALL: Known()})  # looked up since: nothing is left of it
    assert floor.waiting([telco()])[0].known == Known()


def test_who_spoke_with_a_number_is_remembered_for_its_next_call_and_not_for_this(floor: Floor) -> None:
    floor.callers.remember({"+842838234567": Known(promised=True)})
    floor.hear(CallArrived(CALL, NOON, "PJSIP/telco-1", "02838234567", "111"))
    floor.hear(TalkBegan(CALL, NOON, "PJSIP/hn02-1", HN02))
    assert floor.waiting([telco()])[0].known == Known()
    floor.hear(CallEnded(CALL, NOON, Outcome.ANSWERED, 16))
    again = CallId("hn-1.2")
    floor.hear(CallArrived(again, NOON, "PJSIP/telco-2", "+842838234567", "111"))
    assert floor.waiting([telco(again)])[0].known == Known(counselor=StaffId(2))


def resting(rest: Rest) -> list[Person]:
    return [replace(person(1), rest=rest), person(2)]


def test_the_desk_lengthens_a_wrap_up_and_ends_it(floor: Floor) -> None:
    floor.hear(TalkEnded(CALL, NOON, "PJSIP/hn01-1", HN01))
    asked, later = NOON + timedelta(seconds=10), NOON + timedelta(seconds=90)
    floor.staffed(resting(Rest(CALL, asked, later, later - asked)))
    assert seen(floor, 1, NOON + WRAP_UP).free_at == later
    floor.staffed(resting(Rest(CALL, NOON + WRAP_UP, NOON + WRAP_UP, timedelta())))
    assert not seen(floor, 1, NOON + WRAP_UP).engaged


def test_a_rest_that_is_known_already_changes_nothing_again(floor: Floor) -> None:
    rest = Rest(CALL, NOON, NOON + timedelta(seconds=1), timedelta(seconds=1))
    floor.staffed(resting(rest))
    floor.calls_out(StaffId(1), NOON + timedelta(seconds=2))
    floor.staffed(resting(rest))
    assert seen(floor, 1, NOON + timedelta(seconds=3)).engaged


def test_a_record_closed_in_the_midst_of_the_talk_says_how_long_to_rest_after_it(floor: Floor) -> None:
    long = timedelta(minutes=5)
    floor.staffed(resting(Rest(CALL, NOON, NOON + long, long)))
    ended = NOON + timedelta(minutes=20)
    floor.hear(TalkEnded(CALL, ended, "PJSIP/hn01-1", HN01))
    assert seen(floor, 1, ended).free_at == ended + long


def test_a_talk_after_the_rest_begins_a_wrap_up_of_its_own(floor: Floor) -> None:
    floor.hear(TalkEnded(CallId("hn-1.2"), NOON, "PJSIP/hn01-1", HN01))
    floor.staffed(resting(Rest(CALL, NOON - WRAP_UP, NOON - WRAP_UP, timedelta())))
    assert seen(floor, 1, NOON).free_at == NOON + WRAP_UP


def test_a_rest_that_yields_is_told_and_a_wrap_up_does_not(floor: Floor) -> None:
    long = timedelta(minutes=5)
    floor.staffed(resting(Rest(CALL, NOON, NOON + long, long, yields=True)))
    assert seen(floor, 1).yields
    floor.hear(TalkEnded(CallId("hn-1.2"), NOON, "PJSIP/hn01-1", HN01))
    assert not seen(floor, 1).yields
