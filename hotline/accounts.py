"""The accounts of staff as an administrator sees and changes them.

A password is never among what is seen or set (`hotline.invitations`). Who leaves keeps their row, for
old records need their name; they lose everything by which they could come in or be rung.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline import audit, invitations, oidc_accounts, passkeys, second_factors, sessions, shut_phones
from hotline.access import Action, Role, Viewer, roles_that_may
from hotline.errors import Conflict, FieldErrors, NotVisible
from hotline.ids import CenterId, Phone, StaffId
from hotline.plain_letters import plain
from hotline.staff import CenterRow, StaffRow

MOST = 200
"""So many are shown; a search finds the others."""
_ENDS_SESSIONS = frozenset({"role", "center_id", "phone", "phone_in_browser", "unit_id"})
"""What a running session was begun with: with another, they log in anew."""


class Standing(StrEnum):
    ACTIVE = "active"
    INVITED = "invited"
    """Has no password yet, and a link that waits."""
    LOCKED = "locked"
    """Has no password, and no link that still leads in."""
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Draft:
    """What an administrator says of somebody."""

    login: str
    name: str
    role: Role
    center: CenterId
    phone: Phone | None = None
    phone_in_browser: bool = False
    languages: tuple[str, ...] = ("vi",)
    skills: tuple[str, ...] = ()
    email: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """`invited_until`: a link waits to be used."""

    id: StaffId
    center_name: str
    standing: Standing
    invited_until: datetime | None
    said: Draft


@dataclass(frozen=True, slots=True)
class Asked:
    """Which accounts; `words` are looked for in login, name and phone, without regard to accents."""

    words: str = ""
    role: Role | None = None
    left: bool = False


def some(session: Session, asked: Asked, now: datetime) -> tuple[Sequence[Account], int]:
    """Those asked for, MOST at most, by login; and how many there are."""
    query = select(StaffRow).where(StaffRow.active != asked.left).order_by(StaffRow.login)
    if asked.role is not None:
        query = query.where(StaffRow.role == asked.role)
    rows = session.scalars(query).all()
    words = plain(asked.words).split()
    found = [row for row in rows if all(word in _told(row) for word in words)] if words else rows
    waiting = invitations.waiting(session, now)
    return [_account(row, waiting.get(StaffId(row.id))) for row in found[:MOST]], len(found)


def one(session: Session, staff_id: StaffId, now: datetime) -> Account:
    """Raises NotVisible."""
    row = _row(session, staff_id)
    return _account(row, invitations.waiting(session, now).get(staff_id))


def add(session: Session, viewer: Viewer | None, draft: Draft, now: datetime) -> StaffId:
    """An account that nobody can log in to before its invitation is accepted. Raises FieldErrors."""
    _check_free(session, draft)
    row = StaffRow(login=draft.login, password_hash="", **_columns(draft))
    session.add(row)
    session.flush()
    audit.note(session, viewer, audit.Act.CREATE, "staff", row.id, now, draft.role)
    return StaffId(row.id)


def change(session: Session, viewer: Viewer, staff_id: StaffId, draft: Draft, now: datetime) -> bool:
    """Everything but the login; true when what their sessions were begun with is another now: those are
    ended. Raises NotVisible, FieldErrors, Conflict (`last`) for the last administrator's role."""
    row = _row(session, staff_id)
    if not row.active:
        raise NotVisible(f"staff {staff_id}")
    _check_free(session, draft, but=staff_id)
    if row.role == Role.ADMINISTRATOR and draft.role is not Role.ADMINISTRATOR:
        _require_another(session, staff_id)
    changed = {name for name, value in _columns(draft).items() if getattr(row, name) != value}
    if row.phone and "phone" in changed:
        shut_phones.shut(session, row.phone, now)
    for name in changed:
        setattr(row, name, _columns(draft)[name])
    if changed:
        audit.note(session, viewer, audit.Act.CHANGE, "staff", staff_id, now, " ".join(sorted(changed)))
    anew = bool(changed & _ENDS_SESSIONS)
    if anew:
        sessions.end_all(session, staff_id)
    session.flush()
    return anew


