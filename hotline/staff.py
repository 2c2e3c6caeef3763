"""People and places of the hotline: centers, staff with roles, their phones.

Owns the rows; hands out frozen views. Passwords are argon2id (pwdlib). Log-in sessions are in
`hotline.sessions`.
"""

import re
from base64 import b64encode
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from secrets import token_bytes
from typing import Any

from pwdlib import PasswordHash
from sqlalchemy import ForeignKey, Select, String, bindparam, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from hotline.access import Role, Viewer
from hotline.db import Base
from hotline.errors import BadInput, NotVisible
from hotline.ids import CenterId, Phone, StaffId

_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_LONGEST_EMAIL = 254


class CenterRow(Base):
    __tablename__ = "center"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(8), unique=True)
    name: Mapped[str] = mapped_column(String(80))


def _new_draft_key() -> str:
    return b64encode(token_bytes(32)).decode()


class StaffRow(Base):
    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(20))
    center_id: Mapped[int] = mapped_column(ForeignKey("center.id"), index=True)
    phone: Mapped[str | None] = mapped_column(String(20), unique=True)
    phone_in_browser: Mapped[bool] = mapped_column(default=False)
    """Their phone is in their browser, and no device on the desk."""
    languages: Mapped[str] = mapped_column(String(80), default="vi")
    """Spoken languages, ISO 639 codes, space-separated."""
    skills: Mapped[str] = mapped_column(String(80), default="")
    """Lines this counselor is trained for besides the children's (`hotline.lines`), space-separated."""
    email: Mapped[str] = mapped_column(String(254), default="")
    """Where they are written to about their cases; empty: nowhere."""
    interface_language: Mapped[str] = mapped_column(String(5), default="vi")
    password_hash: Mapped[str] = mapped_column(String(200))
    """Empty: invited, and has not set one yet (`hotline.invitations`)."""
    draft_key: Mapped[str] = mapped_column(String(44), default=_new_draft_key)
    """See `hotline.sessions.LogIn`."""
    active: Mapped[bool] = mapped_column(default=True)
    unit_id: Mapped[str] = mapped_column(String(12), default="")
    """Of an officer: their commune or province (`hotline.units`)."""

    center: Mapped[CenterRow] = relationship(lazy="joined")


@dataclass(frozen=True, slots=True)
class Center:
    id: CenterId
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class StaffView:
    """A member of staff as others see them."""

    id: StaffId
    login: str
    name: str
    role: Role
    center: Center
    phone: Phone | None
    languages: tuple[str, ...]
    skills: frozenset[str] = frozenset()
    """Lines they are trained for besides the children's."""
    phone_in_browser: bool = False


_SEEN = (
    StaffRow.id,
    StaffRow.login,
    StaffRow.name,
    StaffRow.role,
    StaffRow.center_id,
    StaffRow.phone,
    StaffRow.languages,
    StaffRow.skills,
    StaffRow.phone_in_browser,
)
"""Columns: hundreds are read for every look at the wallboard, and whole rows cost four times that."""


def _center(row: CenterRow) -> Center:
    return Center(CenterId(row.id), row.code, row.name)


def _view(row: StaffRow) -> StaffView:
    return _seen(row, _center(row.center))


def _seen(row: Any, center: Center) -> StaffView:
    """`row` has the columns `_SEEN`."""
    return StaffView(
        id=StaffId(row.id),
        login=row.login,
        name=row.name,
        role=Role(row.role),
        center=center,
        phone=Phone(row.phone) if row.phone else None,
        languages=tuple(row.languages.split()),
        skills=frozenset(row.skills.split()),
        phone_in_browser=row.phone_in_browser,
    )


def known_viewer(session: Session, row: StaffRow) -> Viewer:
    """The viewer that this member of staff is, who need not be looked up again in this unit of work."""
    _known(session)[StaffId(row.id)] = _view(row)
    return viewer_of(row)


def viewer_of(row: StaffRow) -> Viewer:
    """The viewer that this member of staff is."""
    return Viewer(
        staff_id=StaffId(row.id),
        login=row.login,
        name=row.name,
        role=Role(row.role),
        center_id=CenterId(row.center_id),
        phone=Phone(row.phone) if row.phone else None,
        language=row.interface_language,
        phone_in_browser=row.phone_in_browser,
        unit=row.unit_id,
    )


def centers(session: Session) -> Sequence[Center]:
    """All centers, by id."""
    return [_center(row) for row in session.scalars(select(CenterRow).order_by(CenterRow.id))]


def center_of(session: Session, code: str) -> Center | None:
    """The center with this code in whatever case: a PBX's systemname is its center's."""
    row = session.scalar(select(CenterRow).where(func.lower(CenterRow.code) == code.lower()))
    return _center(row) if row is not None else None


def everybody(session: Session, role: Role | None = None) -> Sequence[StaffView]:
    """Active staff, by id; of one role when asked."""
    query = select(*_SEEN).where(StaffRow.active).order_by(StaffRow.id)
    if role is not None:
        query = query.where(StaffRow.role == role)
    places = {each.id: each for each in centers(session)}
    return [_seen(row, places[row.center_id]) for row in session.execute(query)]


