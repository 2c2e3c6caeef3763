"""Who could be offered a call just now, kept ready between decisions. Pure: no I/O, no clock.

Free counselors are kept in as many heaps as there are kinds of them (center, languages, training); each
kind of call asks the heaps in its own order. Whoever keeps a pool tells it of each counselor about whom
anything has changed (`put`), so that one decision costs what changed since the last one, however many
are free. n calls and m counselors at once cost n log n + m log m, times the number of kinds, which does
not grow with either.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from hotline.ids import StaffId
from hotline.lines import CalledLine
from routing import rules
from routing.values import UNSTEERED, Counselor, Reason, Steering, WaitingCall

_STALE_MOST = 64
"""So many places in a heap that nobody holds any more are let be; beyond it, when they are the most."""


class Kind(NamedTuple):
    """What of a counselor matters for which calls they suit."""

    seat: str
    site: str
    languages: frozenset[str]
    skills: frozenset[str]
    line: CalledLine | None
    """The one that a shift lead has put them on."""
    moved: bool
    """To another center's queue: they serve no longer that of their PBX."""

    @property
    def queues(self) -> Collection[str]:
        """The home queues they serve."""
        return {self.seat} if self.moved else {self.seat, self.site}


class Fit(NamedTuple):
    """How well a kind of counselors suits a kind of calls; the lowest is best. `away`: they serve
    another line just now."""

    foreign: bool
    away: bool
    untrained: bool
    elsewhere: bool
    wants: bool
    """Not an order: this call needs more than anybody."""

    @property
    def suits(self) -> bool:
        """They have what this call needs and not everybody has."""
        return self.wants and not (self.foreign or self.untrained)


class _Need(NamedTuple):
    """What of a call matters for which counselors suit it."""

    line: CalledLine
    language: str
    skill: str
    region: str
    site: str


class _Place(NamedTuple):
    """In the heap of one kind. The latest place of a counselor is the one that holds."""

    turn: datetime
    staff_id: StaffId


def kind_of(counselor: Counselor, steering: Steering) -> Kind:
    post = steering.moved.get(counselor.staff_id)
    return Kind(
        rules.seat(counselor, steering),
        counselor.site,
        counselor.languages,
        counselor.skills,
        post.line if post else None,
        bool(post and post.center),
    )


