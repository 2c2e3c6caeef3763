"""What the faults happen to: a house, or three centers, with a load of calls on the line."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from unittest.mock import patch

from sqlalchemy import Engine

from bench.chaos.load import PICK_UP_SECONDS
from hotline import db, migrate
from hotline.clock import HANOI
from hotline.debs import fetch
from hotline.settings import ROOT
from telephony.softphone import SoftPhone
from tests import postgres
from tests.own_valkey import Valkey
from tests.pbx import Pbx, soon
from tests.stories.country import HOSTS, Country, built, three_pbxs
from tests.stories.house import House
from tests.wire import Wire

COUNSELORS = 6
_RECONCILE_SECONDS = 30.0


@dataclass
class Place:
    """Everything that a fault may lay hands on. `wires`: site → the switchboard's wire to its AMI."""

    house: House
    wires: dict[str, Wire]
    valkey: Valkey
    folder: Path
    cluster: postgres.Server | None = None
    parts: list[subprocess.Popen[bytes]] = field(default_factory=list)
    """Web server and worker, where the row has them."""
    dead: str = ""
    """The site whose Asterisk was killed."""
    parted: str = ""
    """The site whose link was cut; what lives across it ends by time-outs."""
    rate: float = 1.5
    """Calls a second that its phones can well take."""

    @property
    def wire(self) -> Wire:
        return self.wires["hn"]

    @property
    def clock(self) -> Path:
        """Says by how many seconds the switchboard's clock is wrong, as libfaketime reads it."""
        return self.folder / "clock"

    def shift_clock(self, seconds: float) -> None:
        fresh = self.clock.with_suffix(".new")
        fresh.write_text(f"{seconds:+}\n", "ascii")
        fresh.replace(self.clock)

    @property
    def pbxs(self) -> list[Pbx]:
        return [self.house.pbx]

    async def begin_parts(self) -> None:
        """Start web server and worker, and wait until the server answers."""
        self.parts = [self._start_part(name) for name in ("web", "worker")]
        port = self.house.pbx.settings.web_port
        await soon(lambda: _answers(port), within=30, every=0.2)

    def _start_part(self, name: str) -> subprocess.Popen[bytes]:
        own = {
            "TONGDAI_DATA": str(self.folder),
            "TONGDAI_DATABASE_URL": self.house.db.url.render_as_string(hide_password=False),
            "TONGDAI_WEB_PORT": str(self.house.pbx.settings.web_port),
            "TONGDAI_SPOOL": str(self.house.pbx.settings.spool_dir),
        }
        return subprocess.Popen(
            ["setpriv", "--pdeathsig=KILL", sys.executable, "-m", "hotline.cli", name],
            env={**os.environ, **own},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    async def reconcile(self, since: datetime) -> int:
        """`tongdai reconcile`, while calls go on; its exit code. The calls before are of other rows."""
        day = since.astimezone(HANOI).replace(tzinfo=None).isoformat()
        environment = self.house.reaching(self.house.pbx.settings) | {"TONGDAI_DATA": str(self.folder)}
        process = self.house.launch("reconcile", f"reconcile --since {day}", environment)
        return await asyncio.to_thread(process.wait, _RECONCILE_SECONDS)

    def kill_parts(self) -> None:
        for part in self.parts:
            part.kill()
            part.wait()

    async def begin(self) -> list[SoftPhone]:
        """Start the switchboard; give the phones of everybody on duty, which pick up by themselves."""
        for wire in self.wires.values():
            await wire.mend()
        await asyncio.to_thread(self.house.start)
        numbers = range(1, COUNSELORS + 1)
        phones = [await self.house.phone(each, "auto", PICK_UP_SECONDS) for each in numbers]
        await self.house.available(*numbers)
        return phones

    def revive(self) -> None:
        """Start the Asterisk that was killed: its log is read by a part that asks it what is live."""

    async def end(self) -> None:
        self.kill_parts()
        for pbx in self.pbxs:
            await pbx.hang_up_all()
        await self.house.unplug_all()
        for wire in self.wires.values():
            await wire.cut()


@dataclass
class Centers(Place):
    """Three of them, one counselor at each; one switchboard, at the first."""

    country: Country = field(kw_only=True)
    rate: float = 0.8

    @property
    def pbxs(self) -> list[Pbx]:
        return list(self.country.sites.values())

    async def begin(self) -> list[SoftPhone]:
        await self.country.connect()
        for site in self.wires:
            self.country.start_part(site, "ship")
        await asyncio.to_thread(self.house.start)
        await soon(lambda: self.house.times_in_step() >= len(HOSTS), within=15)
        phones = [await self.country.sits_at(site) for site in HOSTS]
        for phone in phones:
            phone.answer, phone.answer_after = "auto", PICK_UP_SECONDS
        return phones

    def revive(self) -> None:
        if self.dead:
            self.country.sites[self.dead].start()

    async def end(self) -> None:
        await super().end()
        await self.country.disconnect()


def _answers(port: int) -> bool:
    with socket.socket() as door:
        return door.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def lasting() -> Iterator[tuple[Pbx, Valkey]]:
    """What is built once: Asterisk and Valkey."""
    folder = Path(tempfile.mkdtemp(prefix="td-chaos-"))
    pbx, server = Pbx(folder / "pbx"), Valkey(folder)
    try:
        server.start()
        os.environ["TONGDAI_REDIS_URL"] = server.url  # what the desks say goes out here
        pbx.start()
        yield pbx, server
    finally:
        pbx.stop()
        server.end(signal.SIGTERM)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def house(pbx: Pbx, server: Valkey, *, on_postgres: bool, own_clock: bool) -> Iterator[Place]:
    """An empty database and a house on it; its switchboard is not started yet."""
    with ExitStack() as stack:
        folder, cluster, engine = _nothing_yet(stack, on_postgres=on_postgres)
        own = pbx.settings
        wire = Wire(own.ami_host, own.ami_port)
        built = House(pbx, engine, server.url, folder, counselors=COUNSELORS)
        stack.callback(built.stop)
        place = Place(built, {"hn": wire}, server, folder, cluster)
        pbx.settings = own.model_copy(update={"ami_port": wire.port})
        stack.callback(setattr, pbx, "settings", own)
        if own_clock:
            _own_clock(stack, place)
        yield place


def _nothing_yet(stack: ExitStack, *, on_postgres: bool) -> tuple[Path, postgres.Server | None, Engine]:
    """A folder and an empty database; its server, where that is PostgreSQL."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="td-chaos-")))
    cluster = stack.enter_context(postgres.cluster(durable=True)) if on_postgres else None
    engine = db.make_engine(cluster.url if cluster else f"sqlite:///{folder / 'house.db'}")
    stack.callback(engine.dispose)
    migrate.load_models()
    db.Base.metadata.create_all(engine)
    return folder, cluster, engine


@contextmanager
def centers(server: Valkey, *, on_postgres: bool) -> Iterator[Centers]:
    """Three Asterisks and an empty database."""
    with ExitStack() as stack:
        sites = stack.enter_context(three_pbxs())
        folder, cluster, engine = _nothing_yet(stack, on_postgres=on_postgres)
        country = stack.enter_context(built(sites, engine, server.url, folder))
        stack.enter_context(patch.dict(os.environ, TONGDAI_SITES=country.reached))
        yield Centers(country, country.wires, server, folder, cluster, country=country)


def _own_clock(stack: ExitStack, place: Place) -> None:
    """Processes started from now on read the time of day with a shift, whoever in them asks for it
    (Python, SQLite, the drivers); monotonic clocks and our own stay true. Debian's libfaketime."""
    place.shift_clock(0)
    tree = ROOT / ".faketime"
    fetch("faketime", postgres.codename(), ["libfaketime"], tree, only=("libfaketime*",))
    (library,) = tree.glob("usr/lib/*/faketime/libfaketimeMT.so.1")
    shifted = {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(place.clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    stack.enter_context(patch.dict(os.environ, shifted))
