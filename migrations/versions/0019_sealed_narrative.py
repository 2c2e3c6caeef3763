"""narrative: what is told of children, families and callers is sealed before it reaches the database

All or nothing: broken off, it is as it was before. A thousand rows at a time are in memory. What was
there in clear is overwritten (SQLite: `secure_delete`; PostgreSQL: the tables are written anew).

Revision: 0019, after 0018
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from hotline import keyring
from hotline.sealed import DataKey
from hotline.sealed_columns import key_on
from hotline.settings import settings

revision = "0019"
down_revision = "0018"

_AT_ONCE = 1000
_SEALED: Mapping[str, Sequence[str]] = {
    "record": ("fields",),
    "record_person": ("fields",),
    "record_revision": ("changes",),
    "record_rejected": ("value",),
    "case_file": ("place",),
    "case_event": ("text", "answers"),
    "filled_form": ("fields",),
    "filled_form_revision": ("changes",),
    "filled_form_rejected": ("value",),
    "document": ("fields", "setting", "withdrawn_why"),
    "report": ("fields",),
    "handover": ("packet",),
    "handover_event": ("text",),
    "case_plan": ("goals", "source", "comment"),
    "case_plan_action": ("what", "person", "coordination"),
    "case_plan_result": ("text", "evidence"),
    "case_merge": ("why",),
    "therapy_referral": ("reason", "decision"),
    "therapy_meeting": ("reason",),
    "legal_hold": ("reason", "lifted_why"),
    "victim_referral": ("contact", "text"),
    "victim_referral_result": ("told_by", "text"),
}
_MAY_BE_NULL = {("legal_hold", "lifted_why")}
_APPEND_ONLY = ("case_event", "case_plan_result", "victim_referral", "victim_referral_result")
_COPIED = ("caller_type", "psychologist")
"""Codes of records that are counted or asked for in SQL."""
_NOTHING = ("", "{}", "null")


def upgrade() -> None:
    op.create_table(
        "data_key",
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("purpose", name=op.f("pk_data_key")),
    )
    op.create_index(op.f("ix_data_key_key_id"), "data_key", ["key_id"])
    op.add_column("record", sa.Column("caller_type", sa.String(length=40), nullable=True))
    op.add_column("record", sa.Column("psychologist", sa.String(length=8), nullable=True))
    bind = op.get_bind()
    postgresql = bind.dialect.name == "postgresql"
    if not postgresql:
        bind.exec_driver_sql("PRAGMA secure_delete = ON")
    for table in _APPEND_ONLY:
        on = f" ON {table}" if postgresql else ""
        op.execute(f"DROP TRIGGER {table}_no_update{on}")
    key: list[DataKey] = []
    for table, columns in _SEALED.items():
        _seal(bind, table, columns, key, postgresql=postgresql)
    for table in _APPEND_ONLY:
        op.execute(_refusal(table, postgresql=postgresql))


def _seal(
    bind: sa.Connection, table: str, columns: Sequence[str], key: list[DataKey], *, postgresql: bool
) -> None:
    kind = "BYTEA" if postgresql else "BLOB"
    empty = "''::bytea" if postgresql else "x''"
    for column in columns:
        rest = "" if (table, column) in _MAY_BE_NULL else f" DEFAULT {empty} NOT NULL"
        op.execute(f"ALTER TABLE {table} ADD COLUMN sealed_{column} {kind}{rest}")
    last = 0
    while rows := _next(bind, table, columns, last):
        if not key:
            key.append(key_on(bind, keyring.recording_keys(settings())))
        named = [f"sealed_{column} = :{column}" for column in columns]
        named += [f"{name} = :{name}" for name in _COPIED] if table == "record" else []
        bind.execute(
            sa.text(f"UPDATE {table} SET {', '.join(named)} WHERE id = :id"),  # noqa: S608
            [_sealed(key[0], table, columns, row) for row in rows],
        )
        last = rows[-1]["id"]
    for column in columns:
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        op.execute(f"ALTER TABLE {table} RENAME COLUMN sealed_{column} TO {column}")
        if postgresql:
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} DROP DEFAULT")
    if postgresql:  # a use of the column that has every row written anew, without what was dropped
        op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE BYTEA USING {column} || ''::bytea")


def _next(
    bind: sa.Connection, table: str, columns: Sequence[str], last: int
) -> Sequence[Mapping[str, Any]]:
    """Rows in which anything is told."""
    texts = [f"CAST({column} AS TEXT)" for column in columns]
    asked = ", ".join(f"{text} AS {column}" for text, column in zip(texts, columns, strict=True))
    told = " OR ".join(f"{text} NOT IN {_NOTHING}" for text in texts)
    query = f"SELECT id, {asked} FROM {table} WHERE id > :last AND ({told}) ORDER BY id LIMIT :most"  # noqa: S608
    return list(bind.execute(sa.text(query), {"last": last, "most": _AT_ONCE}).mappings())


def _sealed(key: DataKey, table: str, columns: Sequence[str], row: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"id": row["id"]}
    for column in columns:
        text = row[column]
        if text is not None:
            text = b"" if text in _NOTHING else key.seal(text.encode(), f"{table}.{column}")
        made[column] = text
    if table == "record":
        told = json.loads(row["fields"])
        made |= {name: told.get(name) or None for name in _COPIED}
    return made


def _refusal(table: str, *, postgresql: bool) -> str:
    """As revision 0003 made it."""
    made = f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}"
    if postgresql:
        return f"{made} FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    return f"{made} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
