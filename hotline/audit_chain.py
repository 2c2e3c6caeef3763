"""The chain over the audit rows: what is hashed, byte by byte. Pure.

    row line     ["td111-audit-1", id, at, staff id or null, login, name, role, act, kind, object,
                  detail]
    block line   ["td111-block-1", number, sealed at, first id, last id, [late ids], rows, digest,
                  previous, resumes]

Lines are JSON in UTF-8 without spaces, times are microseconds since 1970. `digest` is the SHA-256 of the
SHA-256s of the block's rows, one after the other: first the ids from `first_id` to `last_id` that there
are, then the late ones. A block's hash is the SHA-256 of its line, and the next block's `previous`; its
mac is the HMAC-SHA-256 of that hash under a key that the database does not hold. docs/operations.md says
how to check an export with nothing but these rules.
"""

import hmac
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

NOTHING = "0" * 64
"""What is before the first block."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LEAF_BYTES = 16


@dataclass(frozen=True, slots=True)
class Row:
    """One audit row as it is hashed."""

    id: int
    at: datetime
    staff_id: int | None
    login: str
    name: str
    role: str
    act: str
    object_kind: str
    object_id: str
    detail: str


@dataclass(frozen=True, slots=True)
class Block:
    """`first_id` to `last_id` follow on the block before without a gap; not every id in there was used.

    `late`: ids before `first_id` whose transactions ended after their neighbors had been sealed.
    `resumes`: the head that was lost, as `number:hash`, when the chain was taken up again without it.
    """

    number: int
    sealed_at: datetime
    first_id: int
    last_id: int
    late: tuple[int, ...]
    rows: int
    digest: str
    previous: str
    resumes: str = ""

    @property
    def line(self) -> str:
        return _json(
            [
                "td111-block-1",
                self.number,
                micros(self.sealed_at),
                self.first_id,
                self.last_id,
                list(self.late),
                self.rows,
                self.digest,
                self.previous,
                self.resumes,
            ]
        )

    @property
    def hash(self) -> str:
        return sha256(self.line.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Head:
    """The newest block, as it is kept where the database is not."""

    number: int
    hash: str


def row_line(row: Row) -> str:
    """What stands for a row, as text."""
    return _json(
        [
            "td111-audit-1",
            row.id,
            micros(row.at),
            row.staff_id,
            row.login,
            row.name,
            row.role,
            row.act,
            row.object_kind,
            row.object_id,
            row.detail,
        ]
    )


def row_hash(row: Row) -> bytes:
    return sha256(row_line(row).encode()).digest()


def digest(hashes: Iterable[bytes]) -> str:
    return sha256(b"".join(hashes)).hexdigest()


def mac(block_hash: str, key: bytes) -> str:
    """Only who has the key can make a block that looks as if it were ours."""
    return hmac.new(key, block_hash.encode(), sha256).hexdigest()


def same(one: str, other: str) -> bool:
    return hmac.compare_digest(one, other)


def leaves(members: Sequence[tuple[int, bytes]]) -> bytes:
    """Id and the first half of each row's short hash: tells which row it is when a digest is wrong.
    A hint, no proof: the digest proves."""
    return b"".join(id.to_bytes(8, "big") + hash[:8] for id, hash in members)


def members(leaves: bytes) -> dict[int, bytes]:
    """Id → first eight bytes of the row's hash, in the block's order."""
    cut = (leaves[at : at + _LEAF_BYTES] for at in range(0, len(leaves), _LEAF_BYTES))
    return {int.from_bytes(leaf[:8], "big"): leaf[8:] for leaf in cut}


Gap = tuple[int, int, int]
"""First and last id that were not there, and when that was noticed (microseconds)."""


def holes(ids: Sequence[int], first: int, last: int, noticed: datetime) -> list[Gap]:
    """The stretches of `first` to `last` that `ids` (ascending) leaves out."""
    found: list[Gap] = []
    expected = first
    for id in [*ids, last + 1]:
        if id > expected:
            found.append((expected, id - 1, micros(noticed)))
        expected = id + 1
    return found


def still_open(gaps: Iterable[Gap], filled: Iterable[int], since: datetime) -> list[Gap]:
    """The gaps without what has come meanwhile, and without those that were noticed before `since`:
    nobody's transaction lasts that long, so nothing may appear there any more."""
    here = sorted(filled)
    left: list[Gap] = []
    for first, last, noticed in gaps:
        if noticed < micros(since):
            continue
        inside = [id for id in here if first <= id <= last]
        left += [(a, b, noticed) for a, b, _ in holes(inside, first, last, _EPOCH)]
    return left


def micros(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND


def moment(micros: int) -> datetime:
    """Raises OverflowError for what is no time."""
    return _EPOCH + micros * _MICROSECOND


def _json(parts: list[object]) -> str:
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
