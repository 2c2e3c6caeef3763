"""The keys that seal recordings: from the settings, else one file that the installation makes itself.

A key is 43 URL-safe characters, which is 32 bytes; several are separated by commas or white space, the
newest first. How to change them: docs/operations.md.
"""

import secrets as random
from base64 import urlsafe_b64decode
from binascii import Error
from errno import EACCES, EPERM, EROFS

from hotline.errors import SetupError
from hotline.sealed import Key, KeyRing
from hotline.secrets import load_or_create, write_private
from hotline.settings import Settings

_SECRET = "recording_keys"  # noqa: S105  the name of a file
_SETTING = "TONGDAI_RECORDING_KEYS"
_NEVER_OURS = frozenset({EROFS, EACCES, EPERM})
"""The folder belongs to somebody else: no key will ever be made here."""


def recording_keys(settings: Settings) -> KeyRing:
    """The key ring, read anew: a key that was added is known without a restart when it is in the file.

    Raises SetupError, which quotes no key; OSError when a key is to be made on a full disk.
    """
    given = settings.recording_keys.get_secret_value().strip()
    if not given:
        try:
            given = load_or_create(settings, _SECRET)
        except OSError as error:
            if error.errno not in _NEVER_OURS:
                raise
            raise SetupError(f"there is no key for recordings here: set {_SETTING}") from error
    ring = [_key(text) for text in given.replace(",", " ").split()]
    if len({key.id for key in ring}) < len(ring):
        raise SetupError(f"{_SETTING} names a key twice")
    return ring


def exists(settings: Settings) -> bool:
    """Whether there is a key ring already; `recording_keys` would make one."""
    return bool(settings.recording_keys.get_secret_value()) or (settings.secrets_dir / _SECRET).exists()


def new_key() -> str:
    """A fresh key, as it is written in the settings."""
    return random.token_urlsafe(32)


def add_to_file(settings: Settings) -> Key:
    """Put a fresh key before the others in the installation's own file."""
    before = load_or_create(settings, _SECRET)
    made = new_key()
    draft = settings.secrets_dir / f".{_SECRET}.new"
    write_private(draft, f"{made}\n{before}\n")
    draft.replace(settings.secrets_dir / _SECRET)
    return _key(made)


def _key(text: str) -> Key:
    try:
        return Key(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, Error) as error:
        raise SetupError(f"{_SETTING}: a key is 43 characters of A-Z a-z 0-9 - _") from error
