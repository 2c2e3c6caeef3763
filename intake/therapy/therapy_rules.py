"""The therapy unit's states and what is owed in it. Pure.

The hotline has a unit that assesses children (đánh giá) and treats them in sessions (trị liệu), free of
charge for victims of violence and abuse and for poor households. What follows is ours: no published
procedure was found.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Standing(StrEnum):
    """Of a referral."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    ENDED = "ended"


class Charge(StrEnum):
    FREE_VICTIM = "free_victim"
    """Nạn nhân của bạo lực, xâm hại, mua bán."""
    FREE_POOR = "free_poor"
    PAID = "paid"


FREE = frozenset({Charge.FREE_VICTIM, Charge.FREE_POOR})


class Kind(StrEnum):
    ASSESSMENT = "assessment"
    SESSION = "session"


class Way(StrEnum):
    IN_PERSON = "in_person"
    PHONE = "phone"
    ONLINE = "online"


class Held(StrEnum):
    """How a meeting stands."""

    PLANNED = "planned"
    HELD = "held"
    MISSED = "missed"
    """The child did not come."""
    CANCELED = "canceled"


MOVES: Mapping[Held, frozenset[Held]] = {
    Held.PLANNED: frozenset({Held.HELD, Held.MISSED, Held.CANCELED}),
    Held.HELD: frozenset({Held.MISSED, Held.CANCELED}),
    Held.MISSED: frozenset({Held.HELD, Held.CANCELED}),
    Held.CANCELED: frozenset(),
}
"""What may be told of a meeting now; what was held and written about stays held."""
SHORTEST, LONGEST = 15, 240
"""Minutes."""


def needs_reason(before: Held, to: Held) -> bool:
    """Whether it must be said why: for canceling, and for telling otherwise than before."""
    return to is Held.CANCELED or before is not Held.PLANNED


def may_tell(starts_at: datetime, to: Held, now: datetime) -> bool:
    """Nothing was held or missed before it began."""
    return to is Held.CANCELED or starts_at <= now


@dataclass(frozen=True, slots=True)
class Meeting:
    """`written`: something was written about it."""

    id: int
    referral_id: int
    kind: Kind
    starts_at: datetime
    minutes: int
    state: Held
    written: bool

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)


class Owed(StrEnum):
    """What a therapist owes a child."""

    UNTOLD = "untold"
    """The meeting is over, and nobody has said whether it took place."""
    UNWRITTEN = "unwritten"
    """It was held, and nothing is written about it."""
    NO_NEW_DATE = "no_new_date"
    """The child missed it, or it was canceled, and there is no other."""
    NO_MEETING = "no_meeting"
    """The child was accepted, and nothing was ever planned."""


@dataclass(frozen=True, slots=True)
class Debt:
    """`meeting`: None for a child who has none."""

    what: Owed
    referral_id: int
    meeting: Meeting | None


def owed(accepted: Collection[int], meetings: Sequence[Meeting], now: datetime) -> list[Debt]:
    """All debts of these children, the oldest first. `accepted`: referrals that are under way;
    `meetings`: in order of time all that may lack something, and of each of those the last."""
    last = {one.referral_id: one for one in meetings}
    found = [
        Debt(what, one.referral_id, one)
        for one in meetings
        if (what := _lacks(one, last[one.referral_id] is one, one.referral_id in accepted, now))
    ]
    return found + [Debt(Owed.NO_MEETING, one, None) for one in sorted(accepted) if one not in last]


def _lacks(one: Meeting, last: bool, under_way: bool, now: datetime) -> Owed | None:
    if one.state is Held.PLANNED and one.ends_at < now:
        return Owed.UNTOLD
    if one.state is Held.HELD and not one.written:
        return Owed.UNWRITTEN
    if one.state in {Held.MISSED, Held.CANCELED} and last and under_way:
        return Owed.NO_NEW_DATE
    return None


def overlaps(meetings: Collection[tuple[datetime, int]], starts_at: datetime, minutes: int) -> bool:
    """Whether a meeting at this time meets one of these (beginning, minutes)."""
    ends_at = starts_at + timedelta(minutes=minutes)
    return any(
        begins < ends_at and starts_at < begins + timedelta(minutes=length)
        for begins, length in meetings
    )
