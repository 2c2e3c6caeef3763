"""proofs: when the person of a session last gave their password

Revision: 0010, after 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.execute("DELETE FROM session")  # everybody logs in anew, which is a proof
    with op.batch_alter_table("session") as session:
        session.add_column(sa.Column("proved_at", sa.DateTime(timezone=True), nullable=False))
