"""From a figure to the rows that it counts, as far as the viewer may see them anyway.

What a figure counts is said by `intake.statistics.counted_rows`, for who counts and for who asks here;
who may see a row is said by `intake.visibility`, as for every list. How many rows there are and are not
shown is told, but not where the figure itself is hidden because it is small.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from hotline import staff
from hotline.access import Action, Viewer, may
from hotline.errors import NotVisible
from intake.small_cells import breakdown
from intake.statistics import counted_rows, handover_times
from intake.statistics.counted_rows import OF_CASE, OF_CHILD, OF_CONSULTATION, is_of
from intake.statistics.periods import Period
from intake.statistics.tables import MISSING, OF_PEOPLE, TOTAL, Table
from intake.tables.calls import CallRow
from intake.tables.cases import CaseRow
from intake.tables.records import RecordRow
from intake.visibility import reachable_cases, reachable_records, readable_calls

PAGE = 100
Code = Callable[[Any], str | None]


class Thing(StrEnum):
    CALL = "call"
    RECORD = "record"
    CASE = "case"


READING: Mapping[Thing, Action] = {
    Thing.CALL: Action.READ_CALL,
    Thing.RECORD: Action.READ_RECORD,
    Thing.CASE: Action.READ_CASE,
}
_OVER_TIME = (Table.MONTHS, Table.WEEKDAYS, Table.HOURS)
THINGS: Mapping[Table, Thing] = {
    **dict.fromkeys((Table.CALLS, *_OVER_TIME), Thing.CALL),
    **dict.fromkeys((Table.CLOSED, Table.CENTERS, *OF_CONSULTATION, *OF_CHILD), Thing.RECORD),
    **dict.fromkeys(
        (*OF_CASE, Table.CASE_CHILDREN, Table.CASE_CHILDREN_STATES, Table.HANDOVERS), Thing.CASE
    ),
}
"""Table → what its figures lead to. Meetings of the therapy unit and contacts of the anti-trafficking
line lead nowhere from here."""


@dataclass(frozen=True, slots=True)
class TracedRow:
    """`name`: a case's number; `said`: outcome, disposition or state, a code. `times`: so often it is
    counted (a record tells of two children)."""

    id: str
    name: str
    at: datetime
    said: str
    center: str
    times: int


@dataclass(frozen=True, slots=True)
class Traced:
    """`total`: the figure; None: it is hidden. `seen`: how much of it the viewer may see, `rows`: a page
    of that, the newest first; `pages`: how many there are."""

    thing: Thing
    total: int | None
    seen: int
    rows: Sequence[TracedRow]
    pages: int

    @property
    def unseen(self) -> int | None:
        return None if self.total is None else self.total - self.seen


def traceable(viewer: Viewer, table: Table) -> bool:
    """Whether the viewer may see any row of such a kind at all."""
    return table in THINGS and may(viewer, READING[THINGS[table]])


def traced(
    session: Session, viewer: Viewer, of: Period, table: Table, code: str, page: int = 1
) -> Traced:
    """`code`: of a row of the table, `TOTAL` or `MISSING`. Raises NotVisible."""
    if not traceable(viewer, table):
        raise NotVisible("figure")
    if THINGS[table] is Thing.CALL:
        return _calls(session, viewer, of, table, code, page)
    return _others(session, viewer, of, table, code, page)


def _calls(session: Session, viewer: Viewer, of: Period, table: Table, code: str, page: int) -> Traced:
    rows = counted_rows.calls(of).subquery()
    counts = select(func.count()).select_from(rows).where(*_such(of, table, code, rows))
    seen = counts.join(CallRow, CallRow.id == rows.c.id).where(readable_calls(viewer))
    query = (
        select(CallRow.id, CallRow.arrived_at, rows.c.outcome, CallRow.center_id)
        .join(rows, rows.c.id == CallRow.id)
        .where(*_such(of, table, code, rows), readable_calls(viewer))
        .order_by(CallRow.arrived_at.desc(), CallRow.id)
    )
    names = _centers(session)
    shown = [
        TracedRow(id, "", at, outcome, names.get(center, ""), 1)
        for id, at, outcome, center in session.execute(_page(query, page))
    ]
    many = session.scalar(seen) or 0
    return Traced(Thing.CALL, session.scalar(counts) or 0, many, shown, _pages(many))


def _such(of: Period, table: Table, code: str, rows: Any) -> list[ColumnElement[bool]]:
    if code == TOTAL:
        return []
    if table is Table.CALLS:
        return [rows.c.outcome == code]
    made = counted_rows.of_hour(of)[table]
    hours = range(int((of.ends_at - of.starts_at).total_seconds()) // 3600)
    return [rows.c.hour.in_([hour for hour in hours if made(counted_rows.began(of, hour)) == code])]


def _others(session: Session, viewer: Viewer, of: Period, table: Table, code: str, page: int) -> Traced:
    thing = THINGS[table]
    queries, leads_to, made = _rows(session, of, table, code)
    found = Counter(made(one) for query in queries for one in session.execute(query))
    found.pop(_OTHER, None)
    reach = reachable_cases if thing is Thing.CASE else reachable_records
    own = reach(viewer, READING[thing])
    seen = [
        one for query in queries for one in session.execute(query.where(own)) if _is(made(one), code)
    ]
    ids = Counter(leads_to(one) for one in seen)
    order = sorted(ids, reverse=True)[(page - 1) * PAGE : page * PAGE]
    total = found.total() if code == TOTAL else found[None if code == MISSING else code]
    return Traced(
        thing,
        None if _hidden(table, code, found) else total,
        len(seen),
        _shown(session, thing, order, ids),
        _pages(len(ids)),
    )


def _is(made: str | None, code: str) -> bool:
    return (code == TOTAL and made != _OTHER) or made == (None if code == MISSING else code)


def _hidden(table: Table, code: str, found: Counter[str | None]) -> bool:
    counts = {each: many for each, many in found.items() if each is not None}
    return table in OF_PEOPLE and code in counts and breakdown(counts).cells[code] is None


def _rows(
    session: Session, of: Period, table: Table, code: str
) -> tuple[Sequence[counted_rows.Rows], Callable[[Any], int], Code]:
    """The statements of a table, to what a row of them leads, and as what it is counted."""
    if table in OF_CHILD:
        return counted_rows.children(of), lambda one: one.record_id, OF_CHILD[table]
    if table in OF_CASE:
        return [counted_rows.cases(of)], _id, OF_CASE[table]
    if table is Table.CASE_CHILDREN and code == "cases":
        return [counted_rows.cases(of)], _id, lambda _: code
    if table in _BY_CASE:
        query, made = _BY_CASE[table]
        return [query(of)], lambda one: one.case_id, made
    if table is Table.CLOSED:
        return [counted_rows.closed(of)], _id, lambda one: one.disposition
    return counted_rows.consultations(of), _id, _of_consultation(session, table)


_BY_CASE: Mapping[Table, tuple[Callable[[Period], counted_rows.Rows], Code]] = {
    Table.CASE_CHILDREN: (counted_rows.case_children, lambda _: "children"),
    Table.CASE_CHILDREN_STATES: (counted_rows.case_children, lambda one: one.state),
    Table.HANDOVERS: (handover_times.sent, lambda one: one.state),
}


def _id(one: Any) -> int:
    return int(one.id)


_OTHER = "-"
"""No table speaks of it."""


def _of_consultation(session: Session, table: Table) -> Code:
    names = _centers(session)
    code = OF_CONSULTATION.get(table, lambda one: names[one.center_id])
    return lambda one: code(one) if is_of(table, one) else _OTHER


def _shown(
    session: Session, thing: Thing, ids: Sequence[int], times: Mapping[int, int]
) -> Sequence[TracedRow]:
    names = _centers(session)
    if thing is Thing.CASE:
        cases = {one.id: one for one in session.scalars(select(CaseRow).where(CaseRow.id.in_(ids)))}
        return [
            TracedRow(
                str(id), one.number, one.received_at, one.state, names.get(one.center_id, ""), times[id]
            )
            for id in ids
            for one in [cases[id]]
        ]
    records = {one.id: one for one in session.scalars(select(RecordRow).where(RecordRow.id.in_(ids)))}
    return [
        TracedRow(
            str(id),
            "",
            one.received_at or one.created_at,
            one.disposition or "",
            names.get(one.center_id, ""),
            times[id],
        )
        for id in ids
        for one in [records[id]]
    ]


def _centers(session: Session) -> Mapping[int | None, str]:
    return {center.id: center.code for center in staff.centers(session)}


def _page(query: counted_rows.Rows, page: int) -> counted_rows.Rows:
    return query.limit(PAGE).offset((page - 1) * PAGE)


def _pages(many: int) -> int:
    return -(-many // PAGE)
