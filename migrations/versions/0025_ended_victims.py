"""ended cases: also those of victims of trafficking; what was said in therapy, by a ledger of its own

As 0021 has it for timelines: a row of a ledger names what goes and a certificate, and only so, on
PostgreSQL only in the transaction that wrote it, the database lets it go.

Revision: 0025, after 0024
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

_IN_CASE = {
    "victim_referral": "OLD.case_id",
    "victim_referral_result": (
        "(SELECT victim_referral.case_id FROM victim_referral "
        "WHERE victim_referral.id = OLD.referral_id)"
    ),
}
_ENDED_CASE = "EXISTS (SELECT 1 FROM case_deletion WHERE case_deletion.case_id = {case}{now})"
_ENDED_THERAPY = """EXISTS (
    SELECT 1 FROM therapy_deletion
    JOIN therapy_meeting ON therapy_meeting.referral_id = therapy_deletion.referral_id
    WHERE therapy_meeting.id = OLD.meeting_id{now})"""
_NOW = " AND {ledger}.xmin = CAST(pg_current_xact_id() AS xid)"
"""The ledger's row is of this very transaction: what is entered later stays for good."""
_HOLD = """
    legal_hold.lifted_at IS NULL AND legal_hold.kind = 'case'
    AND (legal_hold.until IS NULL OR legal_hold.until > deletion.at)"""
_CASE_HELD = f"""EXISTS (
    SELECT 1 FROM legal_hold JOIN deletion ON deletion.id = NEW.deletion_id
    WHERE {_HOLD} AND legal_hold.object_id = CAST(NEW.case_id AS VARCHAR))"""  # noqa: S608
_CASE_CERTIFIED = """EXISTS (
    SELECT 1 FROM deletion JOIN case_file ON case_file.id = NEW.case_id
    WHERE deletion.id = NEW.deletion_id AND deletion.kind IN ('case', 'victim_case')
    AND case_file.closed_at < deletion.before AND {named})"""
_THERAPY_OF = """FROM therapy_referral JOIN case_file home ON home.id = therapy_referral.case_id
    JOIN case_file ON case_file.id = COALESCE(home.merged_into_id, home.id)
    JOIN deletion ON deletion.id = NEW.deletion_id"""
_THERAPY_HELD = f"""EXISTS (
    SELECT 1 {_THERAPY_OF} JOIN legal_hold ON {_HOLD}
    WHERE therapy_referral.id = NEW.referral_id
    AND legal_hold.object_id IN (CAST(case_file.id AS VARCHAR), CAST(home.id AS VARCHAR)))"""
_THERAPY_CERTIFIED = f"""EXISTS (
    SELECT 1 {_THERAPY_OF}
    WHERE therapy_referral.id = NEW.referral_id AND deletion.kind = 'therapy'
    AND therapy_referral.state IN ('refused', 'ended') AND therapy_referral.decided_at < deletion.before
    AND case_file.closed_at < deletion.before AND {{named}})"""
_NAMED_SQLITE = "EXISTS (SELECT 1 FROM json_each(deletion.ids) WHERE value = CAST(NEW.{id} AS VARCHAR))"
_NAMED_POSTGRESQL = "CAST(deletion.ids AS jsonb) @> to_jsonb(CAST(NEW.{id} AS text))"
_UNDUE = {
    "case": (
        "case_id",
        _CASE_CERTIFIED,
        _CASE_HELD,
        "case_deletion names a case that is not due",
    ),
    "therapy": (
        "referral_id",
        _THERAPY_CERTIFIED,
        _THERAPY_HELD,
        "therapy_deletion names a treatment that is not due",
    ),
}
_END_CASE = """
    CREATE OR REPLACE FUNCTION end_case(ended integer, certificate integer) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        INSERT INTO case_deletion (case_id, deletion_id) VALUES (ended, certificate);
        DELETE FROM case_plan_result WHERE action_id IN (
            SELECT case_plan_action.id FROM case_plan_action
            JOIN case_plan ON case_plan.id = case_plan_action.plan_id WHERE case_plan.case_id = ended);
        DELETE FROM case_event WHERE case_id = ended;
        DELETE FROM victim_referral_result WHERE referral_id IN (
            SELECT victim_referral.id FROM victim_referral WHERE victim_referral.case_id = ended);
        DELETE FROM victim_referral WHERE case_id = ended;
    END $$
"""
_END_THERAPY = """
    CREATE FUNCTION end_therapy(ended integer, certificate integer) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        INSERT INTO therapy_deletion (referral_id, deletion_id) VALUES (ended, certificate);
        DELETE FROM therapy_note WHERE meeting_id IN (
            SELECT therapy_meeting.id FROM therapy_meeting WHERE therapy_meeting.referral_id = ended);
    END $$
"""


