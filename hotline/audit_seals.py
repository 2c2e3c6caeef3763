"""Takes committed audit rows into the chain: block after block, in a table of its own.

Nobody who writes an audit row waits for this. Ids are given out in order but appear when their
transactions end: the ids that are missing inside a block are remembered, and a row that appears there
later is taken into the next block as a late one. So each row is in exactly one block. What lies between
the commit and the next run (seconds) is not chained yet: docs/adr/0024. The head is noted in a file,
which whoever holds the database alone cannot change.
"""

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import JSON, Engine, LargeBinary, String, between, func, or_, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline.audit import AuditRow
from hotline.audit_chain import (
    NOTHING,
    Block,
    Gap,
    Head,
    Row,
    digest,
    holes,
    leaves,
    mac,
    row_hash,
    still_open,
)
from hotline.clock import utc_now
from hotline.db import INSERT_ONLY, Base, UtcDateTime, engine, reading, transaction
from hotline.errors import HotlineError, SetupError
from hotline.secrets import load_or_create, write_private
from hotline.settings import Settings

_log = structlog.get_logger()

BLOCK_ROWS = 5_000
_SETTLE_SECONDS = 0.2
"""On PostgreSQL: by then most transactions that had an id already have ended, and few rows are late. A
worker waits so long every ten seconds."""
_PATIENCE = timedelta(hours=24)
_GAPS_AT_ONCE = 100
_LOCK = 111_000_112
_SECRET = "audit_key"  # noqa: S105  the name of a file


class ChainCut(HotlineError):
    """The noted head is not in the database: newest blocks were taken away, or an old copy was put back.
    `head` is what was noted."""

    def __init__(self, head: Head) -> None:
        super().__init__(
            f"the database lacks block {head.number} of the audit chain, which the head file names"
        )
        self.head = head


class AuditBlockRow(Base):
    __tablename__ = "audit_block"
    __table_args__ = INSERT_ONLY

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sealed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    first_id: Mapped[int]
    last_id: Mapped[int]
    late: Mapped[list[int]] = mapped_column(JSON)
    rows: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    previous: Mapped[str] = mapped_column(String(64))
    resumes: Mapped[str] = mapped_column(String(80))
    mac: Mapped[str] = mapped_column(String(64))
    leaves: Mapped[bytes] = mapped_column(LargeBinary)
    gaps: Mapped[list[Gap]] = mapped_column(JSON)
    """Ids up to here that may still come. Not proven: a wrong one makes a row that no block has, which
    verifying finds."""


def key_of(settings: Settings) -> bytes:
    """The chain's key: from the settings, else the installation's own file. Raises SetupError."""
    given = settings.audit_key.get_secret_value().strip()
    try:
        given = given or load_or_create(settings, _SECRET)
    except OSError as error:
        raise SetupError("there is no key for the audit chain here: set TONGDAI_AUDIT_KEY") from error
    if len(given) < 32:
        raise SetupError("TONGDAI_AUDIT_KEY: at least 32 characters (`tongdai audit new-key`)")
    return given.encode()


def noted_head(settings: Settings) -> Head | None:
    """The newest block that was sealed from here. Raises SetupError for a file that is damaged."""
    try:
        number, hash = _head_file(settings).read_text("ascii").split()
        return Head(int(number), hash)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise SetupError(f"{_head_file(settings)} cannot be read: put it back from a backup") from error


def note_head(settings: Settings, head: Head) -> None:
    file = _head_file(settings)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = file.with_suffix(".new")
    write_private(draft, f"{head.number} {head.hash}\n")
    draft.replace(file)


def _head_file(settings: Settings) -> Path:
    return settings.data / "audit" / "head"


