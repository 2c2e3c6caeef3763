"""What Asterisk can tell us that concerns calls, as typed values, and nothing further.

Made by `telephony.messages` from raw headers. Between this and `hotline.events` is `telephony.callbook`;
nothing above it knows these words.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from hotline.lines import CalledLine

STATE_RING = 4
"""The channel dials in: Asterisk has heard it and plays the dialplan to it."""
STATE_RINGING = 5
STATE_UP = 6
ENTRY = "from-telco"
"""The dialplan's context for the telco's calls: whoever dials in there is a caller of line 111."""
PASSING = "from-site"
"""The dialplan's context for another site's calls to a phone of ours."""


class ChannelFacts(NamedTuple):
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
    """A channel exists and looks so: Newchannel, Newstate, NewCallerid, NewConnectedLine. The last
    two are the first that name the offer of a leg, which is told to ring a moment later."""

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
    """The channel waits for somebody: it joined a queue, or (`in_line`) our own hold loop."""

    channel: ChannelFacts
    in_line: bool = False


@dataclass(frozen=True, slots=True)
class CallBackPressed(AmiEvent):
    """Who waits in our hold loop has asked to be called back."""

    channel: ChannelFacts


@dataclass(frozen=True, slots=True)
class MessageBegun(AmiEvent):
    """Who waits in our hold loop speaks a message from now on."""

    channel: ChannelFacts


@dataclass(frozen=True, slots=True)
class CounselorLost(AmiEvent):
    """The channel was talking, and whoever it talked with has fallen silent: it will wait again."""

    channel: ChannelFacts


@dataclass(frozen=True, slots=True)
class LinePicked(AmiEvent):
    """The caller goes to this line of ours (`hotline.lines.CalledLine`) from now on."""

    channel: ChannelFacts
    line: CalledLine


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
class KeyHeard(AmiEvent):
    """Asterisk heard a key on this channel (RFC 4733, or a tone); those that it sends are not told."""

    channel: ChannelFacts
    key: str


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
class SpyBegan(AmiEvent):
    """ChanSpy hears somebody's talk; the `spyer`'s extension is the mode in our dialplan."""

    spyer: ChannelFacts


@dataclass(frozen=True, slots=True)
class SpyEnded(AmiEvent):
    spyer: ChannelFacts


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
