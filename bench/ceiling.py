"""How many calls a second one Asterisk takes without losing any: our router against its own app_queue.

Real Asterisk, SIPp at both ends on loopback, the switchboard as in production with tracking, journal,
routing, SQLite and Valkey, all on this machine's processors. Three take turns:

- `router`: calls to line 111, as ever;
- `app_queue`: Asterisk's own queue, of whose calls nobody hears. Nothing but Asterisk works for them;
- `heard`: app_queue again, but the switchboard follows its calls and writes them into the database, as
  somebody must in a hotline that rings by app_queue: between this and `router` lies the routing alone.

All three have the same Asterisk with the same event log (CEL into SQLite, WAL; neither CDR nor
queue_log), the same AMI connection, as many phones, the same SIP at both ends. A step is clean when
every call was answered and ended as it should, and 95 of 100 were answered within half a second, after
which SIP repeats itself. Each goes up until a step has twice not been clean, by strides while it leaves
half of the machine idle, then by twentieths: what was too much leaves talks behind that SIPp has given
up and phones that go on talking, and whatever came after it would be measured in their company. At last
the database must have every call that was to be written, to its end. (In a step that was too much
callers wait, and ring off after the greeting: answered for SIPp, not for us.)

    python -m bench.ceiling [--audio] [--from 60] [--to 250] [--seconds 6] [--sides router,app_queue]

Signalling only: callers say one word, nothing is recorded. With `--audio` everybody talks, the phones
say what they hear, and each call is recorded, on all sides, as in production. SIPp takes its part of the
machine, and of other work on it all get their share: read the ratio. What stands beside each step is
the processor time of each process for one call; it hardly depends on what else the machine does. To
compare two versions of ours, have one rate only: `--from 30 --to 30 --seconds 20`.
"""

import argparse
import asyncio
import contextlib
import os
import re
import resource
import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import func, select

from bench import sipp
from bench.native import HEARD, HOSTS, NATIVE, NUMBERS, ROUTER, configure, house, names
from bench.times import at, processor_seconds
from hotline.db import reading
from intake.tables.calls import CallRow
from tests.pbx import free_port, soon
from tests.stories.house import House

PHONES = {side: range(1, 71) for side in (ROUTER, NATIVE, HEARD)}
"""With audio each is taken for some 1.1 s: no side can get beyond 60 calls a second then."""
PHONES_HOST = "127.0.0.113"
TALK_SECONDS = {False: 0.2, True: 1.0}
"""With audio and without."""
STEP, AT_ONCE = 1.05, 5
"""Rates are so much apart, and in a stride so many are taken at once."""
LIGHT = 0.55
"""Of all processors: below that a step is followed by a stride."""
PROMPT_SECONDS = 0.5
MOST_SECONDS = 480.0
"""No new step is begun after that."""
_PAUSE_SECONDS = 2.0
_WRITING_SECONDS = 60.0
_PROCESSES = ("Asterisk", "switchboard", "drain", "SIPp")


@dataclass
class Side:
    """One of the three, and its way up to the highest of `rates` that is clean. `clean`: its place."""

    name: str
    rates: Sequence[int]
    clean: int = -1
    next: int | None = field(init=False)
    """The rate to try; None when it is found."""

    def __post_init__(self) -> None:
        self.next = self.rates[0]

    def tried(self, rate: int, *, clean: bool, busy: float) -> None:
        """`busy`: how much of the machine the step took."""
        self.next = None
        if clean:
            self.clean = self.rates.index(rate)
            place = min(self.clean + (AT_ONCE if busy < LIGHT else 1), len(self.rates) - 1)
            self.next = self.rates[place] if place > self.clean else None

    @property
    def highest(self) -> int:
        return self.rates[self.clean] if self.clean >= 0 else 0


def rates(first: int, last: int) -> Sequence[int]:
    found, rate = [first], float(first)
    while round(rate := rate * STEP) <= last:
        found.append(round(rate))
    return found


@dataclass
class Ceiling:
    """The run. Prefixes give each step's callers numbers of their own."""

    house: House
    folder: Path
    seconds: float
    phones: int
    """SIPp's process."""
    audio: bool
    answered: dict[str, int] = field(default_factory=lambda: dict.fromkeys(NUMBERS, 0))
    """Calls that each side's callers had answered."""
    _prefix: int = 10

    async def run(self, sides: Sequence[Side]) -> None:
        """In turns, until all have found theirs, or time is up."""
        until = time.monotonic() + MOST_SECONDS
        while any(side.next for side in sides):
            for side in sides:
                if (rate := side.next) is None:
                    continue
                if time.monotonic() > until:
                    print("there was no time for more")
                    return
                clean, busy = await self._step(side.name, rate)
                side.tried(rate, clean=clean, busy=busy)

    async def _step(self, name: str, rate: int) -> tuple[bool, float]:
        """Whether it was clean, and how much of the machine it took. Once more when it was not: other
        work on this machine is no loss of ours."""
        busy = 0.0
        for _ in range(2):
            before = self._spent()
            result = await self.place(name, rate)
            spent = [now - then for then, now in zip(before, self._spent(), strict=True)]
            clean = _is_clean(result)
            _print_row(name, rate, result, spent, clean)
            busy = sum(spent) / result.placed * rate / (os.cpu_count() or 1)
            if clean:
                return True, busy
        return False, busy

    def _spent(self) -> Sequence[float]:
        """Seconds of processor time so far, in the order of `_PROCESSES`."""
        callers = resource.getrusage(resource.RUSAGE_CHILDREN)
        return (
            processor_seconds(self.house.pbx.pid),
            processor_seconds(self.house.pid()),
            sum(map(processor_seconds, self.house.drains())),
            processor_seconds(self.phones) + callers.ru_utime + callers.ru_stime,
        )

    async def place(self, name: str, rate: int) -> sipp.Result:
        """One step. There is a moment after it to write its calls down."""
        settings = self.house.pbx.settings
        self._prefix += 1
        load = sipp.Load(
            HOSTS[name],
            NUMBERS[name],
            f"{settings.sip_host}:{settings.sip_port}",
            f"09{self._prefix}",
            rate,
            self.seconds,
            TALK_SECONDS[self.audio],
            self.audio,
        )
        result = await asyncio.to_thread(sipp.place, self.folder, load)
        self.answered[name] += result.done
        if name != NATIVE:
            await _written(self.house, name, self.answered[name], within=_PAUSE_SECONDS)
        return result


