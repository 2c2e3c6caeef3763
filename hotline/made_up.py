"""Whether what this database holds is made up (`intake.history`): then every page says so."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline.db import Base, UtcDateTime


class MadeUpYearRow(Base):
    """One year of made-up calls, records and cases. Where one was loaded nothing real was."""

    __tablename__ = "made_up_year"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seed: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    calls: Mapped[int]
    records: Mapped[int]
    cases: Mapped[int]


ANY = select(MadeUpYearRow.year).exists()
"""For a statement that is asked anyway."""


def years(session: Session) -> Sequence[int]:
    """In order; none: what is here is real, or nothing is."""
    return session.scalars(select(MadeUpYearRow.year).order_by(MadeUpYearRow.year)).all()
