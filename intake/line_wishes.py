"""What people at a desk wish of the line: an interpreter into their talk, a shift lead beside it.

The web process has no line to Asterisk. It writes a wish and signals its id; the switchboard of the
call's PBX takes it, once, and rings. A wish that is not taken within `PATIENCE` is taken no more (the
caller may long talk with somebody else), and its state says so. What became of a taken one is read from
the call's own rows, by the leg's offer id: shown is what has happened, not what was asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Select, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline import audit, bus, interpreters
from hotline.access import Action, Viewer, reaches
from hotline.db import Base, UtcDateTime
from hotline.errors import Conflict, NotAllowed, NotVisible
from hotline.events import Mode, Outcome
from hotline.ids import CallId, CenterId, OfferId, Part, StaffId, new_offer_id
from intake.tables import CALL_ID, CallRow, OfferRow, SupervisionRow, TalkRow

PATIENCE = timedelta(seconds=10)
_RINGING_ENDS = timedelta(seconds=60)
"""A leg that was not seen to do anything by then is not there any more."""


class Wanted(StrEnum):
    """What the leg shall do."""

    INTERPRET = "interpret"
    LISTEN = "listen"
    WHISPER = "whisper"
    JOIN = "join"
    LEAVE = "leave"


SUPERVISING = frozenset({Wanted.LISTEN, Wanted.WHISPER, Wanted.JOIN})


class State(StrEnum):
    """What became of a wish."""

    ASKED = "asked"
    LOST = "lost"
    """Nobody took it in time, or nothing came of it: ask again."""
    RINGING = "ringing"
    LISTENING = "listening"
    WHISPERING = "whispering"
    TALKING = "talking"
    OVER = "over"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    REJECTED = "rejected"
    FAILED = "failed"


ALIVE = frozenset({State.ASKED, State.RINGING, State.LISTENING, State.WHISPERING, State.TALKING})


class LineWishRow(Base):
    __tablename__ = "line_wish"
    __table_args__ = (Index("ix_line_wish_taken_at_asked_at", "taken_at", "asked_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    offer_id: Mapped[str] = mapped_column(String(64), index=True)
    """The leg it is about; several wishes may be about one."""
    call_id: Mapped[str] = mapped_column(CALL_ID, ForeignKey("call.id"), index=True)
    wanted: Mapped[str] = mapped_column(String(20))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    interpreter_id: Mapped[int | None] = mapped_column(ForeignKey("interpreter.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failed: Mapped[bool] = mapped_column(default=False)


@dataclass(frozen=True, slots=True)
class Wish:
    """One wish as the switchboard carries it out; `staff_id` asked."""

    offer_id: OfferId
    call_id: CallId
    wanted: Wanted
    interpreter_id: int | None
    staff_id: StaffId


@dataclass(frozen=True, slots=True)
class WishView:
    """One leg that was wished for, as it stands."""

    offer_id: OfferId
    call_id: CallId
    wanted: Wanted
    interpreter_id: int | None
    staff_id: StaffId
    asked_at: datetime
    state: State

    @property
    def alive(self) -> bool:
        """Somebody is being rung for it, or is there."""
        return self.state in ALIVE


def ask_interpreter(
    session: Session, viewer: Viewer, call_id: CallId, interpreter_id: int, now: datetime
) -> Sequence[bus.Signal]:
    """The counselor who talks wants this interpreter. Raises NotVisible, or Conflict: one is there."""
    _own_talk(session, viewer, call_id)
    if any(wish.state in ALIVE for wish in interpreters_of(session, call_id, now)):
        raise Conflict("an interpreter is being rung or talks already")
    row = _wish(viewer, call_id, Wanted.INTERPRET, new_offer_id(Part.INTERPRETER), now)
    row.interpreter_id = interpreters.one(session, interpreter_id).id
    audit.note(session, viewer, audit.Act.INTERPRETER, "call", call_id, now, str(interpreter_id))
    return _asked(session, row)


def dismiss_interpreter(
    session: Session, viewer: Viewer, call_id: CallId, now: datetime
) -> Sequence[bus.Signal]:
    """The counselor goes on without the interpreter, or stops ringing them. Raises NotVisible."""
    _own_talk(session, viewer, call_id)
    signals: list[bus.Signal] = []
    for wish in interpreters_of(session, call_id, now):
        if wish.state in ALIVE:
            signals += _asked(session, _wish(viewer, call_id, Wanted.LEAVE, wish.offer_id, now))
    return signals


def supervise(
    session: Session, viewer: Viewer, call_id: CallId, wanted: Wanted, now: datetime
) -> Sequence[bus.Signal]:
    """A shift lead wants to attend a talk of their own center on their own phone, or to go on in another
    way. Raises NotVisible, NotAllowed (no phone), Conflict (nobody talks there any more)."""
    call = session.get(CallRow, call_id)
    center = CenterId(call.center_id) if call is not None and call.center_id is not None else None
    if call is None or call.internal or not reaches(viewer, Action.SUPERVISE, owner=None, center=center):
        raise NotVisible("call")
    if viewer.phone is None:
        raise NotAllowed("supervision without a phone")
    if wanted not in SUPERVISING:
        raise NotAllowed(wanted)
    whom = session.scalar(
        select(TalkRow.staff_id)
        .where(TalkRow.call_id == call_id, TalkRow.ended_at.is_(None), TalkRow.part == Part.COUNSELOR)
        .order_by(TalkRow.began_at)
    )
    if whom is None:
        raise Conflict("no counselor talks with this caller now")
    current = supervision_of(session, viewer.staff_id, now)
    alive = current is not None and current.state in ALIVE
    if current is not None and alive and current.call_id != call_id:
        raise Conflict("another talk is being attended")
    offer_id = current.offer_id if current is not None and alive else new_offer_id(Part.SUPERVISOR)
    detail = f"{wanted} staff={whom}"
    audit.note(session, viewer, audit.Act.SUPERVISE, "call", call_id, now, detail)
    return _asked(session, _wish(viewer, call_id, wanted, offer_id, now))


def _own_talk(session: Session, viewer: Viewer, call_id: CallId) -> None:
    talks = select(TalkRow.id).where(
        TalkRow.call_id == call_id,
        TalkRow.staff_id == viewer.staff_id,
        TalkRow.part == Part.COUNSELOR,
        TalkRow.ended_at.is_(None),
    )
    if session.scalar(talks) is None:
        raise NotVisible("talk")


def _wish(
    viewer: Viewer, call_id: CallId, wanted: Wanted, offer_id: OfferId, now: datetime
) -> LineWishRow:
    return LineWishRow(
        offer_id=offer_id, call_id=call_id, wanted=wanted, staff_id=viewer.staff_id, asked_at=now
    )


def _asked(session: Session, row: LineWishRow) -> list[bus.Signal]:
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
            StaffId(row.staff_id),
        )
        for row in rows
    ]


def _waiting(site: str, now: datetime) -> Select[LineWishRow]:
    return (
        select(LineWishRow)
        .where(
            LineWishRow.taken_at.is_(None),
            LineWishRow.asked_at > now - PATIENCE,
            LineWishRow.call_id.startswith(f"{site}-", autoescape=True),
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


# -- what became of it ----------------------------------------------------------------------------------


def interpreters_of(session: Session, call_id: CallId, now: datetime) -> list[WishView]:
    """The interpreters asked into this call, oldest first."""
    rows = select(LineWishRow).where(
        LineWishRow.call_id == call_id, LineWishRow.wanted == Wanted.INTERPRET
    )
    return [_interpreter(session, row, now) for row in session.scalars(rows.order_by(LineWishRow.id))]


def supervision_of(session: Session, staff_id: StaffId, now: datetime) -> WishView | None:
    """What this shift lead asked for last, and what became of it."""
    row = session.scalar(
        select(LineWishRow)
        .where(LineWishRow.staff_id == staff_id, LineWishRow.wanted.in_(SUPERVISING))
        .order_by(LineWishRow.id.desc())
        .limit(1)
    )
    return None if row is None else _view(row, _supervision(session, row, now))


def attending(session: Session, call_id: CallId) -> bool:
    """Whether a shift lead whispers into this call or has joined it: the counselor is shown so."""
    whispers = select(SupervisionRow.id).where(
        SupervisionRow.call_id == call_id,
        SupervisionRow.mode == Wanted.WHISPER,
        SupervisionRow.ended_at.is_(None),
    )
    joined = select(TalkRow.id).where(
        TalkRow.call_id == call_id, TalkRow.part == Part.SUPERVISOR, TalkRow.ended_at.is_(None)
    )
    return session.scalar(whispers) is not None or session.scalar(joined) is not None


def _view(row: LineWishRow, state: State) -> WishView:
    return WishView(
        OfferId(row.offer_id),
        CallId(row.call_id),
        Wanted(row.wanted),
        row.interpreter_id,
        StaffId(row.staff_id),
        row.asked_at,
        state,
    )


def _interpreter(session: Session, row: LineWishRow, now: datetime) -> WishView:
    offer = session.scalar(
        select(OfferRow).where(OfferRow.call_id == row.call_id, OfferRow.offer_id == row.offer_id)
    )
    if offer is None:
        return _view(row, _unheard(row, now))
    if offer.ended_at is None:
        return _view(row, State.RINGING)
    if offer.outcome == Outcome.ANSWERED:
        return _view(row, State.TALKING if _talks(session, offer) else State.OVER)
    return _view(row, _REFUSALS.get(Outcome(offer.outcome or Outcome.FAILED), State.OVER))


_REFUSALS = {
    Outcome.NO_ANSWER: State.NO_ANSWER,
    Outcome.BUSY: State.BUSY,
    Outcome.REJECTED: State.REJECTED,
    Outcome.FAILED: State.FAILED,
}


def _talks(session: Session, offer: OfferRow) -> bool:
    talk = select(TalkRow.id).where(TalkRow.offer_id == offer.offer_id, TalkRow.ended_at.is_(None))
    return session.scalar(talk) is not None


def _supervision(session: Session, row: LineWishRow, now: datetime) -> State:
    """The leg's latest spell says it, whether of supervision or, joined, of talk."""
    spells = [
        (spell.began_at, spell.ended_at, _BESIDE[Mode(spell.mode)])
        for spell in session.scalars(
            select(SupervisionRow).where(SupervisionRow.offer_id == row.offer_id)
        )
    ]
    talks = session.scalars(select(TalkRow).where(TalkRow.offer_id == row.offer_id))
    spells += [(talk.began_at, talk.ended_at, State.TALKING) for talk in talks]
    if not spells:
        return _unheard(row, now)
    _, ended_at, state = max(spells, key=lambda spell: spell[0])
    return state if ended_at is None else State.OVER


_BESIDE = {Mode.LISTEN: State.LISTENING, Mode.WHISPER: State.WHISPERING}


def _unheard(row: LineWishRow, now: datetime) -> State:
    """No phone has rung for it yet, as far as the database knows."""
    if row.failed:
        return State.FAILED
    if now - row.asked_at > (PATIENCE if row.taken_at is None else _RINGING_ENDS):
        return State.LOST
    return State.ASKED
