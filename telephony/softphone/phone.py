"""A counselor's phone: registers, rings, and does with a call what it was told to do."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Literal

from hotline.errors import Unavailable
from telephony.softphone.call import Call
from telephony.softphone.digest import authorization
from telephony.softphone.incoming import IncomingCall
from telephony.softphone.message import Message, challenge, parameter, token
from telephony.softphone.outgoing import OutgoingCall
from telephony.softphone.sound import Sound, tone
from telephony.softphone.wire import Address, Wire

Answer = Literal["manual", "auto", "decline", "busy"]
"""manual: rings until told otherwise; auto: picks up after `answer_after` seconds."""


class SoftPhone:
    """One account at one PBX, on a socket of its own. `wire.deaf = True` pulls the plug."""

    def __init__(
        self,
        account: str,
        secret: str,
        *,
        host: str,
        port: int,
        answer: Answer = "manual",
        answer_after: float = 0.0,
        sound: Sound | None = None,
        local_host: str = "127.0.0.1",
        on_call: Callable[[IncomingCall], None] | None = None,
    ) -> None:
        self.identity = account
        self.server: Address = (host, port)
        self.answer: Answer = answer
        self.answer_after = answer_after
        self.sound = sound or tone(620)
        self.calls: list[Call] = []
        """Those that have not ended."""
        self.history: list[IncomingCall] = []
        """Every call that has rung here, oldest first."""
        self.wire = Wire(self._on_request, self._on_late)
        self.registered = False
        self._secret = secret
        self._local_host = local_host
        self._on_call = on_call
        self._ringing: asyncio.Queue[IncomingCall] = asyncio.Queue()
        self._register_id, self._register_number = token(), 0
        self._refresh: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def register(self, expires: int = 120) -> None:
        """Register and keep registered. Raises Unavailable when refused or unanswered."""
        if not self.wire.port:
            await self.wire.open(self._local_host)
        await self._register_once(expires)
        self.registered = True
        if self._refresh is None or self._refresh.done():
            self._refresh = asyncio.create_task(self._keep_registered(expires))

    async def rang(self, within: float = 5.0) -> IncomingCall:
        """The next call that rings here (each is handed out once). Raises TimeoutError."""
        async with asyncio.timeout(within):
            return await self._ringing.get()

    async def dial(self, to: str) -> Call:
        """Ring another number from this phone."""
        call = OutgoingCall(
            self,
            self.sound,
            to=to,
            from_=f"<sip:{self.identity}@{self.server[0]}>",
            secret=self._secret,
        )
        self.calls.append(call)
        await call.begin()
        return call

    def unplug(self) -> None:
        """As if the cable were pulled: nothing in, nothing out, nobody is told."""
        self.wire.deaf = True
        for call in tuple(self.calls):
            call.audio.stop()

    async def close(self) -> None:
        """Hang up, unregister, close. Never raises for a PBX that is gone."""
        if self._refresh is not None:
            self._refresh.cancel()
            with suppress(asyncio.CancelledError):
                await self._refresh
        if not self.wire.deaf:
            await asyncio.gather(*(call.hang_up() for call in tuple(self.calls)))
            if self.registered:
                with suppress(Unavailable):
                    await self._register_once(0, within=1.0)
        for call in tuple(self.calls):
            call.abandon()
        self.registered = False
        self.wire.close()
        for task in tuple(self._tasks):
            task.cancel()

    def forget(self, call: Call) -> None:
        with suppress(ValueError):
            self.calls.remove(call)

    async def _keep_registered(self, expires: int) -> None:
        while True:
            await asyncio.sleep(expires / 2 if self.registered else 2.0)
            try:
                await self._register_once(expires)
                self.registered = True
            except Unavailable:
                self.registered = False

    async def _register_once(self, expires: int, within: float = 6.0) -> None:
        host = f"{self.server[0]}:{self.server[1]}"
        extra: tuple[tuple[str, str], ...] = ()
        for _ in range(3):  # plain, with digest, once more when the nonce was stale
            done = await self.wire.request(
                self._registration(host, expires, extra), self.server, None, within
            )
            if done.status == 200:
                return
            if done.status not in (401, 407):
                break
            value = authorization(
                challenge(done.get("WWW-Authenticate")),
                user=self.identity,
                secret=self._secret,
                method="REGISTER",
                uri=f"sip:{host}",
            )
            extra = (("Authorization", value),)
        raise Unavailable(f"{host} does not let {self.identity} register: {done.status} {done.reason}")

    def _registration(self, host: str, expires: int, extra: tuple[tuple[str, str], ...]) -> Message:
        self._register_number += 1
        request = Message(method="REGISTER", uri=f"sip:{host}")
        us = f"<sip:{self.identity}@{host}>"
        request.headers = [self.wire.via(), ("Max-Forwards", "70"), ("From", f"{us};tag={token()}")]
        request.headers += [("To", us), ("Call-ID", self._register_id)]
        request.headers.append(("CSeq", f"{self._register_number} REGISTER"))
        request.headers.append(("Contact", f"<sip:{self.identity}@{self.wire.host}:{self.wire.port}>"))
        request.headers += [("Expires", str(expires)), *extra]
        return request

    def _on_request(self, request: Message, source: Address) -> None:
        call = next((call for call in self.calls if call.call_id == request.call_id), None)
        if request.method == "OPTIONS":
            self.wire.respond(request, source, 200, "OK", tag=token())
        elif request.method == "CANCEL" and isinstance(call, IncomingCall):
            call.on_cancel(request, source)
        elif call is not None:
            call.on_request(request, source)
        elif request.method == "INVITE" and not parameter(request.get("To"), "tag"):
            self._ring(request, source)
        elif request.method == "NOTIFY":
            self.wire.respond(request, source, 200, "OK")  # transfer progress after our call ended
        elif request.method == "ACK":
            self._acknowledged(request)
        else:
            self.wire.respond(request, source, 481, "Call/Transaction Does Not Exist", tag=token())

    def _acknowledged(self, ack: Message) -> None:
        """The ACK of a refusal comes when the call is already over."""
        for call in reversed(self.history[-20:]):
            if call.call_id == ack.call_id:
                call.on_request(ack, self.server)
                return

    @property
    def _talking(self) -> bool:
        return any(call.talking for call in self.calls)

    def _ring(self, invite: Message, source: Address) -> None:
        call = IncomingCall(self, self.sound, invite, source)
        self.calls.append(call)
        self.history.append(call)
        if self.answer == "busy" or (self.answer == "auto" and self._talking):
            call.decline(486)
        elif self.answer == "decline":
            call.ring()
            call.decline(603)
        else:
            call.ring()
            if self.answer == "auto":
                task = asyncio.create_task(self._pick_up(call))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        self._ringing.put_nowait(call)
        if self._on_call is not None:
            self._on_call(call)

    async def _pick_up(self, call: IncomingCall) -> None:
        await asyncio.sleep(self.answer_after)
        await call.answer()

    def _on_late(self, late: Message) -> None:
        for call in self.calls:
            if call.call_id == late.call_id:
                call.on_late(late)
