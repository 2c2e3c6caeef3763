"""Set a callbook right by what Asterisk says is live now, after events were missed."""

from collections.abc import Sequence

from hotline.ids import CallId
from telephony import vocabulary as ami
from telephony.callstates import WatchHappening, watching
from telephony.homes import Homes
from telephony.vocabulary import ChannelSnapshot

_MISSED = "ABORT"
"""Stands for the DialStatus of a leg whose end nobody heard: failed, for no known reason."""


def restore(homes: Homes, channels: Sequence[ChannelSnapshot]) -> tuple[CallId, ...]:
    """Keep what is live, adopt what is new, drop the rest. Returns the calls dropped without outcome.

    What the rest of the book had not heard is told as if it happened now.
    """
    homes.suspects.clear()
    lost = _drop_dead(homes, {row.uniqueid for row in channels})
    # Callers first, so that legs find their call; among equals the oldest.
    rows = sorted(channels, key=lambda row: (row.td_call != row.uniqueid, -row.duration))
    for row in rows:
        _adopt(homes, row)
    for row in rows:
        _place(homes, row)
    for row in rows:
        _wake(homes, row)
        _ask_about_hold(homes, row)
    return lost


def _drop_dead(homes: Homes, alive: set[str]) -> tuple[CallId, ...]:
    lost = []
    for call in list(homes.ledger.calls.values()):
        if call.subject is not None and call.subject.channel.uid not in alive:
            lost.append(call.id)
            call.release()
    for channel in homes.line:
        if channel.uid not in alive:
            for call in homes.ledger.involving(channel.party):
                leg = call.legs.get(channel.party)
                if leg is not None:
                    leg.status = leg.status or _MISSED
            homes.bury(channel, 0)
    return tuple(lost)


def _adopt(homes: Homes, row: ChannelSnapshot) -> None:
    seen = homes.see(row.facts)
    if seen is None:
        return
    channel, call = seen
    if not call.announced and len(call.parties) == 1:
        call.arrived_at = homes.ledger.at - row.duration
    homes.find_caller(channel, call)


def _place(homes: Homes, row: ChannelSnapshot) -> None:
    """Into the bridge it is in now; a missed change of bridge shows in who hears whom."""
    channel = homes.line.find(row.uniqueid)
    if channel is None:
        return
    if row.bridge is None:
        homes.line.leave(channel)
    else:
        homes.line.enter(channel, homes.line.bridge(row.bridge))


def _wake(homes: Homes, row: ChannelSnapshot) -> None:
    """Announce its call, and see who talks, rings and waits."""
    channel = homes.line.find(row.uniqueid)
    call = homes.of(channel.party) if channel is not None else None
    if channel is None or call is None:
        return
    party = channel.party
    if party is call.caller and (channel.state == ami.STATE_UP or row.td_call is not None):
        call.announce()
    if channel.bridge is not None:
        homes.heard(party, channel.bridge)
    call.settle()
    if party.supervises:
        spies = row.application == "ChanSpy"
        call.watched(party, watching(row.exten) if spies else WatchHappening.LEAVE)
    queued = row.application == "Queue"
    held = queued or (row.context or "").startswith("hold")
    if party is call.subject and not homes.line.peers(party):
        if held:
            call.hold(in_line=not queued)
        elif channel.bridge is None:
            call.part()


def _ask_about_hold(homes: Homes, row: ChannelSnapshot) -> None:
    """No snapshot says who is on hold: whatever this party presses next is believed."""
    channel = homes.line.find(row.uniqueid)
    if channel is not None and channel.bridge is not None:
        for call in homes.ledger.involving(channel.party):
            call.maybe_holding.add(channel.party)
