"""Calls as they are shown and listed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, Null, Select, bindparam, null, select
from sqlalchemy.orm import Session

from hotline.events import Mode, Outcome, TransferKind
from hotline.ids import CallId, OfferId, Part, Phone, RecordId
from hotline.staff import StaffView
from intake.calls.call_sheets import sheet_of
from intake.calls.live_calls import people_of
from intake.calls.reasons import reasons_of
from intake.forms.taxonomy import Disposition
from intake.numbers import masked
from intake.recordings.recordings import RecordingView, recording_of
from intake.recordings.talks import talk_time
from intake.tables.calls import CallRow, OfferRow, SupervisionRow, TalkRow
from intake.tables.records import RecordRow

_NEVER = null()
LinesQuery = Select[CallRow, int, str, str | None, datetime | None]


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
    """One line of a list of calls. `number`: masked. `counselor`: who talked last, or whose phone rang
    last."""

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


def view(session: Session, row: CallRow, now: datetime) -> CallView:
    sheet = sheet_of(session, row)
    offers, talks, watched = sheet.offers, sheet.talks, sheet.supervisions
    holds = [hold for hold in sheet.holds if hold.began_at != hold.ended_at]
    who = {talk.channel: talk.staff_id for talk in talks}
    why = reasons_of(session, row)
    involved: list[OfferRow | TalkRow | SupervisionRow] = [*offers, *talks, *watched]
    people = people_of(session, [row.counselor_id, *(one.staff_id for one in involved)])
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
        talks=tuple(_talk(talk, people) for talk in talks),
        holds=tuple(
            Hold(people.get(who.get(hold.channel)), hold.began_at, hold.ended_at) for hold in holds
        ),
        transfers=tuple(
            Transfer(t.at, TransferKind(t.kind), t.by, t.to, t.dialled) for t in sheet.transfers
        ),
        supervisions=tuple(
            Supervision(people.get(one.staff_id), Mode(one.mode), one.began_at, one.ended_at)
            for one in watched
        ),
        record_id=_record_id(session, row.id),
        recording=recording_of(session, row.id),
    )


def lines_of(
    which: ColumnElement[bool], lost_at: ColumnElement[datetime | None] | Null = _NEVER
) -> LinesQuery:
    """Asks for these calls from or to the outside, newest first, `most` of them."""
    return (
        select(CallRow, RecordRow.id, RecordRow.state, RecordRow.disposition, lost_at)
        .outerjoin(RecordRow, RecordRow.call_id == CallRow.id)
        .where(which, CallRow.internal.is_(False))
        .order_by(CallRow.arrived_at.desc())
        .limit(bindparam("most", type_=Integer))
    )


def lines(session: Session, query: LinesQuery, asked: Mapping[str, Any]) -> Sequence[CallLine]:
    """What `lines_of` asks for. Nothing is read of what their records tell."""
    found = session.execute(query, asked).all()
    people = people_of(session, [row.counselor_id for row, *_ in found])
    return [
        CallLine(
            call_id=CallId(row.id),
            number=masked(row.number),
            outbound=row.outbound,
            arrived_at=row.arrived_at,
            answered_at=row.answered_at,
            ended_at=row.ended_at,
            outcome=Outcome(row.outcome) if row.outcome else None,
            record_id=RecordId(record_id) if record_id else None,
            record_state=state,
            disposition=Disposition(disposition) if disposition else None,
            counselor=people.get(row.counselor_id),
            lost_at=lost,
        )
        for row, record_id, state, disposition, lost in found
    ]


def _record_id(session: Session, call_id: str) -> RecordId | None:
    found = session.scalar(select(RecordRow.id).where(RecordRow.call_id == call_id))
    return RecordId(found) if found else None


def _talk(row: TalkRow, people: Mapping[int | None, StaffView]) -> Talk:
    return Talk(
        Phone(row.phone), Part(row.part), people.get(row.staff_id), row.began_at, row.ended_at, row.lost
    )


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
