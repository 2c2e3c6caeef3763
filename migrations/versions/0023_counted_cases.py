"""roll-ups of cases, handovers and counselors' load: more triggers that mark days, two indexes

Revision: 0023, after 0026

A case is counted for the day on which it was received, so whatever changes what is counted of one marks
that day: its own row, its entries, its records with their people, the line of their calls. How days are
marked on each database: revision 0020.
"""

from collections.abc import Mapping

from alembic import op

revision = "0023"
down_revision = "0026"

_LOCAL = "(at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date"
_OF_CASE = "SELECT received_at AS at FROM case_file WHERE id = {row}.case_id"
_CASE_OF_RECORD = """
    SELECT f.received_at AS at FROM case_record l JOIN case_file f ON f.id = l.case_id
    WHERE l.record_id = {record} AND l.left_at IS NULL
"""
_OF_PERSON = """
    SELECT f.received_at AS at FROM record_person p
    JOIN case_record l ON l.record_id = p.record_id AND l.left_at IS NULL
    JOIN case_file f ON f.id = l.case_id
    WHERE p.id = {row}.person_id
"""
_OF_LINE = """
    SELECT f.received_at AS at FROM record r
    JOIN case_record l ON l.record_id = r.id AND l.left_at IS NULL
    JOIN case_file f ON f.id = l.case_id
    WHERE r.call_id = {row}.id
"""
_MOMENTS: Mapping[str, tuple[str, ...]] = {
    "talk": ("SELECT arrived_at AS at FROM call WHERE id = {row}.call_id",),
    "record": (
        "SELECT arrived_at AS at FROM call WHERE id = {row}.call_id",
        "SELECT {row}.received_at AS at",
        _CASE_OF_RECORD.format(record="{row}.id"),
    ),
    "record_person": (
        "SELECT c.arrived_at AS at FROM record r JOIN call c ON c.id = r.call_id"
        " WHERE r.id = {row}.record_id",
        "SELECT received_at AS at FROM record WHERE id = {row}.record_id",
        _CASE_OF_RECORD.format(record="{row}.record_id"),
    ),
    "case_file": ("SELECT {row}.received_at AS at",),
    "case_event": (_OF_CASE,),
    "case_record": (_OF_CASE,),
    "same_child": (_OF_PERSON,),
    "handover": ("SELECT {row}.sent_at AS at",),
}
"""Table → when that happened which a changed row of it is counted for; each gives one moment or none."""
_COUNTED = {
    "talk": "call_id, part, staff_id, began_at, ended_at",
    "record": "call_id, received_at, created_at, closed_at, owner_id, way, disposition, problem,"
    " caller_type, center_id, fields",
    "record_person": "record_id, about, fields",
    "case_file": "received_at, heard_at, state, merged_into_id",
    "case_event": "case_id, kind, code, happened_at, corrects_id",
    "case_record": "case_id, record_id, left_at",
    "same_child": "person_id, undone_at",
    "handover": "state, province_id, sent_at, answered_at",
}
"""Columns that counts are made of; PostgreSQL marks on any change."""
_MADE_BEFORE = ("record", "record_person")


def _run(statement: str) -> None:
    op.get_bind().exec_driver_sql(statement)  # as it is: `op.execute` takes `:00` for a parameter


def upgrade() -> None:
    op.create_index(op.f("ix_case_file_received_at"), "case_file", ["received_at"])
    op.create_index(op.f("ix_handover_sent_at"), "handover", ["sent_at"])
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    mark = _mark_postgresql if is_postgresql else _mark_sqlite
    for table in _MOMENTS:
        mark(table)
    if is_postgresql:
        _mark_line_postgresql()
    else:
        _trigger_sqlite("call", "UPDATE OF line", "mark_call_line", _insert_sqlite("NEW", (_OF_LINE,)))


def _mark_postgresql(table: str) -> None:
    # Each row is looked up by itself: see revision 0020.
    def days(rows: str) -> str:
        found = " UNION ALL ".join(
            f"SELECT ({moment.format(row='one')}) AS at FROM {rows} one"  # noqa: S608
            for moment in _MOMENTS[table]
        )
        return f"SELECT {_LOCAL} FROM ({found}) moments WHERE at IS NOT NULL"  # noqa: S608

    marked = {"INSERT": days("come"), "DELETE": days("gone")}
    marked["UPDATE"] = f"{days('come')} UNION {days('gone')}"
    seen = {"INSERT": "NEW TABLE AS come", "DELETE": "OLD TABLE AS gone"}
    seen["UPDATE"] = "OLD TABLE AS gone NEW TABLE AS come"
    for what, query in marked.items():
        name = f"mark_{table}_{what.lower()}"
        marks = f"INSERT INTO rollup_mark (day) SELECT DISTINCT * FROM ({query}) days;"  # noqa: S608
        _run(
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql"
            f" AS $$ BEGIN {marks} RETURN NULL; END $$"
        )
        if table not in _MADE_BEFORE:
            _run(
                f"CREATE TRIGGER {name} AFTER {what} ON {table} REFERENCING {seen[what]}"
                f" FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
            )


def _mark_line_postgresql() -> None:
    """For each row, for it is rare; a trigger that is told all its rows cannot be of one column."""
    days = f"SELECT {_LOCAL} FROM ({_OF_LINE.format(row='NEW')}) moments"  # noqa: S608
    _run(
        "CREATE FUNCTION mark_call_line() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" INSERT INTO rollup_mark (day) {days}; RETURN NULL; END $$"
    )
    _run(
        "CREATE TRIGGER mark_call_line AFTER UPDATE OF line ON call FOR EACH ROW"
        " WHEN (OLD.line IS DISTINCT FROM NEW.line) EXECUTE FUNCTION mark_call_line()"
    )


def _mark_sqlite(table: str) -> None:
    for what, rows in (
        ("INSERT", ("NEW",)),
        (f"UPDATE OF {_COUNTED[table]}", ("NEW", "OLD")),
        ("DELETE", ("OLD",)),
    ):
        marks = " ".join(_insert_sqlite(row, _MOMENTS[table]) for row in rows)
        _trigger_sqlite(table, what, f"mark_{table}_{what.split()[0].lower()}", marks)


def _insert_sqlite(row: str, moments: tuple[str, ...]) -> str:
    found = " UNION ALL ".join(moments).format(row=row)
    # A date of the whole hour: `date` rounds the last half millisecond of a day up.
    days = f"SELECT date(substr(at, 1, 13) || ':00', '+7 hours') AS day FROM ({found})"  # noqa: S608
    return (
        f"INSERT INTO rollup_mark (day) SELECT DISTINCT day FROM ({days}) AS new"  # noqa: S608
        " WHERE day IS NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM rollup_mark AS old WHERE old.day = new.day);"
    )


def _trigger_sqlite(table: str, what: str, name: str, marks: str) -> None:
    _run(f"DROP TRIGGER IF EXISTS {name}")
    _run(f"CREATE TRIGGER {name} AFTER {what} ON {table} BEGIN {marks} END")
