"""From a figure to the rows that it counts, as far as the viewer may see them anyway.

What a figure counts is said by what counts it (`traced_calls`, `traced_rows`); who may see a row is said
by `intake.visibility`, as for every list. How many rows there are and are not shown is told, but not
where the figure itself is hidden because it is small; where that counts children who are treated, it
leads nowhere. The load of counselors leads to the calls of all of them: whose they are is no part of it.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hotline.access import Viewer, may
from hotline.errors import NotVisible
from intake.small_cells import LEAST, breakdown
from intake.statistics import traced_calls, traced_list, traced_rows
from intake.statistics.counted_rows import OF_CASE, OF_CHILD, OF_CONSULTATION, Rows
from intake.statistics.periods import Period
from intake.statistics.quantiles import quantile
from intake.statistics.tables import EACH_CHILD, MISSING, NEEDS, OF_PEOPLE, TOTAL, Table, Unit, unit_of
from intake.statistics.traced_list import PAGE, READING, Thing, TracedRow
from intake.statistics.traced_rows import Found
from intake.tables.calls import CallRow
from intake.visibility import readable_calls

_RECORDS = frozenset({Table.CLOSED, Table.CENTERS, Table.TRAFFICKING, *OF_CONSULTATION, *OF_CHILD})
_CASES = frozenset(
    {
        *OF_CASE,
        Table.CASE_CHILDREN,
        Table.CASE_CHILDREN_STATES,
        Table.STEPS,
        Table.STEPS_LATE,
        Table.STEPS_IN_TIME,
        Table.STEP_MEDIANS,
        Table.STEP_P90S,
        Table.HANDOVERS,
        Table.HANDOVER_MEDIANS,
        Table.HANDOVER_P90S,
        Table.REFERRALS,
        Table.THERAPY,
    }
)
_QUANTILES = {
    Table.STEP_MEDIANS: 0.5,
    Table.STEP_P90S: 0.9,
    Table.HANDOVER_MEDIANS: 0.5,
    Table.HANDOVER_P90S: 0.9,
}


@dataclass(frozen=True, slots=True)
class Traced:
    """`total`: how much the figure counts; None: it is hidden. `seen`: how much of it the viewer may
    see; `rows`: a page of that, the newest first, or where something was measured the longest;
    `pages`: how many there are. `parts`: of a share, how many are so. `figure`: what is made of
    them, in the table's unit; None where it is the total, or no figure of these rows alone."""

    thing: Thing
    total: int | None
    seen: int
    rows: Sequence[TracedRow]
    pages: int
    parts: int | None = None
    figure: int | None = None

    @property
    def unseen(self) -> int | None:
        return None if self.total is None else self.total - self.seen


def thing_of(table: Table, code: str = "") -> Thing:
    """What a figure of this table leads to."""
    if table is Table.CLOSED and code in {TOTAL, MISSING}:
        return Thing.CALL
    return Thing.RECORD if table in _RECORDS else Thing.CASE if table in _CASES else Thing.CALL


def traceable(viewer: Viewer, table: Table) -> bool:
    """Whether the viewer may see the figure, and any row of such a kind at all."""
    allowed = table not in NEEDS or may(viewer, NEEDS[table])
    return allowed and may(viewer, READING[thing_of(table)])


def traced(
    session: Session,
    viewer: Viewer,
    of: Period,
    table: Table,
    code: str,
    now: datetime,
    page: int = 1,
) -> Traced:
    """`code`: of a row of the table, `TOTAL` or `MISSING`. Raises NotVisible."""
    thing = thing_of(table, code)
    if not traceable(viewer, table) or not may(viewer, READING[thing]):
        raise NotVisible("figure")
    if thing is Thing.CALL:
        rows = traced_calls.calls(of, table, code)
        return of_calls(session, viewer, rows, page, table, code)
    return _others(session, viewer, of, table, code, now, page)


