"""Asterisk 11: linked pairs for bridges, no Linkedid, and masquerades that swap parties."""

from tests.telephony.trace import Trace

A, B, C = "SIP/a-00000001", "SIP/b-00000002", "SIP/c-00000003"


class Eleven(Trace):
    """Writes events as Asterisk 11 does. A channel is given by (name, Uniqueid)."""

    def new(self, name: str, uid: str, state: int = 0, exten: str = "", number: str = "") -> None:
        said = {"Channel": name, "Uniqueid": uid, "Exten": exten, "CallerIDNum": number}
        self.says("Newchannel", ChannelState="0", **said)
        if state:
            self.to(name, uid, state)

    def to(self, name: str, uid: str, state: int) -> None:
        self.says("Newstate", Channel=name, Uniqueid=uid, ChannelState=str(state))

    def rings(self, source: tuple[str, str], dest: tuple[str, str]) -> None:
        self.new(*dest)
        self.says(
            "Dial", SubEvent="Begin", Channel=source[0], UniqueID=source[1], Destination=dest[0],
            DestUniqueID=dest[1],
        )  # fmt: skip
        self.to(*dest, 5)

    def dial_over(self, source: tuple[str, str], status: str) -> None:
        self.says("Dial", SubEvent="End", Channel=source[0], UniqueID=source[1], DialStatus=status)

    def link(self, one: tuple[str, str], two: tuple[str, str], state: str = "Link") -> None:
        self.says(
            "Bridge", Bridgestate=state, Channel1=one[0], Uniqueid1=one[1], Channel2=two[0],
            Uniqueid2=two[1],
        )  # fmt: skip

    def masquerade(self, clone: tuple[str, str], original: tuple[str, str]) -> None:
        """The clone's party moves onto the original's channel; the other becomes a zombie."""
        self.says("Masquerade", Clone=clone[0], Original=original[0])
        self.rename(clone[0], clone[1], f"{clone[0]}<MASQ>")
        self.rename(original[0], original[1], clone[0])
        self.rename(f"{clone[0]}<MASQ>", clone[1], f"{original[0]}<ZOMBIE>")

    def rename(self, name: str, uid: str, new: str) -> None:
        self.says("Rename", Channel=name, Uniqueid=uid, Newname=new)

    def over(self, name: str, uid: str, cause: int = 16) -> None:
        self.says("Hangup", Channel=name, Uniqueid=uid, Cause=str(cause))


def connected() -> Eleven:
    trace = Eleven()
    trace.new(A, "1", 4, exten="200", number="100")
    trace.rings((A, "1"), (B, "2"))
    trace.to(B, "2", 6)
    trace.to(A, "1", 6)
    trace.link((A, "1"), (B, "2"))
    return trace


def test_direct_call() -> None:
    trace = connected()
    trace.link((A, "1"), (B, "2"), "Unlink")
    trace.over(B, "2")
    trace.dial_over((A, "1"), "ANSWER")
    trace.over(A, "1")
    call = trace.told_one()
    assert (call["caller"], call["caller_number"], call["dialled"]) == (A, "100", "200")
    assert (call["talked_to"], call["outcome"], call["hangup_cause"]) == ([B], "answered", 16)


def test_caller_cancels_and_the_dial_ends_after_its_leg() -> None:
    trace = Eleven()
    trace.new(A, "1", 4, exten="200")
    trace.rings((A, "1"), (B, "2"))
    trace.over(B, "2", 0)
    trace.dial_over((A, "1"), "CANCEL")
    trace.over(A, "1", 0)
    assert trace.told_one()["outcome"] == "abandoned"


def test_nobody_answers_and_the_dial_ends_before_its_leg() -> None:
    trace = Eleven()
    trace.new(A, "1", 4, exten="200")
    trace.rings((A, "1"), (B, "2"))
    trace.dial_over((A, "1"), "NOANSWER")
    trace.over(B, "2", 0)
    trace.over(A, "1", 16)
    assert trace.told_one()["outcome"] == "no_answer"


