"""Proves the audit chain: every block, every row, and that nothing was cut off at the end.

Reads the whole table once in the order of its ids, a few thousand rows at a time; needs the same memory
for ten rows as for ten million. Writes nothing.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import Engine, between, func, select
from sqlalchemy.orm import Session

from hotline.audit import AuditRow
from hotline.audit_chain import NOTHING, Block, Head, digest, mac, members, row_hash, same
from hotline.audit_seals import ROW_COLUMNS, AuditBlockRow, block_of, row_of
from hotline.db import reading

_BLOCKS_AT_ONCE = 500
_ROWS_AT_ONCE = 20_000
_LATE_AT_ONCE = 500
_TOLD = 200


class Fault(StrEnum):
    ROW_CHANGED = "row_changed"
    ROW_MISSING = "row_missing"
    ROW_FOREIGN = "row_foreign"
    """In no block, although its neighbors are: put in afterwards."""
    ROWS_DIFFER = "rows_differ"
    """The rows are not those of the block, and its list of them was changed as well."""
    BLOCK_MISSING = "block_missing"
    BLOCK_ORDER = "block_order"
    """Does not follow on the block before."""
    BLOCK_FORGED = "block_forged"
    """Changed, or made by somebody without the key."""
    CUT_OFF = "cut_off"
    """The noted head is not there: newest blocks are missing, or were made anew."""


@dataclass(frozen=True, slots=True)
class Finding:
    """`row`: an id, where one row is to blame. `block` 0: none."""

    fault: Fault
    block: int
    row: int | None = None

    def __str__(self) -> str:
        where = f"row {self.row} (block {self.block})" if self.row else f"block {self.block}"
        return f"{where}: {_TEXTS[self.fault]}"


_TEXTS = {
    Fault.ROW_CHANGED: "was changed",
    Fault.ROW_MISSING: "was removed",
    Fault.ROW_FOREIGN: "was put in afterwards: no block has it",
    Fault.ROWS_DIFFER: "its rows are not those that were sealed, and its list of them was changed",
    Fault.BLOCK_MISSING: "is not there",
    Fault.BLOCK_ORDER: "does not follow on the block before it",
    Fault.BLOCK_FORGED: "was changed, or sealed under another key",
    Fault.CUT_OFF: "is the noted head and not in the database: the end was cut off or redone",
}


@dataclass(slots=True)
class Proof:
    """What was looked at and what is wrong. `findings`: the first 200; `count`: of all. `resumed`:
    (block, what was lost there) of each time the chain was taken up again without its head."""

    blocks: int = 0
    rows: int = 0
    unsealed: int = 0
    count: int = 0
    findings: list[Finding] = field(default_factory=list)
    resumed: list[tuple[int, str]] = field(default_factory=list)
    head: Head | None = None

    @property
    def whole(self) -> bool:
        return self.count == 0

    def add(self, fault: Fault, block: int, row: int | None = None) -> None:
        self.count += 1
        if len(self.findings) < _TOLD:
            self.findings.append(Finding(fault, block, row))


def prove(key: bytes, noted: Head | None, of: Engine | None = None) -> Proof:
    """Look at everything. `noted`: the head as it was kept outside of the database."""
    proof = Proof()
    strays: dict[int, int] = {}
    gaps: Sequence[Sequence[int]] = ()
    previous, last, seen = NOTHING, 0, noted is None
    with reading(of) as session:
        for batch in _batches(session):
            actual = _hashes(session, batch)
            ids = sorted(actual)
            for row in batch:
                block = block_of(row)
                if block.number != proof.blocks + 1:
                    proof.add(Fault.BLOCK_MISSING, proof.blocks + 1)
                elif block.previous != previous or block.first_id != last + 1:
                    proof.add(Fault.BLOCK_ORDER, block.number)
                if not same(mac(block.hash, key), row.mac):
                    proof.add(Fault.BLOCK_FORGED, block.number)
                if block.resumes:
                    proof.resumed.append((block.number, block.resumes))
                here = ids[bisect_left(ids, block.first_id) : bisect_right(ids, block.last_id)]
                listed = members(row.leaves)
                strays |= {id: block.number for id in here if id not in listed}
                for id in block.late:
                    strays.pop(id, None)
                _check_rows(proof, block, listed, actual)
                proof.head = Head(block.number, block.hash)
                seen = seen or proof.head == noted
                proof.blocks, previous, last, gaps = block.number, block.hash, block.last_id, row.gaps
        _look_behind(session, proof, last)
    for id, block_number in strays.items():
        if not any(a <= id <= b for a, b, _ in gaps):  # else it has just come and is sealed next
            proof.add(Fault.ROW_FOREIGN, block_number, id)
    if noted and not seen:
        proof.add(Fault.CUT_OFF, noted.number)
    return proof


def _batches(session: Session) -> Iterator[Sequence[AuditBlockRow]]:
    """Blocks in order, as many at once as have a few thousand rows."""
    after = None
    while True:
        query = select(AuditBlockRow.number, AuditBlockRow.rows).order_by(AuditBlockRow.number)
        if after is not None:
            query = query.where(AuditBlockRow.number > after)
        upto, rows = None, 0
        for number, count in session.execute(query.limit(_BLOCKS_AT_ONCE)):
            if upto is not None and rows + count > _ROWS_AT_ONCE:
                break
            upto, rows = number, rows + count
        if upto is None:
            return
        found = select(AuditBlockRow).where(AuditBlockRow.number <= upto).order_by(AuditBlockRow.number)
        if after is not None:
            found = found.where(AuditBlockRow.number > after)
        yield session.scalars(found).all()
        session.expunge_all()
        after = upto


def _hashes(session: Session, batch: Sequence[AuditBlockRow]) -> dict[int, bytes]:
    """Id → hash of the rows that are there now, for the batch's stretch and its late rows."""
    first = min(row.first_id for row in batch)
    last = max(row.last_id for row in batch)
    query = select(*ROW_COLUMNS).where(between(AuditRow.id, first, last)).order_by(AuditRow.id)
    found = {row[0]: row_hash(row_of(row)) for row in session.execute(query)}
    late = [id for row in batch for id in row.late if id not in found]
    for start in range(0, len(late), _LATE_AT_ONCE):
        these = select(*ROW_COLUMNS).where(AuditRow.id.in_(late[start : start + _LATE_AT_ONCE]))
        found |= {row[0]: row_hash(row_of(row)) for row in session.execute(these)}
    return found


