"""Children referred to the therapy unit: by whom and why, taken by whom, and how it ended.

Whoever writes in a case refers a child of it and sees that meetings take place; what is said in them
they never see (`intake.therapy.therapy_notes`). The unit sees what was referred to it: the child, the
reason, the case's number, and nothing else of the case. Why so: docs/adr/0022-the-therapy-unit.md.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, false, func, or_, select, update
from sqlalchemy.orm import Session

from hotline import audit, staff
from hotline.access import Action, Role, Scope, Viewer, scope
from hotline.errors import Conflict, FieldErrors, NotAllowed, NotVisible
from hotline.ids import CaseId, StaffId
from hotline.staff import StaffView
from intake.cases import case_rows
from intake.cases.case_views import CaseView
from intake.forms.forms import tidy
from intake.tables.cases import CaseRow
from intake.tables.records import RecordPersonRow
from intake.tables.therapy import TherapyMeetingRow, TherapyReferralRow
from intake.therapy.therapy_rules import Charge, Held, Kind, Standing

LONGEST_REASON = 2_000
LONGEST_CONCLUSION = 5_000


@dataclass(frozen=True, slots=True)
class Referral:
    """As the unit sees it. `child`: what was told of the child, by the questions of the record form."""

    id: int
    case_number: str
    child: Mapping[str, str]
    reason: str
    standing: Standing
    referred_by: StaffView
    referred_at: datetime
    therapist: StaffView | None
    charge: Charge | None
    decided_at: datetime | None
    decision: str


@dataclass(frozen=True, slots=True)
class CaseTherapy:
    """As the case sees it. `held`: meetings by kind; `next_at`: when the next one is planned; `missed`
    by the child."""

    id: int
    child: str
    standing: Standing
    therapist: StaffView | None
    referred_at: datetime
    decision: str
    held: Mapping[Kind, int]
    missed: int
    last_at: datetime | None
    next_at: datetime | None


def seen(viewer: Viewer) -> ColumnElement[bool]:
    """What the unit's people see: what waits for any of them, and their own; its head all."""
    row = TherapyReferralRow
    match scope(viewer, Action.TREAT):
        case Scope.ALL:
            return row.erased_at.is_(None)
        case Scope.OWN:
            waits = or_(row.state == Standing.WAITING, row.therapist_id == viewer.staff_id)
            return and_(row.erased_at.is_(None), waits)
    return false()


def refer(
    session: Session,
    viewer: Viewer,
    case: CaseView,
    child_id: int,
    reason: str,
    token: str,
    now: datetime,
) -> None:
    """Have the unit asked to take this child. Sent twice it is one. Raises NotVisible, Conflict
    (`merged`, `referred`: the child is there already), FieldErrors (`reason`)."""
    row = case_rows.writable(session, viewer, case.id)
    child = next((one for one in case.children if child_id in one.ids), None)
    if child is None or row.adults:
        raise NotVisible("child")
    there = select(TherapyReferralRow).where(
        or_(
            TherapyReferralRow.asked_by == token,
            TherapyReferralRow.child_id.in_(child.ids)
            & TherapyReferralRow.state.in_((Standing.WAITING, Standing.ACCEPTED)),
        )
    )
    known = session.scalars(there).all()
    if any(one.asked_by == token for one in known):
        return
    if known:
        raise Conflict("referred")
    session.add(
        TherapyReferralRow(
            case_id=row.id,
            child_id=child.id,
            asked_by=token,
            reason=_text(reason, LONGEST_REASON),
            state=Standing.WAITING,
            referred_by=viewer.staff_id,
            referred_at=now,
        )
    )
    _tell(session, viewer, row, "referred", now)
    session.flush()


def _text(typed: str, longest: int) -> str:
    text = tidy(typed).strip()
    if not text or len(text) > longest:
        raise FieldErrors({"reason": "too_long" if text else "missing"})
    return text


def _tell(
    session: Session, viewer: Viewer, row: CaseRow, code: str, now: datetime, words: str = ""
) -> None:
    """On the timeline of the case: that it happened; words only where they are meant for the case."""
    case_rows.append(session, viewer, row, "therapy", now, code=code, words=words)
    audit.note(session, viewer, audit.Act.CHANGE, "case", row.id, now, f"therapy {code}")


def standing_case(session: Session, row: TherapyReferralRow) -> CaseRow:
    """The case that it belongs to now."""
    case = session.get_one(CaseRow, row.case_id)
    while case.merged_into_id is not None:
        case = session.get_one(CaseRow, case.merged_into_id)
    return case


