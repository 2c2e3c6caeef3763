"""Which counselor is offered which waiting call. Pure: no I/O, no clock, no memory.

Each rule is a named predicate or order, tested by itself. A decision carries the codes of the rules that
made it, so that "why did this call ring here?" can be answered in words.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import heapify, heappop
from operator import attrgetter

from hotline.ids import CallId, Phone, StaffId
from hotline.lines import CalledLine
from routing.choices import Choice
from routing.shifts import Duty


@dataclass(frozen=True, slots=True)
class WaitingCall:
    """A caller held for a counselor. `declined_by`: who was rung for it already in vain. `site`: the PBX
    that holds the caller."""

    call_id: CallId
    since: datetime
    declined_by: frozenset[StaffId] = frozenset()
    line: CalledLine = CalledLine.CHILD
    site: str = ""


@dataclass(frozen=True, slots=True)
class Counselor:
    """A counselor as the router sees them.

    `engaged`: rung, talking or in wrap-up. `reachable`: their phone is registered. `free_since`: since
    when they could have taken a call (end of the last one with its wrap-up, or their own choice).
    `duty`: their shifts around now. `site`: the PBX of their phone.
    """

    staff_id: StaffId
    phone: Phone
    duty: tuple[Duty, ...]
    choice: Choice
    reachable: bool
    engaged: bool
    free_since: datetime
    skills: frozenset[str] = frozenset()
    """Names of lines that this counselor is trained for."""
    site: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """Ring this counselor for this call. `reasons`: stable codes of the rules that led here."""

    call_id: CallId
    staff_id: StaffId
    phone: Phone
    reasons: tuple[str, ...]


def on_duty(counselor: Counselor, now: datetime) -> bool:
    """On shift, available and phone registered, whether they talk just now or not."""
    return (
        counselor.choice is Choice.AVAILABLE
        and counselor.reachable
        and any(duty.covers(now) for duty in counselor.duty)
    )


def can_take_calls(counselor: Counselor, now: datetime) -> bool:
    """On duty, and nothing on the line."""
    return on_duty(counselor, now) and not counselor.engaged


def trained_for(counselor: Counselor, line: CalledLine) -> bool:
    """Everybody is for the children's line."""
    return line is CalledLine.CHILD or line in counselor.skills


def longest_free_first(counselors: Sequence[Counselor]) -> list[Counselor]:
    """Free longest first; the id settles a tie, so that the order never depends on chance."""
    return sorted(counselors, key=attrgetter("free_since", "staff_id"))


def own_site_first(counselors: Sequence[Counselor], site: str) -> list[Counselor]:
    """Who sits where the caller is held comes first; the order is kept otherwise."""
    return sorted(counselors, key=lambda counselor: counselor.site != site)


def longest_waiting_first(waiting: Sequence[WaitingCall]) -> list[WaitingCall]:
    return sorted(waiting, key=lambda call: (call.since, call.call_id))


def first_in_line(since: Mapping[CallId, datetime]) -> Iterator[CallId]:
    """The same order, made only as far as somebody asks: of a long line mostly the first few count."""
    line = [(at, call_id) for call_id, at in since.items()]
    heapify(line)
    while line:
        yield heappop(line)[1]


def decide(
    waiting: Sequence[WaitingCall], counselors: Sequence[Counselor], now: datetime
) -> list[Decision]:
    """Pair waiting calls with free counselors: never one counselor twice, never one call twice.

    A counselor who did not take this call is asked again only when nobody else is free anywhere. Who is
    trained for the call's line is preferred, then who sits at the site that holds the caller (else it is
    overflow), but nobody waits for either while somebody else is free.
    """
    free = longest_free_first([each for each in counselors if can_take_calls(each, now)])
    decisions = []
    for call in longest_waiting_first(waiting):
        if not free:
            break
        fresh = [each for each in free if each.staff_id not in call.declined_by]
        able = own_site_first(fresh or free, call.site)
        chosen = next((each for each in able if trained_for(each, call.line)), able[0])
        why = "longest_free" if chosen is able[0] else "trained"
        free.remove(chosen)
        reasons: tuple[str, ...] = ("longest_waiting", why if fresh else "nobody_else")
        if chosen.site != call.site:
            reasons += ("overflow",)
        decisions.append(Decision(call.call_id, chosen.staff_id, chosen.phone, reasons))
    return decisions
