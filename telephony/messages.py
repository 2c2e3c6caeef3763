"""AMI messages as typed events (`telephony.vocabulary`), and nothing further.

`parse` turns the headers of one AMI message into one of those events, or None when the message
says nothing about who talks with whom. It smooths over what differs between Asterisk 11 and 22: renamed
events (`Dial` with a SubEvent, `Bridge`/`Link`, `Join`, `Transfer`), renamed headers (`Channel1`,
`DestUniqueID`, `SrcUniqueID`), header-name case, repeated headers (a list), and the many ways of saying
"nothing" (`<unknown>`, `(null)`, empty). It keeps no state and draws no conclusions; that is
`telephony.callbook`.

Most of a busy Asterisk's messages (VarSet, Newexten, RTCP, device states) are dropped by one dictionary
look-up before any header is read.
"""

from collections.abc import Callable
from datetime import timedelta

from hotline.lines import CalledLine
from telephony.headers import (
    Headers,
    MalformedMessage,
    Plain,
    channel,
    facts,
    named,
    need,
    plain,
    text,
)
from telephony.vocabulary import (
    AmiEvent,
    AttendedTransferred,
    BlindTransferred,
    Booted,
    BridgeClosed,
    BridgeEntered,
    BridgeLeft,
    BridgesMerged,
    CallBackPressed,
    CallerHeld,
    CallerReleased,
    CallParked,
    CallUnparked,
    ChannelFacts,
    ChannelRenamed,
    ChannelSeen,
    ChannelsLinked,
    ChannelSnapshot,
    ChannelsUnlinked,
    CounselorLost,
    DialBegan,
    DialEnded,
    HangupAsked,
    HoldPressed,
    HoldReleased,
    HungUp,
    KeyHeard,
    LinePicked,
    LocalPaired,
    MessageBegun,
    Originated,
    PickedUp,
    QueueAbandoned,
    ShutDown,
    SpyBegan,
    SpyEnded,
)

__all__ = ["Headers", "MalformedMessage", "channel_snapshot", "parse", "read"]


_KEYS = frozenset("0123456789*#")


def parse(headers: Headers) -> AmiEvent | None:
    """One AMI message as an event, or None when it does not concern us (responses too).

    Raises MalformedMessage when there is no event name, or the event lacks its channel or bridge.
    """
    return read(plain(headers))


def read(headers: Plain) -> AmiEvent | None:
    """`parse` for header names that are in lower case already."""
    name = headers.get("event")
    if isinstance(name, list):
        name = name[0] if name else ""
    if name is None:
        if "response" in headers:
            return None
        raise MalformedMessage("neither an Event nor a Response header")
    if not isinstance(name, str):
        raise MalformedMessage("the Event header is not text")
    reader = _READERS.get(name) or _READERS_LOWER.get(name.lower())
    return reader(headers) if reader is not None else None


def channel_snapshot(headers: Headers) -> ChannelSnapshot:
    """A row of CoreShowChannels or Status. Raises MalformedMessage when it names no channel."""
    row = plain(headers)
    said = channel(row)
    return ChannelSnapshot(
        said.name, said.uid or said.name, said.linkedid, said.state, said.number,
        said.context, said.exten, text(row, "application"),
        text(row, "bridgeid", "bridgeuniqueid"),
        _duration(text(row, "duration", "seconds") or ""), said.call, said.offer,
    )  # fmt: skip


def _duration(said: str) -> timedelta:
    """`01:02:03` (CoreShowChannels) or seconds (Status); zero when it is neither."""
    seconds = 0
    for part in said.split(":"):
        if not part.isdecimal():
            return timedelta(0)
        seconds = seconds * 60 + int(part)
    return timedelta(seconds=seconds)


def _seen(headers: Plain) -> AmiEvent:
    return ChannelSeen(channel(headers))


def _renamed(headers: Plain) -> AmiEvent:
    new_name = need(text(headers, "newname"), "Newname", headers)
    old = text(headers, "channel", "oldname")
    return ChannelRenamed(ChannelFacts(text(headers, "uniqueid") or "", old or ""), new_name)


def _local_paired(headers: Plain) -> AmiEvent:
    one = facts(headers, "localone") or named(headers, ["channel1"], ["uniqueid1"])
    two = facts(headers, "localtwo") or named(headers, ["channel2"], ["uniqueid2"])
    return LocalPaired(need(one, "LocalOneChannel", headers), need(two, "LocalTwoChannel", headers))


def _dest(headers: Plain) -> ChannelFacts | None:
    if "destchannel" in headers:
        return facts(headers, "dest")
    return named(headers, ["destination", "destinationchannel"], ["destuniqueid"])


