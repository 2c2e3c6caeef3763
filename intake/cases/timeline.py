"""The timeline of a case: what is on its spine and its calls, the newest first, page by page.

An entry that was corrected is shown by its correction, with what it said before behind it. Entries of
cases that were merged into it stand among its own, each with where it comes from; nothing is copied, so
that they are gone when the merge is undone.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, exists, false, not_, or_, select
from sqlalchemy.orm import Session, aliased

from hotline import staff
from hotline.access import Viewer
from hotline.errors import NotVisible
from hotline.events import Outcome
from hotline.ids import CallId, RecordId, StaffId
from hotline.staff import StaffView
from intake.cases import case_entries
from intake.cases.case_views import CaseRecord, CaseView, Merged
from intake.cases.flow import STEPPED, Step
from intake.recordings import recordings
from intake.records.record_views import Arrival
from intake.tables.calls import CallRow
from intake.tables.cases import CaseEventRow

PAGE = 50


class Group(StrEnum):
    """What one looks for."""

    CALL = "call"
    NOTE = "note"
    VISIT = "visit"
    DOCUMENT = "document"
    DECISION = "decision"
    STATUS = "status"


_GROUPS: Mapping[str, Group] = {
    "note": Group.NOTE,
    "visit": Group.VISIT,
    "file": Group.DOCUMENT,
    "document": Group.DOCUMENT,
    "decision": Group.DECISION,
    "plan": Group.DECISION,
    "separation": Group.DECISION,
}
"""Kind on the spine → group; every other kind is a change of status."""
_TOLD_BY_THE_OTHER = frozenset({"merged_into", "unmerged_from"})
"""What the spine of the case that it was merged into tells, too."""
_DECIDING = frozenset({Step.APPROVE_PLAN, Step.REFUSE})


@dataclass(frozen=True, slots=True)
class LineCall:
    """One call of the case. `talked`: None while nobody has answered; `whom`: who was rung from it."""

    call_id: CallId
    outbound: bool
    outcome: Outcome | None
    talked: timedelta | None
    playable: bool
    whom: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. `kind`: that of the spine, or `call`, `arrival`. `before`: what it said
    earlier, the newest first, when it is a correction; `correctable`: whether this viewer may correct
    it; `merged`: the case on whose spine it stands, when that was merged into this one."""

    kind: str
    group: Group
    happened_at: datetime
    entered_at: datetime | None = None
    id: int | None = None
    code: str = ""
    text: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    who: StaffView | None = None
    before: tuple["Entry", ...] = ()
    correctable: bool = False
    call: LineCall | None = None
    arrival: Arrival | None = None
    record_id: RecordId | None = None
    merged: Merged | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """`older`: what to name for the page before this one, if there is one."""

    entries: tuple[Entry, ...]
    older: int | None


def page(
    session: Session,
    viewer: Viewer,
    case: CaseView,
    *,
    group: Group | None = None,
    before: int | None = None,
    wished: Mapping[CallId, str] | None = None,
) -> Page:
    """The newest entries, or those older than the entry `before`; for who may see the case.

    `wished`: calls that were made from the case, and to whom. A handful of
    statements for any page. Raises NotVisible for a `before` of another case.
    """
    start = _start(session, case, before) if before is not None else None
    rows = _events(session, case, group, start)
    older = rows[PAGE - 1].id if len(rows) > PAGE else None
    entries = _entries(session, case, rows[:PAGE])
    beside = _calls(session, viewer, case, wished or {}) if group in {None, Group.CALL} else []
    first = start[0] if start else None
    last = rows[PAGE - 1].happened_at if older is not None else None
    entries += [one for one in beside if _between(one.happened_at, last, first)]
    entries.sort(key=lambda one: (one.happened_at, one.id or 0), reverse=True)
    return Page(tuple(entries), older)


def _between(moment: datetime, last: datetime | None, first: datetime | None) -> bool:
    return (last is None or moment >= last) and (first is None or moment < first)


def _start(session: Session, case: CaseView, before: int) -> tuple[datetime, int]:
    row = session.get(CaseEventRow, before)
    if row is None or row.case_id not in _spines(case):
        raise NotVisible("entry")
    return row.happened_at, row.id


def _spines(case: CaseView) -> Mapping[int, Merged | None]:
    """The case, and those that were merged into it."""
    return {case.id: None} | {one.id: one for one in case.merged}


