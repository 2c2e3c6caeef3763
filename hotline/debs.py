"""Debian packages in a folder of our own, without root and without touching the system.

Owns the private apt (own state, cache and source list, an empty dpkg status) and the cache of
downloaded packages. It runs no maintainer scripts and starts nothing: a package is only unpacked.

    fetch("asterisk", "forky", ["asterisk"], ROOT / ".asterisk", only=["asterisk*", "libc6", ...])

apt itself resolves the dependencies, so a renamed library (t64, a new soname) is found; `only` then
keeps the packages that are really needed. The mirror is the one this machine's own apt uses, with
another suite. A killed run leaves nothing that counts as done: the tree appears by one rename.
"""

import fcntl
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from fnmatch import fnmatch
from pathlib import Path
from tempfile import TemporaryDirectory

from hotline.errors import SetupError
from hotline.settings import ROOT

Progress = Callable[[str], None]

_SOURCES = Path("/etc/apt")
_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_STAMP = ".fetched.json"
_DEB822_LINE = re.compile(r"^([A-Za-z-]+):\s*(.*)$")
_ONE_LINE = re.compile(r"^deb\s+(?:\[[^]]*\]\s+)?(\S+)\s+(\S+)\s+(.*)$")
_PRINTED_URI = re.compile(r"^'[^']+' (?P<file>\S+) (?P<size>\d+)")


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a tree was made from; written into it as a stamp."""

    suite: str
    packages: tuple[str, ...]
    only: tuple[str, ...]


def fetch(
    name: str,
    suite: str,
    packages: Sequence[str],
    into: Path,
    *,
    only: Sequence[str] = (),
    cache: Path = ROOT / ".debs",
    progress: Progress = print,
) -> Path:
    """Unpack `packages` of Debian's `suite` with their dependencies into the folder `into`.

    `only`: shell patterns; of the resolved packages just the matching ones are kept (empty: all).
    The .debs stay in `cache`/`name`, so that a second run needs no network. Returns `into`.
    Raises SetupError when apt is missing, the network does not answer or a package is unknown.
    """
    wanted = _Wanted(suite, tuple(packages), tuple(only))
    if _stamp_of(into) == wanted:
        return into
    debs = cache / name
    with _locked(cache, name):
        if _stamp_of(into) == wanted:
            return into
        if _stamp_of(debs) != wanted:
            _download(name, wanted, debs, progress)
        _unpack(name, wanted, debs, into, progress)
    return into


def debian_mirror(sources: Path = _SOURCES) -> str:
    """The URI of the Debian archive in this machine's own apt sources (not security, not others)."""
    for uri, suite, components in _entries(sources):
        path = uri.rstrip("/")
        if "main" in components and "security" not in path + suite and path.endswith("debian"):
            return uri
    for uri, suite, components in _entries(sources):  # mirror lists of cloud images and the like
        if "main" in components and "debian" in uri and "security" not in uri + suite:
            return uri
    raise SetupError(
        f"{sources} names no Debian archive to take packages from: this needs Debian, "
        "or the program itself installed on this machine"
    )


def _entries(sources: Path) -> Iterator[tuple[str, str, list[str]]]:
    """(URI, suite, components) of every active binary source, in both of apt's formats."""
    for file in sorted(sources.glob("sources.list.d/*.sources")):
        for stanza in re.split(r"\n\s*\n", file.read_text("utf-8", "replace")):
            fields = {
                match[1].lower(): match[2].split()
                for line in stanza.splitlines()
                if (match := _DEB822_LINE.match(line))
            }
            if "deb" not in fields.get("types", []) or fields.get("enabled") == ["no"]:
                continue
            for uri in fields.get("uris", []):
                for suite in fields.get("suites", []):
                    yield uri, suite, fields.get("components", [])
    for file in [sources / "sources.list", *sorted(sources.glob("sources.list.d/*.list"))]:
        for line in file.read_text("utf-8", "replace").splitlines() if file.exists() else []:
            if match := _ONE_LINE.match(line.strip()):
                yield match[1], match[2], match[3].split()


