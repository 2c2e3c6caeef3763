"""Which call a channel belongs to.

A channel starts in a call of its own, or in that of the channel its Linkedid names. Afterwards calls
are joined by evidence only, never by a changed Linkedid: being dialled from another call, picking a call
up or fetching it from parking, our channel variable TD_CALL, and a transfer whose consultation was the
transferer's own call. Merely hearing each other (a conference, two callers bridged by somebody) leaves
two callers two calls.

Whose call it is shows later than the channel does: by dialling in (Ring), by dialling on, by waiting,
or, in a call that the system placed, by being rung first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from hotline.events import TransferKind
from hotline.ids import CallId, Part, is_call_out, part_of
from telephony import vocabulary as ami
from telephony.calls import Call
from telephony.callstates import UNANSWERED, LegState
from telephony.channels import Bridge, Channel, Line, Party, resource
from telephony.legs import Ledger
from telephony.outcomes import FELL_SILENT
from telephony.vocabulary import STATE_RING, ChannelFacts

_WITHHELD = frozenset({"anonymous", "restricted", "unavailable", "private", "withheld"})
NO_EXTEN = frozenset({"s", "h", "t", "i", None})
"""The dialplan's own extensions: nobody dialled them."""


@dataclass(slots=True)
class Passing:
    """A leg on its way through from another Asterisk, where its caller is. `dialled`: the phone that it
    was made for; `hears`: the one that it leads to since then, '' before it was picked up; `rings`: the
    one that rings for it since then, because whoever talked over it has left (a blonde transfer).
    """

    call_id: CallId
    dialled: str
    since: datetime
    hears: str = ""
    rings: str = ""

    @property
    def leads_elsewhere(self) -> bool:
        """Perhaps: `Homes.hand_over` knows."""
        return bool(self.hears or self.rings)


