"""Which Asterisk this machine has: one on PATH (20 or later), else a private one from Debian.

Owns the list of packages; `hotline.debs` brings them. Nothing here starts Asterisk for good.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from hotline import debs
from hotline.errors import SetupError
from hotline.settings import ROOT

TREE = ROOT / ".asterisk"
_SUITE = "forky"  # the first Debian since bullseye that ships Asterisk again: 22
_OLDEST = 20
# fmt: off
_NEEDED = (
    "asterisk", "asterisk-modules", "libbsd0*", "libc6", "libcap2", "libcrypt1", "libedit2*",
    "libgcc-s1", "libgsm1*", "libjansson4*", "libmd0*", "libnspr4*", "libnss3*", "libopus0*",
    "libsqlite3-0*", "libsrtp2-*", "libssl3*", "libssl4*", "libstdc++6", "libsystemd0*",
    "libtinfo6*", "liburiparser1*", "libuuid1*", "libxml2-*", "libxslt1.1*", "libzstd1*",
    "zlib1g*",
)
# fmt: on
"""Of some 160 packages that Debian's asterisk pulls in (81 MB), these 26 (20 MB) carry what
`asterisk-conf/modules.list` loads. The stars outlive renames (t64, a new soname)."""


@dataclass(frozen=True, slots=True)
class Installation:
    """`command` runs Asterisk (the private one under its own dynamic loader)."""

    command: tuple[str, ...]
    version: str
    modules: Path
    documentation: Path


def find() -> Installation | None:
    """The Asterisk to use, or None when one must be fetched first."""
    system = shutil.which("asterisk", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if system and (found := _installation((system,), Path("/"))):
        return found
    for loader in TREE.glob("usr/lib/*-linux-*/ld-linux*.so.*"):
        program = str(TREE / "usr/sbin/asterisk")
        command = (str(loader), "--library-path", str(loader.parent), program)
        if found := _installation(command, TREE):
            return found
    return None


def ensure_installed(progress: Callable[[str], None] = print) -> Installation:
    """The Asterisk to use; fetched from Debian's packages when the machine has none.

    Raises SetupError when it cannot be had.
    """
    if found := find():
        return found
    debs.fetch("asterisk", _SUITE, ["asterisk"], TREE, only=_NEEDED, progress=progress)
    if found := find():
        progress(f"asterisk: {found.version} is ready")
        return found
    raise SetupError(f"the Asterisk in {TREE} does not run: remove that folder and try again")


def wanted_modules(patterns: str, folder: Path) -> Iterator[Path]:
    """The files in `folder` that the text of modules.list names. A later line overrules."""
    rules = [line for raw in patterns.splitlines() if (line := raw.split("#")[0].strip())]
    for file in sorted(folder.glob("*.so")):
        chosen = False
        for rule in rules:
            if fnmatch(file.stem, rule.removeprefix("!")):
                chosen = not rule.startswith("!")
        if chosen:
            yield file


def _installation(command: tuple[str, ...], root: Path) -> Installation | None:
    """None when it does not run, is too old or lacks its modules or documentation."""
    try:
        said = subprocess.run([*command, "-V"], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(r"Asterisk (?:certified/)?((\d+)\S*)", said.stdout)
    if match is None or int(match[2]) < _OLDEST:
        return None
    modules = _first(
        root,
        "usr/lib/*/asterisk/modules",
        "usr/lib/asterisk/modules",
        "usr/local/lib/asterisk/modules",
    )
    docs = _first(root, "usr/share/asterisk/documentation", "var/lib/asterisk/documentation")
    if modules is None or docs is None or not (modules / "chan_pjsip.so").exists():
        return None
    return Installation(command, match[1], modules, docs)


def _first(root: Path, *patterns: str) -> Path | None:
    return next((path for pattern in patterns for path in sorted(root.glob(pattern))), None)
