"""A container engine for one test: Debian's podman with images, networks and volumes of its own.

Everything it keeps is in `.compose/` of this checkout, so that it collides with no other podman and a
second run finds its images again. No image is pulled: `debian:bookworm-slim` is made here, from Debian's
packages. What this machine needs to reach the package registries (apt's and pip's own settings, a
certificate) is lent to the builds and gets into no image.
"""

import fcntl
import json
import os
import resource
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from hotline import debs
from hotline.errors import SetupError
from hotline.settings import ROOT

FOLDER = ROOT / ".compose"
HEADQUARTERS, CENTER = "tongdai-test", "tongdai-test-center"
"""Projects of compose."""
_FILES = {
    HEADQUARTERS: ("docker-compose.yml", "docker-compose.headquarters.yml"),
    CENTER: ("docker-compose.center.yml",),
}
_BASE = "docker.io/library/debian:bookworm-slim"
_PACKAGES = (
    "podman",
    "runc",
    "conmon",
    "netavark",
    "aardvark-dns",
    "debootstrap",
    "iptables",
    "iproute2",
)
_PROGRAMS = ("podman", "runc", "debootstrap", "iptables", "ip", "/usr/lib/podman/netavark")
_NEEDLESS = (
    "usr/share/doc",
    "usr/share/man",
    "usr/share/locale",
    "usr/share/info",
    "var/cache/apt/archives",
)
"""Folders of a Debian that Debian's own slim image lacks too."""
_NOISE = "unable to get systemd connection"
"""What podman says of every health check where there is no systemd."""
_PIP_SETTINGS = ("index-url", "proxy", "trusted-host", "timeout", "cert")


def install() -> None:
    """Bring podman and the rest when they are missing. Raises SetupError where they cannot be had."""
    if os.geteuid() != 0:
        raise SetupError("building and running the production images needs root on this machine")
    if not _missing():
        return
    if shutil.which("apt-get") is None:
        raise SetupError(f"missing: {', '.join(_missing())}, and there is no apt-get to bring them")
    _say("installing podman")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update"], ["install", "--yes", "--no-install-recommends", *_PACKAGES]):
        _run(["apt-get", "-qq", *arguments], quiet)
    if missing := _missing():
        raise SetupError(f"still missing after apt-get install: {', '.join(missing)}")


def _missing() -> list[str]:
    return [program for program in _PROGRAMS if shutil.which(program) is None]


@dataclass(frozen=True, slots=True)
class Engine:
    """podman and podman-compose with our own storage. Made by `engine`."""

    env: dict[str, str]

    def podman(self, *arguments: str) -> str:
        """What `podman …` printed. Raises SetupError with its complaint."""
        return _run(["podman", *arguments], self.env)

    def succeeds(self, *arguments: str) -> bool:
        done = subprocess.run(["podman", *arguments], env=self.env, capture_output=True, check=False)
        return done.returncode == 0

    def compose(self, *arguments: str, at: str = HEADQUARTERS, **env: str) -> str:
        """`podman-compose …` on this checkout's files for headquarters, or for another center."""
        program = [sys.executable, "-m", "podman_compose"]
        files = [f"--file={ROOT / name}" for name in _FILES[at]]
        known = ["--in-pod=false", f"--project-name={at}", *files]
        return _run([*program, *known, *arguments], self.env | env)

    def build(self, *services: str, **env: str) -> None:
        """Build these services' images as compose says, lending the builds this machine's registries.

        One after the other: podman-compose would begin all at once, and each would make for itself
        the layers that they share.
        """
        lent = ["--network=host", *(f"--volume={volume}" for volume in _lent())]
        self.compose(
            "--parallel=1", f"--podman-build-args={shlex.join(lent)}", "build", *services, **env
        )

    def leftovers(self) -> list[str]:
        """Containers, networks, volumes and mounts that are still here."""
        networks = [name for name in self._list("network", "ls") if name != "podman"]
        mounts = [line.split()[1] for line in Path("/proc/mounts").read_text("utf-8").splitlines()]
        ours = [mount for mount in mounts if mount.startswith(f"{FOLDER}/") and mount != str(_STORE)]
        return [*self._list("ps", "--all"), *networks, *self._list("volume", "ls"), *ours]

    def sweep(self) -> None:
        """Remove whatever a run left, however it ended; the images stay."""
        remove = ("rm", "--all", "--force", "--depend", "--time=2", "--volumes")
        self.succeeds(*remove)  # podman 4.3 stumbles over what it has just removed as a dependent
        self.podman(*remove)
        self.podman("volume", "prune", "--force")
        for name in self._list("network", "ls"):
            if name != "podman":
                self.podman("network", "rm", "--force", name)

    def _list(self, *what: str) -> list[str]:
        key = "Names" if what[0] == "ps" else "Name"
        listed = json.loads(self.podman(*what, "--format=json") or "[]")
        return [str(each.get(key) or each["name"]) for each in listed]


_STORE = FOLDER / "store" / "overlay"
"""podman mounts the storage's own folder onto itself and leaves it so until the machine stops."""


