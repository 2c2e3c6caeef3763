"""Passkeys as pages see them: of which site they are, and whether one that was given is the person's."""

from dashboard.asking import Asked, Work
from hotline import passkey_checks, passkeys, second_factors
from hotline.access import Viewer
from hotline.errors import NotVisible
from hotline.passkeys import Site
from hotline.settings import settings


def site() -> Site:
    """Raises NotVisible where no browser has passkeys."""
    found = passkeys.site(settings().address)
    if found is None:
        raise NotVisible("passkeys")
    return found


def is_obliged(viewer: Viewer) -> bool:
    """Whether a code is not enough for them (ASVS 5.0 6.3.3, level 3): one that is read out to a forged
    page leads in, a passkey knows its own house."""
    of = settings()
    return (
        of.passkeys_obliged
        and second_factors.obliged(viewer.role, demo=of.demo)
        and passkeys.site(of.address) is not None
    )


def holder(asked: Asked) -> str:
    """Who was asked: this log-in."""
    return f"session\n{asked.token}"


def is_theirs(asked: Asked, work: Work, said: str) -> bool:
    """Whether a passkey of the viewer answered what their log-in was asked; it is used up."""
    return passkey_checks.is_right(work.session, work.viewer, site(), holder(asked), said, work.now)
