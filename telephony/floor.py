"""The floor: who could take a call right now, and which offers are out. Pure; remembers, never acts.

Folds call events and the counselors' choices into what `routing.policy` asks for. The book
(`telephony.callbook`) says what is on the line; the floor adds what only we know: offers made but not
yet seen on the line, wrap-up, phones out of reach; and of the callers (`telephony.waiting`) who did not
take them. It may be thrown away at any moment: everything in it but wrap-up and refusals comes back from
SQL and Asterisk.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from heapq import heappop, heappush

from hotline.events import (
    CallArrived,
    CallEnded,
    CallEvent,
    CallJoined,
    LineChosen,
    Outcome,
    PhoneStopped,
    TalkBegan,
    TalkEnded,
)
from hotline.ids import CallId, OfferId, Part, Phone, StaffId, new_offer_id, part_of
from routing.choices import Choice
from routing.policy import Counselor, Decision, Pool, Steering, WaitingCall
from routing.rest_rules import Rest
from routing.shifts import Duty
from telephony.callbook import LiveCall
from telephony.channels import resource
from telephony.offers import Offer, Offers
from telephony.reach import Reach
from telephony.rests import Rests
from telephony.waiting import Callers

PULLING = timedelta(seconds=3)
"""How long after an offer was picked up elsewhere the talk may take to begin."""
BUSY_REST = timedelta(seconds=5)
"""How long a phone that said busy (its owner rang somebody themselves) is left alone."""
DIALLING = timedelta(seconds=3)
"""Until then a call that the desk asked for is seen on the line."""


@dataclass(frozen=True, slots=True)
class Person:
    """A counselor as the roster and their own choice have them."""

    staff_id: StaffId
    phone: Phone
    duty: tuple[Duty, ...]
    """Their shifts around now."""
    choice: Choice
    since: datetime
    skills: frozenset[str] = frozenset()
    site: str = ""
    """The PBX of their phone."""
    center: str = ""
    """Code of where they belong."""
    languages: frozenset[str] = frozenset()
    """Spoken besides Vietnamese."""
    rest: Rest | None = None
    """Their last one, as the desk has it."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a counselor has done in this shift."""

    calls: int = 0
    talked: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Heard:
    """What follows from an event: choices to set in SQL, offers to take back."""

    choices: tuple[tuple[StaffId, Choice], ...] = ()
    withdraw: tuple[Offer, ...] = ()


_NOTHING = Heard()
_NO_WORK = Work()
_AFTER: Mapping[Outcome, Choice] = {
    Outcome.NO_ANSWER: Choice.MISSED,
    Outcome.REJECTED: Choice.MISSED,
    Outcome.FAILED: Choice.PHONE_AWAY,
}
"""What a counselor becomes after an offer that ended so. Busy rests; abandoned is the caller's doing."""


