"""Alembic's entry: one transaction for all steps, on the connection that `hotline.migrate` gives."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from hotline.db import Base, UtcDateTime


def _rendered(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Migrations must not depend on our own types, which may change later."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def _ours(_item: Any, name: str | None, *_others: Any) -> bool:
    """The full-text index is each database's own (revision 0002) and known to no model."""
    return not (name or "").startswith("search_doc_fts")


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    render_item=_rendered,
    compare_type=True,
    transactional_ddl=True,  # also on SQLite, which Alembic does not believe to have any
    include_object=_ours,
)
with context.begin_transaction():
    context.run_migrations()
