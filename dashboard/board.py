"""The wallboard as a value: who waits, who is free, what each counselor does. Pure; names no caller."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from dashboard.formats import by_given_name
from hotline.ids import CallId, CenterId, RecordId, StaffId
from hotline.lines import CalledLine
from hotline.staff import Center, StaffView
from intake.calls.calls import LiveCall
from intake.calls.line_wishes import State, WishView
from routing.availability import Availability
from routing.choices import Choice, Why

_TOLD = timedelta(minutes=1)
ENDS_SOON = timedelta(minutes=2)
"""So long before it ends by itself a lead who attends a talk is warned."""
WAIT_LIMIT = timedelta(seconds=60)
"""A waiting caller's bar is full here."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One counselor: `state` is a code of `words.STATE_ICONS`, since when; `call_id` while they talk,
    `why` of a break, if they said. `pauses`: they asked for a pause after the call they are in."""

    staff: StaffView
    state: str
    since: datetime
    call_id: CallId | None = None
    why: str = ""
    pauses: bool = False


@dataclass(frozen=True, slots=True)
class CenterTiles:
    center: Center
    tiles: tuple[Tile, ...]
    free: int


@dataclass(frozen=True, slots=True)
class WaitingCall:
    """`place`: 1 is who has waited longest."""

    place: int
    call_id: CallId
    center_id: CenterId | None
    """Whose PBX has the call."""
    line: CalledLine
    since: datetime
    rings: tuple[StaffView, ...]
    language: str = ""
    """ISO 639 code; "" for Vietnamese, or when nobody knows."""


@dataclass(frozen=True, slots=True)
class Board:
    waiting: tuple[WaitingCall, ...]
    free: int
    talking: int
    centers: tuple[CenterTiles, ...]

    @property
    def other_lines(self) -> Mapping[CalledLine, int]:
        """How many wait on each line but the children's."""
        return Counter(call.line for call in self.waiting if call.line is not CalledLine.CHILD)

    @property
    def longest_since(self) -> datetime | None:
        return self.waiting[0].since if self.waiting else None


@dataclass(frozen=True, slots=True)
class Attended:
    """A shift lead's own part: the talk they asked to attend. `wish` None: there is nothing to tell.

    `whom`: who talks there now.
    """

    wish: WishView | None
    whom: tuple[StaffView, ...]
    record_id: RecordId | None = None
    """Of the call, for a lead who took it over."""
    goes_back_to: StaffView | None = None
    """To whom that lead can give it back now; None: to the line."""
    giving_back: State | None = None
    """What has become of their wish to; None: they have none."""

    def ends_soon(self, now: datetime) -> bool:
        """Whether it is time to say that attending will end by itself."""
        ends = self.wish.expires_at if self.wish is not None else None
        return ends is not None and ends - now <= ENDS_SOON


def attended(wish: WishView | None, calls: Sequence[LiveCall], now: datetime) -> Attended:
    """What came to nothing is told for a minute; what is over, not at all."""
    if wish is None or wish.state is State.OVER or not (wish.alive or now - wish.asked_at < _TOLD):
        return Attended(None, ())
    there = next((call for call in calls if call.call_id == wish.call_id), None)
    return Attended(wish, there.talking, there.record_id) if there else Attended(wish, ())


def compose(
    people: Sequence[Availability],
    calls: Sequence[LiveCall],
    wrapping_up: Mapping[StaffId, datetime],
    now: datetime,
    languages: Mapping[CallId, str] = MappingProxyType({}),
) -> Board:
    """The board of the present shift: its counselors, and whoever else is at a phone. `languages`: of
    callers who are known not to speak Vietnamese."""
    tiles = [tile for person in people if (tile := _tile(person, calls, wrapping_up, now)) is not None]
    waiting = sorted((call for call in calls if call.waiting), key=lambda call: call.arrived_at)
    centers = {tile.staff.center.id: tile.staff.center for tile in tiles}
    return Board(
        waiting=tuple(
            WaitingCall(
                place,
                call.call_id,
                call.center_id,
                call.line,
                call.arrived_at,
                call.ringing,
                languages.get(call.call_id, ""),
            )
            for place, call in enumerate(waiting, 1)
        ),
        free=_free(tiles),
        talking=sum(tile.state == "talking" for tile in tiles),
        centers=tuple(_center(centers[key], tiles) for key in sorted(centers)),
    )


def _center(center: Center, tiles: Sequence[Tile]) -> CenterTiles:
    here = by_given_name(
        (tile for tile in tiles if tile.staff.center.id == center.id), lambda tile: tile.staff.name
    )
    return CenterTiles(center, tuple(here), _free(here))


def _free(tiles: Sequence[Tile]) -> int:
    return sum(tile.state == Choice.AVAILABLE for tile in tiles)


def _tile(
    person: Availability,
    calls: Sequence[LiveCall],
    wrapping_up: Mapping[StaffId, datetime],
    now: datetime,
) -> Tile | None:
    """The line's truth comes before what the counselor has chosen; None for who is at home."""
    who = person.staff.id
    pauses = person.choice is Choice.BREAK and person.why == Why.PAUSE
    for call in calls:
        if any(talker.id == who for talker in call.talking):
            began = call.answered_at or call.arrived_at
            return Tile(person.staff, "talking", began, call.call_id, pauses=pauses)
    for call in calls:
        if any(rung.id == who for rung in call.ringing):
            state = "calling" if call.outbound else "ringing"
            return Tile(person.staff, state, call.arrived_at, pauses=pauses)
    if who in wrapping_up and person.choice is Choice.AVAILABLE:
        return Tile(person.staff, "wrap_up", wrapping_up[who])
    if person.choice is Choice.AWAY and not person.on_duty(now):
        return None
    return Tile(person.staff, person.choice, person.since, why=person.why)
