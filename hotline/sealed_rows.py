"""What is sealed in SQL itself: files and secrets, each table of them under the keys of the recordings.

`tongdai recordings rekey` and `check` go through all of them, row by row.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, LargeBinary, Select, String
from sqlalchemy.orm import Mapped, mapped_column

from hotline import db
from hotline.errors import HotlineError
from hotline.sealed import HEADER_BYTES, KeyRing, rewrapped, unseal


class SealedRow:
    """A table's row with something sealed (`hotline.sealed`) in it."""

    key_id: Mapped[str] = mapped_column(String(16), index=True)
    """Which key wraps its data key."""
    sealed: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


def _as_it_was(_row: Any, _plain: bytes) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class SealedTable:
    """`asked`: a row's primary key, then whatever else `name` makes of it what the row is sealed for.
    `intact`: whether what was opened is what was sealed, where the row knows more than the seal."""

    row: type[SealedRow]
    asked: Select[*tuple[Any, ...]]
    name: Callable[..., str]
    intact: Callable[[Any, bytes], bool] = _as_it_was

    def rekey(self, engine: Engine | None, ring: KeyRing) -> tuple[int, dict[str, str]]:
        """Rewrap data keys that are not under the newest key: how many, and name → what was wrong."""
        done, failed = 0, {}
        for key, name in self._all(engine, self.asked.where(self.row.key_id != ring[0].id)):
            try:
                with db.transaction(engine) as session:
                    row = session.get_one(self.row, key, with_for_update=True)
                    header, body = row.sealed[:HEADER_BYTES], row.sealed[HEADER_BYTES:]
                    row.sealed, row.key_id = rewrapped(header, ring, name) + body, ring[0].id
            except HotlineError as error:
                failed[name] = str(error)
                continue
            done += 1
        return done, failed

    def check(self, engine: Engine | None, ring: KeyRing) -> tuple[int, dict[str, str]]:
        """Open every row: how many are whole, and name → what is wrong with the others."""
        whole, failed = 0, {}
        for key, name in self._all(engine, self.asked):
            with db.reading(engine) as session:
                row = session.get_one(self.row, key)
                try:
                    intact = self.intact(row, unseal(row.sealed, ring, name))
                except HotlineError as error:
                    failed[name] = str(error)
                    continue
            if intact:
                whole += 1
            else:
                failed[name] = "its content is another"
        return whole, failed

    def _all(
        self, engine: Engine | None, query: Select[*tuple[Any, ...]]
    ) -> list[tuple[tuple[Any, ...], str]]:
        """(primary key, the name it is sealed for) of every row."""
        columns = len(self.row.__table__.primary_key)  # type: ignore[attr-defined]
        with db.reading(engine) as session:
            rows = session.execute(query).all()
        return [(tuple(row[:columns]), self.name(*row)) for row in rows]
