"""The rows of calls, records, cases and recordings. Nothing outside `intake` may import them.

Phone numbers are in the normal form of `intake.numbers`. Free text sits in JSON columns keyed by the
field names of the form version it was written with (`intake.forms`), so that an old record is shown as
it was asked.
"""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, validates

from hotline.db import Base, UtcDateTime

CALL_ID = String(150)
"""Asterisk's own limit for a Uniqueid is 149."""
CHANNEL_LENGTH = 120
OFFER_ID_LENGTH = 64
PHONE_LENGTH = 40
NUMBER_LENGTH = 32
REASONS_LENGTH = 200


class CallRow(Base):
    """One call, however many phones it rang. Times are when it happened, not when it was written."""

    __tablename__ = "call"
    __table_args__ = (
        Index("ix_call_number_arrived_at", "number", "arrived_at"),
        Index("ix_call_counselor_id_arrived_at", "counselor_id", "arrived_at"),
        Index("ix_call_center_id_arrived_at", "center_id", "arrived_at"),
        Index("ix_call_ended_at_arrived_at", "ended_at", "arrived_at"),
    )

    id: Mapped[str] = mapped_column(CALL_ID, primary_key=True)
    channel: Mapped[str] = mapped_column(String(CHANNEL_LENGTH), default="")
    number: Mapped[str | None] = mapped_column(String(NUMBER_LENGTH))
    dialled: Mapped[str] = mapped_column(String(NUMBER_LENGTH), default="")
    outbound: Mapped[bool] = mapped_column(default=False)
    internal: Mapped[bool] = mapped_column(default=False)
    """Dialled on a phone of the house (a colleague, a consultation): no record, counted nowhere."""
    arrived_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    waiting_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    line: Mapped[str] = mapped_column(String(20), default="child")
    """Which of our lines it is counted for (`hotline.lines`): that of the number dialled, or the one it
    was passed on to."""
    callback_asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The caller pressed the key to be called back."""
    message_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The caller began to speak a message."""
    outcome: Mapped[str | None] = mapped_column(String(20))
    cause: Mapped[int] = mapped_column(default=0)
    counselor_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    """Who talks or talked last; before anybody talked, whose phone rang last."""
    center_id: Mapped[int | None] = mapped_column(ForeignKey("center.id"))
    """The counselor's; before there is one, that of the PBX the call reached."""


