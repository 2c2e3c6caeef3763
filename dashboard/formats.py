"""How moments, spans, numbers, phone numbers and names are written for people. Pure."""

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TypeVar
from unicodedata import normalize

from hotline.clock import HANOI, local
from hotline.errors import BadInput

_T = TypeVar("_T")


def clock(moment: datetime) -> str:
    """14:05"""
    return f"{local(moment):%H:%M}"


def clock_seconds(moment: datetime) -> str:
    """14:05:31"""
    return f"{local(moment):%H:%M:%S}"


def typed_moment(text: str) -> datetime | None:
    """From a datetime-local field, on Vietnam's clock; None when left empty. Raises BadInput."""
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=HANOI)
    except ValueError:
        raise BadInput("not a time") from None


def moment_field(moment: datetime) -> str:
    """The other way round: as such a field holds it."""
    return f"{local(moment):%Y-%m-%dT%H:%M}"


def day(moment: datetime | date) -> str:
    """21/11/2026; a datetime is shown on Vietnam's calendar."""
    shown = local(moment) if isinstance(moment, datetime) else moment
    return f"{shown:%d/%m/%Y}"


def day_short(moment: datetime | date) -> str:
    """21/11; a datetime is shown on Vietnam's calendar."""
    shown = local(moment) if isinstance(moment, datetime) else moment
    return f"{shown:%d/%m}"


def local_day(moment: datetime) -> date:
    """The day on Vietnam's calendar."""
    return local(moment).date()


def span(length: timedelta) -> str:
    """2:13, or 1:02:13 from an hour on; never negative."""
    seconds = max(0, int(length.total_seconds()))
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def number(value: int, language: str) -> str:
    """506.957 in Vietnamese, 506,957 in English."""
    grouped = f"{value:,}"
    return grouped if language == "en" else grouped.replace(",", ".")


def figure(value: int | float | timedelta | None, language: str) -> str:
    """A count, a share as 92,7 % (92.7% in English), a span as 2:13, – for what there is none of."""
    match value:
        case None:
            return "–"
        case timedelta():
            return span(value)
        case float():
            shown = f"{100 * value:.1f}"
            return f"{shown}%" if language == "en" else f"{shown.replace('.', ',')} %"
    return number(value, language)


def decimal(value: float, language: str) -> str:
    """9,4 in Vietnamese, 9.4 in English; whole from 20 on."""
    shown = f"{value:.0f}" if value >= 20 else f"{value:.1f}"
    return shown if language == "en" else shown.replace(".", ",")


def phone(number: str) -> str:
    """0912 345 678, from `+84912345678` or `0912345678`; another shape is left as it came."""
    digits = re.sub(r"^\+84", "0", number)
    if re.fullmatch(r"02\d{9}", digits):
        return f"{digits[:4]} {digits[4:8]} {digits[8:]}"
    if re.fullmatch(r"0\d{9}", digits):
        return f"{digits[:4]} {digits[4:7]} {digits[7:]}"
    return number


def by_given_name(people: Iterable[_T], name: Callable[[_T], str]) -> list[_T]:
    """Sorted as the Vietnamese do: by tên (last word), then họ and tên đệm."""
    return sorted(people, key=lambda person: _name_key(name(person)))


@lru_cache(maxsize=4096)
def _name_key(name: str) -> tuple[list[tuple[int, ...]], list[tuple[int, ...]]]:
    words = name.split()
    return _letters(words[-1:]), _letters(words[:-1])


_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_TONES = {"": 0, "\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
"""ngang, huyền, hỏi, ngã, sắc, nặng: the order of Vietnamese dictionaries."""


def _letters(words: list[str]) -> list[tuple[int, ...]]:
    """One key per word: the places of its letters in the alphabet, then its tones."""
    return [_word_key(word) for word in words]


def _word_key(word: str) -> tuple[int, ...]:
    letters: list[int] = []
    tone = 0
    for char in normalize("NFC", word.casefold()):
        base = char
        for mark in normalize("NFD", char)[1:]:
            if mark in _TONES:
                tone = _TONES[mark]
                base = normalize("NFC", normalize("NFD", char).replace(mark, ""))
        letters.append(_ALPHABET.find(base) if base in _ALPHABET else len(_ALPHABET) + ord(base))
    return (*letters, -1, tone)
