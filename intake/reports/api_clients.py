"""Programs that may send reports. Each has a key of its own, of which only the hash is kept."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline import audit
from hotline.errors import BadInput, NotVisible
from hotline.secrets import hashed
from intake.forms.taxonomy import Way
from intake.tables.reports import ApiClientRow

WAYS = (Way.APP, Way.WEB, Way.ZALO, Way.FANPAGE, Way.EMAIL)
"""Ways on which a program can stand between the hotline and people."""
MOST_PER_MINUTE = 6000
_KEY_BEGINS = "td111_"
"""So that whoever finds a key somewhere knows what it opens."""


@dataclass(frozen=True, slots=True)
class ApiClient:
    """`per_minute`: how many reports it may send, on average and at once."""

    id: int
    name: str
    way: Way
    per_minute: int
    created_at: datetime
    revoked_at: datetime | None


def make(session: Session, name: str, way: Way, per_minute: int, now: datetime) -> tuple[ApiClient, str]:
    """A new client and its key, which nobody can be told again. Raises BadInput."""
    shown = " ".join(name.split())
    if not 1 <= len(shown) <= 120:
        raise BadInput("a client needs a name of at most 120 characters")
    if way not in WAYS:
        raise BadInput(f"the ways are {', '.join(WAYS)}: not {way}")
    if not 1 <= per_minute <= MOST_PER_MINUTE:
        raise BadInput(f"reports per minute are 1 to {MOST_PER_MINUTE}")
    key = _KEY_BEGINS + secrets.token_urlsafe(32)
    row = ApiClientRow(name=shown, way=way, key_hash=hashed(key), per_minute=per_minute, created_at=now)
    session.add(row)
    session.flush()
    audit.note(session, None, audit.Act.CREATE, "api_client", row.id, now, way)
    return _client(row), key


def revoke(session: Session, client_id: int, now: datetime) -> None:
    """Its key opens nothing any more; what it has sent stays. Twice is once. Raises NotVisible."""
    row = session.get(ApiClientRow, client_id, with_for_update=True)
    if row is None:
        raise NotVisible(f"there is no client {client_id}")
    if row.revoked_at is None:
        row.revoked_at = now
        audit.note(session, None, audit.Act.CLOSE, "api_client", row.id, now)


def of_key(session: Session, key: str) -> ApiClient | None:
    """Whose key this is. A key is 256 random bits: its plain hash is as hard to guess as itself."""
    row = session.scalar(
        select(ApiClientRow).where(
            ApiClientRow.key_hash == hashed(key), ApiClientRow.revoked_at.is_(None)
        )
    )
    return None if row is None else _client(row)


def everybody(session: Session) -> Sequence[ApiClient]:
    """Revoked ones too."""
    return [_client(row) for row in session.scalars(select(ApiClientRow).order_by(ApiClientRow.id))]


def _client(row: ApiClientRow) -> ApiClient:
    return ApiClient(row.id, row.name, Way(row.way), row.per_minute, row.created_at, row.revoked_at)
