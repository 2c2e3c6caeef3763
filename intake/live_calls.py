"""Calls on the line now: the wallboard's list and the call at a counselor's own phone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline import staff
from hotline.access import Action, Viewer, may, reaches
from hotline.errors import NotAllowed
from hotline.ids import CallId, CenterId, RecordId, StaffId
from hotline.lines import CalledLine
from hotline.staff import StaffView
from intake.callback_tables import CallOutRow
from intake.numbers import masked
from intake.tables import CallRow, OfferRow, RecordRow, TalkRow


@dataclass(frozen=True, slots=True)
class LiveCall:
    """A call on the line now. `number` is masked (`***678`) where the viewer may not read the call."""

    call_id: CallId
    number: str | None
    dialled: str
    line: CalledLine
    outbound: bool
    """We ring them; `ringing` is then the counselor who does."""
    arrived_at: datetime
    answered_at: datetime | None
    waiting: bool
    """Nobody talks with the caller."""
    ringing: tuple[StaffView, ...]
    talking: tuple[StaffView, ...]
    record_id: RecordId | None


def live(session: Session, viewer: Viewer, limit: int = 300) -> Sequence[LiveCall]:
    """Every call on the line, longest first: the wallboard. Raises NotAllowed."""
    if not may(viewer, Action.SEE_WALLBOARD):
        raise NotAllowed("wallboard")
    rows = session.scalars(
        select(CallRow)
        .where(CallRow.ended_at.is_(None), CallRow.internal.is_(False))
        .order_by(CallRow.arrived_at)
        .limit(limit)
    )
    return _live(session, viewer, rows.all())


def current_for(session: Session, viewer: Viewer) -> LiveCall | None:
    """The call that talks, else the one that rings, at the viewer's phone now; else that they make."""
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
        row = session.scalar(
            query.where(CallRow.ended_at.is_(None), CallRow.internal.is_(False))
            .order_by(newest.desc())
            .limit(1)
        )
        if row is not None:
            return _live(session, viewer, [row])[0]
    made = session.scalar(
        select(CallRow)
        .join(CallOutRow, CallOutRow.call_id == CallRow.id)
        .where(CallOutRow.staff_id == viewer.staff_id)
        .order_by(CallOutRow.asked_at.desc())
        .limit(1)
    )
    return _live(session, viewer, [made])[0] if made is not None and made.ended_at is None else None


def _live(session: Session, viewer: Viewer, rows: Sequence[CallRow]) -> list[LiveCall]:
    """Four statements however many calls there are."""
    ids = [row.id for row in rows]
    offers = session.execute(
        select(OfferRow.call_id, OfferRow.staff_id).where(
            OfferRow.call_id.in_(ids), OfferRow.ended_at.is_(None)
        )
    )
    talking = session.execute(
        select(TalkRow.call_id, TalkRow.staff_id).where(
            TalkRow.call_id.in_(ids), TalkRow.ended_at.is_(None)
        )
    )
    talks = [(call_id, person) for call_id, person in talking]
    records = session.execute(
        select(RecordRow.call_id, RecordRow.id).where(RecordRow.call_id.in_(ids))
    ).all()
    record_ids = {call_id: RecordId(record_id) for call_id, record_id in records}
    offered = [(call_id, person) for call_id, person in offers]
    offered += [(row.id, row.counselor_id) for row in rows if row.outbound and not _talks(row, talks)]
    people = people_of(session, [person for _, person in (*offered, *talks)])

    def at(pairs: Sequence[tuple[str, int | None]], call_id: str) -> tuple[StaffView, ...]:
        return tuple(people[who] for of, who in pairs if of == call_id and who in people)

    return [
        LiveCall(
            call_id=CallId(row.id),
            number=_number(viewer, row, at([*offered, *talks], row.id)),
            dialled=row.dialled,
            line=CalledLine(row.line),
            outbound=row.outbound,
            arrived_at=row.arrived_at,
            answered_at=row.answered_at,
            waiting=not row.outbound and not _talks(row, talks),
            ringing=at(offered, row.id),
            talking=at(talks, row.id),
            record_id=record_ids.get(row.id),
        )
        for row in rows
    ]


def _talks(row: CallRow, talks: Iterable[tuple[str, int | None]]) -> bool:
    return any(of == row.id for of, _ in talks)


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


def people_of(session: Session, ids: Iterable[int | None]) -> Mapping[int | None, StaffView]:
    """Those of the ids that are somebody, in one statement."""
    found = staff.some(session, {StaffId(one) for one in ids if one is not None})
    return {int(who): view for who, view in found.items()}
