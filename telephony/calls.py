"""One call: its caller, the phones rung for it, who talks, and how it ends. Two tables, no ifs.

Theory. A call belongs to one party, its *caller*: who dialled in, or for a call that the system placed,
who was rung first. Every other real party that is rung for it or hears its caller is a *leg*. What
Asterisk tells is reduced to a few *happenings*, and two tables say what each does:

    leg     CALLED, RINGING, TALKING, APART, GONE   x  RING, TALK, PART, STOP
    call    QUIET, WAITING, TALKING, ENDED          x  HOLD, RELEASE, TALK, PART, END

A pair missing from a table changes nothing: that is how duplicate, late and reordered events are
harmless. Talk is never inferred from dialling, only from hearing one another (`channels.Line.peers`).
A leg that leaves the caller's bridge keeps TALKING until it hangs up, or the caller hears somebody else
or waits again: optimising Local channels takes parties out of bridges and back without a break.

The *subject* is the party the call goes on with: the caller, or once the caller has transferred the
other side away, that other side. The call ends with its subject.

Facts come in through `telephony.callbook`; what follows from them goes out as `hotline.events`.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, auto

from hotline.events import (
    CallArrived,
    CallEnded,
    CallerWaiting,
    CallEvent,
    CallHeld,
    CallJoined,
    CallResumed,
    CallTransferred,
    Outcome,
    PhoneRang,
    PhoneStopped,
    TalkBegan,
    TalkEnded,
    TransferKind,
)
from hotline.ids import CallId, OfferId
from telephony import outcomes
from telephony.channels import Line, Party, resource
from telephony.messages import STATE_RINGING


class LegState(Enum):
    CALLED = auto()
    RINGING = auto()
    TALKING = auto()
    APART = auto()
    """Has talked, and may again."""
    GONE = auto()


class LegHappening(Enum):
    RING = auto()
    TALK = auto()
    PART = auto()
    STOP = auto()


class CallState(Enum):
    QUIET = auto()
    """Neither held for somebody nor talking: a menu, a phone rung directly, between two talks."""
    WAITING = auto()
    TALKING = auto()
    ENDED = auto()


class CallHappening(Enum):
    HOLD = auto()
    RELEASE = auto()
    TALK = auto()
    PART = auto()
    END = auto()


_S, _H = LegState, LegHappening
_LEG: dict[tuple[LegState, LegHappening], tuple[LegState, type[CallEvent] | None]] = {
    (_S.CALLED, _H.RING): (_S.RINGING, PhoneRang),
    (_S.CALLED, _H.TALK): (_S.TALKING, TalkBegan),
    (_S.CALLED, _H.STOP): (_S.GONE, PhoneStopped),
    (_S.RINGING, _H.TALK): (_S.TALKING, TalkBegan),
    (_S.RINGING, _H.STOP): (_S.GONE, PhoneStopped),
    (_S.TALKING, _H.PART): (_S.APART, TalkEnded),
    (_S.TALKING, _H.STOP): (_S.GONE, TalkEnded),
    (_S.APART, _H.TALK): (_S.TALKING, TalkBegan),
    (_S.APART, _H.STOP): (_S.GONE, None),
}
_C, _D = CallState, CallHappening
_CALL: dict[tuple[CallState, CallHappening], tuple[CallState, type[CallEvent] | None]] = {
    (_C.QUIET, _D.HOLD): (_C.WAITING, CallerWaiting),
    (_C.QUIET, _D.TALK): (_C.TALKING, None),
    (_C.QUIET, _D.END): (_C.ENDED, CallEnded),
    (_C.WAITING, _D.RELEASE): (_C.QUIET, None),
    (_C.WAITING, _D.TALK): (_C.TALKING, None),
    (_C.WAITING, _D.END): (_C.ENDED, CallEnded),
    (_C.TALKING, _D.HOLD): (_C.WAITING, CallerWaiting),
    (_C.TALKING, _D.PART): (_C.QUIET, None),
    (_C.TALKING, _D.END): (_C.ENDED, CallEnded),
}


_UNANSWERED = frozenset({LegState.CALLED, LegState.RINGING})


class Ledger:
    """Where all calls write what happened, in order; `at` is the time of the message being folded.

    `calls` are those announced and not ended.
    """

    __slots__ = ("at", "calls", "events")

    def __init__(self) -> None:
        self.at = datetime.min.replace(tzinfo=UTC)
        self.events: list[CallEvent] = []
        self.calls: dict[CallId, Call] = {}

    def take(self) -> list[CallEvent]:
        """What has been written since the last time."""
        events, self.events = self.events, []
        return events


@dataclass(frozen=True, slots=True)
class LivePhone:
    """A phone of a live call, ringing or talking since then."""

    phone: str
    channel: str
    offer_id: OfferId | None
    since: datetime


@dataclass(frozen=True, slots=True)
class LiveCall:
    """A live call as it stands. `waiting_since` is None unless it is held for a counselor now."""

    call_id: CallId
    channel: str
    number: str | None
    dialled: str
    arrived_at: datetime
    waiting_since: datetime | None
    ringing: tuple[LivePhone, ...]
    talking: tuple[LivePhone, ...]
    answered_at: datetime | None
    outbound: bool


class Leg:
    """A party's part in one call. `since` is when it began to ring, or to talk."""

    __slots__ = ("party", "since", "state", "status")

    def __init__(self, party: Party, since: datetime) -> None:
        self.party = party
        self.since = since
        self.state = LegState.CALLED
        self.status = ""
        """The DialStatus that Asterisk reported for it."""


