"""What stands behind each figure that is not made of calls: every row with the record or case it is of.

The rows are those that the figures are counted from (`counted_rows`, `step_times`, `handover_times`,
`therapy`, `intake.victims.trafficking_counts`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from hotline import staff
from intake.statistics import counted_rows, handover_times, step_times, therapy
from intake.statistics.counted_rows import OF_CASE, OF_CHILD, OF_CONSULTATION, is_of
from intake.statistics.handover_times import EVERYWHERE
from intake.statistics.periods import Period
from intake.statistics.tables import MISSING, TOTAL, Table
from intake.victims import trafficking_counts
from intake.victims.trafficking_counts import PUBLISHED


@dataclass(frozen=True, slots=True)
class Found:
    """`of`: id of the record or case. `code`: the row of the table that counts it; None: none does.
    `seconds`: what was measured. `part`: whether a share counts it among those that are so."""

    of: int
    code: str | None
    seconds: int | None = None
    part: bool = True

    def behind(self, code: str) -> bool:
        return code in {TOTAL, EVERYWHERE} or self.code == (None if code == MISSING else code)


def rows(session: Session, of: Period, table: Table, now: datetime) -> Iterator[Found]:
    """All that the table speaks of."""
    if table in _MADE:
        yield from _MADE[table](session, of, table, now)
    elif table in OF_CHILD:
        for query in counted_rows.children(of):
            for one in session.execute(query):
                yield Found(one.record_id, OF_CHILD[table](one))
    elif table in OF_CASE:
        for one in session.execute(counted_rows.cases(of)):
            yield Found(one.id, OF_CASE[table](one))
    else:
        yield from _consultations(session, of, table)


def _consultations(session: Session, of: Period, table: Table) -> Iterator[Found]:
    names = {center.id: center.code for center in staff.centers(session)}
    code = OF_CONSULTATION.get(table, lambda one: names[one.center_id])
    for query in counted_rows.consultations(of):
        for one in session.execute(query):
            if is_of(table, one):
                yield Found(one.id, code(one))


def _closed(session: Session, of: Period, *_: Any) -> Iterator[Found]:
    for one in session.execute(counted_rows.closed(of)):
        yield Found(one.id, one.disposition)


def _case_children(session: Session, of: Period, table: Table, _: datetime) -> Iterator[Found]:
    if table is Table.CASE_CHILDREN:
        for one in session.execute(counted_rows.cases(of)):
            yield Found(one.id, "cases")
    for child in session.execute(counted_rows.case_children(of)):
        yield Found(child.case_id, "children" if table is Table.CASE_CHILDREN else child.state)


def _steps(session: Session, of: Period, table: Table, now: datetime) -> Iterator[Found]:
    """Those that were done; where what is late counts, also those that wait and are late."""
    late_alone = table is Table.STEPS_LATE
    for spine in step_times.spines(session, of):
        for one in step_times.steps(spine):
            if one.late or not late_alone:
                yield Found(spine[0].case_id, one.step, one.seconds, part=not one.late)
    if table in {Table.STEPS_LATE, Table.STEPS_IN_TIME}:
        for case in session.execute(step_times.late_now(of, now)):
            yield Found(case.id, step_times.waits_for(case.state), part=False)


def _handovers(session: Session, of: Period, table: Table, _: datetime) -> Iterator[Found]:
    for one in session.execute(handover_times.sent(of)):
        if table is Table.HANDOVERS:
            yield Found(one.case_id, one.state)
        elif one.answered_at is not None:
            yield Found(one.case_id, one.province_id, handover_times.seconds(one))


def _therapy(session: Session, of: Period, *_: Any) -> Iterator[Found]:
    for code, every in therapy.parts(session, of).items():
        for one in every:
            yield Found(one.case_id, code)


def _trafficking(session: Session, of: Period, *_: Any) -> Iterator[Found]:
    for one in trafficking_counts.contacts(session, of.starts_at, of.ends_at):
        if one.kind in PUBLISHED:
            yield Found(one.record_id, one.kind)


def _referrals(session: Session, of: Period, *_: Any) -> Iterator[Found]:
    for one in trafficking_counts.referred(session, of.starts_at, of.ends_at):
        yield Found(one.case_id, one.body)


_MADE: Mapping[Table, Callable[[Session, Period, Table, datetime], Iterable[Found]]] = {
    Table.CLOSED: _closed,
    Table.CASE_CHILDREN: _case_children,
    Table.CASE_CHILDREN_STATES: _case_children,
    **dict.fromkeys(
        (
            Table.STEPS,
            Table.STEPS_LATE,
            Table.STEPS_IN_TIME,
            Table.STEP_MEDIANS,
            Table.STEP_P90S,
        ),
        _steps,
    ),
    **dict.fromkeys((Table.HANDOVERS, Table.HANDOVER_MEDIANS, Table.HANDOVER_P90S), _handovers),
    Table.THERAPY: _therapy,
    Table.TRAFFICKING: _trafficking,
    Table.REFERRALS: _referrals,
}
