"""Empties what is kept of children's treatment when its time is over, in the transaction of the caller,
after its certificate.

What was said goes, with reasons and places; that meetings took place, when, and whether free of charge
stays, because it is counted. What the case's own timeline tells of it goes with the case.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from intake.tables.retention import TherapyDeletionRow
from intake.tables.therapy import TherapyMeetingRow, TherapyNoteRow, TherapyReferralRow


def end(session: Session, ids: Sequence[int], certificate: int, now: datetime) -> None:
    """The treatment of these referrals."""
    rows = select(TherapyReferralRow.id).where(TherapyReferralRow.id.in_(ids))
    session.execute(
        rows.with_for_update()
    )  # who writes a note holds it (`intake.therapy.therapy_notes`)
    for referral_id in ids:
        _end_notes(session, referral_id, certificate)
    meetings = update(TherapyMeetingRow).where(TherapyMeetingRow.referral_id.in_(ids))
    session.execute(meetings.values(place="", reason=""))
    referrals = update(TherapyReferralRow).where(TherapyReferralRow.id.in_(ids))
    session.execute(referrals.values(reason="", decision="", erased_at=now))


def _end_notes(session: Session, referral_id: int, certificate: int) -> None:
    """The database lets them go where the ledger names this referral, and only there."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.end_therapy(referral_id, certificate)))
        return
    session.execute(insert(TherapyDeletionRow).values(referral_id=referral_id, deletion_id=certificate))
    of = select(TherapyMeetingRow.id).where(TherapyMeetingRow.referral_id == referral_id)
    gone = delete(TherapyNoteRow).where(TherapyNoteRow.meeting_id.in_(of))
    session.execute(gone.execution_options(synchronize_session=False))
