"""A daemon that speaks what clamd(8) documents of its protocol, and knows one harmful file: EICAR's.

It is strict: a command that is not framed as documented, or a stream that does not end, gets no answer.
"""

import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""In two parts: a scanner of whoever checks this out shall leave our tests alone."""


class _Talk(socketserver.StreamRequestHandler):
    server: "_Daemon"

    def handle(self) -> None:
        said = b""
        while not said.endswith(b"\0"):
            sign = self.rfile.read(1)
            if not sign:
                return
            said += sign
        if said == b"zPING\0":
            self.wfile.write(b"PONG\0")
        elif said == b"zINSTREAM\0":
            self.wfile.write(self._scanned())
        else:
            self.wfile.write(b"UNKNOWN COMMAND\0")

    def _scanned(self) -> bytes:
        content = b""
        while True:
            (length,) = struct.unpack(">L", self.rfile.read(4))
            if not length:
                break
            content += self.rfile.read(length)
            if len(content) > self.server.most:
                return b"INSTREAM size limit exceeded. ERROR\0"
        self.server.seen.append(content)
        return b"stream: Eicar-Test-Signature FOUND\0" if EICAR in content else b"stream: OK\0"


class _Daemon(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    most = 25 * 1024 * 1024
    """StreamMaxLength, clamd's default."""

    def __init__(self, path: str) -> None:
        super().__init__(path, _Talk)
        self.seen: list[bytes] = []


@contextmanager
def running(socket: Path) -> Iterator[_Daemon]:
    """`seen`: each file that was streamed to its end."""
    with _Daemon(str(socket)) as daemon:
        thread = threading.Thread(target=daemon.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield daemon
        finally:
            daemon.shutdown()
            thread.join()
            socket.unlink()
