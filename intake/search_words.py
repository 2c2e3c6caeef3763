"""What is typed and what is searched for, as words that a database can compare. Pure.

Vietnamese is searched without its marks: `Nguyễn Thị Đào`, `nguyen thi dao` and `DAO THI NGUYEN` are the
same three words. A phone number is one word however it is spaced, found by its beginning or its end.
A word is `[a-z0-9]+`: nothing in it means anything to either database's query language.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from unicodedata import normalize

LONGEST_QUERY = 200
MOST_WORDS = 12
_WORD = re.compile(r"[a-z0-9]+")
_LONGEST_WORD = 40
_SPACED_NUMBER = re.compile(r"(?<![0-9])(?:\+?84|0)(?:[ .-]?[0-9]){8,10}(?![0-9])")
_LEAST_DIGITS = 4
"""From so many digits on, the end of a number is as good as its beginning."""
_LATIN = str.maketrans({"đ": "d", "ð": "d", "ø": "o", "ł": "l"})
_NO_MARKS = dict.fromkeys(range(0x300, 0x370))


def folded(text: str) -> str:
    """Small letters without marks: `Đắk Lắk` → `dak lak`."""
    return normalize("NFD", text.casefold().translate(_LATIN)).translate(_NO_MARKS)


_folded_sign = lru_cache(2048)(folded)


def words(text: str) -> list[str]:
    """The words in order; a phone number in Vietnam's national form."""
    joined = _SPACED_NUMBER.sub(lambda found: f" {_national(found[0])} ", folded(text))
    return [word[:_LONGEST_WORD] for word in _WORD.findall(joined)]


def _national(number: str) -> str:
    digits = "".join(filter(str.isdigit, number))
    return f"0{digits[2:]}" if digits.startswith("84") else digits


def indexed(texts: Iterable[str]) -> set[str]:
    """Everything by which one of these texts is found."""
    found = {word for text in texts for word in words(text)}
    return found | {_backwards(word) for word in found if _is_long_number(word)}


def _backwards(digits: str) -> str:
    """Prefixes are what both databases can look up: the end of a number is the beginning of this."""
    return f"r{digits[::-1]}"


def _is_long_number(word: str) -> bool:
    return word.isdigit() and len(word) >= _LEAST_DIGITS


@dataclass(frozen=True, slots=True)
class Term:
    """One word to be found: any of `exact`, or one that begins with any of `begins`."""

    exact: tuple[str, ...] = ()
    begins: tuple[str, ...] = ()

    def finds(self, word: str) -> bool:
        return word in self.exact or word.startswith(self.begins)


def terms(query: str) -> Sequence[Term]:
    """What all must be found. The last word may still be being typed: its beginning is enough."""
    asked = words(query[:LONGEST_QUERY])[:MOST_WORDS]
    return [_term(word, last=place == len(asked) - 1) for place, word in enumerate(asked)]


def count(text: str, asked: Sequence[Term]) -> int:
    """How many of these terms `spot` would find in the text, at a tenth of its cost."""
    there = set(_WORD.findall(folded(text)))
    return sum(any(map(one.finds, there)) for one in asked)


def spot(text: str, asked: Sequence[Term]) -> tuple[int, int] | None:
    """Where in the text the first word stands that one of these terms finds: `[from, to)`."""
    plain, places = "", list[int]()
    for place, sign in enumerate(text):
        plain += (as_found := _folded_sign(sign))
        places += [place] * len(as_found)
    for found in _WORD.finditer(plain):
        if any(one.finds(found[0]) for one in asked):
            return places[found.start()], places[found.end() - 1] + 1
    return None


def _term(word: str, *, last: bool) -> Term:
    if _is_long_number(word):
        return Term(begins=(word, _backwards(word)))
    return Term(begins=(word,)) if last else Term(exact=(word,))
