"""Very many rows at once: the database's own way for it, past the ORM. Whoever loads writes what else
must know of them (search, counters)."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Table, func, select, text
from sqlalchemy.orm import DeclarativeBase, Session

Row = Sequence[Any]
_AT_ONCE = 5_000


def load(
    session: Session, of: type[DeclarativeBase], columns: Sequence[str], rows: Iterable[Row]
) -> None:
    """Write the rows, whose values are in the order of `columns`, in the session's transaction. What is
    not named gets no default of the model: name it."""
    table = of.__table__
    assert isinstance(table, Table)
    dialect = session.get_bind().dialect
    processors = [table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in columns]
    made = (
        tuple(
            value if process is None or value is None else process(value)
            for value, process in zip(row, processors, strict=True)
        )
        for row in rows
    )
    names = ", ".join(f'"{name}"' for name in columns)
    if dialect.name == "postgresql":
        _copy(session, f'COPY "{table.name}" ({names}) FROM STDIN', made)
        return
    marks = ", ".join("?" * len(columns))
    statement = f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})'  # noqa: S608
    while some := list(islice(made, _AT_ONCE)):
        session.connection().exec_driver_sql(statement, some)


def _copy(session: Session, statement: str, rows: Iterable[Row]) -> None:
    driver: Any = session.connection().connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def next_id(session: Session, of: type[DeclarativeBase]) -> int:
    """The first id that no row has, while nobody else writes."""
    return (session.scalar(select(func.max(of.__table__.c.id))) or 0) + 1


def ids_were_given(session: Session, of: type[DeclarativeBase]) -> None:
    """Rows were loaded with ids of their own: the next row gets one after them. SQLite sees to it."""
    if session.get_bind().dialect.name == "postgresql":
        name = of.__tablename__
        session.execute(
            text(
                f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM \"{name}\""  # noqa: S608
            )
        )
