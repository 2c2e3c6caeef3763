"""What is said in therapy: sealed, read by the child's therapist and the unit's head alone, audited.

Neither the case's owner nor a lead nor an administrator reads it, and a dump of the database shows
nothing of it. Nothing is written over: a correction is a note of its own that supersedes another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, undefer

from hotline import audit, staff
from hotline.access import Action, Scope, Viewer, scope
from hotline.errors import Conflict, FieldErrors, HotlineError, NotVisible
from hotline.ids import StaffId
from hotline.sealed import KeyRing, sealed_bytes, unseal
from hotline.sealed_rows import SealedTable
from hotline.staff import StaffView
from intake.forms.forms import tidy
from intake.tables.therapy import TherapyMeetingRow, TherapyNoteRow, TherapyReferralRow
from intake.therapy.therapy_rules import Held

LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Note:
    """`text`: None when it does not open with the keys that are here. `before`: what it said earlier,
    the newest first, when it is a correction."""

    id: int
    text: str | None
    who: StaffView
    at: datetime
    before: tuple["Note", ...] = ()


def _meeting(session: Session, viewer: Viewer, meeting_id: int) -> TherapyMeetingRow:
    """Through the gate of what is said: the child's therapist of today, and the unit's head. Raises
    NotVisible."""
    row, referral = TherapyMeetingRow, TherapyReferralRow
    query = (
        select(row)
        .join(referral, referral.id == row.referral_id)
        .where(row.id == meeting_id, referral.erased_at.is_(None))
    )
    match scope(viewer, Action.TREAT):
        case Scope.ALL:
            found = session.scalar(query)
        case Scope.OWN:
            found = session.scalar(query.where(referral.therapist_id == viewer.staff_id))
        case _:
            found = None
    if found is None:
        raise NotVisible("therapy note")
    return found


def notes(
    session: Session, viewer: Viewer, meeting_id: int, ring: KeyRing, now: datetime
) -> Sequence[Note]:
    """As they hold now, the oldest first; audited. Raises NotVisible."""
    meeting = _meeting(session, viewer, meeting_id)
    audit.note(session, viewer, audit.Act.SEE, "therapy_note", meeting.id, now)
    rows = session.scalars(
        select(TherapyNoteRow)
        .where(TherapyNoteRow.meeting_id == meeting.id)
        .order_by(TherapyNoteRow.id)
        .options(undefer(TherapyNoteRow.sealed))
    ).all()
    people = staff.some(session, {StaffId(row.written_by) for row in rows})
    opened = {
        row.id: Note(row.id, _opened(row, ring), people[StaffId(row.written_by)], row.written_at)
        for row in rows
    }
    corrects = {row.id: row.corrects_id for row in rows}
    superseded = set(corrects.values())
    return [_with_before(opened, corrects, row.id) for row in rows if row.id not in superseded]


def _opened(row: TherapyNoteRow, ring: KeyRing) -> str | None:
    try:
        return unseal(row.sealed, ring, _sealed_name(row.word)).decode()
    except HotlineError:
        return None


def _with_before(opened: dict[int, Note], corrects: dict[int, int | None], note_id: int) -> Note:
    newest, before = opened[note_id], []
    earlier = corrects[note_id]
    while earlier is not None:
        before.append(opened[earlier])
        earlier = corrects[earlier]
    return Note(newest.id, newest.text, newest.who, newest.at, tuple(before))


def write(
    session: Session,
    viewer: Viewer,
    meeting_id: int,
    typed: str,
    word: str,
    ring: KeyRing,
    now: datetime,
    corrects: int | None = None,
) -> None:
    """Put it to a meeting that was held, or in the place of the note `corrects`. Sent twice it is one.

    Raises NotVisible, FieldErrors (`note`), Conflict (`not_held`, and `corrected`: somebody was faster).
    """
    meeting = _meeting(session, viewer, meeting_id)
    _hold_fast(session, meeting.referral_id)
    row = TherapyNoteRow
    if session.scalar(select(row.id).where(row.word == word)) is not None:
        return
    if meeting.state != Held.HELD:
        raise Conflict("not_held")
    if corrects is not None:
        there = session.get(row, corrects)
        if there is None or there.meeting_id != meeting.id:
            raise NotVisible("therapy note")
        if session.scalar(select(exists().where(row.corrects_id == corrects))):
            raise Conflict("corrected")
    text = tidy(typed).strip()
    if not text or len(text) > LONGEST:
        raise FieldErrors({"note": "too_long" if text else "missing"})
    session.add(
        row(
            meeting_id=meeting.id,
            word=word,
            written_by=viewer.staff_id,
            written_at=now,
            corrects_id=corrects,
            key_id=ring[0].id,
            sealed=sealed_bytes(text.encode(), ring, _sealed_name(word)),
        )
    )
    audit.note(session, viewer, audit.Act.CHANGE, "therapy_note", meeting.id, now)
    session.flush()


def _hold_fast(session: Session, referral_id: int) -> None:
    """What is kept of the treatment is not deleted before this is written, nor this written afterwards.
    Raises NotVisible."""
    row = TherapyReferralRow
    query = select(row.id).where(row.id == referral_id, row.erased_at.is_(None))
    if session.scalar(query.with_for_update(read=True)) is None:
        raise NotVisible("therapy note")


def _sealed_name(word: str) -> str:
    return f"therapy/{word}"


SEALED = SealedTable(
    TherapyNoteRow,
    select(TherapyNoteRow.id, TherapyNoteRow.word).order_by(TherapyNoteRow.id),
    lambda _, word: _sealed_name(word),
)
