"""Questions of shift leads, answered by a worker: rows and the job. Kept for a day, then asked anew.

What a question is made of and how it is answered is `routing.what_if`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import JSON, ForeignKey, delete
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline.access import Action, Viewer, may
from hotline.clock import utc_now
from hotline.db import Base, UtcDateTime, reading, transaction
from hotline.errors import NotVisible
from hotline.ids import StaffId
from routing import what_if
from routing.what_if import Answer, Question

JOB = "routing.what_ifs.run"
KEPT = timedelta(days=1)

_QUESTION = TypeAdapter(Question)
_ANSWER = TypeAdapter(Answer)


class WhatIfRow(Base):
    __tablename__ = "what_if"

    id: Mapped[int] = mapped_column(primary_key=True)
    asked_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    question: Mapped[dict[str, Any]] = mapped_column(JSON)
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


@dataclass(frozen=True, slots=True)
class WhatIf:
    """`answer` None: nobody has got to it yet."""

    id: int
    asked_by: StaffId
    asked_at: datetime
    question: Question
    answer: Answer | None
    answered_at: datetime | None


def ask(session: Session, viewer: Viewer, question: Question, now: datetime) -> int:
    """Write the question down; enqueue JOB with its id after the commit. Old ones go."""
    session.execute(delete(WhatIfRow).where(WhatIfRow.asked_at < now - KEPT))
    row = WhatIfRow(
        asked_by=viewer.staff_id,
        asked_at=now,
        question=_QUESTION.dump_python(question, mode="json"),
    )
    session.add(row)
    session.flush()
    return row.id


def of(session: Session, viewer: Viewer, what_if_id: int) -> WhatIf:
    """Raises NotVisible."""
    row = session.get(WhatIfRow, what_if_id) if may(viewer, Action.SEE_STAFFING) else None
    if row is None:
        raise NotVisible("what if")
    return WhatIf(
        row.id,
        StaffId(row.asked_by),
        row.asked_at,
        _QUESTION.validate_python(row.question),
        None if row.answer is None else _ANSWER.validate_python(row.answer),
        row.answered_at,
    )


def run(what_if_id: int) -> None:
    """Job: answer a question. One that is answered or gone is left as it is."""
    with reading() as session:
        row = session.get(WhatIfRow, what_if_id)
        if row is None or row.answer is not None:
            return
        question = _QUESTION.validate_python(row.question)
    found = _ANSWER.dump_python(what_if.answer(question), mode="json")
    with transaction() as session:
        row = session.get(WhatIfRow, what_if_id)
        if row is not None:
            row.answer, row.answered_at = found, utc_now()
