"""`hotline.access` scopes as query conditions: the one gate of every query in this room."""

from collections.abc import Mapping
from functools import cache
from typing import cast

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    SQLColumnExpression,
    and_,
    bindparam,
    exists,
    false,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session, aliased

from hotline.access import Action, Role, Scope, Viewer, opened, scope
from hotline.errors import NotVisible
from hotline.ids import CallId, CenterId, StaffId
from intake.handovers.handover_states import SHOWN
from intake.tables.calls import CallRow, OfferRow, TalkRow
from intake.tables.cases import CaseRow
from intake.tables.handovers import HandoverRow
from intake.tables.records import RecordRow


@cache
def whoever(role: Role) -> Viewer:
    """Stands for any viewer of this role in a statement that is made once and asked with `given`. What
    every desk asks at every change is such a one: to make it anew costs more than to ask it."""
    me, here = (bindparam(name, type_=Integer) for name in ("me", "here"))
    return Viewer(cast(StaffId, me), "", "", role, cast(CenterId, here))


def given(viewer: Viewer) -> Mapping[str, int]:
    """Who is asking a statement that was made for `whoever`."""
    return {"me": viewer.staff_id, "here": viewer.center_id}


def visible(
    viewer: Viewer,
    action: Action,
    *,
    owner: SQLColumnExpression[int] | SQLColumnExpression[int | None],
    center: SQLColumnExpression[int] | SQLColumnExpression[int | None],
    own: ColumnElement[bool] | None = None,
) -> ColumnElement[bool]:
    """The rows that `action` reaches for `viewer`; `own` adds rows that count as the viewer's own."""
    return or_(*_ways(viewer, action, owner, center, own))


def _ways(
    viewer: Viewer,
    action: Action,
    owner: SQLColumnExpression[int] | SQLColumnExpression[int | None],
    center: SQLColumnExpression[int] | SQLColumnExpression[int | None],
    own: ColumnElement[bool] | None,
) -> list[ColumnElement[bool]]:
    """Conditions of which each lets the viewer reach a row."""
    mine = [owner == viewer.staff_id, *([] if own is None else [own])]
    match scope(viewer, action):
        case Scope.ALL:
            return [true()]
        case Scope.CENTER:
            return [*mine, center == viewer.center_id]
        case Scope.OWN | Scope.PLACE:
            return mine
    return [false()]


def talked(
    viewer: Viewer, call_id: SQLColumnExpression[str] | SQLColumnExpression[str | None]
) -> ColumnElement[bool]:
    """Whether the viewer talked with this call's caller, whoever took over later.

    Correlated on purpose: a list of all calls of a counselor's years would be built for each look.
    """
    return exists().where(TalkRow.call_id == call_id, TalkRow.staff_id == viewer.staff_id)


def readable_calls(viewer: Viewer) -> ColumnElement[bool]:
    """Calls in which the viewer talked or whose phone rings now, and those of their scope."""
    rings = exists().where(
        OfferRow.call_id == CallRow.id,
        OfferRow.staff_id == viewer.staff_id,
        OfferRow.ended_at.is_(None),
    )
    return visible(
        viewer,
        Action.READ_CALL,
        owner=CallRow.counselor_id,
        center=CallRow.center_id,
        own=or_(talked(viewer, CallRow.id), rings),
    )


def readable_call(session: Session, viewer: Viewer, call_id: CallId) -> CallRow:
    """One call. Raises NotVisible."""
    row = session.scalar(_one_call(viewer.role), {**given(viewer), "call": call_id})
    if row is None:
        raise NotVisible("call")
    return row


@cache
def _one_call(role: Role) -> Select[CallRow]:
    return select(CallRow).where(CallRow.id == bindparam("call"), readable_calls(whoever(role)))


def reachable_records(viewer: Viewer, action: Action) -> ColumnElement[bool]:
    """Records the viewer owns or in whose call they talked, and those of their scope."""
    return visible(
        viewer,
        action,
        owner=RecordRow.owner_id,
        center=RecordRow.center_id,
        own=talked(viewer, RecordRow.call_id),
    )


def reachable_cases(viewer: Viewer, action: Action) -> ColumnElement[bool]:
    """Cases the viewer holds or opened, and those of their scope."""
    return or_(*ways_to_cases(viewer, action))


def ways_to_cases(viewer: Viewer, action: Action) -> list[ColumnElement[bool]]:
    """`reachable_cases` in parts, any of which is enough: each has an index in the order of lists."""
    own = CaseRow.opened_by == viewer.staff_id
    ways = _ways(viewer, action, CaseRow.owner_id, CaseRow.center_id, own)
    return [and_(one, CaseRow.erased_at.is_(None)) for one in ways]


def readable_cases(viewer: Viewer) -> ColumnElement[bool]:
    """Also the one that was opened in an emergency: for looking at one case and what is its own, never
    for lists, searches and exports."""
    behind_glass = and_(CaseRow.id == opened(viewer, Action.READ_CASE), CaseRow.erased_at.is_(None))
    return or_(reachable_cases(viewer, Action.READ_CASE), behind_glass)


def readable_case(viewer: Viewer, case_id: int) -> ColumnElement[bool]:
    """Whether the viewer may read this case, or the one that it was merged into: what was put together
    is read together, as long as it is."""
    known = aliased(CaseRow)
    into = select(known.merged_into_id).where(known.id == case_id).scalar_subquery()
    return exists().where(or_(CaseRow.id == case_id, CaseRow.id == into), readable_cases(viewer))


def reachable_handovers(viewer: Viewer) -> ColumnElement[bool]:
    """What an officer may open and answer: handed to their unit, or to a commune of it, and not over;
    nobody else's are any."""
    if scope(viewer, Action.ANSWER_HANDOVER) is not Scope.PLACE:
        return false()
    row = HandoverRow
    here = or_(row.unit_id == viewer.unit, row.province_id == viewer.unit)
    of = aliased(CaseRow)  # some queries join the case itself
    erased = exists().where(of.id == row.case_id, of.erased_at.is_not(None))
    return and_(row.state.in_(SHOWN), here, ~erased)
