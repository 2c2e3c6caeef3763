"""Who works here: people come, change and leave, with everything of this room that hangs on it.

`hotline.accounts` has the rows; here are the rules of what each role must have, and what becomes of
their place on the line. The caller publishes the signals after its commit.
"""

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from hotline import accounts, audit, bus, invitations, sessions, staff
from hotline.access import Action, Role, Viewer, roles_that_may
from hotline.accounts import Draft, Standing
from hotline.dialing import is_phone
from hotline.errors import FieldErrors, NotVisible
from hotline.ids import StaffId
from hotline.invitations import Invitation, KnownBy
from hotline.languages import LANGUAGES
from hotline.lines import Skill
from hotline.units import NEW, Level
from hotline.units import unit as unit_of
from routing import availability
from routing.choices import Choice

LOGIN = re.compile(r"[a-z][a-z0-9._-]{1,39}")
LONGEST_NAME = 120
WITH_PHONE = frozenset({Role.COUNSELOR, Role.SHIFT_LEAD, Role.CENTER_LEAD})
OFFICERS = {Role.COMMUNE_OFFICER: Level.COMMUNE, Role.PROVINCE_OFFICER: Level.PROVINCE}
_TAKES_CALLS = roles_that_may(Action.TAKE_CALLS)


def invite(
    session: Session, viewer: Viewer | None, draft: Draft, known_by: KnownBy, now: datetime
) -> tuple[StaffId, Invitation]:
    """A new account, and the link to its first password. Raises FieldErrors (`check`, and `taken`)."""
    check(draft)
    who = accounts.add(session, viewer, draft, now)
    _enroll(session, who, draft.role, now)
    return who, invitations.make(session, viewer, who, known_by, now)


def change(
    session: Session, viewer: Viewer, staff_id: StaffId, draft: Draft, now: datetime
) -> Sequence[bus.Signal]:
    """Raises NotVisible, FieldErrors, Conflict (`last`)."""
    check(draft)
    before = accounts.one(session, staff_id, now).said
    signals = _off_the_line(session, viewer, staff_id, now) if before.role != draft.role else []
    anew = accounts.change(session, viewer, staff_id, draft, now)
    _enroll(session, staff_id, draft.role, now, already=before.role in _TAKES_CALLS)
    return [*signals, *_told(staff_id, ended=anew)]


def leave(session: Session, viewer: Viewer, staff_id: StaffId, now: datetime) -> Sequence[bus.Signal]:
    """From now on they are nobody here: no page, no stream, no call. Raises NotVisible, Conflict
    (`last`)."""
    signals = _off_the_line(session, viewer, staff_id, now)
    accounts.close(session, viewer, staff_id, now)
    on_call = bus.Signal(bus.STAFF, "on_call", str(accounts.one(session, staff_id, now).said.center))
    return [*signals, *_told(staff_id, ended=True), on_call]


def log_out(session: Session, viewer: Viewer, staff_id: StaffId, now: datetime) -> Sequence[bus.Signal]:
    """Nobody is logged in as them any more, wherever that was; they may come back at once. Raises
    NotVisible."""
    if accounts.one(session, staff_id, now).standing is Standing.LEFT:
        raise NotVisible(f"staff {staff_id}")
    signals = _off_the_line(session, viewer, staff_id, now)
    sessions.end_all(session, staff_id)
    audit.note(session, viewer, audit.Act.END_SESSION, "staff", staff_id, now, "all")
    return [*signals, *_told(staff_id, ended=True)]


def come_back(
    session: Session, viewer: Viewer, staff_id: StaffId, known_by: KnownBy, now: datetime
) -> Invitation:
    """The link by which they set a new password; the old one is gone. Raises NotVisible."""
    accounts.reopen(session, viewer, staff_id, now)
    return invitations.make(session, viewer, staff_id, known_by, now)


def begin_anew(
    session: Session, viewer: Viewer | None, staff_id: StaffId, known_by: KnownBy, now: datetime
) -> tuple[Invitation, Sequence[bus.Signal]]:
    """Without the second factor they have lost, and without a password: what is left of a lost factor
    must not be the way in. `viewer` None: by the command. Raises NotVisible, Conflict (`last`)."""
    accounts.forget_proofs(session, viewer, staff_id, now)
    made = invitations.make(session, viewer, staff_id, known_by, now)
    return made, _told(staff_id, ended=True)


def check(draft: Draft) -> None:
    """Raises FieldErrors: `login` (`shape`), `name` (`missing`, `too_long`), `phone` (`missing`,
    `shape`, `not_theirs`), `unit` (`missing`, `wrong_level`, `not_theirs`), `email` (`shape`),
    `languages`, `skills` (`not_a_choice`)."""
    wrong = {
        "login": "" if LOGIN.fullmatch(draft.login) else "shape",
        "name": "missing" if not draft.name else "too_long" if len(draft.name) > LONGEST_NAME else "",
        "phone": _wrong_phone(draft),
        "unit": _wrong_unit(draft),
        "email": "" if not draft.email or staff.is_email(draft.email) else "shape",
        "languages": "" if {"vi"} <= set(draft.languages) <= {"vi", *LANGUAGES} else "not_a_choice",
        "skills": "" if set(draft.skills) <= set(Skill) else "not_a_choice",
    }
    if any(wrong.values()):
        raise FieldErrors({name: code for name, code in wrong.items() if code})


def _wrong_phone(draft: Draft) -> str:
    if draft.phone is None:
        return "missing" if draft.role in _TAKES_CALLS or draft.phone_in_browser else ""
    if draft.role not in WITH_PHONE:
        return "not_theirs"
    return "" if is_phone(draft.phone) else "shape"


def _wrong_unit(draft: Draft) -> str:
    level = OFFICERS.get(draft.role)
    if level is None:
        return "not_theirs" if draft.unit else ""
    found = unit_of(draft.unit)
    if found is None:
        return "missing"
    return "" if found.era == NEW and found.level is level else "wrong_level"


def _enroll(
    session: Session, staff_id: StaffId, role: Role, now: datetime, *, already: bool = False
) -> None:
    if role in _TAKES_CALLS and not already:
        availability.enroll(session, staff_id, now)


def _off_the_line(
    session: Session, viewer: Viewer, staff_id: StaffId, now: datetime
) -> Sequence[bus.Signal]:
    mine = availability.of(session, staff_id, now)
    if mine is None or mine.choice is Choice.AWAY:
        return []
    return availability.choose(session, viewer, staff_id, Choice.AWAY, now)


def _told(staff_id: StaffId, *, ended: bool) -> Sequence[bus.Signal]:
    """To their streams, to the switchboard (who can be rung, which phone in a browser may log in), and
    to the wallboards."""
    over = [bus.Signal(bus.desk(staff_id), "logged_out")] if ended else []
    return [
        *over,
        bus.Signal(bus.STAFF, "phone", str(staff_id)),
        bus.Signal(bus.BOARD, "availability", str(staff_id)),
    ]
