"""Processes that the supervisor runs: started so that they die with it, restarted with back-off.

Each child is a session of its own, so Ctrl-C reaches the supervisor alone, and has a parent-death
signal, so that not even SIGKILL of the supervisor leaves an orphan.
"""

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hotline.errors import SetupError

_ONLY_UNDER = 'test "$PPID" = "$0" || exit 1; exec "$@"'
"""Between fork and the parent-death signal the parent may die: then its number is no longer PPID."""
_PR_SET_PDEATHSIG = 1
_WAITS = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
_STEADY_SECONDS = 30.0
"""A child that ran that long is forgiven its earlier deaths."""
_LARGEST_LOG = 20_000_000


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the house. `wave`: parts of a higher wave are stopped first."""

    name: str
    command: tuple[str, ...]
    wave: int
    patience: float = 1.5
    """Seconds to stop in before it is killed."""
    talks: bool = True
    """False: what it prints is for a person at a terminal and must not get into a log."""


@dataclass(slots=True)
class Child:
    """A part while the supervisor runs it."""

    part: Part
    env: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    began: float = 0.0
    deaths: int = 0
    """Deaths in a row, each before it had run steadily."""
    due: float = 0.0

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                bound_to_us(self.part.command),
                env=dict(self.env),
                stdin=subprocess.DEVNULL,
                stdout=log if self.part.talks else subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
            )
        self.began = time.monotonic()

    def died(self) -> int | None:
        """The exit code when it has just died (negative: signal), and when it may start again."""
        if self.process is None or (code := self.process.poll()) is None:
            return None
        self._sweep()
        steady = time.monotonic() - self.began > _STEADY_SECONDS
        self.deaths = 1 if steady else self.deaths + 1
        self.due = time.monotonic() + _WAITS[min(self.deaths, len(_WAITS)) - 1]
        self.process = None
        return code

    def is_due(self) -> bool:
        return self.process is None and time.monotonic() >= self.due

    def terminate(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def gone(self, within: float) -> None:
        """Wait for its end, then make sure that nothing of its session is left."""
        if self.process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(max(within, 0.0))
        self._sweep()
        self.process.wait()

    def last_words(self) -> str:
        """The last line of its log, for a person."""
        with contextlib.suppress(OSError), self.log.open("rb") as log:
            log.seek(max(0, self.log.stat().st_size - 2000))
            lines = log.read().decode("utf-8", "replace").split("\n")
            return next((line.strip() for line in reversed(lines) if line.strip()), "")
        return ""

    def trim_log(self) -> None:
        """Keep one older log; the child goes on writing to the same file (it appends)."""
        with contextlib.suppress(FileNotFoundError):
            if self.log.stat().st_size > _LARGEST_LOG:
                shutil.copyfile(self.log, self.log.with_suffix(".log.1"))
                os.truncate(self.log, 0)

    def _sweep(self) -> None:
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)


def tongdai(*arguments: str) -> tuple[str, ...]:
    """The command line of a command of ours."""
    return (sys.executable, "-m", "hotline.cli", *arguments)


def bound_to_us(command: Sequence[str]) -> list[str]:
    """The command, killed by the kernel when the thread that starts it ends.

    With SIGKILL: Asterisk 22.10 loses a SIGTERM that comes before it has fully booted, and all that
    must be kept survives a kill anyway.
    """
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise SetupError("setpriv is missing: install util-linux 2.33 or later")
    wrapper = [setpriv, "--pdeathsig=KILL", "sh", "-c", _ONLY_UNDER, str(os.getpid())]
    return [*wrapper, *command]


def end_with(parent: int | None) -> None:
    """From now on the kernel kills this process when the one that made it, this process id, ends."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def run(command: Sequence[str], env: Mapping[str, str]) -> str:
    """What a command of ours printed until its end. Raises SetupError with its complaint."""
    done = subprocess.run(
        bound_to_us(command),
        env=dict(env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
    )
    if done.returncode:
        complaint = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise SetupError(f"{' '.join(command[3:])}: {complaint[-1].removeprefix('tongdai: ')}")
    return done.stdout
