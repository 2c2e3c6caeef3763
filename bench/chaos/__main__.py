"""What callers notice when parts of the house fail: a bounded load of real calls and one fault a row.

Real Asterisk, real SIP on loopback, the switchboard as its own process. Each fault is really injected,
at a random moment of the load. The exit code is 1 when a caller was dropped by us, or a call is not in
the database exactly once with the outcome that Asterisk's own log gives.

    python -m bench.chaos [--calls 12] [--seed 111] [--only NAME]
"""

import argparse
import asyncio
import logging
import random
import sys
from dataclasses import replace
from datetime import datetime

import structlog

from bench.chaos import verdict
from bench.chaos.faults import FAULTS, Fault
from bench.chaos.load import Fate, Load
from bench.chaos.places import Place, centers, house, lasting
from bench.chaos.verdict import Row
from hotline.clock import utc_now
from tests.own_valkey import Valkey
from tests.pbx import Pbx, soon

_ROW_SECONDS = 120.0
_SETTLE_SECONDS = 20.0
_FIRST_NUMBER = 912_000_000


async def _play(place: Place, fault: Fault, calls: int, dice: random.Random) -> Row:
    """One row: the load, the fault somewhere in it, and what came of both."""
    since = utc_now()
    try:
        phones = await place.begin()
        if fault.standby:
            await asyncio.to_thread(place.house.start, "standby", "ami_connected")
        if fault.parts:
            await place.begin_parts()
        number = _FIRST_NUMBER + dice.randrange(10**6) * 10
        load = Load(place.pbxs, phones, dice, number, place.rate, place)
        over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        placing = asyncio.create_task(load.run(calls, over))
        await asyncio.sleep(dice.uniform(2.0, 4.0))
        began = utc_now()
        takeover = await fault.happen(place)
        ended = utc_now()
        reconciling = asyncio.create_task(place.reconcile(since))
        over.set_result(None)
        await placing
        row = await _judge(place, fault, load, since, (began, ended, takeover))
        if code := await reconciling:
            row = replace(row, wrong=(*row.wrong, f"reconcile during the load ended with {code}"))
        return row
    finally:
        await place.end()


async def _judge(
    place: Place,
    fault: Fault,
    load: Load,
    since: datetime,
    when: tuple[datetime, datetime, float | None],
) -> Row:
    db, logs, wrong = place.house.db, [pbx.settings.event_log for pbx in place.pbxs], []
    try:
        place.revive()
        await soon(lambda: verdict.all_ended(db, len(load.told)), within=_SETTLE_SECONDS, every=0.5)
    except AssertionError:
        wrong.append(f"{_SETTLE_SECONDS:g} s later not every call was in the database with its end")
    logged = verdict.logged_since(logs, since)
    right, found = verdict.judge_calls(db, logged if fault.log_is_whole else None, load.told)
    wrong += found
    repaired, found = verdict.reconciled(db, logs, since)
    wrong += found
    row = Row(fault.name, load.told, right, repaired, verdict.times(db, logged, *when), tuple(wrong))
    due = fault.falls_back and verdict.left_alone(load.told, fault.site, *when[:2])
    return verdict.judged(row, fallback_wanted=due)


def play(pbx: Pbx, server: Valkey, fault: Fault, calls: int, seed: int) -> Row:
    """One row in a place of its own."""
    dice = random.Random(f"{seed} {fault.name}")
    built = (
        centers(server, on_postgres=fault.on_postgres)
        if fault.three_sites
        else house(pbx, server, on_postgres=fault.on_postgres, own_clock=fault.own_clock)
    )
    with built as place:
        try:
            return asyncio.run(asyncio.wait_for(_play(place, fault, calls, dice), _ROW_SECONDS))
        except Exception:
            print(place.house.log.read_text("utf-8")[-4000:], file=sys.stderr)
            raise


_NOTES = """
died: held by, or talking on a phone of, the Asterisk that was killed. lasted: until the fault was over
and what it hit was at work again. normal: from the fault until the switchboard rang a phone for a new
caller. fallback: until Asterisk's own queue rang one (at a center whose one phone talks across the
cut link: after that talk has ended by its silence).
disk full: no file of Asterisk can grow, its log neither; there the phones alone say what is right.
clock: the time of day jumps there and back for all of the switchboard's process; Asterisk's does not.
link: AMI, SIP and database of a center, to and from all others; audio goes on, it is one machine.
"""
_COUNTED = (Fate.ANSWERED, Fate.ABANDONED, Fate.DIED, Fate.DROPPED)
_HEAD = ("offered", *_COUNTED, "right in db", "reconciled", "lasted s", "normal s", "fallback s")


def show(row: Row | None = None) -> None:
    """A line of the table; without a row its head."""
    fault, cells = "fault", list(map(str, _HEAD))
    if row is not None:
        fault = row.fault
        counts = [len(row.told), *map(row.count, _COUNTED), row.right, row.repaired]
        seconds = (row.times.lasted, row.times.normal, row.times.fallback)
        cells = [*map(str, counts), *("-" if each is None else f"{each:.1f}" for each in seconds)]
    print(f"{fault:26}" + "".join(f"{cell:>12}" for cell in cells), flush=True)
    if row is not None and row.times.takeover is not None:
        print(f"  the standby was in charge after {row.times.takeover:.1f} s", flush=True)
    for each in row.wrong if row else ():
        print(f"  WRONG {each}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--calls", type=int, default=12, help="at least, for each fault; at most 50")
    parser.add_argument("--seed", type=int, default=111)
    parser.add_argument("--only", default="", help="faults whose name contains this")
    given = parser.parse_args()
    wanted = [fault for fault in FAULTS if given.only.lower() in fault.name.lower()]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with lasting() as (pbx, server):
        show()
        rows = []
        for fault in wanted:
            rows.append(play(pbx, server, fault, min(given.calls, 50), given.seed))
            show(rows[-1])
        print(_NOTES)
    sys.exit(any(row.wrong for row in rows))


if __name__ == "__main__":
    main()
