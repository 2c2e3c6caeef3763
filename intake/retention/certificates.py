"""Certificates of deletion: what was deleted, when and by which rule, each bound to the one before.

Ids alone. The database refuses to change or delete one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline import audit
from intake.retention.retention_rules import Rule, digest
from intake.tables.retention import DeletionRow


@dataclass(frozen=True, slots=True)
class Certificate:
    """`whole`: neither it nor the one before it was changed. `files`: recordings whose files went."""

    id: int
    at: datetime
    kind: str
    rule: str
    before: datetime
    ids: Sequence[str]
    files: int
    digest: str
    whole: bool


def write(session: Session, rule: Rule, ids: Sequence[str], files: int, now: datetime) -> int:
    """In the transaction that deletes; gives its number."""
    last = session.scalar(select(DeletionRow.digest).order_by(DeletionRow.id.desc()).limit(1))
    before = rule.before(now)
    row = DeletionRow(
        at=now,
        kind=rule.kept,
        rule=rule.said,
        before=before,
        ids=list(ids),
        files=files,
        digest=digest(last or "", now, rule.kept, rule.said, before, ids, files),
    )
    session.add(row)
    session.flush()
    detail = f"{rule.kept} {len(ids)}"
    audit.note(session, None, audit.Act.CREATE, "deletion", row.id, now, detail)
    return row.id


def everything(session: Session) -> Iterator[Certificate]:
    """The oldest first, each looked at again."""
    previous = ""
    for row in session.scalars(select(DeletionRow).order_by(DeletionRow.id)):
        known = digest(previous, row.at, row.kind, row.rule, row.before, row.ids, row.files)
        yield Certificate(
            row.id,
            row.at,
            row.kind,
            row.rule,
            row.before,
            row.ids,
            row.files,
            row.digest,
            known == row.digest,
        )
        previous = row.digest
