"""How fast the simulator is: a day of the house, and one crowded minute of a house 300 times as large.

    python -m bench.simulator

The first lines are days as they are: so many times the hotline's calls of a Friday, and counselors to
match. The last is a minute in which 50,000 callers wait and 10,000 counselors finish their calls,
decided once a second. Every decision is one of `routing.policy`. Seconds are those of the processor,
less than a minute in all.
"""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from time import process_time

from hotline.calendar import DAY, start_of
from hotline.synthetic import calls_of
from routing.policy import Steering
from routing.shifts import SHIFTS, Duty
from routing.simulator import Caller, Desk, House, Simulated, simulate

FRIDAY = date(2026, 11, 20)
SITES = ("hn", "dn", "ag")
SECOND = timedelta(seconds=1)
LIMIT = 15 * SECOND
HOUSE = House(wrap_up=30 * SECOND, pick_up=4 * SECOND, steering=Steering(limit=10 * SECOND))
DAYS = ((1, 24), (5, 84), (10, 150))
"""Times the calls, counselors."""
WAITING, BUSY = 50_000, 10_000


def callers_of_a_day(times: int, chance: random.Random) -> list[Caller]:
    calls = [call for seed in range(times) for call in calls_of(FRIDAY, seed)]
    return [
        Caller(call.arrived_at, call.talk, call.patience, site=chance.choice(SITES)) for call in calls
    ]


def desks(many: int) -> list[Desk]:
    """A third of them on each shift, of the evening before too; so many at each center."""
    shifts = [(shift.on(FRIDAY - DAY), shift.on(FRIDAY)) for shift in SHIFTS]
    return [Desk(shifts[n % 3], site=SITES[n // 3 % 3]) for n in range(many)]


def crowd(chance: random.Random) -> tuple[list[Caller], list[Desk]]:
    """Everybody waits since the same moment; the counselors' first calls end within the minute."""
    start = start_of(FRIDAY, 20)
    first = [Caller(start, chance.uniform(1, 60) * SECOND, site=SITES[n % 3]) for n in range(BUSY)]
    others = [
        Caller(start + SECOND, chance.expovariate(1 / 90) * SECOND, 300 * SECOND, SITES[n % 3])
        for n in range(WAITING)
    ]
    duty = (Duty(start, start + DAY, "always"),)
    return first + others, [Desk(duty, site=SITES[n % 3]) for n in range(BUSY)]


def told(name: str, callers: int, counselors: int, done: Simulated, seconds: float) -> str:
    in_time = sum(fate.answered_by is not None and fate.waited <= LIMIT for fate in done.fates)
    return (
        f"{name:<22}{callers:8,}{counselors:9,}{done.decisions:11,}{seconds:9.2f}"
        f"{done.decisions / seconds:13,.0f}{in_time / callers:10.1%}"
    )


def timed(
    callers: Sequence[Caller], people: Sequence[Desk], house: House, length: timedelta
) -> tuple[Simulated, float]:
    start = min(caller.arrives_at for caller in callers)
    before = process_time()
    done = simulate(callers, people, house, start, start + length)
    return done, process_time() - before


def main() -> None:
    chance = random.Random(111)
    print(f"{'':22}   calls  counsel.  decisions  seconds  decisions/s  in 15 s")
    for times, many in DAYS:
        callers = callers_of_a_day(times, chance)
        done, seconds = timed(callers, desks(many), HOUSE, DAY)
        print(told(f"a day, {times} times 111", len(callers), many, done, seconds))
    callers, people = crowd(chance)
    once_a_second = House(HOUSE.wrap_up, HOUSE.pick_up, HOUSE.steering, beat=SECOND)
    done, seconds = timed(callers, people, once_a_second, timedelta(minutes=1))
    print(told("a crowded minute", len(callers), len(people), done, seconds))


if __name__ == "__main__":
    main()
