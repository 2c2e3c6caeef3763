"""What the therapy unit did in a period, and the meetings behind each figure of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from intake.statistics.periods import Period
from intake.statistics.tables import Counted
from intake.tables.therapy import TherapyMeetingRow, TherapyReferralRow
from intake.therapy.therapy_rules import FREE, Held, Kind


def figures(session: Session, of: Period) -> Counted:
    """Counted by the database: of twenty years the meetings are 130,000."""
    meeting, referral = TherapyMeetingRow, TherapyReferralRow
    is_session = meeting.kind == Kind.SESSION
    each_child = func.count(referral.child_id.distinct())
    query = _held(
        of,
        func.count().filter(meeting.kind == Kind.ASSESSMENT).label("assessments"),
        func.count().filter(is_session).label("sessions"),
        each_child.filter(is_session).label("treated"),
        each_child.filter(referral.charge.in_(FREE)).label("free"),
    )
    return Counted(dict(session.execute(query).one()._mapping))


def _held(of: Period, *columns: Any) -> Select[Any]:
    """Of the meetings that were held in the period."""
    meeting, referral = TherapyMeetingRow, TherapyReferralRow
    return (
        select(*columns)
        .select_from(meeting)
        .join(referral, referral.id == meeting.referral_id)
        .where(
            meeting.starts_at >= of.starts_at,
            meeting.starts_at < of.ends_at,
            meeting.state == Held.HELD,
        )
    )


def parts(session: Session, of: Period) -> Mapping[str, Sequence[Any]]:
    """Figure → what it counts, with `case_id`: meetings that were held, or one of each child."""
    meeting, referral = TherapyMeetingRow, TherapyReferralRow
    columns = (meeting.id, meeting.kind, referral.child_id, referral.charge, referral.case_id)
    held = session.execute(_held(of, *columns).order_by(meeting.id)).all()
    sessions = [one for one in held if one.kind == Kind.SESSION]
    return {
        "assessments": [one for one in held if one.kind == Kind.ASSESSMENT],
        "sessions": sessions,
        "treated": _each_child(sessions),
        "free": _each_child([one for one in held if one.charge in FREE]),
    }


def _each_child(meetings: Sequence[Any]) -> Sequence[Any]:
    return list({one.child_id: one for one in meetings}.values())
