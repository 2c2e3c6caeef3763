"""What a secret that somebody chose must be like. Pure.

Those that the installation makes itself (`hotline.secrets`) have 256 bits; this is for what a person
puts into the settings, in an installation that real people use.
"""

SHORTEST = 16
_DIFFERENT = 8
_KNOWN = (
    "password",
    "matkhau",
    "changeme",
    "secret",
    "tongdai",
    "admin",
    "postgres",
    "123456",
    "qwerty",
)
"""What installations are delivered with, and what is tried first."""


def problem(secret: str) -> str | None:
    """Why it is too weak, in words for who runs the server; None when it is not. Quotes nothing."""
    if len(secret) < SHORTEST:
        return f"a secret has at least {SHORTEST} characters"
    if len(set(secret)) < _DIFFERENT:
        return f"a secret has at least {_DIFFERENT} different characters"
    left = secret.casefold()
    for word in _KNOWN:
        left = left.replace(word, "")
    return "a secret is not made of well-known words" if len(left) < SHORTEST // 2 else None