_SOME = select(StaffRow).where(StaffRow.id.in_(bindparam("ids", expanding=True)))


def some(session: Session, ids: Iterable[StaffId]) -> dict[StaffId, StaffView]:
    """The named staff by id, inactive ones too (old records still need their names)."""
    wanted = set(ids)
    known = _known(session)
    if unknown := wanted - known.keys():
        rows = session.scalars(_SOME, {"ids": list(unknown)})
        known |= {StaffId(row.id): _view(row) for row in rows}
    return {who: known[who] for who in wanted if who in known}


def who_left(center: CenterId | None = None) -> Select[int]:
    """Their ids, for a condition: what they own needs somebody else. `center`: theirs alone."""
    query = select(StaffRow.id).where(StaffRow.active.is_(False))
    return query if center is None else query.where(StaffRow.center_id == center)


def one(session: Session, staff_id: StaffId) -> StaffView:
    """One member of staff. Raises NotVisible."""
    found = some(session, [staff_id]).get(staff_id)
    if found is None:
        raise NotVisible(f"staff {staff_id}")
    return found


def _known(session: Session) -> dict[StaffId, StaffView]:
    """Who has been looked up in this unit of work: a page asks for the same few again and again."""
    known: dict[StaffId, StaffView] = session.info.setdefault("staff", {})
    return known


def by_phones(session: Session, phones: Collection[str]) -> dict[str, StaffView]:
    """Who answers on these phones; one that is nobody's is left out."""
    query = select(StaffRow).where(StaffRow.phone.in_(sorted(phones)), StaffRow.active)
    return {row.phone: _view(row) for row in session.scalars(query) if row.phone}


def add_center(session: Session, code: str, name: str) -> Center:
    row = CenterRow(code=code, name=name)
    session.add(row)
    session.flush()
    return _center(row)


def add(
    session: Session,
    *,
    login: str,
    name: str,
    role: Role,
    center: CenterId,
    password: "str | HashedPassword",
    phone: Phone | None = None,
    languages: Sequence[str] = ("vi",),
    skills: Collection[str] = (),
    unit_id: str = "",
) -> StaffView:
    """Add a member of staff; a password in clear is hashed here and kept nowhere else."""
    row = StaffRow(
        login=login,
        name=name,
        role=role,
        center_id=center,
        phone=phone,
        languages=" ".join(languages),
        skills=" ".join(sorted(skills)),
        unit_id=unit_id,
        password_hash=(password if isinstance(password, HashedPassword) else hashed(password)).text,
    )
    session.add(row)
    session.flush()
    return _view(row)


def train(session: Session, login: str, skills: Collection[str]) -> StaffView:
    """Set what lines they are trained for. Raises BadInput when nobody has this login."""
    row = _active(session, login)
    row.skills = " ".join(sorted(set(skills)))
    return _view(row)


def put_email(session: Session, login: str, address: str) -> StaffView:
    """Set where they are written to; empty: nowhere. Raises BadInput for what is no address, or when
    nobody has this login."""
    if address and not is_email(address):
        raise BadInput(f"{address!r} is no e-mail address")
    row = _active(session, login)
    row.email = address
    return _view(row)


def is_email(text: str) -> bool:
    return len(text) <= _LONGEST_EMAIL and _EMAIL.fullmatch(text) is not None


def emails(session: Session, ids: Iterable[StaffId]) -> dict[StaffId, str]:
    """Those of them who have an address."""
    query = select(StaffRow.id, StaffRow.email).where(StaffRow.id.in_(set(ids)), StaffRow.email != "")
    return {StaffId(who): address for who, address in session.execute(query)}


def put_phone(session: Session, login: str, *, in_browser: bool) -> StaffView:
    """Say where their phone is. Raises BadInput when nobody has this login, or they have no phone."""
    row = _active(session, login)
    if row.phone is None:
        raise BadInput(f"{login} has no phone")
    row.phone_in_browser = in_browser
    return _view(row)


def put_unit(session: Session, login: str, unit_id: str) -> StaffView:
    """Set an officer's commune or province. Raises BadInput when nobody has this login."""
    row = _active(session, login)
    row.unit_id = unit_id
    return _view(row)


def viewer_by_login(session: Session, login: str) -> Viewer:
    """In whose name a command acts. Raises BadInput when nobody has this login."""
    return viewer_of(_active(session, login))


def _active(session: Session, login: str) -> StaffRow:
    row = session.scalar(select(StaffRow).where(StaffRow.login == login, StaffRow.active))
    if row is None:
        raise BadInput(f"nobody has the login {login!r}")
    _known(session).pop(StaffId(row.id), None)  # it is about to be changed
    return row


@dataclass(frozen=True, slots=True)
class HashedPassword:
    """A password that is hashed already: to give several demo accounts the same one."""

    text: str


def hashed(password: str) -> HashedPassword:
    """The argon2id hash; takes about 60 ms on purpose."""
    return HashedPassword(hasher().hash(password))


@cache
def hasher() -> PasswordHash:
    """argon2id with pwdlib's recommended parameters."""
    return PasswordHash.recommended()
