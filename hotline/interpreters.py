"""Interpreters: collaborators whom a counselor brings into a talk in the caller's own language.

Owns the rows. An interpreter is reached on a phone of the house or a number outside; who has left is
kept, because old calls name them. `tongdai interpreters` manages them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import CheckConstraint, ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline.db import Base
from hotline.dialing import is_phone, is_subscriber
from hotline.errors import BadInput, NotVisible
from hotline.ids import CenterId, Phone
from hotline.languages import LANGUAGES


class InterpreterRow(Base):
    __tablename__ = "interpreter"
    __table_args__ = (CheckConstraint("(phone = '') <> (number = '')", name="one_way_to_reach"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    languages: Mapped[str] = mapped_column(String(80))
    """ISO 639 codes, space-separated."""
    center_id: Mapped[int] = mapped_column(ForeignKey("center.id"), index=True)
    phone: Mapped[str] = mapped_column(String(20), default="")
    number: Mapped[str] = mapped_column(String(20), default="")
    active: Mapped[bool] = mapped_column(default=True)


@dataclass(frozen=True, slots=True)
class Interpreter:
    """Exactly one of `phone` (a phone of the house) and `number` (outside, as dialled) is set."""

    id: int
    name: str
    languages: tuple[str, ...]
    center_id: CenterId
    phone: Phone | None
    number: str | None


_EVERYBODY = select(InterpreterRow).where(InterpreterRow.active).order_by(InterpreterRow.id)


def everybody(session: Session) -> Sequence[Interpreter]:
    """All who may be asked, by id."""
    return [_view(row) for row in session.scalars(_EVERYBODY)]


def one(session: Session, interpreter_id: int) -> Interpreter:
    """One interpreter, also one who has left. Raises NotVisible."""
    row = session.get(InterpreterRow, interpreter_id)
    if row is None:
        raise NotVisible("interpreter")
    return _view(row)


def add(
    session: Session, *, name: str, languages: Sequence[str], center: CenterId, reached: str
) -> Interpreter:
    """`reached` is a phone of the house (`hn31`) or a national number. Raises BadInput."""
    if not languages or (unknown := set(languages) - set(LANGUAGES)):
        wrong = ", ".join(sorted(unknown)) if languages else "none"
        raise BadInput(f"the languages are {', '.join(LANGUAGES)}: not {wrong}")
    number = re.sub(r"[ .-]", "", reached)
    inside = is_phone(reached)
    if not inside and not is_subscriber(number):
        raise BadInput(f"a phone like hn31 or a Vietnamese number like 0912345678: not {reached!r}")
    row = InterpreterRow(
        name=" ".join(name.split())[:120],
        languages=" ".join(dict.fromkeys(languages)),
        center_id=center,
        phone=reached if inside else "",
        number="" if inside else number,
    )
    session.add(row)
    session.flush()
    return _view(row)


def remove(session: Session, interpreter_id: int) -> None:
    """They are asked no more. Raises NotVisible."""
    row = session.get(InterpreterRow, interpreter_id)
    if row is None:
        raise NotVisible("interpreter")
    row.active = False


def _view(row: InterpreterRow) -> Interpreter:
    return Interpreter(
        id=row.id,
        name=row.name,
        languages=tuple(row.languages.split()),
        center_id=CenterId(row.center_id),
        phone=Phone(row.phone) if row.phone else None,
        number=row.number or None,
    )
