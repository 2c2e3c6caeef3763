"""The rows of referrals of victims of trafficking. Nothing outside `intake` may import them."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from hotline.db import OWNER_DELETES, Base, UtcDateTime
from hotline.sealed_columns import SealedText


class VictimReferralRow(Base):
    """That the victims of a case were referred to somebody. Append-only, until the time of the case is
    over (`intake.retention`)."""

    __tablename__ = "victim_referral"
    __table_args__ = OWNER_DELETES

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"), index=True)
    asked_by: Mapped[str] = mapped_column(String(40), unique=True)
    """A random word of the page on which it was told: sent twice is once."""
    body: Mapped[str] = mapped_column(String(20))
    """`intake.forms.trafficking.Body`."""
    agency: Mapped[str] = mapped_column(SealedText("victim_referral.agency"))
    contact: Mapped[str] = mapped_column(SealedText("victim_referral.contact"))
    """Who took it there."""
    text: Mapped[str] = mapped_column(SealedText("victim_referral.text"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    referred_at: Mapped[datetime] = mapped_column(UtcDateTime)
    entered_at: Mapped[datetime] = mapped_column(UtcDateTime)


class VictimResultRow(Base):
    """What became of a referral by then; the newest counts. Append-only as the referral is."""

    __tablename__ = "victim_referral_result"
    __table_args__ = OWNER_DELETES

    id: Mapped[int] = mapped_column(primary_key=True)
    referral_id: Mapped[int] = mapped_column(ForeignKey("victim_referral.id"), index=True)
    outcome: Mapped[str] = mapped_column(String(20))
    """`intake.forms.trafficking.Outcome`."""
    told_by: Mapped[str] = mapped_column(SealedText("victim_referral_result.told_by"))
    text: Mapped[str] = mapped_column(SealedText("victim_referral_result.text"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    entered_at: Mapped[datetime] = mapped_column(UtcDateTime)
