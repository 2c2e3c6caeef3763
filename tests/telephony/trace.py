"""Writes the AMI events of a call, in the order and with the headers of Asterisk 22.

    trace = Trace()
    caller = trace.dials_in("PJSIP/telco-00000001", number="0912345678", exten="111")
    phone = trace.dials(caller, "PJSIP/hn01-00000002")
    trace.answers(phone)
    trace.talk(caller, phone)
    trace.hangs_up(phone, caller)

Each event gets the next second of a fixed clock. What a real Asterisk sends besides (Newexten, VarSet)
is left out; the tracker never sees it.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

from hotline.events import CallEvent
from telephony import messages
from telephony.callbook import Callbook
from telephony.replay import as_json, replay

START = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
Headers = dict[str, str | list[str]]

STATES = {0: "Down", 4: "Ring", 5: "Ringing", 6: "Up"}


@dataclass(eq=False)
class Chan:
    """A channel as its headers describe it."""

    name: str
    uid: str
    linkedid: str
    state: int = 0
    number: str = "<unknown>"
    exten: str = ""
    context: str = "from-internal"
    call: str | None = None
    offer: str | None = None
    half: "Chan | None" = None

    def headers(self, prefix: str = "") -> Headers:
        headers: Headers = {
            f"{prefix}Channel": self.name,
            f"{prefix}ChannelState": str(self.state),
            f"{prefix}ChannelStateDesc": STATES[self.state],
            f"{prefix}CallerIDNum": self.number,
            f"{prefix}CallerIDName": "<unknown>",
            f"{prefix}Context": self.context,
            f"{prefix}Exten": self.exten,
            f"{prefix}Uniqueid": self.uid,
            f"{prefix}Linkedid": self.linkedid,
        }
        variables = [
            f"{name}={value}"
            for name, value in (("TD_CALL", self.call), ("TD_OFFER", self.offer))
            if value is not None
        ]
        if variables:
            headers[f"{prefix}ChanVariable"] = variables if len(variables) > 1 else variables[0]
        return headers


class Trace:
    """A recorded stream in the making."""

    def __init__(self, prefix: str = "hn-1763712000") -> None:
        self.events: list[Headers] = []
        self._uids = (f"{prefix}.{number}" for number in count(1))
        self._bridges = (f"bridge-{prefix}-{number}" for number in count(1))
        self.channels: list[Chan] = []

    # -- writing ----------------------------------------------------------------------------------

    def says(self, event: str, *parts: Headers, **more: str) -> Headers:
        """One event. `more` are further headers."""
        at = START + timedelta(seconds=len(self.events))
        headers: Headers = {"Event": event, "Timestamp": f"{at.timestamp():.6f}"}
        for part in parts:
            headers.update(part)
        headers.update(more)
        self.events.append(headers)
        return headers

    def appears(self, name: str, linked: Chan | None = None, uid: str = "", **facts: str | int) -> Chan:
        """A new channel, still Down and silent."""
        uid = uid or next(self._uids)
        channel = Chan(name, uid, linked.linkedid if linked is not None else uid)
        for key, value in facts.items():
            setattr(channel, key, value)
        self.channels.append(channel)
        self.says("Newchannel", channel.headers())
        return channel

    def state(self, channel: Chan, state: int) -> None:
        channel.state = state
        self.says("Newstate", channel.headers())

    # -- calls ------------------------------------------------------------------------------------

    def dials_in(self, name: str, number: str = "0912345678", exten: str = "111") -> Chan:
        """Somebody rings us."""
        caller = self.appears(name, number=number, exten=exten, context="from-telco")
        self.state(caller, 4)
        return caller

    def dials(self, source: Chan, name: str, *, rings: bool = True, number: str = "") -> Chan:
        """Dial() from one channel to a new one."""
        dest = self.appears(name, linked=source, number=number or "<unknown>", exten="s")
        self.says("DialBegin", source.headers(), dest.headers("Dest"), DialString=name)
        if rings:
            self.state(dest, 5)
        return dest

    def local(self, source: Chan, exten: str, serial: int = 1) -> tuple[Chan, Chan]:
        """Dial(Local/…) from a channel; the two halves."""
        base = f"Local/{exten}@ring-{serial:08x}"
        one = self.appears(f"{base};1", linked=source, exten=exten)
        two = self.appears(f"{base};2", linked=source, exten=exten)
        one.half, two.half = two, one
        two.state = 4
        self.says("LocalBridge", one.headers("LocalOne"), two.headers("LocalTwo"))
        self.says("DialBegin", source.headers(), one.headers("Dest"), DialString=exten)
        return one, two

    def dial_ends(self, source: Chan | None, dest: Chan, status: str) -> None:
        head = source.headers() if source is not None else {}
        self.says("DialEnd", head, dest.headers("Dest"), DialStatus=status)

    def answers(self, channel: Chan) -> None:
        self.state(channel, 6)

    def talk(self, *channels: Chan, bridge: str = "", technology: str = "simple_bridge") -> str:
        """All enter one bridge."""
        if not bridge:
            bridge = next(self._bridges)
            self.says("BridgeCreate", BridgeUniqueid=bridge, BridgeType="basic")
        for channel in channels:
            if channel.state != 6:
                self.state(channel, 6)
            self.says(
                "BridgeEnter",
                channel.headers(),
                BridgeUniqueid=bridge,
                BridgeType="basic",
                BridgeTechnology=technology,
            )
        return bridge

    def leaves(self, bridge: str, *channels: Chan) -> None:
        for channel in channels:
            self.says("BridgeLeave", channel.headers(), BridgeUniqueid=bridge)

    def hangs_up(self, *channels: Chan, cause: int = 16) -> None:
        for channel in channels:
            self.says("Hangup", channel.headers(), Cause=str(cause))
            self.channels.remove(channel)

    def joins_queue(self, caller: Chan) -> None:
        self.says("QueueCallerJoin", caller.headers(), Queue="hotline", Position="1", Count="1")

    def leaves_queue(self, caller: Chan) -> None:
        self.says("QueueCallerLeave", caller.headers(), Queue="hotline", Position="1", Count="0")

    # -- line 111 ---------------------------------------------------------------------------------

    def rings_111(self, name: str = "PJSIP/telco-00000001", number: str = "0912345678") -> Chan:
        """A caller in our own hold loop."""
        caller = self.dials_in(name, number)
        caller.call, caller.exten, caller.context = caller.uid, "s", "hold111"
        self.says("UserEvent", caller.headers(), UserEvent="HoldJoin", T0="1763712000")
        return caller

    def offers(self, caller: Chan, name: str, offer: str, *, rings: bool = True) -> Chan:
        """The switchboard originates a counselor's phone."""
        leg = self.appears(name, uid=offer, exten="s")
        leg.call, leg.offer = caller.uid, offer
        self.says("DialBegin", leg.headers("Dest"), DialString=name)
        if rings:
            self.state(leg, 5)
        return leg

    def pulls(self, leg: Chan, caller: Chan) -> str:
        """The counselor answers, and the leg takes the caller out of the hold loop."""
        self.answers(leg)
        self.dial_ends(None, leg, "ANSWER")
        self.says("OriginateResponse", leg.headers(), Response="Success", Reason="4")
        leg.context = "td-pull"
        return self.talk(leg, caller)

    # -- reading ----------------------------------------------------------------------------------

    def lines(self) -> list[str]:
        return [json.dumps(headers) for headers in self.events]

    def told(self) -> list[dict[str, object]]:
        """What `tongdai replay` prints for it."""
        faults: list[tuple[int, str]] = []
        reports = replay(self.lines(), lambda number, fault: faults.append((number, fault)))
        assert not faults, faults
        return [as_json(report) for report in reports]

    def told_one(self) -> dict[str, object]:
        (only,) = self.told()
        return only

    def folded(self, book: Callbook | None = None) -> list[CallEvent]:
        """The call events of the live feed."""
        return fold(self.events, book or Callbook())


def fold(events: list[Headers], book: Callbook) -> list[CallEvent]:
    """Feed AMI headers to a callbook, one second apart."""
    happened: list[CallEvent] = []
    for second, headers in enumerate(events):
        event = messages.parse(headers)
        if event is not None:
            happened += book.fold(event, START + timedelta(seconds=second))
    return happened
