"""Asterisk's vocabulary: AMI messages as typed events, and nothing further.

`parse` turns the headers of one AMI message into one of the events below, or None when the message
says nothing about who talks with whom. It smooths over what differs between Asterisk 11 and 22: renamed
events (`Dial` with a SubEvent, `Bridge`/`Link`, `Join`, `Transfer`), renamed headers (`Channel1`,
`DestUniqueID`, `SrcUniqueID`), header-name case, repeated headers (a list), and the many ways of saying
"nothing" (`<unknown>`, `(null)`, empty). It keeps no state and draws no conclusions; that is
`telephony.callbook`.

Most of a busy Asterisk's messages (VarSet, Newexten, RTCP, device states) are dropped by one dictionary
look-up before any header is read.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from hotline.errors import BadInput

Headers = Mapping[str, str | list[str]]
_Plain = dict[str, str | list[str]]
_T = TypeVar("_T")

_NOTHING = frozenset({"", "<unknown>", "(null)", "<null>", "none", "unknown", "n/a"})

STATE_RING = 4
"""The channel dials in: Asterisk has heard it and plays the dialplan to it."""
STATE_RINGING = 5
STATE_UP = 6
_STATES = {
    "down": 0,
    "rsrvd": 1,
    "offhook": 2,
    "dialing": 3,
    "ring": STATE_RING,
    "ringing": STATE_RINGING,
    "up": STATE_UP,
    "busy": 7,
    "dialing offhook": 8,
    "pre-ring": 9,
}


class MalformedMessage(BadInput):
    """An AMI message that names no event, or an event that lacks what it cannot do without."""


@dataclass(frozen=True, slots=True)
class ChannelFacts:
    """What one message says about one channel. None = not said; `state` as in `STATE_*`.

    `uid` is empty when the message only names the channel (Asterisk 11, stripped traces).
    `call` and `offer` are our own channel variables TD_CALL and TD_OFFER.
    """

    uid: str
    name: str
    state: int | None = None
    number: str | None = None
    exten: str | None = None
    context: str | None = None
    linkedid: str | None = None
    call: str | None = None
    offer: str | None = None


@dataclass(frozen=True, slots=True)
class AmiEvent:
    """Base of everything `parse` returns."""


@dataclass(frozen=True, slots=True)
class ChannelSeen(AmiEvent):
    """A channel exists and looks so: Newchannel, Newstate, NewCallerid, NewConnectedLine."""

    channel: ChannelFacts


@dataclass(frozen=True, slots=True)
class ChannelRenamed(AmiEvent):
    """Up to Asterisk 11, three of these are a masquerade: two channels swap bodies."""

    channel: ChannelFacts
    new_name: str


@dataclass(frozen=True, slots=True)
class LocalPaired(AmiEvent):
    """The two halves of a Local channel are joined back to back."""

    one: ChannelFacts
    two: ChannelFacts


@dataclass(frozen=True, slots=True)
class DialBegan(AmiEvent):
    """`source` is None for a channel that Asterisk dials by itself (Originate)."""

    source: ChannelFacts | None
    dest: ChannelFacts


@dataclass(frozen=True, slots=True)
class DialEnded(AmiEvent):
    """`dest` is None up to Asterisk 11, which only tells whose dial has ended."""

    source: ChannelFacts | None
    dest: ChannelFacts | None
    status: str


@dataclass(frozen=True, slots=True)
class BridgeEntered(AmiEvent):
    """`conference` bridges join many; `holding` ones (parking, BridgeWait) join nobody."""

    channel: ChannelFacts
    bridge: str
    holding: bool = False
    conference: bool = False
    swapped_out: str | None = None
    """Uniqueid of the channel whose place this one takes."""


@dataclass(frozen=True, slots=True)
class BridgeLeft(AmiEvent):
    channel: ChannelFacts
    bridge: str


@dataclass(frozen=True, slots=True)
class BridgeClosed(AmiEvent):
    bridge: str


@dataclass(frozen=True, slots=True)
class BridgesMerged(AmiEvent):
    kept: str
    dissolved: str


@dataclass(frozen=True, slots=True)
class ChannelsLinked(AmiEvent):
    """Up to Asterisk 11: two channels hear each other."""

    one: ChannelFacts
    two: ChannelFacts


@dataclass(frozen=True, slots=True)
class ChannelsUnlinked(AmiEvent):
    one: ChannelFacts
    two: ChannelFacts


@dataclass(frozen=True, slots=True)
class CallerHeld(AmiEvent):
    """The channel waits for somebody: it joined a queue, or our own hold loop."""

    channel: ChannelFacts


@dataclass(frozen=True, slots=True)
class CallerReleased(AmiEvent):
    """The channel left a queue. Asterisk says so also when it leaves for a counselor."""

    channel: ChannelFacts


@dataclass(frozen=True, slots=True)
class QueueAbandoned(AmiEvent):
    """Only true if a hang-up follows: time-out and redirect say the same."""

    channel: ChannelFacts


@dataclass(frozen=True, slots=True)
class HoldPressed(AmiEvent):
    channel: ChannelFacts


@dataclass(frozen=True, slots=True)
class HoldReleased(AmiEvent):
    channel: ChannelFacts


@dataclass(frozen=True, slots=True)
class BlindTransferred(AmiEvent):
    transferer: ChannelFacts
    transferee: ChannelFacts | None
    exten: str


@dataclass(frozen=True, slots=True)
class AttendedTransferred(AmiEvent):
    """`first` is the transferer's channel in the call, `second` the one of the consultation.

    When the phone sends its REFER the other way round, so does Asterisk name them.
    """

    first: ChannelFacts
    second: ChannelFacts | None
    transferee: ChannelFacts | None
    target: ChannelFacts | None
    exten: str
    to_application: bool = False
    """The second channel had nobody yet: it was in Dial() or another application."""


@dataclass(frozen=True, slots=True)
class PickedUp(AmiEvent):
    """`picker` takes the call for which `target` was ringing."""

    picker: ChannelFacts
    target: ChannelFacts


@dataclass(frozen=True, slots=True)
class CallParked(AmiEvent):
    parkee: ChannelFacts


@dataclass(frozen=True, slots=True)
class CallUnparked(AmiEvent):
    parkee: ChannelFacts
    retriever: ChannelFacts


@dataclass(frozen=True, slots=True)
class HangupAsked(AmiEvent):
    """The far end rang off; the hang-up itself follows."""

    channel: ChannelFacts


@dataclass(frozen=True, slots=True)
class HungUp(AmiEvent):
    channel: ChannelFacts
    cause: int


@dataclass(frozen=True, slots=True)
class Originated(AmiEvent):
    """The system itself placed this call (OriginateResponse)."""

    channel: ChannelFacts


@dataclass(frozen=True, slots=True)
class Booted(AmiEvent):
    """Said at every login. `uptime` in seconds (None before Asterisk 13) tells a restart from that."""

    uptime: float | None


@dataclass(frozen=True, slots=True)
class ShutDown(AmiEvent):
    """Asterisk goes away; none of its channels outlives this."""


def parse(headers: Headers) -> AmiEvent | None:
    """One AMI message as an event, or None when it does not concern us (responses too).

    Raises MalformedMessage when there is no event name, or the event lacks its channel or bridge.
    """
    name = headers.get("Event")
    if name is None:
        headers = _plain(headers)
        name = headers.get("event")
        if name is None:
            if "response" in headers:
                return None
            raise MalformedMessage("neither an Event nor a Response header")
    if isinstance(name, list):
        name = name[0] if name else ""
    if not isinstance(name, str):
        raise MalformedMessage("the Event header is not text")
    reader = _READERS.get(name) or _READERS_LOWER.get(name.lower())
    return reader(_plain(headers)) if reader is not None else None


@dataclass(frozen=True, slots=True)
class ChannelSnapshot:
    """One live channel as CoreShowChannels or Status lists it. None = not said."""

    channel: str
    uniqueid: str
    linkedid: str | None = None
    state: int | None = None
    number: str | None = None
    context: str | None = None
    exten: str | None = None
    application: str | None = None
    bridge: str | None = None
    duration: timedelta = timedelta(0)
    """How long the channel has existed."""
    td_call: str | None = None
    td_offer: str | None = None

    @property
    def facts(self) -> ChannelFacts:
        return ChannelFacts(
            self.uniqueid, self.channel, self.state, self.number, self.exten, self.context,
            self.linkedid, self.td_call, self.td_offer,
        )  # fmt: skip


def channel_snapshot(headers: Headers) -> ChannelSnapshot:
    """A row of CoreShowChannels or Status. Raises MalformedMessage when it names no channel."""
    plain = _plain(headers)
    facts = _channel(plain)
    return ChannelSnapshot(
        facts.name, facts.uid or facts.name, facts.linkedid, facts.state, facts.number,
        facts.context, facts.exten, _text(plain, "application"),
        _text(plain, "bridgeid", "bridgeuniqueid"),
        _duration(_text(plain, "duration", "seconds") or ""), facts.call, facts.offer,
    )  # fmt: skip


def _duration(text: str) -> timedelta:
    """`01:02:03` (CoreShowChannels) or seconds (Status); zero when it is neither."""
    seconds = 0
    for part in text.split(":"):
        if not part.isdecimal():
            return timedelta(0)
        seconds = seconds * 60 + int(part)
    return timedelta(seconds=seconds)


def plain_value(value: object) -> str | None:
    """A header's first value without its padding; None for all of Asterisk's ways to say nothing."""
    if isinstance(value, list):
        value = value[0] if value else None
    if value is None:
        return None
    text = (value if isinstance(value, str) else str(value)).strip()
    return None if text.lower() in _NOTHING else text


def state_number(number: object, description: object) -> int | None:
    """ChannelState, or what ChannelStateDesc calls it when there is no number."""
    text = plain_value(number)
    if text is not None and text.isdecimal():
        return int(text)
    described = plain_value(description) or (None if text is None else text)
    return None if described is None else _STATES.get(described.lower())


def our_variables(value: object) -> tuple[str | None, str | None]:
    """TD_CALL and TD_OFFER out of one or many `ChanVariable: NAME=value` headers."""
    if value is None:
        return None, None
    call = offer = None
    for entry in value if isinstance(value, list) else (value,):
        key, _, text = str(entry).partition("=")
        if key == "TD_CALL":
            call = plain_value(text)
        elif key == "TD_OFFER":
            offer = plain_value(text)
    return call, offer


def _plain(headers: Headers) -> _Plain:
    """Header names in lower case: every version of Asterisk spells some of them differently."""
    return {key.lower(): value for key, value in headers.items()}


def _text(headers: _Plain, *keys: str) -> str | None:
    for key in keys:
        value = headers.get(key)
        if value is not None:
            text = plain_value(value)
            if text is not None:
                return text
    return None


def _facts(headers: _Plain, prefix: str = "") -> ChannelFacts | None:
    """The channel that the headers with this prefix describe; None when there is none."""
    uid = _text(headers, f"{prefix}uniqueid")
    name = _text(headers, f"{prefix}channel")
    if uid is None and name is None:
        return None
    variables = headers.get(f"{prefix}chanvariable")
    if variables is None:
        variables = headers.get(f"chanvariable({(name or '').lower()})")
    call, offer = our_variables(variables)
    state = headers.get(f"{prefix}channelstate")
    return ChannelFacts(
        uid or "",
        name or "",
        state_number(state, headers.get(f"{prefix}channelstatedesc")),
        _text(headers, f"{prefix}calleridnum", f"{prefix}callerid"),
        _text(headers, f"{prefix}exten"),
        _text(headers, f"{prefix}context"),
        _text(headers, f"{prefix}linkedid"),
        call,
        offer,
    )


def _named(headers: _Plain, channel: Sequence[str], uid: Sequence[str]) -> ChannelFacts | None:
    """A channel given only by name and Uniqueid under irregular header names."""
    found_uid, found_name = _text(headers, *uid), _text(headers, *channel)
    if found_uid is None and found_name is None:
        return None
    return ChannelFacts(found_uid or "", found_name or "")


def _need(value: _T | None, what: str, headers: _Plain) -> _T:
    if value is None:
        raise MalformedMessage(f"{_text(headers, 'event')} without {what}")
    return value


def _channel(headers: _Plain, prefix: str = "") -> ChannelFacts:
    return _need(_facts(headers, prefix), "a channel", headers)


def _seen(headers: _Plain) -> AmiEvent:
    return ChannelSeen(_channel(headers))


def _renamed(headers: _Plain) -> AmiEvent:
    new_name = _need(_text(headers, "newname"), "Newname", headers)
    old = _text(headers, "channel", "oldname")
    return ChannelRenamed(ChannelFacts(_text(headers, "uniqueid") or "", old or ""), new_name)


def _local_paired(headers: _Plain) -> AmiEvent:
    one = _facts(headers, "localone") or _named(headers, ["channel1"], ["uniqueid1"])
    two = _facts(headers, "localtwo") or _named(headers, ["channel2"], ["uniqueid2"])
    return LocalPaired(_need(one, "LocalOneChannel", headers), _need(two, "LocalTwoChannel", headers))


def _dest(headers: _Plain) -> ChannelFacts | None:
    return _facts(headers, "dest") or _named(
        headers, ["destination", "destinationchannel"], ["destuniqueid"]
    )


def _dial_began(headers: _Plain) -> AmiEvent:
    source = _facts(headers) or _named(headers, ["source"], ["srcuniqueid"])
    dest = _dest(headers)
    if dest is None:  # some dial strings (a group) are announced without their channel
        raise MalformedMessage("DialBegin without DestChannel")
    return DialBegan(source, dest)


def _dial_ended(headers: _Plain) -> AmiEvent:
    source = _facts(headers) or _named(headers, ["source"], ["srcuniqueid"])
    status = (_text(headers, "dialstatus", "status") or "").upper()
    return DialEnded(source, _dest(headers), status)


def _dial(headers: _Plain) -> AmiEvent:
    """Up to Asterisk 11: one event name for both, in 1.4 only for the beginning."""
    ended = (_text(headers, "subevent") or "").lower() == "end"
    return _dial_ended(headers) if ended else _dial_began(headers)


def _agent_called(headers: _Plain) -> AmiEvent | None:
    """Up to Asterisk 11 app_queue announces its dials only so."""
    dest = _dest(headers)
    source = _facts(headers) or _named(headers, ["channelcalling"], ["uniqueid"])
    return None if dest is None else DialBegan(source, dest)


def _bridge_entered(headers: _Plain) -> AmiEvent:
    kind = _text(headers, "bridgetype") or ""
    technology = _text(headers, "bridgetechnology") or ""
    creator = _text(headers, "bridgecreator") or ""
    return BridgeEntered(
        _channel(headers),
        _need(_text(headers, "bridgeuniqueid"), "BridgeUniqueid", headers),
        holding=kind == "parking" or technology == "holding_bridge" or creator == "BridgeWait",
        conference=technology == "softmix" or creator == "ConfBridge" or kind == "base",
        swapped_out=_text(headers, "swapuniqueid"),
    )


def _bridge_left(headers: _Plain) -> AmiEvent:
    bridge = _need(_text(headers, "bridgeuniqueid"), "BridgeUniqueid", headers)
    return BridgeLeft(_channel(headers), bridge)


def _bridge_closed(headers: _Plain) -> AmiEvent:
    return BridgeClosed(_need(_text(headers, "bridgeuniqueid"), "BridgeUniqueid", headers))


def _bridges_merged(headers: _Plain) -> AmiEvent:
    return BridgesMerged(
        _need(_text(headers, "tobridgeuniqueid"), "ToBridgeUniqueid", headers),
        _need(_text(headers, "frombridgeuniqueid"), "FromBridgeUniqueid", headers),
    )


def _conference(headers: _Plain) -> str:
    """Conferences without a bridge id (Asterisk 11, MeetMe) get one from their name."""
    bridge = _text(headers, "bridgeuniqueid")
    if bridge is None:
        room = _need(_text(headers, "conference", "meetme"), "Conference", headers)
        bridge = f"conference:{room}"
    return bridge


def _conference_joined(headers: _Plain) -> AmiEvent:
    return BridgeEntered(_channel(headers), _conference(headers), conference=True)


def _conference_left(headers: _Plain) -> AmiEvent:
    return BridgeLeft(_channel(headers), _conference(headers))


def _pair(headers: _Plain) -> tuple[ChannelFacts, ChannelFacts]:
    one = _named(headers, ["channel1"], ["uniqueid1"])
    two = _named(headers, ["channel2"], ["uniqueid2"])
    return _need(one, "Channel1", headers), _need(two, "Channel2", headers)


def _linked(headers: _Plain) -> AmiEvent:
    one, two = _pair(headers)
    if (_text(headers, "bridgestate") or "link").lower() == "unlink":
        return ChannelsUnlinked(one, two)
    return ChannelsLinked(one, two)


def _unlinked(headers: _Plain) -> AmiEvent:
    return ChannelsUnlinked(*_pair(headers))


def _held(headers: _Plain) -> AmiEvent:
    return CallerHeld(_channel(headers))


def _released(headers: _Plain) -> AmiEvent:
    return CallerReleased(_channel(headers))


def _abandoned(headers: _Plain) -> AmiEvent:
    return QueueAbandoned(_channel(headers))


def _hold(headers: _Plain) -> AmiEvent:
    if (_text(headers, "status") or "on").lower() == "off":  # Asterisk 11
        return HoldReleased(_channel(headers))
    return HoldPressed(_channel(headers))


def _unhold(headers: _Plain) -> AmiEvent:
    return HoldReleased(_channel(headers))


def _succeeded(headers: _Plain) -> bool:
    return (_text(headers, "result") or "success").lower() == "success"


def _blind_transfer(headers: _Plain) -> AmiEvent | None:
    if not _succeeded(headers):
        return None
    return BlindTransferred(
        _need(_facts(headers, "transferer"), "TransfererChannel", headers),
        _facts(headers, "transferee"),
        _text(headers, "extension", "transfereeexten") or "",
    )


def _dialled(headers: _Plain, *keys: str) -> str:
    """The first of these headers that is a number somebody dialled; `s` is the dialplan's own."""
    return next((text for key in keys if (text := _text(headers, key)) not in (None, "s")), "") or ""


