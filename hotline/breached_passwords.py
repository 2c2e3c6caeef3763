"""Passwords that were in a breach: a list of the operator's, asked without the network (ASVS 6.2.12).

The list is a file that `tongdai breached-passwords` makes of the one that Have I Been Pwned gives out
(SHA-1 and how often it was seen, ordered by hash): a mark, then the first 8 bytes of each SHA-1, in
order. A million takes 8 MB, and a billion call one good password in eighteen billion a breached one. It
is never loaded: some thirty reads find what there is.

Passwords are kept with argon2id (`hotline.staff`); SHA-1 is the list's form, and nothing of it is kept.
"""

import sys
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from hashlib import sha1
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from hotline.errors import BadInput, SetupError, Unavailable

_MARK = b"TDBREACH"
_WIDTH = len(_MARK)
"""Bytes of a SHA-1 that are kept, and of the mark."""
_HEX = 2 * _WIDTH


def has(file: Path, password: str) -> bool:
    """Whether it is in the list. Raises Unavailable when the list cannot be read."""
    wanted = sha1(password.encode(), usedforsecurity=False).digest()[:_WIDTH]
    try:
        with file.open("rb", buffering=0) as opened:
            found = _List(opened, file.stat().st_size)
            place = bisect_left(found, wanted)
            return place < len(found) and found[place] == wanted
    except OSError as error:
        raise Unavailable("breached passwords") from error


def require_list(file: Path) -> None:
    """Raises SetupError for what is no such list."""
    try:
        with file.open("rb") as opened:
            marked = opened.read(_WIDTH) == _MARK
        whole = file.stat().st_size % _WIDTH == 0
    except OSError as error:
        raise SetupError(f"TONGDAI_BREACHED_PASSWORDS: {error}") from error
    if not (marked and whole):
        raise SetupError(
            f"TONGDAI_BREACHED_PASSWORDS: {file} is no list of `tongdai breached-passwords`, or cut off"
        )


def packed(lines: Iterable[bytes], least: int) -> Iterator[bytes]:
    """The list's bytes, of lines `SHA1:COUNT`; those seen less often than `least` are left out. Raises
    BadInput, with the line's number, for a line that is none, and where they are not in order."""
    yield _MARK
    before = b""
    for number, line in enumerate(lines, 1):
        digest, _, count = line.strip().partition(b":")
        if not digest:
            continue
        try:
            is_kept = not count or int(count) >= least
            prefix = bytes.fromhex(digest[:_HEX].decode("ascii"))
        except ValueError:
            raise BadInput(f"line {number}: no SHA-1 with a count") from None
        if len(digest) != 40:
            raise BadInput(f"line {number}: no SHA-1")
        if prefix < before:
            raise BadInput(f"line {number}: not in order; take the list that is ordered by hash")
        if is_kept and prefix != before:
            yield prefix
        before = prefix


def command(
    least: Annotated[int, typer.Option(help="leave out what was seen less often", min=1)] = 10,
) -> None:
    """Make a list for TONGDAI_BREACHED_PASSWORDS: from standard input to standard output."""
    for part in packed(sys.stdin.buffer, least):
        sys.stdout.buffer.write(part)
    sys.stdout.buffer.flush()


class _List:
    """The file as a sequence that `bisect` asks."""

    def __init__(self, opened: BinaryIO, size: int) -> None:
        self._opened = opened
        self._length = size // _WIDTH - 1

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, place: int) -> bytes:
        self._opened.seek((place + 1) * _WIDTH)
        return self._opened.read(_WIDTH)
