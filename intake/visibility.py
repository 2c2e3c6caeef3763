"""`hotline.access` scopes as query conditions: the one gate of every query in this room."""

from sqlalchemy import ColumnElement, SQLColumnExpression, false, or_, true

from hotline.access import Action, Scope, Viewer, scope


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
