"""shut phones: a phone that is nobody's any more logs in no more

Revision: 0026, after 0025
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.create_table(
        "shut_phone",
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("ha1", sa.String(length=32), nullable=False),
        sa.Column("shut_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("phone", name=op.f("pk_shut_phone")),
    )
