"""Certificates of deletion: what was deleted, when and by which rule, each bound to the one before.

Ids alone. The database refuses to change or delete one, but whoever may write to it can add one. So each
is noted in the audit with its digest, in the same transaction: one that the audit does not know is no
certificate, one that only the audit knows is missing, and the audit itself is chained.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from hotline import alarms, audit, bus
from hotline.alarm_kinds import AlarmKind
from hotline.audit import AuditRow
from hotline.db import transaction
from intake.retention.retention_rules import Rule, digest
from intake.tables.retention import DeletionRow

_KIND = "deletion"
_SUBJECT = "certificates"


class Fault(StrEnum):
    CHANGED = "changed"
    """It, or the one before it."""
    UNNOTED = "unnoted"
    """The audit does not know it, or knows another in its place."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """`files`: recordings whose files went. `faults`: none when it stands."""

    id: int
    at: datetime
    kind: str
    rule: str
    before: datetime
    ids: Sequence[str]
    files: int
    digest: str
    faults: tuple[Fault, ...]


def write(session: Session, rule: Rule, ids: Sequence[str], files: int, now: datetime) -> int:
    """In the transaction that deletes; gives its number."""
    last = session.scalar(select(DeletionRow.digest).order_by(DeletionRow.id.desc()).limit(1))
    before = rule.before(now)
    row = DeletionRow(
        at=now,
        kind=rule.kept,
        rule=rule.said,
        before=before,
        ids=list(ids),
        files=files,
        digest=digest(last or "", now, rule.kept, rule.said, before, ids, files),
    )
    session.add(row)
    session.flush()
    detail = f"{rule.kept} {len(ids)} {row.digest}"
    audit.note(session, None, audit.Act.CREATE, _KIND, row.id, now, detail)
    return row.id


def everything(session: Session) -> Iterator[Certificate]:
    """The oldest first, each looked at again."""
    previous, noted = "", _noted(session)
    for row in session.scalars(select(DeletionRow).order_by(DeletionRow.id)):
        known = digest(previous, row.at, row.kind, row.rule, row.before, row.ids, row.files)
        told = f"{row.kind} {len(row.ids)}"
        said = noted.get(str(row.id), [])
        faults = {
            Fault.CHANGED: known != row.digest,
            Fault.UNNOTED: said not in ([f"{told} {row.digest}"], [told]),  # the digest came later
        }
        yield Certificate(
            row.id,
            row.at,
            row.kind,
            row.rule,
            row.before,
            row.ids,
            row.files,
            row.digest,
            tuple(fault for fault, found in faults.items() if found),
        )
        previous = row.digest


def missing(session: Session) -> Sequence[int]:
    """Numbers of those that the audit knows and nobody else."""
    there = set(session.scalars(select(DeletionRow.id)))
    return sorted({int(one) for one in _noted(session)} - there)


def _noted(session: Session) -> Mapping[str, list[str]]:
    """Number → what the audit says of it: once, where nobody meddled."""
    query = select(AuditRow.object_id, AuditRow.detail).where(
        AuditRow.object_kind == _KIND, AuditRow.act == audit.Act.CREATE
    )
    found: dict[str, list[str]] = {}
    for number, detail in session.execute(query.order_by(AuditRow.id)):
        found.setdefault(number, []).append(detail)
    return found


def watch(engine: Engine | None, now: datetime) -> None:
    """Sound the alarm of the audit while any does not stand, or is missing."""
    with transaction(engine) as session:
        wrong = bool(missing(session)) or any(one.faults for one in everything(session))
        signals = (
            alarms.sound(session, AlarmKind.AUDIT, _SUBJECT, _SUBJECT, None, now)
            if wrong
            else alarms.end(session, AlarmKind.AUDIT, _SUBJECT, now)
        )
    bus.publish(signals)
