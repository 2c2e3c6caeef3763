"""How long made-up years take to load, each kind of report to count (with roll-ups and without) and each
report page to come, on both databases; how long the roll-ups take to make and to prove, and what marking
a day costs whoever writes a call.

    python -m bench.reports [--years 2] [--rounds 20] [--only sqlite|postgresql]

20 years are 10 million calls. Without roll-ups each report is counted once, up to `--plain` years. Ends
with 1 when a page takes longer than a second (95th percentile).
"""

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial

from sqlalchemy import Engine

from bench import report_pages
from bench.past import fill
from bench.times import at, taken
from bench.web_house import server, web_house
from hotline import db
from hotline.clock import local, utc_now
from hotline.db import reading, transaction
from hotline.ids import CallId
from intake.calls import calls
from intake.history.loading import LAST
from intake.statistics import periods, rollups
from intake.statistics.periods import Period
from intake.statistics.report import tables
from intake.statistics.rollup_proof import differences
from tests.factories import Story

NOW = datetime(LAST + 1, 1, 1, tzinfo=UTC)
_TURNS, _CALLS = 8, 50


def spans(years: int) -> Mapping[str, Period]:
    """The kinds of report, the longest last."""
    return {
        "a month": periods.month(LAST, 5),
        "a quarter": periods.quarter(LAST, 2),
        "a year": periods.year(LAST),
        "odd days": Period(date(LAST - 1, 3, 5), date(LAST, 11, 20)),
        f"{years} years": Period(date(LAST - years + 1, 1, 1), date(LAST + 1, 1, 1)),
        f"{years} years but two days": Period(date(LAST - years + 1, 1, 2), date(LAST, 12, 31)),
    }


def measure(engine: Engine, of: Mapping[str, Period], rounds: int, what: str) -> None:
    for name, period in of.items():
        times = taken(partial(_told, engine, period), rounds)
        print(
            f"  {what} {name:24} median {statistics.median(times):8.1f}  p95 {at(0.95, times):8.1f} ms",
            flush=True,
        )


def _told(engine: Engine, period: Period) -> None:
    with reading(engine) as session:
        tables(session, period, NOW)


def marking(engine: Engine) -> None:
    """Calls as the switchboard writes them, one transaction an event, with and without the triggers that
    mark days, in turns."""
    times: dict[bool, list[float]] = {True: [], False: []}
    made = _triggers(engine)
    for turn in range(_TURNS):
        marks = turn % 2 == 0
        with transaction(engine) as session:
            for table, name, statement in made if turn else ():
                step = statement if marks else f"DROP TRIGGER {name}{table}"
                session.connection().exec_driver_sql(step)
        for number in range(_CALLS):
            begins = datetime(LAST, 6, 1, tzinfo=UTC) + timedelta(minutes=number)
            call_id = CallId(f"bench-{turn}.{number}")
            story = Story(call_id=call_id, at=begins).answered_call("hn01")
            began = time.perf_counter()
            for one in story.told:
                with transaction(engine) as session:
                    calls.apply(session, one)
            times[marks].append(1000 * (time.perf_counter() - began))
    with_marks, without = (statistics.median(times[marks]) for marks in (True, False))
    print(f"  a call's events written in {with_marks:.2f} ms with marks, {without:.2f} ms without")


def _triggers(engine: Engine) -> list[tuple[str, str, str]]:
    """Where it is (as DROP wants it told), its name, how it was made."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            query = "SELECT '', name, sql FROM sqlite_master WHERE name LIKE 'mark_%'"
        else:
            query = (
                "SELECT ' ON ' || tgrelid::regclass, tgname, pg_get_triggerdef(oid) FROM pg_trigger"
                " WHERE tgname LIKE 'mark_%'"
            )
        found = connection.exec_driver_sql(query.replace("%", "%%") if "pg" in query else query)
        return [(table, name, statement) for table, name, statement in found]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--years", type=int, default=2)
    parser.add_argument("--plain", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    asked = parser.parse_args()
    if not asked.only:  # each in a process of its own, for a process has one database
        command = [sys.executable, "-m", "bench.reports", *sys.argv[1:], "--only"]
        sys.exit(max(subprocess.call([*command, name]) for name in ("sqlite", "postgresql")))
    print(asked.only, flush=True)
    with web_house(postgresql=asked.only == "postgresql"):
        slow = _all(db.engine(), asked.years, asked.rounds, plain=asked.years <= asked.plain)
    sys.exit(1 if slow else 0)


def _all(engine: Engine, years: int, rounds: int, *, plain: bool) -> list[str]:
    """The pages that took too long."""
    fill(engine, years)
    of = spans(years)
    if plain:
        measure(engine, of, 1, "from rows   ")
    today = local(utc_now()).date()
    days = [day for day in rollups.stale(engine, today) if day.year <= LAST]
    began = time.perf_counter()
    rollups.build(engine, days)
    print(f"  {len(days)} days rolled up in {time.perf_counter() - began:.1f} s", flush=True)
    measure(engine, of, rounds, "from roll-ups")
    with server() as (address, _):
        reader = report_pages.logged_in(int(address.rpartition(":")[2]))
        pages = {**report_pages.reports(years), **report_pages.behind(years)}
        slow = report_pages.measure(reader, pages, rounds)
    began = time.perf_counter()
    wrong = list(differences(engine, date(LAST + 1, 1, 1)))
    print(f"  proven in {time.perf_counter() - began:.1f} s: {len(wrong)} differences")
    marking(engine)
    return slow


if __name__ == "__main__":
    main()
