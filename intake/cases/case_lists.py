"""Lists of cases: a page at a time, the next deadline first; and the filters that a person keeps.

A page begins after the last line of the one before (no offset), so that the hundredth costs no more than
the first, and a case that was closed meanwhile makes nobody miss another.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, CompoundSelect, Select, delete, func, select, true, tuple_, union
from sqlalchemy.orm import Session

from hotline import audit, staff, stated_reasons
from hotline.access import Action, Viewer, may
from hotline.errors import FieldErrors, NotAllowed
from hotline.ids import CaseId, StaffId
from hotline.sql_time import instant
from intake.cases import case_filters, case_way, flow
from intake.cases.case_filters import CaseFilter, Mark
from intake.cases.case_views import CaseLine, risk_of
from intake.forms.forms import tidy
from intake.tables.cases import CaseRow
from intake.tables.joins import SavedFilterRow
from intake.visibility import ways_to_cases

PAGE = 50
COUNTED_MOST = 1_000
EXPORTED_MOST = 5_000
"""Rows of one sheet: more takes the page's patience; a narrower filter finds them."""
_FILTER_TOLD = 170
"""Characters of a filter in the audit: the reason's id stands behind it."""


@dataclass(frozen=True, slots=True)
class CasePage:
    """`following`: where the next page begins; `count` stops at 1000."""

    lines: Sequence[CaseLine]
    following: Mark | None
    count: int


def page(
    session: Session, viewer: Viewer, asked: CaseFilter, after: Mark | None, now: datetime
) -> CasePage:
    """Of the cases that the viewer may read those that pass the filter."""
    rows = session.scalars(_first(session, viewer, asked, after, now, PAGE + 1)).all()
    shown = rows[:PAGE]
    last = shown[-1] if len(rows) > PAGE else None
    return CasePage(
        lines_of(session, shown, now),
        Mark(_moment(asked, last), last.id) if last is not None else None,
        len(rows) if after is None and last is None else _count(session, viewer, asked, now),
    )


def _count(session: Session, viewer: Viewer, asked: CaseFilter, now: datetime) -> int:
    passing = _passing(session, viewer, asked, now)
    each = [
        select(CaseRow.id).where(way, *passing).limit(COUNTED_MOST)
        for way in ways_to_cases(viewer, Action.READ_CASE)
    ]
    few = _any_of(each).limit(COUNTED_MOST).subquery()
    return session.scalar(select(func.count()).select_from(few)) or 0


def _moment(asked: CaseFilter, row: CaseRow) -> datetime:
    moment = row.closed_at if asked.over else row.due_at
    return moment or row.opened_at


def _first(
    session: Session, viewer: Viewer, asked: CaseFilter, after: Mark | None, now: datetime, most: int
) -> Select[CaseRow]:
    """In the order of the indexes: a closed case has no deadline any more. Each of the ways on which the
    viewer reaches cases is walked in that order as far as the list may need it: all of them in one
    condition would have the databases sort everything that it reaches."""
    passing = _passing(session, viewer, asked, now)
    moment = CaseRow.closed_at if asked.over else CaseRow.due_at
    if after is not None:
        here, there = tuple_(moment, CaseRow.id), tuple_(instant(after.at), after.id)
        passing.append(here < there if asked.over else here > there)
    order = (
        (CaseRow.closed_at.desc(), CaseRow.due_at.desc(), CaseRow.id.desc())
        if asked.over
        else (CaseRow.due_at, CaseRow.id)
    )
    each = [
        select(CaseRow.id).where(way, *passing).order_by(*order).limit(most)
        for way in ways_to_cases(viewer, Action.READ_CASE)
    ]
    return select(CaseRow).where(CaseRow.id.in_(_any_of(each))).order_by(*order).limit(most)


def _any_of(each: Sequence[Select[int]]) -> CompoundSelect[int]:
    """What is in any of these; SQLite limits no part of a union, but what the part selects from."""
    return union(*(select(one.subquery().c.id) for one in each))


def _passing(
    session: Session, viewer: Viewer, asked: CaseFilter, now: datetime
) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if asked.over:
        conditions += [CaseRow.closed_at.is_not(None), CaseRow.merged_into_id.is_(None)]
    else:
        conditions += [CaseRow.closed_at.is_(None)]
    if asked.mine:
        conditions.append(CaseRow.owner_id == viewer.staff_id)
    if asked.overdue:
        conditions.append(CaseRow.due_at < now)
    if asked.trafficking:
        conditions.append(CaseRow.trafficking == true())
    if asked.left:
        conditions.append(CaseRow.owner_id.in_(staff.who_left()))
    if asked.center:
        ids = [one.id for one in staff.centers(session) if one.code.upper() == asked.center.upper()]
        conditions.append(CaseRow.center_id.in_(ids))
    if asked.unit:
        conditions.append(_in(asked.unit))
    if asked.state is not None:
        conditions.append(CaseRow.state == asked.state)
    if asked.risk is not None:
        conditions.append(func.coalesce(CaseRow.risk, CaseRow.told_risk) == asked.risk)
    return conditions


