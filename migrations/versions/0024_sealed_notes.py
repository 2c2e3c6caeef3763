"""notes: what is jotted down apart from records is sealed before it reaches the database

As in 0019: all or nothing, a thousand rows in memory, and what was there in clear is overwritten or
written anew.

Revision: 0024, after 0022
"""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from hotline import keyring
from hotline.sealed import DataKey
from hotline.sealed_columns import key_on
from hotline.settings import settings

revision = "0024"
down_revision = "0022"

_AT_ONCE = 1000
_SEALED = {
    "call_out": "note",
    "call_question": "text",
    "callback_event": "note",
    "case_attachment": "name",
    "case_limit": "reason",
    "case_plan_action": "agency",
    "desk_message": "text",
    "number_flag": "text",
    "therapy_meeting": "place",
    "victim_referral": "agency",
}
_APPEND_ONLY = ("victim_referral",)


def upgrade() -> None:
    bind = op.get_bind()
    postgresql = bind.dialect.name == "postgresql"
    if not postgresql:
        bind.exec_driver_sql("PRAGMA secure_delete = ON")
    for table in _APPEND_ONLY:
        on = f" ON {table}" if postgresql else ""
        op.execute(f"DROP TRIGGER {table}_no_update{on}")
    key: list[DataKey] = []
    for table, column in _SEALED.items():
        _seal(bind, table, column, key, postgresql=postgresql)
    for table in _APPEND_ONLY:
        op.execute(_refusal(table, postgresql=postgresql))


def _seal(bind: sa.Connection, table: str, column: str, key: list[DataKey], *, postgresql: bool) -> None:
    kind, empty = ("BYTEA", "''::bytea") if postgresql else ("BLOB", "x''")
    op.execute(f"ALTER TABLE {table} ADD COLUMN sealed_{column} {kind} DEFAULT {empty} NOT NULL")
    last = 0
    while rows := _next(bind, table, column, last):
        if not key:
            key.append(key_on(bind, keyring.recording_keys(settings())))
        sealed = [
            {"id": row["id"], "sealed": key[0].seal(row["told"].encode(), f"{table}.{column}")}
            for row in rows
        ]
        bind.execute(
            sa.text(f"UPDATE {table} SET sealed_{column} = :sealed WHERE id = :id"),  # noqa: S608
            sealed,
        )
        last = rows[-1]["id"]
    op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    op.execute(f"ALTER TABLE {table} RENAME COLUMN sealed_{column} TO {column}")
    if postgresql:  # the second has every row written anew, without what was dropped
        op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} DROP DEFAULT")
        op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE BYTEA USING {column} || ''::bytea")


def _next(bind: sa.Connection, table: str, column: str, last: int) -> Sequence[Mapping[str, Any]]:
    """Rows in which anything is told."""
    query = (
        f"SELECT id, {column} AS told FROM {table}"  # noqa: S608
        f" WHERE id > :last AND {column} <> '' ORDER BY id LIMIT {_AT_ONCE}"
    )
    return list(bind.execute(sa.text(query), {"last": last}).mappings())


def _refusal(table: str, *, postgresql: bool) -> str:
    """As revision 0003 made it."""
    made = f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}"
    if postgresql:
        return f"{made} FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    return f"{made} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
