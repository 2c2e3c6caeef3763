"""Log-in sessions, kept on the server: a random token in the cookie, its SHA-256 in the database.

A wrong password costs the same time whether the login exists or not. Five wrong tries within a minute
for one login from one address make that pair wait, and nobody else: a stranger must not be able to lock
a shift out.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from hashlib import md5, sha256
from secrets import token_urlsafe

from sqlalchemy import ForeignKey, String, bindparam, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline import audit
from hotline.access import Viewer
from hotline.db import Base, UtcDateTime
from hotline.ids import Phone, StaffId
from hotline.staff import StaffRow, hasher, known_viewer, viewer_of

LIFETIME = timedelta(hours=10)
"""A shift and its handover."""
TRIES = 5
TRY_WINDOW = timedelta(minutes=1)
SIP_REALM = "asterisk"
"""What Asterisk calls itself to phones (its default)."""


@cache
def _nobodys_hash() -> str:
    """What the password of an unknown login is checked against; made at the first such check."""
    return hasher().hash(token_urlsafe())


class SessionRow(Base):
    __tablename__ = "session"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    csrf: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    hidden: Mapped[bool] = mapped_column(default=False)
    """Its person has hidden the screen: nothing is shown until the password is given again."""
    phone_ha1: Mapped[str | None] = mapped_column(String(32))
    """What Asterisk knows of `phone_secret`: MD5 of phone, realm and secret (RFC 2617)."""


class LogInTryRow(Base):
    """A refused log-in; swept away when its window has passed."""

    __tablename__ = "log_in_try"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


@dataclass(frozen=True, slots=True)
class LogIn:
    """A live session: the viewer, the token that forms must carry, and whether the screen is hidden."""

    viewer: Viewer
    csrf: str
    hidden: bool
    draft_key: str
    """Base64 of 256 bits: seals what this person typed and the server does not have, in their browser.
    Theirs in every session, for a draft must outlive the session in which it was typed."""


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def phone_secret(token: str) -> str:
    """What this log-in's phone in the browser proves itself with; lives as long as the session."""
    return _digest(f"phone\n{token}")


def _ha1(phone: Phone, token: str) -> str:
    """MD5 is what SIP's digest is made of; the secret has 256 bits, nobody guesses it from this."""
    text = f"{phone}:{SIP_REALM}:{phone_secret(token)}"
    return md5(text.encode(), usedforsecurity=False).hexdigest()


def _tried(login: str, address: str) -> str:
    return _digest(f"{login}\n{address}")


def _refuse(session: Session, login: str, viewer: Viewer | None, address: str, now: datetime) -> None:
    """Count the try, and put it on record. `viewer` None: nobody has this login."""
    session.add(LogInTryRow(key=_tried(login, address), at=now))
    whose = viewer.staff_id if viewer else 0
    audit.note(session, viewer, audit.Act.LOG_IN_REFUSED, "staff", whose, now)


def must_wait(session: Session, login: str, address: str, now: datetime) -> bool:
    """Whether this login has been tried too often from this address just now."""
    tries = session.scalar(
        select(func.count())
        .select_from(LogInTryRow)
        .where(LogInTryRow.key == _tried(login, address), LogInTryRow.at > now - TRY_WINDOW)
    )
    return (tries or 0) >= TRIES


def recognize(session: Session, login: str, password: str) -> StaffId | None:
    """Whose login and password these are. Reads only, and takes as long for a login that is not there:
    argon2 wants tens of milliseconds, in which no writer may wait for us."""
    nobodys = _nobodys_hash()
    found = session.execute(
        select(StaffRow.id, StaffRow.password_hash).where(StaffRow.login == login, StaffRow.active)
    ).one_or_none()
    theirs = found.password_hash if found else ""
    right = hasher().verify(password, theirs or nobodys)  # who was only invited has none yet
    return StaffId(found.id) if found and theirs and right else None


def log_in(
    session: Session, login: str, recognized: StaffId | None, address: str, now: datetime
) -> tuple[str, Viewer] | None:
    """The cookie's token and the viewer, or None when nobody was recognized; on record either way."""
    session.execute(delete(LogInTryRow).where(LogInTryRow.at <= now - TRY_WINDOW))
    row = session.get(StaffRow, recognized) if recognized else None
    if row is None:
        known = session.scalar(select(StaffRow).where(StaffRow.login == login))
        _refuse(session, login, viewer_of(known) if known else None, address, now)
        return None
    token = token_urlsafe(32)
    viewer = viewer_of(row)
    session.add(
        SessionRow(
            token_hash=_digest(token),
            staff_id=row.id,
            csrf=token_urlsafe(24),
            created_at=now,
            expires_at=now + LIFETIME,
            phone_ha1=_ha1(viewer.phone, token) if viewer.phone else None,
        )
    )
    audit.note(session, viewer, audit.Act.LOG_IN, "staff", row.id, now)
    return token, viewer


_CURRENT = (
    select(SessionRow, StaffRow)
    .join(StaffRow, StaffRow.id == SessionRow.staff_id)
    .where(
        SessionRow.token_hash == bindparam("token_hash"),
        SessionRow.expires_at > bindparam("now"),
        StaffRow.active,
    )
)


def current(session: Session, token: str, now: datetime) -> LogIn | None:
    """Whose session this token is, if it lives and the person is still active."""
    found = session.execute(_CURRENT, {"token_hash": _digest(token), "now": now}).one_or_none()
    if found is None:
        return None
    login, person = found
    return LogIn(known_viewer(session, person), login.csrf, login.hidden, person.draft_key)


def hide(session: Session, token: str, viewer: Viewer, now: datetime) -> None:
    """Show nothing more in this session until `show`."""
    session.get_one(SessionRow, _digest(token)).hidden = True
    audit.note(session, viewer, audit.Act.HIDE_SCREEN, "staff", viewer.staff_id, now)


def show(
    session: Session, token: str, viewer: Viewer, recognized: StaffId | None, address: str, now: datetime
) -> bool:
    """Show again, if `recognized` (by the password) is this session's person. On record both ways."""
    if recognized != viewer.staff_id:
        _refuse(session, viewer.login, viewer, address, now)
        return False
    session.get_one(SessionRow, _digest(token)).hidden = False
    audit.note(session, viewer, audit.Act.SHOW_SCREEN, "staff", viewer.staff_id, now)
    return True


def phone_credentials(session: Session, now: datetime) -> dict[Phone, str]:
    """Phones in browsers whose owner is logged in → HA1 of the newest log-in."""
    rows = session.execute(
        select(StaffRow.phone, SessionRow.phone_ha1)
        .join(StaffRow, StaffRow.id == SessionRow.staff_id)
        .where(SessionRow.expires_at > now, StaffRow.active, StaffRow.phone_in_browser)
        .order_by(SessionRow.created_at)
    )
    return {Phone(phone): ha1 for phone, ha1 in rows if phone and ha1}


def log_out(session: Session, token: str, viewer: Viewer, now: datetime) -> None:
    session.execute(delete(SessionRow).where(SessionRow.token_hash == _digest(token)))
    audit.note(session, viewer, audit.Act.LOG_OUT, "staff", viewer.staff_id, now)


def end_all(session: Session, staff_id: StaffId) -> None:
    """Nobody is logged in as this person any more. Their streams and their phone in the browser end when
    they are told (`hotline.bus`), or look by themselves some seconds later."""
    session.execute(delete(SessionRow).where(SessionRow.staff_id == staff_id))


def sweep(session: Session, now: datetime) -> None:
    """Drop sessions that have run out (cron)."""
    session.execute(delete(SessionRow).where(SessionRow.expires_at <= now))
