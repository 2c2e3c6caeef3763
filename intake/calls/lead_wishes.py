"""What a shift lead wishes of a running talk, or of a waiting caller: to attend, to have the caller.

Attending ends by itself: as it begins, Asterisk is told after how long to end that leg, and does so
whoever is dead by then. The talk never notices. Everything can be undone: a leg hangs up, a caller is
given back. Why is kept with the wish, in the lead's own words; the audit has codes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from hotline import audit, bus, staff
from hotline.access import Action, Viewer, may, reaches
from hotline.errors import BadInput, Conflict, NotAllowed, NotVisible
from hotline.ids import CallId, CenterId, Part, StaffId, new_offer_id
from hotline.settings import settings
from hotline.staff import StaffView
from hotline.terms import ANY, Term
from intake.calls import line_wishes, on_the_line
from intake.calls.line_wish_states import (
    PATIENCE,
    SUPERVISING,
    TAKING,
    LineWishRow,
    State,
    Wanted,
    WishView,
    supervision_of,
)
from intake.calls.line_wishes import wish_of
from intake.tables.calls import CallRow, TalkRow

LONGEST_STAY = timedelta(hours=4)


def supervise(
    session: Session,
    viewer: Viewer,
    call_id: CallId,
    wanted: Wanted,
    now: datetime,
    asked: Term = ANY,
) -> Sequence[bus.Signal]:
    """A shift lead wants to attend a talk of their own center on their own phone, to go on in another
    way, or to have the caller, from a counselor or from the line: then their phone is rung as a
    counselor's is. They attend for as long as `asked` says, else as the settings do.

    Raises NotVisible, NotAllowed (no phone), BadInput, Conflict (nobody talks there any more, or
    somebody does with a caller who waited; the lead attends another).
    """
    call = session.get(CallRow, call_id)
    center = CenterId(call.center_id) if call is not None and call.center_id is not None else None
    if call is None or call.internal or not reaches(viewer, Action.SUPERVISE, owner=None, center=center):
        raise NotVisible("call")
    if viewer.phone is None:
        raise NotAllowed("supervision without a phone")
    takes = wanted in TAKING
    if wanted not in SUPERVISING and not takes:
        raise NotAllowed(wanted)
    whom = session.scalar(
        select(TalkRow.staff_id)
        .where(TalkRow.call_id == call_id, TalkRow.ended_at.is_(None), TalkRow.part == Part.COUNSELOR)
        .order_by(TalkRow.began_at)
    )
    if wanted is Wanted.TAKE and (whom is not None or call.ended_at is not None or call.outbound):
        raise Conflict("this caller does not wait any more")
    if wanted is not Wanted.TAKE and whom is None:
        raise Conflict("no counselor talks with this caller now")
    current = supervision_of(session, viewer.staff_id, now)
    going_on = current if current is not None and current.alive else None
    if going_on is not None and (going_on.call_id != call_id or takes or going_on.wanted in TAKING):
        raise Conflict("the lead's phone is in a talk already")
    part = Part.COUNSELOR if takes else Part.SUPERVISOR
    offer_id = going_on.offer_id if going_on is not None else new_offer_id(part)
    row = wish_of(viewer, call_id, wanted, offer_id, now)
    row.reason = asked.told()
    if takes:
        row.colleague_id = whom
    else:
        row.expires_at = going_on.expires_at if going_on is not None else _ends(asked.lasts, now)
    detail = f"{wanted} staff={whom}" if whom is not None else wanted
    audit.note(session, viewer, audit.Act.SUPERVISE, "call", call_id, now, detail)
    return line_wishes.asked(session, row)


def _ends(lasts: timedelta | None, now: datetime) -> datetime:
    lasts = timedelta(minutes=settings().supervision_minutes) if lasts is None else lasts
    if not timedelta() < lasts <= LONGEST_STAY:
        raise BadInput("length")
    return now + lasts


def stay(session: Session, viewer: Viewer, now: datetime) -> Sequence[bus.Signal]:
    """The lead beside a talk has the whole time again. Raises Conflict when they attend none."""
    current = _attended(session, viewer, now)
    if current.wanted not in SUPERVISING:
        raise Conflict("a talk of one's own does not end by itself")
    row = wish_of(viewer, current.call_id, Wanted.STAY, current.offer_id, now)
    row.expires_at = _ends(None, now)
    session.execute(
        update(LineWishRow)
        .where(LineWishRow.offer_id == current.offer_id, LineWishRow.wanted.in_(SUPERVISING))
        .values(expires_at=row.expires_at)
    )
    audit.note(session, viewer, audit.Act.SUPERVISE, "call", current.call_id, now, Wanted.STAY)
    return line_wishes.asked(session, row)


def leave(session: Session, viewer: Viewer, now: datetime) -> Sequence[bus.Signal]:
    """The lead attends no more, or does not want the caller who is being brought to their phone. Raises
    Conflict: there is nothing to stop, or the caller is theirs already (`give_back`)."""
    current = _attended(session, viewer, now)
    if current.wanted in TAKING and current.state is State.TALKING:
        raise Conflict("a caller is given back, not left")
    audit.note(session, viewer, audit.Act.UNDO, "call", current.call_id, now, current.wanted)
    return line_wishes.asked(
        session, wish_of(viewer, current.call_id, Wanted.LEAVE, current.offer_id, now)
    )


def give_back(session: Session, viewer: Viewer, now: datetime) -> Sequence[bus.Signal]:
    """The caller whom the lead has taken goes back to the counselor, whose phone is rung; where they are
    in another call, or do not pick up, and where the caller had waited: to the first place in the line.
    Raises Conflict when the lead talks with no such caller."""
    current = _attended(session, viewer, now)
    if current.wanted not in TAKING or current.state is not State.TALKING:
        raise Conflict("no caller whom the lead has taken")
    to = goes_back_to(session, current)
    row = wish_of(viewer, current.call_id, Wanted.GIVE_BACK, current.offer_id, now)
    row.colleague_id = to.id if to is not None else None
    detail = f"{current.wanted} staff={to.id}" if to is not None else current.wanted
    audit.note(session, viewer, audit.Act.UNDO, "call", current.call_id, now, detail)
    return line_wishes.asked(session, row)


def goes_back_to(session: Session, taken: WishView) -> StaffView | None:
    """To whom this caller can be given back now; None: to the line."""
    if taken.colleague_id is None or taken.colleague_id in on_the_line.engaged(session):
        return None
    counselor = staff.one(session, taken.colleague_id)
    return counselor if counselor.phone else None


def giving_back(session: Session, taken: WishView, now: datetime) -> State | None:
    """Of a caller whom the lead still has: ASKED while they are about to be given back, LOST or FAILED
    when that came to nothing; None when it was not wished."""
    row = session.scalar(
        select(LineWishRow)
        .where(LineWishRow.offer_id == taken.offer_id, LineWishRow.wanted == Wanted.GIVE_BACK)
        .order_by(LineWishRow.id.desc())
        .limit(1)
    )
    if row is None:
        return None
    if row.failed:
        return State.FAILED
    return State.LOST if now - row.asked_at >= PATIENCE else State.ASKED


@dataclass(frozen=True, slots=True)
class Deed:
    """What a lead wished in a call. `whom`: the counselor a caller was taken from, or given back to."""

    at: datetime
    by: StaffView
    wanted: Wanted
    whom: StaffView | None
    reason: str


def deeds(session: Session, viewer: Viewer, call_id: CallId) -> Sequence[Deed]:
    """In this call, oldest first, for who may supervise; the caller has checked that they may see it."""
    if not may(viewer, Action.SUPERVISE):
        return []
    told = (*SUPERVISING, *TAKING, Wanted.GIVE_BACK)
    row = LineWishRow
    query = select(row).where(row.call_id == call_id, row.wanted.in_(told)).order_by(row.id)
    rows = session.scalars(query).all()
    ids = {
        StaffId(who) for each in rows for who in (each.staff_id, each.colleague_id) if who is not None
    }
    people = staff.some(session, ids)
    return [
        Deed(
            each.asked_at,
            people[StaffId(each.staff_id)],
            Wanted(each.wanted),
            people[StaffId(each.colleague_id)] if each.colleague_id is not None else None,
            each.reason,
        )
        for each in rows
    ]


def _attended(session: Session, viewer: Viewer, now: datetime) -> WishView:
    current = supervision_of(session, viewer.staff_id, now)
    if current is None or not current.alive:
        raise Conflict("the lead attends no talk")
    return current