def of_calls(
    session: Session,
    viewer: Viewer,
    calls: Rows,
    page: int,
    table: Table = Table.CALLS,
    code: str = TOTAL,
) -> Traced:
    """`calls`: as `traced_calls` has them. `table`, `code`: what is made of them; else a count."""
    rows = calls.subquery()
    total, parts, took, longest = session.execute(
        select(
            func.count(), func.sum(rows.c.part), func.sum(rows.c.took), func.max(rows.c.took)
        ).select_from(rows)
    ).one()
    own = select(func.count()).select_from(rows).join(CallRow, CallRow.id == rows.c.id)
    seen = session.scalar(own.where(readable_calls(viewer))) or 0
    return Traced(
        Thing.CALL,
        total,
        seen,
        traced_list.calls(
            session, viewer, rows, longest_first=unit_of(table) is Unit.SECONDS, page=page
        ),
        traced_list.pages(seen),
        int(parts or 0) if unit_of(table) is Unit.PERMILLE else None,
        _of_calls(table, code, total, int(parts or 0), int(took or 0), int(longest or 0)),
    )


def _of_calls(table: Table, code: str, total: int, parts: int, took: int, longest: int) -> int | None:
    """None also of the load: quartiles are of counselors, not of calls."""
    if not total:
        return None
    if table is Table.SERVICE:
        return round(1000 * parts / total)
    if table is Table.WAITS:
        return -(-longest // 1000) if code == "longest_answer" else round(took / total / 1000)
    return None


def _others(
    session: Session, viewer: Viewer, of: Period, table: Table, code: str, now: datetime, page: int
) -> Traced:
    unit = unit_of(table)
    every = list(traced_rows.rows(session, of, table, now))
    found = [one for one in every if one.behind(code)]
    if (table, code) in EACH_CHILD and 0 < len(found) < LEAST:
        raise NotVisible("figure")
    listed = listing(session, viewer, thing_of(table, code), found, page, unit)
    parts = sum(one.part for one in found)
    return replace(
        listed,
        total=None if _hidden(table, code, every) else listed.total,
        parts=parts if unit is Unit.PERMILLE else None,
        figure=_of_others(table, found, parts),
    )


def listing(
    session: Session,
    viewer: Viewer,
    thing: Thing,
    found: Sequence[Found],
    page: int,
    unit: Unit = Unit.COUNT,
) -> Traced:
    """Of all that a figure counts, a page of what the viewer may see."""
    reached = traced_list.reached(session, viewer, thing, {one.of for one in found})
    own = [one for one in found if one.of in reached]
    rows = _together(own) if unit is Unit.COUNT else _in_order(own, unit)
    return Traced(
        thing,
        len(found),
        len(own),
        traced_list.shown(session, thing, rows[(page - 1) * PAGE : page * PAGE]),
        traced_list.pages(len(rows)),
    )


def _of_others(table: Table, found: Sequence[Found], parts: int) -> int | None:
    if unit_of(table) is Unit.PERMILLE:
        return round(1000 * parts / len(found)) if found else None
    if table in _QUANTILES:
        return quantile([one.seconds or 0 for one in found], _QUANTILES[table])
    return None


def _together(found: Iterable[Found]) -> list[tuple[Found, int]]:
    """Each record or case once, with how often it is counted."""
    many = Counter(one.of for one in found)
    return [(Found(of, None), many[of]) for of in sorted(many, reverse=True)]


def _in_order(found: Iterable[Found], unit: Unit) -> list[tuple[Found, int]]:
    """Each by itself, for each was measured."""
    measured = unit is Unit.SECONDS
    ordered = sorted(found, key=lambda one: (one.seconds or 0 if measured else 0, one.of), reverse=True)
    return [(one, 1) for one in ordered]


def _hidden(table: Table, code: str, every: Iterable[Found]) -> bool:
    if table not in OF_PEOPLE:
        return False
    counts = Counter(one.code for one in every if one.code is not None)
    return code in counts and breakdown(counts).cells[code] is None
