"""What somebody who means ill gets from the running system: every input refused or harmless.

Real Asterisk, switchboard, web server and worker on loopback; a bounded number of inputs of each kind.
The exit code is 1 when anything was answered with 5xx, a process died, a row was lost, or something was
taken that must be refused.

    python -m bench.hostile [--only NAME] [--postgresql | --firewall]
"""

import argparse
import asyncio
import logging
import sys
import time
from collections.abc import Awaitable, Callable

import structlog

from bench.chaos.places import lasting
from bench.hostile import files, line, manager, pages, programs, shield, wire
from bench.hostile.system import System, running
from bench.hostile.verdict import Row, show

Attack = Callable[[System], Awaitable[Row]]
ATTACKS: tuple[Attack, ...] = (
    line.garbled,
    line.flood,
    line.forged_callers,
    line.toll_fraud,
    manager.at_the_door,
    manager.in_the_stream,
    wire.odd_requests,
    wire.slow_requests,
    wire.passwords,
    files.uploads,
    files.formulas,
    pages.strangers,
    pages.forged,
    pages.addresses,
    pages.fields,
    programs.interface,
    programs.inward_addresses,
)
SHIELDED: tuple[Attack, ...] = (*ATTACKS[:3], line.storm, line.loud)
"""Where the firewall is before Asterisk."""
_SECONDS = 300.0


async def _try(system: System, attack: Attack) -> Row:
    before = system.rows()
    began = time.monotonic()
    row = await asyncio.wait_for(attack(system), _SECONDS)
    row.deaths = system.deaths()
    after = system.rows()
    row.rows_lost = sum(len(keys - after[table]) for table, keys in before.items())
    row.wrong += [
        f"{len(keys - after[table])} rows of {table} are gone"
        for table, keys in before.items()
        if keys - after[table]
    ]
    print(f"{time.monotonic() - began:.0f} s", file=sys.stderr)
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--only", default="", help="attacks whose name contains this")
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--firewall", action="store_true", help="SIP, with our firewall before Asterisk")
    given = parser.parse_args()
    if given.firewall:
        shield.enter(sys.argv[1:])
    attacks = SHIELDED if given.firewall else ATTACKS
    wanted = [each for each in attacks if given.only in f"{each.__module__}.{each.__name__}"]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    rows = []
    with lasting() as (pbx, server), running(pbx, server, on_postgres=given.postgresql) as system:
        if given.firewall:
            shield.put_up(system, line.PHONES_FROM)
        show()
        for attack in wanted:
            rows.append(asyncio.run(_try(system, attack)))
            show(rows[-1])
        if any(not row.clean for row in rows):
            print(system.house.log.read_text("utf-8")[-3000:], file=sys.stderr)
    sys.exit(any(not row.clean for row in rows))


if __name__ == "__main__":
    main()
