"""All live calls: folds AMI events into call events. The live feed and `tongdai replay` share it.

Which call a channel belongs to is `telephony.homes`; what the events about channels, dials and bridges
mean, `telephony.line_events`; transfers, pick-up and parking, `telephony.transfers`; what a call makes
of all that, `telephony.calls`.

Pure: no I/O, no clock; events in any order, lost or doubled, cannot make it raise.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from datetime import datetime, timedelta
from typing import Any

from hotline.events import CallBackAsked, CallEvent, MessageLeft
from hotline.ids import CallId
from telephony import line_events, restoring, transfers
from telephony import vocabulary as ami
from telephony.calls import Call
from telephony.callstates import WatchHappening, watching
from telephony.homes import Homes, Passing
from telephony.legs import LiveCall
from telephony.vocabulary import ChannelFacts, ChannelSnapshot

__all__ = ["Callbook", "ChannelSnapshot", "LiveCall"]

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
    """The fold. One instance follows one Asterisk.

    `entry` is the dialplan context in which every channel that dials in is a caller of our line and goes
    straight to its hold loop: such a caller waits from the first word about them. `passing` is the
    context of legs that only pass through on their way from another Asterisk: no call of this one.
    """

    def __init__(self, entry: str | None = None, passing: str | None = None) -> None:
        self._homes = Homes(entry, passing)
        self.lost: tuple[CallId, ...] = ()
        """Calls that the last `restore` found gone; what became of them must be asked elsewhere."""

    @property
    def live(self) -> Mapping[CallId, LiveCall]:
        """All announced calls that have not ended."""
        return LiveCalls(self._homes.ledger.calls)

    def waiting(self) -> Mapping[CallId, datetime]:
        """Calls in our own hold loop, where an answering leg may take the caller (in a native queue none
        may), and since when they have been with us. A live view: nobody walks a thousand callers to
        hear that one of them hung up."""
        return self._homes.ledger.in_line

    def line_moves(self) -> Mapping[CallId, datetime | None]:
        """Who has come into that line since the last time somebody asked, and since when they have been
        with us; who has left it: None."""
        ledger = self._homes.ledger
        moves, ledger.line_moves = ledger.line_moves, {}
        return moves

    @property
    def phones_in_use(self) -> Set[str]:
        """Every phone that has a channel, from the moment it is dialled."""
        return self._homes.line.phones.keys()

    def phones_stirred(self) -> Set[str]:
        """Phones that have got their first channel or lost their last since somebody asked."""
        line = self._homes.line
        stirred, line.phones_stirred = line.phones_stirred, set()
        return stirred

    def ghosts(self) -> Set[str]:
        """Callers' channels that have got to somebody since the last time anybody asked, though the
        caller had hung up: they stay until somebody ends them."""
        line = self._homes.line
        ghosts, line.ghosts = line.ghosts, set()
        return ghosts

    def passings(self) -> Iterable[Passing]:
        """Legs that pass through here from another Asterisk, and where each leads now."""
        return self._homes.passings.values()

    def hand_over(self, passing: Passing) -> list[CallEvent]:
        """What it means for a call of ours that a leg to another Asterisk leads to this phone there."""
        self._homes.hand_over(passing)
        return self._homes.ledger.take()

    def knows(self, uniqueid: str) -> bool:
        """Whether a channel of this Uniqueid is there."""
        return self._homes.line.find(uniqueid) is not None

    def is_up(self, uniqueid: str) -> bool:
        """Whether a channel of this Uniqueid is there and has been answered."""
        channel = self._homes.line.find(uniqueid)
        return channel is not None and channel.party.up

    def fold(self, event: ami.AmiEvent, at: datetime) -> list[CallEvent]:
        """What this message means for calls, in order. `at` is an aware UTC time."""
        self._homes.ledger.at = at
        _FOLDS[type(event)](self._homes, event)
        return self._homes.ledger.take()

    def restore(self, channels: Sequence[ChannelSnapshot], at: datetime) -> list[CallEvent]:
        """Set the book right by what is live now, and return what that shows.

        Calls never seen arrive; those not live any more are dropped without an outcome (see `lost`).
        """
        self._homes.ledger.at = at
        self.lost = restoring.restore(self._homes, channels)
        return self._homes.ledger.take()

    def close(self) -> list[CallEvent]:
        """The stream is over: end the calls of which nothing was heard after Asterisk started anew."""
        for call_id, booted_at in self._homes.suspects.items():
            call = self._homes.ledger.calls.get(call_id)
            if call is not None:
                self._homes.ledger.at = booted_at
                call.end(by_restart=True)
        self._homes.suspects.clear()
        return self._homes.ledger.take()


def _caller_held(homes: Homes, event: ami.CallerHeld) -> None:
    seen = homes.see(event.channel)
    if seen is None:
        return
    channel, call = seen
    if call.caller is None and channel.party.real and not call.offered:
        call.belongs_to(channel.party)
    if call.caller is not None:
        if event.in_line:
            call.back_in_line()
        call.hold(in_line=event.in_line)


def _to_call(does: Callable[[Call, Any], None]) -> Callable[[Homes, Any], None]:
    """For a message that says something of the call of its channel, whoever in it the channel is."""

    def fold(homes: Homes, event: Any) -> None:
        seen = homes.see(event.channel)
        if seen is not None:
            does(seen[1], event)

    return fold


def _queue_gave_up(call: Call, _event: ami.QueueAbandoned) -> None:
    call.queue_gave_up = True


def _key_heard(homes: Homes, event: ami.KeyHeard) -> None:
    seen = homes.see(event.channel)
    if seen is not None:
        seen[1].pressed_key(seen[0].party, event.key)


def _hold_pressed(homes: Homes, event: ami.HoldPressed) -> None:
    _press_hold(homes, event.channel, holding=True)


def _hold_released(homes: Homes, event: ami.HoldReleased) -> None:
    _press_hold(homes, event.channel, holding=False)


def _press_hold(homes: Homes, facts: ChannelFacts, *, holding: bool) -> None:
    seen = homes.see(facts)
    if seen is not None:
        for call in homes.ledger.involving(seen[0].party):
            call.pressed_hold(seen[0].party, holding=holding)


def _spy_began(homes: Homes, event: ami.SpyBegan) -> None:
    _watch(homes, event.spyer, watching(event.spyer.exten))


def _spy_ended(homes: Homes, event: ami.SpyEnded) -> None:
    _watch(homes, event.spyer, WatchHappening.LEAVE)


def _watch(homes: Homes, spyer: ChannelFacts, happening: WatchHappening) -> None:
    """Only what was rung to supervise: somebody else's ChanSpy says nothing about whose call it is."""
    seen = homes.see(spyer)
    if seen is not None and seen[0].party.supervises:
        seen[1].watched(seen[0].party, happening)


