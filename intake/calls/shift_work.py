"""What counselors have done since some moment: their calls and how long they talked, for fairness."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from hotline.ids import Part, StaffId
from hotline.sql_time import instant, seconds_between
from intake.tables.calls import TalkRow

LEAST_TALKS = 20
"""Of fewer talks a mean says little."""


@dataclass(frozen=True, slots=True)
class ShiftWork:
    calls: int
    talked: timedelta


def mean_talk(session: Session, began: datetime) -> timedelta | None:
    """How long counselors have talked in the mean since then; None after fewer than LEAST_TALKS."""
    count, seconds = session.execute(
        select(
            func.count(TalkRow.id), func.sum(seconds_between(TalkRow.began_at, TalkRow.ended_at))
        ).where(TalkRow.began_at >= began, TalkRow.ended_at.is_not(None), TalkRow.part == Part.COUNSELOR)
    ).one()
    return timedelta(seconds=float(seconds) / count) if count >= LEAST_TALKS else None


def since(session: Session, began: datetime, now: datetime) -> Mapping[StaffId, ShiftWork]:
    """Of everybody who has talked as a counselor since then; a talk that goes on counts until `now`."""
    rows = session.execute(
        select(
            TalkRow.staff_id,
            func.count(TalkRow.call_id.distinct()),
            func.sum(seconds_between(TalkRow.began_at, func.coalesce(TalkRow.ended_at, instant(now)))),
        )
        .where(TalkRow.began_at >= began, TalkRow.staff_id.is_not(None), TalkRow.part == Part.COUNSELOR)
        .group_by(TalkRow.staff_id)
    )
    return {
        StaffId(who): ShiftWork(calls, timedelta(seconds=float(talked or 0)))
        for who, calls, talked in rows
        if who is not None
    }


def talked_since(session: Session, staff_id: StaffId, moment: datetime) -> bool:
    """Whether they talk now, or did after this moment."""
    goes_on = or_(TalkRow.ended_at.is_(None), TalkRow.ended_at > moment)
    query = select(TalkRow.id).where(TalkRow.staff_id == staff_id, goes_on).limit(1)
    return session.scalar(query) is not None
