"""Watches for what is wrong (`telephony.alarm_rules`), sounds the alarms and ends them when it is over.

Looks every few seconds beside the switchboard's loop, as long as it acts for any site at all: one that
stands by knows nothing. Which alarms also ring somebody's phone is said in `hotline.alarms`.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import reduce
from operator import add

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from hotline import alarms, bus, staff
from hotline.alarm_kinds import AlarmKind
from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.ids import CenterId, StaffId, site_of
from hotline.settings import Settings
from intake.calls import kpi_counts, missed
from intake.calls.kpis import Tally
from routing import availability
from routing.choices import Choice
from telephony.alarm_rules import KINDS, Limits, Seen, Wrong, wrong
from telephony.site import Sites

LOOK_SECONDS = 3.0
_RATE_EVERY = timedelta(seconds=30)
_RATE_OVER = timedelta(hours=1)


class Watch:
    """See the module."""

    def __init__(self, settings: Settings, engine: Engine, sites: Sites) -> None:
        self._engine = engine
        self._sites = sites
        self._limits = Limits(
            wait=timedelta(seconds=settings.alarm_wait_seconds),
            answer_rate=settings.alarm_answer_percent / 100,
            away=timedelta(seconds=settings.alarm_site_seconds),
        )
        self._counted = kpi_counts.Limits.set_by(settings)
        self._away: dict[str, datetime] = {}
        self._rate: tuple[int, int] = (0, 0)
        self._rate_at: datetime | None = None

    async def look(self) -> None:
        """Once. Raises Unavailable."""
        now = utc_now()
        self._away = {
            site.code: self._away.get(site.code, now) for site in self._sites.all if site.ami is None
        }
        if self._sites.fresh:
            seen = Seen(waiting=longest(self._sites.waiting().items()), away=dict(self._away))
            await asyncio.to_thread(self._tell, seen, now)

    def _tell(self, seen: Seen, now: datetime) -> None:
        with reading(self._engine) as session:
            answered, offered = self._answered(session, now)
            away = availability.who_is(session, Choice.MISSED)
            centers = {one.code.casefold(): one.id for one in staff.centers(session)}
            everything = replace(
                seen,
                answered=answered,
                offered=offered,
                missed=_in_a_row(session, away),
                centers=centers,
            )
            told = {kind: alarms.open_of(session, kind) for kind in KINDS}
        settle(self._engine, list(wrong(everything, self._limits, now)), told, now)

    def _answered(self, session: Session, now: datetime) -> tuple[int, int]:
        """Answered and offered in the last hour, counted now and then."""
        if self._rate_at is None or now - self._rate_at >= _RATE_EVERY:
            counted = kpi_counts.tallies(session, now - _RATE_OVER, now, self._counted)
            whole = reduce(add, counted.values(), Tally())
            self._rate, self._rate_at = (whole.answered, whole.offered), now
        return self._rate


def settle(
    engine: Engine, found: Iterable[Wrong], told: Mapping[AlarmKind, Mapping[str, str]], now: datetime
) -> None:
    """Sound what is not told yet, end what is over; mostly there is nothing to do, and nothing is
    locked then. `told`: of these rules' alarms what sounds now, subject → reason."""
    present = {(one.kind, one.subject): one for one in found}
    new = [one for one in present.values() if told.get(one.kind, {}).get(one.subject) != one.reason]
    over = [
        (kind, subject)
        for kind, subjects in told.items()
        for subject in subjects
        if (kind, subject) not in present
    ]
    if not new and not over:
        return
    signals: list[bus.Signal] = []
    with transaction(engine) as session:
        for one in new:
            signals += alarms.sound(session, one.kind, one.subject, one.reason, one.center, now)
        for kind, subject in over:
            signals += alarms.end(session, kind, subject, now)
    bus.publish(signals)


def longest(waiting: Iterable[tuple[str, datetime]]) -> dict[str, datetime]:
    """Site → since when the caller waits who has waited longest there; call ids begin with the site."""
    first: dict[str, datetime] = {}
    for call_id, since in waiting:
        site = site_of(call_id)
        first[site] = min(first.get(site, since), since)
    return first


def _in_a_row(session: Session, away: Mapping[StaffId, CenterId]) -> dict[StaffId, tuple[int, CenterId]]:
    return {who: (missed.in_a_row(session, who), center) for who, center in away.items()}
