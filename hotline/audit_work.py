"""The audit chain's jobs: seal what is new, take it off the host, prove the whole every night.

What is found is kept (`audit_check`) for the auditor's page, and is an alarm.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import JSON, Engine, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline import alarms, bus
from hotline.alarm_kinds import AlarmKind
from hotline.audit import AuditRow
from hotline.audit_export import append_to
from hotline.audit_proof import Proof, prove
from hotline.audit_seals import AuditBlockRow, ChainCut, key_of, note_head, noted_head, seal
from hotline.clock import utc_now
from hotline.db import INSERT_ONLY, Base, UtcDateTime, transaction
from hotline.settings import Settings, settings

_SUBJECT = "chain"
_KEPT = 20
_BEHIND = timedelta(minutes=5)


class AuditCheckRow(Base):
    __tablename__ = "audit_check"
    __table_args__ = INSERT_ONLY

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    blocks: Mapped[int]
    rows: Mapped[int]
    findings: Mapped[int]
    told: Mapped[list[str]] = mapped_column(JSON)
    """The first of them: fault, block, row."""


@dataclass(frozen=True, slots=True)
class ChainState:
    """What the auditor is shown: up to when rows are chained, and what the last full look found."""

    block: int
    sealed_at: datetime | None
    checked_at: datetime | None
    rows: int
    findings: int
    told: Sequence[str]
    behind: bool
    """Rows of minutes ago are not chained: the worker does not run, or was told to stop."""


def seal_new(of: Engine | None = None) -> int:
    """Job, every few seconds: chain what is committed and bring it into the export folder. Raises
    ChainCut after sounding the alarm."""
    used = settings()
    try:
        sealed = seal(key_of(used), noted_head(used), lambda head: note_head(used, head), of=of)
    except ChainCut:
        _tell("cut", of)
        raise
    if used.audit_folder is not None:
        append_to(used.audit_folder, of)
    return sealed


def verify_all(of: Engine | None = None) -> Proof:
    """Job, every night: prove everything, keep what came out, sound or end the alarm."""
    proof = proven(settings(), of)
    _tell("" if proof.whole else "broken", of)
    return proof


def proven(used: Settings, of: Engine | None = None) -> Proof:
    """The proof, which is also kept for the auditor's page."""
    proof = prove(key_of(used), noted_head(used), of)
    with transaction(of) as session:
        session.add(
            AuditCheckRow(
                at=utc_now(),
                blocks=proof.blocks,
                rows=proof.rows,
                findings=proof.count,
                told=[
                    f"{each.fault} {each.block} {each.row or ''}".strip()
                    for each in proof.findings[:_KEPT]
                ],
            )
        )
    return proof


def _tell(reason: str, of: Engine | None) -> None:
    with transaction(of) as session:
        signals = (
            alarms.sound(session, AlarmKind.AUDIT, _SUBJECT, reason, None, utc_now())
            if reason
            else alarms.end(session, AlarmKind.AUDIT, _SUBJECT, utc_now())
        )
    bus.publish(signals)


def state_of(session: Session, now: datetime) -> ChainState:
    """How the chain stands, in three small queries."""
    newest = select(AuditBlockRow.number, AuditBlockRow.sealed_at, AuditBlockRow.last_id)
    block = session.execute(newest.order_by(AuditBlockRow.number.desc()).limit(1)).first()
    check = session.scalars(select(AuditCheckRow).order_by(AuditCheckRow.id.desc()).limit(1)).first()
    next_row = select(AuditRow.at).where(AuditRow.id > (block.last_id if block else 0))
    waits_since = session.scalar(next_row.order_by(AuditRow.id).limit(1))
    return ChainState(
        block=block.number if block else 0,
        sealed_at=block.sealed_at if block else None,
        checked_at=check.at if check else None,
        rows=check.rows if check else 0,
        findings=check.findings if check else 0,
        told=check.told if check else (),
        behind=waits_since is not None and now - waits_since > _BEHIND,
    )