def _in(unit_id: str) -> ColumnElement[bool]:
    province, communes = case_filters.places(unit_id)
    return CaseRow.province == province if province else CaseRow.commune.in_(communes)


def lines_of(session: Session, rows: Iterable[CaseRow], now: datetime) -> list[CaseLine]:
    """In this order, with their owners in one statement."""
    cases = list(rows)
    people = staff.some(session, {StaffId(row.owner_id) for row in cases})
    return [
        CaseLine(
            id=CaseId(row.id),
            number=row.number,
            state=flow.State(row.state),
            risk=risk_of(row),
            place=row.place,
            owner=people[StaffId(row.owner_id)],
            opened_at=row.opened_at,
            next=case_way.next_step(row, now),
            news=row.news_at is not None,
            trafficking=row.trafficking,
        )
        for row in cases
    ]


@dataclass(frozen=True, slots=True)
class SheetLine:
    """What a sheet says of a case: of the place its units alone, and of no person but its owner."""

    line: CaseLine
    commune: str
    province: str
    received_at: datetime
    closed_at: datetime | None


def export(
    session: Session, viewer: Viewer, asked: CaseFilter, reason: int, now: datetime
) -> tuple[Sequence[SheetLine], bool]:
    """Everything that passes, and whether that is all of it. Audited with the filter, the count and the
    `reason` (`hotline.stated_reasons`). Raises NotAllowed."""
    if not may(viewer, Action.EXPORT_CASES):
        raise NotAllowed(Action.EXPORT_CASES)
    rows = session.scalars(_first(session, viewer, asked, None, now, EXPORTED_MOST + 1)).all()
    shown = rows[:EXPORTED_MOST]
    detail = f"{len(shown)} {case_filters.written(asked)}"[:_FILTER_TOLD].strip()
    told = f"{detail} {stated_reasons.said(reason)}"
    audit.note(session, viewer, audit.Act.EXPORT, "case", "list", now, told)
    sheet = [
        SheetLine(line, row.commune or "", row.province or "", row.received_at, row.closed_at)
        for row, line in zip(shown, lines_of(session, shown, now), strict=True)
    ]
    return sheet, len(rows) <= EXPORTED_MOST


NAME_LONGEST = 60
KEPT_MOST = 20


@dataclass(frozen=True, slots=True)
class SavedFilter:
    id: int
    name: str
    filter: CaseFilter


def saved(session: Session, viewer: Viewer) -> Sequence[SavedFilter]:
    """The viewer's own, by name."""
    rows = session.scalars(
        select(SavedFilterRow)
        .where(SavedFilterRow.staff_id == viewer.staff_id)
        .order_by(SavedFilterRow.name)
    )
    return [SavedFilter(row.id, row.name, case_filters.read(row.asked)) for row in rows]


def save(session: Session, viewer: Viewer, name: str, asked: CaseFilter) -> None:
    """Keep a filter under a name; the same name again replaces it. Raises FieldErrors: `name`
    (`missing`, `too_long`, `too_many`)."""
    wanted = " ".join(tidy(name).split())
    mine = session.scalars(
        select(SavedFilterRow).where(SavedFilterRow.staff_id == viewer.staff_id)
    ).all()
    row = next((one for one in mine if one.name == wanted), None)
    if not wanted or len(wanted) > NAME_LONGEST:
        raise FieldErrors({"name": "too_long" if wanted else "missing"})
    if row is None and len(mine) >= KEPT_MOST:
        raise FieldErrors({"name": "too_many"})
    if row is None:
        row = SavedFilterRow(staff_id=viewer.staff_id, name=wanted)
        session.add(row)
    row.asked = case_filters.told(asked)
    session.flush()


def forget(session: Session, viewer: Viewer, filter_id: int) -> None:
    """Nothing happens to one that is not there, or not the viewer's."""
    session.execute(
        delete(SavedFilterRow).where(
            SavedFilterRow.id == filter_id, SavedFilterRow.staff_id == viewer.staff_id
        )
    )
