"""Calls as their viewers may see them: one call, who is on the line now, what this number did before.

`apply` (from `intake.call_fold`) is the only writer. Every query is scoped by its viewer and bounded.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, union
from sqlalchemy.orm import Session

from hotline import audit, staff
from hotline.access import Action, Viewer, may, reaches
from hotline.errors import NotAllowed, NotVisible
from hotline.events import Outcome, TransferKind
from hotline.ids import CallId, CaseId, CenterId, OfferId, Phone, RecordId, StaffId
from hotline.staff import StaffView
from intake.call_fold import Applied, Job, apply
from intake.numbers import masked
from intake.recordings import RecordingView, recording_of
from intake.tables import CallRow, CaseRow, OfferRow, RecordRow, TalkRow, TransferRow
from intake.talks import talk_time
from intake.taxonomy import Disposition
from intake.visibility import talked, visible

__all__ = [
    "Applied",
    "CallLine",
    "CallView",
    "EarlierCall",
    "EarlierCalls",
    "Job",
    "LiveCall",
    "Offer",
    "OpenCase",
    "Talk",
    "Transfer",
    "apply",
    "call",
    "current_for",
    "earlier",
    "in_scope",
    "live",
    "open_calls",
    "recent",
]

_COUNTED_MOST = 1000
"""A prankster's number is not counted to the end."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One phone rung. `outcome` None: still ringing, or its end was never seen."""

    offer_id: OfferId | None
    phone: Phone
    counselor: StaffView | None
    rang_at: datetime
    ended_at: datetime | None
    outcome: Outcome | None
    cause: int


@dataclass(frozen=True, slots=True)
class Talk:
    phone: Phone
    counselor: StaffView | None
    began_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Transfer:
    """`by` and `to` as Asterisk named them."""

    at: datetime
    kind: TransferKind
    by: str
    to: str


@dataclass(frozen=True, slots=True)
class CallView:
    """`waited` and `talked` run until `now` while the call does."""

    call_id: CallId
    number: str | None
    dialled: str
    outbound: bool
    arrived_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    outcome: Outcome | None
    cause: int
    waited: timedelta
    talked: timedelta
    counselor: StaffView | None
    offers: tuple[Offer, ...]
    talks: tuple[Talk, ...]
    transfers: tuple[Transfer, ...]
    record_id: RecordId | None
    recording: RecordingView | None


@dataclass(frozen=True, slots=True)
class LiveCall:
    """A call on the line now. `number` is masked (`***678`) where the viewer may not read the call."""

    call_id: CallId
    number: str | None
    dialled: str
    arrived_at: datetime
    answered_at: datetime | None
    waiting: bool
    """Nobody talks with the caller."""
    ringing: tuple[StaffView, ...]
    talking: tuple[StaffView, ...]
    record_id: RecordId | None


@dataclass(frozen=True, slots=True)
class CallLine:
    """One line of a list of calls. `counselor`: who talked last, or whose phone rang last."""

    call_id: CallId
    number: str | None
    arrived_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    outcome: Outcome | None
    record_id: RecordId | None
    record_state: str | None
    disposition: Disposition | None
    counselor: StaffView | None


@dataclass(frozen=True, slots=True)
class EarlierCall:
    """A possibility, not a person: when, how it ended, how its record was closed. No content."""

    arrived_at: datetime
    outcome: Outcome | None
    disposition: Disposition | None


@dataclass(frozen=True, slots=True)
class OpenCase:
    case_id: CaseId
    number: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class EarlierCalls:
    """`count` stops at 1000. `open_cases` only those the viewer may read."""

    count: int = 0
    last: tuple[EarlierCall, ...] = ()
    open_cases: tuple[OpenCase, ...] = ()


def call(session: Session, viewer: Viewer, call_id: CallId, now: datetime) -> CallView:
    """One call with everything that happened on the line, audited. Raises NotVisible."""
    row = _row(session, viewer, call_id)
    audit.note(session, viewer, audit.Act.SEE, "call", row.id, now)
    offers = session.scalars(
        select(OfferRow).where(OfferRow.call_id == row.id).order_by(OfferRow.rang_at, OfferRow.id)
    ).all()
    talks = session.scalars(
        select(TalkRow).where(TalkRow.call_id == row.id).order_by(TalkRow.began_at, TalkRow.id)
    ).all()
    transfers = session.scalars(
        select(TransferRow).where(TransferRow.call_id == row.id).order_by(TransferRow.at)
    )
    people = _people(
        session, [row.counselor_id, *(o.staff_id for o in offers), *(t.staff_id for t in talks)]
    )
    answered = row.answered_at
    return CallView(
        call_id=CallId(row.id),
        number=row.number,
        dialled=row.dialled,
        outbound=row.outbound,
        arrived_at=row.arrived_at,
        answered_at=answered,
        ended_at=row.ended_at,
        outcome=Outcome(row.outcome) if row.outcome else None,
        cause=row.cause,
        waited=max((answered or row.ended_at or now) - row.arrived_at, timedelta()),
        talked=talk_time(((talk.began_at, talk.ended_at) for talk in talks), now),
        counselor=people.get(row.counselor_id) if answered else None,
        offers=tuple(_offer(offer, people) for offer in offers),
        talks=tuple(
            Talk(Phone(talk.phone), people.get(talk.staff_id), talk.began_at, talk.ended_at)
            for talk in talks
        ),
        transfers=tuple(Transfer(t.at, TransferKind(t.kind), t.by, t.to) for t in transfers),
        record_id=_record_id(session, row.id),
        recording=recording_of(session, row.id),
    )


