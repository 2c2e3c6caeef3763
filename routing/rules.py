"""The rules of the policy, each by itself: who can, whom first, which call first, where. Pure.

Orders are keys that do not change while time passes: whoever waits moves up because others leave, so
that each caller can be overtaken for a bounded time only. The figures are the house's own; no law sets
any.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from hotline.callers import NOTHING_KNOWN, Known
from hotline.lines import CalledLine
from routing.choices import Choice
from routing.shifts import Duty
from routing.values import Counselor, Reason, Steering, WaitingCall

BOOSTS: Mapping[Reason, timedelta] = {
    Reason.RANG_AGAIN: timedelta(seconds=60),
    Reason.PROMISED: timedelta(seconds=90),
    Reason.URGENT_CASE: timedelta(minutes=5),
    Reason.PARTNER: timedelta(minutes=5),
    Reason.TRANSFERRED: timedelta(minutes=10),
    Reason.LOST: timedelta(hours=1),
}
"""How much longer than in truth such a caller counts as waiting. Several add up."""
LOWERED = timedelta(minutes=2)
"""How much later than in truth a nuisance number counts as having come."""
LOWERED_MOST = 5
"""Behind so many callers who came later it may be put, never more."""
PER_CALL = timedelta(seconds=5)
PER_TALK = 0.02
FAIR_MOST = timedelta(minutes=2)
"""Fairness over a shift: each call counts as being free 5 s less long, each minute of talk 1.2 s; at
most two minutes, so that whoever comes late to a shift is not given every call."""
SOON = timedelta(seconds=10)
"""Somebody whose wrap-up ends within this time is soon free; a caller waits so long for the same
counselor again, and no longer."""


REST_YIELDS = timedelta(seconds=20)
"""So long a caller whom nobody else can take waits for somebody who rests."""


# -- who can ---------------------------------------------------------------------------------------


def on_duty(counselor: Counselor, now: datetime) -> bool:
    """On shift, available and phone registered, whether they talk just now or not."""
    return counselor.choice is Choice.AVAILABLE and counselor.reachable and _covered(counselor.duty, now)


def _covered(duties: Iterable[Duty], now: datetime) -> bool:
    for duty in duties:  # noqa: SIM110  # thousands of times: a generator costs twice as much
        if duty.starts <= now < duty.ends:
            return True
    return False


def can_take_calls(counselor: Counselor, now: datetime) -> bool:
    """On duty, and nothing on the line."""
    return not counselor.engaged and on_duty(counselor, now)


def soon_free(counselor: Counselor, now: datetime) -> bool:
    """Resting or writing, and done in a moment."""
    return (
        counselor.engaged
        and counselor.free_at is not None
        and counselor.free_at - now <= SOON
        and on_duty(counselor, now)
    )


def may_be_disturbed(counselor: Counselor, now: datetime) -> bool:
    """Resting after a heavy call, with the record closed."""
    resting = counselor.engaged and counselor.yields and counselor.free_at is not None
    return resting and on_duty(counselor, now)


def at_work(counselor: Counselor, steering: Steering) -> bool:
    """Their center is open, or they have been moved to one that is."""
    return seat(counselor, steering) not in steering.closed


def seat(counselor: Counselor, steering: Steering) -> str:
    """The center whose queue they serve."""
    post = steering.moved.get(counselor.staff_id)
    return (post.center if post else "") or counselor.center or counselor.site


def penalty(counselor: Counselor, site: str, steering: Steering) -> int:
    """How late the fallback queue of this PBX rings them: 0 who serves its callers, 1 who has been put
    elsewhere, 2 who belongs to a center that takes no calls: better them than nobody."""
    post = steering.moved.get(counselor.staff_id)
    if not at_work(counselor, steering):
        return 2
    return int(post is not None and (post.center not in ("", site) or post.line is not None))


def trained_for(skills: frozenset[str], line: CalledLine) -> bool:
    """Everybody is for the children's line."""
    return line is CalledLine.CHILD or line in skills


