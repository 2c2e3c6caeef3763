"""Log-in sessions, kept on the server: a random token in the cookie, its SHA-256 in the database.

Whoever proves again to be there gets another token (`renewed`); streams and lines that are open go on
by the part of it that stays (`hotline.session_tokens`).

A wrong password costs the same time whether the login exists or not; who tries too often waits
(`hotline.log_in_tries`). A session ends after a shift, or when its person has done nothing for a while:
whether they have, and whether they talk meanwhile, the caller knows (`dashboard.asking`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from secrets import token_urlsafe
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    ForeignKey,
    Select,
    String,
    and_,
    bindparam,
    delete,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline import audit, broken_glass, log_in_tries, made_up, oidc_accounts, passkeys, second_factors
from hotline.access import Viewer
from hotline.broken_glass import GlassRow
from hotline.db import Base, UtcDateTime
from hotline.errors import NotVisible
from hotline.ids import Phone, StaffId
from hotline.log_in_tries import Origin
from hotline.oidc_accounts import NOBODY, Told
from hotline.secrets import hashed
from hotline.session_tokens import lasting_part, new_token, next_token, phone_ha1
from hotline.staff import HashedPassword, StaffRow, hasher, known_viewer, viewer_of

LIFETIME = timedelta(hours=10)
"""A shift and its handover."""
WAITING = timedelta(minutes=20)
"""Of a log-in that still lacks its second factor."""
NOTED = timedelta(minutes=1)
"""What somebody does is noted so often at most."""
RENEWED = timedelta(seconds=20)
"""So long the token that was replaced still opens: a page may just have sent a sentence to be saved."""


@cache
def _nobodys_hash() -> str:
    """What the password of an unknown login is checked against; made at the first such check."""
    return hasher().hash(token_urlsafe())


class Stage(StrEnum):
    """What a log-in still lacks; until then it opens nothing."""

    DONE = ""
    SECOND = "second"
    """A code of the second factor, or a passkey."""
    ENROLL = "enroll"
    """A second factor at all: this role must have one."""


class SessionRow(Base):
    __tablename__ = "session"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    lasting_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """Of the part of the token that stays (`hotline.session_tokens`)."""
    former_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    """Of the token before, replaced at `renewed_at`."""
    renewed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    csrf: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When its person did something, but for what their page does by itself; within a minute."""
    proved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When its person last gave their password."""
    address: Mapped[str] = mapped_column(String(45), default="")
    browser: Mapped[str] = mapped_column(String(60), default="")
    stage: Mapped[str] = mapped_column(String(10), default=Stage.DONE)
    hidden: Mapped[bool] = mapped_column(default=False)
    """Its person has hidden the screen: nothing is shown until they prove to be there."""
    phone_ha1: Mapped[str | None] = mapped_column(String(32))
    """See `session_tokens`."""


@dataclass(frozen=True, slots=True)
class LogIn:
    """A live session: the viewer, the token that forms must carry, and whether the screen is hidden."""

    viewer: Viewer
    csrf: str
    hidden: bool
    stage: Stage
    last_seen_at: datetime
    proved_at: datetime
    draft_key: str
    """Base64 of 256 bits: seals what this person typed and the server does not have, in their browser.
    Theirs in every session, for a draft must outlive the session in which it was typed."""
    made_up: bool
    """What there is to see is (`hotline.made_up`)."""
    has_passkey: bool
    began_at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """One session as its person sees it. `id` tells it apart and opens nothing."""

    id: str
    browser: str
    address: str
    since: datetime
    last_seen_at: datetime
    here: bool


def _is_mine(token: str) -> ColumnElement[bool]:
    """This token's session, whether or not another one has taken its place: to be asked for what is done
    in it, after `current` was."""
    return SessionRow.lasting_hash == hashed(lasting_part(token))


def _refuse(session: Session, login: str, viewer: Viewer | None, origin: Origin, now: datetime) -> None:
    """Count the try, and put it on record. `viewer` None: nobody has this login."""
    whose = viewer.staff_id if viewer else StaffId(0)
    log_in_tries.count(session, login, whose or None, origin, now)
    audit.note(session, viewer, audit.Act.LOG_IN_REFUSED, "staff", whose, now)


def must_wait(session: Session, login: str, origin: Origin, now: datetime) -> bool:
    """Whether this login has been tried too often just now (`hotline.log_in_tries`)."""
    owner = session.scalar(select(StaffRow.id).where(StaffRow.login == login))
    return log_in_tries.must_wait(session, login, StaffId(owner) if owner else None, origin, now)


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
    session: Session,
    login: str,
    recognized: StaffId | None,
    origin: Origin,
    now: datetime,
    *,
    demo: bool = False,
) -> tuple[str, Viewer] | None:
    """The cookie's token and the viewer, or None when nobody was recognized; on record either way. The
    made-up people of a `demo` need no second factor."""
    row = session.get(StaffRow, recognized) if recognized else None
    if row is None:
        known = session.scalar(select(StaffRow).where(StaffRow.login == login))
        _refuse(session, login, viewer_of(known) if known else None, origin, now)
        return None
    viewer = viewer_of(row)
    audit.note(session, viewer, audit.Act.LOG_IN, "staff", row.id, now)
    return _opened(session, viewer, _stage(session, viewer, demo=demo), origin, now), viewer


def passkey_must_wait(session: Session, whose: Viewer | None, origin: Origin, now: datetime) -> bool:
    """Whether too many passkeys from there, or said to be this person's, were wrong just now."""
    if whose is None:
        return log_in_tries.nobody_must_wait(session, origin, now)
    return log_in_tries.must_wait(session, _passkey_of(whose), whose.staff_id, origin, now)