class Homes:
    """Channels and bridges, and the call each party is at home in."""

    def __init__(self, entry: str | None = None, passing: str | None = None) -> None:
        self._entry = entry
        self._passing = passing
        self.line = Line()
        self.ledger = Ledger()
        self._homes: dict[Party, Call] = {}
        self._awaited: dict[str, Call] = {}
        """Calls of legs that came before the caller they belong to, by that caller's Uniqueid."""
        self.passings: dict[Party, Passing] = {}
        self.suspects: dict[CallId, datetime] = {}
        """Calls that a FullyBooted without uptime may have ended, and when; life clears them."""

    def of(self, party: Party) -> Call | None:
        return self._homes.get(party)

    def enters(self, facts: ChannelFacts) -> bool:
        """Whether this is the first word about a caller who dials in on our line."""
        return (
            facts.context == self._entry is not None
            and facts.state == STATE_RING
            and self.line.known(facts) is None
        )

    def see(self, facts: ChannelFacts) -> tuple[Channel, Call] | None:
        """The channel and its call, made when new; None when the channel has hung up already."""
        channel = self.line.see(facts)
        if channel is None:
            return None
        party = channel.party
        call = self._homes.get(party)
        if call is None:
            call = self._house(party, facts)
        if facts.call is not None and not (call.announced and call.id == facts.call):
            call = self._follow_variable(party, call, facts.call)
        if facts.offer is not None and party.offer is None:
            party.offer = facts.offer
            if not party.supervises:
                call.leg(party)
        if self.suspects:
            self.suspects.pop(call.id, None)
        _describe(party, call, facts)
        if party is call.caller and is_call_out(party.uid) and not call.announced:
            call.dialled = call.dialled or party.number
            call.announce()
        return channel, call

    def _house(self, party: Party, facts: ChannelFacts) -> Call:
        """The call a new channel starts in."""
        call = None
        if facts.linkedid is not None and facts.linkedid != party.uid:
            origin = self.line.find(facts.linkedid)
            call = self._homes.get(origin.party) if origin is not None else None
        if call is None or call.ended:
            call = Call(self.line, self.ledger)
            if facts.context == self._passing is not None:
                call.passing = party
            call.offered = call.passing is not None or part_of(party.uid) is Part.ALARMED
        call.add(party)
        self._homes[party] = call
        awaited = self._awaited.pop(party.uid, None)
        if awaited is not None:
            call.belongs_to(party)
            self.join(call, awaited)
        return call

    def _follow_variable(self, party: Party, call: Call, call_id: str) -> Call:
        """TD_CALL says whose call this is: the one whose caller has that Uniqueid."""
        if call_id == party.uid:
            if call.caller is not party and not call.announced:
                call.belongs_to(party)
                call.originated = is_call_out(call_id)
            return call
        owner = self.ledger.calls.get(CallId(call_id))
        if owner is None:
            origin = self.line.find(call_id)
            owner = self._homes.get(origin.party) if origin is not None else None
        if owner is not None:
            self.join(owner, call)
            return self._homes[party]
        if not call.announced and not call.offered:
            call.offered = True
            self._awaited[call_id] = call
        elif party is call.passing and party not in self.passings and party.exten is not None:
            self.passings[party] = Passing(CallId(call_id), party.exten, self.ledger.at)
        return call

    def join(self, into: Call, other: Call, *, caller_is_leg: bool = True) -> None:
        """All parties of the other call belong to this one from now on."""
        if into is other or into.ended or other.ended:
            return
        into.absorb(other, caller_is_leg=caller_is_leg)
        for party in other.parties:
            if party in self._homes:
                self._homes[party] = into
        into.settle()

    def take_over(self, call: Call, party: Party) -> None:
        """A party who dialled in only to take this call over is a leg of it, not a caller."""
        own = self._homes.get(party)
        if own is None or own is call or own.caller not in (None, party):
            return
        if all(
            leg.party in call.parties for leg in own.legs.values() if leg.state is not LegState.CALLED
        ):
            self.join(call, own)

    def moved_in(self, party: Party, before: Party) -> None:
        """A party took a ringing phone's place in a masquerade: it picked up that phone's call."""
        for call in self.ledger.involving(before):
            leg = call.legs.get(before)
            if leg is not None and leg.state in UNANSWERED:
                self.take_over(call, party)

    def find_caller(self, channel: Channel, call: Call) -> None:
        """Does this channel's state show whose call it is?"""
        party = channel.party
        if not party.real or channel.state is None or call.offered:
            return
        if call.caller is None:
            ringing = channel.state == ami.STATE_RINGING
            if ringing or (party.up and party.exten is None):
                call.originated = True
            if ringing or channel.state in (ami.STATE_RING, ami.STATE_UP):
                call.belongs_to(party)
        elif call.originated and not call.announced and party.up and not call.caller.up:
            call.belongs_to(party)  # several phones were rung and this one answered

    def heard(self, party: Party, bridge: Bridge) -> None:
        """A party came into earshot of others."""
        group = self.line.earshot(party)
        if not bridge.conference:
            self._join_legs_of_the_system(group)
        for one in group:
            one.met.update(other.uid for other in group if other is not one)
        self.settle(group)
        if self.passings:
            self._lead_on(group)

    def _lead_on(self, group: Sequence[Party]) -> None:
        """A phone here has passed on a caller who is held at another Asterisk: whom do they hear now?"""
        for party in group:
            passing = self.passings.get(party)
            if passing is None:
                continue
            heard = [resource(other.name) for other in self.line.peers(party)]
            if heard and passing.hears not in heard:
                passing.hears, passing.since = heard[0], self.ledger.at

    def left_ringing(self, party: Party, phone: str) -> None:
        """Who talked over a leg that passes through here has left it to a phone that still rings."""
        passing = self.passings.get(party)
        if passing is not None:
            passing.hears, passing.rings, passing.since = "", phone, self.ledger.at

    def hand_over(self, passing: Passing) -> None:
        """Behind a leg of ours, which leads to another Asterisk, there is another phone now, or nobody
        while that rings. Safe to repeat."""
        call = self.ledger.calls.get(passing.call_id)
        before = call.behind(passing.dialled) if call is not None else None
        if call is None or before is None or resource(before.name) == passing.hears:
            return
        self.ledger.at = max(self.ledger.at, passing.since)
        channel = before.channel
        name = _renamed(channel.name, passing.hears) if passing.hears else ""
        after = Party(f"{before.uid}>{passing.hears}", name, channel)
        channel.party = after
        self._homes[after] = self._homes.pop(before, call)
        call.add(after)
        if before.real:
            left = passing.rings and passing.hears in ("", passing.rings)
            kind = TransferKind.BLONDE if left else TransferKind.ATTENDED
            call.pressed_hold(before, holding=False)
            call.moved(kind, before, passing.hears or passing.rings, after if after.real else None)
        if not after.real:
            after.offer = before.offer
            call.transferers.add(after)  # that it brings the caller back is no other transfer
        call.part()
        call.settle()

    def _join_legs_of_the_system(self, group: Sequence[Party]) -> None:
        """A phone that the system rang and then bridged to a caller belongs to the caller's call."""
        for party in group:
            call = self._homes.get(party)
            if call is None or not call.originated or call.caller is not party or call.answered_at:
                continue
            if any(each.real and each is not party for each in call.parties):
                continue
            for other in [self._homes[each] for each in group if each in self._homes]:
                if other is not call and other.caller is not None and not other.ended:
                    self.join(other, call)
                    break

    def settle(self, parties: Iterable[Party]) -> None:
        for call in self.ledger.involving(*parties):
            call.settle()

    def bury(self, channel: Channel, cause: int) -> None:
        """A channel has hung up: its calls go on without it, or end."""
        party = channel.party
        call = self._homes.pop(party, None)
        self.passings.pop(party, None)
        heard = self.line.peers(party)
        if call is not None and cause == FELL_SILENT:
            call.falls_silent(party)
        self.line.bury(channel, cause)
        for each in self.ledger.involving(party):
            each.stopped(party)
        self.settle(heard)
        self.ledger.forget(party)
        if call is not None and not any(other.alive for other in call.parties):
            call.end()
            if call.offered:
                self._awaited = {uid: each for uid, each in self._awaited.items() if each is not call}

    def end_by_restart(self, call: Call) -> None:
        """Asterisk went away under this call: none of its channels will be heard of again."""
        parties = [party for party in call.parties if self._homes.get(party) is call]
        call.end(by_restart=True)
        for party in parties:
            self.line.bury(party.channel, 0)
            self._homes.pop(party, None)
            self.ledger.forget(party)


def _renamed(channel: str, phone: str) -> str:
    """`PJSIP/ag04-0000001a` out of `PJSIP/ag03-0000001a`: no other channel of ours has that number."""
    return f"{channel.partition('/')[0]}/{phone}-{channel.rpartition('-')[2]}"


def _describe(party: Party, call: Call, facts: ChannelFacts) -> None:
    """Who it is and what it dialled. A number is believed until its call dials, waits or is answered:
    dialplans set it before, transfers change it after."""
    number = facts.number
    if number is not None and (party.number is None or not (call.announced or party.up)):
        party.number = None if number.lower() in _WITHHELD else number
    exten = facts.exten
    if exten not in NO_EXTEN:
        if party.exten is None:
            party.exten = exten
        elif call.originated and party is call.caller and exten != party.exten and party.up:
            call.dialled = call.dialled or exten
