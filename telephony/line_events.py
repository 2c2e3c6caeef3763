"""What AMI says about channels, dials and bridges, and what that means for calls."""

from hotline.dialing import caller_id
from telephony import vocabulary as ami
from telephony.calls import Call
from telephony.callstates import UNANSWERED
from telephony.channels import Channel, Party
from telephony.homes import NO_EXTEN, Homes
from telephony.vocabulary import ChannelFacts


def channel_seen(homes: Homes, event: ami.ChannelSeen) -> None:
    enters = homes.enters(event.channel)
    seen = homes.see(event.channel)
    if seen is None:
        return
    channel, call = seen
    if enters:
        channel.party.number = _line_number(channel.party.number)
        call.belongs_to(channel.party)
        call.hold(in_line=True)
        return
    homes.find_caller(channel, call)
    if channel.party is call.caller and channel.party.up and not call.originated:
        call.announce()
    if channel.state == ami.STATE_RINGING:
        call.settle()


def _line_number(said: str | None) -> str | None:
    """What the dialplan's first steps (`line111`) leave of a caller's number."""
    number = caller_id(said)
    return number if number not in {"", "0"} else None


def channel_renamed(homes: Homes, event: ami.ChannelRenamed) -> None:
    seen = homes.see(event.channel)
    if seen is None:
        return
    channel = seen[0]
    before = channel.party
    homes.line.rename(event.channel, event.new_name)
    if channel.party is not before:
        homes.moved_in(channel.party, before)
        homes.settle((before, channel.party))


def local_paired(homes: Homes, event: ami.LocalPaired) -> None:
    one, two = homes.see(event.one), homes.see(event.two)
    if one is not None and two is not None:
        homes.line.pair(one[0], two[0])
        homes.join(one[1], two[1])


def hung_up(homes: Homes, event: ami.HungUp) -> None:
    if homes.line.known(event.channel) is None:
        homes.line.close_grave(event.channel.uid or event.channel.name)
        return
    seen = homes.see(event.channel)
    if seen is None:
        return
    channel, call = seen
    if call.caller is None and channel.party.real and not call.offered:
        _at_last(channel.party, call, event.channel)
    bridge, heir = channel.bridge, channel.heir
    homes.bury(channel, event.cause)
    if bridge is not None and heir is not None and heir.bridge is None and not heir.hung_up:
        _inherits(homes, heir, bridge.uid)


def _inherits(homes: Homes, heir: Channel, bridge: str) -> None:
    """The transferer's second channel had just been answered: Asterisk 22 puts who is transferred into
    its bridge without a BridgeEnter, and hangs it up without a BridgeLeave."""
    homes.line.enter(heir, homes.line.bridge(bridge))
    homes.heard(heir.party, homes.line.bridge(bridge))


def _at_last(party: Party, call: Call, facts: ChannelFacts) -> None:
    """Nothing has shown yet whose call it is: a menu, or an Originate refused at once."""
    if party.exten is not None:
        call.belongs_to(party)
    elif facts.linkedid == party.uid and len(call.parties) == 1:
        call.originated = True
        call.belongs_to(party)


def hangup_asked(homes: Homes, event: ami.HangupAsked) -> None:
    seen = homes.see(event.channel)
    if seen is None:
        return
    channel, call = seen
    channel.leaving = True
    if channel.party is call.subject:
        call.rings_off()


def dial_began(homes: Homes, event: ami.DialBegan) -> None:
    dest = homes.see(event.dest)
    if event.source is None:
        if dest is not None:
            _system_dials(*dest)
        return
    source = homes.see(event.source)
    if source is None:
        return
    channel, call = source
    _dials(channel.party, call, event.source, dest[0].party if dest is not None else None)
    if dest is None:
        return
    homes.join(call, dest[1])
    party = dest[0].party
    if call.caller is None and party.real and not call.offered:
        call.originated = True
        call.belongs_to(party)
    if party.real and call.may_be_rung(party):
        call.dialled_again()
        call.leg(party).status = ""
    call.settle()


