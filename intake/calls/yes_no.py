"""A caller who cannot speak: the counselor asks, the caller answers with the keys of their phone.

Owns the questions. Every key that is pressed in the midst of a talk is kept, asked for or not: a child
may press keys only to show that they are there. A key answers the last question asked before it.
Asterisk's event log has no keys: what is pressed while no switchboard listens is lost, and asked again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import BindParameter, ForeignKey, bindparam, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline import audit, bus, staff
from hotline.access import Viewer
from hotline.db import Base, UtcDateTime
from hotline.errors import BadInput, Conflict
from hotline.events import KeyPressed
from hotline.ids import CallId, StaffId
from hotline.sealed_columns import SealedText
from hotline.staff import StaffView
from intake.calls.call_sheets import Sheet
from intake.calls.live_calls import current_for
from intake.forms.forms import tidy
from intake.tables.calls import CALL_ID, KeyRow

YES, NO = "1", "2"
LONGEST = 200
"""Characters of a question."""
_MOST_KEYS = 500
"""Of one call; who plays on the keys for hours fills nobody's disk."""
_MOST_QUESTIONS = 200


class QuestionRow(Base):
    """One question a counselor asked. Append-only."""

    __tablename__ = "call_question"

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(CALL_ID, ForeignKey("call.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    text: Mapped[str] = mapped_column(SealedText("call_question.text"))


class Answer(StrEnum):
    YES = "yes"
    NO = "no"
    UNSURE = "unsure"
    """Another key, or both."""
    NONE = "none"
    """No key yet."""


@dataclass(frozen=True, slots=True)
class Question:
    """`text` is empty and `by` None for keys that nobody had asked for. `keys`: in order."""

    at: datetime
    text: str
    by: StaffView | None
    keys: tuple[str, ...]

    @property
    def answer(self) -> Answer:
        if not self.keys:
            return Answer.NONE
        return {YES: Answer.YES, NO: Answer.NO}.get("".join(set(self.keys)), Answer.UNSURE)


def press(sheet: Sheet, event: KeyPressed) -> bool:
    """Fold a key in; False when it is known already or there are too many."""
    keys = sheet.round.rows(KeyRow, sheet.call.id)
    if len(keys) >= _MOST_KEYS or any(key.at == event.at for key in keys):
        return False
    sheet.add(KeyRow(call_id=sheet.call.id, at=event.at, key=event.key[:1]))
    return True


def ask(
    session: Session, viewer: Viewer, call_id: CallId, text: str, now: datetime
) -> Sequence[bus.Signal]:
    """Keep what the counselor asks in the talk at their phone. Raises Conflict when they are in no such
    talk, BadInput for a question that is empty, too long, or one of too many."""
    question = " ".join(tidy(text).split())
    here = current_for(session, viewer)
    talking = {who.id for who in here.talking} if here is not None and here.call_id == call_id else ()
    if viewer.staff_id not in talking:
        raise Conflict("not in this talk")
    asked = select(func.count()).select_from(QuestionRow).where(QuestionRow.call_id == call_id)
    if not 0 < len(question) <= LONGEST or (session.scalar(asked) or 0) >= _MOST_QUESTIONS:
        raise BadInput("question")
    session.add(QuestionRow(call_id=call_id, at=now, staff_id=viewer.staff_id, text=question))
    session.flush()
    audit.note(session, viewer, audit.Act.CHANGE, "call", call_id, now, "question")
    return [bus.Signal(bus.desk(viewer.staff_id), "question", call_id)]


_CALL: BindParameter[str] = bindparam("call")
_KEYS = select(KeyRow.at, KeyRow.key).where(KeyRow.call_id == _CALL).order_by(KeyRow.at)
_QUESTIONS = (
    select(QuestionRow).where(QuestionRow.call_id == _CALL).order_by(QuestionRow.at, QuestionRow.id)
)


def told(session: Session, call_id: CallId) -> tuple[Question, ...]:
    """What was asked and answered in this call, in order, for a viewer of its record or call."""
    keys = session.execute(_KEYS, {"call": call_id}).all()
    rows = session.scalars(_QUESTIONS, {"call": call_id}).all()
    people = staff.some(session, {StaffId(row.staff_id) for row in rows}) if rows else {}
    begins = [row.at for row in rows]
    found: list[Question] = []
    if early := [(at, key) for at, key in keys if not begins or at < begins[0]]:
        found.append(Question(early[0][0], "", None, tuple(key for _, key in early)))
    for number, row in enumerate(rows, 1):
        ends = begins[number] if number < len(rows) else None
        answers = (key for at, key in keys if at >= row.at and (ends is None or at < ends))
        found.append(Question(row.at, row.text, people[StaffId(row.staff_id)], tuple(answers)))
    return tuple(found)
