"""Which of somebody's own cases are late or soon will be: what they are told wherever they are.

Read from the cases themselves, so that it holds also while nobody sweeps (`intake.cases.case_warnings`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import Select, bindparam, func, or_, select
from sqlalchemy.orm import Session

from hotline.access import Action, Viewer, may
from hotline.db import UtcDateTime
from hotline.ids import CaseId
from intake.cases import flow
from intake.cases.deadlines import Clock
from intake.cases.escalation import LONGEST_SOON, Stage, stages
from intake.tables.cases import CaseRow
from intake.tables.flow import SeparationRow

MOST = 99
"""Nobody reads a larger number than that."""


@dataclass(frozen=True, slots=True)
class LateCases:
    """`first`: the one whose deadline is, or was, the first."""

    late: int
    soon: int
    first: CaseId
    number: str


def of(session: Session, viewer: Viewer, now: datetime) -> LateCases | None:
    """None when the viewer holds no case whose time is near. One statement, and none at all for who can
    hold no cases."""
    if not may(viewer, Action.WRITE_CASE):
        return None
    given = {"me": viewer.staff_id, "horizon": now + LONGEST_SOON}
    rows = session.execute(_near(), given).all()
    told = [
        (min(due for _, due in near), CaseId(case_id), number, any(due < now for _, due in near))
        for case_id, number, state, due, apart in rows
        if (near := _deadlines(flow.State(state), due, apart, now))
    ]
    if not told:
        return None
    _, first, number, _ = min(told)
    late = sum(overdue for *_, overdue in told)
    return LateCases(late, len(told) - late, first, number)


def _deadlines(
    state: flow.State, due: datetime | None, apart: datetime | None, now: datetime
) -> Sequence[tuple[Clock, datetime]]:
    """Those of one case of which its owner is told by now."""
    asked = flow.rule(state)
    running = [(asked.clock, due)] if asked is not None and due is not None else []
    if apart is not None:
        running.append((Clock.SEPARATION, apart))
    return [(clock, at) for clock, at in running if Stage.SOON in stages(clock, at, now)]


@cache
def _near() -> Select[int, str, str, datetime | None, datetime | None]:
    horizon = bindparam("horizon", type_=UtcDateTime)
    apart = (
        select(func.min(SeparationRow.due_at))
        .where(SeparationRow.case_id == CaseRow.id, SeparationRow.ended_at.is_(None))
        .scalar_subquery()
    )
    return (
        select(CaseRow.id, CaseRow.number, CaseRow.state, CaseRow.due_at, apart)
        .where(
            CaseRow.owner_id == bindparam("me"),
            CaseRow.closed_at.is_(None),
            or_(CaseRow.due_at < horizon, apart < horizon),
        )
        .order_by(CaseRow.due_at)
        .limit(MOST)
    )
