"""search: words become tokens that tell none of them, and so do the marks of cases

The caller's number stays as it is, and who may read. What was there in clear is overwritten or written
anew, as in 0019.

Revision: 0022, after 0021
"""

import re
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from hotline import keyring
from hotline.sealed_columns import SEARCH, key_on
from hotline.settings import settings
from intake.search_tokens import mark, tokens
from intake.search_words import indexed

revision = "0022"
down_revision = "0021"

_AT_ONCE = 1000
_READER = re.compile(r"(?:of|at)[0-9]+x")
_FTS = """
    CREATE VIRTUAL TABLE search_doc_fts USING fts5 (
        words, content = 'search_doc', content_rowid = 'id', detail = none, columnsize = 0,
        tokenize = 'ascii', prefix = '4'
    )
"""
"""Beginnings are tokens of their own but for callers' numbers."""
_CHANGED = """
    CREATE TRIGGER search_doc_changed AFTER UPDATE ON search_doc WHEN old.words <> new.words BEGIN
        INSERT INTO search_doc_fts (search_doc_fts, rowid, words) VALUES ('delete', old.id, old.words);
        INSERT INTO search_doc_fts (rowid, words) VALUES (new.id, new.words);
    END
"""
_DOCUMENTS = f"""
    SELECT search_doc.id, search_doc.words, call.number FROM search_doc
    LEFT JOIN record ON search_doc.kind = 'record' AND record.id = search_doc.ref
    LEFT JOIN call ON call.id = record.call_id
    WHERE search_doc.id > :last ORDER BY search_doc.id LIMIT {_AT_ONCE}
"""  # noqa: S608


def upgrade() -> None:
    bind = op.get_bind()
    postgresql = bind.dialect.name == "postgresql"
    if postgresql:
        op.execute("DROP INDEX search_doc_fts")
    else:
        bind.exec_driver_sql("PRAGMA secure_delete = ON")
        op.execute("DROP TRIGGER search_doc_changed")
        op.execute("DROP TABLE search_doc_fts")
    _hide_words(bind)
    _hide_marks(bind)
    if postgresql:
        op.execute("ALTER TABLE search_doc ALTER COLUMN words TYPE TEXT USING words || ''")
        op.execute("ALTER TABLE case_mark ALTER COLUMN mark TYPE VARCHAR(160) USING mark || ''")
        op.execute("CREATE INDEX search_doc_fts ON search_doc USING gin (to_tsvector('simple', words))")
        return
    op.execute(_FTS)
    op.execute("INSERT INTO search_doc_fts (search_doc_fts) VALUES ('rebuild')")
    op.execute(_CHANGED)


def _hide_words(bind: sa.Connection) -> None:
    last = 0
    while rows := bind.execute(sa.text(_DOCUMENTS), {"last": last}).all():
        key = _key(bind)
        changed = [{"id": row.id, "words": _hidden(row.words, row.number, key)} for row in rows]
        bind.execute(sa.text("UPDATE search_doc SET words = :words WHERE id = :id"), changed)
        last = rows[-1].id


def _hide_marks(bind: sa.Connection) -> None:
    known: Sequence[Any] = bind.execute(sa.text("SELECT DISTINCT mark FROM case_mark")).scalars().all()
    if known:
        key = _key(bind)
        bind.execute(
            sa.text("UPDATE case_mark SET mark = :token WHERE mark = :mark"),
            [{"mark": each, "token": mark(each, key)} for each in known],
        )


def _key(bind: sa.Connection) -> bytes:
    return key_on(bind, keyring.recording_keys(settings())).derived(SEARCH)


def _hidden(words: str, number: str | None, key: bytes) -> str:
    there = set(words.split())
    readers = {word for word in there if _READER.fullmatch(word)}
    clear = there & indexed([number or ""])
    return " ".join(sorted(tokens(there - readers - clear, key) | clear | readers))