def test_local_channel_optimised_away_by_masquerade() -> None:
    trace = Eleven()
    one, two = ("Local/200@x-1;1", "2"), ("Local/200@x-1;2", "3")
    trace.new(A, "1", 4, exten="200")
    trace.new(*one)
    trace.new(*two, 4)
    trace.says("LocalBridge", Channel1=one[0], Uniqueid1="2", Channel2=two[0], Uniqueid2="3")
    trace.says("Dial", SubEvent="Begin", Channel=A, UniqueID="1", Destination=one[0], DestUniqueID="2")
    trace.rings(two, (B, "4"))
    trace.to(B, "4", 6)
    trace.link(two, (B, "4"))
    trace.link((A, "1"), one)
    trace.masquerade((B, "4"), one)
    trace.over(f"{one[0]}<ZOMBIE>", "4")
    trace.over(*two)
    trace.link((A, "1"), (B, "2"), "Unlink")
    trace.over(B, "2")
    trace.over(A, "1")
    assert trace.told_one()["talked_to"] == [B]


def test_attended_transfer_by_masquerade() -> None:
    trace = connected()
    second = ("SIP/b-00000009", "3")
    trace.new(*second, 4, exten="300")
    trace.rings(second, (C, "4"))
    trace.to(C, "4", 6)
    trace.to(*second, 6)
    trace.link(second, (C, "4"))
    trace.says(
        "Transfer", TransferMethod="SIP", TransferType="Attended", Channel=B, Uniqueid="2",
        TargetChannel=second[0], TargetUniqueid="3",
    )  # fmt: skip
    trace.masquerade((A, "1"), second)
    trace.over(B, "2")
    trace.over(f"{second[0]}<ZOMBIE>", "1")
    trace.link((A, "3"), (C, "4"), "Unlink")
    trace.over(C, "4")
    trace.over(A, "3", 21)
    call = trace.told_one()
    assert (call["talked_to"], call["hangup_cause"]) == ([B, C], 21)
    assert call["transfers"] == [{"kind": "attended", "by": B, "to": C}]


def test_blind_transfer_over_async_goto() -> None:
    trace = connected()
    goto = ("AsyncGoto/SIP/a-00000001", "9")
    trace.new(*goto, 6)
    trace.masquerade((A, "1"), goto)
    trace.says(
        "Transfer", TransferType="Blind", Channel=B, Uniqueid="2", TransferExten="300",
        TargetChannel=f"{goto[0]}<ZOMBIE>", TargetUniqueid="1",
    )  # fmt: skip
    trace.over(f"{goto[0]}<ZOMBIE>", "1")
    trace.over(B, "2")
    trace.rings((A, "9"), (C, "4"))
    trace.link((A, "9"), (C, "4"))
    trace.over(C, "4")
    trace.over(A, "9")
    call = trace.told_one()
    assert call["caller"] == A
    assert call["talked_to"] == [B, C]
    assert call["transfers"] == [{"kind": "blind", "by": B, "to": C}]


def test_pick_up_by_masquerade_without_a_pickup_event() -> None:
    trace = Eleven()
    trace.new(A, "1", 4, exten="200")
    trace.rings((A, "1"), (B, "2"))
    trace.new(C, "3", 4, exten="*8")
    trace.to(C, "3", 6)
    trace.masquerade((C, "3"), (B, "2"))
    trace.over(f"{B}<ZOMBIE>", "3", 42)
    trace.link((A, "1"), (C, "2"))
    trace.over(C, "2")
    trace.over(A, "1")
    assert trace.told_one()["talked_to"] == [C]


def test_masquerade_without_its_rename_events() -> None:
    """From Asterisk 12 on, the Uniqueid goes with the name; a message's own pair of both is believed."""
    trace = Eleven()
    trace.new(A, "1", 4, exten="200")
    trace.rings((A, "1"), (B, "2"))
    trace.new(C, "3", 4, exten="*8")
    trace.link((A, "1"), (C, "2"))
    trace.over(B, "3")
    trace.over(C, "2")
    trace.over(A, "1")
    assert next(call["talked_to"] for call in trace.told()) == [C]


def test_queue_that_announces_its_dials_only_as_agent_called() -> None:
    trace = Eleven()
    trace.new(A, "1", 4, exten="600")
    trace.to(A, "1", 6)
    trace.says("Join", Channel=A, Uniqueid="1", Queue="q")
    trace.new(B, "2")
    trace.says("AgentCalled", ChannelCalling=A, Uniqueid="1", DestinationChannel=B)
    trace.to(B, "2", 5)
    trace.to(B, "2", 6)
    trace.says("Leave", Channel=A, Uniqueid="1", Queue="q")
    trace.link((A, "1"), (B, "2"))
    trace.over(B, "2")
    trace.over(A, "1")
    call = trace.told_one()
    assert call["talked_to"] == [B]
    assert call["queued_at"] is not None
