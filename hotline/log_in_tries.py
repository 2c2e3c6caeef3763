"""Refused log-ins, and who must wait before the next try.

A password is guessed from one place or from a thousand, and whoever guesses may mean to lock a shift
out. So a browser in which somebody has logged in before is known for that person (a random cookie, its
SHA-256 here), and is counted apart: nobody but whoever sits at it makes it wait. All other tries are
counted by login and address, and, so that many addresses are no way round it, by login alone: from FREE
tries within an hour on, each must keep a growing distance from the one before.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline.db import Base, UtcDateTime
from hotline.ids import StaffId
from hotline.secrets import hashed

TRIES = 5
TRY_WINDOW = timedelta(minutes=1)
FREE = 20
MEMORY = timedelta(hours=1)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=4), timedelta(minutes=15)
DEVICE_LIFETIME = timedelta(days=180)
"""Since it was last used."""


class LogInTryRow(Base):
    """A refused log-in, once for each way of counting it; swept away when it counts no more."""

    __tablename__ = "log_in_try"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class KnownDeviceRow(Base):
    """A browser in which this person has logged in; a shared computer is known for several."""

    __tablename__ = "known_device"

    device_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    used_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


@dataclass(frozen=True, slots=True)
class Origin:
    """From where somebody tries. `device`: the cookie of their browser; empty when it has none."""

    address: str
    device: str = ""
    browser: str = ""
    """What it is, in plain words: `Chrome · Windows`."""


def must_wait(
    session: Session, login: str, owner: StaffId | None, origin: Origin, now: datetime
) -> bool:
    """Whether the next try for this login from there comes too early. `owner`: whose login it is."""
    keys = _keys(session, login, owner, origin)
    if _count(session, keys[0], now - TRY_WINDOW) >= TRIES:
        return True
    return len(keys) > 1 and _too_soon(session, keys[1], now)


def count(session: Session, login: str, owner: StaffId | None, origin: Origin, now: datetime) -> None:
    """One try was refused."""
    session.execute(delete(LogInTryRow).where(LogInTryRow.at <= now - MEMORY))
    session.add_all(LogInTryRow(key=key, at=now) for key in _keys(session, login, owner, origin))


def nobody_must_wait(session: Session, origin: Origin, now: datetime) -> bool:
    """The same where it is not known whom they try to be. By address alone, so that who tries from
    elsewhere makes nobody wait; a known browser is counted apart here too."""
    return _count(session, _key_of_nobody(session, origin), now - TRY_WINDOW) >= TRIES


def count_nobody(session: Session, origin: Origin, now: datetime) -> None:
    session.add(LogInTryRow(key=_key_of_nobody(session, origin), at=now))


def _key_of_nobody(session: Session, origin: Origin) -> str:
    known = KnownDeviceRow.device_hash == hashed(origin.device)
    if origin.device and session.scalar(select(KnownDeviceRow.device_hash).where(known).limit(1)):
        return hashed(f"nobody\ndevice\n{origin.device}")
    return hashed(f"nobody\n{origin.address}")


def pause(tries: int) -> timedelta:
    """How far the next try must be from the one before, after so many within an hour."""
    if tries < FREE:
        return timedelta()
    return min(FIRST_PAUSE * (1 << min(tries - FREE, 20)), LONGEST_PAUSE)


def know(session: Session, device: str, staff_id: StaffId, now: datetime) -> None:
    """This person has logged in there."""
    session.merge(KnownDeviceRow(device_hash=hashed(device), staff_id=staff_id, used_at=now))


def sweep(session: Session, now: datetime) -> None:
    """Forget devices that nobody has used for long (cron)."""
    session.execute(delete(KnownDeviceRow).where(KnownDeviceRow.used_at <= now - DEVICE_LIFETIME))


def _keys(session: Session, login: str, owner: StaffId | None, origin: Origin) -> tuple[str, ...]:
    """By what a try is counted: a known device alone, else login and address, and the login."""
    if owner and origin.device and _is_known(session, origin.device, owner):
        return (hashed(f"device\n{login}\n{origin.device}"),)
    return hashed(f"{login}\n{origin.address}"), hashed(f"login\n{login}")


def _is_known(session: Session, device: str, owner: StaffId) -> bool:
    return session.get(KnownDeviceRow, (hashed(device), owner)) is not None


def _count(session: Session, key: str, since: datetime) -> int:
    query = select(func.count()).select_from(LogInTryRow)
    return session.scalar(query.where(LogInTryRow.key == key, LogInTryRow.at > since)) or 0


def _too_soon(session: Session, key: str, now: datetime) -> bool:
    tries = select(func.count(), func.max(LogInTryRow.at)).where(
        LogInTryRow.key == key, LogInTryRow.at > now - MEMORY
    )
    many, last = session.execute(tries).one()
    return last is not None and now < last + pause(many)
