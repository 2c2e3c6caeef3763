"""A desk phone that speaks SIP over TLS, and whose sound is SRTP with its keys in the SDP (RFC 4568).

    pbx = SealedPbx(folder)
    phone = pbx.phone(5)

Everything else is `SoftPhone`'s.
"""

import asyncio
import re
import shutil
import ssl
from base64 import b64decode, b64encode
from contextlib import suppress
from pathlib import Path
from secrets import token_bytes

import pylibsrtp

from hotline import certificates
from hotline.certificates import SiteFiles
from hotline.clock import utc_now
from telephony import pbx_tls
from telephony.softphone import SoftPhone, tone
from telephony.softphone.message import Message, parse, token
from telephony.softphone.phone import Answer
from telephony.softphone.wire import Address, Wire
from tests.pbx import CALLER_TONE, OUTSIDE_TONE, TELCO, Pbx, free_port

_KEY = re.compile(rb"^a=crypto:\d+ AES_CM_128_HMAC_SHA1_80 inline:([A-Za-z0-9+/=]+)", re.MULTILINE)


class SealedPbx(Pbx):
    """Its desk phones are obliged to speak over TLS, and do."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.telcos = folder / "telco"
        """The authority that vouches for the telco, and what the telco shows."""
        sealed = {
            "phone_tls_port": free_port(),
            "phone_tls_obliged": True,
            "telco_tls_port": free_port(),
            "telco_proxy": f"{TELCO}:{free_port(host=TELCO)}",
        }
        self.settings = self.settings.model_copy(update=sealed)
        own, now = self.settings.certificates_dir, utc_now()
        certificates.make(own, {"hn": [self.settings.sip_host]}, now)
        certificates.make(self.telcos, {"telco": [TELCO], "another": ["127.0.0.99"]}, now)
        shutil.copy(self.telcos / "ca.pem", pbx_tls.telco_ca(self.settings))

    def phone(self, number: int, *, answer: Answer = "manual", answer_after: float = 0.0) -> SoftPhone:
        phone = self.clear_phone(number, answer=answer, answer_after=answer_after)
        phone.server = (self.settings.sip_host, self.settings.phone_tls_port)
        phone.wire = TlsWire(phone, self.settings.certificates_dir / "ca.pem")
        return phone

    async def sealed_line(self, number: str) -> SoftPhone:
        """Of somebody whose calls the telco brings over TLS."""
        host, port = self.settings.sip_host, self.settings.telco_tls_port
        telco = SoftPhone(number, "", host=host, port=port, local_host=TELCO, sound=tone(CALLER_TONE))
        telco.wire = TlsWire(telco, self.settings.certificates_dir / "ca.pem")
        await telco.wire.open(TELCO)
        return telco

    async def sealed_outside(self, shown: str = "telco") -> SoftPhone:
        """As `outside`, over TLS; `shown`: whose certificate it shows."""
        host, port = self.settings.sip_host, self.settings.telco_tls_port
        telco = SoftPhone("telco", "", host=host, port=port, sound=tone(OUTSIDE_TONE))
        telco.wire = wire = TlsWire(telco, self.settings.certificates_dir / "ca.pem")
        door = int(self.settings.telco_proxy.rpartition(":")[2])
        await wire.await_at(TELCO, door, certificates.files_of(self.telcos, shown))
        return telco

    clear_phone = Pbx.phone
    """The same phone as it may not come."""


class Srtp:
    """Of one talk: our key from the start, theirs when they have told it."""

    def __init__(self) -> None:
        self.key = token_bytes(30)
        policy = pylibsrtp.Policy(key=self.key, ssrc_type=pylibsrtp.Policy.SSRC_ANY_OUTBOUND)
        self._out, self._in = pylibsrtp.Session(policy), pylibsrtp.Session()

    def told(self, key: bytes) -> None:
        policy = pylibsrtp.Policy(key=key, ssrc_type=pylibsrtp.Policy.SSRC_ANY_INBOUND)
        self._in = pylibsrtp.Session(policy)

    def close(self, packet: bytes) -> bytes:
        return bytes(self._out.protect(packet))

    def open(self, packet: bytes) -> bytes | None:
        with suppress(pylibsrtp.Error):
            return bytes(self._in.unprotect(packet))
        return None


class TlsWire(Wire):
    """Puts keys into what the phone says of its sound, and takes them out of what it is told."""

    def __init__(self, phone: SoftPhone, authority: Path) -> None:
        super().__init__(phone._on_request, phone._on_late)
        self._phone, self._authority = phone, authority
        self._writer: asyncio.StreamWriter | None = None
        self._reads: asyncio.Task[None] | None = None
        self._door: asyncio.Server | None = None
        self._keys: dict[str, bytes] = {}
        self.seals_sound = True

    async def open(self, host: str, port: int = 0) -> None:
        """Of one's own accord, to the phone's server."""
        trusted = ssl.create_default_context(cafile=str(self._authority))
        reader, self._writer = await asyncio.open_connection(
            *self._phone.server, ssl=trusted, local_addr=(host, port)
        )
        self.host, self.port = self._writer.get_extra_info("sockname")[:2]
        self._reads = asyncio.create_task(self._read(reader))

    async def await_at(self, host: str, port: int, shown: SiteFiles) -> None:
        """Let the server come, and show it this certificate."""
        own = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        own.load_cert_chain(shown.certificate, shown.key)

        def came(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._forget_writer()
            self._writer, self._reads = writer, asyncio.create_task(self._read(reader))

        self._door = await asyncio.start_server(came, host, port, ssl=own)
        self.host, self.port = host, port

    def close(self) -> None:
        super().close()
        if self._door is not None:
            self._door.close()
        self._forget_writer()

    def _forget_writer(self) -> None:
        if self._writer is not None and self._reads is not None:
            self._reads.cancel()
            self._writer.transport.abort()
            self._writer = None

    def via(self) -> tuple[str, str]:
        return "Via", f"SIP/2.0/TLS {self.host}:{self.port};branch=z9hG4bK{token()};rport"

    def _send(self, data: bytes, to: Address) -> None:
        if self._writer is None or self.deaf:
            return
        message = parse(data)
        message.headers = [
            (name, value.replace(">", ";transport=tls>") if name == "Contact" else value)
            for name, value in message.headers
        ]
        if message.body.startswith(b"v=0") and self.seals_sound:
            message.body = self._with_key(message)
        self._writer.write(message.to_bytes())

    def _with_key(self, message: Message) -> bytes:
        (call,) = (each for each in self._phone.calls if each.call_id == message.call_id)
        if not isinstance(call.audio.seal, Srtp):
            call.audio.seal = Srtp()
            if message.call_id in self._keys:
                call.audio.seal.told(self._keys[message.call_id])
        line = b"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + b64encode(call.audio.seal.key) + b"\r\n"
        return message.body.replace(b"RTP/AVP", b"RTP/SAVP") + line

    async def _read(self, reader: asyncio.StreamReader) -> None:
        with suppress(asyncio.IncompleteReadError, OSError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                (length,) = re.findall(rb"Content-Length: *(\d+)", head)
                self._heard(head + await reader.readexactly(int(length)))

    def _heard(self, data: bytes) -> None:
        if found := _KEY.search(data):
            call_id = parse(data).call_id
            self._keys[call_id] = b64decode(found[1])
            for call in self._phone.calls:
                if call.call_id == call_id and isinstance(call.audio.seal, Srtp):
                    call.audio.seal.told(self._keys[call_id])
        self.datagram_received(data, self._phone.server)
