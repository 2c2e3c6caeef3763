"""Counting SQL statements, so that no page's number of queries grows with its rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, event


@dataclass
class Statements:
    """What was sent to the database while counting."""

    sent: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.sent)


@contextmanager
def counted(engine: Engine) -> Iterator[Statements]:
    """Count the statements of `engine` (begin and commit are none)."""
    statements = Statements()

    def on_execute(
        _c: Any, _cursor: Any, sql: str, _parameters: Any, _context: Any, _many: bool
    ) -> None:
        if not sql.startswith(("BEGIN", "SAVEPOINT", "RELEASE")):
            statements.sent.append(sql)

    event.listen(engine, "before_cursor_execute", on_execute)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", on_execute)
