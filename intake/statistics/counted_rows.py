"""The rows that figures count: which they are in a period, and what each table says of one of them.

One piece of code for who counts (`intake.statistics.counting`) and for who asks which rows a figure
counts (`intake.statistics.tracing`). Statements give rows with an `id` each; what a table makes of such
a row is a function in `OF_CONSULTATION`, `OF_CHILD`, `OF_CASE`; None: it tells nothing of this row.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, and_, case, cast, func, or_, select
from sqlalchemy.orm import aliased

from hotline.clock import local
from hotline.events import Outcome
from hotline.lines import CalledLine
from hotline.sql_plan import not_sought
from hotline.sql_time import hours_between, instant, seconds_between
from hotline.units import OLD, unit
from intake.forms import places
from intake.forms.forms import About
from intake.forms.taxonomy import Disposition, Way
from intake.forms.trafficking import People, age, people_of
from intake.statistics.periods import Period
from intake.statistics.tables import Table
from intake.tables.calls import CallRow
from intake.tables.cases import CaseRow
from intake.tables.joins import CaseRecordRow, SameChildRow
from intake.tables.records import RecordPersonRow, RecordRow

CONSULTED = (Disposition.INFORMATION, Disposition.COUNSELING, Disposition.ESCALATED)
AGES = (("0-3", 0, 3), ("4-6", 4, 6), ("7-10", 7, 10), ("11-14", 11, 14), ("15-17", 15, 17))
"""Bands of whole years."""
LEFT_WORD, UNSERVED = "left_word", "unserved"
"""Calls that nobody answered and that were not given up: `intake.calls.kpis`."""
_HOUR = timedelta(hours=1)
Rows = Select[*tuple[Any, ...]]
"""A statement that gives them."""


def came(of: Period, line: CalledLine = CalledLine.CHILD) -> ColumnElement[bool]:
    return and_(
        CallRow.arrived_at >= of.starts_at,
        CallRow.arrived_at < of.ends_at,
        CallRow.outbound.is_(False),
        CallRow.internal.is_(False),
        CallRow.line == line,
    )


def calls(of: Period) -> Rows:
    """Those that are over. `hour`: of the period, in which it came; `outcome`: what became of it."""
    hour = hours_between(instant(of.starts_at), CallRow.arrived_at)
    return select(CallRow.id, hour.label("hour"), outcome().label("outcome")).where(
        came(of), CallRow.ended_at.is_not(None)
    )


def outcome() -> ColumnElement[str]:
    """What became of a call."""
    word = or_(CallRow.message_at.is_not(None), CallRow.callback_asked_at.is_not(None))
    return case(
        (CallRow.answered_at.is_not(None), Outcome.ANSWERED.value),
        (word, LEFT_WORD),
        (CallRow.outcome == Outcome.ABANDONED, Outcome.ABANDONED.value),
        else_=UNSERVED,
    )


def waited() -> ColumnElement[int | None]:
    """Milliseconds until a call was answered; NULL for one that was not. SQLite is exact to 0.1 ms: less
    than one over a second is not over it."""
    found = cast(seconds_between(CallRow.arrived_at, CallRow.answered_at) * 1000, BigInteger)
    return case((found < 0, 0), else_=found)


def whole_seconds(milliseconds: ColumnElement[Any]) -> ColumnElement[Any]:
    """Parts of one counted as one."""
    return (milliseconds + 999) // 1000


def began(of: Period, hour: int) -> datetime:
    """When this hour of a period began."""
    return of.starts_at + hour * _HOUR


def of_hour(of: Period) -> Mapping[Table, Callable[[datetime], str]]:
    """What the tables over time say of an hour."""
    month = "%m" if len(of.months()) <= 12 else "%Y-%m"
    return {
        Table.MONTHS: lambda at: f"{local(at):{month}}",
        Table.WEEKDAYS: lambda at: str(local(at).isoweekday()),
        Table.HOURS: lambda at: f"{local(at).hour:02}",
    }


def closed(of: Period) -> Rows:
    """Records of answered calls; of what is not closed yet nothing is said."""
    return (
        select(RecordRow.id, RecordRow.disposition)
        .join(CallRow, RecordRow.call_id == not_sought(CallRow.id))
        .where(came(of), CallRow.answered_at.is_not(None), RecordRow.disposition.is_not(None))
    )


def consultations(of: Period) -> tuple[Rows, Rows]:
    """By phone, and in writing; official letters of which no case came are among them."""
    row = RecordRow
    told = select(
        row.id,
        row.way,
        row.disposition,
        row.problem,
        row.center_id,
        row.caller_type,
        row.fields,
    ).where(_consulted())
    return _by_phone(told, of), told.where(received(of))


def _consulted() -> ColumnElement[bool]:
    """By no index of SQLite's, which would look through all years for those of a day."""
    return not_sought(RecordRow.disposition).in_(CONSULTED)


def _by_phone(records: Rows, of: Period) -> Rows:
    return records.join(CallRow, RecordRow.call_id == not_sought(CallRow.id)).where(came(of))


