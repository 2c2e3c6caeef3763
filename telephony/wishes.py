"""Carries out what desks wish of a running talk, and keeps its caller from being left with nobody.

Rings interpreters and shift leads (`intake.calls.line_wishes`), and takes a caller whom the counselor
has left with an interpreter back into line 111: a collaborator is no counselor, and does not know what
the caller has told. Acts like the dispatcher: only while fresh, nothing waits, SQL in threads.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from hotline import bus, interpreters, staff
from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.dialing import is_phone
from hotline.errors import BadInput, Conflict
from hotline.events import CallEnded, CallEvent, CallJoined, PhoneStopped, TalkBegan, TalkEnded
from hotline.ids import CallId, OfferId, Part, part_of
from intake.calls import line_wishes
from intake.calls.line_wishes import SUPERVISING, TAKING, Wanted, Wish
from telephony import actions
from telephony.ami import Ami, AmiError
from telephony.callbook import LiveCall
from telephony.site import Site
from telephony.tasks import Beside

_log = structlog.get_logger()

RING_SECONDS = 30
ALONE_SECONDS = 0.5
"""A transfer takes the counselor out of the bridge an instant before the next one is in it."""


@dataclass(frozen=True, slots=True)
class Errand:
    """A wish with the phone or number that it is about, from SQL; None when that is not to be had."""

    wish: Wish
    dial: str | None


class Wishes:
    """What is wished at one site. `beside` runs something beside the loop."""

    def __init__(
        self,
        site: Site,
        engine: Engine,
        beside: Beside,
    ) -> None:
        self._site = site
        self._engine = engine
        self._beside = beside
        self._legs: dict[OfferId, Wish] = {}

    def begin(self) -> None:
        """A new reign: what was asked for before is on the line, or lost."""
        self._legs.clear()

    # -- wishes -----------------------------------------------------------------------------------

    async def carry_out(self) -> None:
        """Take the wishes about our calls from SQL and act on each. Raises Unavailable."""
        if self._site.hand is None:
            return
        for errand in await asyncio.to_thread(_take, self._engine, self._site.code):
            try:
                await self._do(errand)
            except (AmiError, Conflict) as error:
                _log.warning("wish_failed", offer_id=errand.wish.offer_id, error=error)
                await self._failed(errand.wish.offer_id)

    async def _do(self, errand: Errand) -> None:
        wish, ami = errand.wish, self._site.hand
        if ami is not None and wish.wanted in _OF_A_LEG:
            await self._change(ami, errand)
            return
        call = self._site.book.live.get(wish.call_id)
        counselor = counselor_of(call) if call is not None else None
        fits = call is not None and (is_held(call) if wish.wanted is Wanted.TAKE else counselor)
        if ami is None or call is None or not fits or errand.dial is None:
            raise Conflict("it is not as it was when this was wished, or there is no phone to ring")
        if wish.wanted in SUPERVISING and self._site.book.is_up(wish.offer_id):
            await actions.attend(ami, wish.offer_id, wish.wanted)
            return
        self._legs[wish.offer_id] = wish
        leg = actions.Leg(wish.offer_id, errand.dial, wish.call_id, call.channel, RING_SECONDS)
        if wish.wanted in (Wanted.INTERPRET, Wanted.ACCOMPANY):
            await actions.join(ami, leg)
        elif wish.wanted in TAKING:
            await actions.take(ami, leg, call.number, over=wish.wanted is Wanted.TAKE_OVER)
        elif counselor is not None:
            await actions.supervise(ami, leg, wish.wanted, counselor, _left(wish))

    async def _change(self, ami: Ami, errand: Errand) -> None:
        """What becomes of a leg that is there, or rings."""
        wish = errand.wish
        if wish.wanted is Wanted.LEAVE:
            await actions.hang_up(ami, wish.offer_id)
        elif wish.wanted is Wanted.STAY:
            await actions.stay(ami, wish.offer_id, _left(wish))
        else:
            call = self._site.book.live.get(wish.call_id)
            if call is None or all(leg.offer_id != wish.offer_id for leg in call.talking):
                raise Conflict("the lead does not talk with this caller")
            self._legs.pop(wish.offer_id, None)
            if errand.dial is None:
                await actions.back_to_line(ami, call.channel)
            else:
                await actions.pass_on(ami, wish.offer_id, errand.dial)

    def not_answered(self, offer_id: OfferId) -> None:
        """The phone was not picked up, or could not even be rung."""
        if self._legs.pop(offer_id, None) is not None:
            self._beside(self._failed(offer_id))

    async def _failed(self, offer_id: OfferId) -> None:
        await asyncio.to_thread(_fail, self._engine, offer_id)

    # -- the caller ---------------------------------------------------------------------------------

    def hear(self, event: CallEvent) -> None:
        match event:
            case CallEnded(call_id=call_id) | CallJoined(call_id=call_id):
                for wish in [each for each in self._legs.values() if each.call_id == call_id]:
                    self._take_back_leg(wish.offer_id)
            case TalkBegan(call_id=call_id, offer_id=offer_id):
                self._look_at(call_id)
                for wish in list(self._legs.values()):
                    late = wish.wanted is Wanted.TAKE and wish.offer_id != offer_id
                    if wish.call_id == call_id and late:
                        self._take_back_leg(wish.offer_id)
                        self._beside(self._failed(wish.offer_id))
            case PhoneStopped(call_id=call_id):
                self._look_at(call_id)
            case TalkEnded(call_id=call_id):
                self._look_at(call_id)
                self._say_two_again(call_id)

    def _take_back_leg(self, offer_id: OfferId) -> None:
        """What it was to ring for is not there any more."""
        del self._legs[offer_id]
        if (ami := self._site.hand) is not None:
            self._beside(actions.hang_up(ami, offer_id))

    def after_snapshot(self) -> None:
        """What happened while nobody listened."""
        for call_id in self._site.book.live:
            self._look_at(call_id)

    def _look_at(self, call_id: CallId) -> None:
        call = self._site.book.live.get(call_id)
        if call is not None and is_left(call):
            asyncio.get_running_loop().call_later(ALONE_SECONDS, self._take_back, call_id)

    def _say_two_again(self, call_id: CallId) -> None:
        """Who is left is the counselor, or the colleague whom they left with the caller: from now on
        their hanging up ends the call."""
        call = self._site.book.live.get(call_id)
        ami = self._site.hand
        if call is not None and _alone(call) and ami is not None:
            self._beside(actions.two_again(ami, call.channel))

    def _take_back(self, call_id: CallId) -> None:
        call = self._site.book.live.get(call_id)
        ami = self._site.hand
        if call is not None and is_left(call) and ami is not None:
            _log.warning("caller_left_with_interpreter", call_id=call_id)
            self._beside(actions.back_to_line(ami, call.channel))


_OF_A_LEG = frozenset({Wanted.LEAVE, Wanted.STAY, Wanted.GIVE_BACK})


def _left(wish: Wish) -> int:
    """Seconds until a lead's leg ends by itself; a second at least, as zero would be for ever."""
    ends = wish.expires_at or utc_now()
    return max(1, round((ends - utc_now()).total_seconds()))


