"""All live calls: folds AMI events into call events. The live feed and `tongdai replay` share it.

Here is decided which call a channel belongs to; what a call makes of it is `telephony.calls`.

A channel starts in a call of its own, or in that of the channel its Linkedid names. Afterwards calls
are joined by evidence only, never by a changed Linkedid: being dialled from another call, picking a call
up or fetching it from parking, our channel variable TD_CALL, and a transfer whose consultation was the
transferer's own call. Merely hearing each other (a conference, two callers bridged by somebody) leaves
two callers two calls. Whose call it is shows later than the channel does, so a call is announced on the
first sign of life: it is answered, dials, waits, talks or ends.

Pure: no I/O, no clock; events in any order, lost or doubled, cannot make it raise.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from hotline.events import CallEvent, TransferKind
from hotline.ids import CallId
from telephony import messages as ami
from telephony.calls import Call, Ledger, LegState, LiveCall
from telephony.channels import Bridge, Channel, Line, Party
from telephony.messages import ChannelFacts, ChannelSnapshot

__all__ = ["Callbook", "ChannelSnapshot", "LiveCall"]

_WITHHELD = frozenset({"anonymous", "restricted", "unavailable", "private", "withheld"})
_NO_EXTEN = frozenset({"s", "h", "t", "i"})
_BOOT_SLACK = timedelta(seconds=2)


class LiveCalls(Mapping[CallId, LiveCall]):
    """Read-only view of the announced calls; each look-up is a fresh snapshot."""

    __slots__ = ("_calls",)

    def __init__(self, calls: Mapping[CallId, Call]) -> None:
        self._calls = calls

    def __getitem__(self, call_id: CallId) -> LiveCall:
        return self._calls[call_id].look()

    def __iter__(self) -> Iterator[CallId]:
        return iter(list(self._calls))

    def __len__(self) -> int:
        return len(self._calls)


class Callbook:
    """The fold. One instance follows one Asterisk."""

    def __init__(self) -> None:
        self._line = Line()
        self._ledger = Ledger()
        self._homes: dict[Party, Call] = {}
        self._awaited: dict[str, Call] = {}
        """Calls of legs that came before the caller they belong to, by that caller's Uniqueid."""
        self._suspects: dict[CallId, datetime] = {}
        """Calls that a FullyBooted without uptime may have ended, and when."""
        self.lost: tuple[CallId, ...] = ()
        """Calls that the last `restore` found gone; what became of them must be asked elsewhere."""

    @property
    def live(self) -> Mapping[CallId, LiveCall]:
        """All announced calls that have not ended."""
        return LiveCalls(self._ledger.calls)

    def fold(self, event: ami.AmiEvent, at: datetime) -> list[CallEvent]:
        """What this message means for calls, in order. `at` is an aware UTC time."""
        self._ledger.at = at
        _FOLDS[type(event)](self, event)
        return self._ledger.take()

    def close(self) -> list[CallEvent]:
        """The stream is over: end the calls of which nothing was heard after Asterisk started anew."""
        for call_id, booted_at in self._suspects.items():
            call = self._ledger.calls.get(call_id)
            if call is not None:
                self._ledger.at = booted_at
                call.end(by_restart=True)
        self._suspects.clear()
        return self._ledger.take()

    # -- which call a channel belongs to ----------------------------------------------------------

    def _see(self, facts: ChannelFacts) -> tuple[Channel, Call] | None:
        """The channel and its call, made when new; None when the channel has hung up already."""
        channel = self._line.see(facts)
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
            call.leg(party)
        if self._suspects and call.id in self._suspects:
            del self._suspects[call.id]
        self._describe(party, call, facts)
        return channel, call

    def _house(self, party: Party, facts: ChannelFacts) -> Call:
        """The call a new channel starts in."""
        call = None
        if facts.linkedid is not None and facts.linkedid != party.uid:
            origin = self._line.find(facts.linkedid)
            call = self._homes.get(origin.party) if origin is not None else None
            if call is not None and call.ended:
                call = None
        if call is None:
            call = Call(self._line, self._ledger)
        call.add(party)
        self._homes[party] = call
        awaited = self._awaited.pop(party.uid, None)
        if awaited is not None:
            call.belongs_to(party)
            self._join(call, awaited, caller_is_leg=True)
        return call

    def _follow_variable(self, party: Party, call: Call, call_id: str) -> Call:
        """TD_CALL says whose call this is: the one whose caller has that Uniqueid."""
        if call_id == party.uid:
            if call.caller is not party and not call.announced:
                call.belongs_to(party)
            return call
        owner = self._ledger.calls.get(CallId(call_id))
        if owner is None:
            origin = self._line.find(call_id)
            owner = self._homes.get(origin.party) if origin is not None else None
        if owner is not None:
            self._join(owner, call, caller_is_leg=True)
            return self._homes[party]
        if not call.announced and not call.offered:
            call.offered = True
            self._awaited[call_id] = call
        return call

    def _join(self, into: Call, other: Call, *, caller_is_leg: bool) -> None:
        """All parties of the other call belong to this one from now on."""
        if into is other or into.ended or other.ended:
            return
        parties = list(other.parties)
        into.absorb(other, caller_is_leg=caller_is_leg)
        for party in parties:
            self._homes[party] = into
        into.settle()

    def _describe(self, party: Party, call: Call, facts: ChannelFacts) -> None:
        """Who it is and what it dialled. Believed until the call dials, waits or is answered."""
        if party.number is None or not (call.announced or party.up):
            number = facts.number
            if number is not None:
                party.number = None if number.lower() in _WITHHELD else number
        exten = facts.exten
        if exten is not None and exten not in _NO_EXTEN:
            if party.exten is None:
                party.exten = exten
            elif call.originated and party is call.caller and exten != party.exten and party.up:
                call.dialled = call.dialled or exten

    def _whose_call(self, channel: Channel, call: Call) -> None:
        """The caller shows by dialling in (Ring), or by being rung first in a call of the system's."""
        party = channel.party
        if not party.real or channel.state is None or call.offered:
            return
        if call.caller is None:
            ringing = channel.state == ami.STATE_RINGING
            if ringing or (channel.state == ami.STATE_UP and party.exten is None):
                call.originated = True
            if ringing or channel.state in (ami.STATE_RING, ami.STATE_UP):
                call.belongs_to(party)
        elif call.originated and not call.announced and party.up and not call.caller.up:
            call.belongs_to(party)  # several phones were rung and this one answered

    # -- channels ---------------------------------------------------------------------------------

    def _channel_seen(self, event: ami.ChannelSeen) -> None:
        seen = self._see(event.channel)
        if seen is None:
            return
        channel, call = seen
        self._whose_call(channel, call)
        if channel.state == ami.STATE_UP and channel.party is call.caller and not call.originated:
            call.announce()
        if channel.state == ami.STATE_RINGING:
            call.settle()

    def _channel_renamed(self, event: ami.ChannelRenamed) -> None:
        seen = self._see(event.channel)
        if seen is None:
            return
        before = seen[0].party
        self._line.rename(event.channel, event.new_name)
        after = seen[0].party
        if after is not before:
            self._moved_in(after, before)
            self._settle_all((before, after))

    def _moved_in(self, party: Party, before: Party) -> None:
        """A party took a ringing phone's place in a masquerade: it picked up that phone's call."""
        for each in list(before.calls):
            leg = _call(each).legs.get(before)
            own = self._homes.get(party)
            ringing = leg is not None and leg.state in (LegState.CALLED, LegState.RINGING)
            if own is not None and ringing:
                self._take(_call(each), party, own)

    def _local_paired(self, event: ami.LocalPaired) -> None:
        one, two = self._see(event.one), self._see(event.two)
        if one is not None and two is not None:
            self._line.pair(one[0], two[0])
            self._join(one[1], two[1], caller_is_leg=True)

    def _hung_up(self, event: ami.HungUp) -> None:
        known = self._line.known(event.channel)
        if known is None:
            if event.channel.uid:
                self._line.close_grave(event.channel.uid)
            return
        seen = self._see(event.channel)
        if seen is None:
            return
        channel, call = seen
        party = channel.party
        if call.caller is None and party.real and not call.offered:
            self._unheard_originate(party, call, event.channel)
        heard = self._line.peers(party)
        self._line.bury(channel, event.cause)
        for each in list(party.calls):
            _call(each).stopped(party)
        self._homes.pop(party, None)
        self._awaited = {k: v for k, v in self._awaited.items() if v is not call or v.parties}
        self._settle_all(heard)
        if not any(other.alive for other in call.parties):
            call.end()
            call.forget()

    def _unheard_originate(self, party: Party, call: Call, facts: ChannelFacts) -> None:
        """A channel that the system made, and that was refused before it rang."""
        if facts.linkedid == party.uid and len(call.parties) == 1 and party.exten is None:
            call.originated = True
            call.belongs_to(party)

    def _hangup_asked(self, event: ami.HangupAsked) -> None:
        seen = self._see(event.channel)
        if seen is not None and seen[0].party is seen[1].subject:
            seen[1].rings_off()

    # -- dialling ---------------------------------------------------------------------------------

    def _dial_began(self, event: ami.DialBegan) -> None:
        dest = self._see(event.dest)
        if event.source is None:
            if dest is not None:
                self._system_dials(*dest)
            return
        source = self._see(event.source)
        if source is None:
            return
        channel, call = source
        self._caller_dials(channel.party, call, event.source, dest)
        if dest is None:
            return
        if dest[1] is not call:
            self._join(call, dest[1], caller_is_leg=True)
        party = dest[0].party
        if call.caller is None and party.real and not call.offered:
            call.originated = True
            call.belongs_to(party)
        if party.real and party is not call.caller and party not in call.never_legs:
            call.dialled_again()
            call.leg(party).status = ""
        call.settle()

    def _system_dials(self, channel: Channel, call: Call) -> None:
        if call.caller is None and not call.announced:
            call.originated = True
            if channel.party.real and not call.offered:
                call.belongs_to(channel.party)

    def _caller_dials(
        self,
        party: Party,
        call: Call,
        facts: ChannelFacts,
        dest: tuple[Channel, Call] | None,
    ) -> None:
        """Dialling shows whose call it is, and in a call of the system's what was dialled."""
        mistaken = call.caller is None or (dest is not None and call.caller is dest[0].party)
        if party.real and mistaken and not call.announced and not call.offered:
            if call.caller is not None:
                call.legs.pop(party, None)
            call.originated = False
            call.belongs_to(party)
        if not call.originated:
            call.announce()
        elif call.caller is not None and call.caller.up and dest is not None and dest[0].party.real:
            if call.dialled is None:
                for dialled in (facts.exten, dest[0].party.number):
                    if call.dialled is None and dialled not in _NO_EXTEN:
                        call.dialled = dialled
            call.announce()

    def _dial_ended(self, event: ami.DialEnded) -> None:
        dest = self._see(event.dest) if event.dest is not None else None
        source = self._see(event.source) if event.source is not None else None
        if dest is not None:
            party, call = dest[0].party, dest[1]
            if party is call.caller:
                call.status = event.status
            elif party in call.legs:
                leg = call.legs[party]
                leg.status = leg.status or event.status  # app_queue ends each dial twice
        elif source is not None and event.dest is None:
            self._all_dials_ended(*source, event.status)

    def _all_dials_ended(self, channel: Channel, call: Call, status: str) -> None:
        """Up to Asterisk 11 a dial ends as a whole, after its legs hung up."""
        for leg in call.legs.values():
            if leg.state in (LegState.CALLED, LegState.RINGING):
                leg.status = leg.status or status
        if status == "CANCEL" and channel.party is call.subject:
            call.abandoning = True

    # -- bridges ----------------------------------------------------------------------------------

    def _bridge_entered(self, event: ami.BridgeEntered) -> None:
        seen = self._see(event.channel)
        if seen is None:
            return
        channel, call = seen
        self._whose_call(channel, call)
        bridge = self._line.bridge(event.bridge)
        bridge.holding = bridge.holding or event.holding
        bridge.conference = bridge.conference or event.conference
        if event.swapped_out is not None:
            swapped = self._line.find(event.swapped_out)
            if swapped is not None and swapped is not channel:
                self._line.leave(swapped, event.bridge)
        self._line.enter(channel, bridge)
        self._heard(channel.party, bridge)

    def _heard(self, party: Party, bridge: Bridge) -> None:
        """A party came into earshot of others."""
        group = self._line.earshot(party)
        if not bridge.conference:
            self._join_legs_of_the_system(group)
        for one in group:
            one.met.update(other for other in group if other is not one)
        self._settle_all(group)

    def _join_legs_of_the_system(self, group: Sequence[Party]) -> None:
        """A phone that the system rang and then bridged to a caller belongs to the caller's call."""
        if len(group) < 2:
            return
        for party in group:
            call = self._homes.get(party)
            if call is None or not call.originated or call.caller is not party or call.answered_at:
                continue
            if any(each.real and each is not party for each in call.parties):
                continue
            others = {self._homes[each]: None for each in group if each in self._homes}
            others.pop(call, None)
            for other in others:
                if other.caller is not None and not other.ended:
                    self._join(other, call, caller_is_leg=True)
                    break

    def _bridge_left(self, event: ami.BridgeLeft) -> None:
        seen = self._see(event.channel)
        if seen is not None:
            heard = self._line.peers(seen[0].party)
            self._line.leave(seen[0], event.bridge)
            self._settle_all(heard)

    def _bridge_closed(self, event: ami.BridgeClosed) -> None:
        self._line.close(event.bridge)

    def _bridges_merged(self, event: ami.BridgesMerged) -> None:
        for channel in self._line.merge(event.kept, event.dissolved):
            if channel.bridge is not None:
                self._heard(channel.party, channel.bridge)

    def _linked(self, event: ami.ChannelsLinked) -> None:
        """Asterisk up to 11 has no bridges, only pairs: each pair gets a bridge of its own."""
        one, two = self._see(event.one), self._see(event.two)
        if one is None or two is None:
            return
        bridge = self._line.bridge(_pair_id(one[0], two[0]))
        for channel, call in (one, two):
            self._whose_call(channel, call)
            self._line.enter(channel, bridge)
        self._heard(one[0].party, bridge)

    def _unlinked(self, event: ami.ChannelsUnlinked) -> None:
        one, two = self._see(event.one), self._see(event.two)
        if one is not None and two is not None:
            self._line.close(_pair_id(one[0], two[0]))

    def _settle_all(self, parties: Iterable[Party]) -> None:
        for call in {_call(each): None for party in parties for each in party.calls}:
            call.settle()

    # -- waiting, hold, parking -------------------------------------------------------------------

    def _caller_held(self, event: ami.CallerHeld) -> None:
        seen = self._see(event.channel)
        if seen is None:
            return
        channel, call = seen
        if call.caller is None and channel.party.real and not call.offered:
            call.belongs_to(channel.party)
        if call.caller is not None and not call.ended:
            call.hold()

    def _caller_released(self, event: ami.CallerReleased) -> None:
        seen = self._see(event.channel)
        if seen is not None:
            seen[1].release()

    def _queue_abandoned(self, event: ami.QueueAbandoned) -> None:
        seen = self._see(event.channel)
        if seen is not None:
            seen[1].queue_gave_up = True

    def _hold_pressed(self, event: ami.HoldPressed) -> None:
        self._press_hold(event.channel, holding=True)

    def _hold_released(self, event: ami.HoldReleased) -> None:
        self._press_hold(event.channel, holding=False)

    def _press_hold(self, facts: ChannelFacts, *, holding: bool) -> None:
        seen = self._see(facts)
        for each in list(seen[0].party.calls) if seen is not None else ():
            _call(each).pressed_hold(seen[0].party, holding) if seen is not None else None

    def _parked(self, event: ami.CallParked) -> None:
        seen = self._see(event.parkee)
        for each in list(seen[0].party.calls) if seen is not None else ():
            call = _call(each)
            if seen is not None and seen[0].party is call.subject:
                call.part()
            elif seen is not None:
                call.successor = seen[0].party

    def _unparked(self, event: ami.CallUnparked) -> None:
        parkee, retriever = self._see(event.parkee), self._see(event.retriever)
        if parkee is not None and retriever is not None:
            self._take(parkee[1], retriever[0].party, retriever[1])

    # -- transfers and pick-up --------------------------------------------------------------------

    def _picked_up(self, event: ami.PickedUp) -> None:
        picker, target = self._see(event.picker), self._see(event.target)
        if picker is not None and target is not None:
            self._take(target[1], picker[0].party, picker[1])

    def _take(self, call: Call, party: Party, own: Call) -> None:
        """A party who dialled in only to take this call over is a leg of it, not a caller."""
        talked = [leg.party for leg in own.legs.values() if leg.state is not LegState.CALLED]
        if own is not call and own.caller is party and all(each in call.parties for each in talked):
            self._join(call, own, caller_is_leg=True)

    def _blind_transferred(self, event: ami.BlindTransferred) -> None:
        transferer = self._see(event.transferer)
        if transferer is None:
            return
        transferee = self._see(event.transferee) if event.transferee is not None else None
        party = transferer[0].party
        for each in list(party.calls):
            call = _call(each)
            moved = self._moved_party(call, party, transferee[0].party if transferee else None)
            if moved is None or call.ended:
                continue
            if party is call.subject:
                call.subject = moved
            elif moved is not call.subject:
                continue
            call.dialled_again()
            call.moved(TransferKind.BLIND, party, event.exten, None)

    def _moved_party(self, call: Call, by: Party, named: Party | None) -> Party | None:
        """Whom a transfer moves in this call: the party named, or the one at the other end."""
        if named is not None:
            behind = self._line.behind(named)
            if behind is not None and behind is not by:
                return behind
        if by is not call.subject:
            return call.subject
        talking = [leg.party for leg in call.legs.values() if leg.state is LegState.TALKING]
        return talking[0] if talking else None

    def _attended_transferred(self, event: ami.AttendedTransferred) -> None:
        first = self._see(event.first)
        second = self._see(event.second) if event.second is not None else first
        if first is None or second is None:
            return
        one, two = first[0].party, second[0].party
        call, consultation = self._call_of(one, two), self._call_of(two, one)
        if call is None or consultation is None:
            return
        transferee = self._see(event.transferee) if event.transferee is not None else None
        named = transferee[0].party if transferee is not None else None
        if call is not consultation:
            if two is not consultation.caller and one is not call.caller:
                self._two_callers_meet(call, consultation, one, two)
                return
            earlier = consultation.arrived_at < call.arrived_at
            if two is not consultation.caller or (one is call.caller and earlier):
                call, consultation, one, two, named = consultation, call, two, one, None
        target = self._target(event, one, two)
        kind = self._kind(event, one, two, target)
        self._transfer(call, consultation, one, kind, event.exten, named, target)

    def _kind(
        self, event: ami.AttendedTransferred, one: Party, two: Party, target: Party | None
    ) -> TransferKind:
        """Blonde when the transferer never heard the target."""
        if target is not None:
            met = target in one.met or target in two.met
        else:
            consultation = self._homes.get(two)
            asked = consultation is not None and two is consultation.caller and one is not two
            unheard = asked and consultation is not None and consultation.answered_at is None
            met = not (unheard or event.to_application)
        return TransferKind.ATTENDED if met else TransferKind.BLONDE

    def _call_of(self, party: Party, other: Party) -> Call | None:
        """The call a transferer acts in by this channel: where it is caller or talks, else its own."""
        calls = [_call(each) for each in party.calls]
        for call in calls:
            leg = call.legs.get(party)
            if party is call.subject or (leg is not None and leg.state is LegState.TALKING):
                return call
        home = self._homes.get(party)
        return home if home is not None else (calls[0] if calls else None)

    def _target(self, event: ami.AttendedTransferred, one: Party, two: Party) -> Party | None:
        """The real party transferred to: named, or the other end of the consultation."""
        if event.target is not None:
            seen = self._see(event.target)
            if seen is not None:
                behind = self._line.behind(seen[0].party)
                if behind is not None and behind is not one and behind is not two:
                    return behind
        consultation = self._homes.get(two)
        if consultation is None:
            return None
        if one is not two and two is not consultation.caller and consultation.caller is not None:
            return consultation.caller
        legs = [
            leg
            for leg in consultation.legs.values()
            if leg.party is not two and leg.party is not consultation.caller
        ]
        for state in (LegState.TALKING, LegState.APART):
            found = [leg.party for leg in legs if leg.state is state and leg.party in two.met]
            if found:
                return found[-1]
        ringing = [leg.party for leg in legs if leg.state is LegState.RINGING]
        return ringing[0] if len(ringing) == 1 else None

    def _transfer(
        self,
        call: Call,
        consultation: Call,
        by: Party,
        kind: TransferKind,
        exten: str,
        named: Party | None,
        target: Party | None,
    ) -> None:
        if by is call.subject:
            moved = self._moved_party(call, by, named)
            spoken = [
                leg.party
                for leg in consultation.legs.values()
                if leg.state in (LegState.TALKING, LegState.APART) and leg.party is not moved
            ]
            call.subject = moved or call.subject
            if consultation is not call and kind is TransferKind.ATTENDED:
                for party in spoken:
                    call.has_talked_with(party)
        if consultation is not call:
            call.absorb(consultation, caller_is_leg=False)
            for party in [p for p, home in self._homes.items() if home is consultation]:
                self._homes[party] = call
        call.moved(kind, by, exten, target if kind is TransferKind.ATTENDED else None)
        call.settle()

    def _two_callers_meet(self, one: Call, two: Call, by: Party, by_two: Party) -> None:
        """Both had rung the transferer: each is transferred to the other, and both calls go on."""
        if one.caller is not None and two.caller is not None:
            one.moved(TransferKind.ATTENDED, by, "", two.caller)
            two.moved(TransferKind.ATTENDED, by_two, "", one.caller)

    # -- the system -------------------------------------------------------------------------------

    def _originated(self, event: ami.Originated) -> None:
        channel = self._line.known(event.channel)
        call = self._homes.get(channel.party) if channel is not None else None
        if call is not None and not call.announced and call.caller is None:
            call.originated = True

    def _booted(self, event: ami.Booted) -> None:
        """Also said at each login. Only what arrived before Asterisk started is surely gone."""
        if event.uptime is None:
            for call_id in self._ledger.calls:
                self._suspects.setdefault(call_id, self._ledger.at)
            return
        started_at = self._ledger.at - timedelta(seconds=event.uptime) - _BOOT_SLACK
        for call in list(self._ledger.calls.values()):
            if call.arrived_at < started_at:
                self._end_by_restart(call)

    def _shut_down(self, _event: ami.ShutDown) -> None:
        for call in list(self._ledger.calls.values()):
            self._end_by_restart(call)

    def _end_by_restart(self, call: Call) -> None:
        parties = [party for party in call.parties if self._homes.get(party) is call]
        call.end(by_restart=True)
        for party in parties:
            self._line.bury(party.channel, 0)
            self._homes.pop(party, None)

    # -- after a reconnect ------------------------------------------------------------------------

    def restore(self, channels: Sequence[ChannelSnapshot], at: datetime) -> list[CallEvent]:
        """Set the book right by what is live now, and return what that shows.

        Calls never seen arrive; those not live any more are dropped without an outcome (see `lost`).
        """
        self._ledger.at = at
        self._suspects.clear()
        alive = {row.uniqueid for row in channels}
        self._drop_dead(alive)
        ordered = sorted(channels, key=lambda row: (row.td_call != row.uniqueid, -row.duration))
        for row in ordered:
            self._adopt(row)
        for row in ordered:
            self._place(row)
        for row in ordered:
            self._wake(row)
        return self._ledger.take()

    def _drop_dead(self, alive: set[str]) -> None:
        dead = [channel for channel in self._line if channel.uid not in alive]
        lost = []
        for call in list(self._ledger.calls.values()):
            if call.subject is not None and call.subject.channel.uid not in alive:
                lost.append(call.id)
                call.forget()
        self.lost = tuple(lost)
        for channel in dead:
            party = channel.party
            self._line.bury(channel, 0)
            for each in list(party.calls):
                leg = _call(each).legs.get(party)
                if leg is not None:
                    leg.status = "ABORT"
                _call(each).stopped(party)
            self._homes.pop(party, None)

    def _adopt(self, row: ChannelSnapshot) -> None:
        seen = self._see(row.facts)
        if seen is None:
            return
        channel, call = seen
        if not call.announced and len(call.parties) == 1:
            call.arrived_at = self._ledger.at - row.duration
        self._whose_call(channel, call)

    def _place(self, row: ChannelSnapshot) -> None:
        channel = self._line.find(row.uniqueid)
        if channel is None:
            return
        if row.bridge is None:
            self._line.leave(channel)
        elif channel.bridge is None or channel.bridge.uid != row.bridge:
            self._line.enter(channel, self._line.bridge(row.bridge))

    def _wake(self, row: ChannelSnapshot) -> None:
        """Announce it, and see who talks, rings and waits."""
        channel = self._line.find(row.uniqueid)
        call = self._homes.get(channel.party) if channel is not None else None
        if channel is None or call is None:
            return
        if channel.party is call.caller and (channel.state == ami.STATE_UP or row.td_call):
            call.announce()
        if channel.bridge is not None:
            self._heard(channel.party, channel.bridge)
        call.settle()
        held = row.application == "Queue" or (row.context or "").startswith("hold")
        if held and channel.party is call.subject and not self._line.peers(channel.party):
            since = call.waiting_since
            call.hold()
            call.waiting_since = since or call.waiting_since


