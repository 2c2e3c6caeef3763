"""The production containers, up for one test: all of docker-compose.yml on networks of its own."""

import json
import re
import secrets
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from hotline import keyring
from hotline.ids import Phone
from telephony.phones import PhoneAccount
from tests.compose.engine import CENTER, HEADQUARTERS, Engine
from tests.waiting import until

SERVED = (
    "postgresql", "redis", "asterisk", "switchboard", "web", "worker", "messenger", "cron", "receive",
)  # fmt: skip
"""Every service of headquarters that stays; `migrate` ends."""
AT_CENTER = ("asterisk", "ship", "deliver")
_BUILT = (("postgresql", "redis"), ("asterisk", "migrate"))
"""Services whose images are all there are (the others use that of `migrate`), for two cores: those of a
group share layers, or are small."""
_WITHIN = 180.0
"""Seconds: ten times and more what a part needs to be healthy. Beside the other tests all of them share
two processors and one disk, from which each program is read for the first time."""
_AVAILABLE = "SELECT * FROM availability WHERE choice <> 'away'"
_CONSOLE = """
from hotline.ports import filled
from telephony.pbx import console
for asked in ("pjsip show contacts", "queue show", "core show channels concise", "core show uptime"):
    print(console(filled(), asked))
"""
_TRUNKS = """
from hotline.ports import filled
from telephony.pbx import console
print(console(filled(), "pjsip show contacts"))
"""
_DOORS = "/proc/net/tcp"
_LOG = """
import os, sqlite3
for row in sqlite3.connect(os.environ["TONGDAI_PBX_LOG"]).execute("SELECT * FROM cel"):
    print(*row, sep="\t")
"""


