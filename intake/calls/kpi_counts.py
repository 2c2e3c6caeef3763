"""The figures of `intake.calls.kpis`, summed by the database: four statements, whatever the day was
like.

Each reads only the calls of the day, by the index of `call.arrived_at`, and what hangs on them.
"""

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

from sqlalchemy import ColumnElement, Integer, SQLColumnExpression, and_, case, func, or_, select
from sqlalchemy.orm import Session

from hotline.events import Outcome
from hotline.ids import CenterId, Part
from hotline.settings import Settings
from hotline.sql_plan import not_sought
from hotline.sql_time import hours_between, instant, seconds_between
from intake.calls.kpis import Tally
from intake.tables.callbacks import CallbackRow
from intake.tables.calls import CallRow, TalkRow
from intake.tables.records import RecordRow

_HOUR = timedelta(hours=1)
Center = CenterId | None
"""None: of a PBX that belongs to no center."""


@dataclass(frozen=True, slots=True)
class Limits:
    """`service`: answered by then is in time. `short`: who rings off by then was never offered.
    `wrap_up`: longest time after a call that is counted as work on it."""

    service: timedelta
    short: timedelta
    wrap_up: timedelta

    @classmethod
    def set_by(cls, of: Settings) -> Self:
        """As this installation has them."""
        return cls(
            service=timedelta(seconds=of.service_seconds),
            short=timedelta(seconds=of.short_abandon_seconds),
            wrap_up=of.wrap_up,
        )


def tallies(session: Session, since: datetime, now: datetime, limits: Limits) -> dict[Center, Tally]:
    """Per center all of it but `staffed`, of the calls that arrived in [since, now)."""
    found: defaultdict[Center, Tally] = defaultdict(Tally)
    today = and_(CallRow.arrived_at >= since, CallRow.arrived_at < now, CallRow.internal.is_(False))
    for center, counts in _by_center(session, today, limits).items():
        found[center] = counts
    for center, (handled, busy, lost) in _talk(session, today, now).items():
        found[center] = replace(found[center], talk=handled, busy=busy, lost=lost)
    for center, (handled, busy) in _wrap_up(session, today, now, limits).items():
        before = found[center]
        found[center] = replace(before, wrap_up=handled, busy=before.busy + busy)
    for center, many in _callbacks(session).items():
        found[center] = replace(found[center], callbacks=many)
    return dict(found)


def by_hour(session: Session, since: datetime, now: datetime, limits: Limits) -> list[Tally]:
    """What the whole hotline's calls alone say of each hour from `since` until now, by their arrival: no
    talk, no wrap-up, no time staffed. One statement."""
    today = and_(CallRow.arrived_at >= since, CallRow.arrived_at < now, CallRow.internal.is_(False))
    made = _calls(session, today, limits, hours_between(instant(since), CallRow.arrived_at))
    return [made.get(hour, Tally()) for hour in range(math.ceil((now - since) / _HOUR))]


def _by_center(session: Session, today: ColumnElement[bool], limits: Limits) -> dict[Center, Tally]:
    found = _calls(session, today, limits, CallRow.center_id)
    return {_center(center): tally for center, tally in found.items()}


def _calls(
    session: Session, today: ColumnElement[bool], limits: Limits, key: SQLColumnExpression[Any]
) -> dict[Any, Tally]:
    """By whatever key a call has."""
    waited = seconds_between(CallRow.arrived_at, func.coalesce(CallRow.answered_at, CallRow.ended_at))
    heard = CallRow.answered_at.is_not(None)
    left_word = or_(CallRow.message_at.is_not(None), CallRow.callback_asked_at.is_not(None))
    gave_up = CallRow.outcome == Outcome.ABANDONED
    in_time = and_(heard, waited <= limits.service.total_seconds())
    short = and_(gave_up, waited <= limits.short.total_seconds())
    kind = case(
        (in_time, "in_time"),
        (heard, "late"),
        (left_word, "left_word"),
        (short, "short"),
        (gave_up, "abandoned"),
        else_="unserved",
    )
    of_kind = (
        select(
            key.label("key"),
            kind.label("kind"),
            waited.label("waited"),
            and_(heard, CallRow.ended_at.is_not(None)).cast(Integer).label("handled"),
        )
        .where(today, CallRow.outbound.is_(False), or_(heard, CallRow.ended_at.is_not(None)))
        .subquery()
    )
    grouped = select(
        of_kind.c.key,
        of_kind.c.kind,
        func.count(),
        func.sum(of_kind.c.waited),
        func.max(of_kind.c.waited),
        func.sum(of_kind.c.handled),
    ).group_by(of_kind.c.key, of_kind.c.kind)
    made: defaultdict[Any, Tally] = defaultdict(Tally)
    for place, name, many, waited_all, longest, handled in session.execute(grouped):
        made[place] += _of_kind(name, many, waited_all, longest, handled)
    return made


