"""Calls as Asterisk tells them: one function for each kind of ordinary call.

Each returns a finished trace in which every channel has hung up. `STORIES` is for tests that must hold
for all of them.
"""

from collections.abc import Callable

from tests.telephony.trace import Chan, Trace

ALICE, BOB, CAROL = "PJSIP/alice-00000001", "PJSIP/bob-00000002", "PJSIP/carol-00000003"


def _rung(trace: Trace) -> tuple[Chan, Chan]:
    """Alice dials, and Bob's phone rings."""
    alice = trace.dials_in(ALICE, number="100", exten="200")
    return alice, trace.dials(alice, BOB)


def _takes(trace: Trace, caller: Chan, leg: Chan) -> str:
    """The leg answers and talks with the caller. Returns their bridge."""
    trace.answers(leg)
    trace.dial_ends(caller, leg, "ANSWER")
    return trace.talk(leg, caller)


def _connected(trace: Trace) -> tuple[Chan, Chan, str]:
    alice, bob = _rung(trace)
    return alice, bob, _takes(trace, alice, bob)


def _over(trace: Trace, bridge: str, first: Chan, second: Chan) -> None:
    """The first of the two hangs up."""
    trace.leaves(bridge, first, second)
    trace.hangs_up(first, second)


def direct() -> Trace:
    trace = Trace()
    alice, bob, bridge = _connected(trace)
    _over(trace, bridge, bob, alice)
    return trace


def refused(cause: int, status: str) -> Trace:
    trace = Trace()
    alice, bob = _rung(trace)
    trace.dial_ends(alice, bob, status)
    trace.hangs_up(bob, cause=cause)
    trace.hangs_up(alice, cause=cause)
    return trace


def cancelled() -> Trace:
    trace = Trace()
    alice, bob = _rung(trace)
    trace.says("HangupRequest", alice.headers(), Cause="127")
    trace.hangs_up(bob, cause=0)
    trace.dial_ends(alice, bob, "CANCEL")
    trace.hangs_up(alice, cause=127)
    return trace


def group() -> Trace:
    trace = Trace()
    alice = trace.dials_in(ALICE, number="100", exten="200")
    bob, carol = trace.dials(alice, BOB), trace.dials(alice, CAROL)
    trace.answers(carol)
    trace.dial_ends(alice, bob, "CANCEL")
    trace.dial_ends(alice, carol, "ANSWER")
    trace.hangs_up(bob, cause=26)
    bridge = trace.talk(carol, alice)
    _over(trace, bridge, alice, carol)
    return trace


def _queue(trace: Trace, *members: str) -> tuple[Chan, list[Chan]]:
    alice = trace.dials_in(ALICE, exten="600")
    trace.answers(alice)
    trace.joins_queue(alice)
    legs = [trace.dials(alice, name) for name in members]
    for leg in legs:
        trace.says("AgentCalled", alice.headers(), leg.headers("Dest"), Queue="hotline")
    return alice, legs


def queue_answered() -> Trace:
    trace = Trace()
    alice, (bob, carol) = _queue(trace, BOB, CAROL)
    trace.answers(carol)
    trace.dial_ends(alice, bob, "CANCEL")
    trace.dial_ends(alice, carol, "ANSWER")
    trace.hangs_up(bob, cause=26)
    trace.leaves_queue(alice)
    bridge = trace.talk(carol, alice)
    _over(trace, bridge, carol, alice)
    return trace


def queue_abandoned() -> Trace:
    trace = Trace()
    alice, (bob,) = _queue(trace, BOB)
    trace.says("QueueCallerAbandon", alice.headers(), Queue="hotline", HoldTime="9")
    trace.leaves_queue(alice)
    trace.dial_ends(alice, bob, "CANCEL")
    trace.hangs_up(bob, cause=16)
    trace.hangs_up(alice, cause=0)
    return trace


def queue_then_answered_by_the_next() -> Trace:
    trace = Trace()
    alice, (bob,) = _queue(trace, BOB)
    trace.dial_ends(alice, bob, "NOANSWER")
    trace.says("AgentRingNoAnswer", alice.headers(), bob.headers("Dest"), RingTime="20000")
    trace.hangs_up(bob, cause=16)
    carol = trace.dials(alice, CAROL)
    trace.answers(carol)
    trace.leaves_queue(alice)
    trace.talk(carol, alice)
    trace.hangs_up(alice, carol)
    return trace


