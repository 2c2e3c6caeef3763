"""What is counted of each day by itself, out of the rows: counts that add up to those of longer times.

All of calls, consultations, cases with their children and steps, handovers, and what is to do for each
counselor. Not here: anti-trafficking and therapy, of which some are counted once however many days they
turn up on, and what is late only because time goes on.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import chain
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hotline.clock import local
from hotline.settings import settings
from hotline.sql_time import hours_between, instant
from intake.statistics import counted_rows, handover_times, load, step_times
from intake.statistics.counted_rows import OF_CASE, OF_CHILD, OF_CONSULTATION, began, is_of
from intake.statistics.periods import Period
from intake.statistics.tables import Added, Table, Tally
from intake.tables.calls import CallRow
from intake.tables.cases import CaseRow
from intake.tables.records import RecordRow

UNTOLD = ""
"""Code of the rows that tell nothing, so that all of a table are its total."""
MILLISECONDS = "milliseconds"
"""Code of `Table.SERVICE`: how long those who were answered waited, all together. `Table.WAITS` says how
many waited so many seconds, parts of one counted as one: from these both tables are made, whatever the
time is in which a call is to be answered (`intake.statistics.service`)."""
_OVER_TIME = (Table.WEEKDAYS, Table.HOURS)
_Found = defaultdict[date, defaultdict[Table, Counter[str]]]


def by_day(session: Session, of: Period) -> Mapping[date, Tally]:
    """The days of the period on which anything was counted; centers by their ids. Thirteen
    statements."""
    found: _Found = defaultdict(lambda: defaultdict(Counter))
    _calls(session, of, found)
    _waits(session, of, found)
    _closed(session, of, found)
    for one in _told(session, counted_rows.consultations(of)):
        tally = found[local(one.came_at).date()]
        for table, code in OF_CONSULTATION.items():
            if is_of(table, one):
                tally[table][code(one) or UNTOLD] += 1
        if is_of(Table.CENTERS, one):
            tally[Table.CENTERS][str(one.center_id)] += 1
    for child in _told(session, counted_rows.children(of)):
        tally = found[local(child.came_at).date()]
        for table, code in OF_CHILD.items():
            tally[table][code(child) or UNTOLD] += 1
    for day, table, what, many in chain(
        _cases(session, of),
        step_times.by_day(session, of),
        handover_times.by_day(session, of),
        load.by_day(session, of, settings().wrap_up),
    ):
        found[day][table][what] += many
    return found


def _cases(session: Session, of: Period) -> Iterator[Added]:
    """Of the day on which they were received."""
    for one in session.execute(counted_rows.cases(of).add_columns(CaseRow.received_at)):
        day = local(one.received_at).date()
        yield day, Table.CASE_CHILDREN, "cases", 1
        for table, told in OF_CASE.items():
            yield day, table, told(one) or UNTOLD, 1
    for child in session.execute(counted_rows.case_children(of).add_columns(CaseRow.received_at)):
        day = local(child.received_at).date()
        yield day, Table.CASE_CHILDREN, "children", 1
        yield day, Table.CASE_CHILDREN_STATES, child.state, 1


def _calls(session: Session, of: Period, found: _Found) -> None:
    """By what became of them and by the hour in which they came, of those that are over."""
    rows = counted_rows.calls(of).subquery()
    hour, outcome = rows.c.hour, rows.c.outcome
    made = counted_rows.of_hour(of)
    for hours, code, many in session.execute(
        select(hour, outcome, func.count()).group_by(hour, outcome)
    ):
        at = began(of, hours)
        tally = found[local(at).date()]
        tally[Table.CALLS][code] += many
        for table in _OVER_TIME:
            tally[table][made[table](at)] += many


def _waits(session: Session, of: Period, found: _Found) -> None:
    """Of the answered ones."""
    hour = hours_between(instant(of.starts_at), CallRow.arrived_at)
    rows = (
        select((hour // 24).label("day"), counted_rows.waited().label("waited"))
        .where(counted_rows.came(of), CallRow.ended_at.is_not(None), CallRow.answered_at.is_not(None))
        .subquery()
    )
    seconds = counted_rows.whole_seconds(rows.c.waited).label("seconds")
    query = select(rows.c.day, seconds, func.count(), func.sum(rows.c.waited)).group_by("day", "seconds")
    for days, longest, many, milliseconds in session.execute(query):
        tally = found[local(began(of, 24 * days)).date()]
        tally[Table.WAITS][str(longest)] += many
        tally[Table.SERVICE][MILLISECONDS] += int(milliseconds)


def _closed(session: Session, of: Period, found: _Found) -> None:
    """How the records of answered calls were closed."""
    hour = hours_between(instant(of.starts_at), CallRow.arrived_at)
    rows = counted_rows.closed(of).add_columns((hour // 24).label("day")).subquery()
    day, disposition = rows.c.day, rows.c.disposition
    for days, code, many in session.execute(
        select(day, disposition, func.count()).group_by(day, disposition)
    ):
        found[local(began(of, 24 * days)).date()][Table.CLOSED][code] += many


def _told(session: Session, queries: tuple[counted_rows.Rows, counted_rows.Rows]) -> Iterator[Any]:
    """By phone and in writing; `came_at`: when it reached the hotline, which says for which day it is
    counted."""
    for query, came_at in zip(queries, (CallRow.arrived_at, RecordRow.received_at), strict=True):
        yield from session.execute(query.add_columns(came_at.label("came_at")))
