"""Secrets that this installation makes for itself: one file each, readable by its user alone.

Of those that it gives to others it keeps hashes.
"""

import os
import secrets
from hashlib import sha256
from pathlib import Path

from hotline.settings import Settings


def hashed(token: str) -> str:
    """What is kept in the place of a random token, which is as hard to guess from it as from nothing; or
    of what only has to be found again and need not be read."""
    return sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def load_or_create(settings: Settings, name: str) -> str:
    """The secret `name` of this data folder; made (43 URL-safe characters) when it is not there yet.

    Two who come at once agree: the file appears by a link, which only one of them wins.
    """
    folder = settings.secrets_dir
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    path = folder / name
    if not path.exists():
        draft = folder / f".{name}.{secrets.token_hex(8)}"
        try:
            write_private(draft, secrets.token_urlsafe(32))
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink(missing_ok=True)
    return path.read_text("ascii").strip()


def write_private(path: Path, text: str) -> None:
    """Write `text` so that it is never readable by others, not even for a moment."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(descriptor, 0o600)
        file.write(text)
