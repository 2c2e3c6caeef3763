"""renewed tokens: who proves again to be there gets another token, and what they do goes on

Revision: 0027, after 0023
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0023"


def upgrade() -> None:
    """Of a token from before, all of it is the part that stays: nobody is logged out."""
    op.add_column("session", sa.Column("lasting_hash", sa.String(length=64), nullable=True))
    op.add_column("session", sa.Column("former_hash", sa.String(length=64), nullable=True))
    op.add_column("session", sa.Column("renewed_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE session SET lasting_hash = token_hash")
    with op.batch_alter_table("session") as session:
        session.alter_column("lasting_hash", existing_type=sa.String(length=64), nullable=False)
        session.create_unique_constraint(op.f("uq_session_lasting_hash"), ["lasting_hash"])
        session.create_index(op.f("ix_session_former_hash"), ["former_hash"])
    op.add_column("handover_link", sa.Column("lasting_hash", sa.String(length=64), nullable=True))
    op.execute("UPDATE handover_link SET lasting_hash = device_hash")
    with op.batch_alter_table("handover_link") as link:
        link.create_unique_constraint(op.f("uq_handover_link_lasting_hash"), ["lasting_hash"])
