"""Within how long a center, a province or a commune wants its steps done, who set it and why.

What holds for a case is what its commune set, else its province, else its center, else the law or our
own rule (`intake.cases.deadlines.LIMITS`). A deadline is made when its step begins and stays as it was
made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, defer

from hotline import audit, staff, units
from hotline.access import Action, Scope, Viewer, reaches, scope
from hotline.errors import FieldErrors, NotVisible
from hotline.ids import CenterId, StaffId
from hotline.staff import StaffView
from hotline.terms import LONGEST_REASON
from intake.cases import case_way
from intake.cases.deadlines import LIMITS, Clock, Limit
from intake.forms.forms import tidy
from intake.tables.cases import CaseRow
from intake.tables.flow import CaseLimitRow

LONGEST_AMOUNT = 10_000


@dataclass(frozen=True, slots=True)
class Where:
    """Whose limits: of a center, or of a province or commune of today."""

    center: CenterId | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Set:
    """`amount` None: it was taken back."""

    amount: int | None
    reason: str
    by: StaffView
    at: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """One clock of a unit. `usual`: what holds where nobody set anything; `set`: the newest word."""

    clock: Clock
    usual: Limit
    set: Set | None

    @property
    def amount(self) -> int:
        """What holds."""
        if self.set is None or self.set.amount is None:
            return self.usual.amount
        return self.set.amount


def changed_for(session: Session, row: CaseRow) -> Mapping[Clock, int]:
    """What the units of this case set otherwise."""
    rows = session.scalars(
        select(CaseLimitRow)
        .where(
            or_(
                CaseLimitRow.center_id == row.center_id,
                CaseLimitRow.unit_id.in_([each for each in (row.province, row.commune) if each]),
            )
        )
        .order_by(CaseLimitRow.id)
        .options(defer(CaseLimitRow.reason, raiseload=True))
    ).all()
    found: dict[Clock, int] = {}
    for unit_id in (None, row.province, row.commune):
        newest = {Clock(one.clock): one.amount for one in rows if one.unit_id == unit_id}
        found |= {clock: amount for clock, amount in newest.items() if amount is not None}
    return found


def due(session: Session, row: CaseRow) -> datetime | None:
    """The deadline of the step that has just become the next one; None for a case that is closed."""
    return case_way.due(row, changed_for(session, row)) if case_way.is_open(row) else None


def of_unit(session: Session, viewer: Viewer, where: Where) -> Sequence[Line]:
    """Every clock of this center, province or commune. Raises NotVisible."""
    _must_reach(viewer, where)
    rows = session.scalars(
        select(CaseLimitRow)
        .where(CaseLimitRow.center_id == where.center, CaseLimitRow.unit_id == where.unit)
        .order_by(CaseLimitRow.id)
    ).all()
    newest = {row.clock: row for row in rows}
    people = staff.some(session, [StaffId(row.set_by) for row in newest.values()])
    return [
        Line(clock, limit, _set(newest[clock], people) if clock in newest else None)
        for clock, limit in LIMITS.items()
    ]


def _set(row: CaseLimitRow, people: Mapping[StaffId, StaffView]) -> Set:
    return Set(row.amount, row.reason, people[StaffId(row.set_by)], row.set_at)


def put(
    session: Session,
    viewer: Viewer,
    where: Where,
    clock: Clock,
    amount: int | None,
    reason: str,
    now: datetime,
) -> None:
    """Set one clock of a unit for the steps that begin from now on; None: as everywhere again.

    Raises NotVisible, FieldErrors: `amount` (`against_the_law`, `not_a_number`), `reason` (`missing`,
    `too_long`).
    """
    _must_reach(viewer, where)
    why = " ".join(tidy(reason).split())
    wrong: dict[str, str] = {}
    if amount is not None and not LIMITS[clock].keeps_the_law(amount):
        wrong["amount"] = "against_the_law" if amount > 0 else "not_a_number"
    if amount is not None and amount > LONGEST_AMOUNT:
        wrong["amount"] = "not_a_number"
    if not why or len(why) > LONGEST_REASON:
        wrong["reason"] = "too_long" if why else "missing"
    if wrong:
        raise FieldErrors(wrong)
    session.add(
        CaseLimitRow(
            center_id=where.center,
            unit_id=where.unit,
            clock=clock,
            amount=amount,
            reason=why,
            set_by=viewer.staff_id,
            set_at=now,
        )
    )
    told = f"{clock} {amount if amount is not None else 'usual'}"
    audit.note(
        session, viewer, audit.Act.CHANGE, "case_limit", where.unit or f"c{where.center}", now, told
    )
    session.flush()


def _must_reach(viewer: Viewer, where: Where) -> None:
    """A province or commune is nobody's own: who sets limits everywhere sets those."""
    if where.center is not None and where.unit is None:
        allowed = reaches(viewer, Action.SET_CASE_LIMITS, owner=None, center=where.center)
    else:
        known = units.unit(where.unit or "")
        everywhere = scope(viewer, Action.SET_CASE_LIMITS) is Scope.ALL
        allowed = everywhere and known is not None and known.era == units.NEW
    if not allowed:
        raise NotVisible("case limits")
