"""data requests: what people ask of what is kept about them, and what they are answered

Revision: 0012, after 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_STAFF = ("registered_by", "submitted_by", "approved_by", "delivered_by")


def upgrade() -> None:
    moment, person = sa.DateTime(timezone=True), sa.Integer()
    op.create_table(
        "data_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("center_id", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("way", sa.String(length=20), nullable=False),
        sa.Column("relation", sa.String(length=20), nullable=False),
        sa.Column("child_says", sa.String(length=20), nullable=False),
        sa.Column("identity", sa.String(length=20), nullable=False),
        sa.Column("wants", sa.JSON(), nullable=False),
        sa.Column("received_at", moment, nullable=False),
        sa.Column("registered_by", person, nullable=False),
        sa.Column("registered_at", moment, nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("refused_as", sa.String(length=20), nullable=False),
        sa.Column("submitted_by", person, nullable=True),
        sa.Column("submitted_at", moment, nullable=True),
        sa.Column("approved_by", person, nullable=True),
        sa.Column("approved_at", moment, nullable=True),
        sa.Column("delivered_by", person, nullable=True),
        sa.Column("delivered_as", sa.String(length=20), nullable=False),
        sa.Column("closed_at", moment, nullable=True),
        sa.Column("erased_at", moment, nullable=True),
        sa.ForeignKeyConstraint(
            ["center_id"], ["center.id"], name=op.f("fk_data_request_center_id_center")
        ),
        *(
            sa.ForeignKeyConstraint([name], ["staff.id"], name=op.f(f"fk_data_request_{name}_staff"))
            for name in _STAFF
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_request")),
        sa.UniqueConstraint("asked_by", name=op.f("uq_data_request_asked_by")),
    )
    op.create_index("ix_data_request_closed_at", "data_request", ["closed_at", "due_at"])
    op.create_table(
        "data_object",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("object_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("decided_by", person, nullable=True),
        sa.Column("decided_at", moment, nullable=True),
        sa.Column("erase_at", moment, nullable=True),
        sa.Column("limited_at", moment, nullable=True),
        sa.ForeignKeyConstraint(
            ["request_id"], ["data_request.id"], name=op.f("fk_data_object_request_id_data_request")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["record_person.id"], name=op.f("fk_data_object_person_id_record_person")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["staff.id"], name=op.f("fk_data_object_decided_by_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_object")),
        sa.UniqueConstraint("request_id", "kind", "object_id", name=op.f("uq_data_object_request_id")),
    )
    op.create_index("ix_data_object_object", "data_object", ["kind", "object_id"])
    op.create_table(
        "data_paper",
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["data_request.id"], name=op.f("fk_data_paper_request_id_data_request")
        ),
        sa.PrimaryKeyConstraint("request_id", "kind", name=op.f("pk_data_paper")),
    )
    op.create_index(op.f("ix_data_paper_key_id"), "data_paper", ["key_id"])
    with op.batch_alter_table("legal_hold") as hold:
        hold.alter_column("kind", existing_type=sa.String(length=10), type_=sa.String(length=12))
