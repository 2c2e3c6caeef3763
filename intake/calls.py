"""Calls as their viewers may see them: one call with all that happened on the line, and my calls.

`apply` and `apply_all` (from `intake.call_rounds`) are the only writers. Every query is scoped by its
viewer and bounded.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Null, and_, func, null, select, union
from sqlalchemy.orm import Session

from hotline import audit
from hotline.access import Viewer
from hotline.events import Mode, Outcome, TransferKind
from hotline.ids import CallId, OfferId, Part, Phone, RecordId
from hotline.staff import StaffView
from intake.call_fold import Applied, Job
from intake.call_rounds import apply, apply_all
from intake.call_sheets import sheet_of
from intake.earlier_calls import EarlierCall, EarlierCalls, OpenCase, earlier
from intake.live_calls import LiveCall, current_for, live, people_of
from intake.reasons import reasons_of
from intake.recordings import RecordingView, recording_of
from intake.tables import CallRow, OfferRow, RecordRow, TalkRow
from intake.talks import talk_time
from intake.taxonomy import Disposition
from intake.visibility import readable_call, readable_calls

__all__ = [
    "Applied",
    "CallLine",
    "CallView",
    "EarlierCall",
    "EarlierCalls",
    "Hold",
    "Job",
    "LiveCall",
    "Offer",
    "OpenCase",
    "Supervision",
    "Talk",
    "Transfer",
    "apply",
    "apply_all",
    "call",
    "current_for",
    "earlier",
    "in_scope",
    "live",
    "open_calls",
    "recent",
]

_NEVER = null()
_ASKED_AT_ONCE = 1000
"""PostgreSQL takes at most 65,535 parameters in one statement, SQLite 32,766."""


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
    reasons: tuple[str, ...] = ()
    """Why the router rang this one (`routing.values.Reason`); empty when it did not: a transfer, the
    fallback of the PBX."""


@dataclass(frozen=True, slots=True)
class Talk:
    """`part`: a counselor, an interpreter, or a shift lead who joined. `lost`: it ended because their
    phone fell silent."""

    phone: Phone
    part: Part
    counselor: StaffView | None
    began_at: datetime
    ended_at: datetime | None
    lost: bool


@dataclass(frozen=True, slots=True)
class Hold:
    """One side had the other on hold. `counselor` None: the caller did, or a phone that is nobody's.

    Asterisk's event log does not tell of holds: one that was resumed while no switchboard listened runs
    until its talk ends.
    """

    counselor: StaffView | None
    began_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Supervision:
    """A shift lead attended the call without being part of it."""

    lead: StaffView | None
    mode: Mode
    began_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Transfer:
    """`by` and `to` as Asterisk named them; `dialled` '' when it did not say."""

    at: datetime
    kind: TransferKind
    by: str
    to: str
    dialled: str


@dataclass(frozen=True, slots=True)
class CallView:
    """`waited`, `talked` and `held` run until `now` while the call does. `talked` includes `held`.

    `internal`: between the house's own phones, nobody's call from outside.
    """

    call_id: CallId
    number: str | None
    dialled: str
    outbound: bool
    internal: bool
    arrived_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    outcome: Outcome | None
    cause: int
    waited: timedelta
    talked: timedelta
    held: timedelta
    counselor: StaffView | None
    offers: tuple[Offer, ...]
    talks: tuple[Talk, ...]
    holds: tuple[Hold, ...]
    transfers: tuple[Transfer, ...]
    supervisions: tuple[Supervision, ...]
    record_id: RecordId | None
    recording: RecordingView | None


@dataclass(frozen=True, slots=True)
class CallLine:
    """One line of a list of calls. `counselor`: who talked last, or whose phone rang last."""

    call_id: CallId
    number: str | None
    outbound: bool
    arrived_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    outcome: Outcome | None
    record_id: RecordId | None
    record_state: str | None
    disposition: Disposition | None
    counselor: StaffView | None
    lost_at: datetime | None
    """When the viewer's own phone fell silent in it, in a list of their own calls."""