def log_in_by_passkey(
    session: Session, whose: Viewer | None, right: bool, origin: Origin, now: datetime
) -> str | None:
    """The cookie's token when their passkey was `right`: it is both factors, so nothing is lacking. On
    record either way."""
    if whose is not None and right:
        audit.note(session, whose, audit.Act.LOG_IN, "staff", whose.staff_id, now, "passkey")
        return _opened(session, whose, Stage.DONE, origin, now)
    if whose is None:
        log_in_tries.count_nobody(session, origin, now)
    else:
        log_in_tries.count(session, _passkey_of(whose), whose.staff_id, origin, now)
    staff_id = whose.staff_id if whose else StaffId(0)
    audit.note(session, whose, audit.Act.LOG_IN_REFUSED, "staff", staff_id, now, "passkey")
    return None


def log_in_by_oidc(
    session: Session,
    told: Told | None,
    origin: Origin,
    now: datetime,
    *,
    demo: bool = False,
) -> tuple[str, Viewer] | None:
    """The cookie's token and the viewer when the provider told somebody who works here; on record either
    way, with who was meant. Where it has asked for a second factor, none of ours is."""
    found = oidc_accounts.whose(session, told, now) if told else NOBODY
    if told is None or not found.theirs:
        log_in_tries.count_nobody(session, origin, now)
        audit.note(session, None, audit.Act.LOG_IN_REFUSED, "staff", found.staff_id, now, "oidc")
        return None
    viewer = viewer_of(session.get_one(StaffRow, found.staff_id))
    audit.note(session, viewer, audit.Act.LOG_IN, "staff", viewer.staff_id, now, "oidc")
    stage = Stage.DONE if told.strong else _stage(session, viewer, demo=demo)
    return _opened(session, viewer, stage, origin, now), viewer


def _passkey_of(viewer: Viewer) -> str:
    return f"{viewer.login}\npasskey"


def _stage(session: Session, viewer: Viewer, *, demo: bool) -> Stage:
    if second_factors.has(session, viewer.staff_id) or passkeys.has(session, viewer.staff_id):
        return Stage.SECOND
    return Stage.ENROLL if second_factors.obliged(viewer.role, demo=demo) else Stage.DONE


def _opened(session: Session, viewer: Viewer, stage: Stage, origin: Origin, now: datetime) -> str:
    """A new session; returns its token. A browser is known by a whole log-in alone: who has somebody's
    password shall not guess codes as if they had sat there before."""
    token = new_token()
    session.add(
        SessionRow(
            token_hash=hashed(token),
            lasting_hash=hashed(lasting_part(token)),
            staff_id=viewer.staff_id,
            csrf=token_urlsafe(24),
            created_at=now,
            expires_at=now + (LIFETIME if stage is Stage.DONE else WAITING),
            last_seen_at=now,
            proved_at=now,
            address=origin.address[:45],
            browser=origin.browser[:60],
            stage=stage,
            phone_ha1=phone_ha1(viewer.phone, token) if viewer.phone else None,
        )
    )
    if origin.device and stage is Stage.DONE:
        log_in_tries.know(session, origin.device, viewer.staff_id, now)
    return token


def proved(
    session: Session,
    token: str,
    viewer: Viewer,
    origin: Origin,
    now: datetime,
    lacks: Stage = Stage.DONE,
) -> str:
    """The log-in `lacks` this now: it gets another token, the one before opens nothing."""
    session.execute(delete(SessionRow).where(_is_mine(token)))
    audit.note(session, viewer, audit.Act.PROVED, "staff", viewer.staff_id, now)
    return _opened(session, viewer, lacks, origin, now)


