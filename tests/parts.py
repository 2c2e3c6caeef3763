"""Parts of the house (`tongdai switchboard`, `tongdai web` …) as processes, started quickly.

To import what a part needs costs more CPU than most tests. So each is a fork of one process that has
imported it already: multiprocessing's fork server, one for each process that runs tests. A part gets its
environment and its log when it is forked, and reads its settings then. That the real commands start is
for tests/hotline (test_cli, test_supervisor).
"""

import atexit
import gc
import multiprocessing
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path

from hotline import children, cli, settings

_PARTS = ("switchboard", "ship", "deliver", "receive", "web", "worker", "cron")


@cache
def _server() -> ForkServerContext:
    """Has imported what every part needs, and started nothing."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        ["tests.parts", *(cli.COMMANDS[name].target.partition(":")[0] for name in _PARTS)]
    )
    return context


class Part:
    """`tongdai ARGUMENTS`, running; it is gone when we are. Its methods are `subprocess.Popen`'s."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self._process: ForkServerProcess = _server().Process(
            target=_run, args=(list(arguments), dict(environment), log)
        )
        self._process.start()
        atexit.register(self.kill)  # else our own end would wait for what a failed test left
        assert self._process.pid is not None
        self.pid = self._process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        code = self._process.exitcode
        if code is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout or 0)
        return code

    def send_signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def _run(arguments: list[str], environment: dict[str, str], log: Path) -> None:
    """In the fork."""
    children.end_with(os.getppid())  # the server's end is ours
    os.setsid()
    with Path(os.devnull).open("rb") as nothing, log.open("ab") as said:
        os.dup2(nothing.fileno(), 0)
        os.dup2(said.fileno(), 1)
        os.dup2(said.fileno(), 2)
    gc.freeze()  # else each would look through all that was imported, and so copy it
    os.environ.clear()
    os.environ.update(environment)
    assert not settings.settings.cache_info().currsize, "read before the part had its environment"
    cli.main(arguments)
