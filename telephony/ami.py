"""The one place that touches panoramisk: a connection to Asterisk's Manager Interface.

Owns connecting, logging in, the watchdog, sending actions and handing out what arrives, in order,
through one bounded queue. Must not know what an event means. Each connection gets a panoramisk Manager
of its own that is never reused, so nothing unsent is ever replayed after a reconnect. panoramisk 1.4's
traps and the reasons for the protocol subclass: `docs/adr/0002-panoramisk-behind-one-module.md`.

Errors: `AmiError` ⊂ Unavailable is the root; `AmiRefused` (wrong name or secret), `AmiUntrusted` (its
certificate is none of ours), `AmiAway` (no connection or no answer in time), `AmiActionFailed` (Asterisk
said no to one action).
"""

import asyncio
import contextlib
import re
import ssl
import time
from collections import deque
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import panoramisk
import structlog
from panoramisk.actions import Action
from panoramisk.ami_protocol import AMIProtocol
from panoramisk.message import Message

from hotline.errors import Unavailable
from telephony import tasks

_log = structlog.get_logger()

Headers = Mapping[str, str | list[str]]
"""AMI header, in lower case → value; a header that came more than once → list of its values."""

MAX_MESSAGE: Final = 1 << 20
"""Bytes without a message end after which the peer is not an AMI (1 MiB)."""
MAX_HEADERS: Final = 128
"""Asterisk 22 reads at most 128 headers of an action (manager.h AST_MAX_MANHEADERS)."""
MAX_LINE: Final = 1024
QUEUE_LIMIT: Final = 50_000
"""Unread events after which they are dropped and the consumer is told to resync."""

_IGNORED = tuple(
    b"Event: " + name
    for name in (
        b"Newexten", b"VarSet", b"RTCP", b"TestEvent", b"QueueMemberStatus", b"ChallengeSent",
        b"NewAccountCode", b"MixMonitor", b"DialState", b"BridgeCreate", b"SoftHangupRequest",
        b"MusicOnHold", b"DTMFBegin",
    )
)  # fmt: skip
"""Dropped unparsed: most of AMI's bulk, of no use to us even when manager.conf lets them through."""

_NAMES_KEPT = 5000
RUSH_SECONDS, GATHER_SECONDS, GATHERED_BYTES = 0.003, 0.01, 16384
"""In a rush, that is when something comes so soon after what came before, and is no more than that, it
waits for more to come with it: to take something up costs the switchboard as much as some three events.
Whoever calls while it is quiet is rung for at once."""
_new_action_id = Action.action_id_generator
_LINE_END = re.compile(r"[\r\n\0]")
_PANORAMISK_READS = {"event", "response", "actionid", "message", "subevent", "eventlist"}
"""Headers that panoramisk takes for single strings; a repeated one would raise in it."""


class AmiError(Unavailable):
    """Root of what can go wrong between us and Asterisk."""


class AmiRefused(AmiError):
    """Asterisk does not accept this user and secret."""


class AmiUntrusted(AmiError):
    """Who answers cannot show a certificate for that address from our authority, or ours cannot be read.
    Nothing was said to them."""


class AmiAway(AmiError):
    """There is no connection, or no answer came in time."""


class AmiActionFailed(AmiError):
    """Asterisk answered an action with Error; the message is Asterisk's own."""


@dataclass(frozen=True, slots=True)
class Address:
    host: str
    port: int
    user: str
    secret: str
    ca: Path | None = None
    """The authority that must vouch for it: over TLS and not otherwise. None: in clear."""

    def __str__(self) -> str:
        return f"{self.user}@{self.host}:{self.port}"


class _Protocol(AMIProtocol):  # type: ignore[misc]
    """panoramisk's protocol with a byte buffer: UTF-8 split over segments stays whole, long input is
    not quadratic, no header can break the connection."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._buffer = bytearray()
        self._scanned = 0
        self._read_at = 0.0
        self.version: str | None = None

    def data_received(self, data: bytes) -> None:
        self._gather(len(data))
        buffer = self._buffer
        buffer += data
        if self.version is None:
            end = buffer.find(b"\r\n")
            if end < 0:
                return
            self.version = bytes(buffer[:end]).decode("ascii", "replace")
            del buffer[: end + 2]
        while (end := buffer.find(b"\r\n\r\n", max(0, self._scanned - 3))) >= 0:
            block = bytes(buffer[:end])
            del buffer[: end + 4]
            self._scanned = 0
            if not block.lstrip().startswith(_IGNORED):
                self.factory.received(parse(block))
        self._scanned = len(buffer)
        if self._scanned > MAX_MESSAGE:
            _log.error("ami_not_ami", bytes=self._scanned)
            self.transport.abort()

    def _gather(self, came: int) -> None:
        before, self._read_at = self._read_at, time.monotonic()
        if came < GATHERED_BYTES and self._read_at - before < RUSH_SECONDS:
            self.transport.pause_reading()
            asyncio.get_running_loop().call_later(GATHER_SECONDS, self._read_on)

    def _read_on(self) -> None:
        self._read_at = time.monotonic()
        self.transport.resume_reading()


class _Lower(dict[str, str]):
    """A header's name → in lower case. Asterisk has some hundreds of them."""

    def __missing__(self, name: str) -> str:
        if len(self) >= _NAMES_KEPT:
            self.clear()
        lower = self[name] = name.lower()
        return lower


