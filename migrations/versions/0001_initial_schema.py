"""initial schema

Revision: 0001, after nothing
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "center",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_center")),
        sa.UniqueConstraint("code", name=op.f("uq_center_code")),
    )
    op.create_table(
        "event_log_cursor",
        sa.Column("site", sa.String(length=8), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("site", name=op.f("pk_event_log_cursor")),
    )
    op.create_table(
        "journal_cursor",
        sa.Column("journal", sa.String(length=32), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("journal", name=op.f("pk_journal_cursor")),
    )
    op.create_table(
        "call_half_hour",
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("offered", sa.Integer(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("abandoned", sa.Integer(), nullable=False),
        sa.Column("talk_seconds", sa.Integer(), nullable=False),
        sa.Column("wait_seconds", sa.Integer(), nullable=False),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("starts_at", name=op.f("pk_call_half_hour")),
    )
    op.create_table(
        "journal_reject",
        sa.Column("journal", sa.String(length=32), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("error", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("journal", "seq", name=op.f("pk_journal_reject")),
    )
    op.create_table(
        "log_in_try",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_in_try")),
    )
    with op.batch_alter_table("log_in_try", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_log_in_try_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_log_in_try_key"), ["key"], unique=False)

    op.create_table(
        "case_counter",
        sa.Column("center_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["center_id"], ["center.id"], name=op.f("fk_case_counter_center_id_center")
        ),
        sa.PrimaryKeyConstraint("center_id", "year", name=op.f("pk_case_counter")),
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("center_id", sa.Integer(), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("phone_in_browser", sa.Boolean(), nullable=False),
        sa.Column("languages", sa.String(length=80), nullable=False),
        sa.Column("skills", sa.String(length=80), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("interface_language", sa.String(length=5), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("draft_key", sa.String(length=44), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("unit_id", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(["center_id"], ["center.id"], name=op.f("fk_staff_center_id_center")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("login", name=op.f("uq_staff_login")),
        sa.UniqueConstraint("phone", name=op.f("uq_staff_phone")),
    )
    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_center_id"), ["center_id"], unique=False)

    op.create_table(
        "alarm",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=150), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("center_id", sa.Integer(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("noted_by", sa.Integer(), nullable=True),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["center_id"], ["center.id"], name=op.f("fk_alarm_center_id_center")),
        sa.ForeignKeyConstraint(["noted_by"], ["staff.id"], name=op.f("fk_alarm_noted_by_staff")),
        sa.PrimaryKeyConstraint("kind", "subject", name=op.f("pk_alarm")),
    )
    with op.batch_alter_table("alarm", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_alarm_over_at"), ["over_at"], unique=False)

    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("act", sa.String(length=32), nullable=False),
        sa.Column("object_kind", sa.String(length=32), nullable=False),
        sa.Column("object_id", sa.String(length=150), nullable=False),
        sa.Column("detail", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_audit_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_at"), ["at"], unique=False)
        batch_op.create_index("ix_audit_object", ["object_kind", "object_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_staff_id"), ["staff_id"], unique=False)

    op.create_table(
        "what_if",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("question", sa.JSON(), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["asked_by"], ["staff.id"], name=op.f("fk_what_if_asked_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_what_if")),
    )
    with op.batch_alter_table("what_if", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_what_if_asked_at"), ["asked_at"], unique=False)

    op.create_table(
        "steering",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("center_id", sa.Integer(), nullable=True),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("line", sa.String(length=20), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=True),
        sa.Column("choice", sa.String(length=20), nullable=False),
        sa.Column("before", sa.String(length=20), nullable=False),
        sa.Column("before_why", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["staff.id"], name=op.f("fk_steering_by_id_staff")),
        sa.ForeignKeyConstraint(["center_id"], ["center.id"], name=op.f("fk_steering_center_id_center")),
        sa.ForeignKeyConstraint(["ended_by"], ["staff.id"], name=op.f("fk_steering_ended_by_staff")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_steering_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_steering")),
    )
    with op.batch_alter_table("steering", schema=None) as batch_op:
        batch_op.create_index(
            "ix_steering_ended_at_expires_at", ["ended_at", "expires_at"], unique=False
        )

    op.create_table(
        "availability",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("choice", sa.String(length=20), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("why", sa.String(length=20), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["order_id"], ["steering.id"], name=op.f("fk_availability_order_id_steering")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_availability_staff_id_staff")),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_availability")),
    )
    op.create_table(
        "availability_spell",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("center_id", sa.Integer(), nullable=False),
        sa.Column("choice", sa.String(length=20), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["center_id"], ["center.id"], name=op.f("fk_availability_spell_center_id_center")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_availability_spell_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_availability_spell")),
    )
    with op.batch_alter_table("availability_spell", schema=None) as batch_op:
        batch_op.create_index(
            "ix_availability_spell_choice_ended_at", ["choice", "ended_at"], unique=False
        )

    op.create_table(
        "desk_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=300), nullable=False),
        sa.Column("center_id", sa.Integer(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["staff.id"], name=op.f("fk_desk_message_by_id_staff")),
        sa.ForeignKeyConstraint(
            ["center_id"], ["center.id"], name=op.f("fk_desk_message_center_id_center")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_message")),
    )
    with op.batch_alter_table("desk_message", schema=None) as batch_op:
        batch_op.create_index("ix_desk_message_expires_at", ["expires_at"], unique=False)

    op.create_table(
        "desk_message_read",
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["desk_message.id"],
            name=op.f("fk_desk_message_read_message_id_desk_message"),
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_desk_message_read_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("message_id", "staff_id", name=op.f("pk_desk_message_read")),
    )

    op.create_table(
        "on_call_list",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("center_id", sa.Integer(), nullable=False),
        sa.Column("team", sa.String(length=10), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["staff.id"], name=op.f("fk_on_call_list_by_id_staff")),
        sa.ForeignKeyConstraint(
            ["center_id"], ["center.id"], name=op.f("fk_on_call_list_center_id_center")
        ),
        sa.ForeignKeyConstraint(["ended_by"], ["staff.id"], name=op.f("fk_on_call_list_ended_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_on_call_list")),
    )
    with op.batch_alter_table("on_call_list", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_on_call_list_center_id"), ["center_id"], unique=False)

    op.create_table(
        "on_call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id"], ["on_call_list.id"], name=op.f("fk_on_call_list_id_on_call_list")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_on_call_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_on_call")),
        sa.UniqueConstraint("list_id", "position", name=op.f("uq_on_call_list_id")),
    )
    with op.batch_alter_table("on_call", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_on_call_number"), ["number"], unique=False)

    op.create_table(
        "call",
        sa.Column("id", sa.String(length=150), nullable=False),
        sa.Column("channel", sa.String(length=120), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=True),
        sa.Column("dialled", sa.String(length=32), nullable=False),
        sa.Column("outbound", sa.Boolean(), nullable=False),
        sa.Column("internal", sa.Boolean(), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("waiting_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("line", sa.String(length=20), nullable=False),
        sa.Column("callback_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("cause", sa.Integer(), nullable=False),
        sa.Column("counselor_id", sa.Integer(), nullable=True),
        sa.Column("center_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["center_id"], ["center.id"], name=op.f("fk_call_center_id_center")),
        sa.ForeignKeyConstraint(["counselor_id"], ["staff.id"], name=op.f("fk_call_counselor_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call")),
    )
    with op.batch_alter_table("call", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_call_arrived_at"), ["arrived_at"], unique=False)
        batch_op.create_index("ix_call_center_id_arrived_at", ["center_id", "arrived_at"], unique=False)
        batch_op.create_index(
            "ix_call_counselor_id_arrived_at", ["counselor_id", "arrived_at"], unique=False
        )
        batch_op.create_index("ix_call_ended_at_arrived_at", ["ended_at", "arrived_at"], unique=False)
        batch_op.create_index("ix_call_number_arrived_at", ["number", "arrived_at"], unique=False)
        batch_op.create_index(
            "ix_call_trafficking",
            ["arrived_at"],
            unique=False,
            sqlite_where=sa.text("line = 'trafficking'"),
            postgresql_where=sa.text("line = 'trafficking'"),
        )

    op.create_table(
        "session",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("phone_ha1", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_session_staff_id_staff")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_session")),
    )
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_session_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_session_staff_id"), ["staff_id"], unique=False)

    op.create_table(
        "offer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.String(length=64), nullable=True),
        sa.Column("call_id", sa.String(length=150), nullable=False),
        sa.Column("channel", sa.String(length=120), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("part", sa.String(length=20), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("rang_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("cause", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_offer_call_id_call")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_offer_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
        sa.UniqueConstraint("call_id", "channel", name=op.f("uq_offer_call_id")),
    )
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.create_index("ix_offer_staff_id_ended_at", ["staff_id", "ended_at"], unique=False)

    op.create_table(
        "record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.String(length=150), nullable=True),
        sa.Column("way", sa.String(length=20), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_by", sa.String(length=40), nullable=True),
        sa.Column("form_version", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("center_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("disposition", sa.String(length=20), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.Column("problem", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_record_call_id_call")),
        sa.ForeignKeyConstraint(["center_id"], ["center.id"], name=op.f("fk_record_center_id_center")),
        sa.ForeignKeyConstraint(["owner_id"], ["staff.id"], name=op.f("fk_record_owner_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record")),
        sa.UniqueConstraint("asked_by", name=op.f("uq_record_asked_by")),
        sa.UniqueConstraint("call_id", name=op.f("uq_record_call_id")),
    )
    with op.batch_alter_table("record", schema=None) as batch_op:
        batch_op.create_index("ix_record_center_id_state", ["center_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_record_created_at"), ["created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_record_disposition"), ["disposition"], unique=False)
        batch_op.create_index("ix_record_owner_id_state", ["owner_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_record_received_at"), ["received_at"], unique=False)
        batch_op.create_index(
            "ix_record_spoken",
            ["created_at"],
            unique=False,
            sqlite_where=sa.text("language IS NOT NULL"),
            postgresql_where=sa.text("language IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_record_trafficking",
            ["created_at"],
            unique=False,
            sqlite_where=sa.text("problem = 'trafficking'"),
            postgresql_where=sa.text("problem = 'trafficking'"),
        )

    op.create_table(
        "recording",
        sa.Column("call_id", sa.String(length=150), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=True),
        sa.Column("key_id", sa.String(length=16), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("message_ms", sa.Integer(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_recording_call_id_call")),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_recording")),
    )
    with op.batch_alter_table("recording", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recording_key_id"), ["key_id"], unique=False)
        batch_op.create_index("ix_recording_state", ["state", "call_id"], unique=False)

    op.create_table(
        "recording_sound",
        sa.Column("call_id", sa.String(length=150), nullable=False),
        sa.Column("caller_level_db", sa.Integer(), nullable=True),
        sa.Column("caller_silent", sa.Double(), nullable=False),
        sa.Column("caller_peaks", sa.LargeBinary(), nullable=False),
        sa.Column("counselor_level_db", sa.Integer(), nullable=True),
        sa.Column("counselor_silent", sa.Double(), nullable=False),
        sa.Column("counselor_peaks", sa.LargeBinary(), nullable=False),
        sa.Column("silences", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["recording.call_id"], name=op.f("fk_recording_sound_call_id_recording")
        ),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_recording_sound")),
    )

    op.create_table(
        "talk",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.String(length=150), nullable=False),
        sa.Column("channel", sa.String(length=120), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("part", sa.String(length=20), nullable=False),
        sa.Column("offer_id", sa.String(length=64), nullable=True),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lost", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_talk_call_id_call")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_talk_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_talk")),
        sa.UniqueConstraint("call_id", "channel", "began_at", name=op.f("uq_talk_call_id")),
    )
    with op.batch_alter_table("talk", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_talk_offer_id"), ["offer_id"], unique=False)
        batch_op.create_index("ix_talk_staff_id_began_at", ["staff_id", "began_at"], unique=False)
        batch_op.create_index("ix_talk_staff_id_ended_at", ["staff_id", "ended_at"], unique=False)

    op.create_table(
        "interpreter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("languages", sa.String(length=80), nullable=False),
        sa.Column("center_id", sa.Integer(), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(phone = '') <> (number = '')", name=op.f("ck_interpreter_one_way_to_reach")
        ),
        sa.ForeignKeyConstraint(
            ["center_id"], ["center.id"], name=op.f("fk_interpreter_center_id_center")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interpreter")),
    )
    with op.batch_alter_table("interpreter", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_interpreter_center_id"), ["center_id"], unique=False)

    op.create_table(
        "line_wish",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.String(length=64), nullable=False),
        sa.Column("call_id", sa.String(length=150), nullable=False),
        sa.Column("wanted", sa.String(length=20), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("interpreter_id", sa.Integer(), nullable=True),
        sa.Column("colleague_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_line_wish_call_id_call")),
        sa.ForeignKeyConstraint(
            ["colleague_id"], ["staff.id"], name=op.f("fk_line_wish_colleague_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["interpreter_id"], ["interpreter.id"], name=op.f("fk_line_wish_interpreter_id_interpreter")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_line_wish_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_wish")),
    )
    with op.batch_alter_table("line_wish", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_line_wish_call_id"), ["call_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_line_wish_offer_id"), ["offer_id"], unique=False)
        batch_op.create_index("ix_line_wish_taken_at_asked_at", ["taken_at", "asked_at"], unique=False)

    op.create_table(
        "supervision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.String(length=150), nullable=False),
        sa.Column("offer_id", sa.String(length=64), nullable=True),
        sa.Column("channel", sa.String(length=120), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("mode", sa.String(length=20), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_supervision_call_id_call")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_supervision_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervision")),
        sa.UniqueConstraint("call_id", "channel", "began_at", name=op.f("uq_supervision_call_id")),
    )
    with op.batch_alter_table("supervision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_supervision_offer_id"), ["offer_id"], unique=False)

    op.create_table(
        "hold",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.String(length=150), nullable=False),
        sa.Column("channel", sa.String(length=120), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resumed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_hold_call_id_call")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
        sa.UniqueConstraint("call_id", "channel", "began_at", name=op.f("uq_hold_call_id")),
    )
    op.create_table(
        "call_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.String(length=150), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key", sa.String(length=1), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_call_key_call_id_call")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_key")),
        sa.UniqueConstraint("call_id", "at", name=op.f("uq_call_key_call_id")),
    )
    op.create_table(
        "call_question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.String(length=150), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_call_question_call_id_call")),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_call_question_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_question")),
    )
    with op.batch_alter_table("call_question", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_call_question_call_id"), ["call_id"], unique=False)

    op.create_table(
        "transfer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.String(length=150), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("to", sa.String(length=120), nullable=False),
        sa.Column("dialled", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_transfer_call_id_call")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer")),
        sa.UniqueConstraint("call_id", "by", "at", name=op.f("uq_transfer_call_id")),
    )
    op.create_table(
        "case_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("risk", sa.String(length=20), nullable=True),
        sa.Column("told_risk", sa.String(length=20), nullable=True),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("province", sa.String(length=10), nullable=True),
        sa.Column("commune", sa.String(length=10), nullable=True),
        sa.Column("trafficking", sa.Boolean(), nullable=False),
        sa.Column("adults", sa.Boolean(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("opened_by", sa.Integer(), nullable=False),
        sa.Column("center_id", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("news_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["center_id"], ["center.id"], name=op.f("fk_case_file_center_id_center")
        ),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["case_file.id"], name=op.f("fk_case_file_merged_into_id_case_file")
        ),
        sa.ForeignKeyConstraint(["opened_by"], ["staff.id"], name=op.f("fk_case_file_opened_by_staff")),
        sa.ForeignKeyConstraint(["owner_id"], ["staff.id"], name=op.f("fk_case_file_owner_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_file")),
        sa.UniqueConstraint("number", name=op.f("uq_case_file_number")),
    )
    with op.batch_alter_table("case_file", schema=None) as batch_op:
        batch_op.create_index(
            "ix_case_file_center_id_closed_at", ["center_id", "closed_at", "due_at"], unique=False
        )
        batch_op.create_index("ix_case_file_closed_at", ["closed_at", "due_at", "id"], unique=False)
        batch_op.create_index(
            "ix_case_file_commune_closed_at", ["commune", "closed_at", "due_at"], unique=False
        )
        batch_op.create_index(
            "ix_case_file_province_closed_at", ["province", "closed_at", "due_at"], unique=False
        )
        batch_op.create_index(
            "ix_case_file_merged_into_id",
            ["merged_into_id"],
            unique=False,
            sqlite_where=sa.text("merged_into_id IS NOT NULL"),
            postgresql_where=sa.text("merged_into_id IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_case_file_trafficking",
            ["opened_at"],
            unique=False,
            sqlite_where=sa.text("trafficking = 1"),
            postgresql_where=sa.text("trafficking"),
        )
        batch_op.create_index(
            "ix_case_file_trafficking_closed_at",
            ["closed_at", "due_at", "id"],
            unique=False,
            sqlite_where=sa.text("trafficking = 1"),
            postgresql_where=sa.text("trafficking"),
        )
        batch_op.create_index(
            "ix_case_file_opened_by_closed_at", ["opened_by", "closed_at", "due_at"], unique=False
        )
        batch_op.create_index(
            "ix_case_file_owner_id_closed_at", ["owner_id", "closed_at", "due_at"], unique=False
        )

    op.create_table(
        "record_person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("about", sa.String(length=10), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["record_id"], ["record.id"], name=op.f("fk_record_person_record_id_record")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_person")),
        sa.UniqueConstraint("record_id", "about", "position", name=op.f("uq_record_person_record_id")),
    )
    op.create_table(
        "document_counter",
        sa.Column("center_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("series", sa.String(length=8), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["center_id"], ["center.id"], name=op.f("fk_document_counter_center_id_center")
        ),
        sa.PrimaryKeyConstraint("center_id", "year", "series", name=op.f("pk_document_counter")),
    )
    op.create_table(
        "filled_form",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(length=30), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("opened_by", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.String(length=40), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("carried", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_filled_form_case_id_case_file")
        ),
        sa.ForeignKeyConstraint(
            ["child_id"], ["record_person.id"], name=op.f("fk_filled_form_child_id_record_person")
        ),
        sa.ForeignKeyConstraint(
            ["opened_by"], ["staff.id"], name=op.f("fk_filled_form_opened_by_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filled_form")),
        sa.UniqueConstraint("asked_by", name=op.f("uq_filled_form_asked_by")),
    )
    with op.batch_alter_table("filled_form", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_filled_form_case_id"), ["case_id"], unique=False)

    op.create_table(
        "document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("form_revision", sa.Integer(), nullable=False),
        sa.Column("center_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("series", sa.String(length=8), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("symbol", sa.String(length=60), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("setting", sa.JSON(), nullable=False),
        sa.Column("ordered_by", sa.Integer(), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.Integer(), nullable=True),
        sa.Column("withdrawn_why", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_document_case_id_case_file")
        ),
        sa.ForeignKeyConstraint(["center_id"], ["center.id"], name=op.f("fk_document_center_id_center")),
        sa.ForeignKeyConstraint(
            ["form_id"], ["filled_form.id"], name=op.f("fk_document_form_id_filled_form")
        ),
        sa.ForeignKeyConstraint(["ordered_by"], ["staff.id"], name=op.f("fk_document_ordered_by_staff")),
        sa.ForeignKeyConstraint(
            ["withdrawn_by"], ["staff.id"], name=op.f("fk_document_withdrawn_by_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint("asked_by", name=op.f("uq_document_asked_by")),
        sa.UniqueConstraint("center_id", "year", "series", "number", name=op.f("uq_document_center_id")),
    )
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_document_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_document_form_id"), ["form_id"], unique=False)
        batch_op.create_index("ix_document_state_ordered_at", ["state", "ordered_at"], unique=False)

    op.create_table(
        "filled_form_rejected",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=80), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["form_id"], ["filled_form.id"], name=op.f("fk_filled_form_rejected_form_id_filled_form")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_filled_form_rejected_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filled_form_rejected")),
    )
    with op.batch_alter_table("filled_form_rejected", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_filled_form_rejected_form_id"), ["form_id"], unique=False)

    op.create_table(
        "filled_form_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["form_id"], ["filled_form.id"], name=op.f("fk_filled_form_revision_form_id_filled_form")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_filled_form_revision_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filled_form_revision")),
        sa.UniqueConstraint("form_id", "number", name=op.f("uq_filled_form_revision_form_id")),
    )
    op.create_table(
        "document_file",
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_document_file_document_id_document")
        ),
        sa.PrimaryKeyConstraint("document_id", "kind", name=op.f("pk_document_file")),
    )
    with op.batch_alter_table("document_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_document_file_key_id"), ["key_id"], unique=False)
    op.create_table(
        "api_client",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("way", sa.String(length=20), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("per_minute", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_client")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_api_client_key_hash")),
    )
    op.create_table(
        "report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("idempotency_key", sa.String(length=200), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("way", sa.String(length=20), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("in_danger", sa.Boolean(), nullable=False),
        sa.Column("form_version", sa.Integer(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("refused", sa.JSON(), nullable=False),
        sa.Column("taken_by", sa.Integer(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("given_back", sa.String(length=20), nullable=True),
        sa.Column("record_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"], ["api_client.id"], name=op.f("fk_report_client_id_api_client")
        ),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_report_record_id_record")),
        sa.ForeignKeyConstraint(["taken_by"], ["staff.id"], name=op.f("fk_report_taken_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("client_id", "idempotency_key", name=op.f("uq_report_client_id")),
        sa.UniqueConstraint("record_id", name=op.f("uq_report_record_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_report_reference")),
    )
    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.create_index(
            "ix_report_taken_at_received_at", ["taken_at", "received_at"], unique=False
        )

    op.create_table(
        "report_attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"], ["report.id"], name=op.f("fk_report_attachment_report_id_report")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_attachment")),
        sa.UniqueConstraint("report_id", "position", name=op.f("uq_report_attachment_report_id")),
    )
    with op.batch_alter_table("report_attachment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_report_attachment_key_id"), ["key_id"], unique=False)

    op.create_table(
        "record_rejected",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=80), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["record_id"], ["record.id"], name=op.f("fk_record_rejected_record_id_record")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_record_rejected_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_rejected")),
    )
    with op.batch_alter_table("record_rejected", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_record_rejected_record_id"), ["record_id"], unique=False)

    op.create_table(
        "record_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("tab", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["record_id"], ["record.id"], name=op.f("fk_record_revision_record_id_record")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_record_revision_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_revision")),
        sa.UniqueConstraint("record_id", "number", name=op.f("uq_record_revision_record_id")),
    )
    op.create_table(
        "case_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("corrects_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_case_event_case_id_case_file")
        ),
        sa.ForeignKeyConstraint(
            ["corrects_id"], ["case_event.id"], name=op.f("fk_case_event_corrects_id_case_event")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_case_event_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_event")),
        sa.UniqueConstraint("corrects_id", name=op.f("uq_case_event_corrects_id")),
    )
    with op.batch_alter_table("case_event", schema=None) as batch_op:
        batch_op.create_index(
            "ix_case_event_case_id_happened_at", ["case_id", "happened_at"], unique=False
        )

    op.create_table(
        "case_limit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("center_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.String(length=10), nullable=True),
        sa.Column("clock", sa.String(length=20), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("set_by", sa.Integer(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["center_id"], ["center.id"], name=op.f("fk_case_limit_center_id_center")
        ),
        sa.ForeignKeyConstraint(["set_by"], ["staff.id"], name=op.f("fk_case_limit_set_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_limit")),
    )
    with op.batch_alter_table("case_limit", schema=None) as batch_op:
        batch_op.create_index("ix_case_limit_center_id", ["center_id"], unique=False)
        batch_op.create_index("ix_case_limit_unit_id", ["unit_id"], unique=False)

    op.create_table(
        "separation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("home_id", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_separation_case_id_case_file")
        ),
        sa.ForeignKeyConstraint(
            ["home_id"], ["case_file.id"], name=op.f("fk_separation_home_id_case_file")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_separation")),
    )
    with op.batch_alter_table("separation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_separation_case_id"), ["case_id"], unique=False)

    op.create_table(
        "case_warning",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("clock", sa.String(length=20), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("over_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_case_warning_case_id_case_file")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_warning")),
        sa.UniqueConstraint("case_id", "clock", "due_at", "stage", name=op.f("uq_case_warning_case_id")),
    )
    with op.batch_alter_table("case_warning", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_warning_over_at"), ["over_at"], unique=False)

    op.create_table(
        "case_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("warning_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_case_mail_staff_id_staff")),
        sa.ForeignKeyConstraint(
            ["warning_id"], ["case_warning.id"], name=op.f("fk_case_mail_warning_id_case_warning")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_mail")),
        sa.UniqueConstraint("warning_id", "staff_id", name=op.f("uq_case_mail_warning_id")),
    )
    with op.batch_alter_table("case_mail", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_mail_next_at"), ["next_at"], unique=False)

    op.create_table(
        "directory_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("numbers", sa.JSON(), nullable=False),
        sa.Column("hours", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=True),
        sa.Column("made_up", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_entry")),
    )
    with op.batch_alter_table("directory_entry", schema=None) as batch_op:
        batch_op.create_index("ix_directory_entry_unit_id", ["unit_id", "removed_at"], unique=False)

    op.create_table(
        "directory_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("act", sa.String(length=10), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["staff.id"], name=op.f("fk_directory_change_by_id_staff")),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["directory_entry.id"],
            name=op.f("fk_directory_change_entry_id_directory_entry"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_change")),
    )
    with op.batch_alter_table("directory_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_directory_change_entry_id"), ["entry_id"], unique=False)

    op.create_table(
        "directory_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["staff.id"], name=op.f("fk_directory_import_by_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_import")),
    )

    op.create_table(
        "handover",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("center_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.String(length=12), nullable=False),
        sa.Column("province_id", sa.String(length=12), nullable=False),
        sa.Column("recipient", sa.String(length=160), nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("packet", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("sent_by", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rings_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reported", sa.String(length=40), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_handover_case_id_case_file")
        ),
        sa.ForeignKeyConstraint(["center_id"], ["center.id"], name=op.f("fk_handover_center_id_center")),
        sa.ForeignKeyConstraint(["sent_by"], ["staff.id"], name=op.f("fk_handover_sent_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
        sa.UniqueConstraint("reference", name=op.f("uq_handover_reference")),
    )
    with op.batch_alter_table("handover", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handover_case_id"), ["case_id"], unique=False)
        batch_op.create_index("ix_handover_province_id_state", ["province_id", "state"], unique=False)
        batch_op.create_index("ix_handover_state_rings_at", ["state", "rings_at"], unique=False)
        batch_op.create_index("ix_handover_unit_id_state", ["unit_id", "state"], unique=False)

    op.create_table(
        "handover_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("handover_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("by", sa.String(length=160), nullable=False),
        sa.Column("word", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["handover_id"], ["handover.id"], name=op.f("fk_handover_event_handover_id_handover")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_handover_event_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover_event")),
        sa.UniqueConstraint("handover_id", "word", name=op.f("uq_handover_event_handover_id")),
    )
    op.create_table(
        "handover_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("handover_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("code_hash", sa.String(length=200), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("device_hash", sa.String(length=64), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["handover_id"], ["handover.id"], name=op.f("fk_handover_link_handover_id_handover")
        ),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name=op.f("fk_handover_link_made_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover_link")),
        sa.UniqueConstraint("device_hash", name=op.f("uq_handover_link_device_hash")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_handover_link_token_hash")),
    )
    with op.batch_alter_table("handover_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handover_link_handover_id"), ["handover_id"], unique=False)

    op.create_table(
        "handover_photo",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("handover_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["handover_event.id"], name=op.f("fk_handover_photo_event_id_handover_event")
        ),
        sa.ForeignKeyConstraint(
            ["handover_id"], ["handover.id"], name=op.f("fk_handover_photo_handover_id_handover")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover_photo")),
        sa.UniqueConstraint("event_id", name=op.f("uq_handover_photo_event_id")),
    )
    with op.batch_alter_table("handover_photo", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handover_photo_handover_id"), ["handover_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_handover_photo_key_id"), ["key_id"], unique=False)

    op.create_table(
        "office_system",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("unit_id", sa.String(length=12), nullable=False),
        sa.Column("url", sa.String(length=300), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("secret_name", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office_system")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_office_system_key_hash")),
    )
    with op.batch_alter_table("office_system", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_office_system_key_id"), ["key_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_office_system_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "webhook",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.String(length=40), nullable=False),
        sa.Column("system_id", sa.Integer(), nullable=False),
        sa.Column("handover_id", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["handover_id"], ["handover.id"], name=op.f("fk_webhook_handover_id_handover")
        ),
        sa.ForeignKeyConstraint(
            ["system_id"], ["office_system.id"], name=op.f("fk_webhook_system_id_office_system")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
        sa.UniqueConstraint("message_id", name=op.f("uq_webhook_message_id")),
    )
    with op.batch_alter_table("webhook", schema=None) as batch_op:
        batch_op.create_index("ix_webhook_ended_at_next_at", ["ended_at", "next_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_webhook_handover_id"), ["handover_id"], unique=False)

    op.create_table(
        "case_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("home_id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("joined_by", sa.Integer(), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_case_record_case_id_case_file")
        ),
        sa.ForeignKeyConstraint(
            ["home_id"], ["case_file.id"], name=op.f("fk_case_record_home_id_case_file")
        ),
        sa.ForeignKeyConstraint(
            ["joined_by"], ["staff.id"], name=op.f("fk_case_record_joined_by_staff")
        ),
        sa.ForeignKeyConstraint(["left_by"], ["staff.id"], name=op.f("fk_case_record_left_by_staff")),
        sa.ForeignKeyConstraint(
            ["record_id"], ["record.id"], name=op.f("fk_case_record_record_id_record")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_record")),
    )
    with op.batch_alter_table("case_record", schema=None) as batch_op:
        batch_op.create_index("ix_case_record_case_id", ["case_id", "left_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_record_home_id"), ["home_id"], unique=False)
        batch_op.create_index(
            "uq_case_record_standing",
            ["record_id"],
            unique=True,
            sqlite_where=sa.text("left_at IS NULL"),
            postgresql_where=sa.text("left_at IS NULL"),
        )

    op.create_table(
        "saved_filter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_saved_filter_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filter")),
        sa.UniqueConstraint("staff_id", "name", name=op.f("uq_saved_filter_staff_id")),
    )
    op.create_table(
        "case_mark",
        sa.Column("mark", sa.String(length=160), nullable=False),
        sa.Column("link_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["link_id"], ["case_record.id"], name=op.f("fk_case_mark_link_id_case_record")
        ),
        sa.PrimaryKeyConstraint("mark", "link_id", name=op.f("pk_case_mark")),
    )
    with op.batch_alter_table("case_mark", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_mark_link_id"), ["link_id"], unique=False)

    op.create_table(
        "case_merge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("into_id", sa.Integer(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("closed_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("merged_by", sa.Integer(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_case_merge_case_id_case_file")
        ),
        sa.ForeignKeyConstraint(
            ["into_id"], ["case_file.id"], name=op.f("fk_case_merge_into_id_case_file")
        ),
        sa.ForeignKeyConstraint(["merged_by"], ["staff.id"], name=op.f("fk_case_merge_merged_by_staff")),
        sa.ForeignKeyConstraint(["undone_by"], ["staff.id"], name=op.f("fk_case_merge_undone_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_merge")),
    )
    with op.batch_alter_table("case_merge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_merge_into_id"), ["into_id"], unique=False)
        batch_op.create_index(
            "uq_case_merge_standing",
            ["case_id"],
            unique=True,
            sqlite_where=sa.text("undone_at IS NULL"),
            postgresql_where=sa.text("undone_at IS NULL"),
        )

    op.create_table(
        "same_child",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("same_as_id", sa.Integer(), nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("marked_by", sa.Integer(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["marked_by"], ["staff.id"], name=op.f("fk_same_child_marked_by_staff")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["record_person.id"], name=op.f("fk_same_child_person_id_record_person")
        ),
        sa.ForeignKeyConstraint(
            ["same_as_id"], ["record_person.id"], name=op.f("fk_same_child_same_as_id_record_person")
        ),
        sa.ForeignKeyConstraint(["undone_by"], ["staff.id"], name=op.f("fk_same_child_undone_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_same_child")),
    )
    with op.batch_alter_table("same_child", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_same_child_same_as_id"), ["same_as_id"], unique=False)
        batch_op.create_index(
            "uq_same_child_standing",
            ["person_id"],
            unique=True,
            sqlite_where=sa.text("undone_at IS NULL"),
            postgresql_where=sa.text("undone_at IS NULL"),
        )

    op.create_table(
        "case_attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("word", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("added_by", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["added_by"], ["staff.id"], name=op.f("fk_case_attachment_added_by_staff")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_case_attachment_case_id_case_file")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_attachment")),
        sa.UniqueConstraint("word", name=op.f("uq_case_attachment_word")),
    )
    with op.batch_alter_table("case_attachment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_attachment_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_attachment_key_id"), ["key_id"], unique=False)

    op.create_table(
        "case_plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("goals", sa.JSON(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("writers", sa.JSON(), nullable=False),
        sa.Column("saved_by", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_by", sa.Integer(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approver_id", sa.Integer(), nullable=True),
        sa.Column("approver", sa.String(length=160), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_for", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_number", sa.String(length=60), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["approver_id"], ["staff.id"], name=op.f("fk_case_plan_approver_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_case_plan_case_id_case_file")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["staff.id"], name=op.f("fk_case_plan_decided_by_staff")
        ),
        sa.ForeignKeyConstraint(
            ["decided_for"], ["staff.id"], name=op.f("fk_case_plan_decided_for_staff")
        ),
        sa.ForeignKeyConstraint(["saved_by"], ["staff.id"], name=op.f("fk_case_plan_saved_by_staff")),
        sa.ForeignKeyConstraint(
            ["submitted_by"], ["staff.id"], name=op.f("fk_case_plan_submitted_by_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_plan")),
        sa.UniqueConstraint("case_id", "version", name=op.f("uq_case_plan_case_id")),
    )
    with op.batch_alter_table("case_plan", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_plan_approver_id"), ["approver_id"], unique=False)

    op.create_table(
        "case_plan_action",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("work", sa.String(length=20), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("agency", sa.String(length=160), nullable=False),
        sa.Column("person", sa.String(length=120), nullable=False),
        sa.Column("coordination", sa.String(length=300), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("cost", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["case_plan.id"], name=op.f("fk_case_plan_action_plan_id_case_plan")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_plan_action")),
        sa.UniqueConstraint("plan_id", "position", name=op.f("uq_case_plan_action_plan_id")),
    )
    op.create_table(
        "case_plan_result",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("action_id", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("attachment_id", sa.Integer(), nullable=True),
        sa.Column("told_by", sa.Integer(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["action_id"],
            ["case_plan_action.id"],
            name=op.f("fk_case_plan_result_action_id_case_plan_action"),
        ),
        sa.ForeignKeyConstraint(
            ["attachment_id"],
            ["case_attachment.id"],
            name=op.f("fk_case_plan_result_attachment_id_case_attachment"),
        ),
        sa.ForeignKeyConstraint(
            ["told_by"], ["staff.id"], name=op.f("fk_case_plan_result_told_by_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_plan_result")),
    )
    with op.batch_alter_table("case_plan_result", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_plan_result_action_id"), ["action_id"], unique=False)

    op.create_table(
        "plan_delegation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["from_id"], ["staff.id"], name=op.f("fk_plan_delegation_from_id_staff")
        ),
        sa.ForeignKeyConstraint(["to_id"], ["staff.id"], name=op.f("fk_plan_delegation_to_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_delegation")),
    )
    with op.batch_alter_table("plan_delegation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_plan_delegation_from_id"), ["from_id"], unique=False)
        batch_op.create_index("ix_plan_delegation_to_id_until_at", ["to_id", "until_at"], unique=False)

    op.create_table(
        "callback",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("open_number", sa.String(length=32), nullable=True),
        sa.Column("center_id", sa.Integer(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("promised_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message_call_id", sa.String(length=150), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_as", sa.String(length=20), nullable=True),
        sa.Column("closing_call_id", sa.String(length=150), nullable=True),
        sa.ForeignKeyConstraint(["center_id"], ["center.id"], name=op.f("fk_callback_center_id_center")),
        sa.ForeignKeyConstraint(
            ["closing_call_id"], ["call.id"], name=op.f("fk_callback_closing_call_id_call")
        ),
        sa.ForeignKeyConstraint(
            ["message_call_id"], ["call.id"], name=op.f("fk_callback_message_call_id_call")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["staff.id"], name=op.f("fk_callback_owner_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callback")),
        sa.UniqueConstraint("open_number", name=op.f("uq_callback_open_number")),
    )
    with op.batch_alter_table("callback", schema=None) as batch_op:
        batch_op.create_index(
            "ix_callback_center_id_closed_at", ["center_id", "closed_at", "due_at"], unique=False
        )
        batch_op.create_index("ix_callback_closed_at_due_at", ["closed_at", "due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_callback_number"), ["number"], unique=False)
        batch_op.create_index(
            "ix_callback_owner_id_closed_at", ["owner_id", "closed_at", "due_at"], unique=False
        )

    op.create_table(
        "callback_call",
        sa.Column("call_id", sa.String(length=150), nullable=False),
        sa.Column("callback_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("why", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_callback_call_call_id_call")),
        sa.ForeignKeyConstraint(
            ["callback_id"], ["callback.id"], name=op.f("fk_callback_call_callback_id_callback")
        ),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_callback_call")),
    )
    with op.batch_alter_table("callback_call", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_callback_call_callback_id"), ["callback_id"], unique=False)

    op.create_table(
        "callback_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("callback_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("call_id", sa.String(length=150), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_callback_event_call_id_call")),
        sa.ForeignKeyConstraint(
            ["callback_id"], ["callback.id"], name=op.f("fk_callback_event_callback_id_callback")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_callback_event_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callback_event")),
        sa.UniqueConstraint("call_id", name=op.f("uq_callback_event_call_id")),
    )
    with op.batch_alter_table("callback_event", schema=None) as batch_op:
        batch_op.create_index("ix_callback_event_callback_id_at", ["callback_id", "at"], unique=False)

    op.create_table(
        "call_out",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("callback_id", sa.Integer(), nullable=True),
        sa.Column("safe", sa.String(length=20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("call_id", sa.String(length=150), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_call_out_call_id_call")),
        sa.ForeignKeyConstraint(
            ["callback_id"], ["callback.id"], name=op.f("fk_call_out_callback_id_callback")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_call_out_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_out")),
        sa.UniqueConstraint("call_id", name=op.f("uq_call_out_call_id")),
    )
    with op.batch_alter_table("call_out", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_call_out_callback_id"), ["callback_id"], unique=False)
        batch_op.create_index(
            "ix_call_out_claimed_at_expires_at", ["claimed_at", "expires_at"], unique=False
        )
        batch_op.create_index("ix_call_out_staff_id_asked_at", ["staff_id", "asked_at"], unique=False)

    op.create_table(
        "case_call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("call_out_id", sa.Integer(), nullable=False),
        sa.Column("whom", sa.String(length=160), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_out_id"], ["call_out.id"], name=op.f("fk_case_call_call_out_id_call_out")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_case_call_case_id_case_file")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_call")),
        sa.UniqueConstraint("call_out_id", name=op.f("uq_case_call_call_out_id")),
    )
    with op.batch_alter_table("case_call", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_call_case_id"), ["case_id"], unique=False)

    op.create_table(
        "victim_referral",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.String(length=40), nullable=False),
        sa.Column("body", sa.String(length=20), nullable=False),
        sa.Column("agency", sa.String(length=160), nullable=False),
        sa.Column("contact", sa.String(length=160), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("referred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_victim_referral_case_id_case_file")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_victim_referral_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_victim_referral")),
        sa.UniqueConstraint("asked_by", name=op.f("uq_victim_referral_asked_by")),
    )
    with op.batch_alter_table("victim_referral", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_victim_referral_case_id"), ["case_id"], unique=False)

    op.create_table(
        "victim_referral_result",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("referral_id", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("told_by", sa.String(length=160), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["referral_id"],
            ["victim_referral.id"],
            name=op.f("fk_victim_referral_result_referral_id_victim_referral"),
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_victim_referral_result_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_victim_referral_result")),
    )
    with op.batch_alter_table("victim_referral_result", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_victim_referral_result_referral_id"), ["referral_id"], unique=False
        )

    op.create_table(
        "therapy_referral",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("referred_by", sa.Integer(), nullable=False),
        sa.Column("referred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("therapist_id", sa.Integer(), nullable=True),
        sa.Column("charge", sa.String(length=20), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_therapy_referral_case_id_case_file")
        ),
        sa.ForeignKeyConstraint(
            ["child_id"], ["record_person.id"], name=op.f("fk_therapy_referral_child_id_record_person")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["staff.id"], name=op.f("fk_therapy_referral_decided_by_staff")
        ),
        sa.ForeignKeyConstraint(
            ["referred_by"], ["staff.id"], name=op.f("fk_therapy_referral_referred_by_staff")
        ),
        sa.ForeignKeyConstraint(
            ["therapist_id"], ["staff.id"], name=op.f("fk_therapy_referral_therapist_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_therapy_referral")),
        sa.UniqueConstraint("asked_by", name=op.f("uq_therapy_referral_asked_by")),
    )
    with op.batch_alter_table("therapy_referral", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_therapy_referral_case_id"), ["case_id"], unique=False)
        batch_op.create_index("ix_therapy_referral_state", ["state"], unique=False)
        batch_op.create_index(
            "ix_therapy_referral_therapist_id", ["therapist_id", "state"], unique=False
        )
        batch_op.create_index(
            "uq_therapy_referral_open",
            ["child_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('waiting', 'accepted')"),
            postgresql_where=sa.text("state IN ('waiting', 'accepted')"),
        )

    op.create_table(
        "therapy_meeting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("referral_id", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("therapist_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("way", sa.String(length=20), nullable=False),
        sa.Column("place", sa.String(length=160), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("planned_by", sa.Integer(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["planned_by"], ["staff.id"], name=op.f("fk_therapy_meeting_planned_by_staff")
        ),
        sa.ForeignKeyConstraint(
            ["referral_id"],
            ["therapy_referral.id"],
            name=op.f("fk_therapy_meeting_referral_id_therapy_referral"),
        ),
        sa.ForeignKeyConstraint(
            ["therapist_id"], ["staff.id"], name=op.f("fk_therapy_meeting_therapist_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_therapy_meeting")),
        sa.UniqueConstraint("asked_by", name=op.f("uq_therapy_meeting_asked_by")),
    )
    with op.batch_alter_table("therapy_meeting", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_therapy_meeting_referral_id"), ["referral_id"], unique=False
        )
        batch_op.create_index("ix_therapy_meeting_starts_at", ["starts_at"], unique=False)
        batch_op.create_index(
            "ix_therapy_meeting_therapist_id", ["therapist_id", "starts_at"], unique=False
        )

    op.create_table(
        "therapy_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("word", sa.String(length=40), nullable=False),
        sa.Column("written_by", sa.Integer(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("corrects_id", sa.Integer(), nullable=True),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["corrects_id"], ["therapy_note.id"], name=op.f("fk_therapy_note_corrects_id_therapy_note")
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"],
            ["therapy_meeting.id"],
            name=op.f("fk_therapy_note_meeting_id_therapy_meeting"),
        ),
        sa.ForeignKeyConstraint(
            ["written_by"], ["staff.id"], name=op.f("fk_therapy_note_written_by_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_therapy_note")),
        sa.UniqueConstraint("corrects_id", name=op.f("uq_therapy_note_corrects_id")),
        sa.UniqueConstraint("word", name=op.f("uq_therapy_note_word")),
    )
    with op.batch_alter_table("therapy_note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_therapy_note_key_id"), ["key_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_therapy_note_meeting_id"), ["meeting_id"], unique=False)

    op.create_table(
        "roster",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("shift", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("written_by", sa.Integer(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_roster_staff_id_staff")),
        sa.ForeignKeyConstraint(["written_by"], ["staff.id"], name=op.f("fk_roster_written_by_staff")),
        sa.PrimaryKeyConstraint("staff_id", "day", "shift", name=op.f("pk_roster")),
    )
    with op.batch_alter_table("roster", schema=None) as batch_op:
        batch_op.create_index("ix_roster_day", ["day"], unique=False)

    op.create_table(
        "roster_template",
        sa.Column("center_id", sa.Integer(), nullable=False),
        sa.Column("day_kind", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("shift", sa.String(length=20), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("minimum", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["center_id"], ["center.id"], name=op.f("fk_roster_template_center_id_center")
        ),
        sa.PrimaryKeyConstraint("center_id", "day_kind", "shift", name=op.f("pk_roster_template")),
    )

    op.create_table(
        "offer_reason",
        sa.Column("offer_id", sa.String(length=64), nullable=False),
        sa.Column("call_id", sa.String(length=150), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_offer_reason_call_id_call")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_offer_reason_staff_id_staff")),
        sa.PrimaryKeyConstraint("offer_id", name=op.f("pk_offer_reason")),
    )
    with op.batch_alter_table("offer_reason", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_offer_reason_call_id"), ["call_id"], unique=False)

    op.create_table(
        "nuisance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("call_id", sa.String(length=150), nullable=False),
        sa.Column("set_by", sa.Integer(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_by", sa.Integer(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_nuisance_call_id_call")),
        sa.ForeignKeyConstraint(["lifted_by"], ["staff.id"], name=op.f("fk_nuisance_lifted_by_staff")),
        sa.ForeignKeyConstraint(["set_by"], ["staff.id"], name=op.f("fk_nuisance_set_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nuisance")),
    )
    with op.batch_alter_table("nuisance", schema=None) as batch_op:
        batch_op.create_index("ix_nuisance_number_until", ["number", "until"], unique=False)
        batch_op.create_index(batch_op.f("ix_nuisance_until"), ["until"], unique=False)

    op.create_table(
        "number_flag",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("call_id", sa.String(length=150), nullable=False),
        sa.Column("text", sa.String(length=120), nullable=False),
        sa.Column("set_by", sa.Integer(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_by", sa.Integer(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_number_flag_call_id_call")),
        sa.ForeignKeyConstraint(
            ["lifted_by"], ["staff.id"], name=op.f("fk_number_flag_lifted_by_staff")
        ),
        sa.ForeignKeyConstraint(["set_by"], ["staff.id"], name=op.f("fk_number_flag_set_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_number_flag")),
    )
    with op.batch_alter_table("number_flag", schema=None) as batch_op:
        batch_op.create_index("ix_number_flag_number_until", ["number", "until"], unique=False)

    op.create_table(
        "rest",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.String(length=150), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("yields", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_rest_staff_id_staff")),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_rest")),
    )
    with op.batch_alter_table("rest", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rest_until"), ["until"], unique=False)

    op.create_table(
        "roster_feed",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_roster_feed_staff_id_staff")),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_roster_feed")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_roster_feed_token_hash")),
    )
    op.create_table(
        "roster_swap",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_of", sa.Integer(), nullable=False),
        sa.Column("give_day", sa.Date(), nullable=False),
        sa.Column("give_shift", sa.String(length=20), nullable=False),
        sa.Column("take_day", sa.Date(), nullable=False),
        sa.Column("take_shift", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["asked_by"], ["staff.id"], name=op.f("fk_roster_swap_asked_by_staff")),
        sa.ForeignKeyConstraint(["asked_of"], ["staff.id"], name=op.f("fk_roster_swap_asked_of_staff")),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["staff.id"], name=op.f("fk_roster_swap_decided_by_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_swap")),
    )
    with op.batch_alter_table("roster_swap", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_roster_swap_asked_by"), ["asked_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_roster_swap_asked_of"), ["asked_of"], unique=False)
        batch_op.create_index(batch_op.f("ix_roster_swap_state"), ["state"], unique=False)
