"""The therapy unit of a made-up year: so many assessments and sessions, of children of its cases."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline import bulk
from hotline.access import Role
from hotline.errors import SetupError
from hotline.staff import StaffRow
from intake.history.moments import office_hours, share
from intake.history.people import SAID
from intake.history.published import Therapy
from intake.tables.joins import CaseRecordRow
from intake.tables.records import RecordPersonRow
from intake.tables.therapy import TherapyMeetingRow, TherapyReferralRow
from intake.therapy.therapy_rules import Charge, Held, Kind, Standing, Way

_THERAPISTS = (Role.THERAPY_HEAD, Role.THERAPIST)
_BEFORE = timedelta(days=7)
_REFERRAL = (
    "id", "case_id", "child_id", "asked_by", "reason", "state", "referred_by", "referred_at",
    "therapist_id", "charge", "decided_by", "decided_at", "decision",
)  # fmt: skip
_MEETING = (
    "id", "referral_id", "asked_by", "kind", "therapist_id", "starts_at", "minutes", "way", "place",
    "state", "reason", "planned_by", "planned_at", "settled_at",
)  # fmt: skip


def load_therapy(
    session: Session, of: Therapy, year: int, chance: Random, cases: tuple[int, int]
) -> None:
    """`cases`: the first id, and the one after the last. As many children are referred as are assessed;
    those who are treated are among them. Raises SetupError without a therapist or enough children."""
    therapists = session.scalars(
        select(StaffRow.id).where(StaffRow.role.in_(_THERAPISTS)).order_by(StaffRow.id)
    ).all()
    if not therapists:
        raise SetupError("there is no therapist: make the people first (tongdai seed)")
    children = session.execute(
        select(CaseRecordRow.case_id, RecordPersonRow.id)
        .join(RecordPersonRow, RecordPersonRow.record_id == CaseRecordRow.record_id)
        .where(CaseRecordRow.case_id >= cases[0], CaseRecordRow.case_id < cases[1])
        .order_by(RecordPersonRow.id)
    ).all()
    if len(children) < of.assessments:
        raise SetupError("the year has fewer children than were assessed")
    chosen = chance.sample(range(len(children)), of.assessments)
    referral, meeting = (
        bulk.next_id(session, TherapyReferralRow),
        bulk.next_id(session, TherapyMeetingRow),
    )
    assessed = _through_the_year(chance, year, of.assessments)
    referrals, meetings = [], []
    treated: list[tuple[int, int]] = []
    for place, (child, at) in enumerate(zip(chosen, assessed, strict=True)):
        case_id, child_id = children[child]
        therapist = therapists[place % len(therapists)]
        free = place < of.free
        referrals.append(
            (referral + place, case_id, child_id, f"made-up-{referral + place}", SAID, Standing.ENDED,
             therapist, at - _BEFORE, therapist, Charge.FREE_VICTIM if free else Charge.PAID, therapist,
             at - _BEFORE, SAID)
        )  # fmt: skip
        meetings.append((referral + place, Kind.ASSESSMENT, therapist, at))
        if place < of.treated:
            treated.append((referral + place, therapist))
    for place, at in enumerate(_through_the_year(chance, year, of.sessions)):
        whose, therapist = treated[place % len(treated)]
        meetings.append((whose, Kind.SESSION, therapist, at))
    bulk.load(session, TherapyReferralRow, _REFERRAL, referrals)
    bulk.load(
        session,
        TherapyMeetingRow,
        _MEETING,
        (
            (meeting + place, whose, f"made-up-{meeting + place}", kind, therapist, at, 60,
             Way.IN_PERSON, SAID, Held.HELD, "", therapist, at - _BEFORE, at + timedelta(hours=1))
            for place, (whose, kind, therapist, at) in enumerate(meetings)
        ),
    )  # fmt: skip
    bulk.ids_were_given(session, TherapyReferralRow)
    bulk.ids_were_given(session, TherapyMeetingRow)


def _through_the_year(chance: Random, year: int, many: int) -> Sequence[datetime]:
    """Moments of working hours, as many in each month as in any other."""
    found: list[datetime] = []
    for month in range(1, 13):
        found += office_hours(chance, year, month, share(many - len(found), month))
    return found
