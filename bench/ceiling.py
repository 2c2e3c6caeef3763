"""How many calls a second one Asterisk takes without losing any: our router against its own app_queue.

Real Asterisk, SIPp at both ends on loopback, the switchboard as in production with tracking, journal,
routing, SQLite and Valkey. The rate goes up step by step, the two in turns at each rate; of app_queue's
calls the switchboard hears nothing. A step is clean when every call was answered and ended as it should,
and 95 of 100 were answered within half a second, after which SIP repeats itself. Who fails a step twice
has reached the ceiling. At last the database must have every call of the router's, as answered.

    python -m bench.ceiling [--audio] [--from 20] [--to 160] [--seconds 6]

Signalling only: callers say one word, nothing is recorded. With `--audio` everybody talks, the phones
say what they hear, and each call is recorded as in production. SIPp takes its part of the machine, and
of other work on it both get their share: read the ratio.
"""

import argparse
import asyncio
import contextlib
import re
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from bench import sipp
from bench.native import HOSTS, NATIVE, NUMBERS, ROUTER, configure, house
from bench.times import at
from hotline.db import reading
from hotline.events import Outcome
from intake.tables import CallRow
from tests.pbx import free_port, soon
from tests.stories.house import House

PHONES = {ROUTER: range(1, 50), NATIVE: range(50, 99)}
PHONES_HOST = "127.0.0.113"
TALK_SECONDS = {False: 0.2, True: 1.0}
"""With audio and without."""
STEP = 1.15
PROMPT_SECONDS = 0.5
MOST_SECONDS = 150.0
"""No new step is begun after that."""
_PAUSE_SECONDS = 2.0
_WRITING_SECONDS = 60.0


@dataclass
class Side:
    """One of the two. `clean`: the highest rate without loss."""

    name: str
    clean: int = 0
    at_the_ceiling: bool = False


class Ceiling:
    """The run. `prefixes` give each step's callers numbers of their own."""

    def __init__(self, house: House, folder: Path, seconds: float, *, audio: bool) -> None:
        self._house = house
        self._folder = folder
        self._seconds = seconds
        self._audio = audio
        self._prefixes = iter(range(10, 100))
        self.answered = 0
        """Calls that the router's callers had answered."""

    def rates(self, first: int, last: int) -> Iterator[int]:
        rate = float(first)
        while round(rate) <= last:
            yield round(rate)
            rate *= STEP

    async def run(self, first: int, last: int) -> Mapping[str, Side]:
        """Up the rates until both have failed, or time is up."""
        sides = {name: Side(name) for name in (ROUTER, NATIVE)}
        until = time.monotonic() + MOST_SECONDS
        for rate in self.rates(first, last):
            for side in sides.values():
                if not side.at_the_ceiling and time.monotonic() < until:
                    await self._step(side, rate)
        return sides

    async def _step(self, side: Side, rate: int) -> None:
        """Once more when it was not clean: other work on this machine is no loss of ours."""
        for _ in range(2):
            result = await self.place(side, rate)
            clean = _is_clean(result)
            _print_row(side.name, rate, result, clean)
            if clean:
                side.clean = rate
                return
        side.at_the_ceiling = True

    async def place(self, side: Side, rate: int) -> sipp.Result:
        """One step. There is a moment after it to write its calls down."""
        settings = self._house.pbx.settings
        load = sipp.Load(
            HOSTS[side.name],
            NUMBERS[side.name],
            f"{settings.sip_host}:{settings.sip_port}",
            f"09{next(self._prefixes)}",
            rate,
            self._seconds,
            TALK_SECONDS[self._audio],
            self._audio,
        )
        result = await asyncio.to_thread(sipp.place, self._folder, load)
        if side.name == ROUTER:
            self.answered += result.done
            await _written(self._house, self.answered, within=_PAUSE_SECONDS)
        return result


def _is_clean(result: sipp.Result) -> bool:
    return result.done == result.placed and at(0.95, result.setup) < PROMPT_SECONDS


def _print_row(name: str, rate: int, result: sipp.Result, clean: bool) -> None:
    median = 1000 * statistics.median(result.setup or [0])
    p95, lost = 1000 * at(0.95, result.setup), result.placed - result.done
    says = "clean" if clean else "not clean"
    print(f"{rate:6} {name:10}{result.placed:7}{lost:6}{median:9.1f}{p95:9.1f}  {says}", flush=True)


def _let_phones_be_one(house: House, port: int, *, audio: bool) -> None:
    """Every phone is registered at the one end that SIPp plays; nothing is recorded without audio."""
    phones = [f"hn{number:02}" for numbers in PHONES.values() for number in numbers]
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


async def _written(house: House, answered: int, within: float) -> int:
    """Calls to 111 that the database has as answered, once it has as many, or after a while."""

    def count() -> int:
        wanted = CallRow.dialled == NUMBERS[ROUTER], CallRow.outcome == Outcome.ANSWERED.value
        with reading(house.db) as session:
            return session.scalar(select(func.count()).select_from(CallRow).where(*wanted)) or 0

    with contextlib.suppress(AssertionError):
        await soon(lambda: count() >= answered, within=within, every=0.2)
    return count()


async def run(house: House, folder: Path, given: argparse.Namespace) -> None:
    await house.available(*PHONES[ROUTER])
    print(f"{'rate':>6} {'':10}{'calls':>7}{'lost':>6}{'median':>9}{'p95':>9}  ms from INVITE to answer")
    measured = Ceiling(house, folder, given.seconds, audio=given.audio)
    for name in (ROUTER, NATIVE):
        await measured.place(Side(name), 10)  # warm
    sides = await measured.run(given.first, given.last)
    router, queue = sides[ROUTER], sides[NATIVE]
    print(f"\nhighest clean rate: {router.name} {router.clean}/s, {queue.name} {queue.clean}/s")
    print(f"ratio: {router.clean / max(1, queue.clean):.2f}")
    written = await _written(house, measured.answered, within=_WRITING_SECONDS)
    print(f"calls of the router's that were answered: {measured.answered}; in the database: {written}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--audio", action="store_true", help="everybody talks and is recorded")
    parser.add_argument("--from", dest="first", type=int, default=20, help="calls a second")
    parser.add_argument("--to", dest="last", type=int, default=160, help="at most 300")
    parser.add_argument("--seconds", type=float, default=6.0, help="each step, at most 20")
    given = parser.parse_args()
    given.last, given.seconds = min(given.last, 300), min(given.seconds, 20.0)
    sipp.ensure_installed()
    port = free_port(host=PHONES_HOST)
    with tempfile.TemporaryDirectory(prefix="td-sipp-") as name:
        folder = Path(name)
        with house(PHONES[ROUTER], PHONES[NATIVE]) as built:
            _let_phones_be_one(built, port, audio=given.audio)
            with sipp.phones(folder, PHONES_HOST, port, audio=given.audio):
                asyncio.run(run(built, folder, given))


if __name__ == "__main__":
    main()
