"""A PostgreSQL server for the tests: Debian's own, started in a temporary folder and stopped at the end.

An installed server is used when there is one; else Debian's package is unpacked into `.postgresql/`
without touching the system. The server refuses to run as root, so under root it runs as `nobody`. It
listens on a unix socket only and dies with the test run.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from hotline.debs import fetch
from hotline.settings import ROOT
from tests.waiting import until

_UNPRIVILEGED = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
_TREE = ROOT / ".postgresql"
_NEEDED = (
    "postgresql-1*",
    "postgresql-client-1*",
    *(f"lib{name}*" for name in ("pq5", "icu7", "xml2", "ldap-2", "sasl2-2", "lz4-1", "zstd1")),
    *(f"lib{name}*" for name in ("gssapi-krb5-2", "krb5", "k5crypto3", "com-err2", "keyutils1")),
)
_SETTINGS = (
    "listen_addresses=",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "shared_buffers=32MB",
    "max_connections=100",
    "jit=off",
)
_CARELESS = ("fsync", "synchronous_commit", "full_page_writes")


@dataclass(frozen=True, slots=True)
class _Program:
    """Where PostgreSQL's programs are, and the environment that they need."""

    bin: Path
    env: dict[str, str]


def install() -> _Program:
    """The installed server's programs, else those of a private unpack (needs apt and its network)."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if found and shutil.which("initdb", path=str(found[-1].parent)):
        return _Program(found[-1].parent, {})
    fetch("postgresql", codename(), ["postgresql"], _TREE, only=_NEEDED)
    return _private(_TREE)


def codename() -> str:
    """Debian's name of this release (`bookworm`), whose packages fit this machine."""
    release = Path("/etc/os-release").read_text("utf-8").splitlines()
    values = dict(line.split("=", 1) for line in release if "=" in line)
    return values["VERSION_CODENAME"].strip('"')


def _private(tree: Path) -> _Program:
    (program,) = tree.glob("usr/lib/postgresql/*/bin/postgres")
    libraries = ":".join(map(str, tree.glob("usr/lib/*-linux-gnu*")))
    return _Program(program.parent, {"LD_LIBRARY_PATH": libraries})


class Server:
    """A cluster in a folder of its own; `kill` is a crash, after which `start` finds its data again."""

    def __init__(
        self, program: _Program, folder: Path, *, durable: bool = False, more: Sequence[str] = ()
    ) -> None:
        self.url = f"postgresql+psycopg://tongdai@/postgres?host={folder}"
        self._program = program
        self._folder = folder
        self._settings = [each for each in _SETTINGS if not (durable and each.startswith(_CARELESS))]
        self._settings += more
        self._env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **program.env}
        self._process: subprocess.Popen[bytes] | None = None

    def initialize(self) -> None:
        initdb = [self._program.bin / "initdb", "-D", self._folder / "data", "-U", "tongdai"]
        flags = ["-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C.UTF-8"]
        subprocess.run(
            [*_as_user(), *map(str, initdb), *flags],
            env=self._env,
            cwd=self._folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def keep(self, name: str, content: bytes) -> None:
        """A file of its own, beside its data."""
        path = self._folder / "data" / name
        path.touch(0o600)
        path.write_bytes(content)
        if _as_user():
            shutil.chown(path, "nobody", "nogroup")

    def start(self) -> None:
        """Start and wait until it answers. It dies with the thread that called this."""
        flags = [part for setting in self._settings for part in ("-c", setting)]
        folder = self._folder
        command = [self._program.bin / "postgres", "-D", folder / "data", "-k", folder, *flags]
        with (folder / "log").open("ab") as log:
            process = self._process = subprocess.Popen(
                [*(_as_user() or ["setpriv"]), "--pdeathsig=INT", *map(str, command)],
                env=self._env,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until(lambda: _answers(self._program, self._env, folder, process), within=30)

    def kill(self) -> None:
        """As if it had crashed: its other processes notice and end too."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None

    def stop(self) -> None:
        """Fast shutdown (SIGINT): open connections of a failed test must not hold it up."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@contextmanager
def cluster(
    *, durable: bool = False, files: Mapping[str, bytes] = MappingProxyType({}), more: Sequence[str] = ()
) -> Iterator[Server]:
    """A running, empty server. `durable`: it waits for the disk, as in production. `files`: content by
    name, put where its settings `more` find them."""
    program = install()
    folder = Path(tempfile.mkdtemp(prefix="tongdai-pg-"))
    if _as_user():
        shutil.chown(folder, "nobody", "nogroup")
        if program.env and not _readable(program.bin / "postgres"):
            shutil.copytree(_TREE, folder / "tree", symlinks=True)
            subprocess.run(["chown", "-R", "nobody:nogroup", folder], check=True)
            program = _private(folder / "tree")
    running = Server(program, folder, durable=durable, more=more)
    try:
        running.initialize()
        for name, content in files.items():
            running.keep(name, content)
        running.start()
        yield running
    finally:
        running.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def server(*, durable: bool = False) -> Iterator[str]:
    """A running server; gives its SQLAlchemy URL with the database name `postgres`."""
    with cluster(durable=durable) as running:
        yield running.url


def _as_user() -> list[str]:
    return _UNPRIVILEGED if os.geteuid() == 0 else []


def _readable(program: Path) -> bool:
    return subprocess.run([*_UNPRIVILEGED, "test", "-x", program], check=False).returncode == 0


def _answers(
    program: _Program, env: dict[str, str], folder: Path, process: subprocess.Popen[bytes]
) -> bool:
    if process.poll() is not None:
        raise AssertionError(f"PostgreSQL did not start: {(folder / 'log').read_text('utf-8')}")
    command = [str(program.bin / "pg_isready"), "-q", "-h", str(folder)]
    return subprocess.run(command, env=env, check=False).returncode == 0
