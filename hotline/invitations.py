"""The one-time link by which somebody sets their own password: the way into a new account, and back into
one whose password is forgotten. Nobody else ever knows a password.

Owns the rows: one invitation a person at a time, a newer one takes its place. The link holds 256 random
bits; the database has their SHA-256. Until it is used the old password and sessions stay as they are: an
invitation that nobody asked for locks nobody out.

Whoever makes one says how they know that it goes to the right person, on the first day and after a lost
phone alike (OWASP ASVS 6.4.4); that is on record.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from secrets import token_urlsafe

from sqlalchemy import ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline import audit, sessions
from hotline.access import Viewer
from hotline.db import Base, UtcDateTime
from hotline.errors import NotVisible
from hotline.ids import StaffId
from hotline.secrets import hashed
from hotline.settings import settings
from hotline.staff import HashedPassword, StaffRow, viewer_of


class KnownBy(StrEnum):
    """How it was made sure who somebody is. Each is as good as the others: a face was seen by who knows
    it, or an office answers for them. A voice or a message is not among them."""

    IN_PERSON = "in_person"
    VIDEO = "video"
    VOUCHED = "vouched"
    """By their superior or their office."""


class InvitationRow(Base):
    __tablename__ = "staff_invitation"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    """None: by the command `tongdai staff invite`."""
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


@dataclass(frozen=True, slots=True)
class Invitation:
    """A new one. `token` is known nowhere else."""

    token: str
    expires_at: datetime

    @property
    def link(self) -> str:
        return f"{settings().address}/invitation?token={self.token}"


@dataclass(frozen=True, slots=True)
class Invited:
    """Whose a token is."""

    staff_id: StaffId
    login: str
    name: str


def make(
    session: Session, viewer: Viewer | None, staff_id: StaffId, known_by: KnownBy, now: datetime
) -> Invitation:
    """The link for this person; one made before leads nowhere any more. `viewer` None: by the command.
    Raises NotVisible for somebody who is not there or has left."""
    person = session.get(StaffRow, staff_id)
    if person is None or not person.active:
        raise NotVisible(f"staff {staff_id}")
    made = Invitation(token_urlsafe(32), now + timedelta(hours=settings().invitation_hours))
    session.merge(
        InvitationRow(
            staff_id=staff_id,
            token_hash=hashed(made.token),
            made_at=now,
            made_by=viewer.staff_id if viewer else None,
            expires_at=made.expires_at,
        )
    )
    session.flush()
    audit.note(session, viewer, audit.Act.INVITE, "staff", staff_id, now, known_by)
    return made


def whose(session: Session, token: str, now: datetime) -> Invited:
    """Raises NotVisible for what is no invitation, or no longer one."""
    person = _person(session, token, now)
    return Invited(StaffId(person.id), person.login, person.name)


def accept(session: Session, token: str, password: HashedPassword, now: datetime) -> StaffId:
    """Set their password: the link is used up, and whoever was logged in as them is so no longer.
    Raises NotVisible."""
    same = InvitationRow.token_hash == hashed(token)
    session.execute(select(InvitationRow.staff_id).where(same).with_for_update())
    person = _person(session, token, now)  # who presses twice waits above, and finds it used up here
    person.password_hash = password.text
    who = StaffId(person.id)
    drop(session, who)
    sessions.end_all(session, who)
    audit.note(session, viewer_of(person), audit.Act.ACCEPT_INVITATION, "staff", who, now)
    return who


def drop(session: Session, staff_id: StaffId) -> None:
    """Whatever link they have leads nowhere."""
    session.execute(delete(InvitationRow).where(InvitationRow.staff_id == staff_id))


def waiting(session: Session, now: datetime) -> Mapping[StaffId, datetime]:
    """Whose invitation waits to be used → until when."""
    row = InvitationRow
    found = session.execute(select(row.staff_id, row.expires_at).where(row.expires_at > now))
    return {StaffId(who): until for who, until in found}


def _person(session: Session, token: str, now: datetime) -> StaffRow:
    query = (
        select(StaffRow)
        .join(InvitationRow, InvitationRow.staff_id == StaffRow.id)
        .where(
            InvitationRow.token_hash == hashed(token), InvitationRow.expires_at > now, StaffRow.active
        )
    )
    person = session.scalar(query)
    if person is None:
        raise NotVisible("an invitation")
    return person