class Containers:
    """The containers while they are up. Addresses: see docker-compose.yml."""

    def __init__(self, engine: Engine, secrets_folder: Path) -> None:
        self._engine = engine
        self._net = _free_net()
        self.telco = f"{self._net}.0.111"
        """An address of this machine that Asterisk knows as the telco's."""
        self.host = f"{self._net}.0.1"
        """This machine as the containers see it."""
        self.pbx = f"{self._net}.0.10"
        self.web = f"http://127.0.0.1:{_free_port()}"
        self._password = secrets.token_urlsafe(12) + "'\"% $"
        self._secrets = secrets_folder
        self.authority = secrets_folder / "authority"
        """Where the certificates are made."""
        for name, secret in (
            ("ami", secrets.token_urlsafe(16)),
            ("database", self._password),
            ("owner", secrets.token_urlsafe(12) + "'\"% $"),
            ("redis", secrets.token_urlsafe(16) + "'\"\\% $"),
            ("audit", secrets.token_urlsafe(32)),
            ("recordings", keyring.new_key()),
        ):
            (secrets_folder / name).write_text(secret, "utf-8")
            (secrets_folder / name).chmod(0o444)
        self._hosts = [f"{self._net}.{k}.1" for k in (8, 9)]
        """Addresses of this machine at which headquarters and the center reach each other."""
        self.headquarters, self.center = self._hosts
        more = secrets_folder / "tongdai.settings"
        more.write_text("TONGDAI_LEAST_FREE_GB=0.25\nTONGDAI_DEMO=false\n", "utf-8")
        self._env = {
            "TONGDAI_SETTINGS": str(more),
            "TONGDAI_SITES": ",".join(
                f"{site}=tls://{address}:5061:5039:8089" for site, (address,) in self.called.items()
            ),
            "TONGDAI_CENTERS_PUBLISH": self._hosts[0],
            "TONGDAI_SECRETS": str(secrets_folder),
            "TONGDAI_NET": self._net,
            "TONGDAI_TELCO_PEERS": self.telco,
            "TONGDAI_SIP_EXTERNAL": "198.51.100.111",  # told to nobody: all is near here
            "TONGDAI_SIP_PUBLISH": f"127.0.0.1:{_free_port(socket.SOCK_DGRAM)}",
            "TONGDAI_PHONE_TLS_PUBLISH": f"127.0.0.1:{_free_port(socket.SOCK_STREAM)}",
            "TONGDAI_TELCO_TLS_PUBLISH": f"127.0.0.1:{_free_port(socket.SOCK_STREAM)}",
            "TONGDAI_RTP_PUBLISH": "127.0.0.1",
            "TONGDAI_RTP_START": "31000",  # where tests.pbx takes no ports, nor the kernel
            "TONGDAI_RTP_END": "31019",
            "TONGDAI_WEB_PUBLISH": self.web.removeprefix("http://"),
            "TONGDAI_SECURE_COOKIES": "false",
            "TONGDAI_DEMO": "true",
        }
        self._center_env = self._env | {
            "TONGDAI_SITE": "dn",
            "TONGDAI_NET": f"{self._net[:3]}{int(self._net[3:]) - 100}",
            "TONGDAI_HEADQUARTERS": self._hosts[0],
            "TONGDAI_CENTERS_PUBLISH": self._hosts[1],
            "TONGDAI_SIP_PUBLISH": f"127.0.0.1:{_free_port(socket.SOCK_DGRAM)}",
            "TONGDAI_PHONE_TLS_PUBLISH": f"127.0.0.1:{_free_port(socket.SOCK_STREAM)}",
            "TONGDAI_TELCO_TLS_PUBLISH": f"127.0.0.1:{_free_port(socket.SOCK_STREAM)}",
            "TONGDAI_RTP_START": "31020",
            "TONGDAI_RTP_END": "31039",
        }

    def build(self) -> None:
        with ThreadPoolExecutor(len(_BUILT)) as cores:
            for built in [cores.submit(self._engine.build, *each, **self._env) for each in _BUILT]:
                built.result()

    @property
    def called(self) -> dict[str, list[str]]:
        """Code of each site → the addresses its certificate is for."""
        return {"hn": [self.headquarters], "dn": [self.center]}

    def certify(self) -> None:
        """Make and bring the certificates as docs/operations.md has it; the authority's key stays."""
        self.authority.mkdir()
        settings = {
            "TONGDAI_CERTIFICATES": "/authority",
            "TONGDAI_SITES": self._env["TONGDAI_SITES"],
        }
        self._engine.podman(
            *("run", "--rm", "--network=none", "--user=0"),
            *("--ulimit=nproc=4096:4096", "--ulimit=nofile=8192:8192"),
            *(f"--env={name}={value}" for name, value in settings.items()),
            f"--volume={self.authority}:/authority",
            *("tongdai111/app", "pbx", "certificates"),
        )
        self.bring(self.authority, "ca.pem", "hn.pem", "hn.key", "dn.pem", "dn.key")

    def bring(self, folder: Path, *files: str) -> None:
        """Into the folder of certificates, of which headquarters and the center share one here."""
        here = self._secrets / "certificates"
        here.mkdir(exist_ok=True)
        for name in files:
            draft = here / "draft"
            draft.write_bytes((folder / name).read_bytes())
            draft.chmod(0o444)
            draft.replace(here / name)

    def up(self) -> None:
        """Start all and wait until every health check is content."""
        for address in self._hosts:
            _ip("addr", "add", f"{address}/32", "dev", "lo")
        self._engine.compose("up", "--detach", "--no-build", **self._env)
        for service in SERVED:
            until(partial(self.healthy, service), within=_WITHIN, every=0.2)
        _ip("addr", "add", f"{self.telco}/32", "dev", _bridge_of(self.host))

    def down(self) -> None:
        self._engine.compose("down", "--volumes", "--timeout=2", at=CENTER, **self._center_env)
        self._engine.compose("down", "--volumes", "--timeout=2", **self._env)
        for address in self._hosts:
            subprocess.run(["ip", "addr", "del", f"{address}/32", "dev", "lo"], check=False)

    def center_up(self) -> None:
        """Start another center, which reaches this one at its published ports alone."""
        self._engine.compose("up", "--detach", "--no-build", at=CENTER, **self._center_env)
        until(partial(self.healthy, "asterisk", CENTER), within=_WITHIN, every=0.2)

    def healthy(self, service: str, at: str = HEADQUARTERS) -> bool:
        """What the container's own health check says now (no systemd, no timer: asked by hand)."""
        return self._engine.succeeds("healthcheck", "run", _name(service, at))

    def inside(self, service: str, *command: str, at: str = HEADQUARTERS) -> str:
        """What a command in a running container printed."""
        return self._engine.podman("exec", _name(service, at), *command)

    def restart(self, service: str, at: str = HEADQUARTERS) -> None:
        self._engine.podman("restart", "--time=2", _name(service, at))
        until(partial(self.healthy, service, at), within=_WITHIN, every=0.2)

    def trunk(self, to: str, at: str) -> str:
        """What Asterisk there knows of its trunk to another site: `Avail` when that answers."""
        contacts = self.inside("asterisk", "python", "-c", _TRUNKS, at=at).splitlines()
        return next(line for line in contacts if f"site-{to}/" in line)

    def exit_code(self, service: str) -> int:
        return int(self._engine.podman("inspect", "--format={{.State.ExitCode}}", _name(service)))

    def user(self, service: str) -> str:
        """The user that the container's processes run as."""
        return self.inside(service, "id", "-un").strip()

    def logs(self) -> str:
        """The last lines of every container, for whoever has to find out why a test failed."""
        last = ["logs", "--tail=25"]
        names = [_name(s) for s in ("migrate", *SERVED)] + [_name(s, CENTER) for s in AT_CENTER]
        said = [f"== {name}\n{self._said([*last, name])}" for name in names]
        for name in (_name("asterisk"), _name("asterisk", CENTER)):
            said.append(f"== {name}: doors and connections\n{self._said(['exec', name, 'cat', _DOORS])}")
        return "\n".join(said)

    def state(self) -> str:
        """What Asterisk and the database know just now, for the same reader: phones, queues, counselors
        who are not away, calls, and each channel's way as Asterisk's own event log has it."""
        said = [self.inside("asterisk", "python", "-c", _CONSOLE)]
        rows = (*self.sql(_AVAILABLE), *self.sql("SELECT * FROM call"), *self.sql("SELECT * FROM offer"))
        said += ["\t".join(row) for row in rows]
        return "\n".join([*said, self.inside("switchboard", "python", "-c", _LOG)])

    def _said(self, arguments: list[str]) -> str:
        done = subprocess.run(
            ["podman", *arguments], env=self._engine.env, capture_output=True, text=True, check=False
        )
        return done.stdout + done.stderr

    def seed(self) -> str:
        """Make the demo organisation and tell Asterisk of its phones; the accounts' password."""
        self.inside("switchboard", "tongdai", "seed")
        self.inside("asterisk", "tongdai", "pbx", "reload")
        return self.inside("switchboard", "cat", "/var/lib/tongdai/secrets/demo-password").strip()[:12]

    def account(self, phone: Phone) -> PhoneAccount:
        """What an administrator would type into that phone."""
        kept = json.loads(self.inside("asterisk", "cat", "/var/lib/tongdai/pbx/hn/phones.json"))
        return next(account for entry in kept if (account := PhoneAccount(**entry)).phone == phone)

    def sql(self, query: str) -> list[list[str]]:
        """Rows of a query, as PostgreSQL's own client prints them, as its administrator."""
        options = ["--no-align", "--tuples-only", "--field-separator=\t", f"--command={query}"]
        login = ["--host=/tmp", "--username=postgres", "--dbname=tongdai"]
        printed = self.inside("postgresql", "psql", *login, *options)
        return [line.split("\t") for line in printed.splitlines() if line]


