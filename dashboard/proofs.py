"""That the person of a log-in sits there, once more: by the password, a code of the app or a passkey."""

import re

from dashboard import passkey_site, passwords
from dashboard.asking import Asked
from dashboard.i18n import N_
from dashboard.passwords import TriedTooOften
from hotline import keyring, second_factors, sessions
from hotline.ids import StaffId
from hotline.settings import settings

WRONG = N_("Chưa đúng. Hãy thử lại.")


_CODE = re.compile(r"\s*(\d\s*){6}", re.ASCII)
"""No password is so short."""


def recognize(
    asked: Asked, password: str, passkey: str, *, while_hidden: bool = False
) -> StaffId | None:
    """Who has given one of them; None when it is wrong. Raises TriedTooOften."""
    if not passkey and not _CODE.fullmatch(password):
        with asked.work(write=False, while_hidden=while_hidden) as work:
            login, now = work.viewer.login, work.now
        return passwords.recognize(asked, login, password, now)
    with asked.work(while_hidden=while_hidden) as work:
        if sessions.must_wait(work.session, work.viewer.login, asked.origin, work.now):
            raise TriedTooOften
        if passkey:
            right = passkey_site.is_theirs(asked, work, passkey)
        else:
            ring = keyring.recording_keys(settings())
            right = second_factors.check_code(work.session, work.viewer, ring, password, work.now)
        return work.viewer.staff_id if right else None
