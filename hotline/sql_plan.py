"""What SQLite is told of how to find rows; PostgreSQL, which knows how many there are, finds its way."""

from typing import Any

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.functions import FunctionElement


class not_sought(FunctionElement[Any]):
    """`not_sought(column)`: the column, by which SQLite looks up no row.

    In a join of the calls or records of some days to what belongs to them, of their id: SQLite does not
    know how few came in a span, and may read the talks of all years to look up the call of each. In a
    condition that many rows of all years meet, beside one on days.
    """

    inherit_cache = True

    def __init__(self, column: InstrumentedAttribute[Any]) -> None:
        super().__init__(column)
        self.type = column.type


@compiles(not_sought)
def _as_it_is(element: Any, compiler: Any, **options: Any) -> str:
    return str(compiler.process(element.clauses, **options))


@compiles(not_sought, "sqlite")
def _by_no_index(element: Any, compiler: Any, **options: Any) -> str:
    return f"+{compiler.process(element.clauses, **options)}"
