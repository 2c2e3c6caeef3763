"""What became of the messages to the programs of offices, for who looks after these.

No secret, no packet, nobody's name: a handover is named by its reference, which opens nothing without
the office's key.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from hotline import audit
from hotline.access import Viewer
from hotline.errors import Conflict, NotVisible
from intake.tables.handovers import HandoverRow
from intake.tables.offices import OfficeSystemRow, WebhookRow


@dataclass(frozen=True, slots=True)
class Delivery:
    """`next_at`: None when it is over. `outcome`: of the newest try, an HTTP status or a code of
    `intake.handovers.webhooks`; empty before the first."""

    id: int
    event: str
    reference: str
    tries: int
    made_at: datetime
    next_at: datetime | None
    ended_at: datetime | None
    outcome: str

    @property
    def has_arrived(self) -> bool:
        return self.outcome.startswith("2")


@dataclass(frozen=True, slots=True)
class Standing:
    """Of an office's messages: how many are still to be delivered, and how many never were."""

    waiting: int = 0
    lost: int = 0


def of_system(session: Session, system_id: int, limit: int = 100) -> Sequence[Delivery]:
    """The newest first."""
    rows = session.execute(
        select(WebhookRow, HandoverRow.reference)
        .join(HandoverRow, HandoverRow.id == WebhookRow.handover_id)
        .where(WebhookRow.system_id == system_id)
        .order_by(WebhookRow.id.desc())
        .limit(limit)
    )
    return [
        Delivery(
            id=row.id,
            event=row.event,
            reference=reference,
            tries=row.tries,
            made_at=row.made_at,
            next_at=None if row.ended_at else row.next_at,
            ended_at=row.ended_at,
            outcome=row.outcome,
        )
        for row, reference in rows
    ]


def standings(session: Session) -> Mapping[int, Standing]:
    """System → how its messages stand; those without any are not in it."""
    row = WebhookRow
    waiting = case((row.ended_at.is_(None), 1), else_=0)
    lost = case((row.ended_at.is_not(None) & row.outcome.not_like("2%"), 1), else_=0)
    found = session.execute(
        select(row.system_id, func.sum(waiting), func.sum(lost)).group_by(row.system_id)
    )
    return {system: Standing(int(waits), int(gone)) for system, waits, gone in found}


def again(session: Session, viewer: Viewer, system_id: int, message_id: int, now: datetime) -> None:
    """Have it tried once more at once, under the same number: who has it already knows it again. Where
    it goes is judged anew, as at every try. Raises NotVisible, Conflict (`revoked`)."""
    row = session.get(WebhookRow, message_id, with_for_update=True)
    if row is None or row.system_id != system_id:
        raise NotVisible("message")
    if session.get_one(OfficeSystemRow, system_id).revoked_at is not None:
        raise Conflict("revoked")
    row.ended_at, row.next_at = None, now
    audit.note(session, viewer, audit.Act.CHANGE, "office_system", system_id, now, f"again {message_id}")
