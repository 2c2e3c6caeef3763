"""The process that carries the journal into SQL: a child of the switchboard.

A process and not a thread: to write a call into SQL takes ten times the work of following and routing
it, and in one interpreter that work keeps the loop from ringing a phone. At 20 calls a second callers
were answered after 130 ms with a thread, after 17 ms without (`python -m bench.ceiling`).

The two share the journal on disk and a pipe: each append is a byte in it. However the switchboard dies,
the pipe ends, and the child with it after the batch in hand. A child that dies is replaced. Only one
drains a journal at a time: the next one waits for the lock (`Journal`).
"""

import contextlib
import multiprocessing
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import structlog

from hotline import log

_log = structlog.get_logger()

_NICE = 5
"""Whoever rings phones comes before who writes down that they rang."""
GONE_SECONDS = 10.0
"""How long the child may take over its last batch."""

Work = Callable[[Path, Connection], None]
"""Drains the journal in that folder, until `ended`."""


class DrainProcess:
    """The child. `work` runs in it."""

    def __init__(self, folder: Path, work: Work) -> None:
        self._folder = folder
        self._work = work
        self._begin("fork")

    def _begin(self, method: str) -> None:
        """`fork` costs nothing, but is for before there are threads; `spawn` takes a second."""
        theirs, self._pipe = multiprocessing.Pipe(duplex=False)
        os.set_blocking(self._pipe.fileno(), False)
        context = multiprocessing.get_context(method)
        inherited = self._pipe if method == "fork" else None
        self._process = context.Process(  # type: ignore[attr-defined]
            target=_run, args=(self._work, self._folder, theirs, inherited), name="drain"
        )
        self._process.start()
        theirs.close()

    def journal_grew(self) -> None:
        """Wake it. A full pipe means that it will look anyway, a broken one that it is replaced soon."""
        with contextlib.suppress(BlockingIOError, BrokenPipeError):
            os.write(self._pipe.fileno(), b".")

    def replace_if_dead(self) -> None:
        if not self._process.is_alive():
            _log.error("drain_died", exit_code=self._process.exitcode)
            self._pipe.close()
            self._begin("spawn")

    def stop(self) -> None:
        """End it after the batch in hand; what is left waits on disk."""
        self._pipe.close()
        self._process.join(GONE_SECONDS)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


def _run(work: Work, folder: Path, pipe: Connection, inherited: Connection | None) -> None:
    """In the child, which ends when the pipe does: signals to the whole group are for its parent."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    if inherited is not None:
        inherited.close()
    else:
        log.configure()
    os.nice(_NICE)
    try:
        work(folder, pipe)
    except Exception:
        sys.excepthook(*sys.exc_info())  # ours, which quotes nobody (`hotline.log`)
        sys.exit(1)


def woken(pipe: Connection) -> bool:
    """Wait until the journal has grown; False: the switchboard has gone."""
    return bool(os.read(pipe.fileno(), 65536))


def ended(pipe: Connection, within: float = 0.0) -> bool:
    """Whether the switchboard has gone, or goes within so many seconds. What it said is taken."""
    until = time.monotonic() + within
    while select.select([pipe], [], [], max(0.0, until - time.monotonic()))[0]:
        if not woken(pipe):
            return True
    return False
