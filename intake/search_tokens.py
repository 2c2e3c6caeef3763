"""Words of the search as tokens that tell no word: 40 bits of an HMAC under a key that is not in the
database. Pure.

A word has one token for itself and one for each of its beginnings, so that both databases look up whole
tokens alone. Beginnings are up to 12 letters long; of numbers, and of numbers backwards, from 4 digits
on. What begins otherwise is found only whole. A token begins with `k`: it is no number, nobody who
may read, and no word of either database's query language.
"""

import re
from base64 import b32encode
from collections.abc import Iterable, Iterator
from functools import lru_cache
from hmac import digest

from intake.search_words import Term

_BYTES = 5
_SHORTEST, _LONGEST = 1, 12
_NUMBER = re.compile(r"(r?)[0-9]{4,}")
_WHOLE, _BEGINNING, _MARK = "=", "^", ":"


def tokens(words: Iterable[str], key: bytes) -> set[str]:
    """All by which these words are found."""
    return {token for word in words for token in _tokens(word, key)}


def keyed(term: Term, key: bytes) -> Term:
    """The term in tokens; a number also as it is, for the caller's is in clear."""
    whole = {_token(_WHOLE, word, key) for word in term.exact}
    for word in term.begins:
        whole.add(_token(_BEGINNING if len(word) in _lengths(word) else _WHOLE, word, key))
    return Term(tuple(sorted(whole)), tuple(word for word in term.begins if _NUMBER.fullmatch(word)))


def mark(of: str, key: bytes) -> str:
    """What cases are compared by (`intake.searching.likeness.marks`), as a token."""
    return _token(_MARK, of, key)


@lru_cache(1 << 16)
def _tokens(word: str, key: bytes) -> tuple[str, ...]:
    return tuple(_each(word, key))


def _each(word: str, key: bytes) -> Iterator[str]:
    yield _token(_WHOLE, word, key)
    for length in _lengths(word):
        yield _token(_BEGINNING, word[:length], key)


def _lengths(word: str) -> range:
    """Of the beginnings by which it is found."""
    number = _NUMBER.fullmatch(word)
    shortest = 4 + len(number[1]) if number else _SHORTEST
    return range(shortest, min(len(word), _LONGEST) + 1)


def _token(kind: str, word: str, key: bytes) -> str:
    return "k" + b32encode(digest(key, f"{kind}{word}".encode(), "sha256")[:_BYTES]).decode().lower()