def _attended_transfer(headers: _Plain) -> AmiEvent | None:
    if not _succeeded(headers):
        return None
    first = _facts(headers, "origtransferer") or _facts(headers, "transferer")
    second = _facts(headers, "secondtransferer")
    return AttendedTransferred(
        _need(first or second, "OrigTransfererChannel", headers),
        second,
        _facts(headers, "transferee"),
        _facts(headers, "transfertarget"),
        _dialled(headers, "secondtransfererexten", "transfertargetcalleridnum"),
        to_application=(_text(headers, "desttype") or "").lower() == "app",
    )


def _transfer(headers: _Plain) -> AmiEvent:
    """Up to Asterisk 11. `TargetChannel` is the party moved, or the transferer's second channel."""
    transferer = _channel(headers)
    moved = _named(headers, ["targetchannel"], ["targetuniqueid"])
    exten = _text(headers, "transferexten") or ""
    if (_text(headers, "transfertype") or "").lower().startswith("attended"):
        return AttendedTransferred(transferer, moved, None, None, exten)
    return BlindTransferred(transferer, moved, exten)


def _picked_up(headers: _Plain) -> AmiEvent:
    target = _facts(headers, "target")
    return PickedUp(_channel(headers), _need(target, "TargetChannel", headers))


def _parked(headers: _Plain) -> AmiEvent:
    return CallParked(_facts(headers, "parkee") or _channel(headers))


