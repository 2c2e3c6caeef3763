"""ended cases: a case whose time is over loses its timeline, and nothing else ever does

Revision: 0021, after 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

_CASE_OF = {
    "case_event": "OLD.case_id",
    "case_plan_result": (
        "(SELECT case_plan.case_id FROM case_plan_action JOIN case_plan "
        "ON case_plan.id = case_plan_action.plan_id WHERE case_plan_action.id = OLD.action_id)"
    ),
}
_ENDED = "EXISTS (SELECT 1 FROM case_deletion WHERE case_deletion.case_id = {case}{now})"
_NOW = " AND case_deletion.xmin = CAST(pg_current_xact_id() AS xid)"
"""The ledger's row is of this very transaction: what is entered later stays for good."""
_HELD = """EXISTS (
    SELECT 1 FROM legal_hold JOIN deletion ON deletion.id = NEW.deletion_id
    WHERE legal_hold.kind = 'case' AND legal_hold.object_id = CAST(NEW.case_id AS VARCHAR)
    AND legal_hold.lifted_at IS NULL
    AND (legal_hold.until IS NULL OR legal_hold.until > deletion.at))"""
"""At the time of the certificate."""
_CERTIFIED = """EXISTS (
    SELECT 1 FROM deletion JOIN case_file ON case_file.id = NEW.case_id
    WHERE deletion.id = NEW.deletion_id AND deletion.kind = 'case'
    AND case_file.closed_at < deletion.before AND {named})"""
_NAMED_SQLITE = (
    "EXISTS (SELECT 1 FROM json_each(deletion.ids) WHERE value = CAST(NEW.case_id AS VARCHAR))"
)
_NAMED_POSTGRESQL = "CAST(deletion.ids AS jsonb) @> to_jsonb(CAST(NEW.case_id AS text))"
_END_CASE = """
    CREATE FUNCTION end_case(ended integer, certificate integer) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        INSERT INTO case_deletion (case_id, deletion_id) VALUES (ended, certificate);
        DELETE FROM case_plan_result WHERE action_id IN (
            SELECT case_plan_action.id FROM case_plan_action
            JOIN case_plan ON case_plan.id = case_plan_action.plan_id WHERE case_plan.case_id = ended);
        DELETE FROM case_event WHERE case_id = ended;
    END $$
"""
"""Ledger and deletion in one: the application's role may call it and do neither by itself."""


def upgrade() -> None:
    op.add_column("case_file", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "case_deletion",
        sa.Column("case_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("deletion_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_case_deletion_case_id_case_file")
        ),
        sa.ForeignKeyConstraint(
            ["deletion_id"], ["deletion.id"], name=op.f("fk_case_deletion_deletion_id_deletion")
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_deletion")),
    )
    if op.get_bind().dialect.name == "postgresql":
        _postgresql()
    else:
        _sqlite()


def _sqlite() -> None:
    refused = "BEGIN SELECT RAISE(ABORT, '{}'); END"
    undue = f"NOT {_CERTIFIED.format(named=_NAMED_SQLITE)} OR {_HELD}"
    op.execute(
        "CREATE TRIGGER case_deletion_due BEFORE INSERT ON case_deletion "
        f"WHEN {undue} " + refused.format("case_deletion names a case that is not due")
    )
    for what in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER case_deletion_no_{what.lower()} BEFORE {what} ON case_deletion "
            + refused.format("case_deletion is append-only")
        )
    for table, case in _CASE_OF.items():
        op.execute(f"DROP TRIGGER {table}_no_delete")
        op.execute(
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} WHEN NOT "
            + _ENDED.format(case=case, now="")
            + " "
            + refused.format(f"{table} is append-only")
        )


def _postgresql() -> None:
    certified = _CERTIFIED.format(named=_NAMED_POSTGRESQL)
    op.execute(
        "CREATE FUNCTION refuse_undue() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN IF NOT {certified} OR {_HELD} THEN "
        "RAISE EXCEPTION 'case_deletion names a case that is not due'; END IF; RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER case_deletion_due BEFORE INSERT ON case_deletion "
        "FOR EACH ROW EXECUTE FUNCTION refuse_undue()"
    )
    for what, each in (("UPDATE", "ROW"), ("DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
        op.execute(
            f"CREATE TRIGGER case_deletion_no_{what.lower()} BEFORE {what} ON case_deletion "
            f"FOR EACH {each} EXECUTE FUNCTION refuse_change()"
        )
    for table, case in _CASE_OF.items():
        op.execute(
            f"CREATE FUNCTION refuse_delete_of_{table}() RETURNS trigger LANGUAGE plpgsql AS $$ "
            f"BEGIN IF {_ENDED.format(case=case, now=_NOW)} THEN RETURN OLD; END IF; "
            f"RAISE EXCEPTION '{table} is append-only'; END $$"
        )
        op.execute(f"DROP TRIGGER {table}_no_delete ON {table}")
        op.execute(
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION refuse_delete_of_{table}()"
        )
    op.execute(_END_CASE)
    op.execute("REVOKE ALL ON FUNCTION end_case(integer, integer) FROM PUBLIC")
