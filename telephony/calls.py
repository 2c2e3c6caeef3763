"""One call: its caller, the phones rung for it, who talks, and how it ends.

The tables in `callstates` say what each happening does; here is when it happens. Talk is never inferred
from dialling, only from hearing one another (`channels.Line.peers`). A leg that leaves the caller's
bridge keeps TALKING until it hangs up, or the caller hears another counselor or waits again: optimising
Local channels takes parties out of bridges and back without a break in the talk.

The *subject* is the party the call goes on with: the caller, or once the caller has transferred the
other side away, that other side. The call ends with its subject.

Facts come in through `telephony.callbook`; what follows from them goes out as `hotline.events`.
"""

from collections.abc import Collection
from datetime import datetime

from hotline.events import (
    CallArrived,
    CallBackAsked,
    CallEnded,
    CallerWaiting,
    CallEvent,
    CallHeld,
    CallJoined,
    CallResumed,
    CallTransferred,
    KeyPressed,
    LineChosen,
    MessageLeft,
    Outcome,
    PhoneRang,
    PhoneStopped,
    SupervisionBegan,
    SupervisionEnded,
    TalkBegan,
    TalkEnded,
    TransferKind,
)
from hotline.ids import CallId, OfferId, Part, is_call_out, part_of
from hotline.lines import CalledLine
from telephony import outcomes
from telephony.callstates import (
    CALL,
    LEG,
    MODES,
    UNANSWERED,
    WATCH,
    CallHappening,
    CallState,
    LegHappening,
    LegState,
    WatchHappening,
    WatchState,
)
from telephony.channels import Line, Party, resource
from telephony.legs import Ledger, Leg, LiveCall, LivePhone, Transfer
from telephony.vocabulary import STATE_RINGING

__all__ = ["Call", "LiveCall", "LivePhone"]


