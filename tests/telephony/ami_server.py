"""A tiny AMI server on loopback, for what a real Asterisk cannot be asked to do: cut messages in two,
fall silent, refuse, send rubbish."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from telephony.ami import Address

BANNER = b"Asterisk Call Manager/11.0.0\r\n"


@dataclass
class AmiServer:
    """`answer` may return bytes for an action; None: Success. Silent when `deaf`."""

    secret: str = "right"
    deaf: bool = False
    answer: Callable[[dict[str, list[str]]], bytes | None] | None = None
    actions: list[dict[str, list[str]]] = field(default_factory=list)
    writers: list[asyncio.StreamWriter] = field(default_factory=list)
    port: int = 0

    def address(self, secret: str = "right") -> Address:
        return Address("127.0.0.1", self.port, "switchboard", secret)

    async def send(self, data: bytes) -> None:
        for writer in self.writers:
            writer.write(data)
            await writer.drain()

    def cut(self) -> None:
        for writer in self.writers:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        writer.write(BANNER)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                block = await reader.readuntil(b"\r\n\r\n")
                action: dict[str, list[str]] = {}
                for line in block.decode().strip().split("\r\n"):
                    name, _, value = line.partition(": ")
                    action.setdefault(name.lower(), []).append(value)
                self.actions.append(action)
                if not self.deaf:
                    writer.write(self._reply(action))
        writer.close()

    def _reply(self, action: dict[str, list[str]]) -> bytes:
        action_id = action["actionid"][0].encode()
        if self.answer and (own := self.answer(action)) is not None:
            return own.replace(b"@id@", action_id)
        if action["action"] == ["Login"] and action["secret"] != [self.secret]:
            text = b"Response: Error\r\nActionID: %b\r\nMessage: Authentication failed\r\n\r\n"
        else:
            text = b"Response: Success\r\nActionID: %b\r\nMessage: done\r\n\r\n"
        return text % action_id


@contextlib.asynccontextmanager
async def serving(server: AmiServer, tls: ssl.SSLContext | None = None) -> AsyncIterator[AmiServer]:
    listener = await asyncio.start_server(server._serve, "127.0.0.1", 0, ssl=tls)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        server.cut()
        await listener.wait_closed()
