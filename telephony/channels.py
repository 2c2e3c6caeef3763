"""Channels, bridges and who stands behind them: the line as Asterisk sees it, without calls.

A `Channel` is a place: a Uniqueid, its state, the bridge it is in. A `Party` is who sits on it: a real
telephone, or one half of a Local channel. They part ways in a masquerade, when two channels swap their
parties: up to Asterisk 11 the Uniqueid stays with the place and the name goes with the party, from 12
on both go with the party but some `Rename` events still say otherwise. `Line` therefore believes each
message's own pair of Uniqueid and name, and swaps parties whenever that pair contradicts what it knew.

Two parties hear each other when a walk over bridges and over the two halves of Local channels leads
from one to the other; that is why optimisation of Local channels, or its absence, makes no difference.

What has hung up lets go of whatever points back at it: a call's objects are freed with their last
reference and leave nothing for the garbage collector (`telephony.garbage`).
Pure: no calls, no events, no clock.
"""

from collections.abc import Iterator

from hotline.ids import Part, part_of
from telephony.vocabulary import STATE_UP, ChannelFacts

_PSEUDO = frozenset(
    {"local", "agent", "announcer", "asyncgoto", "bridge", "cbann", "cbrec", "message", "multicastrtp",
     "null", "parked", "parking", "recorder", "snoop", "surrogate", "transfered", "unicastrtp"}
)  # fmt: skip
"""Channel technologies with no telephone behind them, in lower case."""

_GRAVES = 8192
"""How many hung-up channels are remembered, so that a late event does not raise them again."""

_MASKED = "<MASQ>"
_ZOMBIE = "<ZOMBIE>"


class Party:
    """Who sits on a channel. `name` is the channel name it first had as a real party.

    `met` are the real parties it has heard, by `uid`; `pair` is the other half of a Local channel.
    """

    __slots__ = ("channel", "exten", "met", "name", "number", "offer", "pair", "real", "uid")

    def __init__(self, uid: str, name: str, channel: "Channel") -> None:
        self.uid = uid
        self.name = name
        self.channel = channel
        self.real = is_real(name)
        self.number: str | None = None
        self.exten: str | None = None
        self.offer: str | None = None
        self.pair: Party | None = None
        self.met: set[str] = set()
        """The uids of parties who have heard this one, or are about to: they answered its Dial."""

    def meets(self, other: "Party") -> None:
        self.met.add(other.uid)
        other.met.add(self.uid)

    @property
    def supervises(self) -> bool:
        """Rung to attend a talk, or for an alarm: no part of a call unless it hears the caller in a
        bridge."""
        return part_of(self.offer) in (Part.SUPERVISOR, Part.ALARMED)

    @property
    def alive(self) -> bool:
        return not self.channel.hung_up

    @property
    def up(self) -> bool:
        return self.channel.state == STATE_UP


class Channel:
    """One Asterisk channel: where a party sits, until it has hung up."""

    __slots__ = ("bridge", "cause", "heir", "hung_up", "leaving", "name", "party", "state", "uid")

    def __init__(self, uid: str, name: str) -> None:
        self.uid = uid
        self.name = name
        self.state: int | None = None
        self.bridge: Bridge | None = None
        self.leaving = False
        """Its far end has hung up; Asterisk is about to say so."""
        self.hung_up = False
        self.cause = 0
        self.heir: Channel | None = None
        """Put in its place, whatever it is doing, by a transfer into an application."""
        self.party = Party(uid, name, self)


class Bridge:
    """A room in which all channels hear each other, unless it only holds them (parking)."""

    __slots__ = ("channels", "conference", "holding", "uid")

    def __init__(self, uid: str) -> None:
        self.uid = uid
        self.channels: dict[Channel, None] = {}
        self.holding = False
        self.conference = False