def locked(
    session: Session, viewer: Viewer, referral_id: int, *standing: Standing
) -> TherapyReferralRow:
    """The row to be changed. Raises NotVisible; Conflict (`decided`) when it stands otherwise."""
    query = select(TherapyReferralRow).where(TherapyReferralRow.id == referral_id, seen(viewer))
    row = session.scalar(query.with_for_update().execution_options(populate_existing=True))
    if row is None:
        raise NotVisible("therapy")
    if row.state not in standing:
        raise Conflict("decided")
    return row


def unit(session: Session) -> Sequence[StaffView]:
    """Who treats children."""
    return [
        one for role in (Role.THERAPIST, Role.THERAPY_HEAD) for one in staff.everybody(session, role)
    ]


def accept(
    session: Session, viewer: Viewer, referral_id: int, therapist_id: int, charge: str, now: datetime
) -> None:
    """Take the child: a therapist for themselves, the head for anybody of the unit. Raises NotVisible,
    NotAllowed, Conflict (`decided`), FieldErrors (`charge`, `therapist`)."""
    row = locked(session, viewer, referral_id, Standing.WAITING)
    if charge not in set(Charge):
        raise FieldErrors({"charge": "missing"})
    row.therapist_id = _therapist(session, viewer, therapist_id)
    row.charge = charge
    _decide(session, viewer, row, Standing.ACCEPTED, "", now)


def hand_on(
    session: Session, viewer: Viewer, referral_id: int, therapist_id: int, now: datetime
) -> None:
    """The head gives the child, and what is planned, to another therapist. Raises as `accept` does."""
    if scope(viewer, Action.TREAT) is not Scope.ALL:
        raise NotAllowed("hand a child on")
    row = locked(session, viewer, referral_id, Standing.ACCEPTED)
    row.therapist_id = _therapist(session, viewer, therapist_id)
    meeting = TherapyMeetingRow
    session.execute(
        update(meeting)
        .where(meeting.referral_id == row.id, meeting.state == Held.PLANNED)
        .values(therapist_id=row.therapist_id)
    )
    audit.note(session, viewer, audit.Act.CHANGE, "therapy", row.id, now, f"to {row.therapist_id}")
    session.flush()


def _therapist(session: Session, viewer: Viewer, therapist_id: int) -> int:
    if therapist_id != viewer.staff_id and scope(viewer, Action.TREAT) is not Scope.ALL:
        raise NotAllowed("accept for somebody else")
    if therapist_id not in {one.id for one in unit(session)}:
        raise FieldErrors({"therapist": "missing"})
    return therapist_id


def refuse(session: Session, viewer: Viewer, referral_id: int, reason: str, now: datetime) -> None:
    """With a reason that the case's owner reads. Raises NotVisible, Conflict, FieldErrors."""
    row = locked(session, viewer, referral_id, Standing.WAITING)
    _decide(session, viewer, row, Standing.REFUSED, _text(reason, LONGEST_REASON), now)


def end(session: Session, viewer: Viewer, referral_id: int, reason: str, now: datetime) -> None:
    """The treatment is over; what is planned still is canceled. Raises as `refuse` does."""
    row = locked(session, viewer, referral_id, Standing.ACCEPTED)
    why = _text(reason, LONGEST_REASON)
    meeting = TherapyMeetingRow
    session.execute(
        update(meeting)
        .where(meeting.referral_id == row.id, meeting.state == Held.PLANNED, meeting.starts_at > now)
        .values(state=Held.CANCELED, reason="ended", settled_at=now)
    )
    _decide(session, viewer, row, Standing.ENDED, why, now)


def _decide(
    session: Session, viewer: Viewer, row: TherapyReferralRow, to: Standing, why: str, now: datetime
) -> None:
    row.state, row.decision = to, why
    row.decided_by, row.decided_at = viewer.staff_id, now
    _tell(session, viewer, standing_case(session, row), to, now, why)
    audit.note(session, viewer, audit.Act.CHANGE, "therapy", row.id, now, to)
    session.flush()


def release(session: Session, viewer: Viewer, referral_id: int, words: str, now: datetime) -> None:
    """Give the case a conclusion: the one thing of a treatment that leaves the unit, on purpose. Raises
    NotVisible, Conflict, FieldErrors."""
    row = locked(session, viewer, referral_id, Standing.ACCEPTED, Standing.ENDED)
    told = _text(words, LONGEST_CONCLUSION)
    _tell(session, viewer, standing_case(session, row), "conclusion", now, told)
    audit.note(session, viewer, audit.Act.CHANGE, "therapy", row.id, now, "conclusion")
    session.flush()


