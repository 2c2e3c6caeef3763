"""How much there is to do for one counselor, as quartiles of all of them: nobody is named or ranked.

Of each counselor who talked: calls answered in an hour in which they answered any; the mean of their
talks; the mean of their wrap-up (from the end of a call until its record was closed, at most as long as
no new call came by itself). Fewer than five counselors have no quartiles. It is told of a month, not of
longer: it is read from the talks themselves, and a year of these takes seconds.
"""

from datetime import timedelta

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session

from hotline.ids import Part
from hotline.sql_time import hours_between, instant, seconds_between
from intake.statistics.periods import Period
from intake.statistics.quantiles import quartiles
from intake.statistics.tables import Counted, Figures, Table
from intake.tables.calls import CallRow, TalkRow
from intake.tables.records import RecordRow

LONGEST = timedelta(days=31)


def figures(session: Session, of: Period, wrap_up: timedelta) -> Figures:
    if of.until - of.since > LONGEST:
        return {}
    return {
        Table.LOAD_CALLS: Counted(quartiles(_calls(session, of))),
        Table.LOAD_TALK: Counted(quartiles(_talks(session, of))),
        Table.LOAD_WRAP_UP: Counted(quartiles(_wrap_ups(session, of, wrap_up))),
    }


def _calls(session: Session, of: Period) -> list[float]:
    """In tenths, of each counselor."""
    hours = (
        select(
            TalkRow.staff_id.label("staff"),
            hours_between(instant(of.starts_at), TalkRow.began_at).label("hour"),
            func.count(TalkRow.call_id.distinct()).label("calls"),
        )
        .select_from(CallRow)
        .join(TalkRow, TalkRow.call_id == CallRow.id)
        .where(_talked(of))
        .group_by("staff", "hour")
        .subquery()
    )
    rows = select(func.sum(hours.c.calls), func.count()).group_by(hours.c.staff)
    return [10 * float(calls) / many for calls, many in session.execute(rows)]


def _talked(of: Period) -> ColumnElement[bool]:
    """By when the call came: of that there is an index for everybody, of talks there is none."""
    return and_(
        CallRow.arrived_at >= of.starts_at,
        CallRow.arrived_at < of.ends_at,
        TalkRow.part == Part.COUNSELOR,
        TalkRow.staff_id.is_not(None),
        TalkRow.ended_at.is_not(None),
    )


def _talks(session: Session, of: Period) -> list[float]:
    rows = (
        select(func.avg(seconds_between(TalkRow.began_at, TalkRow.ended_at)))
        .select_from(CallRow)
        .join(TalkRow, TalkRow.call_id == CallRow.id)
        .where(_talked(of))
        .group_by(TalkRow.staff_id)
    )
    return [float(mean) for mean in session.scalars(rows)]


def _wrap_ups(session: Session, of: Period, most: timedelta) -> list[float]:
    written = seconds_between(CallRow.ended_at, RecordRow.closed_at)
    longest = most.total_seconds()
    counted = case((written > longest, longest), (written < 0, 0.0), else_=written)
    rows = (
        select(func.avg(counted))
        .select_from(RecordRow)
        .join(CallRow, CallRow.id == RecordRow.call_id)
        .where(
            CallRow.arrived_at >= of.starts_at,
            CallRow.arrived_at < of.ends_at,
            CallRow.answered_at.is_not(None),
            CallRow.ended_at.is_not(None),
            RecordRow.closed_at.is_not(None),
        )
        .group_by(RecordRow.owner_id)
    )
    return [float(mean) for mean in session.scalars(rows)]
