"""Decides and acts: offers waiting calls to free counselors, takes offers back, tells who missed one.

Owns the floor and the actions that follow from it; each site's follower owns the connection, the book
and the question whether we may act there at all (`Site.fresh`). Nothing here waits: actions leave at
once, their answers and everything that touches SQL are awaited beside the loop.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Engine

from hotline.callers import Known
from hotline.clock import utc_now
from hotline.errors import HotlineError
from hotline.events import CallEvent, CallTransferred, CounselorChosen, Outcome, TransferKind
from hotline.ids import CallId, OfferId, StaffId, is_call_out
from hotline.settings import Settings
from routing.choices import Choice
from routing.policy import Decision, Load, Pool, Steering, WaitingCall, decisions
from telephony import actions, drain
from telephony.alarm_calls import AlarmCalls
from telephony.ami import AmiActionFailed, AmiError, Headers, first
from telephony.calls import LiveCall
from telephony.desk_calls import DeskCalls
from telephony.floor import Floor, Heard
from telephony.lookups import Lookups
from telephony.mirrors import Mirrors
from telephony.offers import Offer
from telephony.site import Site, Sites
from telephony.wishes import Wishes

_log = structlog.get_logger()

SETTLED = timedelta(seconds=5)
"""How long after its ring time Asterisk may take to settle an offer."""
UNHEARD_SECONDS = 1.0
"""How much later than the failure of an Originate what its leg did may be heard: events of channels go
another way through Asterisk, and under load the failure overtakes even the leg's first ringing."""
_AWAY_STATES = {"UNAVAILABLE", "INVALID", "UNKNOWN"}


Tell = Callable[[Sequence[CallEvent]], None]
"""Where to write down what the router itself does: the journal."""


