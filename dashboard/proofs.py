"""That the person of a log-in sits there, once more: by the password or by a passkey."""

from dashboard import passkey_site, passwords
from dashboard.asking import Asked
from dashboard.i18n import N_
from dashboard.passwords import TriedTooOften
from hotline import sessions
from hotline.ids import StaffId

WRONG = N_("Chưa đúng. Hãy thử lại.")


def recognize(asked: Asked, password: str, passkey: str) -> StaffId | None:
    """Who has given one of them; None when it is wrong. Raises TriedTooOften."""
    if not passkey:
        with asked.work(write=False) as work:
            login, now = work.viewer.login, work.now
        return passwords.recognize(asked, login, password, now)
    with asked.work() as work:
        if sessions.must_wait(work.session, work.viewer.login, asked.origin, work.now):
            raise TriedTooOften
        return work.viewer.staff_id if passkey_site.is_theirs(asked, work, passkey) else None
