"""The calls behind each figure that is made of calls, as one statement each.

Columns: `id`; `took`: milliseconds that were measured of it, or NULL; `part`: 1 where a share counts it
among those that are so, 0 where only among all of them.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, case, cast, exists, literal, null, select

from hotline.errors import NotVisible
from hotline.events import Outcome
from hotline.settings import settings
from intake.statistics import counted_rows, load
from intake.statistics.counted_rows import Rows
from intake.statistics.periods import Period
from intake.statistics.tables import MISSING, TOTAL, Table
from intake.tables.records import RecordRow

_OVER_TIME = frozenset({Table.MONTHS, Table.WEEKDAYS, Table.HOURS})


def calls(of: Period, table: Table, code: str) -> Rows:
    """Raises NotVisible: the table has no such row."""
    if table in _MEASURED:
        return _MEASURED[table](of, code)
    rows = counted_rows.calls(of).subquery()
    found = select(rows.c.id, cast(null(), BigInteger).label("took"), literal(1).label("part"))
    if table is Table.CLOSED:
        return found.where(rows.c.outcome == Outcome.ANSWERED, *_untold(rows, code))
    if code == TOTAL:
        return found
    return found.where(_such(of, table, code, rows))


def _untold(rows: Any, code: str) -> list[ColumnElement[bool]]:
    """Of which nothing is closed yet."""
    if code != MISSING:
        return []
    return [~exists().where(RecordRow.call_id == rows.c.id, RecordRow.disposition.is_not(None))]


def _such(of: Period, table: Table, code: str, rows: Any) -> ColumnElement[bool]:
    if table not in _OVER_TIME:
        found: ColumnElement[bool] = rows.c.outcome == code
        return found
    made = counted_rows.of_hour(of)[table]
    hours = range(int((of.ends_at - of.starts_at).total_seconds()) // 3600)
    among: ColumnElement[bool] = rows.c.hour.in_(
        [hour for hour in hours if made(counted_rows.began(of, hour)) == code]
    )
    return among


def _share(of: Period, code: str) -> Rows:
    """Of all calls that are over."""
    waited = counted_rows.waited()
    soon = counted_rows.whole_seconds(waited) <= settings().service_seconds
    rows = (
        counted_rows.calls(of)
        .add_columns(waited.label("took"), case((soon, 1), else_=0).label("soon"))
        .subquery()
    )
    parts = {
        "answer_rate": case((rows.c.outcome == Outcome.ANSWERED, 1), else_=0),
        "service_level": rows.c.soon,
    }
    if code not in parts:
        raise NotVisible("figure")
    return select(rows.c.id, rows.c.took, parts[code].label("part"))


def _answered(of: Period, code: str) -> Rows:
    rows = counted_rows.calls(of).add_columns(counted_rows.waited().label("took")).subquery()
    return select(rows.c.id, rows.c.took, literal(1).label("part")).where(
        rows.c.outcome == Outcome.ANSWERED
    )


def _talks(of: Period, code: str) -> Rows:
    """Of all counselors together: which are whose is not told by a figure that ranks nobody."""
    rows = load.talks(of).subquery()
    return select(rows.c.id, rows.c.took, literal(1).label("part"))


def _wrap_ups(of: Period, code: str) -> Rows:
    rows = load.wrap_ups(of, settings().wrap_up).subquery()
    return select(rows.c.id, rows.c.took, literal(1).label("part"))


_MEASURED: Mapping[Table, Callable[[Period, str], Rows]] = {
    Table.SERVICE: _share,
    Table.WAITS: _answered,
    Table.LOAD_CALLS: _talks,
    Table.LOAD_TALK: _talks,
    Table.LOAD_WRAP_UP: _wrap_ups,
}
