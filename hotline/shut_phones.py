"""Phones of the house that are nobody's since their owner left or got another one: they may not log in.

The secret of a desk phone lies in the device and in Asterisk's configuration, which `tongdai pbx reload`
rewrites at each center when somebody runs it. Until then the switchboard has Asterisk ask that phone for
the credential kept here, which is random and is told to nobody. Whose the phone is next lifts that.
"""

from datetime import datetime
from secrets import token_hex

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline.db import Base, UtcDateTime
from hotline.ids import Phone
from hotline.interpreters import InterpreterRow
from hotline.staff import StaffRow


class ShutPhoneRow(Base):
    __tablename__ = "shut_phone"

    phone: Mapped[str] = mapped_column(String(20), primary_key=True)
    ha1: Mapped[str] = mapped_column(String(32))
    """128 random bits in the place of an MD5 (RFC 2617)."""
    shut_at: Mapped[datetime] = mapped_column(UtcDateTime)


def shut(session: Session, phone: str, now: datetime) -> None:
    """It is nobody's from now on, unless somebody else has it too."""
    session.merge(ShutPhoneRow(phone=phone, ha1=token_hex(16), shut_at=now))
    session.flush()


def shut_phones(session: Session) -> dict[Phone, str]:
    """Phones that are nobody's → what stands in the place of their HA1."""
    theirs = select(StaffRow.phone).where(StaffRow.active, StaffRow.phone.is_not(None))
    interpreters = select(InterpreterRow.phone).where(InterpreterRow.active)
    rows = session.execute(
        select(ShutPhoneRow.phone, ShutPhoneRow.ha1).where(
            ShutPhoneRow.phone.not_in(theirs), ShutPhoneRow.phone.not_in(interpreters)
        )
    )
    return {Phone(phone): ha1 for phone, ha1 in rows}
