"""Assessments and sessions: planned, told to have been held, missed or canceled, owed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from hotline import audit, staff
from hotline.access import Viewer
from hotline.calendar import DAY, start_of
from hotline.errors import Conflict, FieldErrors, NotVisible
from hotline.ids import StaffId
from hotline.staff import StaffView
from intake.forms.forms import tidy
from intake.tables.therapy import TherapyMeetingRow, TherapyNoteRow, TherapyReferralRow
from intake.therapy import therapy_referrals, therapy_rules
from intake.therapy.therapy_referrals import seen
from intake.therapy.therapy_rules import Debt, Held, Kind, Meeting, Standing, Way

LONGEST_PLACE, LONGEST_REASON = 160, 300
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class MeetingLine:
    """One meeting, nothing of what was said. `child`: their name, or "" when nobody knows it."""

    meeting: Meeting
    child: str
    therapist: StaffView
    way: Way
    place: str
    reason: str


def plan(
    session: Session,
    viewer: Viewer,
    referral_id: int,
    told: Mapping[str, str],
    starts_at: datetime | None,
    token: str,
    now: datetime,
) -> None:
    """`told`: `kind`, `minutes`, `way`, `place`. One that has been may be entered, too, and is told of
    afterwards. Sent twice it is one. Raises NotVisible, Conflict (`decided`), FieldErrors."""
    row = therapy_referrals.locked(session, viewer, referral_id, Standing.ACCEPTED)
    meeting = TherapyMeetingRow
    if session.scalar(select(meeting.id).where(meeting.asked_by == token)) is not None:
        return
    place, minutes, wrong = _checked(told, starts_at)
    if starts_at is not None and not wrong and _busy(session, row.therapist_id, starts_at, minutes):
        wrong["starts_at"] = "overlaps"
    if wrong or starts_at is None:
        raise FieldErrors(wrong)
    session.add(
        meeting(
            referral_id=row.id,
            asked_by=token,
            kind=told["kind"],
            therapist_id=row.therapist_id,
            starts_at=starts_at,
            minutes=minutes,
            way=told["way"],
            place=place,
            state=Held.PLANNED,
            planned_by=viewer.staff_id,
            planned_at=now,
        )
    )
    audit.note(session, viewer, audit.Act.CHANGE, "therapy", row.id, now, f"plan {told['kind']}")
    session.flush()


def _checked(told: Mapping[str, str], starts_at: datetime | None) -> tuple[str, int, dict[str, str]]:
    """Place and minutes, and what is wrong with any of it."""
    wrong = {} if starts_at else {"starts_at": "missing"}
    for name, codes in (("kind", set(Kind)), ("way", set(Way))):
        if told.get(name) not in codes:
            wrong[name] = "missing"
    place = " ".join(tidy(told.get("place", "")).split())
    if len(place) > LONGEST_PLACE:
        wrong["place"] = "too_long"
    typed = told.get("minutes", "").strip()
    minutes = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) <= 3 else 0
    if not therapy_rules.SHORTEST <= minutes <= therapy_rules.LONGEST:
        wrong["minutes"] = "not_a_number"
    return place, minutes, wrong


def _busy(session: Session, therapist_id: int | None, starts_at: datetime, minutes: int) -> bool:
    row = TherapyMeetingRow
    longest = timedelta(minutes=therapy_rules.LONGEST)
    near = session.execute(
        select(row.starts_at, row.minutes).where(
            row.therapist_id == therapist_id,
            row.state != Held.CANCELED,
            row.starts_at > starts_at - longest,
            row.starts_at < starts_at + longest,
        )
    )
    return therapy_rules.overlaps([(at, length) for at, length in near], starts_at, minutes)


def settle(
    session: Session, viewer: Viewer, meeting_id: int, state: str, reason: str, now: datetime
) -> int:
    """Tell how it went; returns the referral. Raises NotVisible, FieldErrors (`state`, `reason`), and
    Conflict (`told`) for what cannot be told of it any more."""
    row = _locked(session, viewer, meeting_id)
    before = Held(row.state)
    if state not in set(Held):
        raise FieldErrors({"state": "missing"})
    to = Held(state)
    if to is before:
        return row.referral_id
    written = exists().where(TherapyNoteRow.meeting_id == row.id)
    if to not in therapy_rules.MOVES[before] or (
        before is Held.HELD and session.scalar(select(written))
    ):
        raise Conflict("told")
    why = " ".join(tidy(reason).split())
    if len(why) > LONGEST_REASON:
        raise FieldErrors({"reason": "too_long"})
    if not why and therapy_rules.needs_reason(before, to):
        raise FieldErrors({"reason": "missing"})
    if not therapy_rules.may_tell(row.starts_at, to, now):
        raise FieldErrors({"state": "not_yet"})
    row.state, row.reason, row.settled_at = to, why, now
    audit.note(session, viewer, audit.Act.CHANGE, "therapy_meeting", row.id, now, to)
    session.flush()
    return row.referral_id


def _locked(session: Session, viewer: Viewer, meeting_id: int) -> TherapyMeetingRow:
    query = (
        select(TherapyMeetingRow)
        .join(TherapyReferralRow, TherapyReferralRow.id == TherapyMeetingRow.referral_id)
        .where(TherapyMeetingRow.id == meeting_id, seen(viewer))
    )
    row = session.scalar(query.with_for_update().execution_options(populate_existing=True))
    if row is None:
        raise NotVisible("therapy meeting")
    return row


_WRITTEN = exists().where(TherapyNoteRow.meeting_id == TherapyMeetingRow.id)


def _lines(session: Session, viewer: Viewer, which: ColumnElement[bool]) -> Sequence[MeetingLine]:
    """In order of time: three statements for any number."""
    rows = session.execute(_asked(viewer, which)).all()
    about = therapy_referrals.some(session, viewer, {row.referral_id for row, _ in rows})
    people = staff.some(session, {StaffId(row.therapist_id) for row, _ in rows})
    return [
        MeetingLine(
            _meeting(row, written=written),
            about[row.referral_id].child.get("name", ""),
            people[StaffId(row.therapist_id)],
            Way(row.way),
            row.place,
            row.reason,
        )
        for row, written in rows
    ]


def _asked(viewer: Viewer, which: ColumnElement[bool]) -> Select[TherapyMeetingRow, bool]:
    row = TherapyMeetingRow
    return (
        select(row, _WRITTEN.label("written"))
        .join(TherapyReferralRow, TherapyReferralRow.id == row.referral_id)
        .where(which, seen(viewer))
        .order_by(row.starts_at, row.id)
    )


def _meeting(row: TherapyMeetingRow, *, written: bool) -> Meeting:
    kind, state = Kind(row.kind), Held(row.state)
    return Meeting(row.id, row.referral_id, kind, row.starts_at, row.minutes, state, bool(written))


def week(
    session: Session, viewer: Viewer, monday: date, now: datetime
) -> Mapping[date, Sequence[MeetingLine]]:
    """Every day of the week with what the viewer sees of it, audited; of the unit's head all."""
    row = TherapyMeetingRow
    lines = _lines(
        session,
        viewer,
        and_(row.starts_at >= start_of(monday), row.starts_at < start_of(monday + 7 * DAY)),
    )
    audit.note(session, viewer, audit.Act.LIST, "therapy_week", monday.isoformat(), now)
    ends = [start_of(monday + number * DAY) for number in range(8)]
    return {
        monday + number * DAY: [
            one for one in lines if ends[number] <= one.meeting.starts_at < ends[number + 1]
        ]
        for number in range(7)
    }


