"""One call of a softphone, from INVITE to BYE (RFC 3261 dialogs), on either side.

States: calling or ringing, talking, ended. Instants are time.monotonic(), so that tests and
benchmarks of the same process can subtract them.
"""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Generator
from contextlib import suppress
from enum import StrEnum
from typing import Protocol

from hotline.errors import Unavailable
from telephony.softphone import sdp
from telephony.softphone.message import Message, address, display_name, parameter, user
from telephony.softphone.rtp import RtpStream
from telephony.softphone.sound import Sound
from telephony.softphone.wire import Address, Wire


class Ending(StrEnum):
    """How a call ended, seen from this side."""

    WE_HUNG_UP = "we hung up"
    THEY_HUNG_UP = "they hung up"
    CANCELED = "canceled"
    """Stopped before it was answered, by whoever had begun it."""
    REFUSED = "refused"
    """Declined, busy, or failed: `Call.status` is the SIP status."""


class Moment:
    """Something that happens once. Await it, or ask `at` (time.monotonic(); None = not yet)."""

    __slots__ = ("_event", "at")

    def __init__(self) -> None:
        self.at: float | None = None
        self._event = asyncio.Event()

    def now(self) -> None:
        if self.at is None:
            self.at = time.monotonic()
            self._event.set()

    async def within(self, seconds: float) -> float:
        """Wait for it; returns `at`. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            await self._event.wait()
        return self.at or 0.0

    def __await__(self) -> Generator[object, None, float]:
        yield from self._event.wait().__await__()
        return self.at or 0.0

    def __bool__(self) -> bool:
        return self.at is not None


class Owner(Protocol):
    """What a call needs of its phone."""

    wire: Wire
    server: Address
    identity: str
    """The SIP user of Contact."""

    def forget(self, call: "Call") -> None: ...


class Call(ABC):
    """`begun`: INVITE sent or received. `rang`: 180 received or sent. `answered`, `ended`: as said."""

    def __init__(self, owner: Owner, sound: Sound, *, call_id: str, ours: str, theirs: str) -> None:
        self.owner = owner
        self.loop = asyncio.get_running_loop()
        self.audio = RtpStream(sound)
        self.call_id = call_id
        self.begun, self.rang, self.answered, self.ended = Moment(), Moment(), Moment(), Moment()
        self.ending: Ending | None = None
        self.status = 0
        self.reason_header = ""
        """Reason (RFC 3326) of a CANCEL or BYE: why, as the PBX says it."""
        self.transfer_progress: list[str] = []
        """Status lines that NOTIFY reported after `refer`."""
        self.held_by_them = False
        self._ours, self._theirs = ours, theirs
        self._remote = f"sip:{owner.server[0]}:{owner.server[1]}"
        self._sequence = 1
        self._version = 1
        self._rtp_port = 0
        self._invite: Message | None = None
        self._acked = asyncio.Event()
        self._tasks: set[asyncio.Task[object]] = set()

    @property
    def number(self) -> str:
        """The other party's number as shown."""
        return user(self._theirs)

    @property
    def name(self) -> str:
        return display_name(self._theirs)

    @property
    def tags(self) -> tuple[str, str]:
        """Our tag, their tag."""
        return parameter(self._ours, "tag"), parameter(self._theirs, "tag")

    @property
    def talking(self) -> bool:
        return bool(self.answered) and not self.ended

    async def hang_up(self) -> None:
        """End it, whatever state it is in."""
        if self.ended:
            return
        if not self.answered:
            await self._give_up()
            return
        self._over(Ending.WE_HUNG_UP)
        try:
            with suppress(Unavailable):
                await self._ask("BYE")
        finally:
            self.owner.forget(self)

    @abstractmethod
    async def _give_up(self) -> None:
        """End a call that nobody has answered yet."""

    async def hold(self) -> None:
        """Put the other side on hold (re-INVITE with sendonly, RFC 3264 §8.4)."""
        await self._reinvite("sendonly")

    async def resume(self) -> None:
        await self._reinvite("sendrecv")

    async def refer(self, to: str) -> int:
        """Blind transfer (RFC 3515) of the other side to `to`, a number. Returns the SIP status."""
        host = f"{self.owner.server[0]}:{self.owner.server[1]}"
        return await self._refer(f"<sip:{to}@{host}>")

    async def refer_to_call(self, other: "Call") -> int:
        """Attended transfer: connect the other side with the party of `other` (RFC 3891 Replaces)."""
        ours, theirs = other.tags
        host = f"{self.owner.server[0]}:{self.owner.server[1]}"
        replaces = f"{other.call_id}%3Bto-tag%3D{theirs}%3Bfrom-tag%3D{ours}"
        return await self._refer(f"<sip:{other.number}@{host}?Replaces={replaces}>")

    async def _refer(self, target: str) -> int:
        done = await self._ask(
            "REFER", ("Refer-To", target), ("Referred-By", f"<{address(self._ours)}>")
        )
        return done.status

    async def _reinvite(self, direction: sdp.Direction) -> None:
        self._version += 1
        body = sdp.describe(
            self.owner.wire.host, self._rtp_port, version=self._version, direction=direction
        )
        done = await self._ask("INVITE", *self._session_headers(), body=body)
        if done.status < 300:
            self._ack(done)
            self.audio.send_to(sdp.read(done.body))

    def on_request(self, request: Message, source: Address) -> None:
        """A request inside this call: ACK, BYE, re-INVITE, NOTIFY …"""
        wire = self.owner.wire
        if request.method == "ACK":
            self._acked.set()
        elif request.method == "BYE":
            wire.respond(request, source, 200, "OK")
            self.reason_header = request.get("Reason")
            self._end(Ending.THEY_HUNG_UP)
        elif request.method == "INVITE":
            self._answer_reinvite(request, source)
        else:
            wire.respond(request, source, 200, "OK", headers=(self._contact(),))
            if request.method == "NOTIFY" and request.body.startswith(b"SIP/2.0"):
                self._on_transfer_progress(request.body.decode("ascii", "replace").split("\r\n")[0])

    def _on_transfer_progress(self, line: str) -> None:
        """Once the transfer is done it is for the transferring phone to hang up (RFC 5589 §5.2).

        Asterisk 22.10 waits for that BYE and sends none of its own.
        """
        self.transfer_progress.append(line)
        if line.startswith("SIP/2.0 2"):
            self._spawn(asyncio.create_task(self.hang_up()))

    def on_late(self, late: Message) -> None:
        """A repeated 2xx to our INVITE: our ACK was lost."""
        if late.sequence[1] == "INVITE" and late.status < 300:
            self._ack(late)

    def abandon(self) -> None:
        """Forget the call without a word to the other side: the plug was pulled."""
        if not self.ended:
            self._end(Ending.WE_HUNG_UP)

    def _answer_reinvite(self, request: Message, source: Address) -> None:
        media = sdp.read(request.body)
        self._version += 1
        direction: sdp.Direction = media.mirrored if media else "sendrecv"
        if media is not None:
            self.held_by_them = media.direction in ("sendonly", "inactive")
            self.audio.send_to(media)
        body = sdp.describe(
            self.owner.wire.host, self._rtp_port, version=self._version, direction=direction
        )
        self.owner.wire.respond(request, source, 200, "OK", headers=self._session_headers(), body=body)

    async def _ask(self, method: str, *headers: tuple[str, str], body: bytes = b"") -> Message:
        """A request inside this call. Raises Unavailable when nobody answers."""
        self._sequence += 1
        request = self._request(method, *headers)
        request.body = body
        return await self.owner.wire.request(request, self.owner.server)

    def _request(self, method: str, *headers: tuple[str, str]) -> Message:
        request = Message(method=method, uri=self._remote)
        request.headers = [self.owner.wire.via(), ("Max-Forwards", "70"), ("From", self._ours)]
        request.headers += [("To", self._theirs), ("Call-ID", self.call_id)]
        request.headers += [("CSeq", f"{self._sequence} {method}"), *headers]
        if method == "REFER":
            request.headers.append(self._contact())
        return request

    def _ack(self, final: Message) -> None:
        """ACK of a 2xx: a request of its own (RFC 3261 §13.2.2.4) with the INVITE's number."""
        number, before = final.sequence[0], self._sequence
        self._sequence = number
        self.owner.wire.send(self._request("ACK"), self.owner.server)
        self._sequence = before

    def _contact(self) -> tuple[str, str]:
        wire = self.owner.wire
        return "Contact", f"<sip:{self.owner.identity}@{wire.host}:{wire.port}>"

    def _session_headers(self) -> tuple[tuple[str, str], ...]:
        allow = ("Allow", "INVITE, ACK, CANCEL, BYE, OPTIONS, REFER, NOTIFY")
        supported = ("Supported", "replaces")
        return self._contact(), allow, supported, ("Content-Type", "application/sdp")

    async def _open_audio(self) -> bytes:
        self._rtp_port = await self.audio.open(self.owner.wire.host)
        return sdp.describe(self.owner.wire.host, self._rtp_port)

    def _over(self, ending: Ending) -> None:
        self.ending = ending
        self.ended.now()
        self._acked.set()
        self.audio.stop()

    def _end(self, ending: Ending) -> None:
        """The call is over and nothing more has to be said."""
        if not self.ended:
            self._over(ending)
            self.owner.forget(self)

    def _spawn(self, task: "asyncio.Task[object]") -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