def _check_rows(proof: Proof, block: Block, listed: dict[int, bytes], actual: dict[int, bytes]) -> None:
    proof.rows += block.rows
    there = [actual[id] for id in listed if id in actual]
    if len(there) != block.rows or len(listed) != block.rows or digest(there) != block.digest:
        _locate(proof, block, listed, actual)


def _locate(proof: Proof, block: Block, listed: dict[int, bytes], actual: dict[int, bytes]) -> None:
    """Which rows are to blame, by the block's own list."""
    before = proof.count
    for id, short in listed.items():
        if id not in actual:
            proof.add(Fault.ROW_MISSING, block.number, id)
        elif actual[id][:8] != short:
            proof.add(Fault.ROW_CHANGED, block.number, id)
    if proof.count == before:
        proof.add(Fault.ROWS_DIFFER, block.number)


def _look_behind(session: Session, proof: Proof, last: int) -> None:
    """Rows after the last block, which are not chained yet; and before the first id there can be."""
    count = select(func.count()).select_from(AuditRow)
    proof.unsealed = session.scalar(count.where(AuditRow.id > last)) or 0
    for id in session.scalars(select(AuditRow.id).where(AuditRow.id < 1).limit(_TOLD)):
        proof.add(Fault.ROW_FOREIGN, 0, id)
