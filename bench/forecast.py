"""How well and how fast the calls of coming days are told from the made-up past, in the same run.

A made-up year is loaded with its half hours, then at the end of each month from March on the past is
read as the staffing page does, learned from, and held against the four weeks before: the share of calls
that the forecast was off by half hours and by days, beside what even a forecast that knew the true means
would be off, and beside the simplest one (the same half hour a week before).

    python -m bench.forecast [--rounds 20] [--only sqlite|postgresql]
"""

import argparse
import statistics
from collections.abc import Callable
from datetime import date, timedelta

from sqlalchemy import Engine

from bench import past
from bench.search import database
from bench.times import at, taken
from hotline.calendar import days
from hotline.db import reading
from intake.calls import call_counts
from intake.history.loading import LAST
from routing import forecast
from routing.forecast import History

WEEK = timedelta(weeks=1)


def months() -> list[date]:
    """The first days of the months until which is known."""
    return [date(LAST, month, 1) for month in range(4, 13)]


def week_before(history: History, until: date) -> float:
    """What the simplest forecast is off half hour by half hour, over the same four weeks."""
    off = came = 0
    for day in days(until - 4 * WEEK, until):
        off += sum(abs(a - b) for a, b in zip(history[day], history[day - WEEK], strict=True))
        came += sum(history[day])
    return off / came


def measure(engine: Engine, rounds: int) -> None:
    print(
        f"  {'until':12}{'half hours':>12}{'best there is':>15}{'week before':>13}{'days':>8}{'bias':>8}"
    )
    for until in months():
        history = read(engine, until)
        error = forecast.back_test(history, until)
        if error is None:
            raise RuntimeError(f"nothing is known before {until}")
        print(
            f"  {until!s:12}{error.half_hour:12.1%}{error.chance:10.1%}"
            f"{week_before(history, until):13.1%}{error.day:8.1%}{error.bias:+8.1%}"
        )
    until = months()[-1]
    timed("the days of a year read", lambda: read(engine, until), rounds)
    history = read(engine, until)
    timed("learned from", lambda: forecast.learn(history, until), rounds)
    timed("held against four weeks", lambda: forecast.back_test(history, until), rounds)


def read(engine: Engine, until: date) -> History:
    with reading(engine) as session:
        return call_counts.past_days(session, date(LAST, 1, 1), until).offered


def timed(what: str, do: Callable[[], object], rounds: int) -> None:
    times = taken(do, rounds)
    print(f"  {what:26} median {statistics.median(times):7.1f}  p95 {at(0.95, times):7.1f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    asked = parser.parse_args()
    for name in (asked.only,) if asked.only else ("sqlite", "postgresql"):
        with database(name) as engine:
            print(f"\n{name}: a made-up year")
            past.fill(engine, 1)
            measure(engine, asked.rounds)


if __name__ == "__main__":
    main()
