"""Roll-ups: the counts of each day and of each whole month, so that no report counts millions of rows.

A roll-up is true, always: whatever changes a row that is counted for a day marks the day in the same
transaction (triggers, `intake.tables.rollups`), and who reads counts a marked day from its rows. A sweep
rolls marked days up again: it deletes the marks that it sees, then counts, in one transaction. A
change that is committed meanwhile leaves a mark of its own, and the day is counted once more.

Today is never rolled up: it changes all the time. A release that counts otherwise takes no roll-up of
the one before (`rules`) and makes them all anew.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from itertools import groupby
from pathlib import Path

from sqlalchemy import Engine, delete, func, select, text
from sqlalchemy.orm import Session

from hotline import calendar, units
from hotline.calendar import DAY, days
from hotline.clock import local, utc_now
from hotline.db import reading, transaction
from hotline.settings import settings
from intake import search_words
from intake.cases import deadlines, flow, flow_terms
from intake.forms import places, trafficking
from intake.statistics import counted_rows, handover_times, load, step_times, tallying
from intake.statistics.periods import Period, month_of
from intake.statistics.tables import Table, Tally
from intake.tables.calls import CallRow
from intake.tables.cases import CaseRow
from intake.tables.handovers import HandoverRow
from intake.tables.records import RecordRow
from intake.tables.rollups import RollupMarkRow, RollupRow

MONTH_SPAN, DAY_SPAN = "month", "day"
_NEAR = 3 * DAY
"""Days to be counted from rows that are no farther apart are read together."""
_SWEPT = 2 * 366
"""Days a sweep makes at most: it must be done within the time of a job."""
_COUNTING = (
    tallying, counted_rows, load, step_times, handover_times, deadlines, flow, flow_terms, calendar,
    places, trafficking, search_words, units,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tallied:
    """The counts of a period: `parts` of it that lie in one month each, by their first days, and all
    together."""

    parts: Sequence[tuple[date, Tally]]
    together: Mapping[Table, Counter[str]]


def rules() -> str:
    """What tells who counts otherwise: the digest of the code, of the units' table, of the holidays that
    limits skip, and of the time that a counselor has for a wrap-up."""
    return _digest(settings().wrap_up_seconds)


@cache
def _digest(wrap_up_seconds: int) -> str:
    files = [Path(str(one.__file__)) for one in _COUNTING]
    files.append(files[-1].with_name("units.tsv"))
    code = b"".join(file.read_bytes() for file in files)
    return sha256(code + f"{version('holidays')} {wrap_up_seconds}".encode()).hexdigest()[:16]


def tallied(session: Session, of: Period) -> Tallied:
    parts = _parts(session, of)
    return Tallied(parts, added(tally for _, tally in parts))


def _parts(session: Session, of: Period) -> Sequence[tuple[date, Tally]]:
    changed = marked(session, of)
    whole = [
        one
        for one in of.months()
        if _lies_in(month := month_of(one), of)
        and not any(day in changed for day in days(month.since, month.until))
    ]
    found = kept(session, MONTH_SPAN, whole)
    done = {day for one in found for day in days(one, month_of(one).until)}
    left = [day for day in days(of.since, of.until) if day not in done]
    found_days = kept(session, DAY_SPAN, [day for day in left if day not in changed])
    missing = [day for day in left if day not in found_days]
    return [*found.items(), *found_days.items(), *_from_rows(session, missing)]


def _lies_in(one: Period, of: Period) -> bool:
    return of.since <= one.since and one.until <= of.until


def marked(session: Session, of: Period) -> set[date]:
    """The days on which something has changed since they were rolled up."""
    day = RollupMarkRow.day
    return set(session.scalars(select(day).where(day >= of.since, day < of.until).distinct()))


def kept(session: Session, span: str, firsts: Sequence[date]) -> dict[date, Tally]:
    """The roll-ups of these days, or months by their first days, as far as there are."""
    row = RollupRow
    found: dict[date, Tally] = {}
    for some in _batches(firsts, 5_000):
        query = select(row.first, row.counts).where(
            row.span == span, row.first.in_(some), row.rules == rules()
        )
        found |= {first: _loaded(counts) for first, counts in session.execute(query)}
    return found


def _batches(of: Sequence[date], size: int) -> list[Sequence[date]]:
    return [of[at : at + size] for at in range(0, len(of), size)]


def _loaded(counts: Mapping[str, Mapping[str, int]]) -> Tally:
    return {Table(table): many for table, many in counts.items()}


def _from_rows(session: Session, of: Sequence[date]) -> Iterable[tuple[date, Tally]]:
    """Of days in which nothing can have come nothing is asked."""
    over = known(session, date.max) if of else None
    wanted = {day for day in of if over and over.since <= day < over.until}
    for run in _runs(sorted(wanted)):
        for day, tally in tallying.by_day(session, run).items():
            if day in wanted:
                yield day, tally


def _runs(of: Sequence[date]) -> list[Period]:
    """The spans in which these days, which are in order, lie near each other."""
    runs: list[Period] = []
    for day in of:
        near = runs and day - runs[-1].until < _NEAR
        since = runs.pop().since if near else day
        runs.append(Period(since, day + DAY))
    return runs


def sweep() -> None:
    """Job: roll up what is over and was not, or has changed since."""
    build(None, stale(None, local(utc_now()).date())[:_SWEPT])


def stale(engine: Engine | None, today: date) -> list[date]:
    """The days before today whose roll-up is not there or not true, in order."""
    with reading(engine) as session:
        over = known(session, today)
        if over is None:
            return []
        there = session.scalars(
            select(RollupRow.first).where(RollupRow.span == DAY_SPAN, RollupRow.rules == rules())
        )
        true = set(there) - marked(session, over)
    return [day for day in days(over.since, over.until) if day not in true]


def known(session: Session, today: date) -> Period | None:
    """Whole months, but not today: from that in which the first of all came to that of the last; None:
    nothing ever came."""
    columns = (CallRow.arrived_at, RecordRow.received_at, CaseRow.received_at, HandoverRow.sent_at)
    ends = [select(end(at)).scalar_subquery() for at in columns for end in (func.min, func.max)]
    came = [local(at).date() for at in session.execute(select(*ends)).one() if at is not None]
    if not came or min(came).replace(day=1) >= today:
        return None
    return Period(min(came).replace(day=1), min(today, month_of(max(came)).until))


def build(
    engine: Engine | None, of: Sequence[date], told: Callable[[date], None] = lambda _: None
) -> None:
    """Roll these days up, which are over, those of a month in one transaction: with 42,000 calls a
    third of a second, in which SQLite lets nobody else write. `told` hears each month."""
    for first, month in groupby(of, lambda day: day.replace(day=1)):
        with transaction(engine) as session:
            _build(session, list(month))
        told(first)


def _build(session: Session, of: Sequence[date]) -> None:
    """Days of one month."""
    if session.get_bind().dialect.name == "postgresql":  # two that count the same day: one by one
        session.execute(text("LOCK TABLE rollup IN SHARE ROW EXCLUSIVE MODE"))
    session.execute(delete(RollupMarkRow).where(RollupMarkRow.day.in_(of)))
    counted = tallying.by_day(session, Period(of[0], of[-1] + DAY))
    _write(session, DAY_SPAN, {day: counted.get(day, {}) for day in of})
    month = month_of(of[0])
    every = kept(session, DAY_SPAN, list(days(month.since, month.until)))
    if len(every) == (month.until - month.since).days:
        _write(session, MONTH_SPAN, {month.since: added(every.values())})


def _write(session: Session, span: str, tallies: Mapping[date, Tally]) -> None:
    row = RollupRow
    session.execute(delete(row).where(row.span == span, row.first.in_(tallies)))
    session.add_all(
        RollupRow(span=span, first=first, rules=rules(), counts=_written(tally))
        for first, tally in tallies.items()
    )
    session.flush()


def _written(tally: Tally) -> dict[str, dict[str, int]]:
    return {str(table): {str(code): n for code, n in many.items()} for table, many in tally.items()}


def added(tallies: Iterable[Tally]) -> dict[Table, Counter[str]]:
    """Of all these days together."""
    found: dict[Table, Counter[str]] = defaultdict(Counter)
    for tally in tallies:
        for table, many in tally.items():
            found[table].update(many)
    return found
