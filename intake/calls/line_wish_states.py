"""A wish of the line as it is kept, and what became of it.

Shown is what has happened, not what was asked: once a wish is taken, the call's own rows tell of its
leg, by the leg's offer id.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, bindparam, select, union_all
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline.db import Base, UtcDateTime
from hotline.events import Mode, Outcome
from hotline.ids import CallId, OfferId, Part, StaffId
from hotline.terms import LONGEST_REASON
from intake.tables.calls import CALL_ID, OFFER_ID_LENGTH, OfferRow, SupervisionRow, TalkRow

PATIENCE = timedelta(seconds=10)
_RINGING_ENDS = timedelta(seconds=60)
"""A leg that was not seen to do anything by then is not there any more."""


class Wanted(StrEnum):
    """What the leg shall do."""

    INTERPRET = "interpret"
    ACCOMPANY = "accompany"
    """A colleague comes into the talk."""
    LISTEN = "listen"
    WHISPER = "whisper"
    JOIN = "join"
    TAKE_OVER = "take_over"
    """Have the caller instead of the counselor who talks with them."""
    TAKE = "take"
    """Have a caller who waits, unless somebody else is quicker."""
    LEAVE = "leave"
    """The leg shall hang up."""
    STAY = "stay"
    """A lead beside a talk wants more time."""
    GIVE_BACK = "give_back"
    """A lead who has taken a caller gives them back, to a counselor or to the line."""


SUPERVISING = frozenset({Wanted.LISTEN, Wanted.WHISPER, Wanted.JOIN})
TAKING = frozenset({Wanted.TAKE_OVER, Wanted.TAKE})
_OF_A_LEAD = SUPERVISING | TAKING


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
    offer_id: Mapped[str] = mapped_column(String(OFFER_ID_LENGTH), index=True)
    """The leg it is about; several wishes may be about one."""
    call_id: Mapped[str] = mapped_column(CALL_ID, ForeignKey("call.id"), index=True)
    wanted: Mapped[str] = mapped_column(String(20))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    interpreter_id: Mapped[int | None] = mapped_column(ForeignKey("interpreter.id"))
    colleague_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    """Who is asked in; whom a lead takes the caller from; to whom they are given back."""
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON), default="")
    """Why a lead did it, in their own words, if they said."""
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When a lead's leg beside a talk ends by itself: Asterisk ends it, whoever is dead by then."""
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failed: Mapped[bool] = mapped_column(default=False)


@dataclass(frozen=True, slots=True)
class WishView:
    """One leg that was wished for, as it stands."""

    offer_id: OfferId
    call_id: CallId
    wanted: Wanted
    interpreter_id: int | None
    colleague_id: StaffId | None
    staff_id: StaffId
    asked_at: datetime
    state: State
    expires_at: datetime | None = None
    """When a lead's leg beside a talk ends by itself."""

    @property
    def alive(self) -> bool:
        """Somebody is being rung for it, or is there."""
        return self.state in ALIVE


def interpreters_of(session: Session, call_id: CallId, now: datetime) -> list[WishView]:
    """The interpreters asked into this call, oldest first."""
    return _asked_into(session, call_id, Wanted.INTERPRET, now)


def colleagues_of(session: Session, call_id: CallId, now: datetime) -> list[WishView]:
    """The colleagues asked into this call, oldest first."""
    return _asked_into(session, call_id, Wanted.ACCOMPANY, now)


_ASKED_INTO = (
    select(LineWishRow)
    .where(LineWishRow.call_id == bindparam("call"), LineWishRow.wanted == bindparam("wanted"))
    .order_by(LineWishRow.id)
)


def _asked_into(session: Session, call_id: CallId, wanted: Wanted, now: datetime) -> list[WishView]:
    rows = session.scalars(_ASKED_INTO, {"call": call_id, "wanted": wanted})
    return [_joining(session, row, now) for row in rows]


def supervision_of(session: Session, staff_id: StaffId, now: datetime) -> WishView | None:
    """What this shift lead asked for last, and what became of it."""
    row = session.scalar(
        select(LineWishRow)
        .where(LineWishRow.staff_id == staff_id, LineWishRow.wanted.in_(_OF_A_LEAD))
        .order_by(LineWishRow.id.desc())
        .limit(1)
    )
    return None if row is None else _view(row, _supervision(session, row, now))


_ATTENDING = union_all(
    select(SupervisionRow.id).where(
        SupervisionRow.call_id == bindparam("call"),
        SupervisionRow.mode.in_(bindparam("modes", expanding=True)),
        SupervisionRow.ended_at.is_(None),
    ),
    select(TalkRow.id).where(
        TalkRow.call_id == bindparam("call"),
        TalkRow.part == Part.SUPERVISOR,
        TalkRow.ended_at.is_(None),
    ),
)


def attending(session: Session, call_id: CallId, *, listening: bool) -> bool:
    """Whether a shift lead whispers into this call or has joined it (with `listening`: or only listens):
    the counselor is shown so."""
    modes = (Mode.WHISPER, Mode.LISTEN) if listening else (Mode.WHISPER,)
    return session.scalar(_ATTENDING, {"call": call_id, "modes": modes}) is not None


def _view(row: LineWishRow, state: State) -> WishView:
    return WishView(
        OfferId(row.offer_id),
        CallId(row.call_id),
        Wanted(row.wanted),
        row.interpreter_id,
        StaffId(row.colleague_id) if row.colleague_id is not None else None,
        StaffId(row.staff_id),
        row.asked_at,
        state,
        row.expires_at,
    )


def _joining(session: Session, row: LineWishRow, now: datetime) -> WishView:
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
        return State.OVER if _is_called_off(session, row) else _unheard(row, now)
    _, ended_at, state = max(spells, key=lambda spell: spell[0])
    return state if ended_at is None else State.OVER


_BESIDE = {Mode.LISTEN: State.LISTENING, Mode.WHISPER: State.WHISPERING}


def _is_called_off(session: Session, row: LineWishRow) -> bool:
    left = select(LineWishRow.id).where(
        LineWishRow.offer_id == row.offer_id, LineWishRow.wanted == Wanted.LEAVE
    )
    return session.scalar(left.limit(1)) is not None


def _unheard(row: LineWishRow, now: datetime) -> State:
    """No phone has rung for it yet, as far as the database knows."""
    if row.failed:
        return State.FAILED
    if now - row.asked_at > (PATIENCE if row.taken_at is None else _RINGING_ENDS):
        return State.LOST
    return State.ASKED