def _events(
    session: Session, case: CaseView, group: Group | None, start: tuple[datetime, int] | None
) -> Sequence[CaseEventRow]:
    """One more than a page, so that it is known whether there is another; none that was corrected."""
    row, newer = CaseEventRow, aliased(CaseEventRow)
    query = select(row).where(
        row.case_id.in_(_spines(case)),
        or_(row.case_id == case.id, row.kind.not_in(_TOLD_BY_THE_OTHER)),
        ~exists().where(newer.corrects_id == row.id),
    )
    if group is not None:
        query = query.where(_in(group))
    if start is not None:
        happened_at, last = start
        query = query.where(
            or_(row.happened_at < happened_at, and_(row.happened_at == happened_at, row.id < last))
        )
    return session.scalars(query.order_by(row.happened_at.desc(), row.id.desc()).limit(PAGE + 1)).all()


def _in(group: Group) -> ColumnElement[bool]:
    row = CaseEventRow
    deciding = and_(row.kind == STEPPED, row.code.in_(_DECIDING))
    named = row.kind.in_([kind for kind, of in _GROUPS.items() if of is group])
    match group:
        case Group.CALL:
            return false()
        case Group.DECISION:
            return or_(named, deciding)
        case Group.STATUS:
            return and_(row.kind.not_in(_GROUPS), not_(deciding))
    return named


def _entries(session: Session, case: CaseView, rows: Sequence[CaseEventRow]) -> list[Entry]:
    before = _superseded(session, case) if any(row.corrects_id for row in rows) else {}
    several = [*rows, *before.values()]
    people = staff.some(session, {StaffId(row.staff_id) for row in several})
    spines = _spines(case)
    return [_entry(row, before, people, spines[row.case_id], writable=case.writable) for row in rows]


def _superseded(session: Session, case: CaseView) -> dict[int, CaseEventRow]:
    """Every entry of the case that was corrected, by id: few of many."""
    newer = aliased(CaseEventRow)
    found = session.scalars(
        select(CaseEventRow)
        .join(newer, newer.corrects_id == CaseEventRow.id)
        .where(CaseEventRow.case_id.in_(_spines(case)))
    )
    return {row.id: row for row in found}


def _entry(
    row: CaseEventRow,
    before: Mapping[int, CaseEventRow],
    people: Mapping[StaffId, StaffView],
    merged: Merged | None,
    *,
    writable: bool = False,
) -> Entry:
    earlier: list[Entry] = []
    corrected = row.corrects_id
    while corrected is not None and corrected in before:
        earlier.append(_entry(before[corrected], {}, people, merged))
        corrected = before[corrected].corrects_id
    deciding = row.kind == STEPPED and row.code in _DECIDING
    return Entry(
        kind=row.kind,
        group=Group.DECISION if deciding else _GROUPS.get(row.kind, Group.STATUS),
        happened_at=row.happened_at,
        entered_at=row.entered_at,
        id=row.id,
        code=row.code,
        text=row.text,
        answers=dict(row.answers),
        who=people[StaffId(row.staff_id)],
        before=tuple(earlier),
        correctable=writable and merged is None and row.kind in case_entries.ASKED,
        merged=merged,
    )


def _calls(
    session: Session, viewer: Viewer, case: CaseView, wished: Mapping[CallId, str]
) -> list[Entry]:
    """How each of its records came in, and the calls that were made from it."""
    came = {one.call.call_id: one for one in case.records if one.call}
    ids: Collection[CallId] = came.keys() | wished.keys()
    rows = session.scalars(select(CallRow).where(CallRow.id.in_(ids))).all() if ids else []
    playable = recordings.which_may_be_played(session, viewer, ids) if ids else frozenset()
    calls = [_call(row, came.get(CallId(row.id)), wished, playable) for row in rows]
    others = [
        Entry(
            kind="arrival",
            group=Group.CALL,
            happened_at=one.arrival.received_at,
            arrival=one.arrival,
            record_id=one.id if one.readable else None,
        )
        for one in case.records
        if one.arrival
    ]
    return [*calls, *others]


def _call(
    row: CallRow,
    record: CaseRecord | None,
    wished: Mapping[CallId, str],
    playable: Collection[CallId],
) -> Entry:
    this = CallId(row.id)
    talked = row.ended_at - row.answered_at if row.ended_at and row.answered_at else None
    return Entry(
        kind="call",
        group=Group.CALL,
        happened_at=row.arrived_at,
        call=LineCall(
            this,
            row.outbound,
            Outcome(row.outcome) if row.outcome else None,
            talked,
            this in playable,
            wished.get(this, ""),
        ),
        record_id=record.id if record and record.readable else None,
    )
