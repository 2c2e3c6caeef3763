"""Each kind of ordinary call, retold by `tongdai replay` from its AMI events."""

from datetime import timedelta

import pytest

from hotline.events import (
    CallArrived,
    CallEnded,
    CallerWaiting,
    CallHeld,
    CallJoined,
    KeyPressed,
    Outcome,
    PhoneRang,
    PhoneStopped,
    TalkBegan,
    TalkEnded,
)
from telephony.callbook import Callbook
from tests.telephony import told
from tests.telephony.told import ALICE, BOB, CAROL
from tests.telephony.trace import START, Trace


def gist(call: dict[str, object]) -> tuple[object, ...]:
    transfers = call["transfers"]
    assert isinstance(transfers, list)
    return (
        call["caller"],
        call["talked_to"],
        [(each["kind"], each["by"], each["to"]) for each in transfers],
        call["outcome"],
    )


def test_one_rings_another_and_they_talk() -> None:
    assert told.direct().told_one() == {
        "caller": ALICE,
        "caller_number": "100",
        "dialled": "200",
        "answered_by": BOB,
        "talked_to": [BOB],
        "transfers": [],
        "outcome": "answered",
        "hangup_cause": 16,
        "queued_at": None,
        "answered_at": (START + timedelta(seconds=10)).isoformat(),
        "ended_at": (START + timedelta(seconds=14)).isoformat(),
    }


@pytest.mark.parametrize(
    ("cause", "status", "outcome"),
    [
        (17, "BUSY", "busy"),
        (21, "CHANUNAVAIL", "rejected"),
        (21, "NOANSWER", "rejected"),
        (19, "NOANSWER", "no_answer"),
        (16, "NOANSWER", "no_answer"),
        (16, "BUSY", "busy"),
        (16, "DONTCALL", "rejected"),
        (1, "CHANUNAVAIL", "failed"),
        (34, "CONGESTION", "failed"),
        (38, "", "failed"),
        (0, "", "no_answer"),
    ],
)
def test_phone_does_not_take_the_call(cause: int, status: str, outcome: str) -> None:
    call = told.refused(cause, status).told_one()
    assert (call["outcome"], call["hangup_cause"]) == (outcome, cause)
    assert call["answered_by"] is None
    assert call["answered_at"] is None


def test_caller_cancels_while_it_rings() -> None:
    assert gist(told.cancelled().told_one()) == (ALICE, [], [], "abandoned")


def test_one_of_a_group_answers() -> None:
    assert gist(told.group().told_one()) == (ALICE, [CAROL], [], "answered")


def test_the_other_phones_of_a_group_stop_because_one_answered() -> None:
    stopped = [each for each in told.group().folded() if isinstance(each, PhoneStopped)]
    assert [(each.channel, each.outcome, each.cause) for each in stopped] == [
        (BOB, Outcome.ANSWERED, 26)
    ]


def test_queue_rings_several_and_one_answers() -> None:
    call = told.queue_answered().told_one()
    assert gist(call) == (ALICE, [CAROL], [], "answered")
    assert call["queued_at"] == (START + timedelta(seconds=3)).isoformat()


def test_caller_hangs_up_in_the_queue() -> None:
    assert gist(told.queue_abandoned().told_one()) == (ALICE, [], [], "abandoned")


def test_queue_rings_the_next_after_nobody_answered() -> None:
    assert gist(told.queue_then_answered_by_the_next().told_one()) == (
        ALICE,
        [CAROL],
        [],
        "answered",
    )


def test_queue_abandon_that_is_no_hangup_is_no_abandon() -> None:
    trace = Trace()
    caller = trace.dials_in(ALICE)
    trace.answers(caller)
    trace.joins_queue(caller)
    trace.says("QueueCallerAbandon", caller.headers())
    trace.leaves_queue(caller)
    phone = trace.dials(caller, BOB)
    trace.talk(phone, caller)
    trace.hangs_up(phone, caller)
    assert gist(trace.told_one()) == (ALICE, [BOB], [], "answered")