class Dispatcher:
    """Acts at the sites that may be acted on: a site out of step, or cut off, is left to itself."""

    def __init__(self, settings: Settings, engine: Engine, sites: Sites, tell: Tell) -> None:
        self._settings = settings
        self._engine = engine
        self._sites = sites
        self._tell = tell
        self._floor = _floor(settings)
        self._to_greet: set[CallId] = set()
        """Who waits and has not been greeted: mostly those who are just being offered to somebody."""
        self._steering = Steering(limit=timedelta(seconds=settings.overflow_seconds))
        self._mean_talk: timedelta | None = None
        self._chosen: list[CallEvent] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._staff_turn = asyncio.Lock()
        self._staff_to_come: asyncio.Task[None] | None = None
        self._choices_said = self._unsaved = 0
        """How often the line has said something about counselors, and how often SQL was not told yet."""
        self._desk_calls = DeskCalls(settings, engine, tell)
        self._alarm_calls = AlarmCalls(settings, engine, sites)
        self._wishes = {site.code: Wishes(site, engine, self._beside) for site in sites.all}
        self._mirrors = Mirrors(sites, self._beside)
        self._lookups = Lookups(
            engine, sites, lambda: self._floor.offers.calls, self._learned, self._beside
        )

    def begin(self, site: Site) -> None:
        """A new reign over this site: what was known of it before may be stale and is forgotten."""
        self._wishes[site.code].begin()
        if any(other.active for other in self._sites.all if other is not site):
            self._floor.forget_offers(site.owns)
            self._floor.callers.forget_lines(site.owns)
        else:
            self._floor = _floor(self._settings)
            self._floor.steered(self._steering)
        self._to_greet = {call_id for call_id in self._to_greet if not site.owns(call_id)}

    @property
    def knows_staff(self) -> bool:
        return bool(self._floor.people())

    # -- what is heard ----------------------------------------------------------------------------

    def hear(self, site: Site, events: Iterable[CallEvent]) -> None:
        for event in events:
            self._follow(site, self._floor.hear(event))
            self._wishes[site.code].hear(event)
            if isinstance(event, CallTransferred):
                self._transferred(site, event)
        for channel in site.book.ghosts():
            _log.warning("caller_was_gone", site=site.code)
            self._beside(self._hang_up(site, channel))

    def _transferred(self, site: Site, event: CallTransferred) -> None:
        """Who was asked first, or rang already, got the caller without any dialplan of the caller's."""
        call, ami = site.book.live.get(event.call_id), site.hand
        if event.kind is TransferKind.BLIND or ami is None or call is None:
            return
        if call.talking:  # else they are back in line 111
            self._beside(actions.record_anew(ami, call.channel))

    def passed_on(self) -> list[CallEvent]:
        """What became of callers whom a counselor of another site has passed on there (an attended
        transfer): their own site's Asterisk sees nothing of it. Safe to ask at any time."""
        happened: list[CallEvent] = []
        for site in self._sites.all:
            for passing in site.book.passings():
                home = self._sites.of_call(passing.call_id)
                if passing.leads_elsewhere and home.in_step:
                    events = home.book.hand_over(passing)
                    self.hear(home, events)
                    happened += events
        return happened

    def originate_response(self, site: Site, headers: Headers, at: datetime) -> None:
        """Failure with Reason 0 is said of every offer that was not answered (Asterisk 22), before or
        after what its leg did. Only where no leg was ever made (no contact) it is all that we hear."""
        asked = first(headers, "actionid")
        if first(headers, "response") != "Failure":
            return
        if is_call_out(asked) and CallId(asked) not in site.book.live:
            self._beside(self._desk_calls.failed(CallId(asked)))
        self._wishes[site.code].not_answered(OfferId(asked))
        self._alarm_calls.not_answered(OfferId(asked), at)
        if OfferId(asked) in self._floor.offers:
            later = asyncio.get_running_loop().call_later
            later(UNHEARD_SECONDS, self._never_rang, site, OfferId(asked), utc_now())

    def _never_rang(self, site: Site, offer_id: OfferId, failed_at: datetime) -> None:
        """An offer whose leg has been heard of has ended with it, or will."""
        offer = self._floor.offers.get(offer_id)
        call = site.book.live.get(offer.call_id) if offer else None
        if offer and (call is None or all(leg.offer_id != offer_id for leg in call.ringing)):
            self._follow(site, self._floor.offer_ended(offer_id, Outcome.FAILED, failed_at))
            self.route()

    def device(self, site: Site, phone: str, state: str) -> None:
        """Asterisk's device state of a phone. Of another site's phone it means nothing."""
        if self._sites.of_phone(phone) is site:
            self._follow(site, self._floor.phone_state(phone, state not in _AWAY_STATES, utc_now()))

    def phone_answers(self, site: Site, phone: str, at: datetime) -> None:
        """Asterisk reaches a phone that has registered anew, or had not answered for a while. (Its
        device state may come and go so fast that Asterisk 22.10 is silent about it.)"""
        if self._sites.of_phone(phone) is site:
            self._floor.phone_answers(phone, at)

    def after_snapshot(self, site: Site, orphans: Sequence[str]) -> None:
        """Take over what rings already, and end what rings for nobody."""
        self._floor.offers_on_line(site.book.live, site.owns)
        for channel in orphans:
            self._beside(self._hang_up(site, channel))
        self._to_greet |= site.book.waiting().keys()
        self._lookups.want(site.book.waiting())
        self._mirrors.forget(site)
        self._wishes[site.code].after_snapshot()
        self._mirrors.keep_credentials(site)

    def wished(self) -> None:
        """Somebody at a desk wants an interpreter, or to attend a talk."""
        for wishes in self._wishes.values():
            self._beside(wishes.carry_out())

    def wrapped_up(self, staff_id: StaffId) -> None:
        self._floor.wrapped_up(staff_id)
        self.route()

    def calls_wished(self) -> None:
        """Somebody wants to call outside, or may: ring those whose phone is free."""
        free = {person.phone for person in self._floor.people()} - self._sites.phones_in_use()
        for site in self._sites.all:
            here = {phone for phone in free if self._sites.of_phone(phone) is site}
            if site.fresh and here:
                self._beside(
                    self._desk_calls.place(site, here, lambda who: self._floor.calls_out(who, utc_now()))
                )

    async def load_staff(self) -> None:
        """Who takes calls, anew from SQL. Raises Unavailable.

        One read at a time, for all who asked before it began: an older answer never undoes a newer one.
        """
        if self._staff_to_come is None:
            self._staff_to_come = asyncio.create_task(self._load_staff_in_turn())
        await asyncio.shield(self._staff_to_come)

    async def _load_staff_in_turn(self) -> None:
        async with self._staff_turn:
            self._staff_to_come = None  # who asks from now on may know of something newer
            await self._load_staff()

    async def _load_staff(self) -> None:
        if self._unsaved:
            return  # what is read now may be older than what the line said; `_save` comes back
        said = self._choices_said
        codes = [site.code for site in self._sites.all]
        limit = timedelta(seconds=self._settings.overflow_seconds)
        patience = timedelta(seconds=self._settings.shift_alarm_seconds)
        staffing = await asyncio.to_thread(
            drain.load_staffing, self._engine, codes, limit, patience, utc_now()
        )
        if said != self._choices_said:
            return  # the line has said something since; `_save` comes back
        self._mirrors.on_call = staffing.on_call
        self._mirrors.credentials = staffing.credentials
        self._mirrors.shut = staffing.shut
        known = self._floor.staffed(
            replace(person, site=self._sites.of_phone(person.phone).code) for person in staffing.people
        )
        if self._sites.fresh:
            self._carry_out(known)
            self._beside(self._alarm_calls.heed(staffing.short))
        self.steered(staffing.steering)
        self.route()
        for site in self._sites.all:
            self._mirrors.keep_credentials(site)
        self.wished()  # whose signal may have been lost

    async def put_states_back(self) -> None:
        """Whom a shift lead has set a state for a time that is over. Raises Unavailable."""
        await asyncio.to_thread(drain.put_states_back, self._engine, utc_now())

    async def load_memory(self) -> None:
        """What everybody has done in this shift, and what is known of numbers. Raises Unavailable."""
        memory = await asyncio.to_thread(drain.load_memory, self._engine, utc_now())
        self._floor.worked(memory.work)
        self._floor.callers.remember(memory.callers)
        self._mean_talk = memory.talk

    def steered(self, steering: Steering) -> None:
        """What the shift leads want from now on."""
        if steering != self._steering:
            self._steering = steering
            self._floor.steered(steering)
            self.route()

    def alarm_sounded(self) -> None:
        """Somebody is to be rung for an alarm."""
        if self._sites.fresh:
            self._beside(self._alarm_calls.sounded())

    def alarm_noted(self, offer_id: OfferId) -> None:
        """Somebody who was rung for an alarm has pressed 1."""
        self._beside(self._alarm_calls.noted(offer_id))

    def staff_changed(self) -> None:
        self._beside(self.load_staff())

    def _follow(self, site: Site, heard: Heard) -> None:
        """Do what the floor says must follow; nothing while out of step: it may be about the past."""
        if site.fresh:
            self._carry_out(heard)

    def _carry_out(self, heard: Heard) -> None:
        if heard.choices:
            self._choices_said += 1
            self._unsaved += 1
            self._beside(self._save(heard.choices))
        for offer in heard.withdraw:
            self._beside(self._hang_up(self._sites.of_call(offer.call_id), offer.id))

    # -- what is done -----------------------------------------------------------------------------

    def route(self) -> None:
        """Offer what waits to whoever is free; greet who must wait."""
        for call_id, since in self._sites.line_moves():
            if since is None:
                self._floor.callers.leaves_line(call_id)
                self._to_greet.discard(call_id)
                self._lookups.drop(call_id)
            else:
                self._floor.callers.lines_up(call_id, since)
                self._to_greet.add(call_id)
                self._lookups.want([call_id])
        self._offer()
        for call_id in self._to_greet - self._floor.offers.calls:
            call = self._sites.find(call_id)
            if call is not None and self._sites.of_call(call_id).fresh and self._floor.waiting([call]):
                self._to_greet.discard(call_id)
                self._beside(self._greet(call))
        self._lookups.go_on()

    def _offer(self) -> None:
        now = utc_now()
        pool = self._look(now)
        lines = {home: len(line.since) for home, line in self._floor.callers.lines.items()}
        load = Load(lines, self._mean_talk)
        for decision in decisions(self._longest_waiting(pool.reach(now)), pool, now, load):
            offer = self._floor.offered(decision, now)
            if (call := self._sites.find(decision.call_id)) is not None:
                self._ring(offer, call)
            self._say_why(offer, decision)

    def _look(self, now: datetime) -> Pool:
        """Who could be rung just now."""
        self._floor.stir(self._sites.phones_stirred())
        self._floor.look(now, self._sites.vacant)
        return self._floor.pool

    def _say_why(self, offer: Offer, decision: Decision) -> None:
        """To SQL by way of the journal: after what is being heard just now is in it."""
        who, why = offer.staff_id, decision.reasons
        if not self._chosen:
            asyncio.get_running_loop().call_soon(self._write_down)
        self._chosen.append(CounselorChosen(offer.call_id, offer.made_at, offer.id, who, " ".join(why)))

    def _write_down(self) -> None:
        chosen, self._chosen = self._chosen, []
        self._tell(chosen)

    def _learned(self, known: Mapping[CallId, Known]) -> None:
        self._floor.callers.learn(known)
        self.route()

    def _longest_waiting(self, many: int) -> list[WaitingCall]:
        """Of each home queue the first `many` for whom nobody is being rung, nuisance numbers not
        counted: the router cannot serve more, and of a thousand who wait only these are looked at. Of
        each, for those of one may be left to their own center while others are free."""
        if not many:
            return []
        return [each for line in self._floor.callers.lines.values() for each in self._first(line, many)]

    def _first(self, line: Iterable[CallId], many: int) -> list[WaitingCall]:
        found: list[WaitingCall] = []
        for call_id in line:
            site = self._sites.of_call(call_id)
            if call_id in self._floor.offers.calls or not site.fresh:
                continue
            if (call := site.book.live.get(call_id)) is not None:
                for each in self._floor.waiting([call]):
                    found.append(replace(each, site=site.code))
                    many -= not each.known.lowered
            if many == 0:
                break
        return found

    def _ring(self, offer: Offer, call: LiveCall) -> None:
        """The action leaves now, before anything else is done; its answer is heard beside the loop."""
        site = self._sites.of_call(call.call_id)
        if site.ami is None:
            return
        try:
            answer = actions.ring(
                site.ami,
                offer,
                call.channel,
                call.number,
                self._settings.ring_seconds,
                elsewhere=self._sites.of_phone(offer.phone) is not site,
            )
        except AmiError:
            return  # the connection is gone; the next snapshot says what came of it
        self._beside(self._ring_answered(site, offer, answer))

    async def _ring_answered(
        self, site: Site, offer: Offer, answer: Coroutine[Any, Any, Headers]
    ) -> None:
        try:
            await answer
        except AmiActionFailed as error:
            _log.warning("offer_refused", offer_id=offer.id, error=error)
            self._follow(site, self._floor.offer_ended(offer.id, Outcome.FAILED, utc_now()))
            self.route()

    async def _greet(self, call: LiveCall) -> None:
        if (ami := self._sites.of_call(call.call_id).ami) is not None:
            await actions.greet(ami, call.channel)

    async def _hang_up(self, site: Site, channel: str) -> None:
        if site.ami is not None:
            await actions.hang_up(site.ami, channel)

    async def _save(self, choices: Sequence[tuple[StaffId, Choice]]) -> None:
        try:
            await asyncio.to_thread(drain.save_choices, self._engine, choices, utc_now())
        finally:
            self._unsaved -= 1
        await self.load_staff()

    def tick(self, site: Site, until_next: float) -> None:
        """Now and then: offers Asterisk forgot or that ring at a site that is gone, wrap-ups and shifts
        that ended, the queue's mirror.

        `until_next`: seconds to the next tick; a counselor who gets free before it is not kept waiting.
        """
        now = utc_now()
        patience = timedelta(seconds=self._settings.ring_seconds) + SETTLED
        out = self._floor.offers.values()
        lost = [each for each in out if self._sites.rings_for_nobody(each.call_id, each.phone)]
        for offer in (*self._floor.overdue(now, patience), *lost):
            _log.warning("offer_overdue", offer_id=offer.id)
            self._follow(site, self._floor.offer_ended(offer.id, Outcome.ABANDONED, now))
        self.route()
        free_at = self._floor.next_free_at(now)
        if free_at is not None and (wait := (free_at - now).total_seconds()) < until_next:
            asyncio.get_running_loop().call_later(wait + 0.001, self.route)
        counselors, rung = self._floor.counselors.values(), self._floor.offers.phones
        self._mirrors.keep(site, counselors, rung, self._steering, now)

    def _beside(self, work: Coroutine[object, object, None]) -> None:
        """Run it beside the loop; a failure is logged and hurts nobody else."""
        task = asyncio.get_running_loop().create_task(_guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _floor(settings: Settings) -> Floor:
    return Floor(settings.wrap_up, settings.trafficking_numbers, settings.partner_numbers)


async def _guarded(work: Coroutine[object, object, None]) -> None:
    try:
        await work
    except HotlineError as error:
        _log.warning("side_work_failed", error=error)
