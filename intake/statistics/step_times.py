"""How long the steps of cases took and which of their limits were kept, of cases received in a period.

A step's time begins where its clock begins (`intake.cases.deadlines`): when the step before it was done,
or when 111 heard of the case. Limits are those of the law and our own for everybody; what a unit set for
itself is not looked at, so that all are measured alike. A step that waits and is late counts as late.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from hotline.clock import local
from intake.cases import flow
from intake.cases.deadlines import LIMITS, Clock, deadline
from intake.cases.flow import State, Step
from intake.statistics import counted_rows
from intake.statistics.periods import Period
from intake.statistics.quantiles import spans, table
from intake.statistics.tables import Added, Counted, Figures, Table, Tally
from intake.tables.cases import CaseEventRow, CaseRow

_CLOCKS: Mapping[Step, Clock] = {rule.step: rule.clock for rule in flow.TABLE.values()}


@dataclass(frozen=True, slots=True)
class StepTaken:
    step: Step
    seconds: int
    late: bool


def by_day(session: Session, of: Period) -> Iterator[Added]:
    """Of the day on which a case was received: steps done in time and late: `verify 3600` (seconds)."""
    for case in spines(session, of):
        day = local(case[0].received_at).date()
        for one in steps(case):
            yield day, Table.STEPS_LATE if one.late else Table.STEPS, f"{one.step} {one.seconds}", 1


def figures(session: Session, of: Period, tally: Tally, now: datetime) -> Figures:
    """`tally`: what `by_day` counted, added up."""
    in_time, too_late = (spans(tally.get(each, {})) for each in (Table.STEPS, Table.STEPS_LATE))
    took: dict[str, list[int]] = {
        step: [*in_time.get(step, ()), *too_late.get(step, ())] for step in _CLOCKS
    }
    waiting = _waiting(session, of, now)
    late = {step: len(too_late.get(step, ())) + waiting[step] for step in _CLOCKS}
    measured = {step: len(took[step]) + waiting[step] for step in _CLOCKS}
    return {
        Table.STEPS: Counted({step: len(took[step]) for step in _CLOCKS if took[step]}),
        Table.STEPS_LATE: Counted({step: late[step] for step in _CLOCKS if measured[step]}),
        Table.STEPS_IN_TIME: Counted(
            {
                step: round(1000 * (measured[step] - late[step]) / measured[step])
                for step in _CLOCKS
                if measured[step]
            }
        ),
        Table.STEP_MEDIANS: Counted(table(took, 0.5)),
        Table.STEP_P90S: Counted(table(took, 0.9)),
    }


def _waiting(session: Session, of: Period, now: datetime) -> Counter[Step]:
    """The steps that wait and are late: because time goes on, so no day can have counted them."""
    rows = late_now(of, now).subquery()
    query = select(rows.c.state, func.count()).group_by(rows.c.state)
    found: Counter[Step] = Counter()
    for state, many in session.execute(query):
        found[waits_for(state)] += many
    return found


def late_now(of: Period, now: datetime) -> counted_rows.Rows:
    """The cases whose step waits and is late."""
    return counted_rows.cases(of).where(CaseRow.state.in_(flow.TABLE), CaseRow.due_at < now)


def waiting_by_month(session: Session, of: Period, now: datetime) -> Counter[tuple[date, str]]:
    """The first day of the month in which a case was received, and the step that waits and is late."""
    rows = session.execute(late_now(of, now).add_columns(CaseRow.received_at))
    return Counter((local(one.received_at).date().replace(day=1), waits_for(one.state)) for one in rows)


def waits_for(state: str) -> Step:
    """The step that is due in such a state."""
    return flow.TABLE[State(state)].step


def spines(session: Session, of: Period) -> Iterator[Sequence[Any]]:
    """The spine of each case, as far as its states are made by it, in order."""
    received, event, later = counted_rows.cases(of).subquery(), CaseEventRow, aliased(CaseEventRow)
    rows = session.execute(
        select(
            event.id,
            event.case_id,
            event.kind,
            event.code,
            event.happened_at,
            CaseRow.received_at,
            CaseRow.heard_at,
        )
        .join(CaseRow, CaseRow.id == event.case_id)
        .join(received, received.c.id == event.case_id)
        .outerjoin(later, later.corrects_id == event.id)
        .where(event.kind.in_(flow.SPINE), later.id.is_(None))
        .order_by(event.case_id, event.happened_at, event.id)
    )
    for _, events in groupby(rows, lambda one: one.case_id):
        yield list(events)


def steps(spine: Sequence[Any]) -> Iterator[StepTaken]:
    """What was done in a case."""
    entered_at = spine[0].happened_at
    for one in spine:
        clock = _CLOCKS.get(Step(one.code)) if one.kind == flow.STEPPED else None
        if clock is not None:
            yield _taken(Step(one.code), clock, one, entered_at)
        entered_at = one.happened_at


def _taken(step: Step, clock: Clock, one: Any, entered_at: datetime) -> StepTaken:
    heard_at = one.heard_at if one.heard_at <= one.happened_at else one.received_at
    began_at = heard_at if LIMITS[clock].from_receipt else entered_at
    until = deadline(clock, heard_at=heard_at, entered_at=entered_at).due
    seconds = max(0, int((one.happened_at - began_at).total_seconds()))
    return StepTaken(step, seconds, late=one.happened_at > until)
