"""A counselor's calendar feed: an address that nobody can guess, which they can take back.

Calendar programs cannot log in, so the address is the key. Only its hash is kept; it is shown once.
"""

import secrets
from datetime import datetime

from sqlalchemy import ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline import audit
from hotline.access import Viewer
from hotline.db import Base, UtcDateTime
from hotline.errors import NotVisible
from hotline.ids import StaffId
from hotline.secrets import hashed
from hotline.staff import StaffRow


class RosterFeedRow(Base):
    __tablename__ = "roster_feed"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


def open_feed(session: Session, viewer: Viewer, now: datetime) -> str:
    """A new secret of 256 bits; the one before is worth nothing from now on."""
    token = secrets.token_urlsafe(32)
    row = RosterFeedRow(staff_id=viewer.staff_id, token_hash=hashed(token), made_at=now)
    session.merge(row)
    audit.note(session, viewer, audit.Act.CREATE, "roster_feed", viewer.staff_id, now)
    return token


def close_feed(session: Session, viewer: Viewer, now: datetime) -> None:
    """The address is worth nothing from now on."""
    session.execute(delete(RosterFeedRow).where(RosterFeedRow.staff_id == viewer.staff_id))
    audit.note(session, viewer, audit.Act.CLOSE, "roster_feed", viewer.staff_id, now)


def opened_at(session: Session, viewer: Viewer) -> datetime | None:
    """Since when this person has a feed; None without one."""
    row = session.get(RosterFeedRow, viewer.staff_id)
    return row.made_at if row else None


def whose(session: Session, token: str) -> StaffId:
    """Whom this secret belongs to. Raises NotVisible, also for who works here no more."""
    staff_id = session.scalar(
        select(RosterFeedRow.staff_id)
        .join(StaffRow, StaffRow.id == RosterFeedRow.staff_id)
        .where(RosterFeedRow.token_hash == hashed(token), StaffRow.active)
    )
    if staff_id is None:
        raise NotVisible("feed")
    return StaffId(staff_id)
