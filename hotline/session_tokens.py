"""What a log-in session is known by: the token in the cookie, and the part of it that stays.

`secret.lasting`, of 256 bits each. When a token is renewed its first part changes; by the second the
phone in the browser proves itself for as long as the session lives, for a talk may be on it meanwhile.
"""

from hashlib import md5
from secrets import token_urlsafe

from hotline.ids import Phone
from hotline.secrets import hashed

SIP_REALM = "asterisk"
"""What Asterisk calls itself to phones (its default)."""


def new_token() -> str:
    return _with(token_urlsafe(32))


def next_token(before: str) -> str:
    """In the place of that one."""
    return _with(lasting_part(before))


def _with(lasting: str) -> str:
    return f"{token_urlsafe(32)}.{lasting}"


def lasting_part(token: str) -> str:
    """A token from before there were parts is all of it."""
    return token.rpartition(".")[2]


def phone_secret(token: str) -> str:
    """What this log-in's phone in the browser proves itself with; lives as long as the session."""
    return hashed(f"phone\n{lasting_part(token)}")


def phone_ha1(phone: Phone, token: str) -> str:
    """What Asterisk knows of it: MD5 of phone, realm and secret (RFC 2617). MD5 is what SIP's digest is
    made of; the secret has 256 bits, nobody guesses it from this."""
    text = f"{phone}:{SIP_REALM}:{phone_secret(token)}"
    return md5(text.encode(), usedforsecurity=False).hexdigest()
