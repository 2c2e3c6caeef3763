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
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

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
    "max_connections=60",
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


@contextmanager
def server(*, durable: bool = False) -> Iterator[str]:
    """A running server; gives its SQLAlchemy URL with the database name `postgres`.

    `durable`: it waits for the disk, as in production.
    """
    program = install()
    as_user = _UNPRIVILEGED if os.geteuid() == 0 else []
    folder = Path(tempfile.mkdtemp(prefix="tongdai-pg-"))
    if as_user:
        shutil.chown(folder, "nobody", "nogroup")
        if program.env and not _readable(program.bin / "postgres"):
            shutil.copytree(_TREE, folder / "tree", symlinks=True)
            subprocess.run(["chown", "-R", "nobody:nogroup", folder], check=True)
            program = _private(folder / "tree")
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **program.env}
    data = folder / "data"
    initdb = [program.bin / "initdb", "-D", data, "-U", "tongdai", "-A", "trust", "-E", "UTF8"]
    subprocess.run(
        [*as_user, *map(str, initdb), "--no-sync", "--locale=C.UTF-8"],
        env=env,
        cwd=folder,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    settings = [each for each in _SETTINGS if not (durable and each.startswith(_CARELESS))]
    flags = [part for setting in settings for part in ("-c", setting)]
    command = [program.bin / "postgres", "-D", data, "-k", folder, *flags]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*(as_user or ["setpriv"]), "--pdeathsig=INT", *map(str, command)],
            env=env,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        until(lambda: _answers(program, env, folder, process), within=30)
        yield f"postgresql+psycopg://tongdai@/postgres?host={folder}"
    finally:
        _stop(process)
        shutil.rmtree(folder, ignore_errors=True)


def _readable(program: Path) -> bool:
    return subprocess.run([*_UNPRIVILEGED, "test", "-x", program], check=False).returncode == 0


def _answers(
    program: _Program, env: dict[str, str], folder: Path, process: subprocess.Popen[bytes]
) -> bool:
    if process.poll() is not None:
        raise AssertionError(f"PostgreSQL did not start: {(folder / 'log').read_text('utf-8')}")
    command = [str(program.bin / "pg_isready"), "-q", "-h", str(folder)]
    return subprocess.run(command, env=env, check=False).returncode == 0


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Fast shutdown (SIGINT): open connections of a failed test must not hold it up."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
