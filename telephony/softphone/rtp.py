"""Audio packets (RTP, RFC 3550 §5.1) of one call: 50 a second out, everything that comes in kept.

One clock drives all streams of a process: with a task each, fifty calls would keep a core busy.
"""

from __future__ import annotations  # array[int] exists only while types are checked

import asyncio
import struct
import time
from array import array
from collections import deque
from random import getrandbits
from typing import Any, Protocol

from hotline.errors import BadInput
from telephony.softphone.keys import events
from telephony.softphone.sdp import Media
from telephony.softphone.sound import FRAME, RATE, Sound, decode, loudness, share

_HEADER = struct.Struct("!BBHII")
_TICK = 0.02
_MARKER = 0x80
_BETWEEN_KEYS = 4  # packets of sound
_KEEP = 60 * RATE  # bytes of what was heard: the last minute


class Seal(Protocol):
    """Makes SRTP (RFC 3711) of packets, and packets of it; None: of what the other side did not send."""

    def close(self, packet: bytes) -> bytes: ...
    def open(self, packet: bytes) -> bytes | None: ...


class RtpStream(asyncio.DatagramProtocol):
    """One call's audio socket. `send_to` starts the sound, `stop` closes."""

    def __init__(self, sound: Sound) -> None:
        self.sound = sound
        self.seal: Seal | None = None
        """None: everything goes in clear."""
        self.sent = self.received = 0
        self.first_heard_at: float | None = None
        """time.monotonic() of the first packet."""
        self._heard = bytearray()
        self._payload = self._heard_payload = 8
        self._coded = b""
        self._place = 0
        self._target: tuple[str, int] | None = None
        self._keys_payload: int | None = None
        self._pressed: deque[tuple[int, bytes] | None] = deque()
        """What goes out instead of sound: packets of events, numbered from 0; None: sound meanwhile."""
        self.sequence = getrandbits(16)
        self._source = getrandbits(32)
        self._transport: asyncio.DatagramTransport | None = None

    async def open(self, host: str) -> int:
        """Bind to a free port of `host`; returns it."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(host, 0))
        port: int = self._transport.get_extra_info("sockname")[1]
        return port

    def send_to(self, media: Media | None) -> None:
        """Talk to where the other side listens; a None or held side hears nothing from now on."""
        if media is None or media.port == 0 or media.direction in ("sendonly", "inactive"):
            self._target = None
            return
        self._target = (media.host, media.port)
        self._payload = media.payload
        self._keys_payload = media.keys
        self._coded = self.sound.coded(media.payload)
        _clock().streams.add(self)

    def say(self, sound: Sound) -> None:
        """Change what is said, from the next packet on."""
        self.sound = sound
        self._coded = sound.coded(self._payload)
        self._place = 0

    def press(self, keys: str) -> None:
        """Press these keys, one after the other, 100 ms each. Raises BadInput for what is no key, and
        when the other side takes no telephone events."""
        if self._keys_payload is None:
            raise BadInput("the other side takes no keys")
        for key in keys:
            self._pressed.extend(enumerate(events(key)))
            self._pressed.extend([None] * _BETWEEN_KEYS)

    def stop(self) -> None:
        _clock().streams.discard(self)
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        if self.seal is not None:
            data = self.seal.open(data) or b""
        if len(data) <= _HEADER.size or data[1] & 0x7F not in (0, 8):
            return
        if self.first_heard_at is None:
            self.first_heard_at = time.monotonic()
        self.received += 1
        self._heard_payload = data[1] & 0x7F
        self._heard += data[_HEADER.size :]
        if len(self._heard) > 2 * _KEEP:
            del self._heard[:-_KEEP]

    def error_received(self, exc: Exception) -> None:
        """The other side's port is closed (ICMP): it has hung up; signaling will say so."""

    def heard(self, seconds: float = 0.5) -> array[int]:
        """The last `seconds` of what came in, as samples."""
        size = int(seconds * RATE)
        return decode(bytes(self._heard[-size:]), self._heard_payload)

    def hears(self, frequency: int, seconds: float = 0.4, among: int = 1) -> bool:
        """Whether the last `seconds` are loud and mostly that tone (of `among` tones: a like part)."""
        samples = self.heard(seconds)
        return (
            len(samples) >= seconds * RATE * 0.9
            and loudness(samples) > 0.01
            and share(samples, frequency) > 0.5 / among
        )

    def tick(self) -> None:
        if self._transport is None or self._target is None:
            return
        self.sequence = (self.sequence + 1) & 0xFFFF
        pressed = self._pressed.popleft() if self._pressed else None
        if pressed is None:
            payload, stamp = self._payload, self.sent
            data = self._coded[self._place : self._place + FRAME]
            self._place = (self._place + FRAME) % len(self._coded)
        else:
            since, data = pressed  # all packets of one event carry the time of its beginning
            payload = (self._keys_payload or 0) | (0 if since else _MARKER)
            stamp = self.sent - since
        head = _HEADER.pack(0x80, payload, self.sequence, stamp * FRAME & 0xFFFFFFFF, self._source)
        self.sent += 1
        self.send(head + data)

    def send(self, packet: bytes) -> None:
        """Out it goes, sealed where the talk is."""
        if self._transport is not None and self._target is not None:
            self._transport.sendto(self.seal.close(packet) if self.seal else packet, self._target)


class _Clock:
    """Sends one packet for every stream each 20 ms; sleeps while there is none."""

    def __init__(self) -> None:
        self.streams = _Streams(self)
        self._loop = asyncio.get_running_loop()
        self._next = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def wake(self) -> None:
        if self._timer is None:
            self._next = self._loop.time()
            self._timer = self._loop.call_at(self._next, self._tick)

    def _tick(self) -> None:
        for stream in tuple(self.streams):
            stream.tick()
        self._timer = None
        if self.streams:
            now = self._loop.time()
            self._next = max(self._next + _TICK, now - 5 * _TICK)  # catch up a little, never burst
            self._timer = self._loop.call_at(self._next, self._tick)


class _Streams(set[RtpStream]):
    def __init__(self, clock: _Clock) -> None:
        super().__init__()
        self._clock = clock

    def add(self, stream: RtpStream) -> None:
        super().add(stream)
        self._clock.wake()


_clocks: dict[asyncio.AbstractEventLoop, _Clock] = {}


def _clock() -> _Clock:
    loop = asyncio.get_running_loop()
    if loop not in _clocks:
        for gone in [other for other in _clocks if other.is_closed()]:
            del _clocks[gone]
        _clocks[loop] = _Clock()
    return _clocks[loop]
