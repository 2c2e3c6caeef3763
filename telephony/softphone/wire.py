"""One UDP socket that speaks SIP: transactions and retransmission (RFC 3261 §17), nothing of calls.

Timers are RFC 3261's T1 = 0.5 s and T2 = 4 s; a request without any response is given up after
`within` (not the full 32 s: everything here is on one machine or in one building). Time limits by
asyncio.timeout: wait_for of Python 3.11 can swallow a cancellation.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from hotline.errors import BadInput, Unavailable
from telephony.softphone.message import Message, parse, response, token

Address = tuple[str, int]

_T1, _T2 = 0.5, 4.0
_REMEMBERED = 200


class Wire(asyncio.DatagramProtocol):
    """`on_request` gets every new request, `on_late` every response nobody waits for (2xx again)."""

    def __init__(
        self, on_request: Callable[[Message, Address], None], on_late: Callable[[Message], None]
    ) -> None:
        self._on_request = on_request
        self._on_late = on_late
        self._waiting: dict[tuple[str, str], _Transaction] = {}
        self._answered: OrderedDict[tuple[str, str], bytes | None] = OrderedDict()
        self._transport: asyncio.DatagramTransport | None = None
        self._closing = False
        self.deaf = False
        """True: unplugged. Nothing comes in and nothing goes out."""
        self.host, self.port = "", 0

    async def open(self, host: str, port: int = 0) -> None:
        """Raises Unavailable when the address cannot be bound."""
        try:
            loop = asyncio.get_running_loop()
            self._transport, _ = await loop.create_datagram_endpoint(
                lambda: self, local_addr=(host, port)
            )
        except OSError as error:
            raise Unavailable(f"cannot open a SIP socket on {host}:{port}: {error}") from error
        self.host, self.port = self._transport.get_extra_info("sockname")[:2]

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
            self._transport = None
        for transaction in self._waiting.values():
            transaction.final.cancel()

    def close_when_idle(self) -> None:
        """Close as soon as no request of ours waits for its answer."""
        self._closing = True
        if not self._waiting:
            self.close()

    def via(self) -> tuple[str, str]:
        return "Via", f"SIP/2.0/UDP {self.host}:{self.port};branch=z9hG4bK{token()};rport"

    def send(self, message: Message, to: Address) -> None:
        self._send(message.to_bytes(), to)

    def _send(self, data: bytes, to: Address) -> None:
        if self._transport is not None and not self.deaf:
            self._transport.sendto(data, to)

    async def request(
        self,
        message: Message,
        to: Address,
        on_provisional: Callable[[Message], None] | None = None,
        within: float = 6.0,
    ) -> Message:
        """Send until somebody answers; returns the final response. ACKs a refused INVITE.

        Raises Unavailable when nobody answers in `within` seconds, or when the socket is closed.
        """
        transaction = _Transaction(on_provisional)
        key = (message.branch, message.method)
        self._waiting[key] = transaction
        data, wait, deadline = message.to_bytes(), _T1, time.monotonic() + within
        try:
            while True:
                if not transaction.proceeding:
                    self._send(data, to)
                with suppress(TimeoutError):
                    async with asyncio.timeout(wait):
                        final = await asyncio.shield(transaction.final)
                    if message.method == "INVITE" and final.status >= 300:
                        self.send(_refusal_ack(message, final), to)
                    break
                if not transaction.proceeding and time.monotonic() > deadline:
                    raise Unavailable(f"no answer from {to[0]}:{to[1]} to {message.method}")
                wait = wait * 2 if message.method == "INVITE" else min(wait * 2, _T2)
        except asyncio.CancelledError:
            if transaction.final.cancelled():
                raise Unavailable("the SIP socket is closed") from None
            raise
        finally:
            self._waiting.pop(key, None)
            if self._closing and not self._waiting:
                self.close()
        return final

    def proceeding(self, request: Message) -> bool:
        """Whether `request` has had a provisional response and waits for its final one."""
        transaction = self._waiting.get((request.branch, request.method))
        return transaction is not None and transaction.proceeding

    def respond(
        self,
        request: Message,
        to: Address,
        status: int,
        reason: str,
        *,
        tag: str = "",
        headers: tuple[tuple[str, str], ...] = (),
        body: bytes = b"",
    ) -> bytes:
        """Answer `request`; a repeated request gets the same bytes again. Returns them."""
        made = response(request, status, reason, tag)
        made.headers += headers
        made.body = body
        data = made.to_bytes()
        self._answered[(request.branch, request.method)] = data
        while len(self._answered) > _REMEMBERED:
            self._answered.popitem(last=False)
        self._send(data, to)
        return data

    async def repeat(self, data: bytes, to: Address, until: asyncio.Event, within: float = 8.0) -> bool:
        """Send the final response to an INVITE again until its ACK is there (RFC 3261 §13.3.1.4)."""
        wait, deadline = _T1, time.monotonic() + within
        while time.monotonic() < deadline:
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await until.wait()
                return True
            self._send(data, to)
            wait = min(wait * 2, _T2)
        return False

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        if self.deaf or len(data) < 16:  # double CRLF keeps NAT bindings open
            return
        try:
            message = parse(data)
        except BadInput:
            return  # not for a phone to answer
        if message.status:
            self._response(message)
            return
        key = (message.branch, message.method)
        if message.method != "ACK" and key in self._answered:
            again = self._answered[key]
            if again is not None:
                self._send(again, addr)
            return
        if message.method != "ACK":
            self._answered[key] = None
        self._on_request(message, addr)

    def error_received(self, exc: Exception) -> None:
        """ICMP: nobody listens there. The time-out says it in due course."""

    def _response(self, message: Message) -> None:
        transaction = self._waiting.get((message.branch, message.sequence[1]))
        if transaction is None or transaction.final.done():
            self._on_late(message)
        elif message.status < 200:
            transaction.proceeding = True
            if transaction.on_provisional is not None:
                transaction.on_provisional(message)
        else:
            transaction.final.set_result(message)


class _Transaction:
    __slots__ = ("final", "on_provisional", "proceeding")

    def __init__(self, on_provisional: Callable[[Message], None] | None) -> None:
        self.final: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self.proceeding = False
        self.on_provisional = on_provisional


def _refusal_ack(invite: Message, final: Message) -> Message:
    """The ACK of a non-2xx belongs to the INVITE's own transaction (RFC 3261 §17.1.1.3)."""
    ack = Message(method="ACK", uri=invite.uri)
    ack.headers = [("Via", invite.get("Via")), ("Max-Forwards", "70"), ("From", invite.get("From"))]
    ack.headers += [("To", final.get("To")), ("Call-ID", invite.call_id)]
    ack.headers.append(("CSeq", f"{invite.sequence[0]} ACK"))
    return ack