@contextmanager
def containers(engine: Engine, secrets_folder: Path) -> Iterator[Containers]:
    """Built, up and healthy; afterwards down with their volumes and networks, however the test ended."""
    up = Containers(engine, secrets_folder)
    up.build()
    up.certify()
    try:
        try:
            up.up()
            yield up
        except BaseException:
            print(up.logs())  # noqa: T201 - pytest shows it with the failure
            raise
    finally:
        up.down()


def _name(service: str, at: str = HEADQUARTERS) -> str:
    return f"{at}_{service}_1"


def _free_net() -> str:
    """Two numbers that begin no address or route of this machine; nor do the center's, 100 less."""
    taken = _ip("-4", "route", "show", "table", "all")
    return next(
        f"10.{k}" for k in range(201, 255) if not re.search(rf" 10\.({k}|{k - 100})\.", f" {taken}")
    )


def _bridge_of(address: str) -> str:
    listed = json.loads(_ip("-json", "-4", "addr"))
    return next(
        str(link["ifname"])
        for link in listed
        if any(each["local"] == address for each in link["addr_info"])
    )


def _ip(*arguments: str) -> str:
    return subprocess.run(["ip", *arguments], capture_output=True, text=True, check=True).stdout


def _free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as door:
        door.bind(("127.0.0.1", 0))
        port: int = door.getsockname()[1]
        return port
