"""research: extracts without names, asked for by one and allowed by another

Revision: 0014, after 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "research_extract",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("requested_by", sa.Integer(), nullable=False),
        sa.Column("requested_at", moment, nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", moment, nullable=True),
        sa.Column("made_at", moment, nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("coarsened", sa.Integer(), nullable=False),
        sa.Column("dropped", sa.Integer(), nullable=False),
        *(
            sa.ForeignKeyConstraint([name], ["staff.id"], name=op.f(f"fk_research_extract_{name}_staff"))
            for name in ("requested_by", "decided_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_research_extract")),
        sa.UniqueConstraint("asked_by", name=op.f("uq_research_extract_asked_by")),
    )
    op.create_table(
        "research_paper",
        sa.Column("extract_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["extract_id"],
            ["research_extract.id"],
            name=op.f("fk_research_paper_extract_id_research_extract"),
        ),
        sa.PrimaryKeyConstraint("extract_id", "kind", name=op.f("pk_research_paper")),
    )
    op.create_index(op.f("ix_research_paper_key_id"), "research_paper", ["key_id"])
