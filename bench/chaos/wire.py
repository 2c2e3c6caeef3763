"""The wire between the switchboard and Asterisk's manager interface, which faults lay hands on."""

import asyncio
import contextlib

from tests.stories.test_three_sites import Relay

_END = b"\r\n\r\n"


class Wire(Relay):
    """Carries bytes, until it is cut, broken inside a message, or silent."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(host, port)
        self._breaking = False
        self._silent: set[asyncio.StreamWriter] = set()

    def drop(self) -> None:
        """End the connections; new ones are taken."""
        for wire in self._wires:
            wire.transport.abort()
        self._wires.clear()

    def break_inside(self) -> None:
        """The next message from Asterisk stops short of its end, and the connections with it."""
        self._breaking = True

    def fall_silent(self) -> None:
        """Half open: both ends believe the connections alive and nothing gets through. New ones work."""
        self._silent.update(self._wires)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._to)
        except ConnectionRefusedError:
            writer.transport.abort()
            return
        self._wires += [writer, back]
        with contextlib.suppress(asyncio.CancelledError):  # nobody awaits us: the row is over
            await asyncio.gather(self._carry(reader, back), self._carry(there, writer, breakable=True))

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
        into.close()
