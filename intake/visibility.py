"""`hotline.access` scopes as query conditions: the one gate of every query in this room."""

from sqlalchemy import ColumnElement, SQLColumnExpression, exists, false, or_, select, true
from sqlalchemy.orm import Session

from hotline.access import Action, Scope, Viewer, scope
from hotline.errors import NotVisible
from hotline.ids import CallId
from intake.tables import CallRow, CaseRow, OfferRow, RecordRow, TalkRow


def visible(
    viewer: Viewer,
    action: Action,
    *,
    owner: SQLColumnExpression[int] | SQLColumnExpression[int | None],
    center: SQLColumnExpression[int] | SQLColumnExpression[int | None],
    own: ColumnElement[bool] | None = None,
) -> ColumnElement[bool]:
    """The rows that `action` reaches for `viewer`; `own` adds rows that count as the viewer's own."""
    mine = owner == viewer.staff_id if own is None else or_(owner == viewer.staff_id, own)
    match scope(viewer, action):
        case Scope.ALL:
            return true()
        case Scope.CENTER:
            return or_(mine, center == viewer.center_id)
        case Scope.OWN:
            return mine
    return false()


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
    row = session.scalar(select(CallRow).where(CallRow.id == call_id, readable_calls(viewer)))
    if row is None:
        raise NotVisible("call")
    return row


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
    return visible(
        viewer,
        action,
        owner=CaseRow.owner_id,
        center=CaseRow.center_id,
        own=CaseRow.opened_by == viewer.staff_id,
    )
