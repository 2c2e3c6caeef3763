"""Files that came with reports: judged by their content, sealed, given out to whom may read the record.

They are kept in SQL: a report is accepted whole in one transaction, whichever web server took it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from io import BytesIO

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from hotline import audit, db
from hotline.access import Action, Viewer
from hotline.errors import HotlineError, NotVisible
from hotline.sealed import HEADER_BYTES, KeyRing, rewrapped, seal, unseal
from intake.attachment_kinds import ENDINGS, kind_of
from intake.report_tables import ReportAttachmentRow, ReportRow
from intake.tables import RecordRow
from intake.visibility import reachable_records

MOST = 5
LARGEST = 5 * 1024 * 1024
"""Bytes of one file."""


class Refused(StrEnum):
    """Why a file was not taken in. The report itself always is."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"
    TYPE_NOT_ALLOWED = "type_not_allowed"


@dataclass(frozen=True, slots=True)
class Judged:
    """One file: what kind it is by content, or why it is refused. `position`: from 1."""

    position: int
    content: bytes
    kind: str
    refused: Refused | None


@dataclass(frozen=True, slots=True)
class Attachment:
    """What is shown of a file before it is fetched."""

    position: int
    kind: str
    size: int


@dataclass(frozen=True, slots=True)
class File:
    """One file, open. `name` tells its report and place, nothing else."""

    name: str
    kind: str
    content: bytes


def judge(files: Sequence[bytes]) -> Sequence[Judged]:
    """Each by its first bytes, whatever its sender called it."""
    return [_judged(position, content) for position, content in enumerate(files, 1)]


def _judged(position: int, content: bytes) -> Judged:
    kind = kind_of(content)
    refused = None
    if position > MOST:
        refused = Refused.TOO_MANY
    elif not content:
        refused = Refused.EMPTY
    elif len(content) > LARGEST:
        refused = Refused.TOO_LARGE
    elif kind is None:
        refused = Refused.TYPE_NOT_ALLOWED
    return Judged(position, content, kind or "", refused)


def sealed(reference: str, judged: Judged, ring: KeyRing) -> ReportAttachmentRow:
    """The row of an accepted file, all but the report's id."""
    target = BytesIO()
    seal(judged.content, target, ring, _sealed_name(reference, judged.position))
    return ReportAttachmentRow(
        position=judged.position,
        kind=judged.kind,
        size=len(judged.content),
        key_id=ring[0].id,
        sealed=target.getvalue(),
    )


def _sealed_name(reference: str, position: int) -> str:
    return f"report/{reference}/{position}"


def fetch(
    session: Session, viewer: Viewer, report_id: int, position: int, ring: KeyRing, now: datetime
) -> File:
    """One file of a report that somebody has taken: for whoever may read its record. Audited.

    Raises NotVisible, SealBroken, KeyUnknown.
    """
    found = session.execute(
        select(ReportAttachmentRow, ReportAttachmentRow.sealed, ReportRow.reference)
        .join(ReportRow, ReportRow.id == ReportAttachmentRow.report_id)
        .join(RecordRow, RecordRow.id == ReportRow.record_id)
        .where(
            ReportAttachmentRow.report_id == report_id,
            ReportAttachmentRow.position == position,
            reachable_records(viewer, Action.READ_RECORD),
        )
    ).one_or_none()
    if found is None:
        raise NotVisible("attachment")
    row, content, reference = found
    plain = unseal(content, ring, _sealed_name(reference, position))
    audit.note(session, viewer, audit.Act.SEE, "report", report_id, now, f"attachment {position}")
    return File(f"{reference}-{position}.{ENDINGS[row.kind]}", row.kind, plain)


def of_reports(session: Session, ids: Sequence[int]) -> dict[int, list[Attachment]]:
    """Report id → its files, in one statement."""
    rows = session.scalars(
        select(ReportAttachmentRow)
        .where(ReportAttachmentRow.report_id.in_(ids))
        .order_by(ReportAttachmentRow.report_id, ReportAttachmentRow.position)
    )
    found: dict[int, list[Attachment]] = {}
    for row in rows:
        found.setdefault(row.report_id, []).append(Attachment(row.position, row.kind, row.size))
    return found


def rekey(engine: Engine | None, ring: KeyRing) -> tuple[int, dict[str, str]]:
    """Rewrap every data key that is not under the newest key: how many, and name → what was wrong."""
    done, failed = 0, {}
    for row_id, name in _all(engine, not_with=ring[0].id):
        try:
            with db.transaction(engine) as session:
                row = session.get_one(ReportAttachmentRow, row_id, with_for_update=True)
                row.sealed = rewrapped(row.sealed[:HEADER_BYTES], ring, name) + row.sealed[HEADER_BYTES:]
                row.key_id = ring[0].id
        except HotlineError as error:
            failed[name] = str(error)
            continue
        done += 1
    return done, failed


def check(engine: Engine | None, ring: KeyRing) -> tuple[int, dict[str, str]]:
    """Open every file: how many are whole, and name → what is wrong with the others."""
    whole, failed = 0, {}
    for row_id, name in _all(engine):
        with db.reading(engine) as session:
            content = session.get_one(ReportAttachmentRow, row_id).sealed
        try:
            unseal(content, ring, name)
        except HotlineError as error:
            failed[name] = str(error)
            continue
        whole += 1
    return whole, failed


def _all(engine: Engine | None, not_with: str | None = None) -> Iterator[tuple[int, str]]:
    """(row id, the name it is sealed for) of every file."""
    query = select(ReportAttachmentRow.id, ReportRow.reference, ReportAttachmentRow.position).join(
        ReportRow, ReportRow.id == ReportAttachmentRow.report_id
    )
    if not_with is not None:
        query = query.where(ReportAttachmentRow.key_id != not_with)
    with db.reading(engine) as session:
        rows = session.execute(query.order_by(ReportAttachmentRow.id)).all()
    for row_id, reference, position in rows:
        yield row_id, _sealed_name(reference, position)