def of_child(session: Session, viewer: Viewer, referral_id: int) -> Sequence[MeetingLine]:
    """All of one child, in order of time."""
    return _lines(session, viewer, TherapyMeetingRow.referral_id == referral_id)


def one(session: Session, viewer: Viewer, meeting_id: int) -> MeetingLine:
    """Raises NotVisible."""
    found = _lines(session, viewer, TherapyMeetingRow.id == meeting_id)
    if not found:
        raise NotVisible("therapy meeting")
    return found[0]


def owed(session: Session, viewer: Viewer, now: datetime) -> Sequence[tuple[Debt, str]]:
    """What the viewer owes, each with the child's name; the unit's head: what anybody does."""
    row, referral, later = TherapyMeetingRow, TherapyReferralRow, aliased(TherapyMeetingRow)
    there_is_a_later_one = exists().where(
        later.referral_id == row.referral_id,
        or_(later.starts_at > row.starts_at, and_(later.starts_at == row.starts_at, later.id > row.id)),
    )
    lacking = or_(
        and_(row.state == Held.PLANNED, row.starts_at < now),
        and_(row.state == Held.HELD, ~_WRITTEN),
        and_(referral.state == Standing.ACCEPTED, ~there_is_a_later_one),
    )
    meetings = [
        _meeting(each, written=written) for each, written in session.execute(_asked(viewer, lacking))
    ]
    under_way = therapy_referrals.referrals(session, viewer, Standing.ACCEPTED)
    debts = therapy_rules.owed({each.id for each in under_way}, meetings, now)[:_SHOWN]
    about = therapy_referrals.some(session, viewer, {debt.referral_id for debt in debts})
    return [(debt, about[debt.referral_id].child.get("name", "")) for debt in debts]
