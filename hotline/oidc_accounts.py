"""Which account of the provider of log-ins is whose (OpenID Connect Core 1.0, 5.7: issuer and subject).

At their first log-in somebody is found by the name that the house has agreed on (`TONGDAI_OIDC_CLAIM`),
and from then on by the provider's own, lasting id alone: a name that the ministry gives to somebody else
opens nothing here. Owns the rows: one account of the provider a person.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline import audit
from hotline.access import Viewer
from hotline.db import Base, UtcDateTime
from hotline.ids import StaffId
from hotline.staff import StaffRow, viewer_of

LONGEST_SUBJECT = 255
"""Characters, by the standard (Core 1.0, 2)."""


class OidcAccountRow(Base):
    __tablename__ = "staff_oidc_account"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    issuer: Mapped[str] = mapped_column(String(500))
    subject: Mapped[str] = mapped_column(String(LONGEST_SUBJECT))
    bound_at: Mapped[datetime] = mapped_column(UtcDateTime)


@dataclass(frozen=True, slots=True)
class Told:
    """Whom the provider has asked for. `strong`: by what counts as a second factor here."""

    issuer: str
    subject: str
    name: str
    by_email: bool
    strong: bool


@dataclass(frozen=True, slots=True)
class Found:
    """Who is meant, if anybody; `theirs`: and who has logged in there is that person."""

    staff_id: StaffId
    theirs: bool = False


NOBODY = Found(StaffId(0))


def whose(session: Session, told: Told, now: datetime) -> Found:
    """Of two first log-ins of one person the second waits for the first. An account of a provider that
    the house has left gives way to one of the new."""
    row = OidcAccountRow
    same = select(row.staff_id).where(row.issuer == told.issuer, row.subject == told.subject)
    bound = session.scalar(same.join(StaffRow, StaffRow.id == row.staff_id).where(StaffRow.active))
    if bound is not None:
        return Found(StaffId(bound), theirs=True)
    person = _named(session, told)
    if person is None:
        return NOBODY
    who = StaffId(person.id)
    has = session.get(row, who)
    if has is not None and has.issuer == told.issuer:
        return Found(who, theirs=has.subject == told.subject)
    session.merge(row(staff_id=who, issuer=told.issuer, subject=told.subject, bound_at=now))
    session.flush()
    audit.note(session, viewer_of(person), audit.Act.CHANGE, "staff", who, now, "oidc")
    return Found(who, theirs=True)


def since(session: Session, staff_id: StaffId) -> datetime | None:
    """When their account of the provider was bound to them."""
    return session.scalar(select(OidcAccountRow.bound_at).where(OidcAccountRow.staff_id == staff_id))


def unbind(session: Session, viewer: Viewer, staff_id: StaffId, now: datetime) -> None:
    """The next log-in there under their name is a first one again."""
    if since(session, staff_id) is not None:
        session.execute(delete(OidcAccountRow).where(OidcAccountRow.staff_id == staff_id))
        audit.note(session, viewer, audit.Act.CHANGE, "staff", staff_id, now, "oidc")


def _named(session: Session, told: Told) -> StaffRow | None:
    """Who works here under this name, and is kept for us; None when nobody or more than one does."""
    column = StaffRow.email if told.by_email else StaffRow.login
    query = select(StaffRow).where(func.lower(column) == told.name.lower(), StaffRow.active)
    found = session.scalars(query.limit(2).with_for_update(of=StaffRow)).all() if told.name else []
    return found[0] if len(found) == 1 else None