def test_callee_transfers_blindly() -> None:
    assert gist(told.blind_by_callee().told_one()) == (
        ALICE,
        [BOB, CAROL],
        [("blind", BOB, CAROL)],
        "answered",
    )


def test_caller_transfers_blindly_and_does_not_talk_with_the_target() -> None:
    assert gist(told.blind_by_caller().told_one()) == (
        ALICE,
        [BOB],
        [("blind", ALICE, CAROL)],
        "answered",
    )


def test_blind_transfer_that_nobody_answers_names_the_number() -> None:
    assert gist(told.blind_nobody_answers().told_one()) == (
        ALICE,
        [BOB],
        [("blind", BOB, "300")],
        "answered",
    )


@pytest.mark.parametrize(
    "story",
    [
        told.attended_by_callee,
        told.attended_by_feature_code,
        told.attended_while_answered,
        told.attended_before_their_bridge,
    ],
)
def test_callee_transfers_after_asking(story: object) -> None:
    assert callable(story)
    assert gist(story().told_one()) == (
        ALICE,
        [BOB, CAROL],
        [("attended", BOB, CAROL)],
        "answered",
    )


def test_caller_transfers_after_asking() -> None:
    assert gist(told.attended_by_caller().told_one()) == (
        ALICE,
        [BOB, CAROL],
        [("attended", ALICE, CAROL)],
        "answered",
    )


def test_consultation_is_told_as_joined_into_the_call() -> None:
    events = told.attended_by_callee().folded()
    first, second = [each.call_id for each in events if isinstance(each, CallArrived)]
    (joined,) = [each for each in events if isinstance(each, CallJoined)]
    assert (joined.call_id, joined.into) == (second, first)


def test_consultation_without_a_transfer_is_a_call_of_its_own() -> None:
    assert [gist(call) for call in told.attended_called_off().told()] == [
        (ALICE, [BOB], [], "answered"),
        ("PJSIP/bob-00000009", [CAROL], [], "answered"),
    ]


def test_a_target_that_declines_at_once_has_not_lost_the_caller_to_whom_transfers() -> None:
    stopped = [
        each for each in told.blonde_declined_at_once().folded() if isinstance(each, PhoneStopped)
    ]
    assert [(each.channel, each.outcome) for each in stopped] == [(CAROL, Outcome.REJECTED)]


def test_callee_transfers_while_the_target_still_rings() -> None:
    assert gist(told.blonde_by_callee().told_one()) == (
        ALICE,
        [BOB, CAROL],
        [("blonde", BOB, CAROL)],
        "answered",
    )


def test_two_callers_joined_by_whom_both_rang_stay_two_calls() -> None:
    assert [gist(call) for call in told.callers_joined_by_whom_both_rang().told()] == [
        (ALICE, [BOB, CAROL], [("attended", BOB, CAROL)], "answered"),
        (CAROL, ["PJSIP/bob-00000009", ALICE], [("attended", "PJSIP/bob-00000009", ALICE)], "answered"),
    ]


def test_who_picks_the_call_up_has_answered_it() -> None:
    assert gist(told.picked_up().told_one()) == (ALICE, [CAROL], [], "answered")


def test_forwarded_call_is_answered_by_whom_it_was_forwarded_to() -> None:
    assert gist(told.forwarded().told_one()) == (ALICE, [CAROL], [], "answered")


def test_local_channels_are_nobody() -> None:
    assert gist(told.over_locals_never_optimised().told_one()) == (ALICE, [BOB], [], "answered")


def test_optimising_local_channels_does_not_interrupt_the_talk() -> None:
    events = told.forwarded().folded()
    assert len([each for each in events if isinstance(each, TalkBegan)]) == 1
    assert len([each for each in events if isinstance(each, TalkEnded)]) == 1


@pytest.mark.parametrize("story", [told.click_to_dial, told.click_to_dial_over_local])
def test_click_to_dial_belongs_to_who_was_rung_first(story: object) -> None:
    assert callable(story)
    call = story().told_one()
    assert gist(call) == (ALICE, [BOB], [], "answered")
    assert (call["caller_number"], call["dialled"]) == ("100", "200")


