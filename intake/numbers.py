"""Phone numbers in one normal form, so that `0912345678` and `+84912345678` are one number. Pure.

A number is not a person (phones are shared), and a caller's text is an attacker's text: whatever comes
in leaves here short and printable.
"""

import re
import unicodedata
from functools import lru_cache

import phonenumbers

from hotline.dialing import EMERGENCY, is_subscriber

_WITHHELD = frozenset({"", "anonymous", "unknown", "<unknown>", "restricted", "unavailable", "private"})
_KEPT = frozenset("+*#-._")
_LONGEST = 32


@lru_cache(1024)
def normal(raw: str | None) -> str | None:
    """E.164 for a valid Vietnamese or international number, None when withheld.

    Anything else (short codes, extensions, rubbish) keeps its ASCII letters, digits and `+*#-._`, at
    most 32 of them; nothing left is None.
    """
    text = (raw or "").strip()
    if text.casefold() in _WITHHELD:
        return None
    try:
        number = phonenumbers.parse(text[:60], "VN")
    except phonenumbers.NumberParseException:
        number = None
    if number is not None and phonenumbers.is_valid_number(number):
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    kept = "".join(sign for sign in text if sign.isascii() and (sign.isalnum() or sign in _KEPT))
    return kept[:_LONGEST] or None


_VIETNAMESE = re.compile(r"(?:\+?84|0)([235789]\d{8,9})")


def quick(raw: str | None) -> str | None:
    """The normal form of what is plainly a Vietnamese number, in a microsecond; None of all else."""
    found = _VIETNAMESE.fullmatch(raw or "")
    return f"+84{found[1]}" if found else None


def dialable(number: str | None) -> str | None:
    """How to dial this number (in normal form) through the telco; None when it is not to be dialled:
    withheld, abroad, premium, our own, or no number at all."""
    said = number or ""
    national = f"0{said[3:]}" if said.startswith("+84") else said
    return national if is_subscriber(national) or national in EMERGENCY else None


def masked(number: str | None) -> str | None:
    """A caller's number as every list has it: its last three characters. It is whole on the page of one
    call, for who opens it and may read it, and for who is in the call or has taken it to call back."""
    return number if number is None else f"***{number[-3:]}"


def clean(text: str, longest: int) -> str:
    """One printable line of at most `longest` characters that both databases store.

    PostgreSQL refuses NUL and lone surrogates, and one such event must not block the journal.
    """
    if text.isascii() and text.isprintable():
        return text[:longest]  # nearly always
    return "".join(sign for sign in text if unicodedata.category(sign)[0] != "C")[:longest]