class Line:
    """All live channels and bridges of one Asterisk."""

    __slots__ = (
        "_bridges", "_channels", "_graves", "_masked", "_names", "ghosts", "phones", "phones_stirred"
    )  # fmt: skip

    def __init__(self) -> None:
        self.phones: dict[str, int] = {}
        """How many live channels each phone (`resource`) has; none: not in here."""
        self.phones_stirred: set[str] = set()
        """Which have got their first channel or lost their last since anybody asked."""
        self.ghosts: set[str] = set()
        """Channels that got to somebody after their far end had hung up, since anybody asked: Asterisk
        22.10 forgets a hang-up that comes while another thread takes the channel away."""
        self._channels: dict[str, Channel] = {}
        self._names: dict[str, Channel] = {}
        self._bridges: dict[str, Bridge] = {}
        self._masked: dict[str, Channel] = {}
        self._graves: dict[str, None] = {}

    def __len__(self) -> int:
        return len(self._channels)

    def __iter__(self) -> Iterator[Channel]:
        return iter(list(self._channels.values()))

    def find(self, uid: str) -> Channel | None:
        return self._channels.get(uid)

    def known(self, facts: ChannelFacts) -> Channel | None:
        """The live channel that a message means, without believing or creating anything."""
        return self._channels.get(facts.uid) if facts.uid else self._names.get(facts.name)

    def see(self, facts: ChannelFacts) -> Channel | None:
        """The channel a message means, created when new; None when it has already hung up."""
        channel = self.known(facts)
        if channel is None:
            channel = self._adopt(facts)
            if channel is None:
                return None
        elif facts.name and channel.name != facts.name:
            self._believe_name(channel, facts.name)
        if facts.state is not None:
            channel.state = facts.state
        return channel

    def _adopt(self, facts: ChannelFacts) -> Channel | None:
        """A channel never heard of. A message without Uniqueid names it by its name alone."""
        uid = facts.uid or facts.name
        if uid in self._graves:
            return None
        known_by_name = self._names.get(facts.name) if facts.name else None
        if known_by_name is not None and known_by_name.uid == facts.name:
            del self._channels[known_by_name.uid]
            known_by_name.uid = uid
            self._channels[uid] = known_by_name
            return known_by_name
        channel = Channel(uid, facts.name)
        self._channels[uid] = channel
        self._occupy(channel.name)
        if facts.name:
            self._names[facts.name] = channel
            self._pair_by_name(channel)
        return channel

    def _pair_by_name(self, channel: Channel) -> None:
        """Local halves are named alike but for `;1` and `;2`, so a lost LocalBridge does no harm."""
        base, _, half = channel.name.rpartition(";")
        other = self._names.get(f"{base};{'2' if half == '1' else '1'}") if half in "12" else None
        if other is not None and not channel.party.real:
            self.pair(channel, other)

    def rename(self, facts: ChannelFacts, new_name: str) -> None:
        """One `Rename` event: a third of a masquerade, or a plain new name."""
        channel = self.see(facts)
        if channel is None:
            return
        if new_name.endswith(_MASKED):
            self._masked[new_name.removesuffix(_MASKED)] = channel
            self._name(channel, new_name)
            return
        masked = self._masked.pop(new_name, None)
        if masked is not None and masked is not channel and not masked.hung_up:
            _swap(channel, masked)
        self._name(channel, new_name)

    def _believe_name(self, channel: Channel, name: str) -> None:
        """The message contradicts us: the party of that name has moved here without our notice."""
        other = self._names.get(name)
        if other is not None and other is not channel:
            _swap(channel, other)
            self._name(other, channel.name)
        self._name(channel, name)

    def _name(self, channel: Channel, name: str) -> None:
        if self._names.get(channel.name) is channel:
            del self._names[channel.name]
        self._vacate(channel.name)
        channel.name = name
        self._occupy(name)
        self._names[name] = channel
        party = channel.party
        if not party.real and is_real(name):
            party.name = name
            party.real = True

    def _occupy(self, name: str) -> None:
        phone = resource(name)
        if phone not in self.phones:
            self.phones_stirred.add(phone)
        self.phones[phone] = self.phones.get(phone, 0) + 1

    def _vacate(self, name: str) -> None:
        phone = resource(name)
        left = self.phones.pop(phone) - 1
        if left:
            self.phones[phone] = left
        else:
            self.phones_stirred.add(phone)

    def pair(self, one: Channel, two: Channel) -> None:
        """The two halves of one Local channel."""
        one.party.pair = two.party
        two.party.pair = one.party

    def bridge(self, uid: str) -> Bridge:
        bridge = self._bridges.get(uid)
        if bridge is None:
            bridge = self._bridges[uid] = Bridge(uid)
        return bridge

    def enter(self, channel: Channel, bridge: Bridge) -> None:
        """A channel is in one bridge at a time, whatever events were lost."""
        if channel.bridge is not bridge:
            self.leave(channel)
            channel.bridge = bridge
        bridge.channels[channel] = None

    def leave(self, channel: Channel, bridge_uid: str | None = None) -> None:
        """Out of that bridge, or out of whichever it is in."""
        bridge = channel.bridge
        if bridge is None or (bridge_uid is not None and bridge.uid != bridge_uid):
            return
        channel.bridge = None
        bridge.channels.pop(channel, None)
        if not bridge.channels:
            self._bridges.pop(bridge.uid, None)

    def close(self, bridge_uid: str) -> None:
        bridge = self._bridges.get(bridge_uid)
        for channel in list(bridge.channels) if bridge is not None else ():
            self.leave(channel)

    def merge(self, kept_uid: str, dissolved_uid: str) -> list[Channel]:
        """All of one bridge moves into the other; the channels that moved."""
        dissolved = self._bridges.get(dissolved_uid)
        moved = list(dissolved.channels) if dissolved is not None else []
        if kept_uid != dissolved_uid:
            for channel in moved:
                self.enter(channel, self.bridge(kept_uid))
        return moved

    def bury(self, channel: Channel, cause: int) -> None:
        """The channel has hung up and will not come back under this Uniqueid."""
        self.leave(channel)
        channel.hung_up = True
        channel.cause = cause
        if self._channels.pop(channel.uid, None) is not None:
            self._vacate(channel.name)
        if self._names.get(channel.name) is channel:
            del self._names[channel.name]
        self._masked.pop(channel.name.removesuffix(_MASKED), None)
        self.close_grave(channel.uid)
        party = channel.party
        if party.pair is not None:
            party.pair.pair = None
            party.pair = None
        del channel.party  # the party still knows the channel: why it hung up

    def close_grave(self, uid: str) -> None:
        self._graves[uid] = None
        if len(self._graves) > _GRAVES:
            del self._graves[next(iter(self._graves))]

    def peers(self, party: Party) -> list[Party]:
        """The real parties that this one hears, nearest and earliest first."""
        found: list[Party] = []
        seen: set[Channel] = {party.channel}
        todo = [party.channel]
        while todo:
            channel = todo.pop(0)
            bridge = channel.bridge
            if bridge is None or bridge.holding:
                continue
            for other in bridge.channels:
                if other in seen:
                    continue
                seen.add(other)
                if other.party.real:
                    if not other.name.endswith(_ZOMBIE):
                        found.append(other.party)
                elif other.party.pair is not None:
                    beyond = other.party.pair.channel
                    if beyond not in seen:
                        seen.add(beyond)
                        todo.append(beyond)
        return found

    def earshot(self, party: Party) -> list[Party]:
        """All real parties that hear each other through this one's channel, itself included."""
        if party.real:
            return [party, *self.peers(party)]
        beyond = self.peers(party.pair) if party.pair is not None else []
        return [*self.peers(party), *beyond]

    def behind(self, party: Party) -> Party | None:
        """The real party to report for this one: itself, or whoever is behind its Local channel."""
        if party.real:
            return party
        if party.pair is None:
            return None
        beyond = self.peers(party.pair)
        return beyond[0] if beyond else None


def is_real(name: str) -> bool:
    """True for channels with a telephone or a trunk behind them."""
    technology, slash, _ = name.partition("/")
    return bool(slash) and technology.lower() not in _PSEUDO


def resource(name: str) -> str:
    """`hn01` out of `PJSIP/hn01-0000001a`; the whole name when it has another form."""
    rest = name.partition("/")[2]
    return rest.rpartition("-")[0] or rest or name


def _swap(one: Channel, two: Channel) -> None:
    one.party, two.party = two.party, one.party
    one.party.channel = one
    two.party.channel = two
