"""Somebody who rings 111 from outside, through the telco's trunk."""

from telephony.softphone.call import Call
from telephony.softphone.message import Message, token
from telephony.softphone.outgoing import OutgoingCall
from telephony.softphone.sound import Sound, tone
from telephony.softphone.wire import Address, Wire


class Caller(OutgoingCall):
    """One outside call with a socket of its own, closed with the call."""

    @staticmethod
    async def ring(
        *,
        number: str | None,
        host: str,
        port: int,
        to: str = "111",
        name: str | None = None,
        sound: Sound | None = None,
        local_host: str = "127.0.0.111",
        raw_from: str = "",
        headers: tuple[tuple[str, str], ...] = (),
    ) -> "Caller":
        """Place the call. `number` None: withheld. `local_host`: the address the PBX knows as the telco.

        `raw_from`: the From value as it shall go on the wire (without tag), line breaks and all;
        bytes that are no UTF-8 as surrogates. Raises Unavailable when the address cannot be used.
        """
        line = _Line((host, port), number or "anonymous")
        await line.wire.open(local_host)
        call = Caller(
            line,
            sound or tone(440),
            to=to,
            from_=raw_from or from_value(number, name, local_host),
            headers=headers,
        )
        line.call = call
        await call.begin()
        return call


class _Line:
    """The caller's end: one socket, one call."""

    def __init__(self, server: Address, identity: str) -> None:
        self.server = server
        self.identity = identity
        self.call: Caller | None = None
        self.wire = Wire(self._on_request, self._on_late)

    def forget(self, call: Call) -> None:
        self.wire.close_when_idle()

    def _on_request(self, request: Message, source: Address) -> None:
        if request.method == "OPTIONS":
            self.wire.respond(request, source, 200, "OK", tag=token())
        elif self.call is not None and request.call_id == self.call.call_id:
            self.call.on_request(request, source)
        elif request.method != "ACK":
            self.wire.respond(request, source, 481, "Call/Transaction Does Not Exist", tag=token())

    def _on_late(self, late: Message) -> None:
        if self.call is not None and late.call_id == self.call.call_id:
            self.call.on_late(late)


def from_value(number: str | None, name: str | None, host: str) -> str:
    """A well-formed From value. A withheld number as in RFC 3323 §4.1."""
    if number is None:
        return '"Anonymous" <sip:anonymous@anonymous.invalid>'
    quoted = "" if name is None else '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '" '
    return f"{quoted}<sip:{number}@{host}>"