def blind_by_callee() -> Trace:
    trace = Trace()
    alice, bob, bridge = _connected(trace)
    trace.says("BlindTransfer", bob.headers("Transferer"), alice.headers("Transferee"), Extension="300")
    trace.leaves(bridge, alice)
    alice.exten = "300"
    trace.leaves(bridge, bob)
    trace.hangs_up(bob)
    carol = trace.dials(alice, CAROL)
    bridge = _takes(trace, alice, carol)
    _over(trace, bridge, alice, carol)
    return trace


def blind_by_caller() -> Trace:
    trace = Trace()
    alice, bob, bridge = _connected(trace)
    trace.says("BlindTransfer", alice.headers("Transferer"), bob.headers("Transferee"), Extension="300")
    trace.leaves(bridge, bob, alice)
    trace.hangs_up(alice)
    carol = trace.dials(bob, CAROL)
    trace.answers(carol)
    bridge = trace.talk(carol, bob)
    _over(trace, bridge, bob, carol)
    return trace


def blind_nobody_answers() -> Trace:
    trace = Trace()
    alice, bob, bridge = _connected(trace)
    trace.says("BlindTransfer", bob.headers("Transferer"), alice.headers("Transferee"), Extension="300")
    trace.leaves(bridge, alice, bob)
    trace.hangs_up(bob)
    trace.hangs_up(alice, cause=19)
    return trace


def _consultation(trace: Trace, by: Chan, *, answered: bool) -> tuple[Chan, Chan, str]:
    """The transferer's second channel calls Carol."""
    second = trace.dials_in(by.name[:-8] + "00000009", number="200", exten="300")
    carol = trace.dials(second, CAROL)
    if not answered:
        return second, carol, ""
    _takes_up(trace, second, carol)
    return second, carol, trace.talk(carol, second)


def _takes_up(trace: Trace, second: Chan, carol: Chan) -> None:
    trace.answers(carol)
    trace.dial_ends(second, carol, "ANSWER")


def _refer(trace: Trace, first: Chan, second: Chan, dest_type: str, **more: str) -> None:
    trace.says(
        "AttendedTransfer",
        first.headers("OrigTransferer"),
        second.headers("SecondTransferer"),
        Result="Success",
        DestType=dest_type,
        **more,
    )


def attended_by_callee() -> Trace:
    trace = Trace()
    alice, bob, bridge = _connected(trace)
    trace.says("Hold", bob.headers())
    second, carol, other = _consultation(trace, bob, answered=True)
    trace.leaves(bridge, alice)
    trace.leaves(other, second)
    trace.talk(alice, bridge=other)
    _refer(trace, bob, second, "Bridge")
    trace.leaves(bridge, bob)
    trace.hangs_up(bob, second)
    _over(trace, other, alice, carol)
    return trace


def attended_by_caller() -> Trace:
    trace = Trace()
    alice, bob, bridge = _connected(trace)
    second, carol, other = _consultation(trace, alice, answered=True)
    trace.leaves(bridge, bob)
    trace.leaves(other, second)
    trace.talk(bob, bridge=other)
    _refer(trace, alice, second, "Bridge")
    trace.leaves(bridge, alice)
    trace.hangs_up(second, alice)
    _over(trace, other, bob, carol)
    return trace


def attended_by_feature_code() -> Trace:
    """`atxfer` of features.conf: Asterisk dials the target over a Local channel for the callee."""
    trace = Trace()
    alice, bob, bridge = _connected(trace)
    trace.leaves(bridge, bob)
    one = trace.appears("Local/300@internal-00000001;1", linked=bob, exten="300")
    two = trace.appears("Local/300@internal-00000001;2", linked=bob, exten="300")
    trace.says("LocalBridge", one.headers("LocalOne"), two.headers("LocalTwo"))
    carol = trace.dials(two, CAROL)
    trace.answers(carol)
    trace.talk(carol, two)
    other = trace.talk(one, bob)
    trace.leaves(other, bob)
    trace.talk(alice, bridge=other)
    _refer(trace, bob, bob, "Bridge")
    trace.hangs_up(bob)
    trace.hangs_up(alice, one, two, carol)
    return trace


