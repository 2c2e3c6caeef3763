"""What it costs to carry a call from the journal into SQL, on SQLite and on PostgreSQL.

Made-up calls (answered at the first or the second phone, transferred, held, given up while waiting or
ringing), twenty a second and so a hundred at once, are appended to a real journal and drained as the
switchboard's drain process does, signals and jobs to a real Valkey included:

- a rush: the journal is full and every round finds as many events as it takes;
- one by one: each event has a round of its own, as on a quiet line.

    python -m bench.fold [--calls 400] [--cpu-profile FILE]

Own time is this process's alone: on SQLite with the database, on PostgreSQL without. Half a minute.
"""

import argparse
import cProfile
import os
import random
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from hotline import bus, db, migrate
from hotline.db import reading, transaction
from hotline.events import CallEvent, Outcome
from hotline.ids import StaffId
from hotline.settings import settings
from intake.tables.calls import CallRow
from telephony import garbage
from telephony.drain import batch
from telephony.journal import Journal
from tests import factories, own_valkey, postgres
from tests.factories import NOON, Story
from tests.queries import counted

COUNSELORS = 32
RATE = 20.0
TALK_SECONDS = 4.0
"""Short: what counts is how many calls are told at once."""
_SHARES = {"answered": 70, "second": 10, "transferred": 5, "held": 3, "rang_off": 4, "gave_up": 8}


@dataclass
class Cost:
    """Of so many calls. Seconds."""

    calls: int
    statements: int
    own: float
    wall: float

    def row(self, what: str) -> str:
        per_call, own = self.statements / self.calls, 1000 * self.own / self.calls
        return f"{what:26}{self.calls:7}{per_call:12.1f}{own:9.2f}{self.calls / self.wall:9.0f}"


def told(chance: random.Random, number: int, people: Mapping[str, StaffId]) -> Sequence[CallEvent]:
    """One call of any kind. `people`: phone → whose it is."""
    first, second = chance.sample(list(people), 2)
    at = NOON + timedelta(seconds=number / RATE)
    caller = f"09{chance.randrange(10_000_000, 99_999_999)}"
    story = Story(number=caller, at=at, pause=timedelta(seconds=0.3)).arrived().waiting()
    kind = chance.choices(list(_SHARES), list(_SHARES.values()))[0]
    if kind == "gave_up":
        return story.later(3).ended(Outcome.ABANDONED).told
    if kind == "rang_off":
        return story.chosen(people[first], first).rang(first).ended(Outcome.ABANDONED).told
    if kind == "second":
        story.chosen(people[first], first).rang(first).later(1).stopped(first)
        first = second
    story.chosen(people[first], first).rang(first).talk(first).later(TALK_SECONDS)
    if kind == "held":
        story.held(first).later(1).resumed(first)
    if kind == "transferred":
        story.transferred(first, second).talk_ended(first).rang(second).talk(second).later(1)
        first = second
    return story.talk_ended(first).ended().told


def many(calls: int, people: Mapping[str, StaffId]) -> list[CallEvent]:
    """All that happened in so many calls, in order."""
    chance = random.Random(111)
    happened = [event for number in range(calls) for event in told(chance, number, people)]
    return sorted(happened, key=lambda event: event.at)


def counselors() -> dict[str, StaffId]:
    with transaction() as session:
        people = [factories.counselor(session, f"hn{n:02}") for n in range(1, COUNSELORS + 1)]
    return {str(each.phone): each.staff_id for each in people}


def drained(journal: Journal, events: Sequence[CallEvent], at_once: int) -> Cost:
    """Append so many at once and fold them in, until all are in SQL."""
    cost = Cost(len({event.call_id for event in events}), 0, 0.0, 0.0)
    with counted(db.engine()) as statements:
        for start in range(0, len(events), at_once):
            journal.append(events[start : start + at_once])
            own, wall = time.process_time(), time.perf_counter()
            while batch(journal):
                pass
            cost.own += time.process_time() - own
            cost.wall += time.perf_counter() - wall
    cost.statements = len(statements)
    return cost


def measure(folder: Path, name: str, calls: int, profile: cProfile.Profile | None) -> None:
    people = counselors()
    journal = Journal(folder)
    drained(journal, many(20, people), 100)  # warm
    with profile or nullcontext():
        rush = drained(journal, many(calls, people), 100_000)
    single = drained(journal, many(calls // 4, people), 1)
    journal.close()
    print(rush.row(f"{name}, a rush"))
    print(single.row(f"{name}, one by one"), flush=True)
    with reading() as session:
        over = select(func.count()).select_from(CallRow).where(CallRow.ended_at.is_not(None))
        written = session.scalar(over)
    if written != 20 + rush.calls + single.calls:
        raise SystemExit(f"{written} calls are in the database")


@contextmanager
def database(stack: ExitStack, folder: Path, name: str) -> Iterator[None]:
    """The process's own, with the migrated schema."""
    url = f"sqlite:///{folder / 'bench.db'}"
    if name == "PostgreSQL":
        url = stack.enter_context(postgres.server(durable=True))
    os.environ["TONGDAI_DATABASE_URL"] = url
    settings.cache_clear()
    migrate.prepare(db.engine())
    yield
    db.engine().dispose()
    db.engine.cache_clear()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--calls", type=int, default=400, help="in a rush, at most 4000")
    parser.add_argument("--cpu-profile", type=Path, help="of the rush on PostgreSQL, for pstats")
    given = parser.parse_args()
    garbage.spare_a_round()
    profile = cProfile.Profile() if given.cpu_profile else None
    print(f"{'':26}{'calls':>7}{'statements':>12}{'own ms':>9}{'calls/s':>9}")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="td-fold-")))
        url = stack.enter_context(own_valkey.running(folder))
        os.environ |= {"TONGDAI_DATA": str(folder), "TONGDAI_REDIS_URL": url}
        for name, profiled in (("SQLite", None), ("PostgreSQL", profile)):
            with database(stack, folder, name):
                measure(folder / name, name, min(given.calls, 4000), profiled)
        bus.client().close()
    if profile:
        profile.dump_stats(given.cpu_profile)


if __name__ == "__main__":
    main()
