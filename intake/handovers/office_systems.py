"""Offices whose own program takes handovers: a key to fetch them, a webhook that says there is one.

What a program may see is what was handed to its unit, by the same condition as an officer's account.
"""

import secrets
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from hotline import audit
from hotline.access import Viewer
from hotline.errors import BadInput, NotVisible
from hotline.sealed import KeyRing, sealed_bytes, unseal
from hotline.sealed_rows import SealedTable
from hotline.secrets import hashed
from hotline.units import NEW, unit
from intake.handovers import webhook_rules
from intake.handovers.handover_answers import By, Received
from intake.handovers.handover_states import SHOWN
from intake.handovers.webhook_rules import SECRET_BEGINS
from intake.tables.cases import CaseRow
from intake.tables.handovers import HandoverRow
from intake.tables.offices import OfficeSystemRow, WebhookRow

_KEY_BEGINS = "td111_"


@dataclass(frozen=True, slots=True)
class OfficeSystem:
    id: int
    name: str
    unit_id: str
    url: str
    made_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Made:
    """`key` and `secret` are shown once; nobody can be told them again."""

    system: OfficeSystem
    key: str
    secret: str


def make(
    session: Session,
    name: str,
    unit_id: str,
    url: str,
    ring: KeyRing,
    now: datetime,
    *,
    by: Viewer | None = None,
    loopback: bool = False,
) -> Made:
    """A new one. `by`: None for a command. Raises BadInput (`name`, `unit`, `url`)."""
    shown, found = " ".join(name.split()), unit(unit_id)
    if not 1 <= len(shown) <= 120:
        raise BadInput("name")
    if found is None or found.era != NEW:
        raise BadInput("unit")
    if len(url) > 300:
        raise BadInput("url")
    webhook_rules.target(url, loopback=loopback)
    key = _KEY_BEGINS + secrets.token_urlsafe(32)
    secret = SECRET_BEGINS + b64encode(secrets.token_bytes(32)).decode()
    secret_name = f"office/{secrets.token_hex(16)}"
    row = OfficeSystemRow(
        name=shown,
        unit_id=unit_id,
        url=url,
        key_hash=hashed(key),
        sealed=sealed_bytes(secret.encode(), ring, secret_name),
        secret_name=secret_name,
        key_id=ring[0].id,
        made_at=now,
    )
    session.add(row)
    session.flush()
    audit.note(session, by, audit.Act.CREATE, "office_system", row.id, now)
    return Made(_system(row), key, secret)


def revoke(session: Session, system_id: int, now: datetime, *, by: Viewer | None = None) -> None:
    """Its key opens nothing any more, and nothing is sent to it. Twice is once. Raises NotVisible."""
    row = session.get(OfficeSystemRow, system_id, with_for_update=True)
    if row is None:
        raise NotVisible(f"there is no system {system_id}")
    if row.revoked_at is None:
        row.revoked_at = now
        audit.note(session, by, audit.Act.CLOSE, "office_system", row.id, now)


def of_key(session: Session, key: str) -> OfficeSystem | None:
    """Whose key this is: 256 random bits, so its plain hash is as hard to guess as itself."""
    row = session.scalar(
        select(OfficeSystemRow).where(
            OfficeSystemRow.key_hash == hashed(key), OfficeSystemRow.revoked_at.is_(None)
        )
    )
    return None if row is None else _system(row)


def of_unit(session: Session, unit_id: str) -> OfficeSystem | None:
    """The newest of this unit's that is in use."""
    row = session.scalar(
        select(OfficeSystemRow)
        .where(OfficeSystemRow.unit_id == unit_id, OfficeSystemRow.revoked_at.is_(None))
        .order_by(OfficeSystemRow.id.desc())
        .limit(1)
    )
    return None if row is None else _system(row)


def one(session: Session, system_id: int) -> OfficeSystem:
    """Raises NotVisible."""
    row = session.get(OfficeSystemRow, system_id)
    if row is None:
        raise NotVisible(f"there is no system {system_id}")
    return _system(row)


def everybody(session: Session) -> Sequence[OfficeSystem]:
    """Revoked ones too."""
    return [
        _system(row) for row in session.scalars(select(OfficeSystemRow).order_by(OfficeSystemRow.id))
    ]


def received(session: Session, system: OfficeSystem, reference: str) -> Received:
    """One that was handed to this system's unit, or to a commune of it. Raises NotVisible."""
    row = session.scalar(
        select(HandoverRow)
        .where(
            HandoverRow.reference == reference,
            HandoverRow.state.in_(SHOWN),
            or_(HandoverRow.unit_id == system.unit_id, HandoverRow.province_id == system.unit_id),
            ~exists().where(CaseRow.id == HandoverRow.case_id, CaseRow.erased_at.is_not(None)),
        )
        .with_for_update()
    )
    if row is None:
        raise NotVisible("handover")
    return row


def by_system(system: OfficeSystem) -> By:
    return By(system.name)


def tell(session: Session, reference: str, event: str, now: datetime) -> int | None:
    """Have the unit's program told of this handover: the message's number, for a job after the commit.
    None: the unit has no program."""
    row = session.scalar(select(HandoverRow).where(HandoverRow.reference == reference))
    system = of_unit(session, row.unit_id) if row is not None else None
    if row is None or system is None:
        return None
    message = WebhookRow(
        message_id=f"msg_{secrets.token_hex(16)}",
        system_id=system.id,
        handover_id=row.id,
        event=event,
        tries=0,
        made_at=now,
        next_at=now,
    )
    session.add(message)
    session.flush()
    return message.id


def secret_of(session: Session, system_id: int, ring: KeyRing) -> str:
    """What its webhooks are signed with. Raises SealBroken, KeyUnknown."""
    row = session.get_one(OfficeSystemRow, system_id)
    return unseal(row.sealed, ring, row.secret_name).decode()


SEALED = SealedTable(
    OfficeSystemRow,
    select(OfficeSystemRow.id, OfficeSystemRow.secret_name).order_by(OfficeSystemRow.id),
    lambda _, name: name,
)


def _system(row: OfficeSystemRow) -> OfficeSystem:
    return OfficeSystem(row.id, row.name, row.unit_id, row.url, row.made_at, row.revoked_at)
