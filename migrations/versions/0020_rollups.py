"""roll-ups: what reports count of each day and month, and the marks of days that changed since

Revision: 0020, after 0019

The marks are written by triggers, so that no way of writing can forget them. PostgreSQL: one run for
each statement, however many rows it writes; a mark for each, so that writers never wait for each other.
SQLite: one for each row; there is one writer at a time, so one mark a day is enough.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

_LOCAL = "(at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date"
_RECORDS_POSTGRESQL = """
    SELECT (SELECT arrived_at FROM call WHERE id = r.call_id) AS at FROM ({records}) r
    WHERE call_id IS NOT NULL
    UNION ALL SELECT received_at FROM ({records}) r WHERE received_at IS NOT NULL
"""
"""Each row is looked up by itself: a join that was planned for very many rows, all calls read at once,
would be kept for the next single one of the same connection."""
_MOMENTS_POSTGRESQL = {
    "call": "SELECT arrived_at AS at FROM {rows}",
    "record": _RECORDS_POSTGRESQL.format(records="SELECT call_id, received_at FROM {rows}"),
    "record_person": _RECORDS_POSTGRESQL.format(
        records="SELECT (SELECT call_id FROM record WHERE id = p.record_id) AS call_id,"
        " (SELECT received_at FROM record WHERE id = p.record_id) AS received_at FROM {rows} p"
    ),
}
"""Table → when that happened which changed rows of it are counted for."""

_MOMENTS_SQLITE = {
    "call": "SELECT {row}.arrived_at AS at",
    "record": """
        SELECT arrived_at AS at FROM call WHERE id = {row}.call_id
        UNION ALL SELECT {row}.received_at
    """,
    "record_person": """
        SELECT c.arrived_at AS at FROM record r JOIN call c ON c.id = r.call_id
        WHERE r.id = {row}.record_id
        UNION ALL SELECT received_at FROM record WHERE id = {row}.record_id
    """,
}
_COUNTED = {
    "call": "arrived_at, outbound, internal, line, answered_at, ended_at, outcome, message_at,"
    " callback_asked_at",
    "record": "call_id, received_at, created_at, way, disposition, problem, caller_type, center_id,"
    " fields",
    "record_person": "record_id, about, fields",
}
"""Columns that counts are made of; PostgreSQL marks on any change."""


def _run(statement: str) -> None:
    op.get_bind().exec_driver_sql(statement)  # as it is: `op.execute` takes `:00` for a parameter


def upgrade() -> None:
    op.create_table(
        "rollup",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("span", sa.String(length=5), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("rules", sa.String(length=16), nullable=False),
        sa.Column("counts", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rollup")),
        sa.UniqueConstraint("span", "first", name=op.f("uq_rollup_span")),
    )
    op.create_table(
        "rollup_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rollup_mark")),
    )
    op.create_index(op.f("ix_rollup_mark_day"), "rollup_mark", ["day"])
    mark = _mark_postgresql if op.get_bind().dialect.name == "postgresql" else _mark_sqlite
    for table in _COUNTED:
        mark(table)


def _mark_postgresql(table: str) -> None:
    def days(rows: str) -> str:
        return f"SELECT {_LOCAL} FROM ({_MOMENTS_POSTGRESQL[table].format(rows=rows)}) moments"  # noqa: S608

    marked = {"INSERT": days("come"), "DELETE": days("gone")}
    marked["UPDATE"] = f"{days('come')} UNION {days('gone')}"
    seen = {"INSERT": "NEW TABLE AS come", "DELETE": "OLD TABLE AS gone"}
    seen["UPDATE"] = "OLD TABLE AS gone NEW TABLE AS come"
    for what, query in marked.items():
        name = f"mark_{table}_{what.lower()}"
        marks = f"INSERT INTO rollup_mark (day) SELECT DISTINCT * FROM ({query}) days;"  # noqa: S608
        _run(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql"
            f" AS $$ BEGIN {marks} RETURN NULL; END $$"
        )
        _run(
            f"CREATE TRIGGER {name} AFTER {what} ON {table} REFERENCING {seen[what]}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
        )


def _mark_sqlite(table: str) -> None:
    def insert(row: str) -> str:
        moments = _MOMENTS_SQLITE[table].format(row=row)
        # A date of the whole hour: `date` rounds the last half millisecond of a day up.
        days = f"SELECT date(substr(at, 1, 13) || ':00', '+7 hours') AS day FROM ({moments})"  # noqa: S608
        return (
            f"INSERT INTO rollup_mark (day) SELECT DISTINCT day FROM ({days}) AS new"  # noqa: S608
            " WHERE day IS NOT NULL"
            " AND NOT EXISTS (SELECT 1 FROM rollup_mark AS old WHERE old.day = new.day);"
        )

    for what, rows in (
        ("INSERT", ("NEW",)),
        (f"UPDATE OF {_COUNTED[table]}", ("NEW", "OLD")),
        ("DELETE", ("OLD",)),
    ):
        name = f"mark_{table}_{what.split()[0].lower()}"
        _run(
            f"CREATE TRIGGER {name} AFTER {what} ON {table}"
            f" BEGIN {' '.join(insert(row) for row in rows)} END"
        )
