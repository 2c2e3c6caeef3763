"""Pictures and documents from the field: judged by their content, sealed, for who may read the case.

They are kept in SQL like the files of reports (`intake.reports.attachments`), under the same keys.
"""

from datetime import datetime
from hashlib import sha256

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hotline import audit, broken_glass
from hotline.access import Action, Viewer
from hotline.errors import BadInput, Conflict, NotVisible
from hotline.sealed import KeyRing, sealed_bytes, unseal
from hotline.sealed_rows import SealedTable
from intake.handovers import case_handovers
from intake.handovers.handover_answers import By, Received, event_of, known
from intake.handovers.handover_states import State
from intake.reports.attachment_kinds import ENDINGS
from intake.reports.attachments import File, Refused, judged
from intake.tables.cases import CaseRow
from intake.tables.handovers import HandoverEventRow, HandoverPhotoRow, HandoverRow
from intake.visibility import readable_cases

LARGEST = 6 * 1024 * 1024
"""Bytes of one file."""
MOST = 20


def add(
    session: Session,
    row: Received,
    by: By,
    content: bytes,
    word: str,
    ring: KeyRing,
    now: datetime,
) -> None:
    """A picture, or a document, judged by its content and sealed. Sent again it is the same one. Raises
    BadInput (`empty`, `too_large`, `type_not_allowed`, `too_many`), Conflict."""
    if row.state != State.ACCEPTED:
        raise Conflict(f"the handover is {row.state}")
    word = _word(word, content)
    if known(session, row, word):
        return
    many = select(func.count()).where(HandoverPhotoRow.handover_id == row.id)
    is_one_too_many = session.scalars(many).one() >= MOST
    kind, refused = judged(content, is_one_too_many=is_one_too_many, largest=LARGEST)
    if refused is not None or kind.startswith("audio/"):
        raise BadInput(refused or Refused.TYPE_NOT_ALLOWED)
    event = event_of(row, by, "photo", now, word)
    session.add(event)
    session.flush()
    session.add(
        HandoverPhotoRow(
            handover_id=row.id,
            event_id=event.id,
            kind=kind,
            size=len(content),
            key_id=ring[0].id,
            sealed=sealed_bytes(content, ring, _name(row.reference, event.id)),
        )
    )
    audit.note(session, by.viewer, audit.Act.CREATE, "handover_photo", event.id, now)
    case_handovers.tell_case(session, row, by.staff_id, "photo", now, by=by.name)


def fetch(session: Session, viewer: Viewer, photo_id: int, ring: KeyRing, now: datetime) -> File:
    """One picture, for who may read its case. Audited. Raises NotVisible, SealBroken, KeyUnknown."""
    found = session.execute(
        select(HandoverPhotoRow, HandoverPhotoRow.sealed, HandoverRow, HandoverEventRow)
        .join(HandoverRow, HandoverRow.id == HandoverPhotoRow.handover_id)
        .join(HandoverEventRow, HandoverEventRow.id == HandoverPhotoRow.event_id)
        .join(CaseRow, CaseRow.id == HandoverRow.case_id)
        .where(HandoverPhotoRow.id == photo_id, readable_cases(viewer))
    ).one_or_none()
    if found is None:
        raise NotVisible("photo")
    kept, content, row, event = found
    plain = unseal(content, ring, _name(row.reference, event.id))
    through = broken_glass.said(viewer, Action.READ_CASE, row.case_id)
    audit.note(session, viewer, audit.Act.SEE, "handover_photo", event.id, now, through)
    return File(f"{row.reference}-{event.id}.{ENDINGS[kept.kind]}", kept.kind, plain)


def _word(word: str, content: bytes) -> str:
    """The page's word and what came under it: another file under the same word is another file."""
    return sha256(word.encode() + b":" + content).hexdigest()[:40] if word else ""


def _name(reference: str, event_id: int) -> str:
    """What a file is sealed for."""
    return f"handover/{reference}/{event_id}"


SEALED = SealedTable(
    HandoverPhotoRow,
    select(HandoverPhotoRow.id, HandoverRow.reference, HandoverPhotoRow.event_id)
    .join(HandoverRow, HandoverRow.id == HandoverPhotoRow.handover_id)
    .order_by(HandoverPhotoRow.id),
    lambda _, reference, event_id: _name(reference, event_id),
)