class Floor:
    """See the module. All times are aware UTC."""

    def __init__(self, wrap_up: timedelta, trafficking: str = "", partners: str = "") -> None:
        self.callers = Callers(trafficking, partners)
        self._work: Mapping[StaffId, Work] = {}
        self._people: dict[StaffId, Person] = {}
        self._by_phone: dict[str, StaffId] = {}
        self._reach = Reach()
        self._turns: dict[StaffId, datetime] = {}
        """Since when they are free whose phone alone went away: they keep their place."""
        self._rests = Rests(wrap_up, self._rests_until)
        self._withdrawn: set[OfferId] = set()
        self._picked_up: dict[OfferId, datetime] = {}
        self._between_colleagues: set[CallId] = set()
        self._calls_out: dict[CallId, StaffId] = {}
        """Calls of ours to the outside, and who asked for them."""
        self.offers = Offers()
        self.pool = Pool()
        self.counselors: dict[StaffId, Counselor] = {}
        """Everybody; like `pool`, as of the last time that `look` was called."""
        self._stirred: set[StaffId] = set()
        """About whom something may have changed since."""
        self._wakes: list[tuple[datetime, StaffId]] = []
        """When time alone will change something about them: a heap."""

    def staffed(self, people: Iterable[Person]) -> Heard:
        """Everybody who takes calls, as SQL has them now. Who rings and is not among them has left: what
        was offered to them is taken back."""
        before, self._people = self._people, {person.staff_id: person for person in people}
        self._by_phone = {person.phone: person.staff_id for person in self._people.values()}
        self._stirred |= before.keys() - self._people.keys()
        for staff_id, person in self._people.items():
            if before.get(staff_id) != person:
                self._stirred.add(staff_id)
                for duty in person.duty:
                    self._wake(duty.starts, staff_id)
                    self._wake(duty.ends, staff_id)
            self._rests.hear(staff_id, person.rest)
        for staff_id in self._turns.keys() - self._available():
            del self._turns[staff_id]
        heard = self._corrected(self._people.values())
        return replace(heard, withdraw=self._left(before.keys() - self._people.keys()))

    def _left(self, gone: Set[StaffId]) -> tuple[Offer, ...]:
        """What still rings at theirs; the caller is offered to somebody else when it has stopped."""
        ringing = tuple(
            offer
            for offer in self.offers.values()
            if offer.staff_id in gone and offer.id not in self._picked_up
        )
        self._withdrawn |= {offer.id for offer in ringing}
        return ringing

    def _available(self) -> set[StaffId]:
        """Who wants to be rung, their phone there or not."""
        wanted = (Choice.AVAILABLE, Choice.PHONE_AWAY)
        return {who for who, person in self._people.items() if person.choice in wanted}

    def worked(self, work: Mapping[StaffId, Work]) -> None:
        """What everybody has done in this shift, as SQL has it now."""
        before, self._work = self._work, work
        everybody = before.keys() | work.keys()
        self._stirred |= {each for each in everybody if before.get(each) != work.get(each)}

    def steered(self, steering: Steering) -> None:
        """What the shift leads want from now on."""
        self.pool = Pool(steering)
        self.stir()

    def people(self) -> Sequence[Person]:
        return tuple(self._people.values())

    def phone_state(self, phone: str, reachable: bool, at: datetime) -> Heard:
        """Asterisk says that a phone came or went."""
        person = self._people.get(self._by_phone.get(phone, StaffId(0)))
        if self._reach.told(phone, at, there=reachable):
            self.stir([phone])
        return self._corrected([person] if person else [])

    def phone_answers(self, phone: str, at: datetime) -> None:
        """It has registered anew, and answers: if it fell silent, it is back."""
        who = self._by_phone.get(phone)
        if who is not None and self._rests.is_back(who, at):
            self._stirred.add(who)

    def _corrected(self, people: Iterable[Person]) -> Heard:
        """Whose choice and phone disagree chooses otherwise."""
        choices = tuple(self._corrections(people))
        for staff_id, choice in choices:
            if choice is Choice.PHONE_AWAY:
                self._turns.setdefault(staff_id, self._people[staff_id].since)
            self._chooses(staff_id, choice)
        return Heard(choices)

    def _chooses(self, staff_id: StaffId, choice: Choice) -> None:
        """At once: SQL may take its time."""
        if person := self._people.get(staff_id):
            self._people[staff_id] = replace(person, choice=choice)
            self._stirred.add(staff_id)

    def _corrections(self, people: Iterable[Person]) -> Iterator[tuple[StaffId, Choice]]:
        for person in people:
            choice = self._reach.correction(person.phone, person.choice, person.since)
            if choice is not None:
                yield person.staff_id, choice

    def offered(self, decision: Decision, now: datetime) -> Offer:
        """Take the decision down as an offer that is out from now on."""
        offer = Offer(new_offer_id(), decision.call_id, decision.staff_id, decision.phone, now)
        self._is_out(offer)
        return offer

    def _is_out(self, offer: Offer) -> None:
        self.offers.add(offer)
        self._stirred.add(offer.staff_id)

    def forget_offers(self, of: Callable[[CallId], bool]) -> None:
        """What was offered for these calls is not known any more."""
        for offer in [each for each in self.offers.values() if of(each.call_id)]:
            self._settled(offer.id)

    def offers_on_line(self, live: Mapping[CallId, LiveCall], of: Callable[[CallId], bool]) -> None:
        """After a fresh snapshot: the offers that are out for these calls are the legs that ring."""
        self.forget_offers(of)
        for call_id, call in live.items():
            for leg in call.ringing:
                who = self._by_phone.get(leg.phone)
                if leg.offer_id and who is not None and part_of(leg.offer_id) is Part.COUNSELOR:
                    self._is_out(Offer(leg.offer_id, call_id, who, Phone(leg.phone), leg.since))

    def wrapped_up(self, staff_id: StaffId) -> None:
        """This counselor is done with the last call's record."""
        self._rests.end(staff_id)
        self._stirred.add(staff_id)

    def calls_out(self, staff_id: StaffId, now: datetime) -> None:
        """This counselor's own phone is being rung for a call they asked for."""
        self._rests.put(staff_id, max(self._rests.until(staff_id) or now, now + DIALLING))

    def _rests_until(self, staff_id: StaffId, until: datetime) -> None:
        self._stirred.add(staff_id)
        self._wake(until, staff_id)

    def hear(self, event: CallEvent) -> Heard:
        """Fold one call event in."""
        if isinstance(event, CallArrived):
            self.callers.arrived(event)
        match event:
            case PhoneStopped(offer_id=offer_id, outcome=outcome) if offer_id is not None:
                return self.offer_ended(offer_id, outcome, event.at)
            case PhoneStopped(phone=phone, outcome=outcome) if phone in self._by_phone:
                if outcome not in (Outcome.ANSWERED, Outcome.ABANDONED):  # a transfer, not taken
                    self.callers.refused(event.call_id, self._by_phone[phone])
            case TalkBegan():
                return self._talk_began(event)
            case CallArrived(channel=channel, dialled=dialled) if dialled in self._by_phone:
                if resource(channel) in self._by_phone:
                    self._between_colleagues.add(event.call_id)
            case CallArrived(channel=channel, outbound=True) if resource(channel) in self._by_phone:
                self._calls_out[event.call_id] = self._by_phone[resource(channel)]
            case TalkEnded(call_id=call_id, phone=phone) if self._is_outside(call_id, phone):
                self._after_talk(self._calls_out[call_id], event)
            case TalkEnded(phone=phone) if self._is_followed_by_a_record(event.call_id, phone):
                self._after_talk(self._by_phone[phone], event)
            case LineChosen(line=line):
                self.callers.passed_to(event.call_id, line)
            case CallEnded() | CallJoined():
                self.callers.ended(event.call_id)
                self._between_colleagues.discard(event.call_id)
                self._calls_out.pop(event.call_id, None)
                return self._take_back(event.call_id)
        return _NOTHING

    def _is_outside(self, call_id: CallId, phone: str) -> bool:
        """Whether the one talked with is whom the desk called: the talk is that of who asked for it."""
        return call_id in self._calls_out and phone not in self._by_phone

    def _after_talk(self, who: StaffId, talk: TalkEnded) -> None:
        if talk.lost:
            self.callers.lost(talk.call_id, who)
        self._rests.after_talk(who, talk, self._people[who].rest)

    def _is_followed_by_a_record(self, call_id: CallId, phone: str) -> bool:
        """After a talk with a colleague there is nothing to write down."""
        return phone in self._by_phone and call_id not in self._between_colleagues

    def offer_ended(self, offer_id: OfferId, outcome: Outcome, at: datetime) -> Heard:
        """An offer came to nothing, or (answered, elsewhere) was picked up on another phone."""
        if outcome is Outcome.ANSWERED and offer_id in self.offers and offer_id not in self._withdrawn:
            self._picked_up[offer_id] = at  # who picked it up talks in a moment: nobody else is rung
            return _NOTHING
        self._picked_up.pop(offer_id, None)
        offer = self._settled(offer_id)
        if offer is None or offer_id in self._withdrawn:
            self._withdrawn.discard(offer_id)
            return _NOTHING
        if outcome is Outcome.ABANDONED:  # the caller's doing; the leg may ring on
            return Heard(withdraw=(offer,))
        self.callers.refused(offer.call_id, offer.staff_id)
        if outcome is Outcome.BUSY:
            self._rests.put(offer.staff_id, at + BUSY_REST)
        if outcome is Outcome.FAILED:
            self._reach.failed(offer.phone, at)
            person = self._people.get(offer.staff_id)
            if person and self._reach.has(offer.phone, person.since):
                return _NOTHING  # it is back, or its owner has said so
            self._turns.pop(offer.staff_id, None)
        choice = _AFTER.get(outcome)
        if choice is None:
            return _NOTHING
        self._chooses(offer.staff_id, choice)
        return Heard(choices=((offer.staff_id, choice),))

    def _talk_began(self, event: TalkBegan) -> Heard:
        """One counselor has the caller: every other offer for this call is taken back."""
        who = self._by_phone.get(event.phone)
        self.callers.spoke(event.call_id, who)
        talks = who or self._calls_out.get(event.call_id)
        if talks is not None:
            self._rests.talks(talks)
        self._settled(event.offer_id or OfferId(""))
        return self._take_back(event.call_id)

    def _settled(self, offer_id: OfferId) -> Offer | None:
        """This offer is out no more."""
        offer = self.offers.pop(offer_id)
        if offer is not None:
            self._stirred.add(offer.staff_id)
        return offer

    def _take_back(self, call_id: CallId) -> Heard:
        for offer_id in list(self._picked_up):
            if offer_id not in self.offers or self.offers[offer_id].call_id == call_id:
                del self._picked_up[offer_id]
                self._settled(offer_id)
        late = self.offers.of_call(call_id)
        self._withdrawn |= {offer.id for offer in late}
        return Heard(withdraw=late)

    def overdue(self, now: datetime, patience: timedelta) -> tuple[Offer, ...]:
        """Offers that Asterisk should have settled by now and did not."""
        return tuple(
            offer
            for offer in self.offers.values()
            if now - offer.made_at > patience or now - self._picked_up.get(offer.id, now) > PULLING
        )

    def waiting(self, held: Iterable[LiveCall]) -> list[WaitingCall]:
        """Those of the held calls that are not being offered to anybody."""
        out = self.offers.calls
        return [
            self.callers.waiting(call)
            for call in held
            if call.call_id not in out and not self._rung(call)
        ]

    def _rung(self, call: LiveCall) -> bool:
        """A counselor is being rung for it. An interpreter's phone that still rings keeps no counselor
        from the caller, nor does the mobile of somebody on call: whoever comes on duty is quicker."""
        return any(
            leg.phone in self._by_phone and part_of(leg.offer_id) is Part.COUNSELOR
            for leg in call.ringing
        )

    def look(self, now: datetime, vacant: Callable[[Phone], bool]) -> None:
        """Bring `pool` and `counselors` up to now. `vacant`: whether this phone may be rung, with no
        channel at Asterisk, whoever it is with and ringing or not yet; asked only of whom `stir` named
        and whom anything else has stirred."""
        while self._wakes and self._wakes[0][0] <= now:
            self._stirred.add(heappop(self._wakes)[1])
        for staff_id in self._stirred:
            person = self._people.get(staff_id)
            if person is None:
                self.pool.remove(staff_id)
                self.counselors.pop(staff_id, None)
                continue
            engaged = person.phone in self.offers.phones or not vacant(person.phone)
            self.counselors[staff_id] = counselor = self._counselor(person, now, engaged=engaged)
            self.pool.put(counselor, now)
        self._stirred.clear()

    def stir(self, phones: Iterable[str] | None = None) -> None:
        """Something is not as it was with these phones, or with all."""
        if phones is None:
            self._stirred |= self._people.keys()
        else:
            self._stirred |= {self._by_phone[phone] for phone in phones if phone in self._by_phone}

    def _wake(self, at: datetime, staff_id: StaffId) -> None:
        heappush(self._wakes, (at, staff_id))

    def _counselor(self, person: Person, now: datetime, *, engaged: bool) -> Counselor:
        since = self._turns.get(person.staff_id, person.since)
        busy_until = self._rests.until(person.staff_id) or since
        work = self._work.get(person.staff_id, _NO_WORK)
        return Counselor(
            staff_id=person.staff_id,
            phone=person.phone,
            duty=person.duty,
            choice=person.choice,
            reachable=self._reach.has(person.phone, person.since),
            engaged=engaged or busy_until > now,
            skills=person.skills,
            free_since=max(since, busy_until),
            site=person.site,
            center=person.center,
            languages=person.languages,
            calls=work.calls,
            talked=work.talked,
            free_at=busy_until if busy_until > now and not engaged else None,
            yields=self._rests.yields(person.staff_id),
        )

    def next_free_at(self, now: datetime) -> datetime | None:
        """When the next wrap-up or rest ends, if one is running."""
        return self._rests.next_end(now)
