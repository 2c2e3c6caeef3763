"""Calls that change hands: blind and attended transfers, pick-up, parking.

An attended transfer joins two calls. When the transferer was the caller of one of them, that one was
the consultation and becomes part of the other. When both callers had rung the transferer, both calls
go on, each transferred to the other's caller.
"""

from hotline.events import TransferKind
from telephony import vocabulary as ami
from telephony.calls import Call
from telephony.callstates import HAS_TALKED, LegState
from telephony.channels import Party, resource
from telephony.homes import Homes


def picked_up(homes: Homes, event: ami.PickedUp) -> None:
    picker, target = homes.see(event.picker), homes.see(event.target)
    if picker is not None and target is not None:
        homes.take_over(target[1], picker[0].party)


def parked(homes: Homes, event: ami.CallParked) -> None:
    seen = homes.see(event.parkee)
    if seen is None:
        return
    party = seen[0].party
    for call in homes.ledger.involving(party):
        if party is call.subject:
            call.part()
        else:
            call.successor = party


def unparked(homes: Homes, event: ami.CallUnparked) -> None:
    parkee, retriever = homes.see(event.parkee), homes.see(event.retriever)
    if parkee is not None and retriever is not None:
        homes.take_over(parkee[1], retriever[0].party)


def blind(homes: Homes, event: ami.BlindTransferred) -> None:
    transferer = homes.see(event.transferer)
    if transferer is None:
        return
    by = transferer[0].party
    named = _party(homes, event.transferee)
    for call in homes.ledger.involving(by):
        moved = _moved(homes, call, by, named)
        if moved is None or call.ended:
            continue
        if by is call.subject:
            call.subject = moved
        elif moved is not call.subject:
            continue
        call.dialled_again()
        call.moved(TransferKind.BLIND, by, event.exten, None)
        if call.in_line:  # sent to line 111 itself, and the hold loop spoke before the transfer did
            call.back_in_line()


def attended(homes: Homes, event: ami.AttendedTransferred) -> None:
    one = _party(homes, event.first)
    two = _party(homes, event.second) if event.second is not None else one
    call = _acts_in(homes, one)
    asked = _acts_in(homes, two)
    if one is None or two is None or call is None or asked is None:
        return
    if not call.never_legs.isdisjoint((one, two)):  # the same event once more
        return
    named, target = _party(homes, event.transferee), _party(homes, event.target)
    if call is not asked:
        if two is not asked.caller and one is not call.caller:
            _two_callers_meet(call, asked, one, two)
            return
        earlier = asked.arrived_at < call.arrived_at
        if two is not asked.caller or (one is call.caller and earlier):
            # The phone sent its REFER on the consultation: everything is the other way round.
            call, asked, one, two, named, target = asked, call, two, one, target, named
    moved = _moved(homes, call, one, named)
    to = _target(homes, asked, one, two, moved, target)
    kind = _kind(asked, one, two, to, to_application=event.to_application)
    if moved is not None and event.to_application:
        two.channel.heir = moved.channel
    if moved is not None and to is not None and kind is TransferKind.BLONDE:
        homes.left_ringing(moved, resource(to.name))
    _carry_out(homes, call, asked, one, moved, kind)
    hears_already = kind is TransferKind.ATTENDED and not event.to_application
    call.moved(kind, one, event.exten, to if hears_already else None)
    call.settle()


def _party(homes: Homes, facts: ami.ChannelFacts | None) -> Party | None:
    seen = homes.see(facts) if facts is not None else None
    return seen[0].party if seen is not None else None


def _acts_in(homes: Homes, transferer: Party | None) -> Call | None:
    """The call in which a transferer's channel is caller or talks, else the one it is at home in."""
    if transferer is None:
        return None
    for call in homes.ledger.involving(transferer):
        leg = call.legs.get(transferer)
        if transferer is call.subject or (leg is not None and leg.state is LegState.TALKING):
            return call
    return homes.of(transferer)


def _moved(homes: Homes, call: Call, by: Party, named: Party | None) -> Party | None:
    """Whom a transfer moves in this call: the party named, or the one at the other end."""
    behind = homes.line.behind(named) if named is not None else None
    if behind is not None and behind is not by:
        return behind
    if by is not call.subject:
        return call.subject
    talking = [leg.party for leg in call.legs.values() if leg.state is LegState.TALKING]
    return talking[0] if talking else None


def _target(
    homes: Homes,
    asked: Call,
    one: Party,
    two: Party,
    moved: Party | None,
    named: Party | None,
) -> Party | None:
    """The real party transferred to: the one named, or the other end of the consultation."""
    nobody = (one, two, moved)
    behind = homes.line.behind(named) if named is not None else None
    if behind is not None and behind not in nobody:
        return behind
    if one is not two and two is not asked.caller and asked.caller is not None:
        return asked.caller
    legs = [leg for leg in asked.legs.values() if leg.party not in nobody]
    for state in (LegState.TALKING, LegState.APART):
        found = [leg.party for leg in legs if leg.state is state and leg.party.uid in two.met]
        if found:
            return found[-1]
    met = [party for party in asked.parties if party.uid in two.met and party not in nobody]
    if met:
        return met[-1]
    ringing = [leg.party for leg in legs if leg.state is LegState.RINGING]
    return ringing[0] if len(ringing) == 1 else None


def _kind(
    asked: Call, one: Party, two: Party, to: Party | None, *, to_application: bool
) -> TransferKind:
    """Blonde when the transferer never heard the target."""
    if to is not None:
        met = to.uid in one.met or to.uid in two.met
    else:
        unheard = two is asked.caller and one is not two and asked.answered_at is None
        met = not (unheard or to_application)
    return TransferKind.ATTENDED if met else TransferKind.BLONDE


def _carry_out(
    homes: Homes, call: Call, asked: Call, by: Party, moved: Party | None, kind: TransferKind
) -> None:
    """The consultation becomes part of the call, which goes on without the transferer."""
    if by is call.subject:
        call.subject = moved or call.subject
        if asked is not call and kind is TransferKind.ATTENDED:
            for leg in list(asked.legs.values()):
                if leg.state in HAS_TALKED and leg.party is not moved:
                    call.has_talked_with(leg.party)
    homes.join(call, asked, caller_is_leg=False)


def _two_callers_meet(one: Call, two: Call, by: Party, by_two: Party) -> None:
    if one.caller is not None and two.caller is not None:
        one.moved(TransferKind.ATTENDED, by, "", two.caller)
        two.moved(TransferKind.ATTENDED, by_two, "", one.caller)