def _dial_began(headers: Plain) -> AmiEvent:
    source = facts(headers) or named(headers, ["source"], ["srcuniqueid"])
    dest = _dest(headers)
    if dest is None:  # some dial strings (a group) are announced without their channel
        raise MalformedMessage("DialBegin without DestChannel")
    return DialBegan(source, dest)


def _dial_ended(headers: Plain) -> AmiEvent:
    source = facts(headers) or named(headers, ["source"], ["srcuniqueid"])
    status = (text(headers, "dialstatus", "status") or "").upper()
    return DialEnded(source, _dest(headers), status)


def _dial(headers: Plain) -> AmiEvent:
    """Up to Asterisk 11: one event name for both, in 1.4 only for the beginning."""
    ended = (text(headers, "subevent") or "").lower() == "end"
    return _dial_ended(headers) if ended else _dial_began(headers)


def _agent_called(headers: Plain) -> AmiEvent | None:
    """Up to Asterisk 11 app_queue announces its dials only so."""
    dest = _dest(headers)
    source = facts(headers) or named(headers, ["channelcalling"], ["uniqueid"])
    return None if dest is None else DialBegan(source, dest)


def _bridge_entered(headers: Plain) -> AmiEvent:
    kind = text(headers, "bridgetype") or ""
    technology = text(headers, "bridgetechnology") or ""
    creator = text(headers, "bridgecreator") or ""
    return BridgeEntered(
        channel(headers),
        need(text(headers, "bridgeuniqueid"), "BridgeUniqueid", headers),
        holding=kind == "parking" or technology == "holding_bridge" or creator == "BridgeWait",
        conference=technology == "softmix" or creator == "ConfBridge" or kind == "base",
        swapped_out=text(headers, "swapuniqueid"),
    )


def _bridge_left(headers: Plain) -> AmiEvent:
    bridge = need(text(headers, "bridgeuniqueid"), "BridgeUniqueid", headers)
    return BridgeLeft(channel(headers), bridge)


def _bridge_closed(headers: Plain) -> AmiEvent:
    return BridgeClosed(need(text(headers, "bridgeuniqueid"), "BridgeUniqueid", headers))


def _bridges_merged(headers: Plain) -> AmiEvent:
    return BridgesMerged(
        need(text(headers, "tobridgeuniqueid"), "ToBridgeUniqueid", headers),
        need(text(headers, "frombridgeuniqueid"), "FromBridgeUniqueid", headers),
    )


def _conference(headers: Plain) -> str:
    """Conferences without a bridge id (Asterisk 11, MeetMe) get one from their name."""
    bridge = text(headers, "bridgeuniqueid")
    if bridge is None:
        room = need(text(headers, "conference", "meetme"), "Conference", headers)
        bridge = f"conference:{room}"
    return bridge


def _conference_joined(headers: Plain) -> AmiEvent:
    return BridgeEntered(channel(headers), _conference(headers), conference=True)


def _conference_left(headers: Plain) -> AmiEvent:
    return BridgeLeft(channel(headers), _conference(headers))


def _pair(headers: Plain) -> tuple[ChannelFacts, ChannelFacts]:
    one = named(headers, ["channel1"], ["uniqueid1"])
    two = named(headers, ["channel2"], ["uniqueid2"])
    return need(one, "Channel1", headers), need(two, "Channel2", headers)


def _linked(headers: Plain) -> AmiEvent:
    one, two = _pair(headers)
    if (text(headers, "bridgestate") or "link").lower() == "unlink":
        return ChannelsUnlinked(one, two)
    return ChannelsLinked(one, two)


def _unlinked(headers: Plain) -> AmiEvent:
    return ChannelsUnlinked(*_pair(headers))


def _held(headers: Plain) -> AmiEvent:
    return CallerHeld(channel(headers))


def _released(headers: Plain) -> AmiEvent:
    return CallerReleased(channel(headers))


def _abandoned(headers: Plain) -> AmiEvent:
    return QueueAbandoned(channel(headers))


def _hold(headers: Plain) -> AmiEvent:
    if (text(headers, "status") or "on").lower() == "off":  # Asterisk 11
        return HoldReleased(channel(headers))
    return HoldPressed(channel(headers))


def _unhold(headers: Plain) -> AmiEvent:
    return HoldReleased(channel(headers))


def _succeeded(headers: Plain) -> bool:
    return (text(headers, "result") or "success").lower() == "success"


def _blind_transfer(headers: Plain) -> AmiEvent | None:
    if not _succeeded(headers):
        return None
    return BlindTransferred(
        need(facts(headers, "transferer"), "TransfererChannel", headers),
        facts(headers, "transferee"),
        text(headers, "extension", "transfereeexten") or "",
    )


