"""Calls on the line now: the wallboard's list and the call at a counselor's own phone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from sqlalchemy import BindParameter, Integer, bindparam, literal, select, union_all
from sqlalchemy.orm import Session

from hotline import staff
from hotline.access import Action, Viewer, may, reaches
from hotline.errors import NotAllowed
from hotline.ids import CallId, CenterId, RecordId, StaffId
from hotline.lines import CalledLine
from hotline.staff import StaffView
from intake.numbers import masked
from intake.tables.callbacks import CallOutRow
from intake.tables.calls import CallRow, OfferRow, TalkRow
from intake.tables.records import RecordRow


@dataclass(frozen=True, slots=True)
class LiveCall:
    """A call on the line now. `number` is masked (`***678`) but for who is in it and may read it."""

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
    center_id: CenterId | None = None
    """Whose PBX has it."""


_WHO = bindparam("who", type_=Integer)
_TALKING = select(TalkRow.call_id, literal(0).label("place"), TalkRow.began_at.label("since")).where(
    TalkRow.staff_id == _WHO, TalkRow.ended_at.is_(None)
)
_RINGING = select(OfferRow.call_id, literal(1), OfferRow.rang_at).where(
    OfferRow.staff_id == _WHO, OfferRow.ended_at.is_(None)
)
_HERE = union_all(_TALKING, _RINGING).subquery()
_AT_MY_PHONE = (
    select(CallRow)
    .join(_HERE, _HERE.c.call_id == CallRow.id)
    .where(CallRow.ended_at.is_(None), CallRow.internal.is_(False))
    .order_by(_HERE.c.place, _HERE.c.since.desc())
    .limit(1)
)
_MADE_LAST = (
    select(CallRow)
    .join(CallOutRow, CallOutRow.call_id == CallRow.id)
    .where(CallOutRow.staff_id == _WHO)
    .order_by(CallOutRow.asked_at.desc())
    .limit(1)
)
_CALLS: BindParameter[str] = bindparam("calls", expanding=True)
_AT_PHONES = union_all(
    *(
        select(literal(kind.__tablename__), kind.call_id, kind.staff_id).where(
            kind.call_id.in_(_CALLS), kind.ended_at.is_(None)
        )
        for kind in (OfferRow, TalkRow)
    )
)
_RECORDS = select(RecordRow.call_id, RecordRow.id).where(RecordRow.call_id.in_(_CALLS))
"""What every desk asks at every change is made once: that costs more than to ask it."""


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
    who = {"who": viewer.staff_id}
    row = session.scalar(_AT_MY_PHONE, who) or session.scalar(_MADE_LAST, who)
    return _live(session, viewer, [row])[0] if row is not None and row.ended_at is None else None


def _live(session: Session, viewer: Viewer, rows: Sequence[CallRow]) -> list[LiveCall]:
    """Three statements however many calls there are."""
    ids = [row.id for row in rows]
    rung, talks = _at_phones(session, ids)
    for row in rows:
        if row.outbound and row.id not in talks:
            rung.setdefault(row.id, []).append(row.counselor_id)
    records = session.execute(_RECORDS, {"calls": ids})
    record_ids = {call_id: RecordId(record_id) for call_id, record_id in records}
    people = people_of(session, chain(*rung.values(), *talks.values()))

    def at(phones: Mapping[str, Sequence[int | None]], call_id: str) -> tuple[StaffView, ...]:
        return tuple(people[who] for who in phones.get(call_id, ()) if who in people)

    return [
        LiveCall(
            call_id=CallId(row.id),
            number=_number(viewer, row, (*at(rung, row.id), *at(talks, row.id))),
            dialled=row.dialled,
            line=CalledLine(row.line),
            outbound=row.outbound,
            arrived_at=row.arrived_at,
            answered_at=row.answered_at,
            waiting=not row.outbound and row.id not in talks,
            ringing=at(rung, row.id),
            talking=at(talks, row.id),
            record_id=record_ids.get(row.id),
            center_id=CenterId(row.center_id) if row.center_id is not None else None,
        )
        for row in rows
    ]


def _at_phones(
    session: Session, ids: Sequence[str]
) -> tuple[dict[str, list[int | None]], dict[str, list[int | None]]]:
    """Call id → who is rung, and who talks, there now; None: nobody of the staff."""
    rung: dict[str, list[int | None]] = {}
    talks: dict[str, list[int | None]] = {}
    for kind, call_id, staff_id in session.execute(_AT_PHONES, {"calls": ids}):
        there = rung if kind == OfferRow.__tablename__ else talks
        there.setdefault(call_id, []).append(staff_id)
    return rung, talks


def _number(viewer: Viewer, row: CallRow, on_the_line: Iterable[StaffView]) -> str | None:
    center = CenterId(row.center_id) if row.center_id is not None else None
    here = any(who.id == viewer.staff_id for who in on_the_line)
    whole = here and reaches(viewer, Action.READ_CALL, owner=viewer.staff_id, center=center)
    return row.number if whole else masked(row.number)


def people_of(session: Session, ids: Iterable[int | None]) -> Mapping[int | None, StaffView]:
    """Those of the ids that are somebody, in one statement."""
    found = staff.some(session, {StaffId(one) for one in ids if one is not None})
    return {int(who): view for who, view in found.items()}