def test_call_back_that_is_refused() -> None:
    assert gist(told.originated_and_refused().told_one()) == (ALICE, [], [], "busy")


def test_everybody_in_a_conference_has_a_call_and_talks_with_everybody() -> None:
    assert [(call["caller"], call["talked_to"]) for call in told.conference().told()] == [
        (ALICE, [BOB, CAROL]),
        (BOB, [ALICE, CAROL]),
        (CAROL, [ALICE, BOB]),
    ]


def test_parked_caller_is_fetched() -> None:
    assert gist(told.parked_and_fetched().told_one()) == (ALICE, [BOB, CAROL], [], "answered")


def test_two_calls_at_once_do_not_mix() -> None:
    assert [call["talked_to"] for call in told.two_at_once().told()] == [
        [BOB],
        ["PJSIP/hn09-00000012"],
    ]


# -- line 111 -------------------------------------------------------------------------------------


def test_counselor_answers_an_offer() -> None:
    kinds = [type(each) for each in told.line_111_answered().folded()]
    assert kinds == [CallArrived, CallerWaiting, PhoneRang, TalkBegan, TalkEnded, CallEnded]


def test_offer_id_comes_with_the_phone() -> None:
    events = told.line_111_answered().folded()
    rang = next(each for each in events if isinstance(each, PhoneRang))
    began = next(each for each in events if isinstance(each, TalkBegan))
    assert (rang.phone, rang.offer_id) == ("hn01", "offer-1")
    assert (began.phone, began.offer_id) == ("hn01", "offer-1")
    assert rang.call_id == began.call_id == "hn-1763712000.1"


@pytest.mark.parametrize("hung_up_first", [True, False])
def test_a_phone_falls_silent_and_its_caller_waits_again(hung_up_first: bool) -> None:
    """Which of the two messages comes first is chance."""
    events = told.line_111_lost(hung_up_first=hung_up_first).folded()
    (ended,) = (each for each in events if isinstance(each, TalkEnded))
    assert ended.lost
    assert [type(each) for each in events][-3:] == [TalkEnded, CallerWaiting, CallEnded]


def test_counselor_declines_and_the_next_answers() -> None:
    trace = told.line_111_next_phone()
    assert trace.told_one()["answered_by"] == "PJSIP/hn03-00000004"
    (stopped,) = [each for each in trace.folded() if isinstance(each, PhoneStopped)]
    assert (stopped.offer_id, stopped.outcome, stopped.cause) == ("offer-1", Outcome.REJECTED, 21)


def test_caller_hangs_up_while_waiting() -> None:
    events = told.line_111_abandoned().folded()
    stopped = next(each for each in events if isinstance(each, PhoneStopped))
    ended = next(each for each in events if isinstance(each, CallEnded))
    assert stopped.outcome is Outcome.ABANDONED
    assert ended.outcome is Outcome.ABANDONED


def test_dialplan_rings_by_itself_when_nobody_routes() -> None:
    assert told.line_111_failsafe().told_one()["answered_by"] == "PJSIP/hn01-00000002"


def test_phone_that_never_rang_is_told_to_have_stopped() -> None:
    trace = Trace()
    caller = trace.rings_111()
    leg = trace.offers(caller, "PJSIP/hn01-00000002", "offer-1", rings=False)
    trace.says("VarSet", leg.headers(), Variable="TD_OFFER")
    trace.dial_ends(None, leg, "BUSY")
    trace.hangs_up(leg, cause=17)
    kinds = [type(each) for each in trace.folded()]
    assert kinds == [CallArrived, CallerWaiting, PhoneStopped]


def test_second_counselor_who_answers_too_late_harms_nobody() -> None:
    trace = Trace()
    caller = trace.rings_111()
    first = trace.offers(caller, "PJSIP/hn01-00000002", "offer-1")
    late = trace.offers(caller, "PJSIP/hn02-00000003", "offer-2")
    trace.pulls(first, caller)
    trace.answers(late)
    trace.hangs_up(late)
    trace.hangs_up(caller, first)
    assert trace.told_one()["talked_to"] == ["PJSIP/hn01-00000002"]


