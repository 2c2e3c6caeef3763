"""Erlang C and Erlang A: how well some counselors serve a demand, and how many it needs. Pure.

Both are the queue of Poisson arrivals, exponential handling times and one line for all, M/M/n. In Erlang
C (A. K. Erlang, 1917) everybody waits for ever, so that a load above the number of counselors grows
without end; in Erlang A (C. Palm, 1946) patience is exponential too (M/M/n+M), which is how callers are:
who waits too long hangs up. Both share one birth-and-death chain: Mandelbaum and Zeltyn, "The
Palm/Erlang-A queue, with applications to call centers" (2005).

Below, j callers wait while all n counselors are busy. With x = n × patience / handling and y = arrivals
per patience, the chance of j is proportional to t(j) = y^j / ((x+1)…(x+j)); without patience it is to
(load / n)^j. The sums run over positive terms only and are rescaled when they grow, so that nothing
cancels or overflows: 10,000 counselors need no other formula than three.

No library fits: what is published knows Erlang C alone, or asks a server of its makers for each figure.
"""

from dataclasses import dataclass
from datetime import timedelta
from math import exp, expm1, inf, log

_ENOUGH = 1e-16
"""Terms smaller than this part of their sum do not change it."""
_LARGE = 1e200


@dataclass(frozen=True, slots=True)
class Demand:
    """Calls that come evenly. `handling`: talk and wrap-up together, in the mean. `patience`: how long a
    caller would wait in the mean before hanging up; None: for ever (Erlang C)."""

    calls_per_hour: float
    handling: timedelta
    patience: timedelta | None = None

    @property
    def load(self) -> float:
        """In erlangs: how many counselors would be busy all the time."""
        return self.calls_per_hour * self.handling.total_seconds() / 3600


@dataclass(frozen=True, slots=True)
class Target:
    """Of all calls offered, `share` (0 to 1) is to be answered within `within`."""

    share: float
    within: timedelta


@dataclass(frozen=True, slots=True)
class Service:
    """What callers meet in the long run, as shares of all calls offered.

    `waits`: found nobody free. `in_time`: answered within the limit asked about. `abandons`: hung up.
    `answer_speed`: mean wait of those who are answered; None when the line grows without end, or when
    nobody answers at all. `occupancy`: share of their time that counselors are busy.
    """

    waits: float
    in_time: float
    abandons: float
    answer_speed: timedelta | None
    occupancy: float


_UNSERVED = Service(waits=1.0, in_time=0.0, abandons=1.0, answer_speed=None, occupancy=0.0)


def service(demand: Demand, counselors: int, limit: timedelta) -> Service:
    """What this many counselors make of the demand; `limit`: for `Service.in_time`."""
    if demand.load <= 0:
        return Service(0.0, 1.0, 0.0, timedelta(), 0.0)
    if counselors < 1:
        forever = Service(1.0, 0.0, 0.0, None, 0.0)
        return forever if demand.patience is None else _UNSERVED
    if demand.patience is None:
        return _erlang_c(demand, counselors, limit.total_seconds())
    return _erlang_a(demand, counselors, limit.total_seconds(), demand.patience.total_seconds())


def needed(demand: Demand, target: Target) -> int:
    """The fewest counselors that reach the target; 0 when nobody calls.

    Raises ValueError for a share that no number of counselors reaches.
    """
    if not 0 <= target.share < 1:
        raise ValueError("a share of calls is from 0 to below 1")
    if demand.load <= 0:
        return 0
    too_few, enough = 0, max(1, round(demand.load))
    while not _reaches(demand, enough, target):
        too_few, enough = enough, enough + max(1, round(demand.load**0.5))
    while enough - too_few > 1:
        middle = (enough + too_few) // 2
        if _reaches(demand, middle, target):
            enough = middle
        else:
            too_few = middle
    return enough


def _reaches(demand: Demand, counselors: int, target: Target) -> bool:
    return service(demand, counselors, target.within).in_time >= target.share


def blocking(load: float, counselors: int) -> float:
    """Erlang B: the chance to find all busy where nobody waits, by the recursion over the counselors."""
    blocked = 1.0
    for n in range(1, counselors + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked


def _erlang_c(demand: Demand, counselors: int, limit: float) -> Service:
    spare = counselors - demand.load
    if spare <= 0:
        return Service(waits=1.0, in_time=0.0, abandons=0.0, answer_speed=None, occupancy=1.0)
    handling = demand.handling.total_seconds()
    waits = _all_busy(blocking(demand.load, counselors), log(counselors / spare))
    return Service(
        waits=waits,
        in_time=1 - waits * exp(-spare * limit / handling),
        abandons=0.0,
        answer_speed=timedelta(seconds=waits * handling / spare),
        occupancy=demand.load / counselors,
    )


def _erlang_a(demand: Demand, counselors: int, limit: float, patience: float) -> Service:
    ends = counselors / demand.handling.total_seconds()  # calls ended a second while all are busy
    x, y = ends * patience, demand.calls_per_hour / 3600 * patience
    line = _line(x, y)
    waits = _all_busy(blocking(demand.load, counselors), line.log_sum)
    abandons = waits * line.length / y
    answered = 1 - abandons
    # Who finds j waiting is answered within the limit unless they lose patience: the density of the wait
    # offered is exp(y(1-e^-s) - xs) over s = time / patience, and e^-s of them are still there at s.
    s = limit / patience
    left = y * -expm1(-s) - (x + 1) * s + _line(x + 1, y * exp(-s)).log_sum
    after_waiting = (
        x / (x + 1) * (exp(_line(x + 1, y).log_sum - line.log_sum) - exp(left - line.log_sum))
    )
    return Service(
        waits=waits,
        in_time=min(1.0, 1 - waits + waits * max(0.0, after_waiting)),
        abandons=abandons,
        answer_speed=timedelta(seconds=waits * line.answered_wait * patience / answered),
        occupancy=demand.load * answered / counselors,
    )


def _all_busy(blocked: float, log_sum: float) -> float:
    """The chance that all are busy. `blocked`: of the last state before anybody waits (Erlang B)."""
    if blocked == 0:
        return 0.0
    return 1 / (1 + exp(min(700.0, log(1 - blocked) - log(blocked) - log_sum))) if blocked < 1 else 1.0


@dataclass(frozen=True, slots=True)
class _Line:
    """Sums over t(j), the last two divided by the first. `length`: callers waiting. `answered_wait`: the
    wait to come of an arriving caller who will be answered (zero for who will not), in patiences."""

    log_sum: float
    length: float
    answered_wait: float


def _line(x: float, y: float) -> _Line:
    """About y − x + 10√y terms where more come than go, else a few dozen."""
    term, total, length, answered_wait = 1.0, 1.0, 0.0, 1 / (x + 1) * x / (x + 1)
    scale, j, ahead = 0.0, 0, 1 / (x + 1)
    while term > total * _ENOUGH or y > x + j:
        j += 1
        term *= y / (x + j)
        ahead += 1 / (x + j + 1)
        total += term
        length += j * term
        answered_wait += term * ahead * x / (x + j + 1)
        if total > _LARGE:
            term, total = term / _LARGE, total / _LARGE
            length, answered_wait = length / _LARGE, answered_wait / _LARGE
            scale += log(_LARGE)
    return _Line(log(total) + scale if total < inf else inf, length / total, answered_wait / total)
