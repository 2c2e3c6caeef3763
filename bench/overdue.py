"""Are locked packages overdue? `make overdue` (docs/security/policy.md, "Components"; ASVS 15.2.1).

Every package, Python's and the browser's, is locked at a version at least as new as the newest that was
out so many days ago and fits with the others: that is asked of the registries' clients (`uv`, `npm`),
which can leave out what is younger. `npm audit` and `pip-audit` ask for known holes.

Exit code 1 when one is overdue, and its name.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
FRAME = timedelta(days=90)
"""All else than what is known to be exploited, critical or high."""
_PINNED = re.compile(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)", re.M)


@dataclass(frozen=True, slots=True)
class Late:
    name: str
    locked: str
    out: str
    """The version that was out before the frame began."""


def pinned(lock: str) -> dict[str, str]:
    """Name → version, of a requirements file."""
    return dict(_PINNED.findall(lock))


def overdue(locked: Mapping[str, str], out: Mapping[str, str]) -> Sequence[Late]:
    """What is locked at a version before the one that was out."""
    return [
        Late(name, locked[name], out[name])
        for name in sorted(locked.keys() & out.keys())
        if Version(locked[name]) < Version(out[name])
    ]


def _python(lock: Path, before: str) -> Sequence[Late]:
    locked = pinned(lock.read_text("utf-8"))
    uv = [str(Path(sys.executable).with_name("uv")), "pip", "compile", "--quiet", "--no-annotate"]
    asked = ["--no-header", "--python-version", "3.11", "--exclude-newer", before, "-"]
    names = "\n".join(locked)
    made = subprocess.run([*uv, *asked], input=names, stdout=subprocess.PIPE, text=True, check=True)
    return overdue(locked, pinned(made.stdout))


def _browser(before: str) -> Sequence[Late]:
    told = json.loads((ROOT / "package.json").read_text("utf-8"))
    kinds = ("dependencies", "devDependencies")
    names = {name for kind in kinds for name in told.get(kind, {})}
    locked = _npm_versions(ROOT / "package-lock.json", names)
    with tempfile.TemporaryDirectory() as folder:
        asked = told | {kind: dict.fromkeys(told.get(kind, {}), "*") for kind in kinds}
        (Path(folder) / "package.json").write_text(json.dumps(asked), "utf-8")
        npm = ["npm", "install", "--package-lock-only", "--no-audit", "--no-fund", f"--before={before}"]
        subprocess.run(npm, cwd=folder, stdout=subprocess.DEVNULL, check=True)
        return overdue(locked, _npm_versions(Path(folder) / "package-lock.json", names))


def _npm_versions(lock: Path, names: set[str]) -> dict[str, str]:
    packages = json.loads(lock.read_text("utf-8"))["packages"]
    return {
        name: packages[f"node_modules/{name}"]["version"]
        for name in names
        if f"node_modules/{name}" in packages
    }


def main() -> int:
    before = (datetime.now(UTC) - FRAME).date().isoformat()
    late = {
        "requirements.lock": _python(ROOT / "requirements.lock", before),
        "requirements-dev.lock": _python(ROOT / "requirements-dev.lock", before),
        "package-lock.json": _browser(before),
    }
    for lock, ones in late.items():
        for one in ones:
            print(f"{lock}: {one.name} {one.locked}, {one.out} was out before {before}")
    if not any(late.values()):
        print(f"nothing is older than what was out on {before}")
    return int(any(late.values()))


if __name__ == "__main__":
    sys.exit(main())
