"""A day at the phones in seconds: made-up callers and counselors, the router's own `decide`. Pure.

A discrete-event simulation: time jumps from one thing that happens to the next. Whoever asks what
another number of counselors, another limit or twice as many calls would do, asks this: it decides with
the code of the switchboard (`routing.policy`), which is shown the same: the first in line, as many as
counselors are free. In the plain case, one center and nothing known of anybody, it agrees with Erlang C
and Erlang A.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum
from heapq import heapify, heappop, heappush

from hotline.ids import CallId, Phone, StaffId
from hotline.lines import CalledLine
from routing import rules
from routing.choices import Choice
from routing.policy import UNSTEERED, Counselor, Steering, WaitingCall, decide
from routing.shifts import Duty

_AGAIN = timedelta(seconds=1)
"""After so long callers are looked at again who were left waiting although somebody is free."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who will ring. `talk`: how long once answered. `patience`: how long they would wait;
    None: for ever."""

    arrives_at: datetime
    talk: timedelta
    patience: timedelta | None = None
    site: str = ""
    region: str = ""
    line: CalledLine = CalledLine.CHILD


@dataclass(frozen=True, slots=True)
class Desk:
    """Somebody who answers while on duty, and finishes the call at hand when it is over."""

    duty: tuple[Duty, ...]
    site: str = ""
    skills: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class House:
    """How the work is done. `pick_up`: from the first ring to the answer. `beat`: decisions are made at
    most so often; 0: after everything that happens."""

    wrap_up: timedelta = timedelta()
    pick_up: timedelta = timedelta()
    steering: Steering = UNSTEERED
    beat: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a caller. `waited`: until the answer, the hanging up, or the end of the simulation.
    `answered_by`: index of the desk; None when nobody did."""

    arrived_at: datetime
    waited: timedelta
    answered_by: int | None


@dataclass(frozen=True, slots=True)
class Simulated:
    """`fates` in the order of the callers given. `busy` (rung, talking, wrapping up) and `staffed` are
    summed over the desks, both until the end."""

    fates: Sequence[Fate]
    busy: timedelta
    staffed: timedelta
    decisions: int


def simulate(
    callers: Sequence[Caller], desks: Sequence[Desk], house: House, start: datetime, end: datetime
) -> Simulated:
    """What happens from `start` to `end` to callers who arrive between."""
    return _Run(callers, desks, house, start, end).run()


class _Event(IntEnum):
    """What can happen; of what happens at one moment the lowest comes first."""

    SHIFT_ENDS = 0
    SHIFT_BEGINS = 1
    FREE_AGAIN = 2
    TALK_ENDED = 3
    ANSWERED = 4
    HUNG_UP = 5
    ARRIVED = 6
    DECISION_DUE = 7


