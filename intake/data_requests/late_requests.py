"""Which requests about personal data are late or soon will be: what those who answer them are told
wherever they are. Read from the requests themselves, as `intake.cases.late_cases` is from cases."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline.access import Action, Viewer, may
from intake.data_requests.data_requests import reachable
from intake.data_requests.request_rules import SOON, Late, late
from intake.tables.data_requests import DataRequestRow

MOST = 99
"""Nobody reads a larger number than that."""


@dataclass(frozen=True, slots=True)
class LateRequests:
    """`first`: the id of the one whose time is, or was, the first."""

    late: int
    soon: int
    first: int


def of(session: Session, viewer: Viewer, now: datetime) -> LateRequests | None:
    """None when no time is near of what the viewer answers or approves. One statement, and none at all
    for whom requests are nothing of theirs."""
    if not may(viewer, Action.APPROVE_DATA_REQUESTS):
        return None
    row = DataRequestRow
    near = (
        select(row.id, row.due_at)
        .where(
            row.closed_at.is_(None),
            row.due_at < now + SOON,
            reachable(viewer, Action.APPROVE_DATA_REQUESTS),
        )
        .order_by(row.due_at, row.id)
        .limit(MOST)
    )
    found = session.execute(near).all()
    if not found:
        return None
    soon = sum(late(due_at, now) is Late.SOON for _, due_at in found)
    return LateRequests(len(found) - soon, soon, found[0][0])