class Call:
    """See the module's docstring. Until `announced`, nobody outside has heard of it."""

    __slots__ = (
        "abandoning", "announced", "answered_at", "arrived_at", "caller", "dialled", "held_by", "id",
        "in_line", "ledger", "legs", "line", "maybe_holding", "never_legs",
        "offered", "originated", "parties", "passing", "phones",
        "queue_gave_up", "state", "status", "subject", "successor", "transfer", "transferers",
        "waiting_since", "watches",
    )  # fmt: skip

    def __init__(self, line: Line, ledger: Ledger) -> None:
        self.line = line
        self.ledger = ledger
        self.id = CallId("")
        self.caller: Party | None = None
        self.subject: Party | None = None
        self.successor: Party | None = None
        self.parties: dict[Party, None] = {}
        self.legs: dict[Party, Leg] = {}
        self.never_legs: set[Party] = set()
        self.originated = False
        self.offered = False
        """Belongs to a call we have not seen yet; never reported by itself."""
        self.passing: Party | None = None
        """The channel from the other Asterisk whose call this belongs to."""
        self.announced = False
        self.abandoning = False
        """The caller is ringing off before anybody spoke with them."""
        self.queue_gave_up = False
        """app_queue let go of the caller: they rang off, or it did."""
        self.state = CallState.QUIET
        self.status = ""
        """The DialStatus of the caller's own phone, in a call that the system placed."""
        self.dialled: str | None = None
        self.arrived_at = ledger.at
        self.waiting_since: datetime | None = None
        self.in_line = False
        self.answered_at: datetime | None = None
        self.phones: list[Outcome] = []
        """What the phones of the present round of ringing said."""
        self.held_by: set[Party] = set()
        self.maybe_holding: set[Party] = set()
        """Found in the midst of a talk: nobody told us whether they hold."""
        self.transfer: Transfer | None = None
        self.transferers: set[Party] = set()
        self.watches: dict[Party, WatchState] = {}

    @property
    def ended(self) -> bool:
        return self.state is CallState.ENDED

    def look(self) -> LiveCall:
        """How it stands now. Only for announced calls."""
        assert self.caller is not None
        goes_on_with = self.subject or self.caller
        return LiveCall(
            self.id,
            goes_on_with.name,
            goes_on_with.number,
            self._dialled(),
            self.arrived_at,
            self.waiting_since,
            tuple(leg.look() for leg in self.legs.values() if leg.state is LegState.RINGING),
            tuple(leg.look() for leg in self.legs.values() if leg.state is LegState.TALKING),
            self.answered_at,
            self.originated,
        )

    # -- who belongs to it ------------------------------------------------------------------------

    def add(self, party: Party) -> None:
        self.parties[party] = None
        self.ledger.involve(party, self)

    def leg(self, party: Party) -> Leg:
        leg = self.legs.get(party)
        if leg is None:
            leg = self.legs[party] = Leg(party, self.ledger.at)
            self.ledger.involve(party, self)
        return leg

    def behind(self, phone: str) -> Party | None:
        """Who talks over the leg that was dialled to this phone, whoever it is by now; also nobody (a
        party that is not real) who has taken the place of one who talked."""
        for party in self.parties:
            leg, channel = self.legs.get(party), party.channel
            talks = leg is not None and leg.state is LegState.TALKING
            if channel.hung_up or channel.party is not party or resource(channel.name) != phone:
                continue
            if talks or not party.real:
                return party
        return None

    def may_be_rung(self, party: Party) -> bool:
        """Whether a phone that rings does so for the caller."""
        return party is not self.caller and party not in self.never_legs and not party.supervises

    def belongs_to(self, caller: Party) -> None:
        """This party is the caller."""
        self.caller = self.subject = caller
        self.id = self.id or CallId(caller.uid)
        self.legs.pop(caller, None)
        self.add(caller)

    def announce(self) -> None:
        """Tell the world, once it is sure whose call this is."""
        if self.announced or self.caller is None or self.offered or self.ended:
            return
        self.announced = True
        self.ledger.calls[self.id] = self
        self._line_up()
        self.ledger.events.append(
            CallArrived(
                self.id,
                self.arrived_at,
                self.caller.name,
                self.caller.number,
                self._dialled(),
                self.originated,
            )
        )

    def _dialled(self) -> str:
        exten = self.caller.exten if self.caller is not None and not self.originated else None
        return self.dialled or exten or ""

    def absorb(self, other: "Call", *, caller_is_leg: bool) -> None:
        """The other call turns out to be part of this one."""
        if other is self or other.ended or self.ended:
            return
        for party in other.parties:
            self.add(party)
        for party in other.legs:
            self.ledger.involve(party, self)
        other.release()
        theirs = other.caller
        if theirs is not None and theirs is not self.caller and not caller_is_leg:
            self.never_legs.add(theirs)
        for leg in other.legs.values():
            if leg.party is not self.caller and leg.party not in self.legs:
                self._take_over(leg)
        self.dialled = self.dialled or other.dialled
        if self.caller is None and theirs is not None and not self.offered:
            self.id = self.id or other.id
            self.belongs_to(theirs)
            self.originated = self.originated or other.originated
            self.arrived_at = min(self.arrived_at, other.arrived_at)
        if other.announced:
            self._speak_for(other)

    def _take_over(self, leg: Leg) -> None:
        """It may ring or talk anew for this call; what it did in the other one was told there."""
        mine = self.legs[leg.party] = Leg(leg.party, leg.since)
        mine.status = leg.status
        if leg.state is LegState.GONE:
            mine.state = LegState.GONE

    def _speak_for(self, other: "Call") -> None:
        if other.id == self.id:
            self.announced = True
            self.ledger.calls[self.id] = self
            self._line_up()
        else:
            self.announce()
            self.ledger.events.append(CallJoined(other.id, self.ledger.at, self.id))

    # -- what happens to it -----------------------------------------------------------------------

    def settle(self) -> None:
        """Draw the conclusions from where all parties now are."""
        if self.caller is None or self.subject is None or self.ended:
            return
        for party in self.parties:
            if party.channel.state != STATE_RINGING or not party.real or not party.alive:
                continue
            if self.may_be_rung(party):
                if not self.originated:
                    self.announce()
                self._leg_happens(self.leg(party), LegHappening.RING)
        peers = self.line.peers(self.subject)
        for party in peers:
            if party is not self.caller:
                self._leg_happens(self.leg(party), LegHappening.TALK)
        if any(part_of(party.offer) is Part.COUNSELOR for party in peers):
            self.part(keep=peers)

    def part(self, keep: Collection[Party] = ()) -> None:
        """Nobody but `keep` talks with the caller any more."""
        for leg in list(self.legs.values()):
            if leg.state is LegState.TALKING and leg.party not in keep:
                self._leg_happens(leg, LegHappening.PART)

    def hold(self, *, in_line: bool = False) -> None:
        """The caller is held for somebody; `in_line`: by our own hold loop, not by a queue."""
        self.announce()
        self.part()
        self.in_line = in_line
        self._happens(CallHappening.HOLD)
        self._line_up()

    def asks(self, what: type[CallBackAsked] | type[MessageLeft]) -> None:
        """The caller pressed a key while they wait."""
        self.announce()
        self._tell(what(self.id, self.ledger.at))

    def goes_to(self, line: CalledLine) -> None:
        """The caller is passed on to this line of ours."""
        self.announce()
        self._tell(LineChosen(self.id, self.ledger.at, line))

    def back_in_line(self) -> None:
        """A caller who had been transferred waits in line 111 again: nobody took the transfer."""
        self._tell_transfer(None)

    def loses_counselor(self, left: Party) -> None:
        """Whoever `left` talks with has fallen silent; they wait again in a moment. In a call of ours
        that is whom we had called: they are from now on what a caller is."""
        for leg in self.legs.values():
            leg.lost = leg.state is LegState.TALKING
        self.part()
        if left is not self.subject:
            self.subject = left
            self.dialled_again()

    def falls_silent(self, party: Party) -> None:
        """This phone, before its hang-up says that it is gone."""
        talking = [leg.party for leg in self.legs.values() if leg.state is LegState.TALKING]
        if self.originated and party is self.subject and talking:
            self.loses_counselor(talking[0])

    def release_caller(self) -> None:
        self._happens(CallHappening.RELEASE)

    def dialled_again(self) -> None:
        """A new round of ringing: what phones said before no longer explains the end."""
        if not any(leg.state in UNANSWERED for leg in self.legs.values()):
            self.phones.clear()
            self.queue_gave_up = False

    def dial_ended(self, party: Party, status: str) -> None:
        """What Dial said of one phone. app_queue ends each dial twice; the first time counts."""
        leg = self.legs.get(party)
        if party is self.caller:
            self.status = status
        elif leg is not None and not leg.status:
            leg.status = status
            if leg.state is LegState.GONE and status == "CANCEL":
                self.phones.append(Outcome.ABANDONED)  # its hang-up came first and told nothing

    def has_talked_with(self, party: Party) -> None:
        """The caller talked with this party over another channel of theirs (a consultation)."""
        self._leg_happens(self.leg(party), LegHappening.TALK)

    def pressed_hold(self, party: Party, *, holding: bool) -> None:
        leg = self.legs.get(party)
        talks = party is self.subject or (leg is not None and leg.state is LegState.TALKING)
        known = party in self.held_by or party not in self.maybe_holding
        self.maybe_holding.discard(party)
        if not talks or (known and holding is (party in self.held_by)):
            return
        if holding:
            self.held_by.add(party)
            self._tell(CallHeld(self.id, self.ledger.at, party.name))
        else:
            self.held_by.discard(party)
            self._tell(CallResumed(self.id, self.ledger.at, party.name))

    def pressed_key(self, party: Party, key: str) -> None:
        """Told of the one who is helped, while somebody talks with them."""
        talking = [leg.party for leg in self.legs.values() if leg.state is LegState.TALKING]
        helped = [self.caller]
        if self.originated:
            helped = [other for other in talking if part_of(other.offer) is Part.COUNSELOR]
        if talking and party in helped:
            self._tell(KeyPressed(self.id, self.ledger.at, key))

    def moved(self, kind: TransferKind, by: Party, exten: str, to: Party | None) -> None:
        """A transfer; with `to` unknown it is told as soon as somebody answers it."""
        if by in self.transferers:  # the same event once more: who transfers has left
            return
        self.transferers.add(by)
        self._tell_transfer(None)
        ringing = [leg.party for leg in self.legs.values() if leg.state is LegState.RINGING]
        self.transfer = Transfer(kind, by, exten, ringing)
        if to is not None:
            self._tell_transfer(to)

    def _tell_transfer(self, to: Party | None) -> None:
        transfer, self.transfer = self.transfer, None
        if transfer is None:
            return
        if to is None and len(transfer.rung) == 1:
            to = transfer.rung[0]
        name = to.name if to is not None else transfer.exten
        self.announce()
        by = transfer.by.name
        self._tell(CallTransferred(self.id, self.ledger.at, transfer.kind, by, name, transfer.exten))

    def watched(self, party: Party, happening: WatchHappening) -> None:
        """A supervisor begins to listen or whisper, or stops."""
        entry = WATCH.get((self.watches.get(party, WatchState.APART), happening))
        if entry is None:
            return
        state, kind = entry
        self.watches[party] = state
        name, at = party.name, self.ledger.at
        if kind is SupervisionBegan:
            offer = OfferId(party.offer) if party.offer is not None else None
            self._tell(SupervisionBegan(self.id, at, name, resource(name), MODES[state], offer))
        else:
            self._tell(SupervisionEnded(self.id, at, name, resource(name)))

    # -- how it ends ------------------------------------------------------------------------------

    def rings_off(self) -> None:
        """The caller's far end asks for the hang-up."""
        if any(leg.state in UNANSWERED and not leg.status for leg in self.legs.values()):
            self.abandoning = self.state is not CallState.TALKING

    def stopped(self, party: Party) -> None:
        """A party has hung up: a leg is gone, or the whole call is over."""
        self.held_by.discard(party)
        self.maybe_holding.discard(party)
        self.watched(party, WatchHappening.LEAVE)
        leg = self.legs.get(party)
        if leg is not None:
            self._leg_happens(leg, LegHappening.STOP)
        if party is not self.subject or self.ended:
            return
        successor = self._successor()
        if successor is None:
            self.end()
        else:
            self.subject = successor

    def _successor(self) -> Party | None:
        """Whom the call goes on with after its subject: one still talking on the caller's behalf."""
        if self.successor is not None and self.successor.alive:
            return self.successor
        for leg in self.legs.values():
            if leg.party.alive and self._goes_on_with(leg.party):
                for peer in self.line.peers(leg.party):
                    if peer is not self.subject and self._goes_on_with(peer):
                        return leg.party
        return None

    def _goes_on_with(self, party: Party) -> bool:
        """Interpreters and supervisors were there for the caller: without them the call is over."""
        return party in self.parties and part_of(party.offer) is Part.COUNSELOR

    def end(self, *, by_restart: bool = False) -> None:
        """Nothing is left of the call. Idempotent."""
        if self.ended:
            return
        self.announce()
        self._tell_transfer(None)
        cause = self.caller.channel.cause if self.caller is not None else 0
        outcome = Outcome.ANSWERED
        if self.answered_at is None:
            outcome = Outcome.FAILED if by_restart else self._outcome(cause)
        for leg in list(self.legs.values()):
            self._leg_happens(leg, LegHappening.STOP)
        for party in self.watches:
            self.watched(party, WatchHappening.LEAVE)
        self._happens(CallHappening.END, outcome, cause)
        self.release()

    def release(self) -> None:
        """Let go of all parties, without a word."""
        self.state = CallState.ENDED
        self._waits_no_more()
        if self.ledger.calls.get(self.id) is self:
            del self.ledger.calls[self.id]
        self.ledger.release((*self.parties, *self.legs), self)

    def _outcome(self, cause: int) -> Outcome:
        """Why nobody spoke with the caller."""
        if self.originated and self.caller is not None and not self.caller.up:
            return outcomes.of_phone(cause, self.status)
        if self.abandoning or self.state is CallState.WAITING:
            return Outcome.NO_ANSWER if is_call_out(self.id) else Outcome.ABANDONED
        phones = [*self.phones, *self._left_ringing()]
        if self.queue_gave_up and (not phones or cause in outcomes.CAUSES_OF_GIVING_UP):
            return Outcome.ABANDONED
        return outcomes.of_unanswered_call(cause, phones)

    def _left_ringing(self) -> list[Outcome]:
        """What can be said of the phones that have not hung up before the caller did."""
        return [
            outcomes.of_phone(0, leg.status) if leg.status else Outcome.ABANDONED
            for leg in self.legs.values()
            if leg.state in UNANSWERED and leg.party.alive and not leg.party.up
        ]

    # -- the tables at work -----------------------------------------------------------------------

    def _happens(
        self, happening: CallHappening, outcome: Outcome = Outcome.FAILED, cause: int = 0
    ) -> None:
        entry = CALL.get((self.state, happening))
        if entry is None:
            return
        self.state, kind = entry
        if self.state is not CallState.WAITING:
            self._waits_no_more()
        if kind is CallerWaiting:
            self.waiting_since = self.ledger.at
            self.abandoning = self.queue_gave_up = False
            self._tell(CallerWaiting(self.id, self.ledger.at))
        elif kind is CallEnded and self.announced:
            self.ledger.events.append(CallEnded(self.id, self.ledger.at, outcome, cause))

    def _waits_no_more(self) -> None:
        self.waiting_since, self.in_line = None, False
        self._line_up()

    def _line_up(self) -> None:
        """Keep the ledger's line right whenever what makes a call wait in it may have changed."""
        if not self.announced:
            return
        if self.in_line and self.state is CallState.WAITING:
            self.ledger.line_up(self.id, self.arrived_at)
        else:
            self.ledger.leave_line(self.id)

    def _leg_happens(self, leg: Leg, happening: LegHappening) -> None:
        entry = LEG.get((leg.state, happening))
        if entry is not None:
            leg.state, kind = entry
            if kind is not None:
                _TELL[kind](self, leg)

    def _phone_rang(self, leg: Leg) -> None:
        name = leg.party.name
        leg.since = self.ledger.at
        if self.transfer is not None:
            self.transfer.rung.append(leg.party)
        self._tell(PhoneRang(self.id, self.ledger.at, name, resource(name), leg.offer))

    def _talk_began(self, leg: Leg) -> None:
        self.announce()
        if self.transfer is not None and leg.party is not self.transfer.by:
            self._tell_transfer(leg.party)
        leg.since = self.ledger.at
        self.answered_at = self.answered_at or self.ledger.at
        self._happens(CallHappening.TALK)
        name = leg.party.name
        self._tell(TalkBegan(self.id, self.ledger.at, name, resource(name), leg.offer))

    def _talk_ended(self, leg: Leg) -> None:
        name = leg.party.name
        lost = leg.lost or leg.party.channel.cause == outcomes.FELL_SILENT
        self._tell(TalkEnded(self.id, self.ledger.at, name, resource(name), lost))
        if not any(other.state is LegState.TALKING for other in self.legs.values()):
            self._happens(CallHappening.PART)

    def _phone_stopped(self, leg: Leg) -> None:
        """Outcome answered means: elsewhere, by another phone. Not by whom is just leaving the caller to
        this one."""
        name, cause = leg.party.name, leg.party.channel.cause
        outcome = outcomes.of_phone(cause, leg.status)
        beside = part_of(leg.party.offer) in (Part.INTERPRETER, Part.COLLEAGUE)
        talks = self.state is CallState.TALKING and not beside and self.transfer is None
        if talks or cause == outcomes.ANSWERED_ELSEWHERE:
            outcome = Outcome.ANSWERED
        elif self._came_too_late(leg):
            outcome = Outcome.ABANDONED
        if outcome is not Outcome.ANSWERED and not beside:
            self.phones.append(outcome)
        self._tell(
            PhoneStopped(self.id, self.ledger.at, name, resource(name), outcome, cause, leg.offer)
        )

    def _came_too_late(self, leg: Leg) -> bool:
        """The caller has gone, or was ringing off just as an offer was picked up."""
        gone = self.caller is None or not self.caller.alive
        return self.abandoning or (gone and not leg.status) or (leg.offer is not None and leg.party.up)

    def _tell(self, event: CallEvent) -> None:
        if self.announced and not self.ended:
            self.ledger.events.append(event)


_TELL = {
    PhoneRang: Call._phone_rang,
    TalkBegan: Call._talk_began,
    TalkEnded: Call._talk_ended,
    PhoneStopped: Call._phone_stopped,
}
"""How each event of the legs' table is told."""
