"""The running system that is attacked: Asterisk, switchboard, web server and worker as processes, a
database, a Valkey, and in them somebody of each role and one of each thing.
"""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import urlopen

import httpx
from sqlalchemy import Engine, select, update

from bench.web_house import NO_PACE
from dashboard.cookies import guest_cookie, session_cookie
from hotline import db, migrate
from hotline.access import Role, Viewer
from hotline.db import Base, reading, transaction
from hotline.settings import settings
from hotline.staff import StaffRow, hashed
from tests import factories, postgres
from tests.dashboard.conftest import CSRF, Face
from tests.dashboard.permission_world import World, build
from tests.own_valkey import Valkey
from tests.pbx import Pbx
from tests.stories.house import House
from tests.waiting import until
from tests.wire import Wire, in_a_thread

PARTS = ("web", "worker")
LOGIN, PASSWORD = "tv-thu", "chỉ để thử cánh cửa này"
_COMES_AND_GOES = frozenset(
    {"session", "log_in_try", "known_device", "saved_filter", "audit_own_place", "availability"}
)
"""Tables whose rows their own people may take away at any time."""

Key = tuple[object, ...]


@dataclass
class System:
    house: House
    world: World
    tokens: Mapping[str, str]
    """Who (as in `World.people`) → the cookie of their session."""
    folder: Path
    wire: Wire
    """Between Asterisk's manager interface and the switchboard."""
    pids: dict[str, int] = field(default_factory=dict)

    @property
    def pbx(self) -> Pbx:
        return self.house.pbx

    @property
    def db(self) -> Engine:
        return self.house.db

    @property
    def port(self) -> int:
        return self.pbx.settings.web_port

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, who: str = "stranger") -> httpx.AsyncClient:
        """A browser of this person, which sends the token of its forms only where it is told to."""
        person = self.world.people[who]
        cookies = {session_cookie(): self.tokens[who]} if who in self.tokens else {}
        cookies |= {guest_cookie(): person.device} if person.device else {}
        headers = {"Accept": "text/html,application/json"}
        headers |= {"Authorization": f"Bearer {person.key}"} if person.key else {}
        return httpx.AsyncClient(
            base_url=self.address, cookies=cookies, headers=headers, timeout=20, follow_redirects=False
        )

    def csrf(self, who: str) -> str:
        return self.world.people[who].csrf or CSRF

    def rows(self) -> dict[str, set[Key]]:
        """Table → the keys of its rows, but for those that come and go."""
        found = {}
        with reading(self.db) as session:
            for table in Base.metadata.tables.values():
                if table.name not in _COMES_AND_GOES:
                    keys = session.execute(select(*table.primary_key.columns))
                    found[table.name] = {tuple(key) for key in keys}
        return found

    def deaths(self) -> int:
        """Processes that are not those that were started; the dead are counted once."""
        alive = {name: pid for name, pid in self._now().items() if Path(f"/proc/{pid}").exists()}
        dead = [name for name, pid in self.pids.items() if alive.get(name) != pid]
        self.pids = alive
        return len(dead)

    def _now(self) -> dict[str, int]:
        parts = {name: self.house.pid(name) for name in ("main", *PARTS)}
        return {"asterisk": self.pbx.pid, **parts}

    def begin(self) -> None:
        direct = self.pbx.settings
        self.pbx.settings = direct.model_copy(update={"ami_port": self.wire.port})
        self.house.start()
        self.pbx.settings = direct
        own = {
            "TONGDAI_DATA": str(self.folder),
            "TONGDAI_WEB_PORT": str(self.port),
            "TONGDAI_LOG_LEVEL": "error",
            **NO_PACE,
        }
        reached = self.house.reaching(self.pbx.settings)
        for name in PARTS:
            self.house.launch(name, name, reached | own)
        until(self._answers, within=40)
        self.pids = self._now()

    def _answers(self) -> bool:
        try:
            with urlopen(f"{self.address}/health", timeout=2) as response:  # noqa: S310 - our own
                return bool(response.status == 200)
        except OSError:
            return False


@contextmanager
def running(pbx: Pbx, server: Valkey, *, on_postgres: bool) -> Iterator[System]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="td-hostile-")))
        cluster = stack.enter_context(postgres.cluster(durable=True)) if on_postgres else None
        url = cluster.url if cluster else f"sqlite:///{folder / 'house.db'}"
        os.environ |= {
            "TONGDAI_DATA": str(folder),
            "TONGDAI_DATABASE_URL": url,
            "TONGDAI_WEB_PORT": str(pbx.settings.web_port),
        }
        settings.cache_clear()
        engine = db.engine()
        stack.callback(engine.dispose)
        migrate.prepare(engine)
        wire = stack.enter_context(in_a_thread(pbx.settings.ami_port))
        house = House(pbx, engine, server.url, folder, counselors=2)
        stack.callback(house.stop)
        world, tokens = _people(house)
        system = System(house, world, tokens, folder, wire)
        system.begin()
        yield system


def _people(house: House) -> tuple[World, dict[str, str]]:
    """One of each role, place and relation (`tests.dashboard.permission_world`), logged in."""
    roles = (Role.ADMINISTRATOR, Role.AUDITOR, Role.CENTER_LEAD, Role.DEPARTMENT, Role.COMMUNE_OFFICER)
    with transaction(house.db) as session:
        at = factories.center(session)
        others = [factories.person(session, role, at=at) for role in (*roles, Role.THERAPIST)]
        far = factories.shift_lead(session, phone="hn40")
        session.get_one(StaffRow, others[0].staff_id).login = LOGIN
    admin, auditor, center_lead, department, officer, therapist = others
    an, binh = house.counselors
    face = Face(
        house.db, an, binh, house.lead, far, admin, auditor, center_lead, department, officer, therapist
    )
    world = build(face)
    with transaction(house.db) as session:
        session.execute(update(StaffRow).values(password_hash=hashed(PASSWORD).text))
    known: dict[str, Viewer] = {who: one.viewer for who, one in world.people.items() if one.viewer}
    return world, {who: face.token(viewer) for who, viewer in known.items()}
