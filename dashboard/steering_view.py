"""What shift leads have ordered, as the wallboard shows it beside centers and counselors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy.orm import Session

from hotline import desk_messages
from hotline.desk_messages import DeskMessage
from hotline.ids import CenterId, StaffId
from routing import steering
from routing.steering import Kind, Order

TERMS = (30, 60, 120, 240, 480)
"""Minutes an order or a message may be given; the longest is a whole shift."""
STATE_TERMS = (10, 15, *TERMS)
"""The same for a counselor's state: a break may be short."""
STAYS = (10, 30, 60, 120)
"""The same for attending a talk, besides what the settings say."""
LIMITS = (0, 10, 20, 30, 45, 60, 90, 120, 180)
"""Seconds to choose from."""


@dataclass(frozen=True)
class Steered:
    orders: Sequence[Order]
    messages: Sequence[DeskMessage]

    def closed(self, center: CenterId) -> Order | None:
        return self._of_center(Kind.CLOSED, center)

    def limit(self, center: CenterId) -> Order | None:
        return self._of_center(Kind.LIMIT, center)

    @cached_property
    def moves(self) -> Mapping[StaffId, Order]:
        """Who serves elsewhere than usual."""
        return self._of_counselors(Kind.MOVED)

    @cached_property
    def states(self) -> Mapping[StaffId, Order]:
        """Whose state a shift lead has set."""
        return self._of_counselors(Kind.STATE)

    def _of_counselors(self, kind: Kind) -> Mapping[StaffId, Order]:
        return {one.counselor.id: one for one in self.orders if one.kind is kind and one.counselor}

    def _of_center(self, kind: Kind, center: CenterId) -> Order | None:
        found = (one for one in self.orders if one.kind is kind and one.center)
        return next((one for one in found if one.center and one.center.id == center), None)


def steered(session: Session, now: datetime) -> Steered:
    return Steered(steering.in_force(session, now), desk_messages.standing(session, now))