def test_sent_to_the_line_by_hand_and_heard_of_there_before_the_transfer_itself() -> None:
    """Asterisk 22: the hold loop's UserEvent may overtake BlindTransfer."""
    trace = Trace()
    caller = trace.rings_111()
    first = trace.offers(caller, "PJSIP/hn01-00000002", "offer-1")
    bridge = trace.pulls(first, caller)
    trace.leaves(bridge, caller, first)
    trace.says("UserEvent", caller.headers(), UserEvent="HoldJoin", T0="1763712000")
    transfer = {**first.headers("Transferer"), **caller.headers("Transferee")}
    trace.says("BlindTransfer", transfer, Extension="111")
    trace.hangs_up(first)
    second = trace.offers(caller, "PJSIP/hn02-00000003", "offer-2")
    trace.pulls(second, caller)
    trace.hangs_up(second, caller)
    assert gist(trace.told_one())[2] == [("blind", first.name, "111")]


# -- the live view --------------------------------------------------------------------------------


def test_a_caller_on_our_line_waits_from_the_first_word_about_them() -> None:
    trace, book = Trace(), Callbook(entry="from-telco")
    trace.appears("PJSIP/telco-00000001", number="0912;rm", exten="111", context="from-telco", state=4)
    arrived, waits = trace.folded(book)
    assert isinstance(arrived, CallArrived)
    assert (arrived.number, type(waits)) == ("0912", CallerWaiting)
    assert [book.live[call_id].number for call_id in book.waiting()] == ["0912"]


@pytest.mark.parametrize(("said", "number"), [("anonymous", None), ("0", None), ("+84 912", "+84912")])
def test_a_number_on_our_line_is_what_the_dialplan_makes_of_it(said: str, number: str | None) -> None:
    trace = Trace()
    trace.appears("PJSIP/telco-00000001", number=said, exten="111", context="from-telco", state=4)
    arrived, _ = trace.folded(Callbook(entry="from-telco"))
    assert isinstance(arrived, CallArrived)
    assert arrived.number == number


def test_whoever_is_dialled_through_the_telco_is_no_caller_of_our_line() -> None:
    trace = Trace()
    trace.appears("PJSIP/telco-00000001", number="0912", exten="s", context="from-telco")
    assert trace.folded(Callbook(entry="from-telco")) == []


def test_in_a_native_queue_nobody_of_ours_may_take_the_caller() -> None:
    trace, book = Trace(), Callbook()
    caller = trace.rings_111()
    trace.joins_queue(caller)
    trace.folded(book)
    (call,) = book.live.values()
    assert call.waiting_since is not None
    assert book.waiting() == {}


def test_live_view_follows_a_call() -> None:
    trace, book = Trace(), Callbook()

    def fold() -> None:
        trace.folded(book)
        trace.events.clear()

    caller = trace.rings_111()
    fold()
    (call,) = book.live.values()
    assert (call.call_id, call.channel, call.number) == (caller.uid, caller.name, "0912345678")
    assert (call.dialled, call.outbound, call.answered_at) == ("111", False, None)
    assert call.waiting_since is not None
    assert book.waiting() == {call.call_id: call.arrived_at}

    leg = trace.offers(caller, "PJSIP/hn01-00000002", "offer-1")
    fold()
    (ringing,) = book.live[call.call_id].ringing
    assert (ringing.phone, ringing.channel, ringing.offer_id) == ("hn01", leg.name, "offer-1")

    bridge = trace.pulls(leg, caller)
    fold()
    call = book.live[call.call_id]
    assert [each.phone for each in call.talking] == ["hn01"]
    assert (call.waiting_since, call.ringing) == (None, ())

    trace.leaves(bridge, leg, caller)
    trace.hangs_up(leg)
    fold()
    assert book.live[call.call_id].talking == ()
    trace.says("UserEvent", caller.headers(), UserEvent="HoldJoin")
    fold()
    assert book.live[call.call_id].waiting_since is not None
    trace.hangs_up(caller)
    fold()
    assert len(book.live) == 0
    assert list(book.live) == []


