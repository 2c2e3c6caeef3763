"""What people at a desk wish of the line: an interpreter or a colleague into their talk, a shift lead
beside it (`intake.calls.lead_wishes`).

The web process has no line to Asterisk. It writes a wish and signals its id; the switchboard of the
call's PBX takes it, once, and rings. A wish that is not taken within `PATIENCE` is taken no more (the
caller may long talk with somebody else), and its state says so (`intake.calls.line_wish_states`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from hotline import audit, bus, interpreters, staff
from hotline.access import Role, Viewer
from hotline.errors import Conflict, NotVisible
from hotline.ids import CallId, OfferId, Part, StaffId, call_ids_of, new_offer_id
from hotline.staff import StaffView
from intake.calls import on_the_line
from intake.calls.line_wish_states import (
    PATIENCE,
    SUPERVISING,
    TAKING,
    LineWishRow,
    State,
    Wanted,
    WishView,
    attending,
    colleagues_of,
    interpreters_of,
    supervision_of,
)
from intake.tables.calls import TalkRow

__all__ = [
    "PATIENCE",
    "SUPERVISING",
    "TAKING",
    "State",
    "Wanted",
    "Wish",
    "WishView",
    "any_waits",
    "ask_colleague",
    "ask_interpreter",
    "asked",
    "attending",
    "colleagues_of",
    "dismiss_colleague",
    "dismiss_interpreter",
    "fail",
    "interpreters_of",
    "supervision_of",
    "take",
    "who_can_come",
    "wish_of",
]


@dataclass(frozen=True, slots=True)
class Wish:
    """One wish as the switchboard carries it out; `staff_id` asked."""

    offer_id: OfferId
    call_id: CallId
    wanted: Wanted
    interpreter_id: int | None
    colleague_id: StaffId | None
    staff_id: StaffId
    expires_at: datetime | None = None


def ask_interpreter(
    session: Session, viewer: Viewer, call_id: CallId, interpreter_id: int, now: datetime
) -> Sequence[bus.Signal]:
    """The counselor who talks wants this interpreter. Raises NotVisible, or Conflict: one is there."""
    _own_talk(session, viewer, call_id)
    if any(wish.alive for wish in interpreters_of(session, call_id, now)):
        raise Conflict("an interpreter is being rung or talks already")
    row = wish_of(viewer, call_id, Wanted.INTERPRET, new_offer_id(Part.INTERPRETER), now)
    row.interpreter_id = interpreters.one(session, interpreter_id).id
    audit.note(session, viewer, audit.Act.INTERPRETER, "call", call_id, now, str(interpreter_id))
    return asked(session, row)


def dismiss_interpreter(
    session: Session, viewer: Viewer, call_id: CallId, now: datetime
) -> Sequence[bus.Signal]:
    """The counselor goes on without the interpreter, or stops ringing them. Raises NotVisible."""
    _own_talk(session, viewer, call_id)
    return _dismiss(session, viewer, interpreters_of(session, call_id, now), now)


def ask_colleague(
    session: Session, viewer: Viewer, call_id: CallId, colleague: StaffId, now: datetime
) -> Sequence[bus.Signal]:
    """The counselor who talks wants this colleague with them. Raises NotVisible, or Conflict: one is
    there, or this one cannot come now."""
    _own_talk(session, viewer, call_id)
    if any(wish.alive for wish in colleagues_of(session, call_id, now)):
        raise Conflict("a colleague is being rung or talks already")
    if colleague not in {one.id for one in who_can_come(session, viewer)}:
        raise Conflict("this colleague has no phone, or is in a call")
    row = wish_of(viewer, call_id, Wanted.ACCOMPANY, new_offer_id(Part.COLLEAGUE), now)
    row.colleague_id = colleague
    audit.note(session, viewer, audit.Act.COLLEAGUE, "call", call_id, now, f"staff={colleague}")
    return asked(session, row)


def dismiss_colleague(
    session: Session, viewer: Viewer, call_id: CallId, now: datetime
) -> Sequence[bus.Signal]:
    """The counselor goes on alone, or stops ringing the colleague. Raises NotVisible."""
    _own_talk(session, viewer, call_id)
    return _dismiss(session, viewer, colleagues_of(session, call_id, now), now)


def who_can_come(session: Session, viewer: Viewer) -> list[StaffView]:
    """Counselors and shift leads, at all centers, whose phone neither rings nor talks now."""
    busy = on_the_line.engaged(session)
    roles = (Role.COUNSELOR, Role.SHIFT_LEAD)
    return [
        one
        for one in staff.everybody(session)
        if one.phone and one.role in roles and one.id not in busy and one.id != viewer.staff_id
    ]


def _dismiss(
    session: Session, viewer: Viewer, wishes: Sequence[WishView], now: datetime
) -> Sequence[bus.Signal]:
    signals: list[bus.Signal] = []
    for wish in wishes:
        if wish.alive:
            signals += asked(session, wish_of(viewer, wish.call_id, Wanted.LEAVE, wish.offer_id, now))
    return signals


def _own_talk(session: Session, viewer: Viewer, call_id: CallId) -> None:
    talks = select(TalkRow.id).where(
        TalkRow.call_id == call_id,
        TalkRow.staff_id == viewer.staff_id,
        TalkRow.part == Part.COUNSELOR,
        TalkRow.ended_at.is_(None),
    )
    if session.scalar(talks) is None:
        raise NotVisible("talk")


def wish_of(
    viewer: Viewer, call_id: CallId, wanted: Wanted, offer_id: OfferId, now: datetime
) -> LineWishRow:
    return LineWishRow(
        offer_id=offer_id, call_id=call_id, wanted=wanted, staff_id=viewer.staff_id, asked_at=now
    )


def asked(session: Session, row: LineWishRow) -> list[bus.Signal]:
    """Write the wish down, for the switchboard to take."""
    session.add(row)
    session.flush()
    return [bus.Signal(bus.STAFF, "wish", str(row.id)), bus.Signal(bus.BOARD, "wish", row.call_id)]


# -- the switchboard's side -----------------------------------------------------------------------------


def any_waits(session: Session, site: str, now: datetime) -> bool:
    """Whether `take` would find something; locks nothing."""
    return session.scalar(_waiting(site, now).limit(1)) is not None


def take(session: Session, site: str, now: datetime) -> list[Wish]:
    """Wishes about this PBX's calls that nobody has taken, oldest first; each is given out once."""
    rows = session.scalars(_waiting(site, now).with_for_update(skip_locked=True)).all()
    for row in rows:
        row.taken_at = now
    return [
        Wish(
            OfferId(row.offer_id),
            CallId(row.call_id),
            Wanted(row.wanted),
            row.interpreter_id,
            StaffId(row.colleague_id) if row.colleague_id is not None else None,
            StaffId(row.staff_id),
            row.expires_at,
        )
        for row in rows
    ]


def _waiting(site: str, now: datetime) -> Select[LineWishRow]:
    return (
        select(LineWishRow)
        .where(
            LineWishRow.taken_at.is_(None),
            LineWishRow.asked_at > now - PATIENCE,
            LineWishRow.call_id.startswith(call_ids_of(site), autoescape=True),
        )
        .order_by(LineWishRow.id)
    )


def fail(session: Session, offer_id: OfferId) -> Sequence[bus.Signal]:
    """Asterisk could not even ring this leg."""
    rows = session.scalars(select(LineWishRow).where(LineWishRow.offer_id == offer_id)).all()
    for row in rows:
        row.failed = True
    desks = {bus.desk(StaffId(row.staff_id)) for row in rows}
    return [bus.Signal(topic, "wish", rows[0].call_id) for topic in (*sorted(desks), bus.BOARD) if rows]
