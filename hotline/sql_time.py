"""Spans of time inside SQL, alike on SQLite and PostgreSQL."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Float, Integer, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from hotline.db import UtcDateTime


class seconds_between(FunctionElement[float]):
    """`seconds_between(earlier, later)`: NULL when either is; SQLite is exact to about 0.1 ms."""

    type = Float()
    inherit_cache = True


class hours_between(FunctionElement[int]):
    """`hours_between(earlier, later)`: whole ones since the beginning of an hour; NULL when either is.
    `later` is a column: SQLite is exact by the hour that is written in it."""

    type = Integer()
    inherit_cache = True


def instant(moment: datetime) -> ColumnElement[datetime]:
    """An aware moment as the databases keep one."""
    return literal(moment, UtcDateTime())


@compiles(seconds_between, "sqlite")
def _on_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    earlier, later = (compiler.process(each, **options) for each in element.clauses)
    return f"((julianday({later}) - julianday({earlier})) * 86400.0)"


@compiles(seconds_between, "postgresql")
def _on_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    earlier, later = (compiler.process(each, **options) for each in element.clauses)
    return f"CAST(EXTRACT(EPOCH FROM ({later} - {earlier})) AS DOUBLE PRECISION)"


@compiles(hours_between, "sqlite")
def _hours_on_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    earlier, later = (compiler.process(each, **options) for each in element.clauses)
    hour = f"julianday(substr({later}, 1, 13) || ':00')"
    return f"CAST(ROUND(({hour} - julianday({earlier})) * 24) AS INTEGER)"


@compiles(hours_between, "postgresql")
def _hours_on_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    return f"CAST(FLOOR({_on_postgresql(element, compiler, **options)} / 3600) AS INTEGER)"
