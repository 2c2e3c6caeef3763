"""Phones rung for a call: who answers on them, when they rang and what came of it.

Each event is folded in once, in whatever order they come.
"""

from hotline.events import PhoneRang, PhoneStopped
from hotline.ids import Part, part_of
from hotline.staff import StaffView
from intake.calls import line_names
from intake.calls.call_settling import give, settle_offers
from intake.calls.call_sheets import SAME, Sheet
from intake.tables.calls import OfferRow


def ring(sheet: Sheet, event: PhoneRang) -> OfferRow | None:
    """Fold in that a phone rang; None when that was known."""
    call = sheet.call
    offer, made = _offer_of(sheet, event)
    if not made:
        if offer.rang_at - event.at > SAME:
            offer.rang_at = event.at  # its end was known first
        return None
    if call.ended_at is not None:
        offer.ended_at = max(event.at, call.ended_at)
    settle_offers(sheet)
    return offer


def stop(sheet: Sheet, event: PhoneStopped) -> OfferRow | None:
    """Fold in that it rings no more; None when that was known."""
    offer, _ = _offer_of(sheet, event)
    if offer.outcome is not None:
        return None
    offer.ended_at = event.at
    offer.outcome = event.outcome
    offer.cause = event.cause
    return offer


def _offer_of(sheet: Sheet, event: PhoneRang | PhoneStopped) -> tuple[OfferRow, bool]:
    """The offer this event belongs to, and whether it was made just now."""
    channel, offer_id = line_names.channel(event.channel), line_names.offer_id(event.offer_id)
    for offer in sheet.offers:
        if offer.channel == channel or (offer_id and offer.offer_id == offer_id):
            return offer, False
    phone, part = line_names.phone(event.phone), part_of(event.offer_id)
    person = person_at(sheet, phone, part, event.offer_id)
    offer = OfferRow(
        call_id=sheet.call.id,
        offer_id=offer_id,
        channel=channel,
        phone=phone,
        part=part,
        staff_id=person.id if person else None,
        rang_at=event.at,
        cause=0,
    )
    sheet.add(offer)
    if part is Part.COUNSELOR:
        give(sheet, person, event.at)
    return offer, True


def person_at(sheet: Sheet, phone: str, part: Part, offer_id: str | None) -> StaffView | None:
    """Who answers this phone: a counselor at a desk, or somebody on call on their own mobile. An
    interpreter is nobody of the staff in this call, on whatever phone."""
    if part is Part.INTERPRETER:
        return None
    return sheet.round.on_call(offer_id) or sheet.round.at_phone(phone)
