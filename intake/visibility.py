"""`hotline.access` scopes as query conditions: the one gate of every query in this room."""

from sqlalchemy import ColumnElement, SQLColumnExpression, exists, false, or_, true

from hotline.access import Action, Scope, Viewer, scope
from intake.tables import TalkRow


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
