"""Which counselor is offered which waiting call. Pure: no I/O, no clock, no memory.

The rules are in `routing.rules`; here they are put together, over a pool of counselors (`routing.pool`)
that may be kept from one decision to the next. A decision carries the codes of the rules that made it,
so that "why did this call ring here?" can be answered in words.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from hotline.callers import Known
from hotline.ids import CallId, StaffId
from routing import rules
from routing.pool import Pool, kind_of
from routing.rules import can_take_calls, on_duty
from routing.values import (
    UNKNOWN,
    UNSTEERED,
    Counselor,
    Decision,
    Load,
    Post,
    Reason,
    Steering,
    WaitingCall,
)

__all__ = [
    "UNKNOWN",
    "UNSTEERED",
    "Counselor",
    "Decision",
    "Known",
    "Line",
    "Load",
    "Pool",
    "Post",
    "Reason",
    "Steering",
    "WaitingCall",
    "can_take_calls",
    "decide",
    "decisions",
    "on_duty",
]


class Line:
    """Who waits, in the order in which they count as waiting. Iterated only as far as somebody asks: of
    a long line mostly the first few count. `since`: when each counts as having come."""

    def __init__(self) -> None:
        self.since: dict[CallId, datetime] = {}
        self._order: list[tuple[datetime, CallId]] = []

    def put(self, call_id: CallId, since: datetime) -> None:
        """They wait, and count as having come then."""
        if self.since.get(call_id) != since:
            self.drop(call_id)
            self.since[call_id] = since
            insort(self._order, (since, call_id))

    def drop(self, call_id: CallId) -> None:
        """They do not wait any more."""
        since = self.since.pop(call_id, None)
        if since is not None:
            del self._order[bisect_left(self._order, (since, call_id))]

    def __iter__(self) -> Iterator[CallId]:
        return (call_id for _, call_id in self._order)


def decide(
    waiting: Iterable[WaitingCall],
    counselors: Iterable[Counselor],
    now: datetime,
    steering: Steering = UNSTEERED,
    load: Load = UNKNOWN,
) -> list[Decision]:
    """Pair waiting calls with free counselors: never one counselor twice, never one call twice.

    A call that can be served is left waiting in two cases only, each bounded: for the same counselor
    again who is soon free (`rules.SOON`), and for somebody of its own center who is soon free, as is
    known or, while all talk there, forecast from `load` (the center's limit). While nobody is free, who
    rests yields to callers who have waited long.
    `counselors`: also who is soon free or rests; others who are engaged change nothing.
    """
    pool = Pool(steering)
    for each in counselors:
        pool.put(each, now)
    return list(decisions(waiting, pool, now, load))


def decisions(
    waiting: Iterable[WaitingCall], pool: Pool, now: datetime, load: Load = UNKNOWN
) -> Iterator[Decision]:
    """The same, one by one, in the order of the line; who is chosen leaves the pool."""
    if not pool.free:
        yield from _out_of_rest(waiting, pool, now)
        return
    steering, coming = pool.steering, _Coming(pool, now)
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
            free_at = own.free_at if own is not None else _forecast(call, pool, now, load)
            late = rules.overflow(call, steering, now, None if fit.suits else free_at)
            if late is None:
                if own is not None:
                    coming.keep(own.staff_id)
                continue
            why += (late,)
        pool.remove(chosen.staff_id)
        yield _decision(call, chosen, why)


def _forecast(call: WaitingCall, pool: Pool, now: datetime, load: Load) -> datetime | None:
    """When all who serve this caller's home queue talk: by when all who wait there would be served."""
    wait = rules.forecast(load.lines.get(call.home, 1), pool.talking[call.home], load.talk)
    return None if wait is None else now + wait


def _out_of_rest(waiting: Iterable[WaitingCall], pool: Pool, now: datetime) -> Iterator[Decision]:
    """Nobody is free: who rests yields to callers who have waited long."""
    disturbed = Pool(pool.steering)
    for each in pool.resting.values():
        if rules.may_be_disturbed(each, now):
            disturbed.add(each)
    if not disturbed.free:
        return
    for call in rules.in_line(call for call in waiting if now - call.since >= rules.REST_YIELDS):
        if (found := disturbed.best(call)) is None:
            return
        chosen, why, _ = found
        disturbed.remove(chosen.staff_id)
        pool.remove(chosen.staff_id)
        yield _decision(call, chosen, (*why, Reason.NOBODY_ELSE))


def _decision(call: WaitingCall, chosen: Counselor, why: tuple[Reason, ...]) -> Decision:
    first: tuple[Reason, ...] = rules.boosts(call)
    first = first or ((Reason.LOWERED,) if call.known.lowered else (Reason.LONGEST_WAITING,))
    return Decision(call.call_id, chosen.staff_id, chosen.phone, first + why)


@dataclass(slots=True)
class _Coming:
    """Who is soon free, each kept for at most one caller. Looked up once somebody asks."""

    pool: Pool
    now: datetime
    _by_id: dict[StaffId, Counselor] | None = None
    _queues: dict[str, list[Counselor]] = field(default_factory=dict)

    def keep(self, staff_id: StaffId) -> bool:
        """Whether they are soon free and not kept for somebody else; they are from now on."""
        return self._soon().pop(staff_id, None) is not None

    def of(self, queue: str) -> Counselor | None:
        """Who of this queue will be free first."""
        soon = self._soon()
        line = self._queues.get(queue, [])
        while line and line[-1].staff_id not in soon:
            line.pop()
        return line[-1] if line else None

    def _soon(self) -> dict[StaffId, Counselor]:
        if self._by_id is None:
            people = [each for each in self.pool.resting.values() if rules.soon_free(each, self.now)]
            self._by_id = {each.staff_id: each for each in people}
            for each in sorted(people, key=_free_at, reverse=True):
                for queue in kind_of(each, self.pool.steering).queues:
                    self._queues.setdefault(queue, []).append(each)
        return self._by_id


def _free_at(counselor: Counselor) -> tuple[datetime, StaffId]:
    assert counselor.free_at is not None
    return counselor.free_at, counselor.staff_id
