"""Passkeys (WebAuthn): public keys of staff, and the challenges that wait for an answer. Owns the rows.

A passkey asks its person for a finger, a face or a PIN, so it is both factors at once, and answers to
no other site than ours. Nothing in here is secret; `hotline.passkey_checks` says what counts.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from secrets import token_bytes
from urllib.parse import urlsplit

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    ForeignKey,
    LargeBinary,
    String,
    delete,
    exists,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, mapped_column

from hotline import audit
from hotline.access import Viewer
from hotline.db import Base, UtcDateTime
from hotline.errors import NotVisible
from hotline.ids import StaffId
from hotline.secrets import hashed

ANSWERED_WITHIN = timedelta(minutes=5)
MOST = 10
"""So many one person may have."""
LONGEST_NAME = 60


class PasskeyRow(Base):
    __tablename__ = "passkey"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    credential_hash: Mapped[str] = mapped_column(String(64), unique=True)
    credential: Mapped[bytes] = mapped_column(LargeBinary)
    """The id that its device gave it, up to 1023 bytes."""
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    """As COSE (RFC 9052)."""
    sign_count: Mapped[int] = mapped_column(BigInteger)
    """0: its device does not count."""
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PasskeyChallengeRow(Base):
    """What a device shall sign, once, for who holds a log-in or waits for one."""

    __tablename__ = "passkey_challenge"

    holder_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    challenge: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


@dataclass(frozen=True, slots=True)
class Site:
    """To whom passkeys belong. `id`: the host's name; `origin`: as browsers say it."""

    id: str
    origin: str


@dataclass(frozen=True, slots=True)
class Passkey:
    """As its person sees it."""

    id: int
    name: str
    made_at: datetime
    used_at: datetime | None


def site(address: str) -> Site | None:
    """Of the address that people use; None where browsers have no passkeys: without TLS, or where the
    host is a number. This machine's own number goes by its name there, `localhost`."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    with suppress(ValueError):  # a name
        host = "localhost" if ip_address(host).is_loopback else ""
    if not host or (parts.scheme != "https" and host != "localhost"):
        return None
    port = f":{parts.port}" if parts.port else ""
    return Site(host, f"{parts.scheme}://{host}{port}")


def any_of(staff_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Whether this person of a query has one."""
    return exists().where(PasskeyRow.staff_id == staff_id)


def has(session: Session, staff_id: StaffId) -> bool:
    query = select(PasskeyRow.id).where(PasskeyRow.staff_id == staff_id)
    return session.scalar(query.limit(1)) is not None


def listed(session: Session, staff_id: StaffId) -> Sequence[Passkey]:
    """Theirs, oldest first."""
    query = select(PasskeyRow).where(PasskeyRow.staff_id == staff_id).order_by(PasskeyRow.id)
    return [Passkey(row.id, row.name, row.made_at, row.used_at) for row in session.scalars(query)]


def remove(session: Session, viewer: Viewer, passkey_id: int, now: datetime) -> None:
    """One of the viewer's own. Raises NotVisible."""
    row = session.get(PasskeyRow, passkey_id)
    if row is None or row.staff_id != viewer.staff_id:
        raise NotVisible(f"passkey {passkey_id}")
    session.delete(row)
    audit.note(session, viewer, audit.Act.PASSKEY, "staff", viewer.staff_id, now, "off")
    session.flush()


def remove_all(session: Session, by: Viewer | None, staff_id: StaffId, now: datetime) -> None:
    """They can no longer come in by any. `by` None: by the command."""
    if has(session, staff_id):
        session.execute(delete(PasskeyRow).where(PasskeyRow.staff_id == staff_id))
        audit.note(session, by, audit.Act.PASSKEY, "staff", staff_id, now, "off all")


def challenge(session: Session, holder: str, now: datetime) -> bytes:
    """A new one for this holder, in the place of the one before."""
    sweep(session, now)
    made = token_bytes(32)
    session.merge(
        PasskeyChallengeRow(holder_hash=hashed(holder), challenge=made, expires_at=now + ANSWERED_WITHIN)
    )
    session.flush()
    return made


def take_challenge(session: Session, holder: str, now: datetime) -> bytes | None:
    """What this holder was asked, which nobody can answer again. Two who come at once wait here."""
    mine = PasskeyChallengeRow.holder_hash == hashed(holder)
    row = session.scalar(select(PasskeyChallengeRow).where(mine).with_for_update())
    if row is None:
        return None
    session.delete(row)
    session.flush()
    return row.challenge if row.expires_at > now else None


def sweep(session: Session, now: datetime) -> None:
    """Drop challenges that nobody has answered."""
    session.execute(delete(PasskeyChallengeRow).where(PasskeyChallengeRow.expires_at <= now))