def test_hold_is_told_once_and_only_of_who_talks() -> None:
    trace = Trace()
    alice = trace.dials_in(ALICE)
    bob = trace.dials(alice, BOB)
    trace.says("Hold", bob.headers())
    trace.talk(alice, bob)
    for event in ("Unhold", "Hold", "Hold", "Unhold", "Unhold"):
        trace.says(event, bob.headers())
    trace.says("Hold", alice.headers(), Status="On")
    trace.says("Hold", alice.headers(), Status="Off")
    trace.hangs_up(bob, alice)
    told_of = [type(each).__name__ for each in trace.folded() if "He" in type(each).__name__]
    assert told_of == ["CallHeld", "CallHeld"]
    held = [each.channel for each in trace.folded() if isinstance(each, CallHeld)]
    assert held == [BOB, ALICE]


def test_a_key_is_told_of_the_caller_and_only_in_a_talk() -> None:
    trace = Trace()
    caller = trace.rings_111()
    trace.says("DTMFEnd", caller.headers(), Digit="9", Direction="Received")
    leg = trace.offers(caller, BOB, "offer-1")
    trace.pulls(leg, caller)
    trace.says("DTMFEnd", caller.headers(), Digit="1", Direction="Received")
    trace.says("DTMFEnd", leg.headers(), Digit="1", Direction="Sent")
    trace.says("DTMFEnd", leg.headers(), Digit="5", Direction="Received")
    trace.says("DTMFEnd", caller.headers(), Digit="1", Direction="Received")
    trace.says("DTMFEnd", caller.headers(), Digit="2", Direction="Received")
    trace.hangs_up(leg, caller)
    assert [each.key for each in trace.folded() if isinstance(each, KeyPressed)] == ["1", "1", "2"]


def test_in_a_call_of_ours_the_keys_are_those_of_whom_we_called() -> None:
    trace, book = Trace(), Callbook()
    counselor = trace.appears("PJSIP/hn01-00000001", Exten="0912345678")
    trace.answers(counselor)
    trace.says("OriginateResponse", counselor.headers(), Response="Success")
    outside = trace.dials(counselor, "PJSIP/telco-00000002")
    trace.answers(outside)
    trace.talk(counselor, outside)
    trace.says("DTMFEnd", counselor.headers(), Digit="3", Direction="Received")
    trace.says("DTMFEnd", outside.headers(), Digit="1", Direction="Received")
    assert [each.key for each in trace.folded(book) if isinstance(each, KeyPressed)] == ["1"]


def test_a_transfer_nobody_took_is_told_when_the_caller_is_back_in_line() -> None:
    trace = Trace()
    caller = trace.rings_111()
    leg = trace.offers(caller, BOB, "offer-1")
    bridge = trace.pulls(leg, caller)
    trace.says(
        "BlindTransfer", leg.headers("Transferer"), caller.headers("Transferee"), Extension="hn04"
    )
    trace.leaves(bridge, leg, caller)
    trace.hangs_up(leg)
    trace.says("UserEvent", caller.headers(), UserEvent="HoldJoin")
    again = trace.offers(caller, BOB[:-1] + "9", "offer-2")
    trace.pulls(again, caller)
    trace.hangs_up(again, caller)
    told = trace.told_one()
    assert told["transfers"] == [{"kind": "blind", "by": BOB, "to": "hn04"}]
    assert told["talked_to"] == [BOB, again.name]


def test_a_phone_is_in_use_from_the_moment_it_is_dialled() -> None:
    trace, book = Trace(), Callbook()
    caller = trace.rings_111()
    leg = trace.offers(caller, "PJSIP/hn01-00000002", "offer-1", rings=False)
    trace.folded(book)
    assert "hn01" in book.phones_in_use
    trace.hangs_up(leg)
    trace.folded(book)
    assert "hn01" not in book.phones_in_use
