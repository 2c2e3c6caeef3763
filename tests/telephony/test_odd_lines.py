"""Rare turns of events, each seen on some Asterisk or in some cut trace."""

import pytest

from hotline.events import CallArrived, CallEnded, CallJoined, Outcome, PhoneRang, PhoneStopped
from telephony import messages
from telephony import vocabulary as ami
from telephony.callbook import Callbook
from telephony.callstates import CALL, LEG, CallHappening, CallState, LegHappening, LegState
from telephony.channels import Line, resource
from telephony.vocabulary import ChannelFacts
from tests.telephony import told
from tests.telephony.told import ALICE, BOB, CAROL
from tests.telephony.trace import START, Trace, fold


@pytest.mark.parametrize(
    ("name", "phone"),
    [
        ("PJSIP/hn01-0000001a", "hn01"),
        ("DAHDI/1-1", "1"),
        ("DAHDI/i1/0912345678-3", "i1/0912345678"),
        ("SIP/trunk-north-0000002b", "trunk-north"),
        ("Console/dsp", "dsp"),
        ("odd", "odd"),
    ],
)
def test_phone_of_a_channel_name(name: str, phone: str) -> None:
    assert resource(name) == phone


def test_end_is_the_end() -> None:
    assert not [entry for entry in CALL if entry[0] is CallState.ENDED]
    assert not [entry for entry in LEG if entry[0] is LegState.GONE]
    assert {entry[1] for entry in CALL} == set(CallHappening)
    assert {entry[1] for entry in LEG} == set(LegHappening)


def test_originated_phone_bridged_to_a_waiting_caller_belongs_to_that_call() -> None:
    """Without our channel variables: Originate, then Bridge()."""
    trace = Trace()
    caller = trace.dials_in(ALICE, exten="600")
    trace.answers(caller)
    trace.joins_queue(caller)
    phone = trace.appears(BOB, exten="s")
    trace.says("DialBegin", phone.headers("Dest"))
    trace.state(phone, 5)
    trace.answers(phone)
    trace.talk(phone, caller)
    trace.hangs_up(phone, caller)
    assert trace.told_one()["talked_to"] == [BOB]


def test_two_originated_phones_bridged_by_hand_are_one_call() -> None:
    trace = Trace()
    phones = []
    for name in (ALICE, BOB):
        phone = trace.appears(name, exten="s")
        trace.state(phone, 5)
        trace.answers(phone)
        phones.append(phone)
    trace.talk(*phones)
    trace.hangs_up(*phones)
    assert (trace.told_one()["caller"], trace.told_one()["talked_to"]) == (ALICE, [BOB])


def test_call_back_over_a_local_channel_whose_second_phone_answers() -> None:
    trace = Trace()
    one = trace.appears("Local/all@x-00000001;1", exten="all")
    two = trace.appears("Local/all@x-00000001;2", linked=one, exten="all")
    trace.says("DialBegin", one.headers("Dest"))
    first, second = trace.dials(two, ALICE), trace.dials(two, BOB)
    trace.answers(second)
    trace.hangs_up(first, cause=26)
    trace.talk(second, two)
    trace.answers(one)
    one.exten = "300"
    carol = trace.dials(one, CAROL)
    trace.talk(carol, one)
    trace.hangs_up(carol, one, two, second)
    call = trace.told_one()
    assert (call["caller"], call["talked_to"], call["dialled"]) == (BOB, [CAROL], "300")


def test_originate_refused_before_it_rang() -> None:
    trace = Trace()
    phone = trace.appears(ALICE, exten="s")
    trace.hangs_up(phone, cause=17)
    assert (trace.told_one()["caller"], trace.told_one()["outcome"]) == (ALICE, "busy")


def test_originate_known_only_by_its_response() -> None:
    trace = Trace()
    phone = trace.appears(ALICE, exten="s")
    trace.says("OriginateResponse", phone.headers(), Response="Success")
    trace.says("OriginateResponse", Uniqueid="nobody", Response="Failure")
    trace.answers(phone)
    trace.hangs_up(phone)
    (arrived,) = [each for each in trace.folded() if isinstance(each, CallArrived)]
    assert arrived.outbound


def test_menu_that_ends_without_anybody_is_no_answered_call() -> None:
    trace = Trace()
    caller = trace.dials_in(ALICE)
    trace.answers(caller)
    trace.says("HangupRequest", caller.headers())
    trace.hangs_up(caller)
    assert trace.told_one()["outcome"] == "abandoned"