def referral(session: Session, viewer: Viewer, referral_id: int, now: datetime) -> Referral:
    """One, audited. Raises NotVisible."""
    found = _views(session, seen(viewer) & (TherapyReferralRow.id == referral_id))
    if not found:
        raise NotVisible("therapy")
    audit.note(session, viewer, audit.Act.SEE, "therapy", referral_id, now)
    return found[0]


def referrals(session: Session, viewer: Viewer, standing: Standing) -> Sequence[Referral]:
    """Those the viewer sees that stand so, the oldest first: two statements."""
    return _views(session, seen(viewer) & (TherapyReferralRow.state == standing))


def some(session: Session, viewer: Viewer, ids: Collection[int]) -> Mapping[int, Referral]:
    """Of these, those the viewer sees."""
    return {one.id: one for one in _views(session, seen(viewer) & TherapyReferralRow.id.in_(ids))}


def _views(session: Session, which: ColumnElement[bool]) -> Sequence[Referral]:
    row = TherapyReferralRow
    found = session.execute(
        select(row, CaseRow.number, RecordPersonRow.fields)
        .join(CaseRow, CaseRow.id == row.case_id)
        .join(RecordPersonRow, RecordPersonRow.id == row.child_id)
        .where(which)
        .order_by(row.referred_at, row.id)
    ).all()
    ids = {each for one, _, _ in found for each in (one.referred_by, one.therapist_id) if each}
    people = staff.some(session, [StaffId(each) for each in ids])
    return [
        Referral(
            one.id,
            number,
            dict(fields),
            one.reason,
            Standing(one.state),
            people[StaffId(one.referred_by)],
            one.referred_at,
            people[StaffId(one.therapist_id)] if one.therapist_id else None,
            Charge(one.charge) if one.charge else None,
            one.decided_at,
            one.decision,
        )
        for one, number, fields in found
    ]


def of_case(session: Session, case: CaseView, now: datetime) -> Sequence[CaseTherapy]:
    """For who may see the case: that meetings take place, nothing of them. Two statements."""
    ids = [case.id, *(one.id for one in case.merged)]
    row, meeting = TherapyReferralRow, TherapyMeetingRow
    rows = session.scalars(select(row).where(row.case_id.in_(ids)).order_by(row.id.desc())).all()
    if not rows:
        return ()
    counts = {
        (referral_id, kind, state): (many, last, following)
        for referral_id, kind, state, many, last, following in session.execute(
            select(
                meeting.referral_id,
                meeting.kind,
                meeting.state,
                func.count(),
                func.max(meeting.starts_at),
                func.min(meeting.starts_at).filter(meeting.starts_at > now),
            )
            .where(meeting.referral_id.in_([one.id for one in rows]))
            .group_by(meeting.referral_id, meeting.kind, meeting.state)
        )
    }
    people = staff.some(session, [StaffId(one.therapist_id) for one in rows if one.therapist_id])
    names: dict[int, str] = {
        each: child.fields.get("name", "") for child in case.children for each in child.ids
    }

    def view(one: TherapyReferralRow) -> CaseTherapy:
        mine = {(kind, state): told for (of, kind, state), told in counts.items() if of == one.id}
        held = {kind: mine.get((kind, Held.HELD), (0,))[0] for kind in Kind}
        lasts = [last for (_, state), (_, last, _) in mine.items() if state == Held.HELD]
        nexts = [at for (_, state), (_, _, at) in mine.items() if state == Held.PLANNED and at]
        return CaseTherapy(
            one.id,
            names.get(one.child_id, ""),
            Standing(one.state),
            people[StaffId(one.therapist_id)] if one.therapist_id else None,
            one.referred_at,
            one.decision,
            held,
            sum(mine.get((kind, Held.MISSED), (0,))[0] for kind in Kind),
            max(lasts, default=None),
            min(nexts, default=None),
        )

    return [view(one) for one in rows]


def case_id_of(session: Session, viewer: Viewer, referral_id: int) -> CaseId:
    """The case of a referral that the viewer sees. Raises NotVisible."""
    query = select(TherapyReferralRow).where(TherapyReferralRow.id == referral_id, seen(viewer))
    row = session.scalar(query)
    if row is None:
        raise NotVisible("therapy")
    return CaseId(standing_case(session, row).id)