def attended_called_off() -> Trace:
    """The consultation ends, and the transferer goes back to the caller."""
    trace = Trace()
    alice, bob, bridge = _connected(trace)
    second, carol, other = _consultation(trace, bob, answered=True)
    _over(trace, other, carol, second)
    _over(trace, bridge, bob, alice)
    return trace


def attended_while_answered() -> Trace:
    """The REFER comes while the consultation enters its bridge: Asterisk takes it for one in Dial."""
    trace = Trace()
    alice, bob, bridge = _connected(trace)
    second, carol, _other = _consultation(trace, bob, answered=True)
    _refer(trace, bob, second, "App", DestApp="Dial")
    trace.leaves(bridge, alice, bob)
    trace.hangs_up(second, bob)
    trace.hangs_up(carol, alice)
    return trace


def attended_before_their_bridge() -> Trace:
    """The REFER comes between the consultation's answer and its bridge, which only the target is in."""
    trace = Trace()
    alice, bob, bridge = _connected(trace)
    second, carol, _ = _consultation(trace, bob, answered=False)
    _takes_up(trace, second, carol)
    other = trace.talk(carol)
    trace.leaves(bridge, bob)
    _refer(trace, bob, second, "App", DestApp="Dial")
    trace.hangs_up(bob)
    trace.talk(second, bridge=other)
    trace.leaves(bridge, alice)
    trace.hangs_up(second)
    _over(trace, other, carol, alice)
    return trace


def blonde_by_callee() -> Trace:
    trace = Trace()
    alice, bob, bridge = _connected(trace)
    second, carol, _ = _consultation(trace, bob, answered=False)
    trace.says(
        "AttendedTransfer",
        bob.headers("OrigTransferer"),
        second.headers("SecondTransferer"),
        alice.headers("Transferee"),
        Result="Success",
        DestType="App",
        DestApp="Dial",
    )
    trace.leaves(bridge, alice)
    trace.dial_ends(second, carol, "NOANSWER")
    trace.says("DialBegin", alice.headers(), carol.headers("Dest"))
    trace.hangs_up(second, bob)
    _takes(trace, alice, carol)
    trace.hangs_up(alice, carol)
    return trace


def blonde_declined_at_once() -> Trace:
    """The target declines in the millisecond in which the transferer leaves."""
    trace = Trace()
    alice, bob, bridge = _connected(trace)
    second, carol, _ = _consultation(trace, bob, answered=False)
    trace.state(carol, 5)
    _refer(trace, bob, second, "App", DestApp="Dial")
    trace.dial_ends(second, carol, "NOANSWER")
    trace.hangs_up(carol, cause=21)
    trace.leaves(bridge, bob, alice)
    trace.hangs_up(bob, second)
    trace.hangs_up(alice)
    return trace


def callers_joined_by_whom_both_rang() -> Trace:
    """Alice and Carol both rang Bob, who connects them."""
    trace = Trace()
    alice, bob, one = _connected(trace)
    carol = trace.dials_in(CAROL, number="300", exten="200")
    second = trace.dials(carol, "PJSIP/bob-00000009")
    trace.answers(second)
    two = trace.talk(second, carol)
    trace.leaves(one, bob)
    trace.leaves(two, carol)
    trace.talk(carol, bridge=one)
    _refer(trace, second, bob, "Bridge")
    trace.leaves(two, second)
    trace.hangs_up(bob, second)
    _over(trace, one, alice, carol)
    return trace


def picked_up() -> Trace:
    trace = Trace()
    alice, bob = _rung(trace)
    carol = trace.dials_in(CAROL, number="300", exten="*8")
    trace.answers(carol)
    trace.says("Pickup", carol.headers(), bob.headers("Target"))
    trace.dial_ends(alice, bob, "CANCEL")
    trace.says("DialBegin", alice.headers(), carol.headers("Dest"))
    trace.dial_ends(alice, carol, "ANSWER")
    trace.hangs_up(bob, cause=26)
    bridge = trace.talk(carol, alice)
    _over(trace, bridge, carol, alice)
    return trace