def call(session: Session, viewer: Viewer, call_id: CallId, now: datetime) -> CallView:
    """One call with everything that happened on the line, audited. Raises NotVisible."""
    row = readable_call(session, viewer, call_id)
    audit.note(session, viewer, audit.Act.SEE, "call", row.id, now)
    sheet = sheet_of(session, row)
    offers, talks, watched = sheet.offers, sheet.talks, sheet.supervisions
    transfers = sheet.transfers
    holds = [hold for hold in sheet.holds if hold.began_at != hold.ended_at]
    who = {talk.channel: talk.staff_id for talk in talks}
    why = reasons_of(session, row)
    others = [
        *(o.staff_id for o in offers),
        *(t.staff_id for t in talks),
        *(w.staff_id for w in watched),
    ]
    people = people_of(session, [row.counselor_id, *others])
    answered = row.answered_at
    return CallView(
        call_id=CallId(row.id),
        number=row.number,
        dialled=row.dialled,
        outbound=row.outbound,
        internal=row.internal,
        arrived_at=row.arrived_at,
        answered_at=answered,
        ended_at=row.ended_at,
        outcome=Outcome(row.outcome) if row.outcome else None,
        cause=row.cause,
        waited=max((answered or row.ended_at or now) - row.arrived_at, timedelta()),
        talked=talk_time(((talk.began_at, talk.ended_at) for talk in talks), now),
        held=talk_time(((hold.began_at, hold.ended_at) for hold in holds), now),
        counselor=people.get(row.counselor_id) if answered else None,
        offers=tuple(_offer(offer, people, why) for offer in offers),
        talks=tuple(
            Talk(
                Phone(talk.phone),
                Part(talk.part),
                people.get(talk.staff_id),
                talk.began_at,
                talk.ended_at,
                talk.lost,
            )
            for talk in talks
        ),
        holds=tuple(
            Hold(people.get(who.get(hold.channel)), hold.began_at, hold.ended_at) for hold in holds
        ),
        transfers=tuple(Transfer(t.at, TransferKind(t.kind), t.by, t.to, t.dialled) for t in transfers),
        supervisions=tuple(
            Supervision(people.get(one.staff_id), Mode(one.mode), one.began_at, one.ended_at)
            for one in watched
        ),
        record_id=_record_id(session, row.id),
        recording=recording_of(session, row.id),
    )


def recent(session: Session, viewer: Viewer, since: datetime, limit: int = 100) -> Sequence[CallLine]:
    """The viewer's own calls since then, newest first: they talked, or their phone rang last."""
    rang = select(CallRow.id).where(CallRow.counselor_id == viewer.staff_id, CallRow.arrived_at >= since)
    spoke = select(TalkRow.call_id).where(TalkRow.staff_id == viewer.staff_id, TalkRow.began_at >= since)
    lost_at = (
        select(func.max(TalkRow.ended_at))
        .where(TalkRow.call_id == CallRow.id, TalkRow.staff_id == viewer.staff_id, TalkRow.lost)
        .scalar_subquery()
    )
    mine = and_(readable_calls(viewer), CallRow.id.in_(union(rang, spoke)))
    return _lines(session, mine, limit, lost_at)


def in_scope(session: Session, viewer: Viewer, since: datetime, limit: int = 100) -> Sequence[CallLine]:
    """Every call since then that the viewer may read, newest first: a shift lead's whole center."""
    return _lines(session, and_(readable_calls(viewer), CallRow.arrived_at >= since), limit)


def _lines(
    session: Session,
    which: ColumnElement[bool],
    limit: int,
    lost_at: ColumnElement[datetime | None] | Null = _NEVER,
) -> Sequence[CallLine]:
    query = (
        select(CallRow, RecordRow, lost_at)
        .outerjoin(RecordRow, RecordRow.call_id == CallRow.id)
        .where(which, CallRow.internal.is_(False))
        .order_by(CallRow.arrived_at.desc())
        .limit(limit)
    )
    found = session.execute(query).all()
    people = people_of(session, [row.counselor_id for row, *_ in found])
    return [
        CallLine(
            call_id=CallId(row.id),
            number=row.number,
            outbound=row.outbound,
            arrived_at=row.arrived_at,
            answered_at=row.answered_at,
            ended_at=row.ended_at,
            outcome=Outcome(row.outcome) if row.outcome else None,
            record_id=RecordId(record.id) if record else None,
            record_state=record.state if record else None,
            disposition=Disposition(record.disposition) if record and record.disposition else None,
            counselor=people.get(row.counselor_id),
            lost_at=lost,
        )
        for row, record, lost in found
    ]


def open_calls(session: Session, limit: int = 10_000) -> list[CallId]:
    """Calls without an end, oldest first, for the switchboard's recovery after a restart."""
    query = select(CallRow.id).where(CallRow.ended_at.is_(None)).order_by(CallRow.arrived_at)
    return [CallId(call_id) for call_id in session.scalars(query.limit(limit))]


def outcomes_of(session: Session, call_ids: Sequence[CallId]) -> dict[CallId, Outcome | None]:
    """Which of these calls are in the database, with how they ended (None: not yet)."""
    found: dict[CallId, Outcome | None] = {}
    for start in range(0, len(call_ids), _ASKED_AT_ONCE):
        some = call_ids[start : start + _ASKED_AT_ONCE]
        query = select(CallRow.id, CallRow.outcome).where(CallRow.id.in_(some))
        for call_id, outcome in session.execute(query):
            found[CallId(call_id)] = Outcome(outcome) if outcome else None
    return found


def _record_id(session: Session, call_id: str) -> RecordId | None:
    found = session.scalar(select(RecordRow.id).where(RecordRow.call_id == call_id))
    return RecordId(found) if found else None


def _offer(
    row: OfferRow, people: Mapping[int | None, StaffView], why: Mapping[str, tuple[str, ...]]
) -> Offer:
    return Offer(
        offer_id=OfferId(row.offer_id) if row.offer_id else None,
        phone=Phone(row.phone),
        counselor=people.get(row.staff_id),
        rang_at=row.rang_at,
        ended_at=row.ended_at,
        outcome=Outcome(row.outcome) if row.outcome else None,
        cause=row.cause,
        reasons=why.get(row.offer_id or "", ()),
    )
