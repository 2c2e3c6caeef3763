"""audit chain: who looked is named as they were, rows refer to nothing, blocks chain them

Revision: 0004, after 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

KEPT = ("audit", "audit_block", "audit_check")
_NAMED = """
    UPDATE audit SET
        login = (SELECT login FROM staff WHERE staff.id = audit.staff_id),
        name = (SELECT name FROM staff WHERE staff.id = audit.staff_id),
        role = (SELECT role FROM staff WHERE staff.id = audit.staff_id)
    WHERE staff_id IS NOT NULL
"""
_REFUSE_ALL = (
    "CREATE TRIGGER {0}_no_truncate BEFORE TRUNCATE ON {0} "
    "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
)


def upgrade() -> None:
    with op.batch_alter_table("audit") as table:
        table.drop_constraint("fk_audit_staff_id_staff", type_="foreignkey")
        for name, length in (("login", 64), ("name", 200), ("role", 20)):
            table.add_column(sa.Column(name, sa.String(length), nullable=False, server_default=""))
        for name in ("ix_audit_at", "ix_audit_object", "ix_audit_staff_id"):
            table.drop_index(name)
    op.execute(_NAMED)
    with op.batch_alter_table("audit") as table:
        for name in ("login", "name", "role"):
            table.alter_column(name, server_default=None)
        table.create_index("ix_audit_at", ["at", "id"])
        table.create_index("ix_audit_staff_id", ["staff_id", "at", "id"])
        table.create_index("ix_audit_object", ["object_kind", "object_id", "at", "id"])
        table.create_index("ix_audit_act", ["act", "at", "id"])
    op.create_table(
        "audit_block",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("last_id", sa.Integer(), nullable=False),
        sa.Column("late", sa.JSON(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("resumes", sa.String(length=80), nullable=False),
        sa.Column("mac", sa.String(length=64), nullable=False),
        sa.Column("leaves", sa.LargeBinary(), nullable=False),
        sa.Column("gaps", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_block")),
    )
    op.create_table(
        "audit_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blocks", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("findings", sa.Integer(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_check")),
    )
    postgresql = op.get_bind().dialect.name == "postgresql"
    for table_name in KEPT:
        for what in ("UPDATE", "DELETE"):
            made = f"CREATE TRIGGER {table_name}_no_{what.lower()} BEFORE {what} ON {table_name}"
            op.execute(
                f"{made} FOR EACH ROW EXECUTE FUNCTION refuse_change()"
                if postgresql
                else f"{made} BEGIN SELECT RAISE(ABORT, '{table_name} is append-only'); END"
            )
        if postgresql:
            op.execute(_REFUSE_ALL.format(table_name))
