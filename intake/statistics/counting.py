"""The figures of a period out of the database: a dozen statements, each by the index of a time.

A consultation is a record closed as information, counseling or a case; an official letter only if a case
came of it (ADR 27). What came over the anti-trafficking line is counted in `Table.TRAFFICKING` alone.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hotline import staff
from hotline.calendar import start_of
from hotline.events import Outcome
from intake.forms.taxonomy import CallerType, Disposition, Problem, Sex, Way
from intake.statistics import counted_rows
from intake.statistics.counted_rows import (
    AGES,
    CONSULTED,
    OF_CASE,
    OF_CHILD,
    OF_CONSULTATION,
    began,
    is_of,
)
from intake.statistics.periods import Period
from intake.statistics.tables import Counted, Figures, Table
from intake.tables.therapy import TherapyMeetingRow, TherapyReferralRow
from intake.therapy.therapy_rules import FREE, Held, Kind
from intake.victims import trafficking_counts
from intake.victims.trafficking_counts import PUBLISHED

_ORDER: Mapping[Table, Sequence[str]] = {
    Table.WAYS: tuple(Way),
    Table.KINDS: CONSULTED,
    Table.CALLERS: tuple(CallerType),
    Table.COUNSELED: tuple(Problem),
    Table.CHILDREN_SEX: tuple(Sex),
    Table.CHILDREN_AGE: tuple(band for band, _, _ in AGES),
    Table.CASES: tuple(Problem),
    Table.CASE_WAYS: tuple(Way),
}
"""Codes that come first, in this order."""


def figures(session: Session, of: Period) -> Figures | None:
    """None: nothing at all is known of these days."""
    calls = _calls(session, of)
    told = [one for query in counted_rows.consultations(of) for one in session.execute(query)]
    cases = session.execute(counted_rows.cases(of)).all()
    if not (calls or told or cases):
        return None
    children = [one for query in counted_rows.children(of) for one in session.execute(query)]
    of_calls = _of_calls(of, calls)
    found: Figures = {
        **of_calls,
        Table.CLOSED: _closed(session, of, of_calls[Table.CALLS].rows.get(Outcome.ANSWERED, 0)),
        **_of_consultations(told),
        **_tables(OF_CHILD, children),
        Table.CENTERS: _centers(session, [one for one in told if is_of(Table.CENTERS, one)]),
        **_tables(OF_CASE, cases),
        **_children_of_cases(session, of, len(cases)),
        Table.TRAFFICKING: _trafficking(session, of),
        Table.THERAPY: _therapy(session, of),
    }
    return found


def _of_consultations(told: Sequence[Any]) -> Figures:
    found: dict[Table, Counted] = {}
    for table in OF_CONSULTATION:
        found |= _tables({table: OF_CONSULTATION[table]}, [one for one in told if is_of(table, one)])
    letters = found[Table.LETTERS].rows.get(Way.OFFICIAL_LETTER, 0)
    return {**found, Table.LETTERS: Counted({Way.OFFICIAL_LETTER: letters})}


def _tables(made: Mapping[Table, Callable[[Any], str | None]], rows: Sequence[Any]) -> Figures:
    return {
        table: _table(
            (code(one) for one in rows),
            None if table is Table.OLD_PROVINCES else len(rows),
            _ORDER.get(table, ()),
        )
        for table, code in made.items()
    }


def _table(found: Iterable[str | None], total: int | None, codes: Iterable[str] = ()) -> Counted:
    """What was found, without what nobody told: `codes` first, in their order; the rest by how often."""
    return _ordered(Counter(code for code in found if code), total, codes)


def _ordered(many: Counter[str], total: int | None, codes: Iterable[str] = ()) -> Counted:
    order = dict.fromkeys([*(str(code) for code in codes if many[code]), *dict(many.most_common())])
    return Counted({code: many[code] for code in order}, total)


def _calls(session: Session, of: Period) -> Counter[tuple[datetime, str]]:
    """The hour in which they came and what became of them → how many, of those that are over."""
    grouped = counted_rows.calls(of).subquery()
    query = select(grouped.c.hour, grouped.c.outcome, func.count()).group_by(
        grouped.c.hour, grouped.c.outcome
    )
    return Counter({(began(of, hour), outcome): many for hour, outcome, many in session.execute(query)})


def _of_calls(of: Period, calls: Counter[tuple[datetime, str]]) -> Figures:
    made = counted_rows.of_hour(of)
    outcomes, many_of = Counter[str](), {table: Counter[str]() for table in made}
    for (hour, outcome), many in calls.items():
        outcomes[outcome] += many
        for table, code in made.items():
            many_of[table][code(hour)] += many
    order = {
        Table.MONTHS: [made[Table.MONTHS](start_of(one)) for one in of.months()],
        Table.WEEKDAYS: [str(day) for day in range(1, 8)],
        Table.HOURS: [f"{hour:02}" for hour in range(24)],
    }
    total = calls.total()
    return {
        Table.CALLS: _ordered(outcomes, total, (Outcome.ANSWERED, Outcome.ABANDONED)),
        **{table: _ordered(many_of[table], total, order[table]) for table in made},
    }


def _closed(session: Session, of: Period, answered: int) -> Counted:
    """How the records of answered calls were closed."""
    rows = counted_rows.closed(of).subquery()
    query = select(rows.c.disposition, func.count()).group_by(rows.c.disposition)
    found = {row.disposition: row[1] for row in session.execute(query)}
    return Counted({kind: found[kind] for kind in Disposition if kind in found}, answered)


def _centers(session: Session, consulted: Sequence[Any]) -> Counted:
    names = {center.id: center.code for center in staff.centers(session)}
    return _table((names[one.center_id] for one in consulted), len(consulted), names.values())


def _children_of_cases(session: Session, of: Period, cases: int) -> Figures:
    children = session.execute(counted_rows.case_children(of)).all()
    return {
        Table.CASE_CHILDREN: Counted({"cases": cases, "children": len(children)}),
        Table.CASE_CHILDREN_STATES: _table((one.state for one in children), len(children)),
    }


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