class Pool:
    """See the module. `free`: who can be offered a call. `resting`: who is on duty and in a wrap-up or
    rest whose end is known. `talking`: home queue → how many who serve it are on duty and talk, or are
    rung."""

    def __init__(self, steering: Steering = UNSTEERED) -> None:
        self.steering = steering
        self.resting: dict[StaffId, Counselor] = {}
        self.free: dict[StaffId, Counselor] = {}
        self.talking: Counter[str] = Counter()
        self._talks: dict[StaffId, Collection[str]] = {}
        self._places: dict[StaffId, tuple[Kind, _Place]] = {}
        self._heaps: dict[Kind, list[_Place]] = {}
        self._held: dict[Kind, int] = {}
        """How many places in each heap somebody holds."""
        self._orders: dict[_Need, list[tuple[Fit, list[Kind]]]] = {}

    def reach(self, now: datetime) -> int:
        """How many calls at most one decision is about: those who are free can be served, those soon
        free be waited for; while nobody is free, those be disturbed who rest."""
        at_hand = rules.soon_free if self.free else rules.may_be_disturbed
        return len(self.free) + sum(at_hand(each, now) for each in self.resting.values())

    def put(self, counselor: Counselor, now: datetime) -> None:
        """They are like this from now on: free, resting, or neither."""
        who = counselor.staff_id
        if not (rules.on_duty(counselor, now) and rules.at_work(counselor, self.steering)):
            self.remove(who)
        elif not counselor.engaged:
            self.resting.pop(who, None)
            self._talked(who)
            self.add(counselor)
        else:
            self.remove(who)
            if counselor.free_at is not None:
                self.resting[who] = counselor
            else:
                self._talks[who] = kind_of(counselor, self.steering).queues
                self.talking.update(self._talks[who])

    def add(self, counselor: Counselor) -> None:
        """They are free, whatever else is true of them."""
        who = counselor.staff_id
        kind, place = kind_of(counselor, self.steering), _Place(rules.turn(counselor), who)
        self.free[who] = counselor
        before = self._places.get(who)
        if before == (kind, place):
            return
        if before is not None:
            self._leave(before[0])
        heap = self._heaps.get(kind)
        if heap is None:
            heap = self._heaps[kind] = []
            self._orders.clear()
        self._places[who] = kind, place
        self._held[kind] = self._held.get(kind, 0) + 1
        heappush(heap, place)

    def remove(self, staff_id: StaffId) -> None:
        """They cannot be offered anything now."""
        self.resting.pop(staff_id, None)
        self._talked(staff_id)
        if self.free.pop(staff_id, None) is not None:
            self._leave(self._places.pop(staff_id)[0])

    def _talked(self, staff_id: StaffId) -> None:
        """They do not talk any more, if they did."""
        self.talking.subtract(self._talks.pop(staff_id, ()))

    def _leave(self, kind: Kind) -> None:
        """A place in this heap is held no more; it is passed over when it comes up."""
        self._held[kind] -= 1
        heap = self._heaps[kind]
        if len(heap) > 2 * self._held[kind] + _STALE_MOST:
            heap[:] = [each for each in heap if self._holds(each)]
            heapify(heap)

    def _holds(self, place: _Place) -> bool:
        held = self._places.get(place.staff_id)
        return held is not None and held[1] is place

    def take(self, staff_id: StaffId) -> Counselor | None:
        """This one, if free; not free any more then."""
        found = self.free.get(staff_id)
        if found is not None:
            self.remove(staff_id)
        return found

    def best(self, call: WaitingCall) -> tuple[Counselor, tuple[Reason, ...], Fit] | None:
        """Who suits this call best, then whose turn it is; who did not take it only after all others."""
        known = call.known
        need = _Need(call.line, known.language, known.skill, call.region, call.site)
        order = self._orders.get(need)
        if order is None:
            order = self._orders[need] = self._order(need)
        declined: tuple[Counselor, Fit] | None = None
        for fit, kinds in order:
            fresh, refused = self._first(kinds, call.declined_by)
            if fresh is not None:
                return fresh, self._why(call, fresh, fit), fit
            if refused is not None and declined is None:
                declined = refused, fit
        if declined is None:
            return None
        who, fit = declined
        return who, (*self._why(call, who, fit)[1:], Reason.NOBODY_ELSE), fit

    def _order(self, need: _Need) -> list[tuple[Fit, list[Kind]]]:
        fits: dict[Fit, list[Kind]] = {}
        for kind in self._heaps:
            fits.setdefault(_fit(need, kind), []).append(kind)
        return sorted(fits.items(), key=lambda each: each[0])

    def _first(
        self, kinds: Iterable[Kind], declined_by: frozenset[StaffId]
    ) -> tuple[Counselor | None, Counselor | None]:
        """Whose turn it is in these kinds: of those not asked for this call before, and of the rest."""
        fresh: _Place | None = None
        refused: _Place | None = None
        for kind in kinds:
            heap = self._heaps[kind]
            aside = []
            while heap and (heap[0].staff_id in declined_by or not self._holds(heap[0])):
                if self._holds(passed := heappop(heap)):
                    aside.append(passed)
            if heap and (fresh is None or heap[0] < fresh):
                fresh = heap[0]
            for passed in aside:
                refused = passed if refused is None else min(refused, passed)
                heappush(heap, passed)
        free = self.free
        return (free[fresh.staff_id] if fresh else None), (free[refused.staff_id] if refused else None)

    def _why(self, call: WaitingCall, chosen: Counselor, fit: Fit) -> tuple[Reason, ...]:
        why = []
        special = call.line is not CalledLine.CHILD or bool(call.known.skill)
        if special and not fit.untrained:
            why.append(Reason.TRAINED)
        if call.known.language:
            why.append(Reason.INTERPRETER if fit.foreign else Reason.LANGUAGE)
        if call.region and not fit.elsewhere:
            why.append(Reason.REGION)
        kind = kind_of(chosen, self.steering)
        if (kind.moved and not fit.elsewhere) or kind.line is call.line:
            why.append(Reason.MOVED)
        return (Reason.LONGEST_FREE, *why)


def _fit(need: _Need, kind: Kind) -> Fit:
    queues = (kind.seat,) if need.region or kind.moved else (kind.seat, kind.site)
    at_home = (need.region or need.site) in queues
    return Fit(
        foreign=bool(need.language) and need.language not in kind.languages,
        away=kind.line is not None and kind.line is not need.line,
        untrained=not (rules.trained_for(kind.skills, need.line) or kind.line is need.line)
        or not rules.has(kind.skills, need.skill),
        elsewhere=not at_home,
        wants=bool(need.language or need.skill) or need.line is not CalledLine.CHILD,
    )
