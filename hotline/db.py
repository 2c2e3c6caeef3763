"""The database: one engine per process, one transaction per unit of work, SQLite or PostgreSQL.

SQLite runs in WAL mode with `synchronous=FULL`; writers take a process-wide lock and BEGIN IMMEDIATE,
so that they queue instead of failing with SQLITE_BUSY. Owns no table: every room declares its rows on
`Base` and keeps them to itself. Schema changes come only through Alembic (`migrations/`).
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary, ref

from sqlalchemy import DateTime, Dialect, Engine, MetaData, create_engine, event
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import OperationalError, StatementError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from hotline.errors import HotlineError, Unavailable
from hotline.settings import settings

_BUSY_MS = 10_000
_sqlite_writer = threading.RLock()


class Base(DeclarativeBase):
    """Declarative base of every room; the naming convention lets Alembic rename constraints."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


INSERT_ONLY = {"info": {"insert_only": True}}
"""For `__table_args__`: the application's role on PostgreSQL gets no right to change such rows."""
OWNER_INSERTS = {"info": {"insert_only": True, "owner_inserts": True}}
"""Nor to insert any: a function of the owner's does."""
OWNER_DELETES = {"info": {"owner_deletes": True}}
"""It gets no right to delete such rows: a function of the owner's does."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime on both databases; a naive one is refused on the way in."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime: give an aware one")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


_engines: WeakKeyDictionary[Dialect, ref[Engine]] = WeakKeyDictionary()


def engine_of(dialect: Dialect) -> Engine:
    """The engine that was made with this dialect, for types of columns, which know nothing else."""
    found = _engines[dialect]()
    assert found is not None
    return found


def make_engine(url: str) -> Engine:
    """An engine for `url`. PostgreSQL goes through psycopg 3; SQLite's folder is created. No
    error of it quotes a value."""
    made = _make_engine(url)
    _engines[made.dialect] = ref(made)
    return made


def _make_engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database and parsed.database != ":memory:":
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(parsed, pool_size=10, max_overflow=40, hide_parameters=True)
        event.listen(engine, "connect", _on_sqlite_connect)
        event.listen(engine, "begin", _on_sqlite_begin)
        return engine
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    return create_engine(parsed, pool_size=10, max_overflow=20, pool_pre_ping=True, hide_parameters=True)


def _on_sqlite_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # SQLAlchemy's begin event opens the transaction
    for pragma in (
        f"busy_timeout={_BUSY_MS}",  # first: two processes may open a new file at the same moment
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _on_sqlite_begin(connection: Connection) -> None:
    mode = "IMMEDIATE" if connection.get_execution_options().get("hotline_write") else "DEFERRED"
    connection.exec_driver_sql(f"BEGIN {mode}")


@cache
def engine() -> Engine:
    """The process's engine, from the settings."""
    return make_engine(settings().sql_url)


@contextmanager
def transaction(of: Engine | None = None) -> Iterator[Session]:
    """One writing transaction: commits at the end, rolls back on any error.

    Raises Unavailable when the database does not answer.
    """
    bound = (of or engine()).execution_options(hotline_write=True)
    lock = _sqlite_writer if bound.dialect.name == "sqlite" else nullcontext()
    with lock, _session(bound) as session:
        yield session
        session.commit()


@contextmanager
def reading(of: Engine | None = None) -> Iterator[Session]:
    """One read-only unit of work; anything left uncommitted is rolled back."""
    with _session(of or engine()) as session:
        yield session


@contextmanager
def _session(bound: Engine) -> Iterator[Session]:
    try:
        with Session(bound, expire_on_commit=False) as session:
            yield session
    except OperationalError as error:
        raise Unavailable(f"the database does not answer: {error.orig}") from error
    except StatementError as error:
        if isinstance(error.orig, HotlineError):  # a value that could not be sealed
            raise error.orig from None
        raise