def live(session: Session, viewer: Viewer, limit: int = 300) -> Sequence[LiveCall]:
    """Every call on the line, longest first: the wallboard. Raises NotAllowed."""
    if not may(viewer, Action.SEE_WALLBOARD):
        raise NotAllowed("wallboard")
    rows = session.scalars(
        select(CallRow).where(CallRow.ended_at.is_(None)).order_by(CallRow.arrived_at).limit(limit)
    )
    return _live(session, viewer, rows.all())


def current_for(session: Session, viewer: Viewer) -> LiveCall | None:
    """The call that talks, else the one that rings, at the viewer's phone now."""
    talking = (
        select(CallRow)
        .join(TalkRow, TalkRow.call_id == CallRow.id)
        .where(TalkRow.staff_id == viewer.staff_id, TalkRow.ended_at.is_(None))
    )
    ringing = (
        select(CallRow)
        .join(OfferRow, OfferRow.call_id == CallRow.id)
        .where(OfferRow.staff_id == viewer.staff_id, OfferRow.ended_at.is_(None))
    )
    for query, newest in ((talking, TalkRow.began_at), (ringing, OfferRow.rang_at)):
        row = session.scalar(query.where(CallRow.ended_at.is_(None)).order_by(newest.desc()).limit(1))
        if row is not None:
            return _live(session, viewer, [row])[0]
    return None


def earlier(
    session: Session, viewer: Viewer, call_id: CallId, now: datetime, last: int = 5
) -> EarlierCalls:
    """What the number of this call did before it. Empty for a withheld number. Audited.

    Asked by call, not by number: nobody can look numbers up here. Raises NotVisible.
    """
    row = _row(session, viewer, call_id)
    if row.number is None or not may(viewer, Action.READ_HISTORY):
        return EarlierCalls()
    audit.note(session, viewer, audit.Act.SEE, "call", row.id, now, "history")
    before = and_(
        CallRow.number == row.number, CallRow.arrived_at < row.arrived_at, CallRow.id != row.id
    )
    counted = select(CallRow.id).where(before).limit(_COUNTED_MOST).subquery()
    found = session.execute(
        select(CallRow.arrived_at, CallRow.outcome, RecordRow.disposition)
        .outerjoin(RecordRow, RecordRow.call_id == CallRow.id)
        .where(before)
        .order_by(CallRow.arrived_at.desc())
        .limit(last)
    )
    return EarlierCalls(
        count=session.scalar(select(func.count()).select_from(counted)) or 0,
        last=tuple(
            EarlierCall(
                arrived_at,
                Outcome(outcome) if outcome else None,
                Disposition(disposition) if disposition else None,
            )
            for arrived_at, outcome, disposition in found
        ),
        open_cases=_open_cases(session, viewer, row.number),
    )


def recent(session: Session, viewer: Viewer, since: datetime, limit: int = 100) -> Sequence[CallLine]:
    """The viewer's own calls since then, newest first: they talked, or their phone rang last."""
    rang = select(CallRow.id).where(CallRow.counselor_id == viewer.staff_id, CallRow.arrived_at >= since)
    spoke = select(TalkRow.call_id).where(TalkRow.staff_id == viewer.staff_id, TalkRow.began_at >= since)
    return _lines(session, and_(_readable(viewer), CallRow.id.in_(union(rang, spoke))), limit)


def in_scope(session: Session, viewer: Viewer, since: datetime, limit: int = 100) -> Sequence[CallLine]:
    """Every call since then that the viewer may read, newest first: a shift lead's whole center."""
    return _lines(session, and_(_readable(viewer), CallRow.arrived_at >= since), limit)


def _lines(session: Session, which: ColumnElement[bool], limit: int) -> Sequence[CallLine]:
    query = (
        select(CallRow, RecordRow)
        .outerjoin(RecordRow, RecordRow.call_id == CallRow.id)
        .where(which)
        .order_by(CallRow.arrived_at.desc())
        .limit(limit)
    )
    found = session.execute(query).all()
    people = _people(session, [row.counselor_id for row, _ in found])
    return [
        CallLine(
            call_id=CallId(row.id),
            number=row.number,
            arrived_at=row.arrived_at,
            answered_at=row.answered_at,
            ended_at=row.ended_at,
            outcome=Outcome(row.outcome) if row.outcome else None,
            record_id=RecordId(record.id) if record else None,
            record_state=record.state if record else None,
            disposition=Disposition(record.disposition) if record and record.disposition else None,
            counselor=people.get(row.counselor_id),
        )
        for row, record in found
    ]