@dataclass(slots=True)
class Transfer:
    """A transfer whose target is not known yet."""

    kind: TransferKind
    by: Party
    exten: str
    rung: list[Party]


class Call:
    """See the module's docstring. Until `announced`, nobody outside has heard of it."""

    __slots__ = (
        "abandoning", "announced", "answered_at", "arrived_at", "caller", "dialled", "held_by", "id",
        "ledger", "legs", "line", "never_legs", "offered", "originated", "parties", "phones",
        "queue_gave_up", "state", "status", "subject", "successor", "transfer", "transferers", "waiting_since",
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
        self.answered_at: datetime | None = None
        self.phones: list[Outcome] = []
        """What the phones of the present round of ringing said."""
        self.held_by: set[Party] = set()
        self.transfer: Transfer | None = None
        self.transferers: set[Party] = set()

    @property
    def ended(self) -> bool:
        return self.state is CallState.ENDED

    def add(self, party: Party) -> None:
        self.parties[party] = None
        party.calls[self] = None

    def belongs_to(self, caller: Party) -> None:
        """This party is the caller."""
        self.caller = self.subject = caller
        self.id = self.id or CallId(caller.uid)
        leg = self.legs.pop(caller, None)
        if leg is None:
            self.add(caller)

    def announce(self) -> None:
        """Tell the world, once it is sure whose call this is."""
        if self.announced or self.caller is None or self.offered or self.ended:
            return
        self.announced = True
        self.ledger.calls[self.id] = self
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

    def look(self) -> LiveCall:
        """How it stands now. Only for announced calls."""
        assert self.caller is not None
        return LiveCall(
            self.id,
            self.caller.name,
            self.caller.number,
            self._dialled(),
            self.arrived_at,
            self.waiting_since,
            self._phones(LegState.RINGING),
            self._phones(LegState.TALKING),
            self.answered_at,
            self.originated,
        )

    def _phones(self, state: LegState) -> tuple[LivePhone, ...]:
        return tuple(
            LivePhone(resource(leg.party.name), leg.party.name, _offer(leg), leg.since)
            for leg in self.legs.values()
            if leg.state is state
        )

    def _dialled(self) -> str:
        exten = self.caller.exten if self.caller is not None and not self.originated else None
        return self.dialled or exten or ""

    def leg(self, party: Party) -> Leg:
        leg = self.legs.get(party)
        if leg is None:
            leg = self.legs[party] = Leg(party, self.ledger.at)
            party.calls[self] = None
        return leg

    def settle(self) -> None:
        """Draw the conclusions from where all parties now are."""
        if self.caller is None or self.subject is None or self.ended:
            return
        for party in self.parties:
            if party.channel.state != STATE_RINGING or not party.real or not party.alive:
                continue
            if party is not self.caller and party not in self.never_legs:
                self._leg_happens(self.leg(party), LegHappening.RING)
        peers = self.line.peers(self.subject)
        for party in peers:
            if party is not self.caller:
                self._leg_happens(self.leg(party), LegHappening.TALK)
        if peers:
            self.part(keep=peers)

    def part(self, keep: list[Party] | None = None) -> None:
        """Nobody but `keep` talks with the caller any more."""
        for leg in list(self.legs.values()):
            if leg.state is LegState.TALKING and (keep is None or leg.party not in keep):
                self._leg_happens(leg, LegHappening.PART)

    def hold(self) -> None:
        """The caller is held for somebody."""
        self.announce()
        self.part()
        self._happens(CallHappening.HOLD)

    def rings_off(self) -> None:
        """The caller's far end asks for the hang-up."""
        if any(leg.state in _UNANSWERED and not leg.status for leg in self.legs.values()):
            self.abandoning = self.state is not CallState.TALKING

    def release(self) -> None:
        self._happens(CallHappening.RELEASE)

    def dialled_again(self) -> None:
        """A new round of ringing: what phones said before no longer explains the end."""
        if not any(leg.state in _UNANSWERED for leg in self.legs.values()):
            self.phones.clear()
            self.queue_gave_up = False

    def pressed_hold(self, party: Party, holding: bool) -> None:
        leg = self.legs.get(party)
        talks = party is self.subject or (leg is not None and leg.state is LegState.TALKING)
        if not talks or not self.announced or holding is (party in self.held_by):
            return
        if holding:
            self.held_by.add(party)
            self._tell(CallHeld(self.id, self.ledger.at, party.name))
        else:
            self.held_by.discard(party)
            self._tell(CallResumed(self.id, self.ledger.at, party.name))

    def stopped(self, party: Party) -> None:
        """A party has hung up: a leg is gone, or the whole call is over."""
        self.held_by.discard(party)
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
            if leg.party.alive and leg.party in self.parties:
                for peer in self.line.peers(leg.party):
                    if peer in self.parties and peer is not self.subject:
                        return leg.party
        return None

    def moved(self, kind: TransferKind, by: Party, exten: str, to: Party | None) -> None:
        """A transfer; with `to` unknown it is told as soon as somebody answers it."""
        if by in self.transferers:  # the same event once more: who transfers has left
            return
        self.transferers.add(by)
        self._tell_transfer(None)
        self.transfer = Transfer(kind, by, exten, [])
        if to is not None:
            self._tell_transfer(to)
        else:
            for leg in self.legs.values():
                if leg.state is LegState.RINGING:
                    self.transfer.rung.append(leg.party)

    def _tell_transfer(self, to: Party | None) -> None:
        transfer, self.transfer = self.transfer, None
        if transfer is None:
            return
        if to is None and len(transfer.rung) == 1:
            to = transfer.rung[0]
        name = to.name if to is not None else transfer.exten
        self.announce()
        self._tell(CallTransferred(self.id, self.ledger.at, transfer.kind, transfer.by.name, name))

    def absorb(self, other: "Call", *, caller_is_leg: bool) -> None:
        """The other call turns out to be part of this one."""
        if other is self or other.ended or self.ended:
            return
        for party in other.parties:
            self.add(party)
        for party in (*other.parties, *other.legs):
            party.calls.pop(other, None)
            party.calls[self] = None
        gone = other.caller
        if gone is not None and gone is not self.caller and not caller_is_leg:
            self.never_legs.add(gone)
        for leg in other.legs.values():
            if leg.party is not self.caller and leg.party not in self.legs:
                self._take_over(leg)
        self.dialled = self.dialled or other.dialled
        other.state = CallState.ENDED
        if self.caller is None and gone is not None and not self.offered:
            self._take_caller_of(other)
        if other.announced and other.id != self.id:
            self.announce()
            self.ledger.events.append(CallJoined(other.id, self.ledger.at, self.id))
        elif other.announced:
            self.announced = True
            self.ledger.calls[self.id] = self
        if other.id != self.id:
            other._leave_ledger()

    def _take_over(self, leg: Leg) -> None:
        mine = self.legs[leg.party] = Leg(leg.party, leg.since)
        mine.status = leg.status
        if leg.state is LegState.GONE:
            mine.state = LegState.GONE

    def _take_caller_of(self, other: "Call") -> None:
        if other.caller is not None:
            self.id = self.id or other.id
            self.belongs_to(other.caller)
            self.originated = self.originated or other.originated
            self.arrived_at = min(self.arrived_at, other.arrived_at)

    def has_talked_with(self, party: Party) -> None:
        """The caller talked with this party over another channel of theirs (a consultation)."""
        self._leg_happens(self.leg(party), LegHappening.TALK)

    def end(self, *, by_restart: bool = False) -> None:
        """Nothing is left of the call. Idempotent."""
        if self.ended:
            return
        self.announce()
        self._tell_transfer(None)
        cause = self.caller.channel.cause if self.caller is not None else 0
        outcome = Outcome.FAILED if by_restart else self._outcome(cause)
        if self.answered_at is not None:
            outcome = Outcome.ANSWERED
        for leg in list(self.legs.values()):
            if leg.state is not LegState.GONE:
                self._leg_happens(leg, LegHappening.STOP)
        self._happens(CallHappening.END, outcome, cause)
        self.forget()

    def forget(self) -> None:
        """Let go of all parties, without a word."""
        self.state = CallState.ENDED
        self._leave_ledger()
        for party in (*self.parties, *self.legs):
            party.calls.pop(self, None)

    def _leave_ledger(self) -> None:
        if self.ledger.calls.get(self.id) is self:
            del self.ledger.calls[self.id]

    def _outcome(self, cause: int) -> Outcome:
        """Why nobody spoke with the caller."""
        if self.originated and self.caller is not None and not self.caller.up:
            return outcomes.of_phone(cause, self.status)
        if self.abandoning or self.state is CallState.WAITING:
            return Outcome.ABANDONED
        phones = [*self.phones, *(self._left_ringing())]
        if self.queue_gave_up and (not phones or cause in outcomes.CAUSES_OF_GIVING_UP):
            return Outcome.ABANDONED
        return outcomes.of_unanswered_call(cause, phones)

    def _left_ringing(self) -> list[Outcome]:
        """What can be said of the phones that have not hung up before the caller did."""
        return [
            outcomes.of_phone(0, leg.status) if leg.status else Outcome.ABANDONED
            for leg in self.legs.values()
            if leg.state in _UNANSWERED and leg.party.alive and not leg.party.up
        ]

    def _happens(
        self, happening: CallHappening, outcome: Outcome = Outcome.FAILED, cause: int = 0
    ) -> None:
        entry = _CALL.get((self.state, happening))
        if entry is None:
            return
        self.state, kind = entry
        if self.state is not CallState.WAITING:
            self.waiting_since = None
        elif kind is CallerWaiting:
            self.waiting_since = self.ledger.at
            self.abandoning = self.queue_gave_up = False
            self._tell(CallerWaiting(self.id, self.ledger.at))
        if kind is CallEnded and self.announced:
            self.ledger.events.append(CallEnded(self.id, self.ledger.at, outcome, cause))

    def _leg_happens(self, leg: Leg, happening: LegHappening) -> None:
        entry = _LEG.get((leg.state, happening))
        if entry is None:
            return
        leg.state, kind = entry
        if kind is PhoneRang:
            leg.since = self.ledger.at
            if self.transfer is not None:
                self.transfer.rung.append(leg.party)
            self._tell_phone_rang(leg)
        elif kind is TalkBegan:
            self._talk_began(leg)
        elif kind is TalkEnded:
            self._tell(TalkEnded(self.id, self.ledger.at, leg.party.name, resource(leg.party.name)))
            if not any(other.state is LegState.TALKING for other in self.legs.values()):
                self._happens(CallHappening.PART)
        elif kind is PhoneStopped:
            self._phone_stopped(leg)

    def _tell_phone_rang(self, leg: Leg) -> None:
        name = leg.party.name
        self._tell(PhoneRang(self.id, self.ledger.at, name, resource(name), _offer(leg)))

    def _talk_began(self, leg: Leg) -> None:
        self.announce()
        if self.transfer is not None and leg.party is not self.transfer.by:
            self._tell_transfer(leg.party)
        leg.since = self.ledger.at
        self.answered_at = self.answered_at or self.ledger.at
        self._happens(CallHappening.TALK)
        name = leg.party.name
        self._tell(TalkBegan(self.id, self.ledger.at, name, resource(name), _offer(leg)))

    def _phone_stopped(self, leg: Leg) -> None:
        """Answered means: elsewhere, by another phone."""
        name, cause = leg.party.name, leg.party.channel.cause
        outcome = outcomes.of_phone(cause, leg.status)
        if self.state is CallState.TALKING or cause == outcomes.ANSWERED_ELSEWHERE:
            outcome = Outcome.ANSWERED
        elif self.abandoning or (not leg.status and not self._caller_is_there()):
            outcome = Outcome.ABANDONED
        if outcome is not Outcome.ANSWERED:
            self.phones.append(outcome)
        self._tell(
            PhoneStopped(self.id, self.ledger.at, name, resource(name), outcome, cause, _offer(leg))
        )

    def _caller_is_there(self) -> bool:
        return self.caller is not None and self.caller.alive

    def _tell(self, event: CallEvent) -> None:
        if self.announced and not self.ended:
            self.ledger.events.append(event)


def _offer(leg: Leg) -> OfferId | None:
    return OfferId(leg.party.offer) if leg.party.offer is not None else None