def test_a_caller_who_rings_off_while_somebody_takes_them_is_ended_by_us() -> None:
    """Asterisk 22.10, overloaded, forgets one hang-up in two hundred, and the counselor's phone would be
    with nobody until the counselor rings off."""
    trace, book = Trace(), Callbook()
    caller = trace.rings_111()
    leg = trace.offers(caller, "PJSIP/hn01-00000002", "offer-1")
    trace.says("HangupRequest", caller.headers())
    trace.talk(caller, leg)
    trace.folded(book)
    assert (book.ghosts(), book.ghosts()) == ({caller.name}, set())


def test_states_missing_from_the_trace() -> None:
    for story in (told.direct, told.conference, told.blind_by_callee):
        trace = story()
        expected = [call["talked_to"] for call in trace.told()]
        for headers in trace.events:
            for name in [name for name in headers if "ChannelState" in name]:
                del headers[name]
        assert [call["talked_to"] for call in trace.told()] == expected


@pytest.mark.parametrize("event", ["LocalBridge", "DialBegin", "DialEnd", "Newstate", "Newchannel"])
def test_events_missing_from_the_trace(event: str) -> None:
    for story in (told.direct, told.over_locals_never_optimised, told.queue_answered):
        trace = story()
        expected = [call["talked_to"] for call in trace.told()]
        trace.events = [headers for headers in trace.events if headers["Event"] != event]
        assert [call["talked_to"] for call in trace.told()] == expected


def test_uniqueids_missing_from_the_trace() -> None:
    trace = told.attended_by_callee()
    for headers in trace.events:
        for name in [name for name in headers if name.endswith("niqueid") and "Bridge" not in name]:
            del headers[name]
    assert trace.told_one()["talked_to"] == [BOB, CAROL]


def test_channel_first_heard_of_by_name_alone() -> None:
    line = Line()
    nameless = line.see(ChannelFacts("", "SIP/a-1"))
    known = line.see(ChannelFacts("u1", "SIP/a-1"))
    assert nameless is known
    assert known is not None
    assert known.uid == "u1"
    assert line.find("u1") is known
    assert len(line) == 1


def test_channel_first_heard_of_by_uniqueid_alone() -> None:
    line = Line()
    channel = line.see(ChannelFacts("u1", ""))
    assert channel is not None
    assert not channel.party.real
    line.see(ChannelFacts("u1", "SIP/a-1"))
    assert channel.party.real
    assert channel.party.name == "SIP/a-1"


def test_bridge_of_a_replaced_channel() -> None:
    """BridgeEnter with SwapUniqueid: the newcomer takes the place of a channel."""
    trace = Trace()
    alice = trace.dials_in(ALICE)
    bob = trace.dials(alice, BOB)
    bridge = trace.talk(alice, bob)
    carol = trace.dials_in(CAROL, exten="300")
    trace.says(
        "BridgeEnter", carol.headers(), BridgeUniqueid=bridge, SwapUniqueid=bob.uid, BridgeType="basic"
    )
    trace.hangs_up(bob, alice, carol)
    assert [call["talked_to"] for call in trace.told()] == [[BOB, CAROL], [ALICE]]


def test_merged_bridges_bring_their_parties_together() -> None:
    trace = Trace()
    alice, bob = trace.dials_in(ALICE), trace.dials_in(BOB)
    one, two = trace.talk(alice), trace.talk(bob)
    trace.says("BridgeMerge", ToBridgeUniqueid=one, FromBridgeUniqueid=two)
    trace.says("BridgeMerge", ToBridgeUniqueid=one, FromBridgeUniqueid=one)
    trace.says("BridgeMerge", ToBridgeUniqueid=one, FromBridgeUniqueid="gone")
    trace.says("BridgeDestroy", BridgeUniqueid=one)
    trace.hangs_up(alice, bob)
    assert [call["talked_to"] for call in trace.told()] == [[BOB], [ALICE]]


def test_caller_who_parks_the_other_side_leaves_the_call_to_it() -> None:
    trace = Trace()
    alice = trace.dials_in(ALICE)
    bob = trace.dials(alice, BOB)
    bridge = trace.talk(alice, bob)
    trace.says("ParkedCall", bob.headers("Parkee"))
    trace.leaves(bridge, bob, alice)
    trace.hangs_up(alice)
    carol = trace.dials_in(CAROL, exten="701")
    trace.answers(carol)
    trace.says("UnParkedCall", bob.headers("Parkee"), carol.headers("Retriever"))
    trace.talk(carol, bob)
    trace.hangs_up(carol, bob)
    assert trace.told_one()["talked_to"] == [BOB, CAROL]


