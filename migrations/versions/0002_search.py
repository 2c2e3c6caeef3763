"""search: documents, and each database's own way to find words in them

Revision: 0002, after 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_SQLITE = (
    """
    CREATE VIRTUAL TABLE search_doc_fts USING fts5 (
        words, content = 'search_doc', content_rowid = 'id', detail = none, columnsize = 0,
        tokenize = 'ascii', prefix = '1 2 3'
    )
    """,
    """
    CREATE TRIGGER search_doc_added AFTER INSERT ON search_doc BEGIN
        INSERT INTO search_doc_fts (rowid, words) VALUES (new.id, new.words);
    END
    """,
    """
    CREATE TRIGGER search_doc_deleted AFTER DELETE ON search_doc BEGIN
        INSERT INTO search_doc_fts (search_doc_fts, rowid, words) VALUES ('delete', old.id, old.words);
    END
    """,
    """
    CREATE TRIGGER search_doc_changed AFTER UPDATE ON search_doc WHEN old.words <> new.words BEGIN
        INSERT INTO search_doc_fts (search_doc_fts, rowid, words) VALUES ('delete', old.id, old.words);
        INSERT INTO search_doc_fts (rowid, words) VALUES (new.id, new.words);
    END
    """,
)


def upgrade() -> None:
    op.create_table(
        "search_doc",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("ref", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_doc")),
        sa.UniqueConstraint("kind", "ref", name=op.f("uq_search_doc_kind")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE INDEX search_doc_fts ON search_doc USING gin (to_tsvector('simple', words))")
        return
    for statement in _SQLITE:
        op.execute(statement)