def _talking(call: LiveCall) -> set[Part]:
    return {part_of(leg.offer_id) for leg in call.talking}


def _alone(call: LiveCall) -> bool:
    """One of ours talks with the caller, and nobody else."""
    return len(call.talking) == 1 and _talking(call) <= {Part.COUNSELOR, Part.COLLEAGUE}


def is_left(call: LiveCall) -> bool:
    """No counselor hears the caller, and none is being rung for them (a transfer). In a call of ours
    the caller is the counselor."""
    if call.outbound:
        return False
    rung = {part_of(leg.offer_id) for leg in call.ringing}
    return _talking(call) == {Part.INTERPRETER} and Part.COUNSELOR not in rung


def is_held(call: LiveCall) -> bool:
    """The caller waits for somebody."""
    return not call.outbound and call.waiting_since is not None


def counselor_of(call: LiveCall) -> str | None:
    """The channel of the counselor in this talk: never an outside party's, who would hear a whisper."""
    if call.outbound:
        return call.channel if call.talking else None
    ours = (Part.COUNSELOR, Part.COLLEAGUE)
    talking = [leg for leg in call.talking if part_of(leg.offer_id) in ours and is_phone(leg.phone)]
    talking.sort(key=lambda leg: ours.index(part_of(leg.offer_id)))
    return talking[0].channel if talking else None


def _take(engine: Engine, site: str) -> Sequence[Errand]:
    """Mostly nothing is wished for, and nothing is locked then."""
    now = utc_now()
    with reading(engine) as session:
        if not line_wishes.any_waits(session, site, now):
            return ()
    with transaction(engine) as session:
        return [Errand(wish, _dial(session, wish)) for wish in line_wishes.take(session, site, now)]


def _dial(session: Session, wish: Wish) -> str | None:
    """What is to be dialled: the interpreter, the colleague, or the shift lead who asked. Of a caller
    who is given back: the name of the counselor's phone, None for the line."""
    if wish.wanted is Wanted.GIVE_BACK:
        return staff.one(session, wish.colleague_id).phone if wish.colleague_id is not None else None
    if wish.interpreter_id is None:
        invited = wish.colleague_id if wish.wanted is Wanted.ACCOMPANY else None
        phone = staff.one(session, invited or wish.staff_id).phone
        return actions.phone(phone) if phone else None
    who = interpreters.one(session, wish.interpreter_id)
    try:
        return actions.phone(who.phone) if who.phone else actions.outside(who.number or "")
    except BadInput:
        return None


def _fail(engine: Engine, offer_id: OfferId) -> None:
    with transaction(engine) as session:
        signals = line_wishes.fail(session, offer_id)
    bus.publish(signals)
