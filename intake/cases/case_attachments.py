"""Files of a case: judged by content as those of reports are, sealed, given out by right and on record.

They are kept in SQL: the file and the entry that tells of it are there together or not at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import uuid4

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from hotline import audit, broken_glass
from hotline.access import Action, Viewer
from hotline.errors import FieldErrors, NotVisible
from hotline.ids import CaseId
from hotline.sealed import KeyRing, sealed_bytes, unseal
from hotline.sealed_rows import SealedTable
from intake.cases import case_rows, file_purposes
from intake.cases.case_entries import LONGEST
from intake.forms.forms import tidy
from intake.reports import attachment_names, attachments
from intake.reports.attachments import LARGEST, MOST, File, Refused
from intake.tables.case_files import CaseAttachmentRow
from intake.tables.cases import CaseRow
from intake.visibility import readable_case

LARGEST_REQUEST = MOST * LARGEST
"""Bytes that one request's files may have."""
PICTURES = frozenset({"image/jpeg", "image/png", "image/webp"})
"""What every browser shows."""


def _sealed_name(word: str) -> str:
    return f"case/{word}"


SEALED = SealedTable(
    CaseAttachmentRow,
    select(CaseAttachmentRow.id, CaseAttachmentRow.word).order_by(CaseAttachmentRow.id),
    lambda _, word: _sealed_name(word),
)


@dataclass(frozen=True, slots=True)
class CaseFile:
    id: int
    name: str
    kind: str
    size: int


def add(
    session: Session,
    viewer: Viewer,
    case_id: CaseId,
    files: Sequence[tuple[str, bytes]],
    text: str,
    ring: KeyRing,
    now: datetime,
    word: str = "",
) -> dict[str, Refused]:
    """Keep what can be taken in, each with its entry on the timeline; returned are the others,
    by name, and why. A page that is not sure sends the same under the same `word`: a file is kept once.
    Raises NotVisible, FieldErrors (`files`, `text`)."""
    row = case_rows.writable(session, viewer, case_id)
    written = tidy(text).strip()
    if len(written) > LONGEST:
        raise FieldErrors({"text": "too_long"})
    if not files:
        raise FieldErrors({"files": "missing"})
    refused: dict[str, Refused] = {}
    for (name, _), judged in zip(files, attachments.judge([each for _, each in files]), strict=True):
        if judged.refused is not None:
            shown = tidy(name).replace("\n", " ")[:120] or str(judged.position)
            refused[shown] = judged.refused
            continue
        known = _known_by(row, word, name, judged.content)
        if known and session.scalar(_WITH_WORD, {"word": known}) is not None:
            continue
        called = attachment_names.cleaned(name, judged.kind, f"{row.number}-{judged.position}")
        known = known or uuid4().hex
        _store(session, viewer, row, known, called, judged.kind, judged.content, written, ring, now)
    return refused


_WITH_WORD = select(CaseAttachmentRow.id).where(CaseAttachmentRow.word == bindparam("word"))


def _known_by(row: CaseRow, word: str, name: str, content: bytes) -> str:
    """The word of a file that was sent under a page's word; empty without one. Another file, or the same
    for another case, is another."""
    told = f"{row.id}:{word}:{name}:".encode()
    return sha256(told + content).hexdigest()[:32] if word else ""


def _store(
    session: Session,
    viewer: Viewer,
    row: CaseRow,
    word: str,
    name: str,
    kind: str,
    content: bytes,
    text: str,
    ring: KeyRing,
    now: datetime,
) -> None:
    file = CaseAttachmentRow(
        case_id=row.id,
        word=word,
        name=name,
        kind=kind,
        size=len(content),
        added_by=viewer.staff_id,
        added_at=now,
        key_id=ring[0].id,
        sealed=sealed_bytes(content, ring, _sealed_name(word)),
    )
    session.add(file)
    session.flush()
    answers = {"name": name, "kind": kind, "size": str(len(content))}
    case_rows.append(session, viewer, row, "file", now, code=str(file.id), answers=answers, words=text)
    audit.note(session, viewer, audit.Act.CREATE, "case_file", file.id, now, f"case {row.id}")


def of_case(session: Session, viewer: Viewer, case_id: CaseId) -> Sequence[CaseFile]:
    """The newest first, without what is in them."""
    file = CaseAttachmentRow
    rows = session.execute(
        select(file.id, file.name, file.kind, file.size)
        .where(file.case_id == case_id, readable_case(viewer, case_id))
        .order_by(file.id.desc())
    )
    return [CaseFile(*row) for row in rows]


def fetch(
    session: Session,
    viewer: Viewer,
    case_id: CaseId,
    file_id: int,
    ring: KeyRing,
    now: datetime,
    out_since: datetime | None = None,
) -> File:
    """One file, open, for whoever may read the case. Audited. `out_since`: it is taken out, by somebody
    who logged in then; None: it is looked at.

    Raises NotVisible, SealBroken, KeyUnknown, PurposeNeeded.
    """
    found = session.execute(
        select(CaseAttachmentRow, CaseAttachmentRow.sealed).where(
            CaseAttachmentRow.id == file_id,
            CaseAttachmentRow.case_id == case_id,
            readable_case(viewer, case_id),
        )
    ).one_or_none()
    if found is None:
        raise NotVisible("file")
    row, content = found
    plain = unseal(content, ring, _sealed_name(row.word))
    through = broken_glass.said(viewer, Action.READ_CASE, case_id)
    if out_since is not None and not through:
        through = file_purposes.said(session, viewer, case_id, out_since)
    seen = f"case {case_id} {through}".strip()
    audit.note(session, viewer, audit.Act.SEE, "case_file", file_id, now, seen)
    return File(row.name, row.kind, plain)
