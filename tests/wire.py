"""A wire between two ends of TCP that stories cut for real, and other faults lay hands on."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

from tests.pbx import free_port

_END = b"\r\n\r\n"
"""Of a message of Asterisk's manager interface."""


class Wire:
    """Carries bytes to `to`, a port of `to_host` or a unix socket, until it is cut, broken inside a
    message, or silent."""

    def __init__(self, host: str, to: int | Path, to_host: str = "127.0.0.1") -> None:
        self._host, self._to_host = host, to_host
        self.port = free_port()
        self._to = to
        self._server: asyncio.Server | None = None
        self._ends: list[asyncio.StreamWriter] = []
        self._breaking = False
        self._silent: set[asyncio.StreamWriter] = set()
        self._swallows = False
        self._forged: deque[bytes] = deque()

    async def mend(self) -> None:
        self._server = await asyncio.start_server(self._join, self._host, self.port)

    async def cut(self) -> None:
        """End the connections; new ones are refused. Safe to repeat."""
        if self._server is not None:
            self._server.close()
        self.drop()

    def drop(self) -> None:
        """End the connections; new ones are taken."""
        for end in self._ends:
            end.transport.abort()
        self._ends.clear()

    def break_inside(self) -> None:
        """The next message from Asterisk stops short of its end, and the connections with it."""
        self._breaking = True

    def forge(self, message: bytes) -> None:
        """Behind the next message from Asterisk comes this, as if it were one."""
        self._forged.append(message)

    @property
    def forging(self) -> bool:
        """Whether something forged still waits for its place."""
        return bool(self._forged)

    def fall_silent(self) -> None:
        """Half open: both ends believe the connections alive and nothing gets through. New ones work."""
        self._silent.update(self._ends)

    def swallow(self, *, on: bool = True) -> None:
        """Half open, new connections too; those that are silent stay so when it is off again."""
        self._swallows = on
        self.fall_silent()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await self._open()
        except (ConnectionRefusedError, FileNotFoundError):
            writer.transport.abort()
            return
        self._ends += [writer, back]
        if self._swallows:
            self.fall_silent()
        with contextlib.suppress(asyncio.CancelledError):  # nobody awaits us: the story is over
            await asyncio.gather(self._carry(reader, back), self._carry(there, writer, breakable=True))

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self._to, Path):
            return await asyncio.open_unix_connection(self._to)
        return await asyncio.open_connection(self._to_host, self._to)

    async def _carry(
        self, source: asyncio.StreamReader, into: asyncio.StreamWriter, *, breakable: bool = False
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65536):
                if into in self._silent:
                    continue
                if breakable and self._breaking and data.rfind(_END) > 0:
                    self._breaking = False
                    into.write(data[: data.rfind(_END) - 1])
                    self.drop()
                    return
                into.write(data)
                if breakable and self._forged and data.endswith(_END):
                    into.write(self._forged.popleft())
        into.close()


@contextlib.contextmanager
def in_a_thread(to: int) -> Iterator[Wire]:
    """A wire on loopback beside a test that does not await. What is done to it takes effect at once."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever)
    thread.start()
    wire = Wire("127.0.0.1", to)
    try:
        asyncio.run_coroutine_threadsafe(wire.mend(), loop).result(5)
        yield wire
    finally:
        asyncio.run_coroutine_threadsafe(wire.cut(), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()