def _dialled(headers: Plain, *keys: str) -> str:
    """The first of these headers that is a number somebody dialled; `s` is the dialplan's own."""
    return next((said for key in keys if (said := text(headers, key)) not in (None, "s")), "") or ""


def _attended_transfer(headers: Plain) -> AmiEvent | None:
    if not _succeeded(headers):
        return None
    first = facts(headers, "origtransferer") or facts(headers, "transferer")
    second = facts(headers, "secondtransferer")
    return AttendedTransferred(
        need(first or second, "OrigTransfererChannel", headers),
        second,
        facts(headers, "transferee"),
        facts(headers, "transfertarget"),
        _dialled(headers, "secondtransfererexten", "transfertargetcalleridnum"),
        to_application=(text(headers, "desttype") or "").lower() == "app",
    )


def _transfer(headers: Plain) -> AmiEvent:
    """Up to Asterisk 11. `TargetChannel` is the party moved, or the transferer's second channel."""
    transferer = channel(headers)
    moved = named(headers, ["targetchannel"], ["targetuniqueid"])
    exten = text(headers, "transferexten") or ""
    if (text(headers, "transfertype") or "").lower().startswith("attended"):
        return AttendedTransferred(transferer, moved, None, None, exten)
    return BlindTransferred(transferer, moved, exten)


def _picked_up(headers: Plain) -> AmiEvent:
    target = facts(headers, "target")
    return PickedUp(channel(headers), need(target, "TargetChannel", headers))


def _parked(headers: Plain) -> AmiEvent:
    return CallParked(facts(headers, "parkee") or channel(headers))


def _unparked(headers: Plain) -> AmiEvent:
    retriever = facts(headers, "retriever") or named(headers, ["from"], ["fromuniqueid"])
    return CallUnparked(
        facts(headers, "parkee") or channel(headers), need(retriever, "a retriever", headers)
    )


def _spyer(headers: Plain) -> ChannelFacts:
    """Up to Asterisk 11 only its name is given."""
    found = facts(headers, "spyer") or named(headers, ["spyerchannel"], ["spyeruniqueid"])
    return need(found, "SpyerChannel", headers)


def _spy_began(headers: Plain) -> AmiEvent:
    return SpyBegan(_spyer(headers))


def _spy_ended(headers: Plain) -> AmiEvent:
    return SpyEnded(_spyer(headers))


def _key_heard(headers: Plain) -> AmiEvent | None:
    received = (text(headers, "direction") or "received").lower() == "received"
    key = text(headers, "digit") or ""
    return KeyHeard(channel(headers), key) if received and key in _KEYS else None


def _hangup_asked(headers: Plain) -> AmiEvent:
    return HangupAsked(channel(headers))


def _hung_up(headers: Plain) -> AmiEvent:
    cause = text(headers, "cause") or ""
    return HungUp(channel(headers), int(cause) if cause.isdecimal() else 0)


def _originated(headers: Plain) -> AmiEvent | None:
    said = facts(headers)
    return None if said is None or not said.uid else Originated(said)


_USER_EVENTS: dict[str, Callable[[ChannelFacts], AmiEvent]] = {
    "HoldJoin": lambda said: CallerHeld(said, in_line=True),
    "CallBackAsked": CallBackPressed,
    "MessageLeft": MessageBegun,
    "CounselorLost": CounselorLost,
    "ChildLine": lambda said: LinePicked(said, CalledLine.CHILD),
    "TraffickingLine": lambda said: LinePicked(said, CalledLine.TRAFFICKING),
}
"""What our dialplan says about callers."""


def _user_event(headers: Plain) -> AmiEvent | None:
    """Of all user events only our hold loop's concern the line."""
    reader = _USER_EVENTS.get(text(headers, "userevent", "usereventname") or "")
    said = facts(headers)
    return reader(said) if reader is not None and said is not None else None


def _booted(headers: Plain) -> AmiEvent:
    try:
        return Booted(float(text(headers, "uptime") or ""))
    except ValueError:
        return Booted(None)


def _shut_down(_headers: Plain) -> AmiEvent:
    return ShutDown()


_READERS: dict[str, Callable[[Plain], AmiEvent | None]] = {
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
    "ChanSpyStart": _spy_began,
    "ChanSpyStop": _spy_ended,
    "DTMFEnd": _key_heard,
    "HangupRequest": _hangup_asked,
    "Hangup": _hung_up,
    "OriginateResponse": _originated,
    "UserEvent": _user_event,
    "FullyBooted": _booted,
    "Shutdown": _shut_down,
}
_READERS_LOWER = {name.lower(): reader for name, reader in _READERS.items()}
