"""The contacts of a year as Child Helpline International counts them, out of the database.

A contact is an answered call of the child line, or what came in writing, whose record is closed; a
letter of an agency only if a case came of it, as in our own reports (ADR 27). It counts once, by its
main problem and its first child.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from hotline.clock import local
from intake.forms.forms import About
from intake.forms.taxonomy import Disposition, Problem, Sex, Way
from intake.forms.trafficking import age
from intake.small_cells import Breakdown, breakdown
from intake.statistics.chi import (
    AGE_GROUPS,
    CALL_TYPES,
    METHODS,
    REASONS,
    Crossed,
    Method,
    age_group,
    crossed,
    no_reason,
    reason,
)
from intake.statistics.counted_rows import Rows, came, is_letter_alone, received
from intake.statistics.periods import Period
from intake.tables.calls import CallRow
from intake.tables.records import RecordPersonRow, RecordRow

_SEXES = tuple(Sex)
_DEEP = (Disposition.COUNSELING, Disposition.ESCALATED)


@dataclass(frozen=True, slots=True)
class Contacts:
    """`reasons` and `subs` are of counseling contacts, `others` of those without counseling in which
    something was told, `call_types` of the rest. Small counts of children are hidden."""

    counseling: int
    others: Breakdown
    call_types: Mapping[str, int]
    methods: Breakdown
    reasons: Breakdown
    subs: Mapping[str, Breakdown]
    by_sex: Crossed
    by_age: Crossed


def contacts(session: Session, of: Period) -> Contacts | None:
    """None: nothing was closed in these days."""
    every = Counter(_kinds(session, of))
    if not every:
        return None
    deep = list(_deep(session, of))
    category = Counter(str(one.reason[0]) for one in deep)
    told = [*_told_without(every)]
    reasons = breakdown({one: category[one] for one in REASONS})
    closed = [one for one, many in reasons.cells.items() if many is None]
    return Contacts(
        counseling=len(deep),
        others=breakdown(_added(told)),
        call_types={
            str(CALL_TYPES[kind]): sum(many for (one, *_), many in every.items() if one == kind)
            for kind in CALL_TYPES
        },
        methods=breakdown(
            _added([(str(METHODS[Way(way)]), many) for (_, way, *_), many in every.items()], Method)
        ),
        reasons=reasons,
        subs={
            one: breakdown(Counter(str(each.reason[1]) for each in deep if each.reason[0] == one))
            for one in REASONS
        },
        by_sex=crossed(((str(one.reason[0]), one.sex) for one in deep), REASONS, _SEXES, closed),
        by_age=crossed(((str(one.reason[0]), one.age) for one in deep), REASONS, AGE_GROUPS, closed),
    )


def _added(found: Sequence[tuple[str, int]], codes: Any = ()) -> dict[str, int]:
    many = {str(code): 0 for code in codes}
    for code, count in found:
        many[code] = many.get(code, 0) + count
    return many


def _told_without(every: Counter[tuple[str, str, str, bool]]) -> Iterator[tuple[str, int]]:
    for (disposition, _, caller, deep), many in every.items():
        kind = Disposition(disposition)
        if not deep and kind not in CALL_TYPES:
            yield str(no_reason(kind, caller)), many


def _kinds(session: Session, of: Period) -> Mapping[tuple[str, str, str, bool], int]:
    """Disposition, way, who called, and whether it is a counseling contact → how many."""
    record = RecordRow
    caller = func.coalesce(record.caller_type, "").label("caller")
    columns = (record.disposition, record.way, caller, record.problem)
    query = select(*columns, func.count().label("many")).group_by(*columns)
    found: Counter[tuple[str, str, str, bool]] = Counter()
    for each in _of(query, of):
        for one in session.execute(each):
            if not is_letter_alone(one):
                counsels = _counsels(one.disposition, one.problem)
                found[one.disposition, one.way, one.caller, counsels] += one.many
    return found


def _of(query: Rows, of: Period) -> Iterator[Rows]:
    """By phone, and in writing: closed records of these days."""
    call, closed = CallRow, RecordRow.disposition.is_not(None)
    yield query.join(call, call.id == RecordRow.call_id).where(
        closed, came(of), call.answered_at.is_not(None)
    )
    yield query.where(closed, received(of))


def _counsels(disposition: str, problem: str | None) -> bool:
    return disposition in _DEEP and problem in set(Problem)


@dataclass(frozen=True, slots=True)
class _Deep:
    reason: tuple[Any, Any]
    sex: str
    age: str


def _deep(session: Session, of: Period) -> Iterator[_Deep]:
    """Counseling contacts one by one, with their first child."""
    record, child = RecordRow, RecordPersonRow
    first = and_(child.record_id == record.id, child.about == About.CHILD, child.position == 1)
    query = (
        select(
            record.way,
            record.disposition,
            record.problem,
            record.fields,
            func.coalesce(record.received_at, record.created_at).label("at"),
            child.fields.label("child"),
        )
        .select_from(record)
        .outerjoin(child, first)
        .where(record.disposition.in_(_DEEP), record.problem.in_(tuple(Problem)))
    )
    for each in _of(query, of):
        for one in session.execute(each):
            if is_letter_alone(one):
                continue
            person = one.child or {}
            yield _Deep(
                reason(Problem(one.problem), online=bool(one.fields.get("online"))),
                sex if (sex := person.get("sex")) in _SEXES else Sex.UNKNOWN,
                age_group(age(person, local(one.at).date())),
            )