_lower = _Lower()


def parse(block: bytes) -> dict[str, str | list[str]]:
    """One AMI message, without its closing empty line, as headers. Lines without `:` are left out."""
    headers: dict[str, str | list[str]] = {}
    for line in block.decode("utf-8", "replace").split("\r\n"):
        name, colon, value = line.partition(": ")
        if not colon:  # nothing said at all
            name, colon, value = line.partition(":")
            if not colon:
                continue
        name = _lower[name]
        if name not in headers:
            headers[name] = value
        elif isinstance(known := headers[name], list):
            known.append(value)
        else:
            headers[name] = [known, value]
    return headers


def first(headers: Headers, name: str) -> str:
    """The first value of the header of this lower-case name, '' when it is missing."""
    value = headers.get(name, "")
    return value if isinstance(value, str) else value[0]


class _Link(panoramisk.Manager):  # type: ignore[misc]
    """One connection, used once: never reconnects or resends by itself."""

    def __init__(self, address: Address, inbox: "Inbox") -> None:
        super().__init__(
            host=address.host,
            port=address.port,
            protocol_factory=_Protocol,
            loop=asyncio.get_running_loop(),
            ping_delay=86_400,  # our own watchdog pings; panoramisk never checks the pongs
            ssl=_tls(address.ca) if address.ca else None,
        )
        self.inbox = inbox
        self.pinger: asyncio.TimerHandle | None
        self.lost = asyncio.get_running_loop().create_future()

    def connection_made(self, future: "asyncio.Future[Any]") -> None:
        if not future.cancelled() and future.exception() is None:
            super().connection_made(future)

    def received(self, headers: dict[str, str | list[str]]) -> None:
        """One parsed message: an answer to a pending action, or an event for the inbox."""
        if first(headers, "actionid") in self.protocol.responses:
            for name in _PANORAMISK_READS & headers.keys():
                headers[name] = first(headers, name)
            self.protocol.handle_message(Message(headers))
        elif "event" in headers:
            self.inbox.put(headers)

    def send(self, headers: dict[str, str | list[str]], as_list: bool | None) -> "asyncio.Future[Any]":
        """Send one action with its ActionID. The bytes leave before anything else is done (a phone shall
        ring); then panoramisk is told what the answer will belong to."""
        lines = []
        for name, value in headers.items():
            if isinstance(value, str):
                lines.append(f"{name}: {value}\r\n")
            else:
                lines += [f"{name}: {each}\r\n" for each in value]
        self.protocol.transport.write("".join((*lines, "\r\n")).encode())
        named = {name: headers[name] for name in ("Action", "ActionID")}
        action = self.protocol.responses[headers["ActionID"]] = Action(named, as_list=as_list)
        future: asyncio.Future[Any] = action.future
        return future

    def connection_lost(self, exc: Exception | None) -> None:
        if self.pinger:
            self.pinger.cancel()
            self.pinger = None
        if not self.lost.done():
            self.lost.set_result(exc)

    def drop(self) -> None:
        """Close at once, also when the peer no longer answers."""
        protocol = self.protocol
        if protocol is not None:
            protocol.responses.clear()
            protocol.closed = True
            if not self.lost.done():  # Python 3.11.2 (Debian 12) trips over TLS that is gone already
                protocol.transport.abort()
        self.connection_lost(None)


class Inbox:
    """Events in the order they came, bounded. After an overflow everything unread is dropped and
    `overflowed` tells the consumer to resync: late is better than wrong."""

    def __init__(self, limit: int = QUEUE_LIMIT) -> None:
        self._events: deque[Headers] = deque()
        self._limit = limit
        self._filled = asyncio.Event()
        self.overflowed = False

    def put(self, headers: Headers) -> None:
        if len(self._events) >= self._limit:
            self._events.clear()
            self.overflowed = True
        self._events.append(headers)
        self._filled.set()

    async def filled(self) -> None:
        """Return when there is something to take (or `wake` was called)."""
        await self._filled.wait()

    def wake(self) -> None:
        self._filled.set()

    def take(self) -> Sequence[Headers]:
        """All events that are there now, maybe none."""
        events = tuple(self._events)
        self._events.clear()
        self._filled.clear()
        return events


@dataclass(frozen=True, slots=True)
class _Sent:
    """An action that is on its way."""

    future: "asyncio.Future[Any]"
    action_id: str


