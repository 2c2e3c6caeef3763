"""The offers that are out: which phone is rung for which call. Pure."""

from collections.abc import Iterator, KeysView, Mapping
from dataclasses import dataclass
from datetime import datetime

from hotline.ids import CallId, OfferId, Phone, StaffId


@dataclass(frozen=True, slots=True)
class Offer:
    """One attempt to ring one counselor for one call."""

    id: OfferId
    call_id: CallId
    staff_id: StaffId
    phone: Phone
    made_at: datetime


class Offers(Mapping[OfferId, Offer]):
    """By id; also by call and by phone, each of which may have several."""

    def __init__(self) -> None:
        self._by_id: dict[OfferId, Offer] = {}
        self._by_call: dict[CallId, dict[OfferId, Offer]] = {}
        self._by_phone: dict[Phone, set[OfferId]] = {}

    def __getitem__(self, offer_id: OfferId) -> Offer:
        return self._by_id[offer_id]

    def __iter__(self) -> Iterator[OfferId]:
        return iter(self._by_id)

    def __len__(self) -> int:
        return len(self._by_id)

    @property
    def calls(self) -> KeysView[CallId]:
        """Calls that are being offered to somebody."""
        return self._by_call.keys()

    @property
    def phones(self) -> KeysView[Phone]:
        """Phones that are being rung."""
        return self._by_phone.keys()

    def of_call(self, call_id: CallId) -> tuple[Offer, ...]:
        return tuple(self._by_call.get(call_id, {}).values())

    def add(self, offer: Offer) -> None:
        self._by_id[offer.id] = offer
        self._by_call.setdefault(offer.call_id, {})[offer.id] = offer
        self._by_phone.setdefault(offer.phone, set()).add(offer.id)

    def pop(self, offer_id: OfferId) -> Offer | None:
        """It is out no more; None when it was not."""
        offer = self._by_id.pop(offer_id, None)
        if offer is None:
            return None
        for_call, on_phone = self._by_call[offer.call_id], self._by_phone[offer.phone]
        del for_call[offer_id]
        on_phone.remove(offer_id)
        if not for_call:
            del self._by_call[offer.call_id]
        if not on_phone:
            del self._by_phone[offer.phone]
        return offer
