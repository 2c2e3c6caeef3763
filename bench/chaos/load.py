"""A bounded load of real calls: callers with their own minds, and counselors' phones that pick up.

What became of each caller is seen from outside, by SIP and by ear; nothing here asks the switchboard or
its database.
"""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from hotline.clock import utc_now
from telephony.softphone import Caller, SoftPhone
from telephony.softphone.incoming import IncomingCall
from tests.pbx import Pbx, phone_tone

PICK_UP_SECONDS = 0.6
_PATIENT_SECONDS = 40.0
"""Who is not impatient and nobody has answered after that was lost by us."""
_HEAR_SECONDS = 5.0
_OVER_SECONDS, _PARTED_SECONDS = 5.0, 40.0
_AFTERWARDS_SECONDS = 3.0
"""Calls go on coming so long after the fault is over."""
_MOST_CALLS = 60


class Fate(StrEnum):
    ANSWERED = "answered"
    """Heard a counselor, and the talk ended when one of the two rang off."""
    ABANDONED = "abandoned"
    """Rang off before anybody picked up."""
    DROPPED = "dropped"
    """The line ended the call, or nobody ever picked up."""
    DIED = "died"
    """Was held by the very Asterisk, or talked on a phone of it, that was killed."""


@dataclass(slots=True)
class Told:
    """One caller. `number` is theirs alone."""

    number: str
    site: str
    placed_at: datetime
    fate: Fate | None = None
    phone: str = ""
    phone_free_at: datetime | None = None
    """When that phone had nothing more of this call."""
    why: str = ""


class Harmed(Protocol):
    """The site whose Asterisk was killed, or whose link was cut, or nothing."""

    dead: str
    parted: str


@dataclass
class Load:
    """Callers ring any of `pbxs`; `phones` pick up by themselves."""

    pbxs: Sequence[Pbx]
    phones: Sequence[SoftPhone]
    dice: random.Random
    first_number: int
    rate: float
    """Calls a second."""
    harmed: "Harmed"
    told: list[Told] = field(default_factory=list)

    async def run(self, calls: int, fault_over: "asyncio.Future[None]") -> None:
        """Place at least `calls`, on until a while after the fault is over; return when all ended."""
        living: list[asyncio.Task[None]] = []
        enough_at = float("inf")
        while len(living) < calls or (time.monotonic() < enough_at and len(living) < _MOST_CALLS):
            if fault_over.done() and enough_at == float("inf"):
                enough_at = time.monotonic() + _AFTERWARDS_SECONDS
            pbx = self.dice.choice([pbx for pbx in self.pbxs if pbx.settings.site != self.harmed.dead])
            one = Told(f"0{self.first_number + len(living)}", pbx.settings.site, utc_now())
            self.told.append(one)
            mind = random.Random(self.dice.random())
            living.append(asyncio.create_task(self._live(pbx, one, mind)))
            await asyncio.sleep(self.dice.uniform(0.5, 1.5) / self.rate)
        await asyncio.gather(*living)

    async def _live(self, pbx: Pbx, one: Told, mind: random.Random) -> None:
        """One caller, from the first ring to the end. One in five has little patience."""
        caller = await pbx.call(one.number)
        patience = mind.uniform(0.3, 2.0) if mind.random() < 0.2 else _PATIENT_SECONDS
        talk, counselor_ends = mind.uniform(0.6, 1.8), mind.random() < 0.5
        gives_up_at = time.monotonic() + patience
        while one.fate is None:
            leg = await self._picked_up(caller, one, gives_up_at)
            if leg is None:
                await self._unanswered(caller, one, patient=patience == _PATIENT_SECONDS)
            else:
                await self._talk(caller, leg, one, talk, counselor_ends)
                one.phone_free_at = utc_now()
        await caller.hang_up()

    async def _picked_up(self, caller: Caller, one: Told, until: float) -> IncomingCall | None:
        """The phone that took this caller; None when they gave up or the line was cut."""
        while time.monotonic() < until and not caller.ended and not self._is_dead(one):
            for phone in self.phones:
                for leg in phone.calls:
                    if isinstance(leg, IncomingCall) and leg.number == one.number and leg.talking:
                        return leg
            await asyncio.sleep(0.02)
        return None

    async def _unanswered(self, caller: Caller, one: Told, *, patient: bool) -> None:
        if self._is_dead(one):
            one.fate = Fate.DIED
        elif caller.ended:
            one.fate, one.why = Fate.DROPPED, f"ended by the line: {caller.ending}, {caller.status}"
        elif patient:
            one.fate, one.why = Fate.DROPPED, f"nobody picked up within {_PATIENT_SECONDS:g} s"
        else:
            one.fate = Fate.ABANDONED
            await caller.hang_up()

    async def _talk(
        self, caller: Caller, leg: IncomingCall, one: Told, seconds: float, counselor_ends: bool
    ) -> None:
        """They talk; a leg that ends before they hear each other leaves the caller waiting on."""
        one.phone = leg.owner.identity
        heard = await self._hears(caller, leg, one)
        if not heard and not caller.ended and self._is_parted(one):
            await leg.hang_up()  # picked up just when the link was cut: nobody is there
            return
        if leg.ended and not caller.ended and not heard:
            return
        await asyncio.sleep(seconds)
        if self._is_dead(one):
            one.fate = Fate.DIED
            leg.abandon()
        elif leg.ended or caller.ended:
            one.fate, one.why = Fate.DROPPED, f"cut off in the talk: {caller.ending}, {leg.ending}"
        elif not heard:
            one.fate, one.why = Fate.DROPPED, f"did not hear {one.phone}"
        else:
            await (leg if counselor_ends else caller).hang_up()
            await self._over(caller, leg, one)

    async def _over(self, caller: Caller, leg: IncomingCall, one: Told) -> None:
        """One of the two has rung off: the other's line must end too. Across a cut link it does when the
        link is back (SIP repeats a BYE), or when nothing has been heard for a while (rtp_timeout).
        """
        patience = _PARTED_SECONDS if self._is_parted(one) else _OVER_SECONDS
        try:
            await leg.ended.within(patience)
            await caller.ended.within(patience)
            one.fate = Fate.ANSWERED
        except TimeoutError:
            one.fate = Fate.DIED if self._is_dead(one) else Fate.DROPPED
            one.why = "the line did not end with the talk"
            leg.abandon()

    async def _hears(self, caller: Caller, leg: IncomingCall, one: Told) -> bool:
        """Whether the caller hears this phone's own tone."""
        until, tone = time.monotonic() + _HEAR_SECONDS, phone_tone(one.phone)
        while not (heard := caller.audio.hears(tone)) and time.monotonic() < until:
            if leg.ended or caller.ended or self._is_dead(one):
                break
            await asyncio.sleep(0.05)
        return heard

    def _is_parted(self, one: Told) -> bool:
        """Whether a link that was cut is between this caller and the phone they talk on."""
        parted = self.harmed.parted
        return bool(parted) and (one.site == parted) is not one.phone.startswith(parted)

    def _is_dead(self, one: Told) -> bool:
        """Whether the Asterisk that holds this caller, or the phone they talk on, was killed."""
        dead = self.harmed.dead
        return bool(dead) and (one.site == dead or one.phone.startswith(dead))