class Ami:
    """A logged-in connection. Made by `connect`; dead for good once `closed` is done."""

    def __init__(self, link: _Link, address: Address) -> None:
        self._link = link
        self.address = address
        self.inbox = link.inbox

    @property
    def closed(self) -> "asyncio.Future[Exception | None]":
        """Done when the connection is lost."""
        future: asyncio.Future[Exception | None] = self._link.lost
        return future

    def close(self) -> None:
        self._link.drop()

    def post(
        self, name: str, patience: float = 5.0, **headers: str | Sequence[str]
    ) -> Coroutine[Any, Any, Headers]:
        """Send one action at once; await what is returned for its answer.

        Header names are AMI's own; a sequence becomes a repeated header. Raises AmiAway, or ValueError
        for a value that could inject a second action; awaiting raises AmiActionFailed or AmiAway.
        """
        return self._answered(name, self._send(name, headers, as_list=False), patience)

    async def _answered(self, name: str, sent: "_Sent", patience: float) -> Headers:
        answer: Headers = await self._result(name, sent, patience)
        if first(answer, "response") not in ("Success", "Goodbye"):
            raise AmiActionFailed(f"{name}: {first(answer, 'message')}")
        return answer

    async def action(self, name: str, patience: float = 5.0, **headers: str | Sequence[str]) -> Headers:
        """`post` and its answer."""
        return await self.post(name, patience, **headers)

    async def listing(self, name: str, patience: float = 5.0, **headers: str) -> list[Headers]:
        """Send an action that answers with a list of events; returns those without the frame."""
        answers = await self._result(name, self._send(name, headers, as_list=None), patience)
        if not isinstance(answers, list):
            raise AmiActionFailed(f"{name}: {first(answers, 'message')}")
        return [each for each in answers[1:] if first(each, "eventlist") != "Complete"]

    def _send(
        self, name: str, headers: Mapping[str, str | Sequence[str]], as_list: bool | None
    ) -> "_Sent":
        action = {"Action": name, **{key: _checked(value) for key, value in headers.items()}}
        action_id = str(action.setdefault("ActionID", _new_action_id()))
        if len(action) > MAX_HEADERS:
            raise ValueError(f"{name}: more than {MAX_HEADERS} headers")
        if self.closed.done():
            raise AmiAway(f"not connected to Asterisk at {self.address}")
        return _Sent(self._link.send(action, as_list), action_id)

    async def _result(self, name: str, sent: "_Sent", patience: float) -> Any:
        try:
            await asyncio.wait(
                {sent.future, self.closed}, timeout=patience, return_when=asyncio.FIRST_COMPLETED
            )
            if not sent.future.done():
                raise AmiAway(f"Asterisk at {self.address} did not answer {name} within {patience:g} s")
            return sent.future.result()
        finally:
            self._link.protocol.responses.pop(sent.action_id, None)

    async def filled(self) -> AsyncIterator[None]:
        """Once for each time that the inbox has something, until the connection is closed."""
        self.closed.add_done_callback(lambda _: self.inbox.wake())
        while not self.closed.done():
            await self.inbox.filled()
            yield

    async def watch(self, every: float = 2.0, patience: float = 4.0) -> None:
        """Ping until the connection is dead; a link that is half open is dropped."""
        while not self.closed.done():
            try:
                await self.action("Ping", patience)
            except AmiError:
                _log.warning("ami_silent", ami_address=str(self.address))
                self.close()
                return
            await asyncio.wait({self.closed}, timeout=every)


def _checked(value: str | Sequence[str]) -> str | list[str]:
    values = [value] if isinstance(value, str) else list(value)
    for each in values:
        if len(each) > MAX_LINE or _LINE_END.search(each):
            raise ValueError("an AMI value must be one line of at most 1,024 characters")
    return values[0] if isinstance(value, str) else values


def _tls(ca: Path) -> ssl.SSLContext:
    """Checks the server's certificate, and that it is for the address spoken with. Raises OSError."""
    context = ssl.create_default_context(cafile=str(ca))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


async def connect(address: Address, patience: float = 5.0) -> Ami:
    """Connect and log in within `patience` seconds. Raises AmiAway, AmiUntrusted or AmiRefused."""
    try:
        link = _Link(address, Inbox())
    except OSError as error:
        raise AmiUntrusted(f"{address.ca} is no certificate of an authority that can be read") from error
    try:
        await asyncio.wait_for(link.connect(), patience)
    except ssl.SSLCertVerificationError as error:
        raise AmiUntrusted(
            f"the AMI at {address} is not believed by {address.ca}: {error.verify_message}"
        ) from error
    except (OSError, TimeoutError) as error:
        raise AmiAway(f"Asterisk does not answer at {address}: {error or 'timed out'}") from error
    await asyncio.sleep(0)  # panoramisk takes the protocol over in the task's done-callback
    ami = Ami(link, address)
    try:
        await ami.action("Login", patience, Username=address.user, Secret=address.secret, Events="on")
    except AmiActionFailed as error:
        ami.close()
        raise AmiRefused(
            f"Asterisk refuses the AMI log-in of {address}: wrong user or secret"
        ) from error
    except AmiAway:
        ami.close()
        raise
    return ami


@contextlib.asynccontextmanager
async def connected(address: Address) -> AsyncIterator[Ami]:
    """A logged-in connection with its watchdog, closed at the end."""
    ami = await connect(address)
    watchdog = asyncio.create_task(ami.watch())
    try:
        yield ami
    finally:
        try:
            await tasks.end(watchdog)
        finally:
            ami.close()