def forwarded() -> Trace:
    """Bob's phone answers 302 Moved Temporarily; Carol takes the call, the Local is optimised away."""
    trace = Trace()
    alice = trace.dials_in(ALICE, number="100", exten="200")
    bob = trace.dials(alice, BOB, rings=False)
    one, two = trace.local(alice, "300")
    trace.dial_ends(alice, bob, "CANCEL")
    trace.hangs_up(bob)
    carol = trace.dials(two, CAROL)
    trace.answers(carol)
    trace.dial_ends(two, carol, "ANSWER")
    trace.dial_ends(alice, one, "ANSWER")
    near, far = trace.talk(one, alice), trace.talk(carol, two)
    trace.says("LocalOptimizationBegin", one.headers("LocalOne"), two.headers("LocalTwo"))
    trace.leaves(near, alice)
    trace.leaves(far, two)
    trace.talk(alice, bridge=far)
    trace.leaves(near, one)
    trace.hangs_up(two, one)
    _over(trace, far, carol, alice)
    return trace


def over_locals_never_optimised() -> Trace:
    trace = Trace()
    alice = trace.dials_in(ALICE, number="100", exten="200")
    one, two = trace.local(alice, "200")
    bob = trace.dials(two, BOB)
    trace.answers(bob)
    trace.talk(bob, two)
    trace.talk(one, alice)
    trace.hangs_up(alice, one, two, bob)
    return trace


def click_to_dial() -> Trace:
    """AMI Originate: Alice's phone is rung first, then dials for her."""
    trace = Trace()
    alice = trace.appears(ALICE, number="100", exten="s")
    trace.says("DialBegin", alice.headers("Dest"))
    trace.state(alice, 5)
    trace.answers(alice)
    trace.dial_ends(None, alice, "ANSWER")
    trace.says("OriginateResponse", alice.headers(), Response="Success")
    alice.exten = "200"
    bob = trace.dials(alice, BOB)
    trace.answers(bob)
    bridge = trace.talk(bob, alice)
    _over(trace, bridge, bob, alice)
    return trace


def click_to_dial_over_local() -> Trace:
    trace = Trace()
    one = trace.appears("Local/c2d@internal-00000001;1", exten="c2d")
    two = trace.appears("Local/c2d@internal-00000001;2", linked=one, exten="c2d")
    trace.says("LocalBridge", one.headers("LocalOne"), two.headers("LocalTwo"))
    trace.says("DialBegin", one.headers("Dest"))
    alice = trace.dials(two, ALICE, number="100")
    trace.answers(alice)
    trace.talk(alice, two)
    trace.answers(one)
    one.exten = "200"
    bob = trace.dials(one, BOB)
    trace.answers(bob)
    trace.talk(bob, one)
    trace.hangs_up(bob, one, two, alice)
    return trace


def originated_and_refused() -> Trace:
    trace = Trace()
    alice = trace.appears(ALICE, number="100", exten="s")
    trace.says("DialBegin", alice.headers("Dest"))
    trace.state(alice, 5)
    trace.dial_ends(None, alice, "BUSY")
    trace.hangs_up(alice, cause=17)
    return trace


def conference() -> Trace:
    trace = Trace()
    bridge = ""
    joined = []
    for name, number in ((ALICE, "100"), (BOB, "200"), (CAROL, "300")):
        member = trace.dials_in(name, number=number, exten="700")
        bridge = trace.talk(member, bridge=bridge, technology="softmix")
        trace.says("ConfbridgeJoin", member.headers(), Conference="700", BridgeUniqueid=bridge)
        joined.append(member)
    for member in joined:
        trace.says("ConfbridgeLeave", member.headers(), Conference="700", BridgeUniqueid=bridge)
        trace.leaves(bridge, member)
        trace.hangs_up(member)
    return trace


def parked_and_fetched() -> Trace:
    trace = Trace()
    alice, bob, bridge = _connected(trace)
    trace.leaves(bridge, alice)
    trace.says("BridgeEnter", alice.headers(), BridgeUniqueid="lot", BridgeType="parking")
    trace.says("ParkedCall", alice.headers("Parkee"), ParkingSpace="701")
    trace.leaves(bridge, bob)
    trace.hangs_up(bob)
    carol = trace.dials_in(CAROL, number="300", exten="701")
    trace.answers(carol)
    trace.says("UnParkedCall", alice.headers("Parkee"), carol.headers("Retriever"))
    trace.leaves("lot", alice)
    trace.talk(carol, alice)
    trace.hangs_up(alice, carol)
    return trace