def prove_again(
    session: Session,
    token: str,
    viewer: Viewer,
    recognized: StaffId | None,
    origin: Origin,
    now: datetime,
) -> bool:
    """The password was given once more, if `recognized` (by it) is this session's person. On record both
    ways."""
    if not is_theirs(session, viewer, recognized, origin, now):
        return False
    session.execute(update(SessionRow).where(_is_mine(token)).values(proved_at=now))
    audit.note(session, viewer, audit.Act.PROVED, "staff", viewer.staff_id, now, "again")
    return True


def renewed(session: Session, token: str, now: datetime) -> str | None:
    """Another token for the same session, whose person has just proved to be there; the one before opens
    nothing from `RENEWED` on (ASVS 5.0 7.2.4). None when another request has replaced it just now: the
    browser is given the new one there."""
    new = next_token(token)
    values = {"token_hash": hashed(new), "former_hash": hashed(token), "renewed_at": now}
    replaced = session.execute(
        update(SessionRow).where(SessionRow.token_hash == hashed(token)).values(values),
        execution_options={"synchronize_session": False},
    )
    assert isinstance(replaced, CursorResult)
    return new if replaced.rowcount else None


def code_must_wait(session: Session, viewer: Viewer, origin: Origin, now: datetime) -> bool:
    """Whether too many codes of theirs were wrong just now; counted apart from passwords."""
    return log_in_tries.must_wait(session, _code_of(viewer), viewer.staff_id, origin, now)


def code_was_wrong(session: Session, viewer: Viewer, origin: Origin, now: datetime) -> None:
    log_in_tries.count(session, _code_of(viewer), viewer.staff_id, origin, now)
    audit.note(session, viewer, audit.Act.LOG_IN_REFUSED, "staff", viewer.staff_id, now, "code")


def _code_of(viewer: Viewer) -> str:
    return f"{viewer.login}\ncode"


_NOW = bindparam("now", type_=UtcDateTime)
_ALIVE = (
    select(SessionRow, StaffRow, GlassRow, made_up.ANY, passkeys.any_of(StaffRow.id))
    .join(StaffRow, StaffRow.id == SessionRow.staff_id)
    .outerjoin(GlassRow, broken_glass.stands(StaffRow.id, _NOW))
    .where(SessionRow.expires_at > _NOW, StaffRow.active)
    .order_by(GlassRow.id.desc())
    .limit(1)
)
_HASH = bindparam("hash", type_=String)
_CURRENT = _ALIVE.where(
    or_(
        SessionRow.token_hash == _HASH,
        and_(
            SessionRow.former_hash == _HASH,
            SessionRow.renewed_at > bindparam("since", type_=UtcDateTime),
        ),
    )
)
_LASTING = _ALIVE.where(SessionRow.lasting_hash == _HASH)


def current(session: Session, token: str, now: datetime) -> LogIn | None:
    """Whose session this token is, if it lives and the person is still active."""
    of = {"hash": hashed(token), "now": now, "since": now - RENEWED}
    return _log_in(session, _CURRENT, of)


def lasting(session: Session, token: str, now: datetime) -> LogIn | None:
    """As `current`, of a token that has been the session's: for what was opened by it then and goes on.
    It opens nothing."""
    return _log_in(session, _LASTING, {"hash": hashed(lasting_part(token)), "now": now})


def _log_in(session: Session, query: Select[*tuple[Any, ...]], of: Mapping[str, object]) -> LogIn | None:
    found = session.execute(query, of).one_or_none()
    if found is None:
        return None
    login, person, glass, is_made_up, has_passkey = found
    viewer, stage = known_viewer(session, person), Stage(login.stage)
    if glass is not None:
        viewer = replace(viewer, glass=broken_glass.view(glass))
    return LogIn(
        viewer,
        login.csrf,
        login.hidden,
        stage,
        login.last_seen_at,
        login.proved_at,
        person.draft_key,
        is_made_up,
        has_passkey,
        login.created_at,
    )


def touch(session: Session, token: str, now: datetime) -> None:
    """Its person does something."""
    session.execute(update(SessionRow).where(_is_mine(token)).values(last_seen_at=now))


def hide(session: Session, token: str, viewer: Viewer, now: datetime, why: str = "") -> None:
    """Show nothing more in this session until `show`. `why`: `idle`, or empty for its person's key."""
    session.execute(update(SessionRow).where(_is_mine(token)).values(hidden=True))
    audit.note(session, viewer, audit.Act.HIDE_SCREEN, "staff", viewer.staff_id, now, why)