class OfferRow(Base):
    """One phone rung for one call."""

    __tablename__ = "offer"
    __table_args__ = (
        UniqueConstraint("call_id", "channel"),
        Index("ix_offer_staff_id_ended_at", "staff_id", "ended_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    offer_id: Mapped[str | None] = mapped_column(String(OFFER_ID_LENGTH))
    call_id: Mapped[str] = mapped_column(ForeignKey("call.id"))
    channel: Mapped[str] = mapped_column(String(CHANNEL_LENGTH))
    phone: Mapped[str] = mapped_column(String(PHONE_LENGTH))
    part: Mapped[str] = mapped_column(String(20))
    """`hotline.ids.Part`: whose ringing this is."""
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    rang_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str | None] = mapped_column(String(20))
    cause: Mapped[int] = mapped_column(default=0)


class OfferReasonRow(Base):
    """Why the router rang this counselor for this call, known before any phone rings."""

    __tablename__ = "offer_reason"

    offer_id: Mapped[str] = mapped_column(String(OFFER_ID_LENGTH), primary_key=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("call.id"), index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    reasons: Mapped[str] = mapped_column(String(REASONS_LENGTH))
    """Codes of the rules that led there, space-separated."""
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class TalkRow(Base):
    """One spell in which one party talked with the caller."""

    __tablename__ = "talk"
    __table_args__ = (
        UniqueConstraint("call_id", "channel", "began_at"),
        Index("ix_talk_staff_id_began_at", "staff_id", "began_at"),
        Index("ix_talk_staff_id_ended_at", "staff_id", "ended_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("call.id"))
    channel: Mapped[str] = mapped_column(String(CHANNEL_LENGTH))
    phone: Mapped[str] = mapped_column(String(PHONE_LENGTH))
    part: Mapped[str] = mapped_column(String(20))
    """`hotline.ids.Part`: what this party was in the call."""
    offer_id: Mapped[str | None] = mapped_column(String(OFFER_ID_LENGTH), index=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lost: Mapped[bool] = mapped_column(default=False)
    """It ended because the party's phone fell silent."""


class SupervisionRow(Base):
    """One spell in which a shift lead attended a call in one mode. One who joined has talks instead."""

    __tablename__ = "supervision"
    __table_args__ = (UniqueConstraint("call_id", "channel", "began_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("call.id"))
    offer_id: Mapped[str | None] = mapped_column(String(OFFER_ID_LENGTH), index=True)
    channel: Mapped[str] = mapped_column(String(CHANNEL_LENGTH))
    phone: Mapped[str] = mapped_column(String(PHONE_LENGTH))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    mode: Mapped[str] = mapped_column(String(20))
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class HoldRow(Base):
    """One spell in which one side had the other on hold. `channel` is the side that pressed hold."""

    __tablename__ = "hold"
    __table_args__ = (UniqueConstraint("call_id", "channel", "began_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("call.id"))
    channel: Mapped[str] = mapped_column(String(CHANNEL_LENGTH))
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resumed: Mapped[bool]
    """False: the side that held is still there, or went without taking the other back."""


class KeyRow(Base):
    """One key pressed by the caller. Append-only."""

    __tablename__ = "call_key"
    __table_args__ = (UniqueConstraint("call_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(CALL_ID, ForeignKey("call.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    key: Mapped[str] = mapped_column(String(1))


class TransferRow(Base):
    __tablename__ = "transfer"
    __table_args__ = (UniqueConstraint("call_id", "by", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("call.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[str] = mapped_column(String(20))
    by: Mapped[str] = mapped_column(String(CHANNEL_LENGTH))
    to: Mapped[str] = mapped_column(String(CHANNEL_LENGTH))
    dialled: Mapped[str] = mapped_column(String(NUMBER_LENGTH), default="")


class RecordingRow(Base):
    __tablename__ = "recording"
    __table_args__ = (Index("ix_recording_state", "state", "call_id"),)

    call_id: Mapped[str] = mapped_column(ForeignKey("call.id"), primary_key=True)
    state: Mapped[str] = mapped_column(String(20))
    path: Mapped[str | None] = mapped_column(String(200))
    """Stem of its files, relative to the recordings folder."""
    key_id: Mapped[str | None] = mapped_column(String(16), index=True)
    """Which key wraps the files' data keys, as `hotline.sealed` names it."""
    duration_ms: Mapped[int | None]
    message_ms: Mapped[int | None]
    """How much of its beginning is a message that the caller left."""
    size: Mapped[int | None]
    """Bytes of the original before it was sealed."""
    reason: Mapped[str] = mapped_column(String(40), default="")
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RecordingSoundRow(Base):
    """What a recording sounds like (`intake.loudness`): as private as the recording itself."""

    __tablename__ = "recording_sound"

    call_id: Mapped[str] = mapped_column(ForeignKey("recording.call_id"), primary_key=True)
    caller_level_db: Mapped[int | None]
    caller_silent: Mapped[float]
    caller_peaks: Mapped[bytes]
    counselor_level_db: Mapped[int | None]
    counselor_silent: Mapped[float]
    counselor_peaks: Mapped[bytes]
    silences: Mapped[list[list[int]]] = mapped_column(JSON)


class RecordRow(Base):
    """What a counselor wrote down. For a call it exists from the first ring, once; what came another
    way has `received_at` and a record that a person opened."""

    __tablename__ = "record"
    __table_args__ = (
        Index("ix_record_owner_id_state", "owner_id", "state"),
        Index("ix_record_center_id_state", "center_id", "state"),
        Index(
            "ix_record_spoken",
            "created_at",
            sqlite_where=text("language IS NOT NULL"),
            postgresql_where=text("language IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[str | None] = mapped_column(ForeignKey("call.id"), unique=True)
    way: Mapped[str] = mapped_column(String(20), default="phone")
    received_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    """When it reached the hotline; None for a call, which has its own times."""
    happened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When that happened which is told; None for a call, or when nobody knows."""
    asked_by: Mapped[str | None] = mapped_column(String(40), unique=True)
    """A random word of the page on which it was opened by hand: sent twice is once."""
    form_version: Mapped[int]
    owner_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    center_id: Mapped[int] = mapped_column(ForeignKey("center.id"))
    revision: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(20), default="draft")
    """`draft`, `closed`, or `unused`: nobody answered, nothing was written, nobody need close it."""
    disposition: Mapped[str | None] = mapped_column(String(20), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    fields: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    language: Mapped[str | None] = mapped_column(String(8))
    """That of `fields`, for the router, who asks of all numbers at once and often."""

    @validates("fields")
    def _keep_language(self, _name: str, fields: dict[str, str]) -> dict[str, str]:
        self.language = fields.get("language") or None
        return fields


class RecordPersonRow(Base):
    """One child a record is about, or one alleged offender; caller, child, informant and offender are
    different people."""

    __tablename__ = "record_person"
    __table_args__ = (UniqueConstraint("record_id", "about", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    about: Mapped[str] = mapped_column(String(10))
    """`intake.forms.About`."""
    position: Mapped[int]
    fields: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)


class RecordRevisionRow(Base):
    """One accepted change: field → [old, new]. Append-only."""

    __tablename__ = "record_revision"
    __table_args__ = (UniqueConstraint("record_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    number: Mapped[int]
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    tab: Mapped[str] = mapped_column(String(40), default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    changes: Mapped[dict[str, list[str]]] = mapped_column(JSON)


class RecordRejectedRow(Base):
    """Text that could not be taken into the record, kept so that nothing typed is lost."""

    __tablename__ = "record_rejected"

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"), index=True)
    field: Mapped[str] = mapped_column(String(80))
    value: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(String(40))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class CaseRow(Base):
    """A case. What was told about children and place stays in its record and is read from there:
    counselors open the case first and go on writing.
    """

    __tablename__ = "case_file"
    __table_args__ = (
        Index("ix_case_file_owner_id_closed_at", "owner_id", "closed_at", "due_at"),
        Index("ix_case_file_center_id_closed_at", "center_id", "closed_at", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(30), unique=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"), unique=True)
    call_id: Mapped[str | None] = mapped_column(ForeignKey("call.id"), index=True)
    state: Mapped[str] = mapped_column(String(20))
    risk: Mapped[str | None] = mapped_column(String(20))
    """The human conclusion of the assessment; before it, the record's first look counts."""
    owner_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    opened_by: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    center_id: Mapped[int] = mapped_column(ForeignKey("center.id"))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    entered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When the present state was entered."""
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Deadline of the next step, for sorting; `intake.flow` and `intake.deadlines` make it."""
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CaseEventRow(Base):
    """The spine: what happened, and apart from it when it was entered. Append-only."""

    __tablename__ = "case_event"
    __table_args__ = (Index("ix_case_event_case_id_happened_at", "case_id", "happened_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    kind: Mapped[str] = mapped_column(String(30))
    code: Mapped[str] = mapped_column(String(40), default="")
    text: Mapped[str] = mapped_column(Text, default="")
    answers: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    entered_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CaseCounterRow(Base):
    """The last case number given out per center and year."""

    __tablename__ = "case_counter"

    center_id: Mapped[int] = mapped_column(ForeignKey("center.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]
