"""What people write into the timeline of a case: notes, visits, decisions, and what corrects them.

Nothing is written over: a correction is an entry of its own that supersedes the one it names, and both
stay. When it happened is told apart from when it was entered.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from hotline import audit
from hotline.access import Viewer
from hotline.errors import Conflict, FieldErrors, NotVisible
from hotline.ids import CaseId
from intake.cases import case_rows, flow
from intake.cases.flow import Question
from intake.forms.forms import tidy
from intake.tables.cases import CaseEventRow, CaseRow

LONGEST = 20_000
ASKED: Mapping[str, tuple[Question, ...]] = {
    "note": (),
    "visit": (
        Question("visited_by"),
        Question("visit_place"),
        Question("seen", required=False),
        Question("alone", ("alone", "not_alone", "not_seen")),
    ),
    "decision": (Question("decided_by"), Question("number", required=False)),
}
"""Kind of entry → what it asks besides its text. Whether the child was seen alone decides what its words
can be taken for (Mẫu 03: the child's own view)."""


def add(
    session: Session,
    viewer: Viewer,
    case_id: CaseId,
    kind: str,
    answers: Mapping[str, str],
    text: str,
    now: datetime,
    happened_at: datetime | None = None,
) -> None:
    """Write it. Raises NotVisible, FieldErrors."""
    row = case_rows.writable(session, viewer, case_id)
    if kind not in ASKED:
        raise NotVisible("kind")
    cleaned, written = _read(kind, answers, text, now, happened_at)
    case_rows.append(
        session, viewer, row, kind, now, answers=cleaned, words=written, happened_at=happened_at
    )
    audit.note(session, viewer, audit.Act.CHANGE, "case", row.id, now, kind)


def correct(
    session: Session,
    viewer: Viewer,
    case_id: CaseId,
    event_id: int,
    answers: Mapping[str, str],
    text: str,
    now: datetime,
    happened_at: datetime | None = None,
) -> None:
    """Supersede an entry by a new one; without `happened_at` it happened when that one did.

    Raises NotVisible, FieldErrors, and Conflict (`corrected`) when somebody else has corrected it.
    """
    row = case_rows.writable(session, viewer, case_id)
    before = _written(session, row, event_id)
    when = happened_at or before.happened_at
    cleaned, written = _read(before.kind, answers, text, now, when)
    if session.scalar(select(exists().where(CaseEventRow.corrects_id == event_id))):
        raise Conflict("corrected")
    case_rows.append(
        session,
        viewer,
        row,
        before.kind,
        now,
        answers=cleaned,
        words=written,
        happened_at=when,
        corrects=event_id,
    )
    audit.note(session, viewer, audit.Act.CHANGE, "case", row.id, now, f"correct {event_id}")


def to_correct(session: Session, viewer: Viewer, case_id: CaseId, event_id: int) -> CaseEventRow:
    """The entry as it stands. Raises NotVisible."""
    return _written(session, case_rows.writable(session, viewer, case_id), event_id)


def _written(session: Session, row: CaseRow, event_id: int) -> CaseEventRow:
    found = session.get(CaseEventRow, event_id)
    if found is None or found.case_id != row.id or found.kind not in ASKED:
        raise NotVisible("entry")
    return found


def _read(
    kind: str, answers: Mapping[str, str], text: str, now: datetime, happened_at: datetime | None
) -> tuple[dict[str, str], str]:
    wrong: dict[str, str] = {}
    cleaned: dict[str, str] = {}
    try:
        cleaned = flow.cleaned(ASKED[kind], answers)
    except FieldErrors as errors:
        wrong |= errors.fields
    written = tidy(text).strip()
    if not written or len(written) > LONGEST:
        wrong["text"] = "too_long" if written else "missing"
    if happened_at is not None and happened_at > now:
        wrong["happened_at"] = "not_a_time"
    if wrong:
        raise FieldErrors(wrong)
    return cleaned, written
