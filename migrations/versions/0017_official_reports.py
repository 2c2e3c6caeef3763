"""official reports: signed, numbered and kept; the schedule that orders them, and the e-mails about them

Revision: 0017, after 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

_MOMENT = sa.DateTime(timezone=True)


def _letter() -> list[sa.Column[str]]:
    lengths = {"level": 12, "circle": 300, "recipients": 1000, "capacity": 200}
    return [sa.Column(name, sa.String(length=most), nullable=False) for name, most in lengths.items()]


def _of_staff(table: str, *names: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([name], ["staff.id"], name=op.f(f"fk_{table}_{name}_staff"))
        for name in names
    ]


def _of_report(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_report_id_official_report")
    return sa.ForeignKeyConstraint(["report_id"], ["official_report.id"], name=name)


def upgrade() -> None:
    op.create_table(
        "official_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("approver_id", sa.Integer(), nullable=False),
        sa.Column("drafted_by", sa.Integer(), nullable=True),
        sa.Column("ordered_at", _MOMENT, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("moved_at", _MOMENT, nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("drafted_at", _MOMENT, nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("signed_at", _MOMENT, nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("symbol", sa.String(length=60), nullable=False),
        sa.Column("issued_at", _MOMENT, nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.Column("ended_why", sa.String(length=300), nullable=False),
        *_letter(),
        *_of_staff("official_report", "approver_id", "drafted_by", "ended_by"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_official_report")),
        sa.UniqueConstraint("asked_by", name=op.f("uq_official_report_asked_by")),
        sa.UniqueConstraint("year", "number", name=op.f("uq_official_report_year")),
    )
    op.create_index(op.f("ix_official_report_state"), "official_report", ["state"])
    op.create_table(
        "official_report_reader",
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        _of_report("official_report_reader"),
        *_of_staff("official_report_reader", "staff_id"),
        sa.PrimaryKeyConstraint("report_id", "staff_id", name=op.f("pk_official_report_reader")),
    )
    op.create_index(op.f("ix_official_report_reader_staff_id"), "official_report_reader", ["staff_id"])
    op.create_table(
        "official_report_file",
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        _of_report("official_report_file"),
        sa.PrimaryKeyConstraint("report_id", "kind", name=op.f("pk_official_report_file")),
    )
    op.create_index(op.f("ix_official_report_file_key_id"), "official_report_file", ["key_id"])
    op.create_table(
        "official_report_counter",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_official_report_counter")),
    )
    _schedule()
    op.create_table(
        "official_report_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("about", sa.String(length=12), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("next_at", _MOMENT, nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent_at", _MOMENT, nullable=True),
        _of_report("official_report_mail"),
        *_of_staff("official_report_mail", "staff_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_official_report_mail")),
        sa.UniqueConstraint(
            "report_id",
            "staff_id",
            "about",
            name=op.f("uq_official_report_mail_report_id"),
        ),
    )
    op.create_index(op.f("ix_official_report_mail_next_at"), "official_report_mail", ["next_at"])


def _schedule() -> None:
    op.create_table(
        "report_schedule",
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("running", sa.Boolean(), nullable=False),
        sa.Column("since_at", _MOMENT, nullable=False),
        sa.Column("approver_id", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.Integer(), nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=False),
        *_letter(),
        *_of_staff("report_schedule", "approver_id", "changed_by"),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_report_schedule")),
    )
    op.create_table(
        "report_schedule_reader",
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["kind"],
            ["report_schedule.kind"],
            name=op.f("fk_report_schedule_reader_kind_report_schedule"),
        ),
        *_of_staff("report_schedule_reader", "staff_id"),
        sa.PrimaryKeyConstraint("kind", "staff_id", name=op.f("pk_report_schedule_reader")),
    )