def _of_kind(kind: str, many: int, waited: float, longest: float, handled: int) -> Tally:
    """A few calls of one kind. A clock that was set back leaves no negative waiting behind."""
    total, most = _span(waited), _span(longest)
    match kind:
        case "in_time" | "late":
            in_time = many if kind == "in_time" else 0
            return Tally(
                answered=many, in_time=in_time, handled=handled, answer_wait=total, longest_wait=most
            )
        case "left_word":
            return Tally(left_word=many, longest_wait=most)
        case "short":
            return Tally(short=many)
        case "abandoned":
            return Tally(abandoned=many, longest_wait=most)
    return Tally(unserved=many, longest_wait=most)


def _talk(
    session: Session, today: ColumnElement[bool], now: datetime
) -> dict[Center, tuple[timedelta, timedelta, int]]:
    """Center → counselors' talk in handled calls, and in all; how many talks were lost."""
    spoken = seconds_between(TalkRow.began_at, func.coalesce(TalkRow.ended_at, instant(now)))
    rows = session.execute(
        select(
            CallRow.center_id,
            func.sum(case((_handled(), spoken), else_=0.0)),
            func.sum(spoken),
            func.sum(case((TalkRow.lost, 1), else_=0)),
        )
        .join(TalkRow, TalkRow.call_id == not_sought(CallRow.id))
        .where(today, TalkRow.part == Part.COUNSELOR)
        .group_by(not_sought(CallRow.center_id))
    )
    return {_center(center): (_span(handled), _span(busy), lost) for center, handled, busy, lost in rows}


def _wrap_up(
    session: Session, today: ColumnElement[bool], now: datetime, limits: Limits
) -> dict[Center, tuple[timedelta, timedelta]]:
    """Center → wrap-up of handled calls, and of all that were spoken in."""
    done = func.coalesce(RecordRow.closed_at, instant(now))
    written = seconds_between(CallRow.ended_at, done)
    most = limits.wrap_up.total_seconds()
    counted = case((written > most, most), (written < 0, 0.0), else_=written)
    rows = session.execute(
        select(CallRow.center_id, func.sum(case((_handled(), counted), else_=0.0)), func.sum(counted))
        .join(RecordRow, RecordRow.call_id == not_sought(CallRow.id))
        .where(today, CallRow.answered_at.is_not(None), CallRow.ended_at.is_not(None))
        .group_by(not_sought(CallRow.center_id))
    )
    return {_center(center): (_span(handled), _span(busy)) for center, handled, busy in rows}


def _handled() -> ColumnElement[bool]:
    return and_(
        CallRow.outbound.is_(False), CallRow.answered_at.is_not(None), CallRow.ended_at.is_not(None)
    )


def _callbacks(session: Session) -> Mapping[Center, int]:
    rows = session.execute(
        select(CallbackRow.center_id, func.count())
        .where(CallbackRow.closed_at.is_(None))
        .group_by(CallbackRow.center_id)
    )
    return {_center(center): many for center, many in rows}


def _center(found: int | None) -> Center:
    return None if found is None else CenterId(found)


def _span(seconds: float | None) -> timedelta:
    return timedelta(seconds=max(0.0, seconds or 0.0))
