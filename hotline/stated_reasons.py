"""Why somebody did what they must give a reason for: a choice out of few, and words in their own.

Their words may name anybody: they are sealed, and only an auditor reads them, which is on record. What
was done bears the reason's id in its own audit row (`said`).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import uuid4

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline import audit
from hotline.access import Viewer
from hotline.audit import Act
from hotline.db import Base, UtcDateTime
from hotline.errors import FieldErrors, NotVisible
from hotline.sealed import KeyRing, sealed_bytes, unseal
from hotline.sealed_rows import SealedRow, SealedTable

SHORTEST, LONGEST = 10, 1000
"""Characters of somebody's own words."""


class Purpose(StrEnum):
    """What data are taken out for."""

    REPORT = "report"
    """To who the hotline answers to."""
    OVERSIGHT = "oversight"
    """To look after how cases are handled."""
    COOPERATION = "cooperation"
    """With another office on these cases."""
    SUBJECT_ASKED = "subject_asked"
    """Whose data they are has asked for them (Luật 91/2025)."""
    REPAIR = "repair"
    """To find or mend a mistake in the data."""


class StatedReasonRow(SealedRow, Base):
    """Append-only, but for the keys. Names its person as they were, and refers to no row."""

    __tablename__ = "stated_reason"

    id: Mapped[int] = mapped_column(primary_key=True)
    word: Mapped[str] = mapped_column(String(32), unique=True)
    """Random; what it is sealed for."""
    staff_id: Mapped[int]
    login: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    code: Mapped[str] = mapped_column(String(40))


@dataclass(frozen=True, slots=True)
class StatedReason:
    id: int
    staff_id: int
    login: str
    name: str
    at: datetime
    code: str
    words: str


def _sealed_name(word: str) -> str:
    return f"stated_reason/{word}"


SEALED = SealedTable(
    StatedReasonRow,
    select(StatedReasonRow.id, StatedReasonRow.word).order_by(StatedReasonRow.id),
    lambda _, word: _sealed_name(word),
)


def checked(code: str, words: str, codes: Collection[str]) -> str:
    """The words, tidied. Raises FieldErrors: `reason` (`missing`), `words` (`too_short`, `too_long`)."""
    written = " ".join(words.split())
    wrong = {} if code in codes else {"reason": "missing"}
    if len(written) < SHORTEST or " " not in written:
        wrong["words"] = "too_short"
    elif len(written) > LONGEST:
        wrong["words"] = "too_long"
    if wrong:
        raise FieldErrors(wrong)
    return written


def state(session: Session, viewer: Viewer, code: str, words: str, ring: KeyRing, now: datetime) -> int:
    """Keep a reason whose words are `checked`; its id."""
    word = uuid4().hex
    row = StatedReasonRow(
        word=word,
        staff_id=viewer.staff_id,
        login=viewer.login,
        name=viewer.name,
        at=now,
        code=code,
        key_id=ring[0].id,
        sealed=sealed_bytes(words.encode(), ring, _sealed_name(word)),
    )
    session.add(row)
    session.flush()
    return row.id


def said(reason_id: int) -> str:
    """How an audit row's detail ends that has a reason."""
    return f"reason {reason_id}"


def read(session: Session, viewer: Viewer, reason_id: int, ring: KeyRing, now: datetime) -> StatedReason:
    """For an auditor; on record. Raises NotVisible."""
    audit.require_reader(viewer)
    row = session.get(StatedReasonRow, reason_id)
    if row is None:
        raise NotVisible("stated_reason")
    audit.note(session, viewer, Act.SEE, "stated_reason", row.id, now)
    words = unseal(row.sealed, ring, _sealed_name(row.word)).decode()
    return StatedReason(row.id, row.staff_id, row.login, row.name, row.at, row.code, words)