class _Run:
    def __init__(
        self,
        callers: Sequence[Caller],
        desks: Sequence[Desk],
        house: House,
        start: datetime,
        end: datetime,
    ) -> None:
        self._callers = callers
        self._desks = desks
        self._house = house
        self._now = start
        self._start = start
        self._end = end
        self._calls = [CallId(f"{each.site}-{number}.0") for number, each in enumerate(callers)]
        self._numbers = {call_id: number for number, call_id in enumerate(self._calls)}
        self._off = {StaffId(n): _counselor(n, desk, start) for n, desk in enumerate(desks)}
        self._free: dict[StaffId, Counselor] = {}
        self._resting: dict[StaffId, Counselor] = {}
        self._engaged: dict[StaffId, Counselor] = {}
        """Everybody is in one of these four."""
        self._waiting: dict[CallId, WaitingCall] = {}
        self._line: list[tuple[datetime, CallId]] = []
        """Everybody in `_waiting` in their order, a heap; others in it have left."""
        self._rung: dict[CallId, StaffId] = {}
        self._fates: list[Fate | None] = [None] * len(callers)
        self._busy_since: dict[StaffId, datetime] = {}
        self._busy = timedelta()
        self._decisions = 0
        self._due: datetime | None = None
        self._coming: list[tuple[datetime, _Event, int]] = [
            *((each.arrives_at, _Event.ARRIVED, number) for number, each in enumerate(callers)),
            *(
                (duty.starts, _Event.SHIFT_BEGINS, n)
                for n, each in enumerate(desks)
                for duty in each.duty
            ),
            *((duty.ends, _Event.SHIFT_ENDS, n) for n, each in enumerate(desks) for duty in each.duty),
        ]
        heapify(self._coming)

    def run(self) -> Simulated:
        happens = {
            _Event.SHIFT_ENDS: self._shift_ends,
            _Event.SHIFT_BEGINS: self._shift_begins,
            _Event.FREE_AGAIN: self._free_again,
            _Event.TALK_ENDED: self._talk_ended,
            _Event.ANSWERED: self._answered,
            _Event.HUNG_UP: self._hung_up,
            _Event.ARRIVED: self._arrived,
            _Event.DECISION_DUE: self._decide,
        }
        while self._coming and self._coming[0][0] < self._end:
            at, event, who = heappop(self._coming)
            self._now = max(at, self._start)
            happens[event](who)
        busy = sum((self._end - since for since in self._busy_since.values()), self._busy)
        staffed = sum(
            (_overlap(d, self._start, self._end) for one in self._desks for d in one.duty), timedelta()
        )
        return Simulated(
            [self._fate(n) for n in range(len(self._callers))], busy, staffed, self._decisions
        )

    def _fate(self, number: int) -> Fate:
        """Who still waits has waited until now."""
        arrived = self._callers[number].arrives_at
        return self._fates[number] or Fate(arrived, max(self._end - arrived, timedelta()), None)

    # -- callers ----------------------------------------------------------------------------------

    def _arrived(self, number: int) -> None:
        caller, call_id = self._callers[number], self._calls[number]
        call = WaitingCall(call_id, self._now, line=caller.line, site=caller.site, region=caller.region)
        self._waiting[call_id] = call
        heappush(self._line, (rules.counts_since(call), call_id))
        if caller.patience is not None:
            heappush(self._coming, (self._now + caller.patience, _Event.HUNG_UP, number))
        self._ask()

    def _hung_up(self, number: int) -> None:
        """Unless somebody has answered; whoever was being rung is free as before."""
        if self._fates[number] is not None:
            return
        call_id = self._calls[number]
        if self._waiting.pop(call_id, None) is None:
            self._take_back(self._rung.pop(call_id))
        self._settle(number, None)

    def _take_back(self, staff_id: StaffId) -> None:
        back = self._engaged.pop(staff_id)
        (self._free if rules.on_duty(back, self._now) else self._off)[staff_id] = back
        self._busy += self._now - self._busy_since.pop(staff_id)
        self._ask()

    def _settle(self, number: int, by: StaffId | None) -> None:
        arrived = self._callers[number].arrives_at
        self._fates[number] = Fate(arrived, self._now - arrived, by)

    # -- counselors -------------------------------------------------------------------------------

    def _answered(self, number: int) -> None:
        staff_id = self._rung.pop(self._calls[number], None)
        if staff_id is None:
            return
        self._settle(number, staff_id)
        heappush(self._coming, (self._now + self._callers[number].talk, _Event.TALK_ENDED, number))

    def _talk_ended(self, number: int) -> None:
        fate = self._fates[number]
        assert fate is not None
        assert fate.answered_by is not None
        staff_id = StaffId(fate.answered_by)
        before = self._engaged.pop(staff_id)
        free_at = self._now + self._house.wrap_up
        self._resting[staff_id] = replace(
            before,
            engaged=True,
            free_at=free_at,
            calls=before.calls + 1,
            talked=before.talked + self._callers[number].talk,
        )
        heappush(self._coming, (free_at, _Event.FREE_AGAIN, staff_id))
        self._ask()

    def _free_again(self, staff_id: int) -> None:
        who = StaffId(staff_id)
        rested = replace(self._resting.pop(who), engaged=False, free_at=None, free_since=self._now)
        (self._free if rules.on_duty(rested, self._now) else self._off)[who] = rested
        self._busy += self._now - self._busy_since.pop(who)
        self._ask()

    def _shift_begins(self, staff_id: int) -> None:
        """Rested; who still has a call from the shift before goes on with it."""
        who = StaffId(staff_id)
        if who in self._off:
            off = self._off.pop(who)
            self._free[who] = replace(off, free_since=self._now, calls=0, talked=timedelta())
            self._ask()

    def _shift_ends(self, staff_id: int) -> None:
        """Who has a call goes when it is done."""
        who = StaffId(staff_id)
        if who in self._free:
            self._off[who] = self._free.pop(who)

    # -- decisions --------------------------------------------------------------------------------

    def _ask(self, after: timedelta = timedelta()) -> None:
        """A decision, once, after all that happens at this moment, and not before the next beat."""
        if not self._waiting or not self._free:
            return
        at = self._now + after
        if self._house.beat:
            at += -(at - self._start) % self._house.beat
        if self._due is None or at < self._due:
            self._due = at
            heappush(self._coming, (at, _Event.DECISION_DUE, 0))

    def _decide(self, _: int) -> None:
        if self._due != self._now:
            return  # an earlier one came before it
        self._due = None
        soon = [each for each in self._resting.values() if rules.soon_free(each, self._now)]
        people = [*self._free.values(), *soon]
        waiting = self._first_in_line(len(self._free))
        for decision in decide(waiting, people, self._now, self._house.steering):
            self._decisions += 1
            del self._waiting[decision.call_id]
            self._ring(decision.call_id, decision.staff_id)
        for call in waiting:
            if call.call_id in self._waiting:
                heappush(self._line, (rules.counts_since(call), call.call_id))
        self._ask(_AGAIN)

    def _first_in_line(self, many: int) -> list[WaitingCall]:
        """They leave the heap."""
        found: list[WaitingCall] = []
        while self._line and len(found) < many:
            call = self._waiting.get(heappop(self._line)[1])
            if call is not None:
                found.append(call)
        return found

    def _ring(self, call_id: CallId, staff_id: StaffId) -> None:
        self._engaged[staff_id] = self._free.pop(staff_id)
        self._busy_since[staff_id] = self._now
        self._rung[call_id] = staff_id
        number = self._numbers[call_id]
        if self._house.pick_up:
            heappush(self._coming, (self._now + self._house.pick_up, _Event.ANSWERED, number))
        else:
            self._answered(number)


def _counselor(number: int, desk: Desk, start: datetime) -> Counselor:
    return Counselor(
        StaffId(number),
        Phone(f"{desk.site}{number}"),
        desk.duty,
        Choice.AVAILABLE,
        reachable=True,
        engaged=False,
        free_since=start,
        skills=desk.skills,
        site=desk.site,
        center=desk.site,
    )


def _overlap(duty: Duty, start: datetime, end: datetime) -> timedelta:
    return max(timedelta(), min(duty.ends, end) - max(duty.starts, start))
