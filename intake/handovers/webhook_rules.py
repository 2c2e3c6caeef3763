"""Webhooks to offices: what is sent, how it is signed, when it is tried again, and where never. Pure.

Signed as Standard Webhooks (standardwebhooks.com) have it: HMAC-SHA256 over id, timestamp and body. The
body names a reference and nothing of anybody: whoever reads it must fetch the case with their own key.
"""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address
from json import dumps
from urllib.parse import urlsplit

from hotline.errors import BadInput

SECRET_BEGINS = "whsec_"  # noqa: S105  (what every secret begins with)
WAITS = tuple(timedelta(minutes=each) for each in (0.5, 1, 2, 5, 10, 30, 60, 3 * 60, 6 * 60, 12 * 60))
"""Before each further try; after the last it is given up. A commune must be told within minutes, so the
first come soon."""


def body(event: str, reference: str, at: datetime) -> bytes:
    """What is sent."""
    told = {"type": event, "timestamp": at.isoformat(), "data": {"reference": reference}}
    return dumps(told, separators=(",", ":")).encode()


def headers(message_id: str, at: datetime, secret: str, content: bytes) -> Mapping[str, str]:
    """`secret`: `whsec_` and base64, as the office was given it."""
    stamp = str(int(at.timestamp()))
    key = b64decode(secret.removeprefix(SECRET_BEGINS))
    signed = hmac.new(key, f"{message_id}.{stamp}.".encode() + content, sha256).digest()
    return {
        "Content-Type": "application/json",
        "User-Agent": "tongdai111",
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{b64encode(signed).decode()}",
    }


def wait_after(tries: int) -> timedelta | None:
    """How long until the next try after so many in vain; None: no more."""
    return WAITS[tries - 1] if tries <= len(WAITS) else None


def target(url: str, *, loopback: bool) -> tuple[str, str, int, str]:
    """Scheme, host, port and path with query. Raises BadInput (`url`): https alone, no user, no
    fragment, no address of a private network; `loopback` (for tests) lets plain HTTP to an address of
    127.0.0.0/8 through. Where a name leads to is looked at when it is used (`usable`)."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise BadInput("url") from None
    host = parts.hostname or ""
    plain = loopback and parts.scheme == "http" and _is_loopback(host)
    if not host or parts.username or parts.fragment or not (parts.scheme == "https" or plain):
        raise BadInput("url")
    if _is_address(host) and usable([host], loopback=loopback) is None:
        raise BadInput("url")
    path = parts.path or "/"
    return parts.scheme, host, port, f"{path}?{parts.query}" if parts.query else path


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    return _is_address(host) and ip_address(host).is_loopback


def usable(addresses: Iterable[str], *, loopback: bool) -> str | None:
    """The address to connect to; None when any of them is not of the public network: a name must not
    lead into ours, not even now and then."""
    found = list(addresses)
    public = [
        each
        for each in found
        if ((ip := ip_address(each)).is_global and not ip.is_multicast) or (loopback and ip.is_loopback)
    ]
    return found[0] if found and len(public) == len(found) else None
