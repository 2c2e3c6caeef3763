"""Why a call rang where it rang: the codes that the router gave, as its rows keep them."""

from collections.abc import Mapping

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from hotline.ids import CallId, StaffId
from intake.tables.calls import CallRow, OfferReasonRow


def reasons_of(session: Session, call: CallRow) -> Mapping[str, tuple[str, ...]]:
    """Offer id → codes, for each time the router rang somebody for this call."""
    rows = session.execute(
        select(OfferReasonRow.offer_id, OfferReasonRow.reasons).where(OfferReasonRow.call_id == call.id)
    )
    return {offer_id: tuple(reasons.split()) for offer_id, reasons in rows}


_WHY_HERE = (
    select(OfferReasonRow.reasons)
    .where(OfferReasonRow.call_id == bindparam("call"), OfferReasonRow.staff_id == bindparam("who"))
    .order_by(OfferReasonRow.at.desc())
    .limit(1)
)


def why_here(session: Session, call_id: CallId, staff_id: StaffId) -> tuple[str, ...]:
    """Why this call rang at this counselor last; the caller has checked that it is at their phone."""
    found = session.scalar(_WHY_HERE, {"call": call_id, "who": staff_id})
    return tuple((found or "").split())
