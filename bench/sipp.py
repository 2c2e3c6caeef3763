"""SIPp, the SIP load generator: from PATH, else a private one from Debian's packages.

Its scenarios here are the two ends of a call to line 111: `phones`, which pick up every call at once,
and `callers`, who come at a steady rate, talk for a moment and hang up. Loopback only; every run is
bounded in calls and time.
"""

import csv
import random
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hotline import debs
from hotline.errors import SetupError
from hotline.settings import ROOT

_TREE = ROOT / ".sipp"
_NEEDED = (
    "sip-tester", "libc6", "libgcc-s1", "libstdc++6", "libgsl*", "libncursesw6", "libtinfo6",
    "libpcap0.8*", "libdbus-1-3", "libsystemd0", "libcap2", "libsctp1*", "libssl*", "libpugixml*",
    "zlib1g", "libzstd1",
)  # fmt: skip
_SCENARIOS = Path(__file__).parent / "scenarios"
_STREAM = '<nop><action><exec rtp_stream="%s,8,PCMA/8000"/></action></nop>'
_SAID = {
    ("callers", True): _STREAM % "noise.alaw,-1",
    ("phones", True): _STREAM % "noise.alaw,-1",
    ("callers", False): _STREAM % "hello.alaw,1",
    ("phones", False): "",
}
"""By scenario, and whether everybody talks. A caller always says a word (60 ms): of whom Asterisk hears
nothing it waits half a second before it joins the two, and by then a short talk is over, with nobody."""
PATIENCE_SECONDS = 10
"""A caller whom nobody has answered by then has been lost."""


def ensure_installed() -> tuple[str, ...]:
    """The command that runs SIPp. Raises SetupError when it cannot be had."""
    if system := shutil.which("sipp"):
        return (system,)
    debs.fetch("sipp", "forky", ["sip-tester"], _TREE, only=_NEEDED)
    for loader in _TREE.glob("usr/lib/*-linux-*/ld-linux*.so.*"):
        return (str(loader), "--library-path", str(loader.parent), str(_TREE / "usr/bin/sipp"))
    raise SetupError(f"the SIPp in {_TREE} does not run: remove that folder and try again")


@dataclass(frozen=True, slots=True)
class Load:
    """Callers from the address `host` dial `number` at `server` (address:port), `rate` a second; their
    own numbers begin with `prefix`."""

    host: str
    number: str
    server: str
    prefix: str
    rate: int
    seconds: float
    talk: float
    audio: bool


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a load. `setup`: seconds from INVITE to answer, of each call that was answered."""

    placed: int
    done: int
    failed: int
    setup: Sequence[float]


@contextmanager
def phones(folder: Path, host: str, port: int, *, audio: bool) -> Iterator[int]:
    """One end at host:port that is every phone; with `audio` it says what it hears. Its process."""
    command = _command("phones", folder, host, audio)
    command += ["-p", str(port), *(["-rtp_echo"] if audio else [])]
    process = subprocess.Popen(
        ["setpriv", "--pdeathsig=KILL", *command],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process.pid
    finally:
        process.kill()
        process.wait()


def place(folder: Path, load: Load) -> Result:
    """Let the callers come; returns when all of them have ended, or their time is over."""
    calls = round(load.rate * load.seconds)
    most = load.seconds + load.talk + PATIENCE_SECONDS + 5
    command = [
        *_command("callers", folder, load.host, load.audio),
        *("-s", load.number, "-key", "prefix", load.prefix),
        *("-r", str(load.rate), "-m", str(calls), "-d", str(round(load.talk * 1000))),
        *("-recv_timeout", str(PATIENCE_SECONDS * 1000), "-timeout", str(round(most))),
        *("-trace_rtt", "-rtt_freq", "1", "-trace_stat", "-fd", "1", load.server),
    ]
    for old in folder.glob("callers_*.csv"):
        old.unlink()
    quiet = subprocess.DEVNULL
    subprocess.run(command, cwd=folder, stdin=quiet, stdout=quiet, stderr=quiet, check=False)
    rows = _rows(folder, "callers_*_rtt.csv")
    last = _rows(folder, "callers_[0-9]*_.csv")[-1]
    done, failed = int(last["SuccessfulCall(C)"]), int(last["FailedCall(C)"])
    return Result(calls, done, failed, [float(row["response_time_ms"]) / 1000 for row in rows])


def _command(scenario: str, folder: Path, host: str, audio: bool) -> list[str]:
    """SIPp writes its files beside the scenario: it gets a copy in `folder`."""
    text = (_SCENARIOS / f"{scenario}.xml").read_text("utf-8")
    text = text.replace("@audio@", _SAID[scenario, audio])
    (folder / f"{scenario}.xml").write_text(text, "utf-8")
    for name, size in (("noise", 8000), ("hello", 480)):
        (folder / f"{name}.alaw").write_bytes(random.Random(111).randbytes(size))
    return [*ensure_installed(), "-sf", f"{scenario}.xml", "-nostdin", "-aa", "-i", host, "-mi", host]


def _rows(folder: Path, pattern: str) -> list[dict[str, str]]:
    """Of the one file named so; none when there is no such file."""
    file = next(folder.glob(pattern), None)
    lines = file.read_text("utf-8").splitlines() if file else []
    return list(csv.DictReader(lines, delimiter=";"))
