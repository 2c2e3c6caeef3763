"""Chromium for the browser tests: the machine's own, else Debian's package.

With root the package is installed by apt; without, it is unpacked into `.chromium/`, which touches
nothing else.
"""

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from hotline.debs import fetch
from hotline.errors import SetupError
from hotline.settings import ROOT
from tests.postgres import codename

_TREE = ROOT / ".chromium"
_NAMES = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True, slots=True)
class Chromium:
    """`env`: what the program needs beside this process's environment."""

    program: Path
    env: dict[str, str] = field(default_factory=dict)


def find() -> Chromium | None:
    """A Chromium that is here already: TONGDAI_TEST_CHROMIUM, on PATH, or unpacked before."""
    named = os.environ.get("TONGDAI_TEST_CHROMIUM")
    for name in (named, *_NAMES) if named else _NAMES:
        if found := shutil.which(name):
            return Chromium(Path(found))
    unpacked = _TREE / "usr/lib/chromium/chromium"
    if unpacked.exists():
        folders = [_TREE / "usr/lib/x86_64-linux-gnu", *(_TREE / "usr/lib").glob("*-linux-gnu*/*/")]
        return Chromium(unpacked, {"LD_LIBRARY_PATH": ":".join(map(str, folders))})
    return None


def install() -> Chromium:
    """A Chromium, brought here when there is none. Raises SetupError."""
    if found := find():
        return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        _apt("update")
        _apt("install", "--yes", "--no-install-recommends", "chromium")
    else:
        fetch("chromium", codename(), ["chromium"], _TREE)
    if found := find():
        return found
    raise SetupError("Debian's package chromium is installed, but there is no program chromium")


def _apt(*arguments: str) -> None:
    print(f"chromium: apt-get {arguments[0]}", flush=True)  # noqa: T201 - progress of a test run
    done = subprocess.run(
        ["apt-get", "-qq", *arguments],
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SetupError(f"apt-get {arguments[0]} failed: {done.stderr.strip()[-300:]}")
