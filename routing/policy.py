"""Which counselor is offered which waiting call. Pure: no I/O, no clock, no memory.

The rules are in `routing.rules`; here they are put together. A decision carries the codes of the rules
that made it, so that "why did this call ring here?" can be answered in words.

Cost: free counselors are kept in as many heaps as there are kinds of them (center, languages, training),
each kind of call asks the heaps in its own order. So n calls and m counselors cost n log n + m log m,
times the number of kinds, which does not grow with either.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from hotline.ids import CallId, StaffId
from hotline.lines import CalledLine
from routing import rules
from routing.rules import can_take_calls, on_duty
from routing.values import (
    NOTHING_KNOWN,
    UNSTEERED,
    Counselor,
    Decision,
    Known,
    Post,
    Reason,
    Steering,
    WaitingCall,
)

__all__ = [
    "NOTHING_KNOWN",
    "UNSTEERED",
    "Counselor",
    "Decision",
    "Known",
    "Post",
    "Reason",
    "Steering",
    "WaitingCall",
    "can_take_calls",
    "decide",
    "decisions",
    "first_in_line",
    "on_duty",
]


def first_in_line(since: Mapping[CallId, datetime]) -> Iterator[CallId]:
    """Who counts as waiting since when, in that order, made only as far as somebody asks: of a long line
    mostly the first few count."""
    line = [(at, call_id) for call_id, at in since.items()]
    heapify(line)
    while line:
        yield heappop(line)[1]


def decide(
    waiting: Iterable[WaitingCall],
    counselors: Iterable[Counselor],
    now: datetime,
    steering: Steering = UNSTEERED,
) -> list[Decision]:
    """Pair waiting calls with free counselors: never one counselor twice, never one call twice.

    A call that can be served is left waiting in two cases only, each bounded: for the same counselor
    again who is soon free (`rules.SOON`), and for somebody of its own center who is soon free (the
    center's limit). While nobody is free, who rests yields to callers who have waited long.
    `counselors`: also who is soon free or rests; others who are engaged change nothing.
    """
    return list(decisions(waiting, counselors, now, steering))


def decisions(
    waiting: Iterable[WaitingCall],
    counselors: Iterable[Counselor],
    now: datetime,
    steering: Steering = UNSTEERED,
) -> Iterator[Decision]:
    """The same, one by one, in the order of the line."""
    free, soon = [], []
    people = list(counselors)
    for each in people:
        if can_take_calls(each, now):
            free.append(each)
        elif rules.soon_free(each, now):
            soon.append(each)
    if steering.closed:
        free = [each for each in free if rules.at_work(each, steering)]
        soon = [each for each in soon if rules.at_work(each, steering)]
    pool, coming = _Pool(free, steering), _Coming(soon, steering)
    if not pool.size:
        yield from _out_of_rest(waiting, people, now, steering)
        return
    for call in rules.in_line(waiting):
        same = call.known.counselor
        if same is not None and same not in call.declined_by:
            if (again := pool.take(same)) is not None:
                yield _decision(call, again, (Reason.SAME_COUNSELOR,))
                continue
            if now - call.since < rules.SOON and coming.keep(same):
                continue
        if (found := pool.best(call)) is None:
            return
        chosen, why, fit = found
        if fit.elsewhere:
            own = None if fit.suits else coming.of(call.home)
            if own is not None and not rules.overflows(call, steering, now, own.free_at or now):
                coming.keep(own.staff_id)
                continue
            why += (Reason.CLOSED if call.home in steering.closed else Reason.OVERFLOW,)
        pool.remove(chosen)
        yield _decision(call, chosen, why)


def _out_of_rest(
    waiting: Iterable[WaitingCall], people: Iterable[Counselor], now: datetime, steering: Steering
) -> Iterator[Decision]:
    """Nobody is free: who rests yields to callers who have waited long."""
    resting = [each for each in people if rules.may_be_disturbed(each, now)]
    pool = _Pool([each for each in resting if rules.at_work(each, steering)], steering)
    if not pool.size:
        return
    for call in rules.in_line(call for call in waiting if now - call.since >= rules.REST_YIELDS):
        if (found := pool.best(call)) is None:
            return
        chosen, why, _ = found
        pool.remove(chosen)
        yield _decision(call, chosen, (*why, Reason.NOBODY_ELSE))


def _decision(call: WaitingCall, chosen: Counselor, why: tuple[Reason, ...]) -> Decision:
    first: tuple[Reason, ...] = rules.boosts(call)
    first = first or ((Reason.LOWERED,) if call.known.lowered else (Reason.LONGEST_WAITING,))
    return Decision(call.call_id, chosen.staff_id, chosen.phone, first + why)


class _Kind(NamedTuple):
    """What of a counselor matters for which calls they suit."""

    seat: str
    site: str
    languages: frozenset[str]
    skills: frozenset[str]
    line: CalledLine | None
    """The one that a shift lead has put them on."""
    moved: bool
    """To another center's queue: they serve no longer that of their PBX."""


class _Need(NamedTuple):
    """What of a call matters for which counselors suit it."""

    line: CalledLine
    language: str
    skill: str
    region: str
    site: str


class _Fit(NamedTuple):
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


def _fit(need: _Need, kind: _Kind) -> _Fit:
    queues = (kind.seat,) if need.region or kind.moved else (kind.seat, kind.site)
    at_home = (need.region or need.site) in queues
    return _Fit(
        foreign=bool(need.language) and need.language not in kind.languages,
        away=kind.line is not None and kind.line is not need.line,
        untrained=not (rules.trained_for(kind.skills, need.line) or kind.line is need.line)
        or not rules.has(kind.skills, need.skill),
        elsewhere=not at_home,
        wants=bool(need.language or need.skill) or need.line is not CalledLine.CHILD,
    )


class _Pool:
    """Free counselors, by kind; each kind a heap in the order of their turns."""

    def __init__(self, free: Sequence[Counselor], steering: Steering) -> None:
        self.size = len(free)
        self._steering = steering
        self._people = {each.staff_id: each for each in free}
        self._orders: dict[_Need, list[tuple[_Fit, list[_Kind]]]] = {}
        alike: dict[tuple[object, ...], list[tuple[datetime, StaffId]]] = {}
        firsts: list[Counselor] = []
        for each in free:
            moved = steering.moved.get(each.staff_id)
            same = (each.center, each.site, each.languages, each.skills, moved)
            heap = alike.get(same)
            if heap is None:
                heap = alike[same] = []
                firsts.append(each)
            heap.append((rules.turn(each), each.staff_id))
        self._kinds: dict[_Kind, list[tuple[datetime, StaffId]]] = {}
        for first, heap in zip(firsts, alike.values(), strict=True):
            self._kinds.setdefault(_kind(first, steering), []).extend(heap)
        for heap in self._kinds.values():
            heapify(heap)

    def take(self, staff_id: StaffId) -> Counselor | None:
        """This one, if free; not free any more then."""
        found = self._people.get(staff_id)
        if found is not None:
            self.remove(found)
        return found

    def remove(self, counselor: Counselor) -> None:
        """Their place in the heap is passed over when it comes up."""
        del self._people[counselor.staff_id]
        self.size -= 1

    def best(self, call: WaitingCall) -> tuple[Counselor, tuple[Reason, ...], _Fit] | None:
        """Who suits this call best, then whose turn it is; who did not take it only after all others."""
        known = call.known
        need = _Need(call.line, known.language, known.skill, call.region, call.site)
        order = self._orders.get(need)
        if order is None:
            order = self._orders[need] = self._order(need)
        declined: tuple[Counselor, _Fit] | None = None
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

    def _order(self, need: _Need) -> list[tuple[_Fit, list[_Kind]]]:
        fits: dict[_Fit, list[_Kind]] = {}
        for kind in self._kinds:
            fits.setdefault(_fit(need, kind), []).append(kind)
        return sorted(fits.items(), key=lambda each: each[0])

    def _first(
        self, kinds: Iterable[_Kind], declined_by: frozenset[StaffId]
    ) -> tuple[Counselor | None, Counselor | None]:
        """Whose turn it is in these kinds: of those not asked for this call before, and of the rest."""
        fresh: tuple[datetime, StaffId] | None = None
        refused: tuple[datetime, StaffId] | None = None
        for kind in kinds:
            heap = self._kinds[kind]
            aside = []
            while heap and (heap[0][1] not in self._people or heap[0][1] in declined_by):
                if (passed := heappop(heap))[1] in self._people:
                    aside.append(passed)
            if heap and (fresh is None or heap[0] < fresh):
                fresh = heap[0]
            for passed in aside:
                refused = passed if refused is None else min(refused, passed)
                heappush(heap, passed)
        people = self._people
        return (people[fresh[1]] if fresh else None), (people[refused[1]] if refused else None)

    def _why(self, call: WaitingCall, chosen: Counselor, fit: _Fit) -> tuple[Reason, ...]:
        why = []
        special = call.line is not CalledLine.CHILD or bool(call.known.skill)
        if special and not fit.untrained:
            why.append(Reason.TRAINED)
        if call.known.language:
            why.append(Reason.INTERPRETER if fit.foreign else Reason.LANGUAGE)
        if call.region and not fit.elsewhere:
            why.append(Reason.REGION)
        kind = _kind(chosen, self._steering)
        if (kind.moved and not fit.elsewhere) or kind.line is call.line:
            why.append(Reason.MOVED)
        return (Reason.LONGEST_FREE, *why)


def _kind(counselor: Counselor, steering: Steering) -> _Kind:
    post = steering.moved.get(counselor.staff_id)
    return _Kind(
        rules.seat(counselor, steering),
        counselor.site,
        counselor.languages,
        counselor.skills,
        post.line if post else None,
        bool(post and post.center),
    )


@dataclass(slots=True)
class _Coming:
    """Who is soon free, each kept for at most one caller."""

    people: Sequence[Counselor]
    steering: Steering
    _by_id: dict[StaffId, Counselor] = field(init=False)
    _queues: dict[str, list[Counselor]] = field(init=False)

    def __post_init__(self) -> None:
        self._by_id = {each.staff_id: each for each in self.people}
        self._queues = {}
        for each in sorted(self.people, key=_free_at, reverse=True):
            kind = _kind(each, self.steering)
            for queue in {kind.seat} if kind.moved else {kind.seat, kind.site}:
                self._queues.setdefault(queue, []).append(each)

    def keep(self, staff_id: StaffId) -> bool:
        """Whether they are soon free and not kept for somebody else; they are from now on."""
        return self._by_id.pop(staff_id, None) is not None

    def of(self, queue: str) -> Counselor | None:
        """Who of this queue will be free first."""
        line = self._queues.get(queue, [])
        while line and line[-1].staff_id not in self._by_id:
            line.pop()
        return line[-1] if line else None


def _free_at(counselor: Counselor) -> tuple[datetime, StaffId]:
    assert counselor.free_at is not None
    return counselor.free_at, counselor.staff_id