def received(of: Period) -> ColumnElement[bool]:
    return and_(RecordRow.received_at >= of.starts_at, RecordRow.received_at < of.ends_at)


def is_letter_alone(one: Any) -> bool:
    """It is no consultation."""
    return bool(one.way == Way.OFFICIAL_LETTER and one.disposition != Disposition.ESCALATED)


def is_of(table: Table, one: Any) -> bool:
    """Whether a table of consultations speaks of this one at all."""
    match table:
        case Table.LETTERS:
            return is_letter_alone(one)
        case Table.COUNSELED:
            return bool(one.disposition == Disposition.COUNSELING and not is_letter_alone(one))
    return not is_letter_alone(one)


OF_CONSULTATION: Mapping[Table, Callable[[Any], str | None]] = {
    Table.WAYS: lambda one: one.way,
    Table.LETTERS: lambda one: one.way,
    Table.KINDS: lambda one: one.disposition,
    Table.CALLERS: lambda one: one.caller_type,
    Table.COUNSELED: lambda one: one.problem,
    Table.PROVINCES: lambda one: _province(one.fields.get("place_unit"), old=False),
    Table.OLD_PROVINCES: lambda one: _province(one.fields.get("place_unit"), old=True),
}
"""Of those that `is_of` says."""


def _province(place: str | None, *, old: bool) -> str | None:
    """Id of the province; an old one only where an old unit was told."""
    found = unit(place or "")
    if found is None:
        return None
    if old:
        return found.province.id if found.era == OLD else None
    today = places.province(place or "")
    return today.id if today else None


def children(of: Period) -> tuple[Rows, Rows]:
    """Of whom consultations by phone or in writing told; `record_id`: in which."""
    person = RecordPersonRow
    at = func.coalesce(RecordRow.received_at, RecordRow.created_at).label("at")
    query = (
        select(person.id, person.record_id, person.fields, at)
        .join(RecordRow, person.record_id == not_sought(RecordRow.id))
        .where(person.about == About.CHILD, _consulted())
    )
    return _by_phone(query, of), query.where(received(of))


OF_CHILD: Mapping[Table, Callable[[Any], str | None]] = {
    Table.CHILDREN_SEX: lambda child: child.fields.get("sex"),
    Table.CHILDREN_AGE: lambda child: _band(_years(child)),
    Table.CHILDREN_PEOPLE: lambda child: _people(child.fields.get("ethnicity")),
}


def _people(ethnicity: str | None) -> str | None:
    """None where nobody told."""
    found = people_of(ethnicity or "")
    return None if found is People.UNKNOWN else found


def _years(child: Any) -> int | None:
    """When it was told of, in whole years: by the date of birth, else as it was estimated."""
    return age(child.fields, local(child.at).date())


def _band(years: int | None) -> str | None:
    found = -1 if years is None else years
    return next((band for band, first, last in AGES if first <= found <= last), None)


def _first_record() -> ColumnElement[int]:
    """Link of a case to the record it was opened from; looked up for each, for there are many others."""
    link = aliased(CaseRecordRow)
    return (
        select(func.min(link.id))
        .where(link.case_id == CaseRow.id, link.left_at.is_(None))
        .correlate(CaseRow)
        .scalar_subquery()
    )


def opened(of: Period) -> ColumnElement[bool]:
    """Cases that were received in these days over anything but the anti-trafficking line."""
    return and_(
        CaseRow.received_at >= of.starts_at,
        CaseRow.received_at < of.ends_at,
        CaseRow.merged_into_id.is_(None),
        or_(CallRow.line.is_(None), CallRow.line == CalledLine.CHILD),
    )


def cases(of: Period) -> Rows:
    link = CaseRecordRow
    return (
        select(CaseRow.id, CaseRow.state, RecordRow.problem, RecordRow.way)
        .select_from(CaseRow)
        .join(link, link.id == _first_record())
        .join(RecordRow, RecordRow.id == link.record_id)
        .outerjoin(CallRow, CallRow.id == RecordRow.call_id)
        .where(opened(of))
    )


OF_CASE: Mapping[Table, Callable[[Any], str | None]] = {
    Table.CASES: lambda one: one.problem,
    Table.CASE_WAYS: lambda one: one.way,
    Table.CASE_STATES: lambda one: one.state,
}


def case_children(of: Period) -> Rows:
    """Each once in a case, however many of its records tell of them. `case_id`, `state`: of the case."""
    person, link, same = RecordPersonRow, CaseRecordRow, SameChildRow
    return (
        select(person.id, CaseRow.id.label("case_id"), CaseRow.state)
        .select_from(CaseRow)
        .join(link, and_(link.case_id == CaseRow.id, link.left_at.is_(None)))
        .join(RecordRow, RecordRow.id == link.record_id)
        .outerjoin(CallRow, CallRow.id == RecordRow.call_id)
        .join(person, and_(person.record_id == RecordRow.id, person.about == About.CHILD))
        .outerjoin(same, and_(same.person_id == person.id, same.undone_at.is_(None)))
        .where(opened(of), same.id.is_(None))
    )