def _unparked(headers: _Plain) -> AmiEvent:
    retriever = _facts(headers, "retriever") or _named(headers, ["from"], ["fromuniqueid"])
    return CallUnparked(
        _facts(headers, "parkee") or _channel(headers), _need(retriever, "a retriever", headers)
    )


def _hangup_asked(headers: _Plain) -> AmiEvent:
    return HangupAsked(_channel(headers))


def _hung_up(headers: _Plain) -> AmiEvent:
    cause = _text(headers, "cause") or ""
    return HungUp(_channel(headers), int(cause) if cause.isdecimal() else 0)


def _originated(headers: _Plain) -> AmiEvent | None:
    channel = _facts(headers)
    return None if channel is None or not channel.uid else Originated(channel)


def _user_event(headers: _Plain) -> AmiEvent | None:
    """Of all user events only our hold loop's concerns the line."""
    name = _text(headers, "userevent", "usereventname")
    channel = _facts(headers)
    return CallerHeld(channel) if name == "HoldJoin" and channel is not None else None


def _booted(headers: _Plain) -> AmiEvent:
    try:
        return Booted(float(_text(headers, "uptime") or ""))
    except ValueError:
        return Booted(None)


def _shut_down(_headers: _Plain) -> AmiEvent:
    return ShutDown()


