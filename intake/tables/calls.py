"""The rows of calls. Phone numbers are in the normal form of `intake.numbers`."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

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
        Index(
            "ix_call_trafficking",
            "arrived_at",
            sqlite_where=text("line = 'trafficking'"),
            postgresql_where=text("line = 'trafficking'"),
        ),
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
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Its time was over (`intake.retention`): the number is gone."""
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
