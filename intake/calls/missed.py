"""How many calls in a row a counselor has let ring."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline.events import Outcome
from hotline.ids import Part, StaffId
from intake.tables.calls import OfferRow

_MISSED = frozenset({Outcome.NO_ANSWER, Outcome.REJECTED})
_LOOKED_AT = 5


def in_a_row(session: Session, staff_id: StaffId) -> int:
    """Not picked up or declined since the last call they took; at most the last few are looked at. A
    caller who rang off first, and a phone out of reach, are nobody's miss and end no row."""
    outcomes = session.scalars(
        select(OfferRow.outcome)
        .where(
            OfferRow.staff_id == staff_id,
            OfferRow.part == Part.COUNSELOR,
            OfferRow.outcome.in_([*sorted(_MISSED), Outcome.ANSWERED]),
            OfferRow.ended_at.is_not(None),
        )
        .order_by(OfferRow.ended_at.desc())
        .limit(_LOOKED_AT)
    ).all()
    taken = (place for place, outcome in enumerate(outcomes) if outcome == Outcome.ANSWERED)
    return next(taken, len(outcomes))
