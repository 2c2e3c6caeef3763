"""Whether roll-ups say what the rows say, counted once more."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from hotline.calendar import days
from hotline.db import reading
from intake.statistics import rollups, tallying
from intake.statistics.periods import Period, month_of
from intake.statistics.rollups import DAY_SPAN, MONTH_SPAN, added, kept
from intake.statistics.tables import Table, Tally


@dataclass(frozen=True, slots=True)
class Difference:
    """`span`: whether it is of the day `first` or of the month that begins with it."""

    span: str
    first: date
    table: Table
    code: str
    kept: int
    counted: int


def differences(
    engine: Engine | None, today: date, told: Callable[[date], None] = lambda _: None
) -> Iterator[Difference]:
    """Of all days that are rolled up and not marked, and of their months; `told` hears each month.

    A month is looked at in one view of the database, which no change comes into.
    """
    with reading(engine) as session:
        over = rollups.known(session, today)
    for first in over.months() if over else ():
        with reading(engine) as session:
            if session.get_bind().dialect.name == "postgresql":
                session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            yield from _of_month(session, month_of(first))
        told(first)


def _of_month(session: Session, month: Period) -> Iterator[Difference]:
    changed = rollups.marked(session, month)
    every = kept(session, DAY_SPAN, list(days(month.since, month.until)))
    counted = tallying.by_day(session, month)
    for day in sorted(every.keys() - changed):
        yield from _of(DAY_SPAN, day, every[day], counted.get(day, {}))
    for first, tally in kept(session, MONTH_SPAN, [month.since]).items():
        if not changed:
            yield from _of(MONTH_SPAN, first, tally, added(counted.values()))


def _of(span: str, first: date, there: Tally, counted: Tally) -> Iterator[Difference]:
    for table in Table:
        ours, theirs = there.get(table, {}), counted.get(table, {})
        for code in sorted(ours.keys() | theirs.keys()):
            if ours.get(code, 0) != theirs.get(code, 0):
                yield Difference(span, first, table, code, ours.get(code, 0), theirs.get(code, 0))
