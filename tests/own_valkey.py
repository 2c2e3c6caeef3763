"""A Valkey of one's own, on a socket that stays the same when it is started again."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hotline import valkey
from tests.waiting import until


class Valkey:
    """`url`: where it is while it runs. It dies with whoever started it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._socket = folder / "s"
        self.url = f"unix://{self._socket}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._socket.unlink(missing_ok=True)
        self._process = subprocess.Popen(
            ["setpriv", "--pdeathsig=KILL", *valkey.command(self._folder / "valkey", self._socket)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        until(self._socket.exists)

    def hang(self) -> None:
        """It takes what is sent and answers nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait()
            self._process = None


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """Its URL."""
    server = Valkey(folder)
    server.start()
    try:
        yield server.url
    finally:
        server.end()
