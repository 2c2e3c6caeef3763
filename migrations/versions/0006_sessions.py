"""sessions: who sits where, since when and when last; browsers that are known

Revision: 0006, after 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute("DELETE FROM session")  # everybody logs in anew: nobody knows where the old ones sit
    with op.batch_alter_table("session") as session:
        session.add_column(sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False))
        session.add_column(sa.Column("address", sa.String(length=45), nullable=False))
        session.add_column(sa.Column("browser", sa.String(length=60), nullable=False))
    op.create_table(
        "known_device",
        sa.Column("device_hash", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_known_device_staff_id_staff")),
        sa.PrimaryKeyConstraint("device_hash", "staff_id", name=op.f("pk_known_device")),
    )
    op.create_index(op.f("ix_known_device_used_at"), "known_device", ["used_at"])
