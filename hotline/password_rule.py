"""What may be a password: OWASP ASVS 5.0 §6.2. Pure but for the word lists of zxcvbn, read once.

Length is what counts (6.2.1 asks for 8 and recommends 15; here 12, for a second factor is asked of few),
no kind of sign is demanded or forbidden (6.2.5), nothing is cut off or changed (6.2.8). Refused is what
an attacker tries first: passwords known from leaks, words in a row, keyboard patterns (6.2.4, 6.2.12),
and words that are about the person or this house (6.2.11).
"""

from itertools import pairwise

from hotline.errors import FieldErrors
from hotline.plain_letters import plain

SHORTEST = 12
LONGEST = 256
"""6.2.9 asks for at least 64."""
_HOUSE = ("tongdai", "111")
_LEAST_GUESSES_LOG10 = 8
"""zxcvbn's `somewhat guessable` ends here: a try a second for three years."""
_LOOKED_AT = 72
"""zxcvbn grows with the square of the length, and what is as long as this is no matter of guessing."""


def problem(password: str, login: str, name: str) -> str | None:
    """Why it cannot be theirs (`too_short`, `too_long`, `about_you`, `about_us`, `common`), or None."""
    if len(password) < SHORTEST:
        return "too_short"
    if len(password) > LONGEST:
        return "too_long"
    plain = _folded(password)
    if any(word in plain for word in _about(login, name)):
        return "about_you"
    if any(word in plain for word in _HOUSE):
        return "about_us"
    return "common" if _guesses(password) < _LEAST_GUESSES_LOG10 else None


def require(password: str, again: str, login: str, name: str) -> None:
    """Raises FieldErrors: `password` (the codes of `problem`), `again` (`differs`)."""
    if wrong := problem(password, login, name):
        raise FieldErrors({"password": wrong})
    if password != again:
        raise FieldErrors({"again": "differs"})


def _about(login: str, name: str) -> set[str]:
    """A name's words alone are in every Vietnamese sentence; two in a row are the person's."""
    words = [_folded(word) for word in name.split()]
    pairs = {first + second for first, second in pairwise(words)}
    return {word for word in {_folded(login), *pairs} if len(word) >= 3}


def _folded(text: str) -> str:
    return "".join(filter(str.isalnum, plain(text)))


def _guesses(password: str) -> float:
    """The power of ten of the guesses that it takes."""
    from zxcvbn import zxcvbn  # its lists cost a tenth of a second that most processes need not spend

    return float(zxcvbn(password[:_LOOKED_AT], user_inputs=["tongdai", "treem"])["guesses_log10"])
