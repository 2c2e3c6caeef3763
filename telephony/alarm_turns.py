"""Whom to ring for an alarm, and when: one after another, round and round. Pure.

Somebody who does not pick up is followed by the next at once; somebody who does and does not press 1,
when the prompt has been said three times over. After everybody was rung in vain there is a pause.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hotline.ids import OfferId, StaffId

RINGS = timedelta(seconds=20)
TALK = timedelta(seconds=40)
"""So long the prompt may take, three times over, before the next one is rung."""
ROUND = timedelta(minutes=2)
"""After everybody was rung in vain."""


@dataclass(frozen=True, slots=True)
class Outsider:
    """Somebody who is none of ours, on this number as it is dialled: a commune's duty number."""

    number: str


Whom = StaffId | Outsider


@dataclass(slots=True)
class Turns:
    """Of one alarm. `offer_id`: the leg that rings now, or did last; `whom`: whose it is."""

    next_at: datetime
    offer_id: OfferId | None = None
    whom: Whom | None = None
    _turn: int = 0
    _ends_round: bool = False

    def ring(self, people: Sequence[tuple[Whom, str]], offer_id: OfferId, now: datetime) -> str | None:
        """What to dial now, if somebody's turn has come; the leg is to have this offer id. `people`: who
        is to be rung in which order, and what is dialled; they may change from one time to the next."""
        if now < self.next_at or not people:
            return None
        self.whom, dial = people[self._turn % len(people)]
        self.offer_id = offer_id
        self._turn += 1
        self._ends_round = self._turn % len(people) == 0
        self.next_at = now + RINGS + TALK + self._pause
        return dial

    def in_vain(self, now: datetime) -> None:
        """It was not picked up, or could not even be rung."""
        self.offer_id = None
        self.next_at = now + self._pause

    @property
    def _pause(self) -> timedelta:
        return ROUND if self._ends_round else timedelta()
