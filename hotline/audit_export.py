"""The audit rows with their chain as lines of text, to be kept where this house cannot change them.

Three kinds of lines (`hotline.audit_chain`): the rows of a block, then the block, then
`["td111-mac-1", number, mac]`. An export begins behind any block, so that the next one goes on where the
last one ended; it can be checked without the database, and without the key but for the macs.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from hotline.audit import AuditRow
from hotline.audit_chain import Head, digest, mac, members, row_line, same
from hotline.audit_seals import ROW_COLUMNS, AuditBlockRow, block_of, row_of
from hotline.db import reading
from hotline.errors import SetupError

_IDS_AT_ONCE = 500
_MAC = '["td111-mac-1",'


def lines(after: int = 0, of: Engine | None = None) -> Iterator[str]:
    """Every sealed row behind block `after`, as lines without their ends."""
    with reading(of) as session:
        while True:
            row = session.scalars(
                select(AuditBlockRow)
                .where(AuditBlockRow.number > after)
                .order_by(AuditBlockRow.number)
                .limit(1)
            ).first()
            if row is None:
                return
            yield from _block_lines(session, row)
            after = row.number
            session.expunge_all()


def _block_lines(session: Session, row: AuditBlockRow) -> Iterator[str]:
    block = block_of(row)
    listed = list(members(row.leaves))
    texts: dict[int, str] = {}
    for start in range(0, len(listed), _IDS_AT_ONCE):
        these = AuditRow.id.in_(listed[start : start + _IDS_AT_ONCE])
        texts |= {
            one[0]: row_line(row_of(one)) for one in session.execute(select(*ROW_COLUMNS).where(these))
        }
    yield from (texts[id] for id in listed if id in texts)
    yield block.line
    yield _mac_line(block.number, row.mac)


def _mac_line(number: int, value: str) -> str:
    return json.dumps(["td111-mac-1", number, value], separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Checked:
    """`faults`: what is wrong and in which line. `last`: the number of the last block, 0 for none."""

    blocks: int
    rows: int
    first: int
    last: int
    faults: tuple[str, ...]


def check(text: Iterable[str], key: bytes | None) -> Checked:
    """Whether lines of an export, from wherever they begin, are a whole chain. Without the key the macs
    are not looked at: then the export proves itself only together with a head noted elsewhere."""
    hashes: list[bytes] = []
    faults: list[str] = []
    blocks = rows = first = last = 0
    previous = ""
    sealed = True
    for at, line in enumerate((each.rstrip("\n") for each in text), start=1):
        try:
            parts = json.loads(line)
            kind = parts[0]
        except (ValueError, LookupError, TypeError):
            kind, parts = "", []
        if kind == "td111-audit-1":
            hashes.append(sha256(line.encode()).digest())
        elif kind == "td111-block-1" and len(parts) == 10:
            number, count, found, before = parts[1], parts[6], parts[7], parts[8]
            if digest(hashes) != found or len(hashes) != count:
                faults.append(f"line {at}: the rows before it are not those of block {number}")
            if previous and (before != previous or number != last + 1):
                faults.append(f"line {at}: block {number} does not follow on block {last}")
            if not sealed:
                faults.append(f"line {at}: block {last} has no mac")
            first, last, previous = first or number, number, sha256(line.encode()).hexdigest()
            blocks, rows, hashes, sealed = blocks + 1, rows + len(hashes), [], False
        elif kind == "td111-mac-1" and len(parts) == 3 and parts[1] == last and not (sealed or hashes):
            sealed = True
            if key is not None and not same(mac(previous, key), str(parts[2])):
                faults.append(f"line {at}: block {last} was sealed under another key, or changed")
        else:
            faults.append(f"line {at}: is no line of an export, or not in its place")
    if hashes or not sealed:
        faults.append("the end: it breaks off in the middle of a block")
    return Checked(blocks, rows, first, last, tuple(faults))


def append_to(folder: Path, of: Engine | None = None) -> int:
    """Write what is new into the folder, one file a day, and say how many blocks there were. What a
    crash left half written is written again. Raises SetupError when the folder cannot be written, or
    holds the export of a chain that the database does not have."""
    try:
        written = _mended(sorted(folder.glob("audit-????????.jsonl")))
        if written is not None and not _known(written, of):
            raise SetupError(
                f"the database has no block {written.number} like the one in {folder}: prove the chain "
                "(`tongdai audit verify`), keep those files, and begin another folder"
            )
        file = folder / f"audit-{datetime.now(UTC):%Y%m%d}.jsonl"
        blocks = 0
        with file.open("a", encoding="utf-8") as out:
            for line in lines(written.number if written else 0, of):
                out.write(f"{line}\n")
                blocks += line.startswith(_MAC)
        return blocks
    except OSError as error:
        raise SetupError(f"{folder} cannot be written: {error.strerror}") from error


def _known(head: Head, of: Engine | None) -> bool:
    with reading(of) as session:
        row = session.get(AuditBlockRow, head.number)
        return row is not None and block_of(row).hash == head.hash


def _mended(files: Sequence[Path]) -> Head | None:
    """The last block that is whole in the files; what stands behind it is cut off."""
    for file in reversed(files):
        at = end = 0
        found, line_before = None, b""
        with file.open("r+b") as kept:
            for line in kept:
                at += len(line)
                if line.startswith(_MAC.encode()) and line.endswith(b"\n"):
                    number = int(json.loads(line)[1])
                    end, found = at, Head(number, sha256(line_before.rstrip(b"\n")).hexdigest())
                line_before = line
            kept.truncate(end)
        if found is not None:
            return found
    return None