def upgrade() -> None:
    op.add_column("therapy_referral", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "therapy_deletion",
        sa.Column("referral_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("deletion_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["referral_id"],
            ["therapy_referral.id"],
            name=op.f("fk_therapy_deletion_referral_id_therapy_referral"),
        ),
        sa.ForeignKeyConstraint(
            ["deletion_id"], ["deletion.id"], name=op.f("fk_therapy_deletion_deletion_id_deletion")
        ),
        sa.PrimaryKeyConstraint("referral_id", name=op.f("pk_therapy_deletion")),
    )
    if op.get_bind().dialect.name == "postgresql":
        _postgresql()
    else:
        _sqlite()


def _sqlite() -> None:
    refused = "BEGIN SELECT RAISE(ABORT, '{}'); END"
    op.execute("DROP TRIGGER case_deletion_due")
    for of, (key, certified, held, told) in _UNDUE.items():
        undue = f"NOT {certified.format(named=_NAMED_SQLITE.format(id=key))} OR {held}"
        op.execute(
            f"CREATE TRIGGER {of}_deletion_due BEFORE INSERT ON {of}_deletion "
            f"WHEN {undue} " + refused.format(told)
        )
    for what in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER therapy_deletion_no_{what.lower()} BEFORE {what} ON therapy_deletion "
            + refused.format("therapy_deletion is append-only")
        )
    ended = {table: _ENDED_CASE.format(case=case, now="") for table, case in _IN_CASE.items()}
    ended["therapy_note"] = _ENDED_THERAPY.format(now="")
    for table, over in ended.items():
        op.execute(f"DROP TRIGGER {table}_no_delete")
        op.execute(
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} WHEN NOT {over} "
            + refused.format(f"{table} is append-only")
        )


def _postgresql() -> None:
    for of, (key, certified, held, told) in _UNDUE.items():
        name = "refuse_undue" if of == "case" else "refuse_undue_therapy"
        op.execute(
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ "
            f"BEGIN IF NOT {certified.format(named=_NAMED_POSTGRESQL.format(id=key))} OR {held} THEN "
            f"RAISE EXCEPTION '{told}'; END IF; RETURN NEW; END $$"
        )
    op.execute(
        "CREATE TRIGGER therapy_deletion_due BEFORE INSERT ON therapy_deletion "
        "FOR EACH ROW EXECUTE FUNCTION refuse_undue_therapy()"
    )
    for what, each in (("UPDATE", "ROW"), ("DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
        op.execute(
            f"CREATE TRIGGER therapy_deletion_no_{what.lower()} BEFORE {what} ON therapy_deletion "
            f"FOR EACH {each} EXECUTE FUNCTION refuse_change()"
        )
    in_this = _NOW.format(ledger="case_deletion")
    ended = {table: _ENDED_CASE.format(case=case, now=in_this) for table, case in _IN_CASE.items()}
    ended["therapy_note"] = _ENDED_THERAPY.format(now=_NOW.format(ledger="therapy_deletion"))
    for table, over in ended.items():
        op.execute(
            f"CREATE FUNCTION refuse_delete_of_{table}() RETURNS trigger LANGUAGE plpgsql AS $$ "
            f"BEGIN IF {over} THEN RETURN OLD; END IF; "
            f"RAISE EXCEPTION '{table} is append-only'; END $$"
        )
        op.execute(f"DROP TRIGGER {table}_no_delete ON {table}")
        op.execute(
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION refuse_delete_of_{table}()"
        )
    op.execute(_END_CASE)
    op.execute(_END_THERAPY)
    op.execute("REVOKE ALL ON FUNCTION end_therapy(integer, integer) FROM PUBLIC")