def line_111_answered() -> Trace:
    trace = Trace()
    caller = trace.rings_111()
    leg = trace.offers(caller, "PJSIP/hn01-00000002", "offer-1")
    bridge = trace.pulls(leg, caller)
    _over(trace, bridge, leg, caller)
    return trace


def line_111_lost(*, hung_up_first: bool) -> Trace:
    """The counselor's phone falls silent: Asterisk ends its leg, the dialplan tells of the caller."""
    trace = Trace()
    caller = trace.rings_111()
    leg = trace.offers(caller, "PJSIP/hn01-00000002", "offer-1")
    bridge = trace.pulls(leg, caller)
    trace.leaves(bridge, leg, caller)
    if hung_up_first:
        trace.hangs_up(leg, cause=44)
    trace.says("UserEvent", caller.headers(), UserEvent="CounselorLost")
    trace.says("UserEvent", caller.headers(), UserEvent="HoldJoin")
    if not hung_up_first:
        trace.hangs_up(leg, cause=44)
    trace.hangs_up(caller, cause=0)
    return trace


def line_111_next_phone() -> Trace:
    """The first counselor declines, the second has no phone, the third answers."""
    trace = Trace()
    caller = trace.rings_111()
    first = trace.offers(caller, "PJSIP/hn01-00000002", "offer-1")
    trace.dial_ends(None, first, "NOANSWER")
    trace.hangs_up(first, cause=21)
    trace.says("OriginateResponse", Response="Failure", Uniqueid="<unknown>", Reason="1")
    third = trace.offers(caller, "PJSIP/hn03-00000004", "offer-3")
    trace.pulls(third, caller)
    trace.hangs_up(caller, third)
    return trace


def line_111_abandoned() -> Trace:
    trace = Trace()
    caller = trace.rings_111()
    leg = trace.offers(caller, "PJSIP/hn01-00000002", "offer-1")
    trace.says("HangupRequest", caller.headers(), Cause="0")
    trace.hangs_up(caller, cause=0)
    trace.hangs_up(leg, cause=0)
    return trace


def line_111_failsafe() -> Trace:
    """Nobody routes: the dialplan itself queues the caller, and a member's phone answers."""
    trace = Trace()
    caller = trace.rings_111()
    trace.answers(caller)
    trace.joins_queue(caller)
    leg = trace.dials(caller, "PJSIP/hn01-00000002")
    leg.call = caller.uid
    trace.answers(leg)
    trace.leaves_queue(caller)
    trace.talk(leg, caller)
    trace.hangs_up(leg, caller)
    return trace


def two_at_once() -> Trace:
    """Two calls, their events alternating."""
    one, two = direct(), Trace("hn-1763712999")
    other = two.dials_in("PJSIP/telco-00000011", number="0987", exten="111")
    leg = two.dials(other, "PJSIP/hn09-00000012")
    two.answers(leg)
    two.talk(leg, other)
    two.hangs_up(other, leg)
    both = Trace()
    for first, second in zip(one.events, two.events, strict=False):
        both.events += [first, second]
    rest = max(one.events, two.events, key=len)
    both.events += rest[min(len(one.events), len(two.events)) :]
    return both


def busy() -> Trace:
    return refused(17, "BUSY")


def declined() -> Trace:
    return refused(21, "CHANUNAVAIL")


STORIES: tuple[Callable[[], Trace], ...] = (
    direct,
    busy,
    declined,
    cancelled,
    group,
    queue_answered,
    queue_abandoned,
    queue_then_answered_by_the_next,
    blind_by_callee,
    blind_by_caller,
    blind_nobody_answers,
    attended_by_callee,
    attended_while_answered,
    attended_before_their_bridge,
    attended_by_caller,
    attended_by_feature_code,
    attended_called_off,
    blonde_by_callee,
    blonde_declined_at_once,
    callers_joined_by_whom_both_rang,
    picked_up,
    forwarded,
    over_locals_never_optimised,
    click_to_dial,
    click_to_dial_over_local,
    originated_and_refused,
    conference,
    parked_and_fetched,
    line_111_answered,
    line_111_next_phone,
    line_111_abandoned,
    line_111_failsafe,
    two_at_once,
)