def test_refer_sent_on_the_consultation() -> None:
    """Some phones do it the other way round: Asterisk then names caller and target swapped."""
    trace = Trace()
    alice = trace.dials_in(ALICE)
    bob = trace.dials(alice, BOB)
    one = trace.talk(alice, bob)
    second = trace.dials_in("PJSIP/bob-00000009", exten="300")
    carol = trace.dials(second, CAROL)
    two = trace.talk(second, carol)
    trace.leaves(one, bob)
    trace.leaves(two, carol)
    trace.talk(carol, bridge=one)
    trace.says(
        "AttendedTransfer",
        second.headers("OrigTransferer"),
        bob.headers("SecondTransferer"),
        carol.headers("Transferee"),
        alice.headers("TransferTarget"),
        DestType="Bridge",
    )
    trace.hangs_up(second, bob, alice, carol)
    call = trace.told_one()
    assert call["transfers"] == [{"kind": "attended", "by": BOB, "to": CAROL}]
    assert call["talked_to"] == [BOB, CAROL]


def test_blonde_transfer_that_is_declined_names_the_phone() -> None:
    trace = Trace()
    alice = trace.dials_in(ALICE)
    bob = trace.dials(alice, BOB)
    trace.talk(alice, bob)
    second = trace.dials_in("PJSIP/bob-00000009", exten="300")
    carol = trace.dials(second, CAROL)
    trace.says(
        "AttendedTransfer",
        bob.headers("OrigTransferer"),
        second.headers("SecondTransferer"),
        DestType="App",
    )
    trace.hangs_up(second, bob)
    trace.dial_ends(alice, carol, "BUSY")
    trace.hangs_up(carol, alice, cause=17)
    call = trace.told_one()
    assert call["transfers"] == [{"kind": "blonde", "by": BOB, "to": CAROL}]
    assert (call["outcome"], call["hangup_cause"]) == ("answered", 17)


def test_transfer_by_a_channel_unknown_or_gone_is_nothing() -> None:
    trace = told.direct()
    gone = trace.events[0]
    for event in ("BlindTransfer", "AttendedTransfer"):
        trace.says(event, TransfererChannel=ALICE, TransfererUniqueid=str(gone["Uniqueid"]))
    for event in ("Hold", "Pickup", "ParkedCall", "UnParkedCall", "QueueCallerLeave", "QueueCallerJoin"):
        trace.says(
            event,
            Channel=ALICE,
            Uniqueid=str(gone["Uniqueid"]),
            TargetChannel=BOB,
            RetrieverChannel=BOB,
        )
    assert [each for each in trace.told() if each["caller"] == ALICE] == [told.direct().told_one()]


def test_transfer_of_nobody() -> None:
    trace = Trace()
    alice = trace.dials_in(ALICE)
    trace.answers(alice)
    trace.says("BlindTransfer", alice.headers("Transferer"), Extension="300")
    trace.hangs_up(alice)
    assert trace.told_one()["transfers"] == []


def test_phones_still_open_when_the_caller_hangs_up_stop_with_the_call() -> None:
    trace = Trace()
    caller = trace.rings_111()
    trace.offers(caller, BOB, "offer-1")
    trace.hangs_up(caller, cause=0)
    events = trace.folded()
    assert [type(each) for each in events][-2:] == [PhoneStopped, CallEnded]
    assert [each.outcome for each in events if isinstance(each, CallEnded)] == [Outcome.ABANDONED]


def test_leg_before_its_caller_is_told_with_the_caller() -> None:
    trace = Trace()
    caller = trace.rings_111()
    trace.offers(caller, BOB, "offer-1")
    late = [trace.events[index] for index in (3, 4, 5, 0, 1, 2)]
    kinds = [type(each) for each in fold(late, Callbook())]
    assert kinds.count(CallArrived) == 1
    assert PhoneRang in kinds


def test_picker_whose_own_call_was_told_is_told_as_joined() -> None:
    events = told.picked_up().folded()
    assert len([each for each in events if isinstance(each, CallJoined)]) == 1
    assert len([each for each in events if isinstance(each, CallEnded)]) == 1


def test_late_events_of_a_channel_do_not_raise_it_again() -> None:
    trace = told.direct()
    book = Callbook()
    fold(trace.events, book)
    assert fold(trace.events[:6], book) == []
    stray = messages.parse({"Event": "Hangup", "Channel": "SIP/never-1", "Uniqueid": "never"})
    assert stray is not None
    assert book.fold(stray, START) == []
    assert isinstance(stray, ami.HungUp)


def test_graves_are_forgotten_in_time() -> None:
    line = Line()
    for number in range(9000):
        line.close_grave(str(number))
    assert line.see(ChannelFacts("0", "SIP/a-1")) is not None
    assert line.see(ChannelFacts("8999", "SIP/b-1")) is None
