"""A password given in a form: whose it is, unless it was tried too often just now."""

from datetime import datetime

from dashboard.asking import Asked
from dashboard.i18n import N_
from hotline import breached_passwords, db, password_rule, sessions
from hotline.errors import FieldErrors, HotlineError
from hotline.ids import StaffId
from hotline.settings import settings

WAIT = N_("Đã thử nhiều lần. Hãy đợi một phút rồi thử lại.")
_LONGEST = 1024


class TriedTooOften(HotlineError):
    """This login, from this address: the password was not looked at."""


def require_good(password: str, again: str, login: str, name: str) -> None:
    """What somebody chooses for themselves. Raises FieldErrors: as `password_rule.require`, and for
    `password` also `breached`; Unavailable when the list of those cannot be read."""
    password_rule.require(password, again, login, name)
    known = settings().breached_passwords
    if known is not None and breached_passwords.has(known, password):
        raise FieldErrors({"password": "breached"})


def recognize(asked: Asked, login: str, password: str, now: datetime) -> StaffId | None:
    """Whose login and password these are. Takes tens of milliseconds, in which no writer waits for us.
    Raises TriedTooOften."""
    with db.reading() as session:
        if sessions.must_wait(session, login, asked.origin, now):
            raise TriedTooOften
        return sessions.recognize(session, login, password[:_LONGEST])
