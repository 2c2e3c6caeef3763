"""A shift that has not come is an alarm; and for alarms that cannot wait somebody's phone is rung.

Whoever leads at the center is rung first, on the phones of the house, then the mobiles on call, one
after another and round again (`alarm_turns`) until somebody presses 1 or it is over. Which alarms ring
is said in `hotline.alarms`; for a handover that nobody answers, the duty numbers of its unit come first.
Acts like the dispatcher: nothing waits, SQL in threads. Whom it rang last is forgotten with the process,
and then rung again.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from hotline import alarms, bus, on_call, staff
from hotline.access import Role
from hotline.alarm_kinds import AlarmKind
from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.dialing import is_phone
from hotline.errors import BadInput
from hotline.ids import CenterId, OfferId, Part, Phone, StaffId, new_offer_id
from hotline.settings import Settings
from intake.handovers import handover_care
from intake.handovers.case_handovers import Limits
from routing.handover import Shortage
from telephony import actions
from telephony.alarm_rules import Wrong
from telephony.alarm_turns import RINGS, Outsider, Turns, Whom
from telephony.ami import AmiError
from telephony.site import Sites
from telephony.watch import settle

_log = structlog.get_logger()

_LOOK = timedelta(seconds=4)
"""SQL is not asked more often for the same shortages."""


@dataclass(frozen=True, slots=True)
class Summons:
    """An alarm for which these people are to be rung, in turn: who, and what is dialled."""

    kind: AlarmKind
    subject: str
    people: Sequence[tuple[Whom, str]]


class AlarmCalls:
    """One for all sites; each center's people are rung from its own, or from ours while that is away."""

    def __init__(self, settings: Settings, engine: Engine, sites: Sites) -> None:
        self._settings = settings
        self._engine = engine
        self._sites = sites
        self._rung: dict[tuple[AlarmKind, str], Turns] = {}
        self._seen: Sequence[Shortage] | None = None
        self._look_at = utc_now()
        self._looking = asyncio.Lock()

    async def sounded(self) -> None:
        """An alarm that rings somebody has sounded: look at once. Raises Unavailable."""
        self._look_at = utc_now()
        if self._seen is not None:
            await self.heed(self._seen)

    async def heed(self, short: Sequence[Shortage]) -> None:
        """Sound and end the alarms of the shifts, ring whom there is to ring. Raises Unavailable."""
        async with self._looking:  # else who looked earlier would forget whom the later one rings
            now = utc_now()
            if short != self._seen or now >= self._look_at:
                self._seen, self._look_at = short, now + _LOOK
                await self._look(short, now)

    async def _look(self, short: Sequence[Shortage], now: datetime) -> None:
        own = self._settings.site
        summons = await asyncio.to_thread(_tell, self._engine, short, own, now)
        alive = {(each.kind, each.subject) for each in summons}
        self._rung = {key: rung for key, rung in self._rung.items() if key in alive}
        if self._settings.alarm_calls:
            for each in summons:
                await self._ring(each, utc_now())

    async def _ring(self, summons: Summons, now: datetime) -> None:
        rung = self._rung.setdefault((summons.kind, summons.subject), Turns(now))
        site = self._sites.called(summons.subject.lower())
        ami, offer_id = site.hand or self._sites.all[0].hand, new_offer_id(Part.ALARMED)
        dial = rung.ring(summons.people, offer_id, now) if ami is not None else None
        if ami is None or dial is None:
            return
        ours = None if isinstance(rung.whom, Outsider) else rung.whom
        _log.warning("alarm_rings", kind=summons.kind, id=summons.subject, staff_id=ours)
        try:
            await actions.alarm(ami, offer_id, dial, summons.kind, int(RINGS.total_seconds()))
        except AmiError as error:
            _log.warning("alarm_not_rung", kind=summons.kind, error=error)
            rung.in_vain(now)

    def not_answered(self, offer_id: OfferId, now: datetime) -> None:
        """If somebody was rung so for an alarm, the next one may be."""
        for rung in self._rung.values():
            if rung.offer_id == offer_id:
                rung.in_vain(now)

    async def noted(self, offer_id: OfferId) -> None:
        """Who was rung so has pressed 1. Raises Unavailable."""
        for (kind, subject), rung in self._rung.items():
            if rung.offer_id == offer_id and rung.whom is not None:
                limits = handover_care.limits(self._settings)
                await asyncio.to_thread(_answer, self._engine, rung.whom, kind, subject, limits)
                return


def _tell(engine: Engine, short: Sequence[Shortage], own: str, now: datetime) -> list[Summons]:
    with reading(engine) as session:
        codes = {center.id: center.code for center in staff.centers(session)}
        told = alarms.open_of(session, AlarmKind.SHIFT)
    wrong = [
        Wrong(AlarmKind.SHIFT, codes[each.center], "too_few" if each.have else "nobody", each.center)
        for each in short
    ]
    settle(engine, wrong, {AlarmKind.SHIFT: told}, now)
    with reading(engine) as session:
        return list(_summons(session, codes, own))


def _summons(session: Session, codes: dict[CenterId, str], own: str) -> Iterator[Summons]:
    """For what concerns the whole house, `own` people are rung: those of our own center."""
    for center, code in (*codes.items(), (None, own)):
        for kind, subject in alarms.ringing(session, center, utc_now()):
            first = Role.CENTER_LEAD if subject.endswith("-center") else Role.SHIFT_LEAD
            before = duty_of(session, subject) if kind is AlarmKind.HANDOVER else ()
            yield Summons(kind, subject, [*before, *people_of(session, code, first)])


def duty_of(session: Session, reference: str) -> Iterator[tuple[Whom, str]]:
    """Who is on duty where the case was handed to, before anybody of ours."""
    for number in handover_care.duty_numbers(session, reference, utc_now()):
        try:
            yield Outsider(number), actions.outside(number)
        except BadInput:
            _log.warning("duty_number_unusable", id=reference)


def people_of(
    session: Session, code: str, first: Role = Role.SHIFT_LEAD
) -> Iterator[tuple[StaffId, str]]:
    """Whom to ring of this center in turn, and what to dial."""
    for who, dialled in on_call.in_turn(session, [code], utc_now(), first)[code]:
        try:
            yield who, actions.phone(Phone(dialled)) if is_phone(dialled) else actions.outside(dialled)
        except BadInput:
            _log.warning("on_call_number_unusable", staff_id=who)


def _answer(engine: Engine, whom: Whom, kind: AlarmKind, subject: str, limits: Limits) -> None:
    with transaction(engine) as session:
        if isinstance(whom, Outsider):
            signals = handover_care.heard(session, subject, whom.number, limits, utc_now())
        else:
            signals = alarms.answer(session, whom, kind, subject, utc_now())
    bus.publish(signals)
