"""How many calls came in each half hour of every past day: what forecasts and reports read.

A small table of 48 rows a day instead of the calls themselves, because a forecast reads a year: from
millions of calls that takes seconds, from here a tenth of one. It is rolled up after midnight by a sweep
and not by whoever applies a call's events: those run while callers wait, and what came late (a journal
that was replayed, a site that was cut off) is put right by rolling the last days up again.

In a demo the days are made up (`hotline.synthetic`) and marked so.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Engine, and_, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline.calendar import DAY, HALF_HOURS, days, half_hour_of, start_of
from hotline.clock import local, utc_now
from hotline.db import Base, UtcDateTime, reading, transaction
from hotline.events import Outcome
from hotline.settings import settings
from hotline.synthetic import calls_of
from intake.tables.calls import CallRow

AGAIN = 7
"""Days that are rolled up once more each midnight, for what was told late."""
MADE_UP_DAYS = 16 * 7
_MADE_UP_WAIT = timedelta(seconds=8)


class CallHalfHourRow(Base):
    """Calls from outside that came in one half hour, whichever line and center."""

    __tablename__ = "call_half_hour"

    starts_at: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    offered: Mapped[int]
    answered: Mapped[int]
    abandoned: Mapped[int]
    """Hung up before anybody answered; a message or a wish to be called back is not that."""
    talk_seconds: Mapped[int]
    """Of the answered ones, from the answer to the end."""
    wait_seconds: Mapped[int]
    """Of all offered, until the answer or the end."""
    synthetic: Mapped[bool]


@dataclass(frozen=True, slots=True)
class PastDays:
    """`offered`: day → calls in each of its 48 half hours, for every day that is known in full.

    `talk`: mean length of an answered call. `patience`: mean time callers would have waited, told from
    how many hung up over how long all waited (the maximum likelihood of an exponential patience); None
    where nobody hung up. Both over the last four weeks asked for. `synthetic`: days that are made up.
    """

    offered: Mapping[date, Sequence[int]]
    talk: timedelta | None
    patience: timedelta | None
    synthetic: int


def past_days(session: Session, since: date, until: date) -> PastDays:
    """The days from `since` to before `until`, one statement."""
    row = CallHalfHourRow
    found = session.execute(
        select(
            row.starts_at,
            row.offered,
            row.answered,
            row.abandoned,
            row.talk_seconds,
            row.wait_seconds,
            row.synthetic,
        )
        .where(row.starts_at >= start_of(since), row.starts_at < start_of(until))
        .order_by(row.starts_at)
    ).all()
    offered: dict[date, list[int]] = {}
    for one in found:
        offered.setdefault(local(one.starts_at).date(), []).append(one.offered)
    lately = start_of(until - 28 * DAY)
    recent = [one for one in found if one.starts_at >= lately]
    answered, abandoned = sum(one.answered for one in recent), sum(one.abandoned for one in recent)
    talked, waited = sum(one.talk_seconds for one in recent), sum(one.wait_seconds for one in recent)
    return PastDays(
        offered=offered,
        talk=timedelta(seconds=talked / answered) if answered else None,
        patience=timedelta(seconds=waited / abandoned) if abandoned else None,
        synthetic=sum(one.synthetic for one in found) // HALF_HOURS,
    )


def sweep() -> None:
    """Job: roll up what is over."""
    roll_up(None, utc_now(), made_up=settings().demo)


def roll_up(engine: Engine | None, now: datetime, *, made_up: bool) -> int:
    """Bring the table up to yesterday, one transaction a day; how many days were written.

    The day on which the first call came is left out: nobody knows what came before it.
    """
    today = local(now).date()
    with reading(engine) as session:
        first = next_day(session, today, made_up=made_up)
    for day in days(first, today):
        with transaction(engine) as session:
            _write(session, day, _made_up(day) if made_up else _came(session, day), synthetic=made_up)
    return max(0, (today - first).days)


def roll_up_year(session: Session, year: int) -> None:
    """A year that was made up (`intake.history`), from its calls."""
    for day in days(date(year, 1, 1), date(year + 1, 1, 1)):
        _write(session, day, _came(session, day), synthetic=True)


def next_day(session: Session, today: date, *, made_up: bool) -> date:
    """The day from which the table is to be written; `today` when all of it is."""
    last = session.scalar(
        select(func.max(CallHalfHourRow.starts_at)).where(CallHalfHourRow.synthetic.is_(made_up))
    )
    following = None if last is None else local(last).date() + DAY
    if following is not None and following >= today:
        return today
    if made_up:
        earliest = today - MADE_UP_DAYS * DAY
        return earliest if following is None else max(earliest, following)
    first_call = session.scalar(select(func.min(CallRow.arrived_at)))
    if first_call is None:
        return today
    begins = local(first_call).date() + DAY
    return begins if following is None else max(begins, following - AGAIN * DAY)


@dataclass(frozen=True, slots=True)
class _Call:
    """`waited`: until the answer or the end."""

    arrived_at: datetime
    waited: timedelta
    talked: timedelta | None
    gave_up: bool


def _came(session: Session, day: date) -> Iterator[_Call]:
    """The calls from outside that arrived on this day; one that still lasts counts by its arrival."""
    row = CallRow
    gave_up = and_(
        row.outcome == Outcome.ABANDONED, row.message_at.is_(None), row.callback_asked_at.is_(None)
    )
    found = session.execute(
        select(row.arrived_at, row.answered_at, row.ended_at, gave_up)
        .where(row.arrived_at >= start_of(day), row.arrived_at < start_of(day + DAY))
        .where(row.outbound.is_(False), row.internal.is_(False))
    )
    for arrived, answered, ended, left in found:
        stopped = answered or ended or arrived
        talked = max(timedelta(), (ended or answered) - answered) if answered else None
        yield _Call(arrived, max(timedelta(), stopped - arrived), talked, bool(left))


def _made_up(day: date) -> Iterator[_Call]:
    for call in calls_of(day):
        if call.patience < _MADE_UP_WAIT:
            yield _Call(call.arrived_at, call.patience, None, True)
        else:
            yield _Call(call.arrived_at, _MADE_UP_WAIT, call.talk, False)


def _write(session: Session, day: date, calls: Iterable[_Call], *, synthetic: bool) -> None:
    """Instead of whatever was there for the day."""
    slots = [_new_row(start_of(day, slot), synthetic) for slot in range(HALF_HOURS)]
    for call in calls:
        slot = slots[half_hour_of(call.arrived_at)]
        slot.offered += 1
        slot.wait_seconds += round(call.waited.total_seconds())
        slot.abandoned += call.gave_up
        if call.talked is not None:
            slot.answered += 1
            slot.talk_seconds += round(call.talked.total_seconds())
    session.execute(
        delete(CallHalfHourRow).where(
            CallHalfHourRow.starts_at >= start_of(day), CallHalfHourRow.starts_at < start_of(day + DAY)
        )
    )
    session.add_all(slots)


def _new_row(starts_at: datetime, synthetic: bool) -> CallHalfHourRow:
    return CallHalfHourRow(
        starts_at=starts_at,
        offered=0,
        answered=0,
        abandoned=0,
        talk_seconds=0,
        wait_seconds=0,
        synthetic=synthetic,
    )
