"""Rows behind a figure as the viewer may see them: which those are, and what is shown of each."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline import staff
from hotline.access import Action, Viewer
from intake.statistics import counted_rows
from intake.statistics.traced_rows import Found
from intake.tables.calls import CallRow
from intake.tables.cases import CaseRow
from intake.tables.records import RecordRow
from intake.visibility import reachable_cases, reachable_records, readable_calls

PAGE = 50
_AT_ONCE = 5_000
"""Ids that one statement names."""


class Thing(StrEnum):
    CALL = "call"
    RECORD = "record"
    CASE = "case"
    MEETING = "meeting"
    """Of a child with the therapy unit: for its people."""


READING: Mapping[Thing, Action] = {
    Thing.CALL: Action.READ_CALL,
    Thing.RECORD: Action.READ_RECORD,
    Thing.CASE: Action.READ_CASE,
    Thing.MEETING: Action.TREAT,
}


@dataclass(frozen=True, slots=True)
class TracedRow:
    """`name`: a case's number, a child's name; `said`: outcome, disposition, state or kind, a code.
    `times`: so often it is counted (a record tells of two children). `seconds`: what was measured.
    `part`: whether a share counts it among those that are so."""

    id: str
    name: str
    at: datetime
    said: str
    center: str
    times: int = 1
    seconds: int | None = None
    part: bool = True


def calls(
    session: Session, viewer: Viewer, rows: Any, *, longest_first: bool, page: int
) -> Sequence[TracedRow]:
    """A page of those that the viewer may see. `rows`: as `traced_calls` has them."""
    measured = [rows.c.took.desc()] if longest_first else []
    query = (
        select(
            CallRow.id,
            CallRow.arrived_at,
            counted_rows.outcome().label("outcome"),
            CallRow.center_id,
            rows.c.took,
            rows.c.part,
        )
        .join(rows, rows.c.id == CallRow.id)
        .where(readable_calls(viewer))
        .order_by(*measured, CallRow.arrived_at.desc(), CallRow.id)
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    names = _centers(session)
    return [
        TracedRow(
            one.id,
            "",
            one.arrived_at,
            one.outcome,
            names.get(one.center_id, ""),
            seconds=None if one.took is None else -(-int(one.took) // 1000),
            part=bool(one.part),
        )
        for one in session.execute(query)
    ]


def reached(session: Session, viewer: Viewer, thing: Thing, ids: Collection[int]) -> set[int]:
    """Those of these records or cases that the viewer may see."""
    row: Any = CaseRow if thing is Thing.CASE else RecordRow
    reach = reachable_cases if thing is Thing.CASE else reachable_records
    own, each = reach(viewer, READING[thing]), list(ids)
    return {
        id
        for at in range(0, len(each), _AT_ONCE)
        for id in session.scalars(select(row.id).where(row.id.in_(each[at : at + _AT_ONCE]), own))
    }


def shown(session: Session, thing: Thing, found: Sequence[tuple[Found, int]]) -> Sequence[TracedRow]:
    ids = {one.of for one, _ in found}
    told = _cases(session, ids) if thing is Thing.CASE else _records(session, ids)
    names = _centers(session)
    return [
        TracedRow(str(one.of), name, at, said, names.get(center, ""), times, one.seconds, one.part)
        for one, times in found
        for name, at, said, center in [told[one.of]]
    ]


_Told = Mapping[int, tuple[str, datetime, str, int | None]]


def _cases(session: Session, ids: Collection[int]) -> _Told:
    rows = session.scalars(select(CaseRow).where(CaseRow.id.in_(ids)))
    return {one.id: (one.number, one.received_at, one.state, one.center_id) for one in rows}


def _records(session: Session, ids: Collection[int]) -> _Told:
    rows = session.scalars(select(RecordRow).where(RecordRow.id.in_(ids)))
    return {
        one.id: ("", one.received_at or one.created_at, one.disposition or "", one.center_id)
        for one in rows
    }


def _centers(session: Session) -> Mapping[int | None, str]:
    return {center.id: center.code for center in staff.centers(session)}


def pages(many: int) -> int:
    return -(-many // PAGE)
