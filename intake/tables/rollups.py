"""The rows of roll-ups: what reports count of a day or a month, and which days have changed since."""

from datetime import date

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hotline.db import Base
from hotline.sealed_columns import SealedJson

RULES = String(16)


class RollupRow(Base):
    """The counts of one day of Hà Nội, or of a whole month of them.

    True while none of its days is marked, and only for code whose counting is the same.
    """

    __tablename__ = "rollup"
    __table_args__ = (UniqueConstraint("span", "first"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    span: Mapped[str] = mapped_column(String(5))
    """`day` or `month`."""
    first: Mapped[date]
    rules: Mapped[str] = mapped_column(RULES)
    """Which code counted it (`intake.statistics.rollups`)."""
    counts: Mapped[dict[str, dict[str, int]]] = mapped_column(SealedJson("rollup.counts"))
    """Table → code → how many. Sealed as what it was counted of: on one day a count may be one child."""


class RollupMarkRow(Base):
    """Something that is counted for this day has changed since it was rolled up. Triggers of the tables
    `call`, `record`, `case_file` and others write these, in the transaction of the change (revisions
    0020, 0023); on PostgreSQL each change its own, so that none waits for another."""

    __tablename__ = "rollup_mark"

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(index=True)
