"""Passkeys as pages see them: of which site they are, and whether one that was given is the person's."""

from dashboard.asking import Asked, Work
from hotline import passkey_checks, passkeys
from hotline.errors import NotVisible
from hotline.passkeys import Site
from hotline.settings import settings


def site() -> Site:
    """Raises NotVisible where no browser has passkeys."""
    found = passkeys.site(settings().address)
    if found is None:
        raise NotVisible("passkeys")
    return found


def holder(asked: Asked) -> str:
    """Who was asked: this log-in."""
    return f"session\n{asked.token}"


def is_theirs(asked: Asked, work: Work, said: str) -> bool:
    """Whether a passkey of the viewer answered what their log-in was asked; it is used up."""
    return passkey_checks.is_right(work.session, work.viewer, site(), holder(asked), said, work.now)
