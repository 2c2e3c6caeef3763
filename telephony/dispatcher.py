"""Decides and acts: offers waiting calls to free counselors, takes offers back, tells who missed one.

Owns the floor and the actions that follow from it; the switchboard owns the connection, the book and
the question whether we may act at all (`fresh`). Nothing here waits: actions leave at once, their
answers and everything that touches SQL are awaited beside the loop.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Engine

from hotline.clock import utc_now
from hotline.errors import HotlineError
from hotline.events import CallEvent, Outcome
from hotline.ids import CallId, OfferId, StaffId, is_call_out
from hotline.settings import Settings
from routing.choices import Choice
from routing.policy import decide, on_duty
from telephony import actions, drain
from telephony.ami import Ami, AmiActionFailed, AmiError, Headers, first
from telephony.callbook import Callbook
from telephony.calls import LiveCall
from telephony.desk_calls import DeskCalls
from telephony.floor import Floor, Heard, Offer
from telephony.wishes import Wishes

_log = structlog.get_logger()

SETTLED = timedelta(seconds=5)
"""How long after its ring time Asterisk may take to settle an offer."""
_AWAY_STATES = {"UNAVAILABLE", "INVALID", "UNKNOWN"}


class Dispatcher:
    """`fresh` says whether we may act on what the book says."""

    def __init__(self, settings: Settings, engine: Engine, fresh: Callable[[], bool]) -> None:
        self._settings = settings
        self._engine = engine
        self._fresh = fresh
        self._ami: Ami | None = None
        self._book = Callbook()
        self._floor = _floor(settings)
        self._greeted: set[CallId] = set()
        self._mirrored: frozenset[str] | None = None
        self._on_call: tuple[str, ...] | None = None
        self._on_call_mirrored: tuple[str, ...] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._desk_calls = DeskCalls(settings, engine, lambda: self._ami if fresh() else None)
        self._wishes = Wishes(settings.site, engine, fresh, self._beside)

    def begin(self, ami: Ami, book: Callbook) -> None:
        """A new reign over this connection: what was known before may be stale and is forgotten."""
        self._ami, self._book = ami, book
        self._wishes.begin(ami, book)
        self._floor = _floor(self._settings)
        self._greeted.clear()

    def end(self) -> None:
        """The connection is gone."""
        self._ami = None
        self._wishes.end()

    @property
    def knows_staff(self) -> bool:
        return bool(self._floor.people())

    # -- what is heard ----------------------------------------------------------------------------

    def hear(self, events: Iterable[CallEvent]) -> None:
        for event in events:
            self._follow(self._floor.hear(event))
            self._wishes.hear(event)

    def originate_response(self, headers: Headers, at: datetime) -> None:
        """Failure with Reason 0 is said of every offer that was not answered, before the leg's Hangup
        (Asterisk 22). Only where no leg was ever made (no contact) it is all that we hear."""
        asked = first(headers, "ActionID")
        if first(headers, "Response") != "Failure":
            return
        if is_call_out(asked) and CallId(asked) not in self._book.live:
            self._beside(self._desk_calls.failed(CallId(asked)))
        self._wishes.not_answered(OfferId(asked))
        offer = self._floor.offers.get(OfferId(asked))
        if offer is None:
            return
        call = self._book.live.get(offer.call_id)
        if call is None or all(leg.offer_id != offer.id for leg in call.ringing):
            self._follow(self._floor.offer_ended(offer.id, Outcome.FAILED, at))

    def device(self, phone: str, state: str) -> None:
        """Asterisk's device state of a phone."""
        self._follow(self._floor.phone_state(phone, state not in _AWAY_STATES))

    def after_snapshot(self, devices: Mapping[str, str], orphans: Sequence[str]) -> None:
        """Take over what rings already, and end what rings for nobody."""
        self._floor.offers_on_line(self._book.live)
        for phone, state in devices.items():
            self.device(phone, state)
        for channel in orphans:
            self._beside(self._hang_up(channel))
        self._mirrored = self._on_call_mirrored = None
        self._wishes.after_snapshot()

    def wished(self) -> None:
        """Somebody at a desk wants an interpreter, or to attend a talk."""
        self._beside(self._wishes.carry_out())

    def wrapped_up(self, staff_id: StaffId) -> None:
        self._floor.wrapped_up(staff_id)
        self.route()

    def calls_wished(self) -> None:
        """Somebody wants to call outside, or may: ring those whose phone is free."""
        if self._fresh():
            free = {person.phone for person in self._floor.people()} - self._book.phones_in_use
            self._beside(self._desk_calls.place(free, lambda who: self._floor.calls_out(who, utc_now())))

    async def load_staff(self) -> None:
        """Who takes calls, anew from SQL. Raises Unavailable."""
        people = await asyncio.to_thread(drain.load_people, self._engine)
        self._on_call = await asyncio.to_thread(drain.load_on_call, self._engine, self._settings.site)
        self._follow(self._floor.staffed(people))
        self.route()
        self.wished()  # whose signal may have been lost

    def staff_changed(self) -> None:
        self._beside(self.load_staff())

    def _follow(self, heard: Heard) -> None:
        """Do what the floor says must follow; nothing while out of step: it may be about the past."""
        if not self._fresh():
            return
        if heard.choices:
            self._beside(self._save(heard.choices))
        for offer in heard.withdraw:
            self._beside(self._hang_up(offer.id))

    # -- what is done -----------------------------------------------------------------------------

    def route(self) -> None:
        """Offer what waits to whoever is free; greet who must wait."""
        if self._ami is None or not self._fresh():
            return
        now, live = utc_now(), self._book.live
        waiting = self._floor.waiting(live)
        if waiting:
            for decision in decide(waiting, self._floor.counselors(self._book.phones_in_use, now), now):
                offer = self._floor.offered(decision, now)
                self._ring(self._ami, offer, live[decision.call_id])
                _log.info(
                    "offer",
                    call_id=offer.call_id,
                    offer_id=offer.id,
                    staff_id=offer.staff_id,
                    reason=decision.reasons,
                )
            for call in self._floor.waiting(live):
                if call.call_id not in self._greeted:
                    self._greeted.add(call.call_id)
                    self._beside(actions.greet(self._ami, live[call.call_id].channel))
        self._greeted &= live.keys()

    def _ring(self, ami: Ami, offer: Offer, call: LiveCall) -> None:
        """The action leaves now, before anything else is done; its answer is heard beside the loop."""
        try:
            answer = actions.ring(ami, offer, call.channel, call.number, self._settings.ring_seconds)
        except AmiError:
            return  # the connection is gone; the next snapshot says what came of it
        self._beside(self._ring_answered(offer, answer))

    async def _ring_answered(self, offer: Offer, answer: Coroutine[Any, Any, Headers]) -> None:
        try:
            await answer
        except AmiActionFailed as error:
            _log.warning("offer_refused", offer_id=offer.id, error=error)
            self._follow(self._floor.offer_ended(offer.id, Outcome.FAILED, utc_now()))
            self.route()

    async def _hang_up(self, channel: str) -> None:
        if self._ami is not None:
            await actions.hang_up(self._ami, channel)

    async def _save(self, choices: Sequence[tuple[StaffId, Choice]]) -> None:
        await asyncio.to_thread(drain.save_choices, self._engine, choices, utc_now())
        await self.load_staff()

    def tick(self, until_next: float) -> None:
        """Now and then: offers Asterisk forgot, wrap-ups and shifts that ended, the queue's mirror.

        `until_next`: seconds to the next tick; a counselor who gets free before it is not kept waiting.
        """
        now = utc_now()
        patience = timedelta(seconds=self._settings.ring_seconds) + SETTLED
        for offer in self._floor.overdue(now, patience):
            _log.warning("offer_overdue", offer_id=offer.id)
            self._follow(self._floor.offer_ended(offer.id, Outcome.ABANDONED, now))
        self.route()
        free_at = self._floor.next_free_at(now)
        if free_at is not None and (wait := (free_at - now).total_seconds()) < until_next:
            asyncio.get_running_loop().call_later(wait + 0.001, self.route)
        self._mirror(now)

    def _mirror(self, now: datetime) -> None:
        """Keep the fallback queue's members equal to who is on duty, and whom to ring when nobody is.

        Who talks or wraps up stays a member: the queue rings no phone in use, and a counselor whose talk
        ends while no switchboard lives is rung again.
        """
        rung = {offer.phone for offer in self._floor.offers.values()}
        wanted = frozenset(
            each.phone
            for each in self._floor.counselors((), now)
            if on_duty(each, now) or each.phone in rung
        )
        if self._ami is not None and self._on_call not in (None, self._on_call_mirrored):
            self._on_call_mirrored = self._on_call
            self._beside(actions.mirror_on_call(self._ami, self._on_call or ()))
        if wanted != self._mirrored and self._ami is not None:
            self._mirrored = wanted
            self._beside(actions.mirror_queue(self._ami, wanted))

    def _beside(self, work: Coroutine[object, object, None]) -> None:
        """Run it beside the loop; a failure is logged and hurts nobody else."""
        task = asyncio.get_running_loop().create_task(_guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _floor(settings: Settings) -> Floor:
    return Floor(timedelta(seconds=settings.wrap_up_seconds), settings.trafficking_numbers)


async def _guarded(work: Coroutine[object, object, None]) -> None:
    try:
        await work
    except HotlineError as error:
        _log.warning("side_work_failed", error=error)
