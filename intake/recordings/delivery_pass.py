"""The pass with which a center brings a recording to headquarters. Pure.

Whoever holds a key of the ring that seals recordings may deliver: both ends have it anyway, so there is
no other secret to hand round. The key itself does not travel. A pass is good for one content at one
place, so to repeat one that was overheard does nothing.
"""

import hmac
from hashlib import sha256

from hotline.sealed import Key, KeyRing

_USE = b"tongdai111 delivery"


def make(key: Key, method: str, place: str, size: int, digest: str) -> str:
    """What stands in the header `Authorization`. `digest`: SHA-256 of the body, as hex."""
    return f"Delivery {key.id}:{digest}:{_sign(key, method, place, size, digest)}"


def check(ring: KeyRing, given: str, method: str, place: str, size: int) -> str | None:
    """The digest that the body must have; None when the pass is nobody's or for something else."""
    parts = given.removeprefix("Delivery ").split(":")
    if len(parts) != 3 or not given.isascii():
        return None
    key_id, digest, signed = parts
    key = next((key for key in ring if key.id == key_id), None)
    if key is None or not hmac.compare_digest(signed, _sign(key, method, place, size, digest)):
        return None
    return digest


def _sign(key: Key, method: str, place: str, size: int, digest: str) -> str:
    own = hmac.digest(key.secret, _USE, "sha256")
    return hmac.new(own, f"{method}\n{place}\n{size}\n{digest}".encode(), sha256).hexdigest()