def _counselor_lost(homes: Homes, event: ami.CounselorLost) -> None:
    seen = homes.see(event.channel)
    if seen is not None:
        seen[1].loses_counselor(seen[0].party)


def _originated(homes: Homes, event: ami.Originated) -> None:
    channel = homes.line.known(event.channel)
    call = homes.of(channel.party) if channel is not None else None
    if call is not None and not call.announced and call.caller is None:
        call.originated = True


def _booted(homes: Homes, event: ami.Booted) -> None:
    """Also said at each login. Only what arrived before Asterisk started is surely gone."""
    if event.uptime is None:
        for call_id in homes.ledger.calls:
            homes.suspects.setdefault(call_id, homes.ledger.at)
        return
    started_at = homes.ledger.at - timedelta(seconds=event.uptime) - _BOOT_SLACK
    for call in list(homes.ledger.calls.values()):
        if call.arrived_at < started_at:
            homes.end_by_restart(call)


def _shut_down(homes: Homes, _event: ami.ShutDown) -> None:
    for call in list(homes.ledger.calls.values()):
        homes.end_by_restart(call)


_FOLDS: dict[type[ami.AmiEvent], Callable[[Homes, Any], None]] = {
    ami.ChannelSeen: line_events.channel_seen,
    ami.ChannelRenamed: line_events.channel_renamed,
    ami.LocalPaired: line_events.local_paired,
    ami.HungUp: line_events.hung_up,
    ami.HangupAsked: line_events.hangup_asked,
    ami.DialBegan: line_events.dial_began,
    ami.DialEnded: line_events.dial_ended,
    ami.BridgeEntered: line_events.bridge_entered,
    ami.BridgeLeft: line_events.bridge_left,
    ami.BridgeClosed: line_events.bridge_closed,
    ami.BridgesMerged: line_events.bridges_merged,
    ami.ChannelsLinked: line_events.linked,
    ami.ChannelsUnlinked: line_events.unlinked,
    ami.BlindTransferred: transfers.blind,
    ami.AttendedTransferred: transfers.attended,
    ami.PickedUp: transfers.picked_up,
    ami.CallParked: transfers.parked,
    ami.CallUnparked: transfers.unparked,
    ami.CallerHeld: _caller_held,
    ami.CallBackPressed: _to_call(lambda call, _: call.asks(CallBackAsked)),
    ami.MessageBegun: _to_call(lambda call, _: call.asks(MessageLeft)),
    ami.CounselorLost: _counselor_lost,
    ami.LinePicked: _to_call(lambda call, event: call.goes_to(event.line)),
    ami.CallerReleased: _to_call(lambda call, _: call.release_caller()),
    ami.QueueAbandoned: _to_call(_queue_gave_up),
    ami.KeyHeard: _key_heard,
    ami.HoldPressed: _hold_pressed,
    ami.HoldReleased: _hold_released,
    ami.SpyBegan: _spy_began,
    ami.SpyEnded: _spy_ended,
    ami.Originated: _originated,
    ami.Booted: _booted,
    ami.ShutDown: _shut_down,
}
