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
        sa.Column("interface_language", sa.String(length=5), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("draft_key", sa.String(length=44), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
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
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.String(length=150), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("risk", sa.String(length=20), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("opened_by", sa.Integer(), nullable=False),
        sa.Column("center_id", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_case_file_call_id_call")),
        sa.ForeignKeyConstraint(
            ["center_id"], ["center.id"], name=op.f("fk_case_file_center_id_center")
        ),
        sa.ForeignKeyConstraint(["opened_by"], ["staff.id"], name=op.f("fk_case_file_opened_by_staff")),
        sa.ForeignKeyConstraint(["owner_id"], ["staff.id"], name=op.f("fk_case_file_owner_id_staff")),
        sa.ForeignKeyConstraint(
            ["record_id"], ["record.id"], name=op.f("fk_case_file_record_id_record")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_file")),
        sa.UniqueConstraint("number", name=op.f("uq_case_file_number")),
        sa.UniqueConstraint("record_id", name=op.f("uq_case_file_record_id")),
    )
    with op.batch_alter_table("case_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_file_call_id"), ["call_id"], unique=False)
        batch_op.create_index(
            "ix_case_file_center_id_closed_at", ["center_id", "closed_at", "due_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_case_file_opened_by"), ["opened_by"], unique=False)
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
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_case_event_case_id_case_file")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_case_event_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_event")),
    )
    with op.batch_alter_table("case_event", schema=None) as batch_op:
        batch_op.create_index(
            "ix_case_event_case_id_happened_at", ["case_id", "happened_at"], unique=False
        )

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