def has(skills: frozenset[str], skill: str) -> bool:
    """Most callers need none."""
    return not skill or skill in skills


# -- whom first ------------------------------------------------------------------------------------


def turn(counselor: Counselor) -> datetime:
    """Whose is lowest is rung first: free longest, with fairness over the shift."""
    if not counselor.calls and not counselor.talked:
        return counselor.free_since
    burden = counselor.calls * PER_CALL + counselor.talked * PER_TALK
    return counselor.free_since + min(burden, FAIR_MOST)


# -- which call first ------------------------------------------------------------------------------


def boosts(call: WaitingCall) -> tuple[Reason, ...]:
    """What raises this call."""
    return raised_by(call.known, transferred=call.transferred, lost=call.lost, partner=call.partner)


def raised_by(known: Known, *, transferred: bool, lost: bool, partner: bool) -> tuple[Reason, ...]:
    """`lost` is a way of having been spoken with, and counts instead of it."""
    if known is NOTHING_KNOWN and not (transferred or partner):
        return ()
    return tuple(
        reason
        for reason, holds in (
            (Reason.LOST, lost),
            (Reason.TRANSFERRED, transferred and not lost),
            (Reason.PARTNER, partner),
            (Reason.URGENT_CASE, known.urgent_case),
            (Reason.PROMISED, known.promised),
            (Reason.RANG_AGAIN, known.rang_again),
        )
        if holds
    )


def head_start(raised: Iterable[Reason]) -> timedelta:
    """How much longer than in truth they count as waiting."""
    return sum((BOOSTS[reason] for reason in raised), timedelta())


def counts_since(call: WaitingCall) -> datetime:
    """Since when they count as waiting: the lowest comes first."""
    raised = boosts(call)
    return call.since - head_start(raised) if raised else call.since


def is_lowered(call: WaitingCall) -> bool:
    """A nuisance number; whatever raises a call is stronger."""
    return call.known.lowered and not boosts(call)


def in_line(waiting: Iterable[WaitingCall]) -> list[WaitingCall]:
    """Everybody in the order in which they are served; the id settles a tie, never chance."""
    line = sorted((counts_since(call), 0, call.call_id, call) for call in waiting)
    if not any(call.known.lowered for *_, call in line):
        return [call for *_, call in line]
    arrivals = [since for since, *_, call in line if not is_lowered(call)]
    placed = [
        (lowered_to(since, arrivals), 1, name, call) if is_lowered(call) else (since, 0, name, call)
        for since, _, name, call in line
    ]
    return [call for *_, call in sorted(placed, key=lambda each: each[:3])]


def lowered_to(since: datetime, arrivals: Sequence[datetime]) -> datetime:
    """Where a nuisance number stands: behind those who came up to `LOWERED` later, at most
    `LOWERED_MOST` of them. `arrivals`: of all others, sorted."""
    last = bisect_right(arrivals, since) + LOWERED_MOST - 1
    return min(since + LOWERED, arrivals[last]) if last < len(arrivals) else since + LOWERED


# -- where -----------------------------------------------------------------------------------------


def overflow(
    call: WaitingCall, steering: Steering, now: datetime, free_at: datetime | None
) -> Reason | None:
    """Why another center may have this caller now: their own is closed, or the wait has reached its
    limit, or will. `free_at`: when somebody of their own will be free for them, known or forecast; where
    it is neither, nobody is left waiting for it."""
    limit = steering.limit_of(call.home)
    if call.home in steering.closed:
        return Reason.CLOSED
    if free_at is None or now - call.since >= limit:
        return Reason.OVERFLOW
    return Reason.FORECAST if free_at - call.since > limit else None


def forecast(line: int, talking: int, talk: timedelta | None) -> timedelta | None:
    """How long the last of a line of so many will wait while so many counselors talk, each for `talk` in
    the mean; None when that is not known. Talks last about exponentially long (Erlang's formulas suppose
    the same), so of n one ends every `talk` / n, however long they have lasted."""
    return None if talk is None or talking == 0 else line * talk / talking