def show(
    session: Session,
    token: str,
    viewer: Viewer,
    recognized: StaffId | None,
    origin: Origin,
    now: datetime,
) -> bool:
    """Show again, if `recognized` is this session's person. On record both ways."""
    if not is_theirs(session, viewer, recognized, origin, now):
        return False
    session.execute(update(SessionRow).where(_is_mine(token)).values(hidden=False, proved_at=now))
    audit.note(session, viewer, audit.Act.SHOW_SCREEN, "staff", viewer.staff_id, now)
    return True


def phone_credentials(session: Session, now: datetime) -> dict[Phone, str]:
    """Phones in browsers whose owner is logged in → HA1 of the newest log-in."""
    rows = session.execute(
        select(StaffRow.phone, SessionRow.phone_ha1)
        .join(StaffRow, StaffRow.id == SessionRow.staff_id)
        .where(
            SessionRow.expires_at > now,
            SessionRow.stage == Stage.DONE,
            StaffRow.active,
            StaffRow.phone_in_browser,
        )
        .order_by(SessionRow.created_at)
    )
    return {Phone(phone): ha1 for phone, ha1 in rows if phone and ha1}


def log_out(session: Session, token: str, viewer: Viewer, now: datetime) -> None:
    session.execute(delete(SessionRow).where(_is_mine(token)))
    audit.note(session, viewer, audit.Act.LOG_OUT, "staff", viewer.staff_id, now)


def places(session: Session, token: str, viewer: Viewer, now: datetime) -> Sequence[Place]:
    """Where the viewer is logged in, this session first."""
    rows = session.scalars(
        select(SessionRow)
        .where(SessionRow.staff_id == viewer.staff_id, SessionRow.expires_at > now)
        .order_by(SessionRow.last_seen_at.desc())
    )
    here = hashed(lasting_part(token))
    found = [
        Place(
            id=hashed(row.lasting_hash),
            browser=row.browser,
            address=row.address,
            since=row.created_at,
            last_seen_at=row.last_seen_at,
            here=row.lasting_hash == here,
        )
        for row in rows
    ]
    return sorted(found, key=lambda place: not place.here)


def end(session: Session, viewer: Viewer, place: str, now: datetime) -> None:
    """End one session of the viewer's, by its `Place.id`. Raises NotVisible."""
    mine = session.scalars(select(SessionRow).where(SessionRow.staff_id == viewer.staff_id))
    found = next((row for row in mine if hashed(row.lasting_hash) == place), None)
    if found is None:
        raise NotVisible("a session")
    session.delete(found)
    audit.note(session, viewer, audit.Act.END_SESSION, "staff", viewer.staff_id, now)


def end_others(session: Session, token: str, viewer: Viewer, now: datetime) -> None:
    """Leave the viewer this session alone."""
    session.execute(delete(SessionRow).where(SessionRow.staff_id == viewer.staff_id, ~_is_mine(token)))
    audit.note(session, viewer, audit.Act.END_SESSION, "staff", viewer.staff_id, now, "others")


def change_password(
    session: Session, token: str, viewer: Viewer, password: HashedPassword, now: datetime
) -> None:
    """From now on this one; whoever is logged in elsewhere with the old one is so no longer."""
    session.get_one(StaffRow, viewer.staff_id).password_hash = password.text
    end_others(session, token, viewer, now)
    audit.note(session, viewer, audit.Act.CHANGE_PASSWORD, "staff", viewer.staff_id, now)


def is_theirs(
    session: Session, viewer: Viewer, recognized: StaffId | None, origin: Origin, now: datetime
) -> bool:
    """Whether the viewer has just given their own password; a wrong one is counted and on record."""
    if recognized != viewer.staff_id:
        _refuse(session, viewer.login, viewer, origin, now)
        return False
    return True


def end_all(session: Session, staff_id: StaffId) -> None:
    """Nobody is logged in as this person any more. Their streams and their phone in the browser end when
    they are told (`hotline.bus`), or look by themselves some seconds later."""
    session.execute(delete(SessionRow).where(SessionRow.staff_id == staff_id))


def sweep(session: Session, now: datetime) -> None:
    """Drop sessions that have run out, devices that are long unused, passkeys' challenges (cron)."""
    passkeys.sweep(session, now)
    session.execute(delete(SessionRow).where(SessionRow.expires_at <= now))
    log_in_tries.sweep(session, now)