def seal(
    key: bytes,
    head: Head | None,
    note: Callable[[Head], None],
    *,
    of: Engine | None = None,
    clock: Callable[[], datetime] = utc_now,
    settle: Callable[[float], None] = time.sleep,
    resume: bool = False,
) -> int:
    """Take every row that is committed by now into the chain; how many rows there were.

    Raises ChainCut, unless told to `resume`: then the next block says what it lacks.
    """
    used = of or engine()
    with reading(used) as session:
        top = session.scalar(select(func.max(AuditRow.id))) or 0
    if used.dialect.name == "postgresql":
        settle(_SETTLE_SECONDS)
    taken = 0
    while True:
        with transaction(used) as session:
            if used.dialect.name == "postgresql":
                session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            lost = _cut(session, head)
            if lost is not None and not resume:
                raise ChainCut(lost)
            made = _next_block(session, top, key, clock(), lost, whole=resume)
        if made is None:
            return taken
        head, resume = Head(made.number, made.hash), False
        note(head)
        taken += made.rows
        _log.info("audit_sealed", seq=made.number, id=made.hash, count=made.rows)


def _cut(session: Session, head: Head | None) -> Head | None:
    """The noted head, when the database does not have it."""
    if head is None:
        return None
    row = session.get(AuditBlockRow, head.number)
    return None if row is not None and block_of(row).hash == head.hash else head


def _next_block(
    session: Session, top: int, key: bytes, now: datetime, lost: Head | None, *, whole: bool
) -> Block | None:
    """One more block of at most BLOCK_ROWS rows; None when there is nothing to seal."""
    before = session.scalars(
        select(AuditBlockRow).order_by(AuditBlockRow.number.desc()).limit(1)
    ).first()
    first = before.last_id + 1 if before else 1
    gaps = [_gap(gap) for gap in before.gaps] if before else []
    late = _rows_in(session, gaps)
    fresh = _rows(session, between(AuditRow.id, first, top), BLOCK_ROWS)
    if not (late or fresh or (whole and lost)):
        return None
    last = top if len(fresh) < BLOCK_ROWS else fresh[-1].id
    last = max(last, first - 1)
    members = [(row.id, row_hash(row)) for row in (*fresh, *late)]
    block = Block(
        number=before.number + 1 if before else 1,
        sealed_at=now,
        first_id=first,
        last_id=last,
        late=tuple(row.id for row in late),
        rows=len(members),
        digest=digest(hash for _, hash in members),
        previous=block_of(before).hash if before else NOTHING,
        resumes=f"{lost.number}:{lost.hash}" if lost else "",
    )
    left = still_open(gaps, block.late, now - _PATIENCE)
    left += holes([row.id for row in fresh], first, last, now)
    session.add(
        AuditBlockRow(
            number=block.number,
            sealed_at=block.sealed_at,
            first_id=block.first_id,
            last_id=block.last_id,
            late=list(block.late),
            rows=block.rows,
            digest=block.digest,
            previous=block.previous,
            resumes=block.resumes,
            mac=mac(block.hash, key),
            leaves=leaves(members),
            gaps=left,
        )
    )
    return block


def _gap(kept: Sequence[int]) -> Gap:
    first, last, noticed = kept
    return first, last, noticed


def _rows_in(session: Session, gaps: Sequence[Gap]) -> list[Row]:
    found: list[Row] = []
    for start in range(0, len(gaps), _GAPS_AT_ONCE):
        stretches = [between(AuditRow.id, a, b) for a, b, _ in gaps[start : start + _GAPS_AT_ONCE]]
        found += _rows(session, or_(*stretches), BLOCK_ROWS - len(found))
    return found


def _rows(session: Session, where: object, limit: int) -> list[Row]:
    query = select(*ROW_COLUMNS).where(where).order_by(AuditRow.id).limit(limit)  # type: ignore[arg-type]
    return [row_of(row) for row in session.execute(query)]


ROW_COLUMNS = (
    AuditRow.id,
    AuditRow.at,
    AuditRow.staff_id,
    AuditRow.login,
    AuditRow.name,
    AuditRow.role,
    AuditRow.act,
    AuditRow.object_kind,
    AuditRow.object_id,
    AuditRow.detail,
)
"""In the order of `hotline.audit_chain.Row`."""


def row_of(found: Any) -> Row:
    """What a query for ROW_COLUMNS found."""
    return Row(*found)


def block_of(row: AuditBlockRow) -> Block:
    return Block(
        number=row.number,
        sealed_at=row.sealed_at,
        first_id=row.first_id,
        last_id=row.last_id,
        late=tuple(row.late),
        rows=row.rows,
        digest=row.digest,
        previous=row.previous,
        resumes=row.resumes,
    )
