"""The figures of a period out of the database: a dozen statements, each by the index of a time.

A consultation is a record closed as information, counseling or a case; an official letter only if a case
came of it (ADR 27). What came over the anti-trafficking line is counted in `Table.TRAFFICKING` alone.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session

from hotline import staff
from hotline.clock import local
from hotline.events import Outcome
from hotline.lines import CalledLine
from hotline.sql_time import hours_between, instant
from hotline.units import OLD, unit
from intake.forms import places
from intake.forms.forms import About
from intake.forms.taxonomy import CallerType, Disposition, Problem, Sex, Way
from intake.forms.trafficking import age
from intake.statistics.periods import Period
from intake.statistics.tables import Counted, Figures, Table
from intake.tables.calls import CallRow
from intake.tables.cases import CaseRow
from intake.tables.joins import CaseRecordRow, SameChildRow
from intake.tables.records import RecordPersonRow, RecordRow
from intake.tables.therapy import TherapyMeetingRow, TherapyReferralRow
from intake.therapy.therapy_rules import FREE, Held, Kind
from intake.victims import trafficking_counts
from intake.victims.trafficking_counts import PUBLISHED

CONSULTED = (Disposition.INFORMATION, Disposition.COUNSELING, Disposition.ESCALATED)
AGES = (("0-3", 0, 3), ("4-6", 4, 6), ("7-10", 7, 10), ("11-14", 11, 14), ("15-17", 15, 17))
"""Bands of whole years."""
LEFT_WORD, UNSERVED = "left_word", "unserved"
"""Calls that nobody answered and that were not given up: `intake.calls.kpis`."""
_HOUR = timedelta(hours=1)


def figures(session: Session, of: Period) -> Figures | None:
    """None: nothing at all is known of these days."""
    calls = _calls(session, of)
    spoken, written = _consultations(session, of)
    cases = _cases(session, of)
    if not (calls or spoken or written or cases):
        return None
    told = [*spoken, *written]
    consulted = [one for one in told if not _is_letter_alone(one)]
    children = _children(session, of)
    return {
        **(of_calls := _of_calls(of, calls)),
        Table.CLOSED: _closed(session, of, of_calls[Table.CALLS].rows.get(Outcome.ANSWERED, 0)),
        Table.WAYS: _table((one.way for one in consulted), len(consulted), Way),
        Table.LETTERS: Counted(
            {Way.OFFICIAL_LETTER: sum(one.way == Way.OFFICIAL_LETTER for one in told)}
        ),
        Table.KINDS: _table((one.disposition for one in consulted), len(consulted), CONSULTED),
        Table.CALLERS: _table((one.caller for one in consulted), len(consulted), CallerType),
        Table.COUNSELED: _counseled(consulted),
        Table.CHILDREN_SEX: _table((one.sex for one in children), len(children), Sex),
        Table.CHILDREN_AGE: _table(
            (_band(_years(one)) for one in children), len(children), (band for band, _, _ in AGES)
        ),
        Table.PROVINCES: _table((_province(one.place, old=False) for one in consulted), len(consulted)),
        Table.OLD_PROVINCES: _table((_province(one.place, old=True) for one in consulted), None),
        Table.CENTERS: _centers(session, consulted),
        Table.CASES: _table((one.problem for one in cases), len(cases), Problem),
        Table.CASE_WAYS: _table((one.way for one in cases), len(cases), Way),
        Table.CASE_STATES: _table((one.state for one in cases), len(cases)),
        Table.CASE_CHILDREN: Counted({"cases": len(cases), "children": _children_of_cases(session, of)}),
        Table.TRAFFICKING: _trafficking(session, of),
        Table.THERAPY: _therapy(session, of),
    }


def _table(found: Iterable[str | None], total: int | None, codes: Iterable[str] = ()) -> Counted:
    """What was found, without what nobody told: `codes` first, in their order; the rest by how often."""
    return _ordered(Counter(code for code in found if code), total, codes)


def _ordered(many: Counter[str], total: int | None, codes: Iterable[str] = ()) -> Counted:
    order = dict.fromkeys([*(str(code) for code in codes if many[code]), *dict(many.most_common())])
    return Counted({code: many[code] for code in order}, total)


def _came(of: Period, line: CalledLine = CalledLine.CHILD) -> ColumnElement[bool]:
    return and_(
        CallRow.arrived_at >= of.starts_at,
        CallRow.arrived_at < of.ends_at,
        CallRow.outbound.is_(False),
        CallRow.internal.is_(False),
        CallRow.line == line,
    )


def _calls(session: Session, of: Period) -> Counter[tuple[datetime, str]]:
    """The hour in which they came and what became of them → how many, of those that are over."""
    word = or_(CallRow.message_at.is_not(None), CallRow.callback_asked_at.is_not(None))
    outcome = case(
        (CallRow.answered_at.is_not(None), Outcome.ANSWERED.value),
        (word, LEFT_WORD),
        (CallRow.outcome == Outcome.ABANDONED, Outcome.ABANDONED.value),
        else_=UNSERVED,
    )
    hour = hours_between(instant(of.starts_at), CallRow.arrived_at)
    hours = select(hour.label("hour"), outcome.label("outcome")).where(
        _came(of), CallRow.ended_at.is_not(None)
    )
    grouped = hours.subquery()
    query = select(grouped.c.hour, grouped.c.outcome, func.count()).group_by(
        grouped.c.hour, grouped.c.outcome
    )
    return Counter(
        {(of.starts_at + hour * _HOUR, outcome): many for hour, outcome, many in session.execute(query)}
    )


def _of_calls(of: Period, calls: Counter[tuple[datetime, str]]) -> Figures:
    outcomes, months, weekdays, hours = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    month = "%m" if len(of.months()) <= 12 else "%Y-%m"
    for (hour, outcome), many in calls.items():
        at = local(hour)
        outcomes[outcome] += many
        months[f"{at:{month}}"] += many
        weekdays[str(at.isoweekday())] += many
        hours[f"{at.hour:02}"] += many
    total = calls.total()
    return {
        Table.CALLS: _ordered(outcomes, total, (Outcome.ANSWERED, Outcome.ABANDONED)),
        Table.MONTHS: _ordered(months, total, (f"{one:{month}}" for one in of.months())),
        Table.WEEKDAYS: _ordered(weekdays, total, map(str, range(1, 8))),
        Table.HOURS: _ordered(hours, total, (f"{n:02}" for n in range(24))),
    }


def _closed(session: Session, of: Period, answered: int) -> Counted:
    """How the records of answered calls were closed; of what is not closed yet nothing is said."""
    query = (
        select(RecordRow.disposition, func.count())
        .join(CallRow, CallRow.id == RecordRow.call_id)
        .where(_came(of), CallRow.answered_at.is_not(None), RecordRow.disposition.is_not(None))
        .group_by(RecordRow.disposition)
    )
    found = {row.disposition: row[1] for row in session.execute(query)}
    return Counted({kind: found[kind] for kind in Disposition if kind in found}, answered)


def _told() -> Any:
    row = RecordRow
    return select(
        row.way,
        row.disposition,
        row.problem,
        row.center_id,
        row.fields["caller_type"].as_string().label("caller"),
        row.fields["place_unit"].as_string().label("place"),
    ).where(row.disposition.in_(CONSULTED))


def _consultations(session: Session, of: Period) -> tuple[Sequence[Any], Sequence[Any]]:
    """By phone, and in writing."""
    spoken = _told().join(CallRow, CallRow.id == RecordRow.call_id).where(_came(of))
    return session.execute(spoken).all(), session.execute(_told().where(_received(of))).all()


def _received(of: Period) -> ColumnElement[bool]:
    return and_(RecordRow.received_at >= of.starts_at, RecordRow.received_at < of.ends_at)


def _is_letter_alone(one: Any) -> bool:
    return bool(one.way == Way.OFFICIAL_LETTER and one.disposition != Disposition.ESCALATED)


def _counseled(consulted: Iterable[Any]) -> Counted:
    deep = [one for one in consulted if one.disposition == Disposition.COUNSELING]
    return _table((one.problem for one in deep), len(deep), Problem)


def _children(session: Session, of: Period) -> Sequence[Any]:
    """Of whom consultations by phone or in writing told."""
    person = RecordPersonRow
    told = (person.fields[name].as_string().label(name) for name in ("sex", "age", "birth_date"))
    query = (
        select(*told, func.coalesce(RecordRow.received_at, RecordRow.created_at).label("at"))
        .join(RecordRow, RecordRow.id == person.record_id)
        .where(person.about == About.CHILD, RecordRow.disposition.in_(CONSULTED))
    )
    spoken = query.join(CallRow, CallRow.id == RecordRow.call_id).where(_came(of))
    return [*session.execute(spoken), *session.execute(query.where(_received(of)))]


def _years(child: Any) -> int | None:
    """When it was told of, in whole years: by the date of birth, else as it was estimated."""
    told = {name: getattr(child, name) or "" for name in ("age", "birth_date")}
    return age(told, local(child.at).date())


def _band(years: int | None) -> str | None:
    found = -1 if years is None else years
    return next((band for band, first, last in AGES if first <= found <= last), None)


def _province(place: str | None, *, old: bool) -> str | None:
    """Id of the province; an old one only where an old unit was told."""
    found = unit(place or "")
    if found is None:
        return None
    if old:
        return found.province.id if found.era == OLD else None
    today = places.province(place or "")
    return today.id if today else None


def _centers(session: Session, consulted: Sequence[Any]) -> Counted:
    names = {center.id: center.code for center in staff.centers(session)}
    return _table((names[one.center_id] for one in consulted), len(consulted), names.values())


def _first_records() -> Any:
    """Case → its first record: the one it was opened from."""
    link = CaseRecordRow
    return (
        select(link.case_id, func.min(link.id).label("link"))
        .where(link.left_at.is_(None))
        .group_by(link.case_id)
    )


def _opened(of: Period) -> ColumnElement[bool]:
    """Cases that were received in these days over anything but the anti-trafficking line."""
    return and_(
        CaseRow.received_at >= of.starts_at,
        CaseRow.received_at < of.ends_at,
        CaseRow.merged_into_id.is_(None),
        or_(CallRow.line.is_(None), CallRow.line == CalledLine.CHILD),
    )


def _cases(session: Session, of: Period) -> Sequence[Any]:
    first, link = _first_records().subquery(), CaseRecordRow
    query = (
        select(CaseRow.id, CaseRow.state, RecordRow.problem, RecordRow.way)
        .join(first, first.c.case_id == CaseRow.id)
        .join(link, link.id == first.c.link)
        .join(RecordRow, RecordRow.id == link.record_id)
        .outerjoin(CallRow, CallRow.id == RecordRow.call_id)
        .where(_opened(of))
    )
    return session.execute(query).all()


def _children_of_cases(session: Session, of: Period) -> int:
    """Each once in a case, however many of its records tell of them."""
    person, link, same = RecordPersonRow, CaseRecordRow, SameChildRow
    query = (
        select(func.count())
        .select_from(CaseRow)
        .join(link, and_(link.case_id == CaseRow.id, link.left_at.is_(None)))
        .join(RecordRow, RecordRow.id == link.record_id)
        .outerjoin(CallRow, CallRow.id == RecordRow.call_id)
        .join(person, and_(person.record_id == RecordRow.id, person.about == About.CHILD))
        .outerjoin(same, and_(same.person_id == person.id, same.undone_at.is_(None)))
        .where(_opened(of), same.id.is_(None))
    )
    return session.scalar(query) or 0


def _trafficking(session: Session, of: Period) -> Counted:
    """What is published of that line; `intake.victims.trafficking_counts` says what each is."""
    found = trafficking_counts.contacts(session, of.starts_at, of.ends_at)
    kinds = Counter(kind for kind, _ in found)
    return Counted({kind: kinds[kind] for kind in PUBLISHED}, sum(kinds[kind] for kind in PUBLISHED))


def _therapy(session: Session, of: Period) -> Counted:
    meeting, referral = TherapyMeetingRow, TherapyReferralRow
    query = (
        select(meeting.kind, referral.child_id, referral.charge)
        .join(referral, referral.id == meeting.referral_id)
        .where(
            meeting.starts_at >= of.starts_at,
            meeting.starts_at < of.ends_at,
            meeting.state == Held.HELD,
        )
    )
    held = session.execute(query).all()
    return Counted(
        {
            "assessments": sum(one.kind == Kind.ASSESSMENT for one in held),
            "sessions": sum(one.kind == Kind.SESSION for one in held),
            "treated": len({one.child_id for one in held if one.kind == Kind.SESSION}),
            "free": len({one.child_id for one in held if one.charge in FREE}),
        }
    )
