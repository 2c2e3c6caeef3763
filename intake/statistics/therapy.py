"""What the therapy unit did in a period, and the meetings behind each figure of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.statistics.periods import Period
from intake.statistics.tables import Counted
from intake.tables.therapy import TherapyMeetingRow, TherapyReferralRow
from intake.therapy.therapy_rules import FREE, Held, Kind


def figures(session: Session, of: Period) -> Counted:
    return Counted({code: len(rows) for code, rows in parts(session, of).items()})


def parts(session: Session, of: Period) -> Mapping[str, Sequence[Any]]:
    """Figure → what it counts, with `case_id`: meetings that were held, or one of each child."""
    meeting, referral = TherapyMeetingRow, TherapyReferralRow
    query = (
        select(meeting.id, meeting.kind, referral.child_id, referral.charge, referral.case_id)
        .join(referral, referral.id == meeting.referral_id)
        .where(
            meeting.starts_at >= of.starts_at,
            meeting.starts_at < of.ends_at,
            meeting.state == Held.HELD,
        )
        .order_by(meeting.id)
    )
    held = session.execute(query).all()
    sessions = [one for one in held if one.kind == Kind.SESSION]
    return {
        "assessments": [one for one in held if one.kind == Kind.ASSESSMENT],
        "sessions": sessions,
        "treated": _each_child(sessions),
        "free": _each_child([one for one in held if one.charge in FREE]),
    }


def _each_child(meetings: Sequence[Any]) -> Sequence[Any]:
    return list({one.child_id: one for one in meetings}.values())