def _stamp_of(folder: Path) -> _Wanted | None:
    try:
        data = json.loads((folder / _STAMP).read_text("utf-8"))
        return _Wanted(data["suite"], tuple(data["packages"]), tuple(data["only"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write_stamp(folder: Path, wanted: _Wanted) -> None:
    (folder / _STAMP).write_text(json.dumps(asdict(wanted)), "utf-8")


@contextmanager
def _locked(cache: Path, name: str) -> Iterator[None]:
    """One fetch of `name` at a time, also between processes; the lock dies with its holder."""
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _download(name: str, wanted: _Wanted, debs: Path, progress: Progress) -> None:
    for program in ("apt-get", "apt-config", "dpkg-deb"):
        if shutil.which(program) is None:
            raise SetupError(f"{program} is missing: {name} comes from Debian's packages by apt")
    uri = debian_mirror()
    if not _KEYRING.exists():
        raise SetupError(f"{_KEYRING} is missing: install the package debian-archive-keyring")
    with TemporaryDirectory(prefix=f"{name}-", dir=debs.parent) as scratch:
        apt = _PrivateApt(Path(scratch), uri, wanted.suite)
        progress(f"{name}: reading the package list of Debian {wanted.suite}")
        apt.run("update", "-q")
        chosen = list(_kept(apt.run("install", "-qq", "--print-uris", *wanted.packages), wanted.only))
        total = sum(size for _, size in chosen)
        progress(f"{name}: downloading {len(chosen)} packages, {total / 1e6:.0f} MB")
        fresh = Path(scratch, "debs")
        fresh.mkdir()
        apt.run("download", "-qq", *(package for package, _ in chosen), cwd=fresh)
        _write_stamp(fresh, wanted)
        shutil.rmtree(debs, ignore_errors=True)
        fresh.rename(debs)


def _kept(printed: str, only: Sequence[str]) -> Iterator[tuple[str, int]]:
    """(package=version, bytes) out of what `--print-uris` printed."""
    for line in printed.splitlines():
        if match := _PRINTED_URI.match(line):
            package, version, _ = match["file"].split("_", 2)
            if not only or any(fnmatch(package, pattern) for pattern in only):
                yield f"{package}={version.replace('%3a', ':')}", int(match["size"])


def _unpack(name: str, wanted: _Wanted, debs: Path, into: Path, progress: Progress) -> None:
    files = sorted(debs.glob("*.deb"))
    progress(f"{name}: unpacking {len(files)} packages")
    into.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f"{into.name}-", dir=into.parent) as scratch:
        tree = Path(scratch, "tree")
        for file in files:
            _run(["dpkg-deb", "-x", str(file), str(tree)], os.environ, None)
        _write_stamp(tree, wanted)
        if into.exists():
            into.rename(Path(scratch, "old"))
        tree.rename(into)


class _PrivateApt:
    """apt with all of its folders below `root`; the system's own state is neither read nor written.

    Of the machine's apt settings just `Acquire::*` (proxies, validity checks) are taken over: its
    hooks would touch the system. Under root apt would drop to the user `_apt`, who may not write
    here, hence Sandbox::User.
    """

    def __init__(self, root: Path, uri: str, suite: str) -> None:
        for folder in ("lists/partial", "cache/archives/partial", "parts"):
            (root / folder).mkdir(parents=True)
        (root / "status").touch()
        (root / "debian.sources").write_text(
            f"Types: deb\nURIs: {uri}\nSuites: {suite}\nComponents: main\nSigned-By: {_KEYRING}\n"
        )
        own = {
            "Dir::State": root,
            "Dir::State::lists": root / "lists",
            "Dir::State::status": root / "status",
            "Dir::Cache": root / "cache",
            "Dir::Etc::sourcelist": root / "debian.sources",
            "Dir::Etc::sourceparts": root / "parts",
            "Dir::Etc::preferences": root / "none",
            "Dir::Etc::preferencesparts": root / "parts",
            "Dir::Etc::main": root / "none",
            "Dir::Etc::parts": root / "parts",
            "APT::Install-Recommends": "false",
            "APT::Sandbox::User": "root",
            "Acquire::Languages": "none",
            "Acquire::Retries": "3",
        }
        config = root / "apt.conf"
        machine = _run(["apt-config", "dump"], os.environ, None).splitlines()
        kept = [
            line
            for line in machine
            if line.startswith("Acquire::") and not line.startswith(("Acquire::IndexT", "Acquire::Lan"))
        ]
        config.write_text("\n".join([*kept, *(f'{key} "{value}";' for key, value in own.items())]))
        self._env = {**os.environ, "APT_CONFIG": str(config), "LC_ALL": "C"}

    def run(self, *arguments: str, cwd: Path | None = None) -> str:
        return _run(["apt-get", *arguments], self._env, cwd)


def _run(command: Sequence[str], env: "os._Environ[str] | dict[str, str]", cwd: Path | None) -> str:
    """Standard output of `command`. Raises SetupError with the last lines it said when it fails."""
    done = subprocess.run(command, env=env, cwd=cwd, capture_output=True, text=True, check=False)
    said = [line for line in done.stderr.splitlines() if line.startswith(("E:", "W:", "Err"))]
    unreached = command[:2] == ["apt-get", "update"] and any("Failed to fetch" in line for line in said)
    if done.returncode != 0 or unreached:  # apt-get update exits 0 when nothing could be fetched
        reason = " ".join(said[-3:]) or done.stderr.strip()[-300:]
        raise SetupError(f"{' '.join(command[:2])} failed: {reason} (is the network reachable?)")
    return done.stdout
