"""A callbook set right after a reconnect, by the list of channels that are live now."""

from dataclasses import replace
from datetime import timedelta

from hotline.events import (
    CallArrived,
    CallEnded,
    CallerWaiting,
    CallEvent,
    CallResumed,
    Mode,
    Outcome,
    PhoneRang,
    PhoneStopped,
    SupervisionBegan,
    SupervisionEnded,
    TalkBegan,
    TalkEnded,
)
from hotline.ids import CallId
from telephony.callbook import Callbook, ChannelSnapshot
from tests.telephony.trace import START, Trace

LATER = START + timedelta(minutes=5)
CALLER = ChannelSnapshot(
    channel="PJSIP/telco-00000001",
    uniqueid="hn-1763712000.1",
    linkedid="hn-1763712000.1",
    state=6,
    number="0912345678",
    context="hold111",
    exten="s",
    application="Wait",
    duration=timedelta(seconds=40),
    td_call="hn-1763712000.1",
)
LEG = ChannelSnapshot(
    channel="PJSIP/hn01-00000002",
    uniqueid="offer-1",
    linkedid="offer-1",
    state=5,
    context="from-phone",
    td_call="hn-1763712000.1",
    td_offer="offer-1",
)


def kinds(events: list[CallEvent]) -> list[type[CallEvent]]:
    return [type(each) for each in events]


def waiting() -> tuple[Callbook, Trace]:
    book, trace = Callbook(), Trace()
    trace.rings_111()
    trace.folded(book)
    trace.events.clear()
    return book, trace


def test_caller_never_seen_is_adopted_as_waiting() -> None:
    book = Callbook()
    events = book.restore([CALLER], LATER)
    assert kinds(events) == [CallArrived, CallerWaiting]
    (call,) = book.live.values()
    assert call.call_id == "hn-1763712000.1"
    assert call.arrived_at == LATER - timedelta(seconds=40)
    assert call.number == "0912345678"


def test_ringing_offer_never_seen_is_adopted_whatever_the_order_of_the_rows() -> None:
    book = Callbook()
    events = book.restore([LEG, CALLER], LATER)
    assert sorted(each.__name__ for each in kinds(events)) == [
        "CallArrived",
        "CallerWaiting",
        "PhoneRang",
    ]
    (call,) = book.live.values()
    assert [(each.phone, each.offer_id) for each in call.ringing] == [("hn01", "offer-1")]
    assert call.waiting_since is not None


def test_talk_never_seen_is_adopted() -> None:
    book = Callbook()
    caller = replace(CALLER, bridge="b1", application="Bridge")
    leg = replace(LEG, state=6, bridge="b1", context="td-pull")
    events = book.restore([caller, leg], LATER)
    assert CallArrived in kinds(events)
    assert TalkBegan in kinds(events)
    (call,) = book.live.values()
    assert [each.phone for each in call.talking] == ["hn01"]
    assert call.waiting_since is None


def test_what_was_known_is_kept_and_told_no_second_time() -> None:
    book, _ = waiting()
    since = book.live[CallId("hn-1763712000.1")].waiting_since
    assert book.restore([CALLER], LATER) == []
    assert book.live[CallId("hn-1763712000.1")].waiting_since == since
    assert book.lost == ()


def test_call_that_ended_meanwhile_is_lost_without_an_outcome() -> None:
    book, _ = waiting()
    assert book.restore([], LATER) == []
    assert book.lost == ("hn-1763712000.1",)
    assert len(book.live) == 0


def test_answer_that_was_missed_is_told() -> None:
    book, trace = waiting()
    leg = trace.offers(trace.channels[0], LEG.channel, LEG.uniqueid)
    trace.folded(book)
    caller = replace(CALLER, bridge="b1")
    events = book.restore([caller, replace(LEG, state=6, bridge="b1")], LATER)
    assert kinds(events) == [TalkBegan]
    assert leg.offer == "offer-1"


def test_phone_that_stopped_meanwhile_is_told_as_failed() -> None:
    book, trace = waiting()
    trace.offers(trace.channels[0], LEG.channel, LEG.uniqueid)
    trace.folded(book)
    (stopped,) = book.restore([CALLER], LATER)
    assert isinstance(stopped, PhoneStopped)
    assert (stopped.offer_id, stopped.outcome) == ("offer-1", Outcome.FAILED)


def test_counselor_who_rang_off_meanwhile_no_longer_talks_and_the_caller_waits() -> None:
    book, trace = waiting()
    leg = trace.offers(trace.channels[0], LEG.channel, LEG.uniqueid)
    trace.pulls(leg, trace.channels[0])
    trace.folded(book)
    assert kinds(book.restore([CALLER], LATER)) == [TalkEnded, CallerWaiting]


def test_caller_taken_out_of_a_talk_but_not_waiting_talks_with_nobody() -> None:
    book, trace = waiting()
    leg = trace.offers(trace.channels[0], LEG.channel, LEG.uniqueid)
    trace.pulls(leg, trace.channels[0])
    trace.folded(book)
    rows = [replace(CALLER, context="goodbye"), replace(LEG, state=6)]
    assert kinds(book.restore(rows, LATER)) == [TalkEnded]


def test_events_after_the_snapshot_go_on_from_it() -> None:
    book = Callbook()
    book.restore([CALLER, LEG], LATER)
    trace = Trace()
    caller = trace.rings_111()
    leg = trace.offers(caller, LEG.channel, LEG.uniqueid)
    trace.events.clear()
    trace.pulls(leg, caller)
    trace.hangs_up(leg, caller)
    assert kinds(trace.folded(book)) == [TalkBegan, TalkEnded, CallEnded]


