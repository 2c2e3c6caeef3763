"""Counts of the present moment that need no rights: no call is named, nobody's number is in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select, union
from sqlalchemy.orm import Session

from hotline.ids import StaffId
from intake.tables.calls import CallRow, OfferRow, TalkRow
from intake.tables.records import RecordRow


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many callers nobody talks with, and since when the longest of them has been here."""

    count: int
    since: datetime | None


_WAITING = select(func.count(), func.min(CallRow.arrived_at)).where(
    CallRow.ended_at.is_(None),
    CallRow.outbound.is_(False),
    CallRow.internal.is_(False),
    ~exists().where(TalkRow.call_id == CallRow.id, TalkRow.ended_at.is_(None)),
)


def waiting(session: Session) -> Waiting:
    """Callers on the line with whom nobody talks, ringing ones too."""
    count, since = session.execute(_WAITING).one()
    return Waiting(count, since)


def engaged(session: Session) -> set[StaffId]:
    """Who talks with somebody, or whose phone rings."""
    talking = select(TalkRow.staff_id).where(TalkRow.ended_at.is_(None), TalkRow.staff_id.is_not(None))
    ringing = select(OfferRow.staff_id).where(
        OfferRow.ended_at.is_(None), OfferRow.staff_id.is_not(None)
    )
    return {StaffId(who) for who in session.scalars(union(talking, ringing)) if who is not None}


def just_talked(session: Session, since: datetime) -> Mapping[StaffId, datetime]:
    """Who finished a talk after `since` and still writes its record → when the talk ended."""
    rows = session.execute(
        select(TalkRow.staff_id, func.max(TalkRow.ended_at))
        .join(RecordRow, RecordRow.call_id == TalkRow.call_id)
        .where(
            TalkRow.call_id.in_(select(CallRow.id).where(CallRow.ended_at >= since)),
            TalkRow.staff_id.is_not(None),
            TalkRow.staff_id == RecordRow.owner_id,
            RecordRow.state == "draft",
        )
        .group_by(TalkRow.staff_id)
    )
    return {StaffId(who): ended_at for who, ended_at in rows if who is not None and ended_at is not None}
