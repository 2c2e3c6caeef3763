"""What is sealed of a request: what was asked, the excerpts, the answer and the files made of it."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, exists, select
from sqlalchemy.orm import Session, undefer

from hotline.sealed import KeyRing, sealed_bytes, unseal
from hotline.sealed_rows import SealedTable
from intake.tables.data_requests import DataPaperRow

TOLD, ANSWER, BACK, HANDED = "told", "answer", "back", "handed"


def excerpt(object_id: int) -> str:
    """The kind of what may be given of one object's text."""
    return f"excerpt-{object_id}"


def put(
    session: Session, request_id: int, kind: str, content: bytes, ring: KeyRing, now: datetime
) -> None:
    """In the place of what was there."""
    row = session.get(DataPaperRow, (request_id, kind))
    if row is None:
        row = DataPaperRow(request_id=request_id, kind=kind)
        session.add(row)
    row.sealed, row.key_id = sealed_bytes(content, ring, _name(request_id, kind)), ring[0].id
    row.made_at = now


def put_words(
    session: Session, request_id: int, kind: str, words: Any, ring: KeyRing, now: datetime
) -> None:
    """Anything that JSON takes."""
    put(session, request_id, kind, json.dumps(words, ensure_ascii=False).encode(), ring, now)


def content(session: Session, request_id: int, kind: str, ring: KeyRing) -> bytes | None:
    """None when there is none. Raises SealBroken, KeyUnknown."""
    query = select(DataPaperRow).where(DataPaperRow.request_id == request_id, DataPaperRow.kind == kind)
    row = session.scalar(query.options(undefer(DataPaperRow.sealed)))
    return None if row is None else unseal(row.sealed, ring, _name(request_id, kind))


def words(session: Session, request_id: int, kind: str, ring: KeyRing) -> Any:
    """What `put_words` put there; None when there is nothing."""
    found = content(session, request_id, kind, ring)
    return None if found is None else json.loads(found)


def all_words(session: Session, request_id: int, ring: KeyRing) -> Mapping[str, Any]:
    """Everything that is words and no file, in one query."""
    query = select(DataPaperRow).where(
        DataPaperRow.request_id == request_id, DataPaperRow.kind.not_in(FILES)
    )
    return {
        row.kind: json.loads(unseal(row.sealed, ring, _name(request_id, row.kind)))
        for row in session.scalars(query.options(undefer(DataPaperRow.sealed)))
    }


FILES: Mapping[str, str] = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
"""Ending → media type."""


def made(request_id: SQLColumnExpression[int]) -> ColumnElement[bool]:
    """Whether the files of this request's answer are there."""
    return exists().where(DataPaperRow.request_id == request_id, DataPaperRow.kind == "docx")


def drop(session: Session, request_id: int, kind: str) -> None:
    row = session.get(DataPaperRow, (request_id, kind))
    if row is not None:
        session.delete(row)


def _name(request_id: int, kind: str) -> str:
    return f"data_request/{request_id}/{kind}"


SEALED = SealedTable(
    DataPaperRow,
    select(DataPaperRow.request_id, DataPaperRow.kind).order_by(DataPaperRow.request_id),
    _name,
)