def _is_clean(result: sipp.Result) -> bool:
    return result.done == result.placed and at(0.95, result.setup) < PROMPT_SECONDS


def _print_header() -> None:
    times = f"{'median':>9}{'p95':>9}"
    costs = "".join(f"{name:>13}" for name in _PROCESSES)
    print(f"{'':18}{'':12}  ms from INVITE     processor ms of one call")
    print(f"{'':10}{'rate':>6}{'calls':>7}{'lost':>6}{times}{costs}")


def _print_row(name: str, rate: int, result: sipp.Result, spent: Sequence[float], clean: bool) -> None:
    median = 1000 * statistics.median(result.setup or [0])
    p95, lost = 1000 * at(0.95, result.setup), result.placed - result.done
    costs = "".join(f"{1000 * each / result.placed:13.2f}" for each in spent)
    says = "clean" if clean else "not clean"
    print(
        f"{name:10}{rate:6}{result.placed:7}{lost:6}{median:9.1f}{p95:9.1f}{costs}  {says}", flush=True
    )


def _let_phones_be_one(house: House, port: int, *, audio: bool) -> None:
    """Every phone is registered at the one end that SIPp plays; nothing is recorded without audio."""
    phones = [name for side in PHONES for name in names(PHONES, side)]
    contacts = [
        f"[{phone}](+)\ncontact = sip:{phone}@{PHONES_HOST}:{port}\nqualify_frequency = 0\n"
        for phone in phones
    ]
    etc = house.pbx.settings.pbx_dir / "etc"
    accounts = (etc / "phones.conf").read_text("utf-8")
    for phone, contact in zip(phones, contacts, strict=True):
        aor = f"[{phone}](phone-aor)\n"
        accounts = accounts.replace(aor, aor + contact.partition("\n")[2])
    (etc / "phones.conf").write_text(accounts, "utf-8")
    if not audio:
        dialplan = (etc / "extensions.conf").read_text("utf-8")
        silent = re.sub(r"(Gosub\(recording,s,1\)|MixMonitor\(\$\{FILE\}.*)", "NoOp()", dialplan)
        (etc / "extensions.conf").write_text(silent, "utf-8")
    configure(house.pbx)


async def _written(house: House, name: str, answered: int, within: float) -> tuple[int, int]:
    """This side's calls in the database, and those whose end it has, once these are as many, or after a
    while."""

    def count() -> tuple[int, int]:
        asked = select(func.count(), func.count(CallRow.outcome)).where(CallRow.dialled == NUMBERS[name])
        with reading(house.db) as session:
            known, ended = session.execute(asked).one()
        return known, ended

    with contextlib.suppress(AssertionError):
        await soon(lambda: count()[1] >= answered, within=within, every=0.2)
    return count()


async def run(house: House, folder: Path, phones: int, given: argparse.Namespace) -> None:
    await house.available(*PHONES[ROUTER])
    measured = Ceiling(house, folder, given.seconds, phones, audio=given.audio)
    sides = [Side(name, rates(given.first, given.last)) for name in given.sides.split(",")]
    for side in sides:
        await measured.place(side.name, 10)  # warm
    _print_header()
    await measured.run(sides)
    print()
    highest = {side.name: side.highest for side in sides}
    for name, rate in highest.items():
        ratio = f"   router: {highest[ROUTER] / max(1, rate):.2f} of it" if ROUTER in highest else ""
        print(f"highest clean rate of {name:10}{rate:5}/s{ratio if name != ROUTER else ''}")
    await _print_written(house, measured.answered)


async def _print_written(house: House, answered: Mapping[str, int]) -> None:
    for name in (ROUTER, HEARD):
        known, ended = await _written(house, name, answered[name], within=_WRITING_SECONDS)
        print(f"calls of {name} answered: {answered[name]}; in the database: {known}, ended {ended}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--audio", action="store_true", help="everybody talks and is recorded")
    parser.add_argument("--from", dest="first", type=int, default=60, help="calls a second")
    parser.add_argument("--to", dest="last", type=int, default=250, help="at most 300")
    parser.add_argument("--seconds", type=float, default=6.0, help="each step, at most 20")
    parser.add_argument("--sides", default=",".join(PHONES), help="which, with commas between")
    given = parser.parse_args()
    given.last, given.seconds = min(given.last, 300), min(given.seconds, 20.0)
    if unknown := set(given.sides.split(",")) - PHONES.keys():
        parser.error(f"no such sides: {unknown}")
    sipp.ensure_installed()
    port = free_port(host=PHONES_HOST)
    with tempfile.TemporaryDirectory(prefix="td-sipp-") as name:
        folder = Path(name)
        with house(PHONES) as built:
            _let_phones_be_one(built, port, audio=given.audio)
            with sipp.phones(folder, PHONES_HOST, port, audio=given.audio) as phones:
                asyncio.run(run(built, folder, phones, given))


if __name__ == "__main__":
    main()