@contextmanager
def engine() -> Iterator[Engine]:
    """The engine, for one user at a time: empty of everything but images before and afterwards."""
    install()
    FOLDER.mkdir(exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ours = Engine(_environment())
        try:
            ours.sweep()
            _forget_older_packages(ours)
            if not ours.succeeds("image", "exists", _BASE):
                _make_base(ours)
            yield ours
        finally:
            ours.sweep()
            ours.podman("image", "prune", "--force", "--filter=until=168h")  # layers of old builds
            subprocess.run(["umount", "--quiet", str(_STORE)], check=False)


def _forget_older_packages(ours: Engine) -> None:
    """podman 4.3 takes a layer from its cache though a file behind a bind mount of it, as the lock of
    Python's packages is, has changed."""
    stamp, now = FOLDER / "packages", sha256((ROOT / "requirements.lock").read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text("ascii") != now:
        ours.podman("image", "rm", "--all", "--force")
    stamp.write_text(now, "ascii")


def _environment() -> dict[str, str]:
    """Settings of podman that keep it in our folder and make it run without systemd."""
    for name in ("conf", "tmp"):
        (FOLDER / name).mkdir(exist_ok=True)
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    settings = {
        "containers.conf": f"""
            [containers]
            default_ulimits = ["nofile={files}:{files}"]
            [engine]
            runtime = "runc"
            cgroup_manager = "cgroupfs"
            events_logger = "none"
            lock_type = "file"
            tmp_dir = "{FOLDER}/run/libpod"
            [network]
            network_backend = "netavark"
            network_config_dir = "{FOLDER}/networks"
            """,
        "storage.conf": f"""
            [storage]
            driver = "overlay"
            graphroot = "{FOLDER}/store"
            runroot = "{FOLDER}/run"
            """,
    }
    for name, text in settings.items():
        lines = (line.strip() for line in text.strip().splitlines())
        (FOLDER / "conf" / name).write_text("\n".join(lines) + "\n", "utf-8")
    return {
        **os.environ,
        "CONTAINERS_CONF": str(FOLDER / "conf/containers.conf"),
        "CONTAINERS_STORAGE_CONF": str(FOLDER / "conf/storage.conf"),
        "TMPDIR": str(FOLDER / "tmp"),
    }


def _make_base(ours: Engine) -> None:
    """Debian's smallest system as an image, under the name that the Dockerfile begins with."""
    _say("making debian:bookworm-slim from Debian's packages")
    cache = ROOT / ".debs" / "debootstrap"
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="base-", dir=FOLDER) as scratch:
        tree = Path(scratch, "tree")
        archive = Path(scratch, "tree.tar")
        wanted = ["--variant=minbase", f"--cache-dir={cache}", "bookworm", str(tree)]
        _run(["debootstrap", *wanted, debs.debian_mirror()], dict(os.environ))
        for needless in _NEEDLESS:
            shutil.rmtree(tree / needless, ignore_errors=True)
            (tree / needless).mkdir(parents=True)
        _run(["tar", "--create", f"--file={archive}", f"--directory={tree}", "."], dict(os.environ))
        ours.podman("import", "--quiet", '--change=CMD ["bash"]', str(archive), _BASE)


def _lent() -> Iterator[str]:
    """Volumes for a build: how this machine reaches the registries, and packages it has already."""
    acquire = [
        line
        for line in _run(["apt-config", "dump"], dict(os.environ)).splitlines()
        if line.startswith("Acquire::") and not line.startswith("Acquire::IndexTargets")
    ]
    (FOLDER / "conf/apt").write_text("\n".join([*acquire, ""]), "utf-8")
    yield f"{FOLDER}/conf/apt:/etc/apt/apt.conf.d/99machine:ro"
    pip, certificate = _pip_settings()
    (FOLDER / "conf/pip").write_text("\n".join(["[global]", *pip, ""]), "utf-8")
    yield f"{FOLDER}/conf/pip:/etc/pip.conf:ro"
    if certificate:
        yield f"{certificate}:/etc/machine.crt:ro"
    (ROOT / ".debs").mkdir(exist_ok=True)
    yield f"{ROOT}/.debs:/opt/tongdai/.debs"


def _pip_settings() -> tuple[list[str], str]:
    """pip's settings of this machine as lines for another, and the file of its certificate."""
    listed = _run([sys.executable, "-m", "pip", "config", "list"], dict(os.environ))
    found: dict[str, str] = {}
    for line in listed.splitlines():
        key, _, value = line.partition("=")
        found[key.rpartition(".")[2]] = value.strip("'\"")
    certificate = found.get("cert", "")
    lines = [f"{name} = {found[name]}" for name in _PIP_SETTINGS if name in found and name != "cert"]
    return [*lines, *(["cert = /etc/machine.crt"] if certificate else [])], certificate


def _run(command: Sequence[str], env: dict[str, str]) -> str:
    done = subprocess.run(
        command, env=env, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = "\n".join(line for line in done.stderr.splitlines() if _NOISE not in line)
        raise SetupError(f"{shlex.join(command)[:300]}: {(said or done.stdout).strip()[-1500:]}")
    return done.stdout


def _say(what: str) -> None:
    print(f"compose: {what}", flush=True)  # noqa: T201 - progress of a test run
