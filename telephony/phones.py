"""Phone accounts: what a counselor's phone needs to register. Kept in a file only we can read."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from hotline.dialing import is_phone
from hotline.errors import BadInput, SetupError
from hotline.ids import Phone
from hotline.secrets import write_private
from hotline.settings import Settings


@dataclass(frozen=True, slots=True)
class PhoneAccount:
    """`phone` is the PJSIP endpoint (`hn01`), `center` the code of its center.

    `browser`: it is in its owner's browser and known by the credential of their log-in alone; `secret`
    is never used.
    """

    phone: Phone
    secret: str = field(repr=False)
    name: str = ""
    center: str = ""
    browser: bool = False

    def __post_init__(self) -> None:
        if not is_phone(self.phone):
            raise BadInput(f"a phone is two letters and two digits, like hn01, not {self.phone!r}")
        if not re.fullmatch(r"[A-Za-z0-9_-]{8,128}", self.secret):
            raise BadInput(f"the secret of {self.phone} is not 8 to 128 URL-safe characters")


def accounts_file(settings: Settings) -> Path:
    return settings.pbx_dir / "phones.json"


def write_accounts(settings: Settings, phones: Sequence[PhoneAccount]) -> None:
    draft = accounts_file(settings).with_suffix(".new")
    write_private(draft, json.dumps([asdict(phone) for phone in phones], ensure_ascii=False))
    draft.replace(accounts_file(settings))


def read_accounts(settings: Settings) -> list[PhoneAccount]:
    """The accounts last given to `telephony.pbx.prepare`. Raises SetupError when there are none."""
    path = accounts_file(settings)
    try:
        return [PhoneAccount(**entry) for entry in json.loads(path.read_text("utf-8"))]
    except FileNotFoundError:
        raise SetupError(f"{path} is not there: start the system first (tongdai up)") from None
    except (OSError, ValueError, TypeError) as error:
        raise SetupError(f"{path} cannot be read: {error}") from error
