"""broken glass: what was opened in an emergency, and the sealed reasons of this and of exports

Revision: 0011, after 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

KEPT = ("glass", "glass_end")
SEALED = "stated_reason"
_ALL_BUT_KEYS = "UPDATE OF id, word, staff_id, login, name, at, code"
_BODY = "substr(NEW.sealed, 80) <> substr(OLD.sealed, 80)"
"""Behind the header, which alone is written anew when the keys change (as in 0003)."""
_REFUSE_ALL = (
    "CREATE TRIGGER {0}_no_truncate BEFORE TRUNCATE ON {0} "
    "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
)


def upgrade() -> None:
    op.create_table(
        "stated_reason",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("word", sa.String(length=32), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stated_reason")),
        sa.UniqueConstraint("word", name=op.f("uq_stated_reason_word")),
    )
    op.create_index(op.f("ix_stated_reason_key_id"), "stated_reason", ["key_id"])
    op.create_table(
        "glass",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("thing", sa.String(length=10), nullable=False),
        sa.Column("thing_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("reason_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_glass")),
    )
    op.create_index("ix_glass_staff_id", "glass", ["staff_id", "until_at"])
    op.create_table(
        "glass_end",
        sa.Column("glass_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("glass_id", name=op.f("pk_glass_end")),
    )
    postgresql = op.get_bind().dialect.name == "postgresql"
    for table in KEPT:
        for what in ("UPDATE", "DELETE"):
            _refuse(table, what.lower(), what, postgresql=postgresql)
    _refuse(SEALED, "delete", "DELETE", postgresql=postgresql)
    _refuse(SEALED, "update", _ALL_BUT_KEYS, postgresql=postgresql)
    _refuse(SEALED, "other_body", "UPDATE OF sealed", _BODY, postgresql=postgresql)
    if postgresql:
        for table in (*KEPT, SEALED):
            op.execute(_REFUSE_ALL.format(table))


def _refuse(table: str, name: str, what: str, when: str = "", *, postgresql: bool) -> None:
    made = f"CREATE TRIGGER {table}_no_{name} BEFORE {what} ON {table}"
    only = f"WHEN ({when})" if when else ""
    refused = (
        f"FOR EACH ROW {only} EXECUTE FUNCTION refuse_change()"
        if postgresql
        else f"{only} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    )
    op.execute(f"{made} {refused}")