def close(session: Session, viewer: Viewer, staff_id: StaffId, now: datetime) -> None:
    """They have left: no log-in, no session, no phone, no link. Raises NotVisible, Conflict (`last`)."""
    row = _row(session, staff_id)
    if not row.active:
        return
    if row.role == Role.ADMINISTRATOR:
        _require_another(session, staff_id)
    if row.phone:
        shut_phones.shut(session, row.phone, now)
    row.active, row.phone, row.phone_in_browser = False, None, False
    row.password_hash = ""
    second_factors.remove(session, viewer, staff_id, now)
    passkeys.remove_all(session, viewer, staff_id, now)
    oidc_accounts.unbind(session, viewer, staff_id, now)
    invitations.drop(session, staff_id)
    sessions.end_all(session, staff_id)
    audit.note(session, viewer, audit.Act.CLOSE, "staff", staff_id, now)
    session.flush()


def forget_proofs(session: Session, viewer: Viewer | None, staff_id: StaffId, now: datetime) -> None:
    """Neither password nor second factor are theirs any more, and nobody is logged in as them. Raises
    NotVisible, and Conflict (`last`) but for the command."""
    row = _row(session, staff_id)
    if not row.active:
        raise NotVisible(f"staff {staff_id}")
    if row.role == Role.ADMINISTRATOR and viewer is not None:
        _require_another(session, staff_id)
    row.password_hash = ""
    second_factors.remove(session, viewer, staff_id, now)
    passkeys.remove_all(session, viewer, staff_id, now)
    sessions.end_all(session, staff_id)
    session.flush()


def reopen(session: Session, viewer: Viewer, staff_id: StaffId, now: datetime) -> None:
    """They are back: without phone and password, until they are given the one and an invitation."""
    row = _row(session, staff_id)
    if row.active:
        return
    row.active = True
    audit.note(session, viewer, audit.Act.REOPEN, "staff", staff_id, now)
    session.flush()


def _require_another(session: Session, staff_id: StaffId) -> None:
    """Somebody else must be able to invite whoever is locked out. Two who take each other's right at the
    same moment wait for one another here. Raises Conflict."""
    others = (
        select(StaffRow.id)
        .where(
            StaffRow.role.in_(roles_that_may(Action.MANAGE_STAFF)),
            StaffRow.active,
            StaffRow.password_hash != "",
        )
        .order_by(StaffRow.id)
        .with_for_update()
    )
    if not set(session.scalars(others)) - {staff_id}:
        raise Conflict("last")


def _check_free(session: Session, draft: Draft, but: StaffId | None = None) -> None:
    """Raises FieldErrors: `login`, `phone` (`taken`), `center` (`not_a_choice`)."""
    wrong = {}
    for name in ("login", "phone"):
        value = getattr(draft, name)
        query = select(StaffRow.id).where(getattr(StaffRow, name) == value, StaffRow.id != (but or 0))
        if value and session.scalar(query) is not None:
            wrong[name] = "taken"
    if session.get(CenterRow, draft.center) is None:
        wrong["center"] = "not_a_choice"
    if wrong:
        raise FieldErrors(wrong)


def _columns(draft: Draft) -> dict[str, object]:
    return {
        "name": draft.name,
        "role": str(draft.role),
        "center_id": draft.center,
        "phone": draft.phone,
        "phone_in_browser": draft.phone_in_browser,
        "languages": " ".join(draft.languages),
        "skills": " ".join(sorted(draft.skills)),
        "email": draft.email,
        "unit_id": draft.unit,
    }


def _row(session: Session, staff_id: StaffId) -> StaffRow:
    row = session.get(StaffRow, staff_id, with_for_update={"of": StaffRow}, populate_existing=True)
    if row is None:
        raise NotVisible(f"staff {staff_id}")
    return row


def _account(row: StaffRow, invited_until: datetime | None) -> Account:
    draft = Draft(
        login=row.login,
        name=row.name,
        role=Role(row.role),
        center=CenterId(row.center_id),
        phone=Phone(row.phone) if row.phone else None,
        phone_in_browser=row.phone_in_browser,
        languages=tuple(row.languages.split()),
        skills=tuple(row.skills.split()),
        email=row.email,
        unit=row.unit_id,
    )
    return Account(StaffId(row.id), row.center.name, _standing(row, invited_until), invited_until, draft)


def _standing(row: StaffRow, invited_until: datetime | None) -> Standing:
    if not row.active:
        return Standing.LEFT
    if row.password_hash:
        return Standing.ACTIVE
    return Standing.INVITED if invited_until else Standing.LOCKED


def _told(row: StaffRow) -> str:
    return plain(f"{row.login} {row.name} {row.phone or ''}")
