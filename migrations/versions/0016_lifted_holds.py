"""lifted holds: why a legal hold was lifted

Revision: 0016, after 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column("legal_hold", sa.Column("lifted_why", sa.Text(), nullable=True))
