"""What the pages of many desks ask of a web server, without their browsers.

Each desk keeps its stream of signals and one connection for requests, and asks as its page does
(dashboard/frontend/live.ts, desk.html, record.ts): the line when it is told of itself, its lists when
they changed but at most once a second, its record's autosave while it talks; and it closes the record
after the talk. Runs in a process of its own.
"""

import asyncio
import gzip
import json
import re
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from urllib.parse import urlencode

BOARD_PAUSE_SECONDS = 1.0
TYPING_SECONDS = 4.0
"""From one autosave to the next while somebody listens and writes."""
SENTENCE = "Em kể ở nhà không ai nghe em nói. "


@dataclass(frozen=True, slots=True)
class Seat:
    """A counselor who has logged in at the server of this port."""

    port: int
    token: str
    csrf: str


@dataclass(slots=True)
class Seen:
    """What the desks saw. `pops`: call → when its pop had been read (seconds of the clock); the others
    are how long an answer took, in milliseconds."""

    pops: dict[str, float] = field(default_factory=dict)
    lines: list[float] = field(default_factory=list)
    queues: list[float] = field(default_factory=list)
    autosaves: list[float] = field(default_factory=list)
    refused: int = 0
    connected: int = 0
    """Desks that have been answered all that a page asks at first."""


def run(seats: Sequence[Seat], pipe: Connection) -> None:
    """Connects all, says so ("ready"), goes on until told to stop, and sends what it has Seen."""
    asyncio.run(_run(seats, pipe))


async def _run(seats: Sequence[Seat], pipe: Connection) -> None:
    seen = Seen()
    desks = [asyncio.create_task(_Desk(seat, seen).live()) for seat in seats]
    while seen.connected < len(seats):
        await asyncio.sleep(0.05)
        for desk in desks:
            if desk.done():
                desk.result()
    seen.lines, seen.queues = [], []
    pipe.send("ready")
    await asyncio.to_thread(pipe.recv)
    for desk in desks:
        desk.cancel()
    for ended in await asyncio.gather(*desks, return_exceptions=True):
        if not isinstance(ended, asyncio.CancelledError):
            raise RuntimeError("a desk gave up") from ended
    pipe.send(seen)


class _Desk:
    def __init__(self, seat: Seat, seen: Seen) -> None:
        self._seat = seat
        self._seen = seen
        self._ways: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._one = asyncio.Lock()
        self._unasked = 2
        self._told = asyncio.Event()
        self._board = asyncio.Event()
        self._record = 0
        self._typing: asyncio.Task[None] | None = None

    async def live(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow_the_line())
            group.create_task(self._follow_the_queue())
            async for event in self._events():
                if event in {"desk", "ready"}:
                    self._told.set()
                if event in {"board", "ready"}:
                    self._board.set()

    async def _events(self) -> AsyncIterator[str]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._seat.port)
        writer.write(self._head("GET", "/live").encode() + b"\r\n")
        try:
            while line := await reader.readline():
                if line.startswith(b"event: "):
                    yield line[7:].decode().strip()
        finally:
            writer.close()

    async def _follow_the_line(self) -> None:
        while True:
            await self._told.wait()
            self._told.clear()
            text, took = await self._ask("GET", f"/desk/line?open={self._record}")
            self._seen.lines.append(took)
            self._asked_once()
            await self._take(text)

    def _asked_once(self) -> None:
        self._unasked -= 1
        self._seen.connected += self._unasked == 0

    async def _take(self, text: str) -> None:
        if found := re.search(r'data-pop="([^"]+)"', text):
            self._seen.pops.setdefault(found[1], time.time())
        if found := re.search(r'data-record="(\d+)"', text):
            self._record = int(found[1])
        talking = "pop-talking" in text
        if talking and self._record and self._typing is None:
            self._typing = asyncio.create_task(self._type(self._record))
        elif not talking and self._typing is not None:
            self._typing.cancel()
            with suppress(asyncio.CancelledError):
                await self._typing
            self._typing = None
            closed = {"disposition": "silent", "on": "desk", "open": str(self._record)}
            await self._ask("POST", f"/records/{self._record}/close", urlencode(closed))
            self._record = 0

    async def _follow_the_queue(self) -> None:
        while True:
            await self._board.wait()
            self._board.clear()
            _, took = await self._ask("GET", "/desk/queue")
            self._seen.queues.append(took)
            self._asked_once()
            await asyncio.sleep(BOARD_PAUSE_SECONDS)

    async def _type(self, record: int) -> None:
        text, revision = "", 0
        while True:
            await asyncio.sleep(TYPING_SECONDS)
            text += SENTENCE
            typed = {"base_revision": revision, "tab": "bench", "changes": {"content": text}}
            saved = self._ask("POST", f"/records/{record}/autosave", json.dumps(typed))
            answer, took = await asyncio.shield(asyncio.ensure_future(saved))
            self._seen.autosaves.append(took)
            if answer:
                revision = json.loads(answer)["revision"]

    def _head(self, verb: str, path: str) -> str:
        cookie = f"tongdai-{self._seat.port}={self._seat.token}"
        return f"{verb} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n"

    async def _ask(self, verb: str, path: str, body: str = "") -> tuple[str, float]:
        """The answer, empty when it is refused, and the milliseconds that it took."""
        async with self._one:
            began = time.perf_counter()
            if self._ways is None:
                self._ways = await asyncio.open_connection("127.0.0.1", self._seat.port)
            reader, writer = self._ways
            kind = "application/json" if body.startswith("{") else "application/x-www-form-urlencoded"
            head = f"{self._head(verb, path)}HX-Request: true\r\nAccept-Encoding: gzip\r\n"
            if body:
                head += f"X-CSRF-Token: {self._seat.csrf}\r\nContent-Type: {kind}\r\n"
                head += f"Content-Length: {len(body.encode())}\r\n"
            writer.write(f"{head}\r\n{body}".encode())
            answer = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", answer)
            content = await reader.readexactly(int(length[1]) if length else 0)
            took = 1000 * (time.perf_counter() - began)
        if not answer.startswith(b"HTTP/1.1 200"):
            self._seen.refused += 1
            return "", took
        packed = b"content-encoding: gzip" in answer
        return (gzip.decompress(content) if packed else content).decode(), took