_READERS: dict[str, Callable[[_Plain], AmiEvent | None]] = {
    "Newchannel": _seen,
    "Newstate": _seen,
    "NewCallerid": _seen,
    "NewConnectedLine": _seen,
    "Rename": _renamed,
    "LocalBridge": _local_paired,
    "DialBegin": _dial_began,
    "DialEnd": _dial_ended,
    "Dial": _dial,
    "AgentCalled": _agent_called,
    "BridgeEnter": _bridge_entered,
    "BridgeLeave": _bridge_left,
    "BridgeDestroy": _bridge_closed,
    "BridgeMerge": _bridges_merged,
    "Bridge": _linked,
    "Link": _linked,
    "Unlink": _unlinked,
    "ConfbridgeJoin": _conference_joined,
    "ConfbridgeLeave": _conference_left,
    "MeetmeJoin": _conference_joined,
    "MeetmeLeave": _conference_left,
    "QueueCallerJoin": _held,
    "Join": _held,
    "QueueCallerLeave": _released,
    "Leave": _released,
    "QueueCallerAbandon": _abandoned,
    "Hold": _hold,
    "Unhold": _unhold,
    "BlindTransfer": _blind_transfer,
    "AttendedTransfer": _attended_transfer,
    "Transfer": _transfer,
    "Pickup": _picked_up,
    "ParkedCall": _parked,
    "UnParkedCall": _unparked,
    "HangupRequest": _hangup_asked,
    "Hangup": _hung_up,
    "OriginateResponse": _originated,
    "UserEvent": _user_event,
    "FullyBooted": _booted,
    "Shutdown": _shut_down,
}
_READERS_LOWER = {name.lower(): reader for name, reader in _READERS.items()}