def _system_dials(channel: Channel, call: Call) -> None:
    """Asterisk dials by itself: an Originate."""
    if call.caller is None and not call.announced:
        call.originated = True
        if channel.party.real and not call.offered:
            call.belongs_to(channel.party)


def _dials(party: Party, call: Call, facts: ChannelFacts, dest: Party | None) -> None:
    """Dialling shows whose call it is, and in a call of the system's what was dialled."""
    mistaken = call.caller is None or call.caller is dest
    if party.real and mistaken and not call.announced and not call.offered:
        call.originated = False
        call.belongs_to(party)
    if not call.originated:
        call.announce()
    elif call.caller is not None and call.caller.up and dest is not None and dest.real:
        for dialled in (facts.exten, dest.number):
            if call.dialled is None and dialled not in NO_EXTEN:
                call.dialled = dialled
        call.announce()


def dial_ended(homes: Homes, event: ami.DialEnded) -> None:
    dest = homes.see(event.dest) if event.dest is not None else None
    source = homes.see(event.source) if event.source is not None else None
    if dest is not None:
        party = dest[0].party
        if source is not None and event.status == "ANSWER":
            homes.take_over(source[1], party)  # a pick-up ends a dial that never began
            source[0].party.meets(party)  # a REFER may come before both are in their bridge
        (homes.of(party) or dest[1]).dial_ended(party, event.status)
    elif source is not None and event.dest is None:
        _all_dials_ended(*source, event.status)


def _all_dials_ended(channel: Channel, call: Call, status: str) -> None:
    """Up to Asterisk 11 a dial ends as a whole, after its legs hung up."""
    for leg in call.legs.values():
        if leg.state in UNANSWERED:
            leg.status = leg.status or status
    if status == "CANCEL" and channel.party is call.subject:
        call.abandoning = True


def bridge_entered(homes: Homes, event: ami.BridgeEntered) -> None:
    seen = homes.see(event.channel)
    if seen is None:
        return
    channel, call = seen
    homes.find_caller(channel, call)
    party = channel.party
    if call.caller is None and party.exten is not None and party.real and not call.offered:
        call.belongs_to(party)
    bridge = homes.line.bridge(event.bridge)
    bridge.holding = bridge.holding or event.holding
    bridge.conference = bridge.conference or event.conference
    if event.swapped_out is not None:
        swapped = homes.line.find(event.swapped_out)
        if swapped is not None and swapped is not channel:
            homes.line.leave(swapped, event.bridge)
    homes.line.enter(channel, bridge)
    homes.heard(channel.party, bridge)
    if channel.leaving and party is call.subject:
        homes.line.ghosts.add(channel.name)


def bridge_left(homes: Homes, event: ami.BridgeLeft) -> None:
    seen = homes.see(event.channel)
    if seen is not None:
        heard = homes.line.peers(seen[0].party)
        homes.line.leave(seen[0], event.bridge)
        homes.settle(heard)


def bridge_closed(homes: Homes, event: ami.BridgeClosed) -> None:
    homes.line.close(event.bridge)


def bridges_merged(homes: Homes, event: ami.BridgesMerged) -> None:
    for channel in homes.line.merge(event.kept, event.dissolved):
        if channel.bridge is not None:
            homes.heard(channel.party, channel.bridge)


def linked(homes: Homes, event: ami.ChannelsLinked) -> None:
    """Asterisk up to 11 has no bridges, only pairs: each pair gets a bridge of its own."""
    one, two = homes.see(event.one), homes.see(event.two)
    if one is None or two is None:
        return
    bridge = homes.line.bridge(_pair_id(one[0], two[0]))
    for channel, call in (one, two):
        homes.find_caller(channel, call)
        homes.line.enter(channel, bridge)
    homes.heard(one[0].party, bridge)


def unlinked(homes: Homes, event: ami.ChannelsUnlinked) -> None:
    one, two = homes.see(event.one), homes.see(event.two)
    if one is not None and two is not None:
        homes.line.close(_pair_id(one[0], two[0]))


def _pair_id(one: Channel, two: Channel) -> str:
    return "pair:" + "/".join(sorted((one.uid, two.uid)))
