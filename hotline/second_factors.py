"""The second proof at a log-in: a code of an authenticator app (TOTP, RFC 6238), or a recovery code.

Owns the rows. The app's secret is sealed under the keys of the recordings; recovery codes have 120
random bits, so their SHA-256 is kept (ASVS 5.0 6.5.2). Each code works once: of the app's, the last
30-second step that was used is remembered, and none before or at it is taken again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import compare_digest, token_bytes, token_urlsafe

import pyotp
from sqlalchemy import ForeignKey, String, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline import audit, passkeys
from hotline.access import Action, Role, Viewer, roles_that_may
from hotline.db import Base, UtcDateTime
from hotline.errors import Conflict, FieldErrors
from hotline.ids import StaffId
from hotline.sealed import KeyRing, sealed_bytes, unseal
from hotline.sealed_rows import SealedRow, SealedTable
from hotline.secrets import hashed

STEP = timedelta(seconds=30)
CODES = 10
FEW = 3
"""Whoever has fewer recovery codes left is told so."""
ISSUER = "Tổng đài 111"
_OBLIGED = frozenset().union(
    *map(roles_that_may, (Action.MANAGE_STAFF, Action.EXPORT_CASES, Action.READ_AUDIT))
)
_GROUPS, _GROUP = 6, 4
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""32 signs that nobody takes for one another."""


