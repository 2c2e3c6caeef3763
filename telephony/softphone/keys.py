"""Keys on the wire: RTP telephone events (RFC 4733 §2.3 and §2.5). Pure."""

import struct

from hotline.errors import BadInput
from telephony.softphone.sound import FRAME

KEYS = "0123456789*#"
"""The event number of a key is its place here."""
_DOWN = 5  # packets, 20 ms each
_TIMES_ENDED = 3
_VOLUME = 10  # -10 dBm0
_END = 0x80
_EVENT = struct.Struct("!BBH")


def events(key: str) -> list[bytes]:
    """The payloads of one key press, one each 20 ms: down for 100 ms, its end said three times.

    Raises BadInput for what is no key.
    """
    if len(key) != 1 or key not in KEYS:
        raise BadInput(f"{key!r} is no key of a telephone")
    code = KEYS.index(key)
    down = [_EVENT.pack(code, _VOLUME, FRAME * packet) for packet in range(1, _DOWN + 1)]
    return [*down, *[_EVENT.pack(code, _END | _VOLUME, FRAME * (_DOWN + 1))] * _TIMES_ENDED]
