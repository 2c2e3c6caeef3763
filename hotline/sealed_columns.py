"""Columns of narrative: what is told of a child, a family or a caller, sealed before it reaches SQL.

One data key seals all of it. It lies in the database itself, wrapped by the newest key of the key ring
as everything in `hotline.sealed_rows` is; so changing the keys rewrites one row, also for what is
append-only, and no key that opens anything is in the database. A value is bound to its table and column,
not to its row. Nothing (an empty text, an empty object) is kept as no bytes at all: whoever only ever
writes nothing, as the switchboard does, needs no key. Why so: docs/adr/0030-sealed-narrative.md.

No database can look into such a column: what is filtered or counted by is a column of its own.
"""

import json
from collections.abc import Mapping
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Dialect, Engine, LargeBinary, String, insert, select, type_coerce
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.types import TypeDecorator

from hotline import db, keyring
from hotline.db import Base
from hotline.errors import Unavailable
from hotline.sealed import DataKey, KeyRing, SealBroken, sealed_bytes, unseal
from hotline.sealed_rows import SealedRow, SealedTable
from hotline.settings import settings

NARRATIVE = "narrative"
_AT_ONCE = 1000
_CODING = "utf-8", "surrogatepass"
"""Also what is no text (half a character, out of JSON) is kept as it came."""
_encoded = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class DataKeyRow(SealedRow, Base):
    """A data key, wrapped. Whoever loses this row, or all keys of the ring, loses what it sealed."""

    __tablename__ = "data_key"

    purpose: Mapped[str] = mapped_column(String(20), primary_key=True)


def _name(purpose: str) -> str:
    return f"data-key/{purpose}"


SEALED = SealedTable(DataKeyRow, select(DataKeyRow.purpose), _name)

_open_keys: WeakKeyDictionary[Dialect, DataKey] = WeakKeyDictionary()
_opening = Lock()


def make_key(engine: Engine, ring: KeyRing) -> None:
    """Make the data key of this database if it has none yet. Raises KeyUnknown, SealBroken for one that
    this ring does not open: then nothing would be readable."""
    with engine.execution_options(hotline_write=True).begin() as connection:
        found = key_on(connection, ring)
    _open_keys[engine.dialect] = found


def key_on(connection: Connection, ring: KeyRing) -> DataKey:
    """The same in somebody's transaction."""
    if (found := _kept(connection, ring)) is not None:
        return found
    secret = DataKey.fresh()
    sealed = sealed_bytes(secret, ring, _name(NARRATIVE))
    connection.execute(
        insert(DataKeyRow), {"purpose": NARRATIVE, "key_id": ring[0].id, "sealed": sealed}
    )
    return DataKey(secret)


def forget() -> None:
    """What this process has opened: its settings are others now."""
    _open_keys.clear()


def locked_by(connection: Connection, ring: KeyRing) -> str | None:
    """The id of the key that would open the data key and is not in the ring; None: it is, or none is
    needed yet."""
    known = [key.id for key in ring]
    return connection.scalar(select(DataKeyRow.key_id).where(DataKeyRow.key_id.not_in(known)))


def _kept(connection: Connection, ring: KeyRing) -> DataKey | None:
    query = select(DataKeyRow.sealed).where(DataKeyRow.purpose == NARRATIVE)
    sealed = connection.scalar(query)
    return None if sealed is None else DataKey(unseal(sealed, ring, _name(NARRATIVE)))


def _key(dialect: Dialect) -> DataKey:
    """Opened once for each engine. Raises Unavailable: without it nothing is read or written."""
    with _opening:
        if (known := _open_keys.get(dialect)) is not None:
            return known
        used = settings()
        if not keyring.exists(used):
            raise Unavailable("this process has no keys: it must not open what is told in records")
        with db.engine_of(dialect).connect() as connection:
            found = _kept(connection, keyring.recording_keys(used))
        if found is None:
            raise Unavailable("the database has no key for records yet: tongdai db upgrade makes it")
        _open_keys[dialect] = found
        return found


SEARCH = "words of the search"


def search_key(of: Session) -> bytes:
    """What hides the words of the search (`intake.search_tokens`). Raises as the types here do."""
    return _key(of.get_bind().dialect).derived(SEARCH)


def check(engine: Engine) -> tuple[int, dict[str, str]]:
    """Open every value of every table: how many open; `table.column id` → what is wrong with others."""
    key, opened, failed = _key(engine.dialect), 0, {}
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if not isinstance(column.type, SealedText | SealedJson):
                continue
            plain = type_coerce(column, LargeBinary())
            query = select(table.c.id, plain).where(plain != b"")
            with engine.connect() as connection:
                for row_id, sealed in connection.execution_options(yield_per=_AT_ONCE).execute(query):
                    try:
                        key.open(bytes(sealed), column.type.name)
                    except SealBroken:
                        failed[f"{column.type.name} {row_id}"] = "damaged"
                        continue
                    opened += 1
    return opened, failed


class SealedText(TypeDecorator[str]):
    """`name`: table and column, which the seal is bound to.

    Raises SealBroken, KeyUnknown, Unavailable.
    """

    impl = LargeBinary
    cache_ok = True

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        if not value:
            return None if value is None else b""
        return _key(dialect).seal(value.encode(*_CODING), self.name)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        if not value:
            return None if value is None else ""
        return _key(dialect).open(bytes(value), self.name).decode(*_CODING)


class SealedJson(TypeDecorator[Mapping[str, Any]]):
    """The same for a JSON object."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def process_bind_param(self, value: Mapping[str, Any] | None, dialect: Dialect) -> bytes | None:
        if not value:
            return None if value is None else b""
        return _key(dialect).seal(_encoded(value).encode(*_CODING), self.name)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> dict[str, Any] | None:
        if not value:
            return None if value is None else {}
        opened: dict[str, Any] = json.loads(_key(dialect).open(bytes(value), self.name).decode(*_CODING))
        return opened
