"""Session descriptions (RFC 4566) for one G.711 audio stream. Pure."""

import re
from dataclasses import dataclass
from typing import Literal

Direction = Literal["sendrecv", "sendonly", "recvonly", "inactive"]

_KEYS = 101
"""The payload type under which we offer key presses (RFC 4733)."""
_NAMES = {0: "PCMU", 8: "PCMA"}
_MIRRORED: dict[str, Direction] = {
    "sendonly": "recvonly",
    "recvonly": "sendonly",
    "inactive": "inactive",
}


@dataclass(frozen=True, slots=True)
class Media:
    """Where the other side wants audio, in which payloads (in its order), and who sends."""

    host: str
    port: int
    payloads: tuple[int, ...]
    direction: str = "sendrecv"
    keys: int | None = None
    """The payload type of key presses (RFC 4733 telephone events); None: they take none."""

    @property
    def payload(self) -> int:
        """The first of their payloads that we speak: 8 A-law, 0 µ-law."""
        return next((number for number in self.payloads if number in _NAMES), 8)

    @property
    def mirrored(self) -> Direction:
        """The direction of our answer to their offer (RFC 3264 §6.1)."""
        return _MIRRORED.get(self.direction, "sendrecv")


def describe(host: str, port: int, *, version: int = 1, direction: Direction = "sendrecv") -> bytes:
    """Our offer or answer. `version` must grow with each new one in a call."""
    lines = [
        "v=0",
        f"o=- {port} {version} IN IP4 {host}",
        "s=-",
        f"c=IN IP4 {host}",
        "t=0 0",
        f"m=audio {port} RTP/AVP 8 0 {_KEYS}",
        "a=rtpmap:8 PCMA/8000",
        "a=rtpmap:0 PCMU/8000",
        f"a=rtpmap:{_KEYS} telephone-event/8000",
        f"a=fmtp:{_KEYS} 0-15",
        "a=ptime:20",
        f"a={direction}",
    ]
    return "\r\n".join([*lines, ""]).encode()


def read(body: bytes) -> Media | None:
    """The audio stream described, or None when there is none."""
    text = body.decode("utf-8", "replace")
    audio = re.search(r"^m=audio (\d+) \S+ ([\d ]+)", text, re.MULTILINE)
    if audio is None:
        return None
    after = text[audio.start() :]
    host = re.search(r"^c=IN IP4 (\S+)", after, re.MULTILINE) or re.search(
        r"^c=IN IP4 (\S+)", text, re.MULTILINE
    )
    direction = re.search(r"^a=(sendrecv|sendonly|recvonly|inactive)\s*$", text, re.MULTILINE)
    keys = re.search(r"^a=rtpmap:(\d+) telephone-event/8000\s*$", after, re.MULTILINE | re.IGNORECASE)
    return Media(
        host=host[1] if host else "",
        port=int(audio[1]),
        payloads=tuple(int(number) for number in audio[2].split()),
        direction=direction[1] if direction else "sendrecv",
        keys=int(keys[1]) if keys else None,
    )
