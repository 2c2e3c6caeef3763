"""The files of documents: what the worker needs to make one, what it made (sealed), who may have it.

They are kept in SQL, as files that came with reports are: with their row or not at all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline import audit, made_up, staff
from hotline.access import Action, Viewer
from hotline.errors import Conflict, NotVisible
from hotline.ids import CaseId
from hotline.sealed import KeyRing, sealed_bytes, unseal
from hotline.sealed_rows import SealedTable
from hotline.staff import Center
from intake.cases import file_purposes
from intake.documents import documents, filled_forms, statutory_forms
from intake.documents.documents import Level, Setting, State
from intake.documents.statutory_forms import INFORMANT, consent_gone
from intake.documents.statutory_shapes import StatutoryForm
from intake.reports.attachments import File
from intake.tables.cases import CaseRow
from intake.tables.documents import DocumentFileRow, DocumentRow, FilledFormRow

KINDS: Mapping[str, str] = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
"""Ending → media type."""


@dataclass(frozen=True, slots=True)
class Order:
    """Everything that is printed."""

    form: StatutoryForm
    values: Mapping[str, str]
    setting: Setting
    symbol: str
    case_number: str
    center: Center
    ordered_at: datetime
    made_up: bool = False
    """It is about nobody (`hotline.made_up`)."""


def to_make(session: Session, document_id: int) -> Order | None:
    """What is to be made; None when it is made already, or failed."""
    row = session.get(DocumentRow, document_id)
    if row is None or row.state != State.QUEUED:
        return None
    form = session.get_one(FilledFormRow, row.form_id)
    setting = dict(row.setting)
    return Order(
        form=statutory_forms.by_version(form.code, form.version),
        values=_to_print(row, form),
        setting=Setting(level=Level(setting.pop("level")), **setting),
        symbol=row.symbol,
        case_number=session.get_one(CaseRow, row.case_id).number,
        center=next(one for one in staff.centers(session) if one.id == row.center_id),
        ordered_at=row.ordered_at,
        made_up=bool(made_up.years(session)),
    )


def _to_print(row: DocumentRow, form: FilledFormRow) -> Mapping[str, str]:
    """Consent may have been withdrawn since it was ordered."""
    if consent_gone(row.fields, form.fields):
        return {name: text for name, text in row.fields.items() if name not in INFORMANT}
    return dict(row.fields)


def keep(
    session: Session, document_id: int, files: Mapping[str, bytes], ring: KeyRing, now: datetime
) -> None:
    """What was made, by kind. A second worker's comes too late and is dropped."""
    row = session.get_one(DocumentRow, document_id, with_for_update=True)
    if row.state != State.QUEUED:
        return
    for kind, content in files.items():
        session.add(
            DocumentFileRow(
                document_id=document_id,
                kind=kind,
                size=len(content),
                sha256=sha256(content).hexdigest(),
                key_id=ring[0].id,
                sealed=sealed_bytes(content, ring, _sealed_name(document_id, kind)),
            )
        )
    row.state, row.made_at = State.READY, now


def failed(session: Session, document_id: int, reason: str, now: datetime) -> None:
    """It could not be made. `reason`: a stable code."""
    row = session.get_one(DocumentRow, document_id, with_for_update=True)
    if row.state == State.QUEUED:
        row.state, row.reason, row.made_at = State.FAILED, reason, now


def still_queued(session: Session, before: datetime) -> Sequence[int]:
    """Ordered before then and neither made nor failed: their job was lost."""
    query = select(DocumentRow.id).where(
        DocumentRow.state == State.QUEUED, DocumentRow.ordered_at < before
    )
    return session.scalars(query.order_by(DocumentRow.ordered_at).limit(100)).all()


def fetch(
    session: Session,
    viewer: Viewer,
    document_id: int,
    kind: str,
    ring: KeyRing,
    now: datetime,
    out_since: datetime | None = None,
) -> File:
    """One file, for whoever may read its case. Audited. `out_since`: as `case_attachments.fetch` has it.

    Raises NotVisible, also where its level is too high for the viewer, SealBroken, KeyUnknown,
    PurposeNeeded, and Conflict for a document that was withdrawn, or whose informant has withdrawn
    consent.
    """
    found = session.execute(
        select(DocumentRow, FilledFormRow, DocumentFileRow.sealed)
        .join(DocumentFileRow, DocumentFileRow.document_id == DocumentRow.id)
        .join(FilledFormRow, FilledFormRow.id == DocumentRow.form_id)
        .where(DocumentRow.id == document_id, DocumentFileRow.kind == kind)
    ).one_or_none()
    if found is None:
        raise NotVisible("document")
    row, form, content = found
    case = filled_forms.standing_case(session, viewer, Action.READ_CASE, row.case_id)
    if not documents.within_reach(viewer, row, form.code, case):
        raise NotVisible("document")
    if row.withdrawn_at is not None or consent_gone(row.fields, form.fields):
        raise Conflict("the document was withdrawn")
    plain = unseal(content, ring, _sealed_name(row.id, kind))
    said = file_purposes.said(session, viewer, CaseId(row.case_id), out_since) if out_since else ""
    audit.note(session, viewer, audit.Act.SEE, "document", row.id, now, f"{kind} {said}".strip())
    return File(f"{case.number}-{form.code}-{row.id}.{kind}", KINDS[kind], plain)


def _sealed_name(document_id: int, kind: str) -> str:
    return f"document/{document_id}/{kind}"


SEALED = SealedTable(
    DocumentFileRow,
    select(DocumentFileRow.document_id, DocumentFileRow.kind).order_by(DocumentFileRow.document_id),
    _sealed_name,
    lambda row, content: sha256(content).hexdigest() == row.sha256,
)
