"""How much there is to do for one counselor, as quartiles of all of them: nobody is named or ranked.

Of each counselor who talked: calls of an hour in which any came that they answered; the mean of their
talks; the mean of their wrap-up (from the end of a call until its record was closed, at most as long as
no new call came by itself). Fewer than five counselors have no quartiles.

What a day adds to each counselor's sums is counted by the day on which the call came, so that days add
up to any period.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, and_, case, cast, func, select
from sqlalchemy.orm import Session

from hotline.calendar import DAY
from hotline.ids import Part
from hotline.sql_plan import not_sought
from hotline.sql_time import hours_between, instant, seconds_between
from intake.statistics.counted_rows import Rows
from intake.statistics.periods import Period
from intake.statistics.quantiles import quartiles
from intake.statistics.tables import Added, Counted, Figures, Table, Tally
from intake.tables.calls import CallRow, TalkRow
from intake.tables.records import RecordRow

_PARTS = {Table.LOAD_CALLS: 10.0, Table.LOAD_TALK: 0.001, Table.LOAD_WRAP_UP: 0.001}
"""Table → what one is in the table's unit: calls an hour in tenths, seconds of milliseconds."""
SUM, MANY = "sum", "many"
_ONE_DAY_HOURS = 24


def figures(of: Tally) -> Figures:
    """Of what `by_day` counted, added up."""
    return {
        table: Counted(quartiles([part * mean for mean in _means(of.get(table, {}))]))
        for table, part in _PARTS.items()
    }


def _means(of: Mapping[str, int]) -> Iterator[float]:
    for code, many in of.items():
        what, _, staff = code.partition(" ")
        if what == MANY and many:
            yield of[f"{SUM} {staff}"] / many


def by_day(session: Session, of: Period, wrap_up: timedelta) -> Iterator[Added]:
    """Codes are `sum 12` and `many 12`, of the counselor with this id."""
    for days, staff, calls, hours, milliseconds, talks in session.execute(_talked(of)):
        sums = {Table.LOAD_CALLS: (calls, hours), Table.LOAD_TALK: (milliseconds, talks)}
        for table, (total, many) in sums.items():
            yield from _added(of, days, table, staff, total, many)
    for days, staff, milliseconds, many in session.execute(_wrapped_up(of, wrap_up)):
        yield from _added(of, days, Table.LOAD_WRAP_UP, staff, milliseconds, many)


def _added(of: Period, days: int, table: Table, staff: int, total: int, many: int) -> Iterator[Added]:
    day = of.since + days * DAY
    yield day, table, f"{SUM} {staff}", int(total)
    yield day, table, f"{MANY} {staff}", int(many)


def _talked(of: Period) -> Select[Any]:
    each = talks(of).subquery().c
    hours = (
        select(
            each.staff,
            each.hour,
            func.count(each.id.distinct()).label("calls"),
            func.sum(each.took).label("took"),
            func.count().label("talks"),
        )
        .group_by(each.staff, each.hour)
        .subquery()
    )
    one = hours.c
    day = (one.hour // _ONE_DAY_HOURS).label("day")
    return select(
        day, one.staff, func.sum(one.calls), func.count(), func.sum(one.took), func.sum(one.talks)
    ).group_by(day, one.staff)


def talks(of: Period) -> Rows:
    """By when the call came: of that there is an index for everybody, of talks there is none. `id`: of
    the call; `hour`: of the period; `took`: milliseconds."""
    talk = TalkRow
    return (
        select(
            CallRow.id,
            talk.staff_id.label("staff"),
            hours_between(instant(of.starts_at), CallRow.arrived_at).label("hour"),
            _milliseconds(seconds_between(talk.began_at, talk.ended_at)).label("took"),
        )
        .select_from(CallRow)
        .join(talk, talk.call_id == not_sought(CallRow.id))
        .where(
            _came(of),
            talk.part == Part.COUNSELOR,
            talk.staff_id.is_not(None),
            talk.ended_at.is_not(None),
        )
    )


def _wrapped_up(of: Period, most: timedelta) -> Select[Any]:
    one = wrap_ups(of, most).subquery().c
    day = (one.hour // _ONE_DAY_HOURS).label("day")
    return select(day, one.staff, func.sum(one.took), func.count()).group_by(day, one.staff)


def wrap_ups(of: Period, most: timedelta) -> Rows:
    """As `talks`."""
    written = seconds_between(CallRow.ended_at, RecordRow.closed_at)
    longest = most.total_seconds()
    counted = case((written > longest, longest), (written < 0, 0.0), else_=written)
    return (
        select(
            CallRow.id,
            hours_between(instant(of.starts_at), CallRow.arrived_at).label("hour"),
            RecordRow.owner_id.label("staff"),
            _milliseconds(counted).label("took"),
        )
        .select_from(CallRow)
        .join(RecordRow, RecordRow.call_id == not_sought(CallRow.id))
        .where(
            _came(of),
            CallRow.answered_at.is_not(None),
            CallRow.ended_at.is_not(None),
            RecordRow.closed_at.is_not(None),
        )
    )


def _came(of: Period) -> ColumnElement[bool]:
    return and_(CallRow.arrived_at >= of.starts_at, CallRow.arrived_at < of.ends_at)


def _milliseconds(seconds: ColumnElement[float]) -> ColumnElement[int]:
    """Whole ones, to the nearest."""
    return cast(func.round(seconds * 1000), BigInteger)
