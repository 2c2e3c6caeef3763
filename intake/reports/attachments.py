"""Files that came with reports: judged by their content, sealed, given out to whom may read the record.
Those of cases (`intake.cases.case_attachments`) are judged here too.

They are kept in SQL: a report is accepted whole in one transaction, whichever web server took it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline import audit
from hotline.access import Action, Viewer
from hotline.errors import NotVisible
from hotline.sealed import KeyRing, sealed_bytes, unseal
from hotline.sealed_rows import SealedTable
from intake.reports.attachment_kinds import ENDINGS, kind_of
from intake.tables.records import RecordRow
from intake.tables.reports import ReportAttachmentRow, ReportRow
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
    """One file, open. `name` tells what it belongs to and its place there, nothing that was told."""

    name: str
    kind: str
    content: bytes


def judge(files: Sequence[bytes]) -> Sequence[Judged]:
    """Each by its first bytes, whatever its sender called it."""
    return [
        Judged(position, content, *judged(content, is_one_too_many=position > MOST))
        for position, content in enumerate(files, 1)
    ]


def judged(
    content: bytes, *, is_one_too_many: bool, largest: int = LARGEST
) -> tuple[str, Refused | None]:
    """Its kind, empty when it has none of ours, and why it is refused."""
    kind = kind_of(content)
    refused = None
    if is_one_too_many:
        refused = Refused.TOO_MANY
    elif not content:
        refused = Refused.EMPTY
    elif len(content) > largest:
        refused = Refused.TOO_LARGE
    elif kind is None:
        refused = Refused.TYPE_NOT_ALLOWED
    return kind or "", refused


def sealed(reference: str, judged: Judged, ring: KeyRing) -> ReportAttachmentRow:
    """The row of an accepted file, all but the report's id."""
    return ReportAttachmentRow(
        position=judged.position,
        kind=judged.kind,
        size=len(judged.content),
        key_id=ring[0].id,
        sealed=sealed_bytes(judged.content, ring, _sealed_name(reference, judged.position)),
    )


def _sealed_name(reference: str, position: int) -> str:
    return f"report/{reference}/{position}"


SEALED = SealedTable(
    ReportAttachmentRow,
    select(ReportAttachmentRow.id, ReportRow.reference, ReportAttachmentRow.position)
    .join(ReportRow, ReportRow.id == ReportAttachmentRow.report_id)
    .order_by(ReportAttachmentRow.id),
    lambda _, reference, position: _sealed_name(reference, position),
)


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