def _call(each: object) -> Call:
    assert isinstance(each, Call)
    return each


def _pair_id(one: Channel, two: Channel) -> str:
    return "pair:" + "/".join(sorted((one.uid, two.uid)))


_FOLDS: dict[type[ami.AmiEvent], Callable[[Callbook, Any], None]] = {
    ami.ChannelSeen: Callbook._channel_seen,
    ami.ChannelRenamed: Callbook._channel_renamed,
    ami.LocalPaired: Callbook._local_paired,
    ami.HungUp: Callbook._hung_up,
    ami.HangupAsked: Callbook._hangup_asked,
    ami.DialBegan: Callbook._dial_began,
    ami.DialEnded: Callbook._dial_ended,
    ami.BridgeEntered: Callbook._bridge_entered,
    ami.BridgeLeft: Callbook._bridge_left,
    ami.BridgeClosed: Callbook._bridge_closed,
    ami.BridgesMerged: Callbook._bridges_merged,
    ami.ChannelsLinked: Callbook._linked,
    ami.ChannelsUnlinked: Callbook._unlinked,
    ami.CallerHeld: Callbook._caller_held,
    ami.CallerReleased: Callbook._caller_released,
    ami.QueueAbandoned: Callbook._queue_abandoned,
    ami.HoldPressed: Callbook._hold_pressed,
    ami.HoldReleased: Callbook._hold_released,
    ami.BlindTransferred: Callbook._blind_transferred,
    ami.AttendedTransferred: Callbook._attended_transferred,
    ami.PickedUp: Callbook._picked_up,
    ami.CallParked: Callbook._parked,
    ami.CallUnparked: Callbook._unparked,
    ami.Originated: Callbook._originated,
    ami.Booted: Callbook._booted,
    ami.ShutDown: Callbook._shut_down,
}