class SecondFactorRow(SealedRow, Base):
    __tablename__ = "second_factor"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    word: Mapped[str] = mapped_column(String(40))
    """Random; what the secret is sealed for."""
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the first code fitted; before that nothing is asked of them."""
    last_step: Mapped[int] = mapped_column(default=0)
    """Number of the last 30-second step whose code was used."""


class RecoveryCodeRow(Base):
    __tablename__ = "recovery_code"

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)


@dataclass(frozen=True, slots=True)
class SetUp:
    """What an app is told, as `otpauth:` address and as text to type."""

    address: str
    secret: str


def obliged(role: Role, *, demo: bool) -> bool:
    """Administrators, whoever may take children's data out (ASVS 6.3.3), and who reads what everybody
    did; not the made-up people of a `demo`."""
    return role in _OBLIGED and not demo


def has(session: Session, staff_id: StaffId) -> bool:
    query = select(SecondFactorRow.staff_id).where(
        SecondFactorRow.staff_id == staff_id, SecondFactorRow.confirmed_at.is_not(None)
    )
    return session.scalar(query) is not None


def require_enough(session: Session, viewer: Viewer, *, demo: bool) -> None:
    """Raises Conflict when who must have a second factor has neither an app nor a passkey."""
    if obliged(viewer.role, demo=demo) and not (
        has(session, viewer.staff_id) or passkeys.has(session, viewer.staff_id)
    ):
        raise Conflict("obliged")


def begin(session: Session, viewer: Viewer, ring: KeyRing) -> SetUp:
    """A new secret, which counts once `confirm` has seen its first code. Raises Conflict for who has
    one: it must go first."""
    if has(session, viewer.staff_id):
        raise Conflict("there is one")
    secret, word = pyotp.random_base32(), token_urlsafe(24)
    session.merge(
        SecondFactorRow(
            staff_id=viewer.staff_id,
            word=word,
            confirmed_at=None,
            last_step=0,
            key_id=ring[0].id,
            sealed=sealed_bytes(secret.encode(), ring, _sealed_name(word)),
        )
    )
    session.flush()
    return _set_up(viewer, secret)


def begun(session: Session, viewer: Viewer, ring: KeyRing) -> SetUp | None:
    """What `begin` said, while it waits for its first code."""
    row = session.get(SecondFactorRow, viewer.staff_id)
    if row is None or row.confirmed_at is not None:
        return None
    return _set_up(viewer, _secret(row, ring))


def confirm(session: Session, viewer: Viewer, ring: KeyRing, code: str, now: datetime) -> Sequence[str]:
    """The first code fits: from now on one is asked for. Returns the recovery codes, which nobody can
    see again. Raises FieldErrors (`code`), Conflict when nothing was begun."""
    row = _locked(session, viewer)
    if row is None or row.confirmed_at is not None:
        raise Conflict("not begun")
    if not _fits(row, ring, code, now):
        raise FieldErrors({"code": "wrong"})
    row.confirmed_at = now
    audit.note(session, viewer, audit.Act.SECOND_FACTOR, "staff", viewer.staff_id, now, "on")
    return new_codes(session, viewer, now)


def check(session: Session, viewer: Viewer, ring: KeyRing, code: str, now: datetime) -> bool:
    """Whether this code, of the app or for recovery, is theirs; it is used up."""
    row = _locked(session, viewer)
    if row is None or row.confirmed_at is None:
        return False
    return _fits(row, ring, code, now) or _recovers(session, viewer, code, now)


def check_code(session: Session, viewer: Viewer, ring: KeyRing, code: str, now: datetime) -> bool:
    """The same for a code of the app alone."""
    row = _locked(session, viewer)
    return row is not None and row.confirmed_at is not None and _fits(row, ring, code, now)


def new_codes(session: Session, viewer: Viewer, now: datetime) -> Sequence[str]:
    """Recovery codes in place of those before."""
    session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.staff_id == viewer.staff_id))
    codes = [_new_code() for _ in range(CODES)]
    session.add_all(
        RecoveryCodeRow(code_hash=_digest(viewer.staff_id, code), staff_id=viewer.staff_id)
        for code in codes
    )
    audit.note(session, viewer, audit.Act.SECOND_FACTOR, "staff", viewer.staff_id, now, "codes")
    session.flush()
    return codes


def codes_left(session: Session, staff_id: StaffId) -> int:
    query = select(func.count()).where(RecoveryCodeRow.staff_id == staff_id)
    return session.scalar(query) or 0


def remove(session: Session, by: Viewer | None, staff_id: StaffId, now: datetime) -> None:
    """Nothing but the password is asked of them any more. `by` None: by the command."""
    session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.staff_id == staff_id))
    session.execute(delete(SecondFactorRow).where(SecondFactorRow.staff_id == staff_id))
    audit.note(session, by, audit.Act.SECOND_FACTOR, "staff", staff_id, now, "off")


def _locked(session: Session, viewer: Viewer) -> SecondFactorRow | None:
    """Two tries with one code at the same moment wait for one another."""
    who = SecondFactorRow.staff_id == viewer.staff_id
    return session.scalar(select(SecondFactorRow).where(who).with_for_update())


def _fits(row: SecondFactorRow, ring: KeyRing, code: str, now: datetime) -> bool:
    """Of this step or one beside it, for clocks that differ, and after the last one used."""
    digits = "".join(code.split())
    totp = pyotp.TOTP(_secret(row, ring))
    here = int(now.timestamp() // STEP.total_seconds())
    for step in (here - 1, here, here + 1):
        if step > row.last_step and compare_digest(
            totp.generate_otp(step).encode(), digits.encode("utf-8", "replace")
        ):
            row.last_step = step
            return True
    return False


def _recovers(session: Session, viewer: Viewer, code: str, now: datetime) -> bool:
    row = session.get(RecoveryCodeRow, _digest(viewer.staff_id, code))
    if row is None or row.staff_id != viewer.staff_id:
        return False
    session.delete(row)
    audit.note(session, viewer, audit.Act.SECOND_FACTOR, "staff", viewer.staff_id, now, "recovered")
    session.flush()
    return True


def _new_code() -> str:
    signs = "".join(_ALPHABET[byte % 32] for byte in token_bytes(_GROUPS * _GROUP))
    return "-".join(signs[n : n + _GROUP] for n in range(0, len(signs), _GROUP))


def _digest(staff_id: StaffId, code: str) -> str:
    plain = "".join(sign for sign in code.upper() if sign.isalnum())
    return hashed(f"{staff_id}\n{plain}")


def _secret(row: SecondFactorRow, ring: KeyRing) -> str:
    return unseal(row.sealed, ring, _sealed_name(row.word)).decode()


def _set_up(viewer: Viewer, secret: str) -> SetUp:
    totp = pyotp.TOTP(secret)
    address = totp.provisioning_uri(name=viewer.login, issuer_name=ISSUER)
    return SetUp(address, " ".join(secret[n : n + 4] for n in range(0, len(secret), 4)))


def _sealed_name(word: str) -> str:
    return f"second factor/{word}"


SEALED = SealedTable(
    SecondFactorRow,
    select(SecondFactorRow.staff_id, SecondFactorRow.word).order_by(SecondFactorRow.staff_id),
    lambda _, word: _sealed_name(word),
)
