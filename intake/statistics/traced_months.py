"""A figure of many months, month by month, each of which leads to the rows that it counts.

The rows behind a figure are looked through for who may see them (`intake.statistics.tracing`): those of
a year's calls would take seconds, of twenty years a minute. Months come out of roll-ups. A figure that
is hidden is so in each month.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby

from sqlalchemy.orm import Session

from hotline import staff
from hotline.access import Viewer
from hotline.errors import NotVisible
from hotline.events import Outcome
from intake.small_cells import breakdown
from intake.statistics import counted_rows, load, rollups, step_times, tracing
from intake.statistics.periods import Period, month_of
from intake.statistics.quantiles import spans
from intake.statistics.tables import MISSING, OF_PEOPLE, TOTAL, Table, Tally
from intake.statistics.tallying import UNTOLD
from intake.statistics.traced_list import Thing

LONGEST = {
    Thing.CALL: timedelta(days=31),
    Thing.RECORD: timedelta(days=31),
    Thing.CASE: timedelta(days=366),
}
"""Longer periods are told by month; cases are few."""
DIRECT = frozenset(
    {
        Table.HANDOVER_MEDIANS,
        Table.HANDOVER_P90S,
        Table.TRAFFICKING,
        Table.REFERRALS,
        Table.THERAPY,
    }
)
"""What is few, and in no roll-up or not as its figure says it: told row by row however long it is."""

_OVERDUE = frozenset({Table.STEPS_LATE, Table.STEPS_IN_TIME})
_STEPS = frozenset({Table.STEPS, Table.STEP_MEDIANS, Table.STEP_P90S, *_OVERDUE})


@dataclass(frozen=True, slots=True)
class Month:
    """`period`: as much of it as was asked for; `code`: the figure's in that; `many`: rows that it
    counts or measures; None: hidden."""

    period: Period
    code: str
    many: int | None


def is_long(of: Period, table: Table, code: str) -> bool:
    return table not in DIRECT and of.until - of.since > LONGEST[tracing.thing_of(table, code)]


def months(
    session: Session, viewer: Viewer, of: Period, table: Table, code: str, now: datetime
) -> Sequence[Month]:
    """Those in which the figure counts anything, the newest first. Raises NotVisible."""
    if not tracing.traceable(viewer, table):
        raise NotVisible("figure")
    kept = _centers(session).get(code, code) if table is Table.CENTERS else code
    whole = rollups.tallied(session, of)
    is_hidden = _many(whole.together, table, kept) is None
    waiting = step_times.waiting_by_month(session, of, now) if table in _OVERDUE else {}
    parts = sorted(whole.parts, key=lambda part: part[0])
    found = []
    for first, those in groupby(parts, key=lambda part: part[0].replace(day=1)):
        tally, period = rollups.added(each for _, each in those), _cut(first, of)
        if table in _STEPS:
            overdue = waiting.get((first, code), 0)
            found.append(Month(period, code, _steps(tally, table, code) + overdue))
        elif table is not Table.MONTHS:
            found.append(Month(period, code, _many(tally, table, kept)))
        elif code in (TOTAL, _month(of, period)):
            within = TOTAL if code == TOTAL else _month(period, period)
            found.append(Month(period, within, _many(tally, Table.CALLS, TOTAL)))
    there = [one for one in reversed(found) if one.many != 0]
    return [replace(one, many=None) for one in there] if is_hidden else there


def _centers(session: Session) -> Mapping[str, str]:
    """Code → as it is kept in roll-ups."""
    return {center.code: str(center.id) for center in staff.centers(session)}


def _cut(first: date, of: Period) -> Period:
    month = month_of(first)
    return Period(max(month.since, of.since), min(month.until, of.until))


def _month(of: Period, month: Period) -> str:
    """Its code in a report of this period."""
    return counted_rows.of_hour(of)[Table.MONTHS](month.starts_at)


def _many(of: Tally, table: Table, code: str) -> int | None:
    if table in _MEASURED:
        return _MEASURED[table](of)
    if table is Table.CLOSED and code in {TOTAL, MISSING}:
        answered = of.get(Table.CALLS, {}).get(Outcome.ANSWERED, 0)
        return answered if code == TOTAL else answered - sum(of.get(Table.CLOSED, {}).values())
    counts = of.get(table, {})
    if code == TOTAL:
        return sum(counts.values())
    told = {each: many for each, many in counts.items() if each != UNTOLD}
    if table in OF_PEOPLE and code in told:
        return breakdown(told).cells[code]
    return counts.get(UNTOLD if code == MISSING else code, 0)


def _steps(of: Tally, table: Table, step: str) -> int:
    """Of the days on which the cases were received. What waits and is late no day has counted."""
    late = len(spans(of.get(Table.STEPS_LATE, {})).get(step, ()))
    if table is Table.STEPS_LATE:
        return late
    return late + len(spans(of.get(Table.STEPS, {})).get(step, ()))


def _loads(of: Tally, table: Table) -> int:
    """Talks, or wrap-ups, of all counselors."""
    return sum(many for code, many in of.get(table, {}).items() if code.startswith(load.MANY))


_MEASURED: Mapping[Table, Callable[[Tally], int]] = {
    Table.SERVICE: lambda of: sum(of.get(Table.CALLS, {}).values()),
    Table.WAITS: lambda of: sum(of.get(Table.WAITS, {}).values()),
    Table.LOAD_CALLS: lambda of: _loads(of, Table.LOAD_TALK),
    Table.LOAD_TALK: lambda of: _loads(of, Table.LOAD_TALK),
    Table.LOAD_WRAP_UP: lambda of: _loads(of, Table.LOAD_WRAP_UP),
}
