"""How fast the policy decides: decisions a second, the slowest of them, and how the cost grows.

    python -m bench.policy [--check]

Each size is one moment at which that many callers wait, half of them with something known of them, and
half as many counselors are free, of three centers, eight languages and two trainings: `decide` pairs
them all. Then the two moments that come again and again: one of 5,000 gets free while 10,000 wait (the
line as the switchboard keeps it, then the decision), and one caller comes while 5,000 are free. With
--check it fails when p99 of a decision reaches 1 ms, or the cost grows faster than n log n. Measured is
this thread's own time: the machine may have other things to do.
"""

import gc
import random
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from math import log2
from time import thread_time

from hotline.callers import Known
from hotline.ids import CallId, Phone, StaffId
from hotline.lines import CalledLine
from routing import rules
from routing.choices import Choice
from routing.policy import (
    Counselor,
    Line,
    Pool,
    Steering,
    WaitingCall,
    decide,
    decisions,
)
from routing.shifts import duty_at

NOON = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
TODAY = (duty_at(NOON),)
SITES = ("hn", "dn", "ag")
LANGUAGES = ("hmn", "tyz", "nut", "mtq", "jra", "rad", "khm", "cja")
STEERING = Steering(limit=timedelta(seconds=5))
SIZES = (1_250, 2_500, 5_000, 10_000, 20_000, 50_000)
SLOWEST_MS = 1.0
GROWTH = 1.5
"""How much more than n log n the cost may grow from the smallest to the largest: caches get colder."""


def callers(many: int, chance: random.Random) -> list[WaitingCall]:
    return [
        WaitingCall(
            CallId(f"{site}-{number}.1"),
            NOON - timedelta(seconds=chance.uniform(0, 600)),
            frozenset(StaffId(chance.randrange(many)) for _ in range(chance.choice((0, 0, 1)))),
            CalledLine.TRAFFICKING if chance.random() < 0.05 else CalledLine.CHILD,
            site=site,
            region=chance.choice(("", "", *SITES)),
            known=_known(many, chance) if chance.random() < 0.5 else Known(),
        )
        for number in range(many)
        for site in (chance.choice(SITES),)
    ]


def _known(many: int, chance: random.Random) -> Known:
    return Known(
        language=chance.choice(LANGUAGES) if chance.random() < 0.1 else "",
        counselor=StaffId(chance.randrange(many)) if chance.random() < 0.1 else None,
        urgent_case=chance.random() < 0.05,
        promised=chance.random() < 0.1,
        rang_again=chance.random() < 0.3,
        lowered=chance.random() < 0.05,
    )


def counselors(many: int, chance: random.Random, free: int) -> list[Counselor]:
    """So many, of whom the first are free and every tenth of the others soon will be."""
    return [
        Counselor(
            StaffId(number),
            Phone(f"{site}{number:05}"),
            TODAY,
            Choice.AVAILABLE,
            reachable=True,
            engaged=number >= free,
            free_since=NOON - timedelta(seconds=chance.uniform(0, 900)),
            skills=frozenset({"trafficking"}) if number % 10 == 0 else frozenset(),
            site=site,
            center=site,
            languages=frozenset({chance.choice(LANGUAGES)}) if number % 5 == 0 else frozenset(),
            calls=chance.randrange(30),
            talked=timedelta(seconds=chance.uniform(0, 9000)),
            free_at=NOON + timedelta(seconds=6) if number >= free and number % 10 == 0 else None,
        )
        for number in range(many)
        for site in (chance.choice(SITES),)
    ]


def one_by_one(waiting: Sequence[WaitingCall], people: Sequence[Counselor]) -> list[float]:
    """Milliseconds of each decision; what is done before the first is part of the first."""
    took = []
    before = thread_time()
    for _ in decisions(waiting, pooled(people), NOON):
        after = thread_time()
        took.append((after - before) * 1000)
        before = after
    return took


def percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def best_of(times: int, work: Callable[[], object]) -> float:
    """Seconds of the quickest of so many runs: this machine is not ours alone."""
    return min(_timed(work) for _ in range(times))


def _timed(work: Callable[[], object]) -> float:
    before = thread_time()
    work()
    return thread_time() - before


def pooled(people: Sequence[Counselor]) -> Pool:
    pool = Pool(STEERING)
    for each in people:
        pool.put(each, NOON)
    return pool


def _moments(chance: random.Random) -> None:
    """As the switchboard meets them: line and pool are kept, each decision pays for what has changed."""
    waiting = callers(10_000, chance)
    by_id = {each.call_id: each for each in waiting}
    people = counselors(5_000, chance, 5_000)
    line = Line()
    for each in waiting:
        line.put(each.call_id, rules.counts_since(each))
    nobody, everybody = pooled(()), pooled(people)
    turns = iter(range(1_000_000))

    def somebody_gets_free() -> None:
        nobody.put(people[next(turns) % len(people)], NOON)
        for decision in decisions([by_id[each] for each in islice(line, 1)], nobody, NOON):
            line.drop(decision.call_id)

    def somebody_comes() -> None:
        caller = waiting[next(turns) % len(waiting)]
        line.put(caller.call_id, rules.counts_since(caller))
        for decision in decisions([caller], everybody, NOON):
            line.drop(decision.call_id)
            everybody.put(people[decision.staff_id], NOON)  # and is done at once

    moments: dict[str, Callable[[], object]] = {
        "one of 5,000 gets free, 10,000 wait": somebody_gets_free,
        "one caller comes, 5,000 are free": somebody_comes,
    }
    for title, work in moments.items():
        took = [_timed(work) * 1000 for _ in range(2_000)]
        print(f"{title}: p50 {percentile(took, 0.5):.3f} ms, p99 {percentile(took, 0.99):.3f} ms")


def main() -> int:
    chance = random.Random(111)
    gc.disable()
    costs: dict[int, float] = {}
    slowest = 0.0
    print("waiting  free    decisions/s  whole ms  p50 ms   p99 ms   first ms")
    for size in SIZES:
        waiting, people = callers(size, chance), counselors(size // 2, chance, size // 2)
        costs[size] = best_of(3, lambda w=waiting, p=people: decide(w, p, NOON, STEERING))  # type: ignore[misc]
        took = one_by_one(waiting, people)
        p99 = percentile(took, 0.99)
        slowest = max(slowest, p99)
        print(
            f"{size:7,} {size // 2:6,} {len(took) / costs[size]:12,.0f} {costs[size] * 1000:9.1f}"
            f" {percentile(took, 0.5):8.4f} {p99:8.4f} {took[0]:8.1f}"
        )
    _moments(chance)
    small, large = SIZES[0], SIZES[-1]
    growth = costs[large] / costs[small] / (large * log2(large) / (small * log2(small)))
    print(f"growth from {small:,} to {large:,}, against n log n: {growth:.2f}")
    return 1 if "--check" in sys.argv and (slowest >= SLOWEST_MS or growth > GROWTH) else 0


if __name__ == "__main__":
    raise SystemExit(main())