def test_leg_heard_of_before_its_caller_joins_when_the_caller_appears() -> None:
    book = Callbook()
    assert book.restore([LEG], LATER) == []
    assert len(book.live) == 0
    assert kinds(book.restore([LEG, CALLER], LATER)) == [CallArrived, PhoneRang, CallerWaiting]


def test_orphaned_leg_that_hangs_up_is_no_call() -> None:
    book, trace = Callbook(), Trace()
    book.restore([LEG], LATER)
    leg = trace.offers(trace.rings_111(), LEG.channel, LEG.uniqueid)
    trace.events.clear()
    trace.hangs_up(leg)
    assert trace.folded(book) == []


def test_caller_in_a_native_queue_waits() -> None:
    book = Callbook()
    row = replace(CALLER, context="failsafe111", application="Queue", td_call=None)
    assert kinds(book.restore([row], LATER)) == [CallArrived, CallerWaiting]


def test_unanswered_caller_of_another_dialplan_is_kept_quiet_until_something_happens() -> None:
    book = Callbook()
    row = replace(CALLER, context="ivr", state=4, td_call=None)
    assert book.restore([row], LATER) == []


def test_a_hold_begun_unheard_is_told_when_it_ends_and_only_once() -> None:
    book, trace = Callbook(), Trace()
    talking = replace(LEG, state=6, bridge="b")
    book.restore([replace(CALLER, bridge="b"), talking], LATER)
    for _ in range(2):
        trace.says("Unhold", {"Channel": talking.channel, "Uniqueid": talking.uniqueid})
    (resumed,) = trace.folded(book)
    assert isinstance(resumed, CallResumed)
    assert resumed.channel == talking.channel


SUPERVISOR = ChannelSnapshot(
    channel="PJSIP/hn09-00000003",
    uniqueid="supervisor-1",
    linkedid="supervisor-1",
    state=6,
    context="td-supervise",
    exten="whisper",
    application="ChanSpy",
    td_call="hn-1763712000.1",
    td_offer="supervisor-1",
)


def test_a_supervisor_never_seen_is_adopted_and_is_no_call_and_no_talk() -> None:
    book = Callbook()
    talking = [replace(CALLER, bridge="b"), replace(LEG, state=6, bridge="b")]
    events = book.restore([SUPERVISOR, *talking], LATER)
    assert kinds(events).count(CallArrived) == 1
    assert kinds(events).count(TalkBegan) == 1
    (began,) = (each for each in events if isinstance(each, SupervisionBegan))
    assert (began.phone, began.mode, began.offer_id) == ("hn09", Mode.WHISPER, "supervisor-1")
    assert book.restore([SUPERVISOR, *talking], LATER) == []
    (ended,) = book.restore(talking, LATER)
    assert isinstance(ended, SupervisionEnded)


def test_a_supervisor_who_joined_meanwhile_talks() -> None:
    book = Callbook()
    talking = [replace(CALLER, bridge="b"), replace(LEG, state=6, bridge="b")]
    book.restore([SUPERVISOR, *talking], LATER)
    joined = replace(SUPERVISOR, application="BridgeAdd", exten="join", bridge="b")
    assert sorted(each.__name__ for each in kinds(book.restore([joined, *talking], LATER))) == [
        "SupervisionEnded",
        "TalkBegan",
    ]


def test_an_interpreter_never_seen_is_adopted_as_one() -> None:
    book = Callbook()
    interpreter = replace(
        SUPERVISOR, channel="PJSIP/telco-00000004", uniqueid="interpreter-1", bridge="b",
        context="td-join", exten="s", application="BridgeAdd", td_offer="interpreter-1",
    )  # fmt: skip
    book.restore([interpreter, replace(CALLER, bridge="b")], LATER)
    (call,) = book.live.values()
    assert [leg.offer_id for leg in call.talking] == ["interpreter-1"]


def test_the_caller_of_three_rings_off_and_the_call_is_over() -> None:
    book, trace = Callbook(), Trace()
    interpreter = replace(SUPERVISOR, uniqueid="interpreter-1", bridge="b", td_offer="interpreter-1")
    book.restore([replace(CALLER, bridge="b"), replace(LEG, state=6, bridge="b"), interpreter], LATER)
    trace.says("Hangup", {"Channel": CALLER.channel, "Uniqueid": CALLER.uniqueid}, Cause="16")
    assert kinds(trace.folded(book))[-1] is CallEnded
    assert len(book.live) == 0


def test_a_call_of_ours_never_seen_is_adopted_as_ours_and_offered_to_nobody() -> None:
    out = "hn-1763712000.out1e25f1c4"
    mine = ChannelSnapshot(
        channel="PJSIP/hn01-00000003", uniqueid=out, linkedid=out, state=5, number="0912345678",
        context="from-phone", exten="s", application="AppDial2", duration=timedelta(seconds=2),
        td_call=out,
    )  # fmt: skip
    book = Callbook()
    (arrived,) = book.restore([mine], LATER)
    assert isinstance(arrived, CallArrived)
    assert (arrived.call_id, arrived.outbound, arrived.number) == (out, True, "0912345678")
    (call,) = book.live.values()
    assert (call.outbound, call.waiting_since) == (True, None)
