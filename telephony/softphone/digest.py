"""Digest authentication (RFC 2617 §3.2.2, MD5, with and without qop=auth). Pure."""

from collections.abc import Mapping
from hashlib import md5

from telephony.softphone.message import token


def authorization(
    challenge: Mapping[str, str], *, user: str, secret: str, method: str, uri: str, cnonce: str = ""
) -> str:
    """The value of Authorization or Proxy-Authorization that answers `challenge`."""
    realm, nonce = challenge.get("realm", ""), challenge.get("nonce", "")
    first = _hash(f"{user}:{realm}:{secret}")
    second = _hash(f"{method}:{uri}")
    parts = [
        f'username="{user}"',
        f'realm="{realm}"',
        f'nonce="{nonce}"',
        f'uri="{uri}"',
        "algorithm=MD5",
    ]
    if "auth" in challenge.get("qop", "").split(","):
        cnonce = cnonce or token()
        answer = _hash(f"{first}:{nonce}:00000001:{cnonce}:auth:{second}")
        parts += [f'cnonce="{cnonce}"', "nc=00000001", "qop=auth"]
    else:
        answer = _hash(f"{first}:{nonce}:{second}")
    parts.append(f'response="{answer}"')
    if "opaque" in challenge:
        parts.append(f'opaque="{challenge["opaque"]}"')
    return "Digest " + ", ".join(parts)


def _hash(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()