def open_calls(session: Session, limit: int = 10_000) -> list[CallId]:
    """Calls without an end, oldest first, for the switchboard's recovery after a restart."""
    query = select(CallRow.id).where(CallRow.ended_at.is_(None)).order_by(CallRow.arrived_at)
    return [CallId(call_id) for call_id in session.scalars(query.limit(limit))]


def ended_of(session: Session, call_ids: Collection[CallId]) -> set[CallId]:
    """Which of these calls are in the database with their end."""
    query = select(CallRow.id).where(CallRow.id.in_(call_ids), CallRow.ended_at.is_not(None))
    return {CallId(call_id) for call_id in session.scalars(query)} if call_ids else set()


def _readable(viewer: Viewer) -> ColumnElement[bool]:
    """Calls in which the viewer talked or whose phone rings now, and those of their scope."""
    rings = exists().where(
        OfferRow.call_id == CallRow.id,
        OfferRow.staff_id == viewer.staff_id,
        OfferRow.ended_at.is_(None),
    )
    return visible(
        viewer,
        Action.READ_CALL,
        owner=CallRow.counselor_id,
        center=CallRow.center_id,
        own=or_(talked(viewer, CallRow.id), rings),
    )


def _row(session: Session, viewer: Viewer, call_id: CallId) -> CallRow:
    row = session.scalar(select(CallRow).where(CallRow.id == call_id, _readable(viewer)))
    if row is None:
        raise NotVisible("call")
    return row


def _record_id(session: Session, call_id: str) -> RecordId | None:
    found = session.scalar(select(RecordRow.id).where(RecordRow.call_id == call_id))
    return RecordId(found) if found else None


def _people(session: Session, ids: Iterable[int | None]) -> Mapping[int | None, StaffView]:
    found = staff.some(session, {StaffId(one) for one in ids if one is not None})
    return {int(who): view for who, view in found.items()}


def _offer(row: OfferRow, people: Mapping[int | None, StaffView]) -> Offer:
    return Offer(
        offer_id=OfferId(row.offer_id) if row.offer_id else None,
        phone=Phone(row.phone),
        counselor=people.get(row.staff_id),
        rang_at=row.rang_at,
        ended_at=row.ended_at,
        outcome=Outcome(row.outcome) if row.outcome else None,
        cause=row.cause,
    )


def _live(session: Session, viewer: Viewer, rows: Sequence[CallRow]) -> list[LiveCall]:
    """Four statements however many calls there are."""
    ids = [row.id for row in rows]
    offers = session.execute(
        select(OfferRow.call_id, OfferRow.staff_id).where(
            OfferRow.call_id.in_(ids), OfferRow.ended_at.is_(None)
        )
    ).all()
    talks = session.execute(
        select(TalkRow.call_id, TalkRow.staff_id).where(
            TalkRow.call_id.in_(ids), TalkRow.ended_at.is_(None)
        )
    ).all()
    records = session.execute(
        select(RecordRow.call_id, RecordRow.id).where(RecordRow.call_id.in_(ids))
    ).all()
    record_ids = {call_id: RecordId(record_id) for call_id, record_id in records}
    people = _people(session, [person for _, person in (*offers, *talks)])

    def at(pairs: Sequence[tuple[str, int | None]], call_id: str) -> tuple[StaffView, ...]:
        return tuple(people[who] for of, who in pairs if of == call_id and who in people)

    return [
        LiveCall(
            call_id=CallId(row.id),
            number=_number(viewer, row, at([*offers, *talks], row.id)),
            dialled=row.dialled,
            arrived_at=row.arrived_at,
            answered_at=row.answered_at,
            waiting=not any(of == row.id for of, _ in talks),
            ringing=at(offers, row.id),
            talking=at(talks, row.id),
            record_id=record_ids.get(row.id),
        )
        for row in rows
    ]


def _number(viewer: Viewer, row: CallRow, on_the_line: Iterable[StaffView]) -> str | None:
    here = any(who.id == viewer.staff_id for who in on_the_line)
    owner = viewer.staff_id if here else row.counselor_id
    reads = reaches(
        viewer,
        Action.READ_CALL,
        owner=StaffId(owner) if owner is not None else None,
        center=CenterId(row.center_id) if row.center_id is not None else None,
    )
    return row.number if reads else masked(row.number)


def _open_cases(session: Session, viewer: Viewer, number: str, limit: int = 10) -> tuple[OpenCase, ...]:
    found = session.execute(
        select(CaseRow.id, CaseRow.number, CaseRow.opened_at)
        .join(CallRow, CallRow.id == CaseRow.call_id)
        .where(
            CallRow.number == number,
            CaseRow.closed_at.is_(None),
            visible(
                viewer,
                Action.READ_CASE,
                owner=CaseRow.owner_id,
                center=CaseRow.center_id,
                own=CaseRow.opened_by == viewer.staff_id,
            ),
        )
        .order_by(CaseRow.opened_at.desc())
        .limit(limit)
    )
    return tuple(OpenCase(CaseId(case_id), title, opened_at) for case_id, title, opened_at in found)
