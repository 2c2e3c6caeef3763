"""The search documents: one per record and per case, written by whoever changes what is told there.

A document is the set of words (`intake.search_words`) and, as words too, who may read it: so a counselor
of a few records is answered as fast as one of many. That is for speed alone; what is found still passes
the gate of every query (`intake.search`).

SQLite finds documents by an FTS5 table that triggers keep, PostgreSQL by a GIN index. Both are made by
the migration; the models know neither.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import String, Text, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline.db import Base
from intake import forms
from intake.forms import Kind
from intake.record_text import all_fields
from intake.report_tables import ReportRow
from intake.search_words import Term, indexed
from intake.tables import CallRow, CaseEventRow, CaseRow, RecordChildRow, RecordRow, TalkRow

RECORD, CASE = "record", "case"
_WRITTEN = frozenset({Kind.TEXT, Kind.LONG_TEXT})


class SearchRow(Base):
    """One document. Ids grow with time, so that the newest is found first."""

    __tablename__ = "search_doc"
    __table_args__ = (UniqueConstraint("kind", "ref"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    ref: Mapped[int]
    words: Mapped[str] = mapped_column(Text)


def person(staff_id: int) -> str:
    """The word in documents that are this person's own."""
    return f"of{staff_id}x"


def center(center_id: int) -> str:
    """The word in documents of this center."""
    return f"at{center_id}x"


def write_record(session: Session, record: RecordRow) -> None:
    """Bring the record's document up to date, and its case's."""
    session.flush()
    children = session.scalars(select(RecordChildRow).where(RecordChildRow.record_id == record.id))
    told = _written(record.form_version, all_fields(record, children))
    talkers = session.scalars(
        select(TalkRow.staff_id)
        .where(TalkRow.call_id == record.call_id, TalkRow.staff_id.is_not(None))
        .distinct()
    )
    readers = {person(each) for each in (record.owner_id, *talkers) if each} | {center(record.center_id)}
    _write(session, RECORD, record.id, indexed([*told.values(), _number(session, record)]) | readers)
    case = session.scalar(select(CaseRow).where(CaseRow.record_id == record.id))
    if case is not None:
        _write_case(session, case, record, told)


def write_case(session: Session, case: CaseRow) -> None:
    """Bring the case's document up to date."""
    session.flush()
    record = session.get_one(RecordRow, case.record_id)
    children = session.scalars(select(RecordChildRow).where(RecordChildRow.record_id == record.id))
    _write_case(session, case, record, _written(record.form_version, all_fields(record, children)))


def _write_case(session: Session, case: CaseRow, record: RecordRow, told: Mapping[str, str]) -> None:
    """Who told it is not found by the case, as the case does not show it (NĐ 56/2017 Đ24)."""
    notes = session.scalars(select(CaseEventRow).where(CaseEventRow.case_id == case.id))
    texts = [text for name, text in told.items() if name not in forms.INFORMANT]
    for note in notes:
        texts += [note.text, *note.answers.values()]
    readers = {person(case.owner_id), person(case.opened_by), center(case.center_id)}
    _write(session, CASE, case.id, indexed([*texts, case.number, _number(session, record)]) | readers)


def _written(form_version: int, fields: Mapping[str, str]) -> dict[str, str]:
    """What was told in free words: codes and dates are for filters."""
    form = forms.by_version(form_version)
    asked = {name: form.field(name) for name in fields}
    return {name: fields[name] for name, field in asked.items() if field and field.kind in _WRITTEN}


def _number(session: Session, record: RecordRow) -> str:
    """The caller's, or the reference that the sender of a report was given."""
    if record.received_at is not None:
        query = select(ReportRow.reference).where(ReportRow.record_id == record.id)
        return session.scalar(query) or ""
    call = session.get(CallRow, record.call_id) if record.call_id else None
    return (call.number if call else None) or ""


def _write(session: Session, kind: str, ref: int, found_by: Collection[str]) -> None:
    row = session.scalar(select(SearchRow).where(SearchRow.kind == kind, SearchRow.ref == ref))
    if row is None:
        session.add(SearchRow(kind=kind, ref=ref, words=" ".join(sorted(found_by))))
    else:
        row.words = " ".join(sorted(found_by))
    session.flush()


@dataclass(frozen=True, slots=True)
class Found:
    """One document by what it is about."""

    kind: str
    ref: int


def find(
    session: Session, terms: Sequence[Term], readers: Collection[str], limit: int
) -> Sequence[Found]:
    """Documents with all terms that one of `readers` may read (none named: all), the newest first."""
    postgresql = session.get_bind().dialect.name == "postgresql"
    query = (_tsquery if postgresql else _match)([*terms, *([Term(tuple(readers))] if readers else [])])
    rows = session.execute(
        text(_POSTGRESQL if postgresql else _SQLITE),
        {"query": query, "limit": limit},
    )
    return [Found(*row) for row in rows]


_POSTGRESQL = """
    SELECT kind, ref FROM search_doc
    WHERE to_tsvector('simple', words) @@ to_tsquery('simple', :query)
    ORDER BY id DESC LIMIT :limit
"""
_SQLITE = """
    SELECT kind, ref FROM search_doc_fts JOIN search_doc ON search_doc.id = search_doc_fts.rowid
    WHERE search_doc_fts MATCH :query
    ORDER BY search_doc_fts.rowid DESC LIMIT :limit
"""


def _match(terms: Iterable[Term]) -> str:
    """For FTS5."""
    return " AND ".join(
        "("
        + " OR ".join([f'"{word}"' for word in one.exact] + [f'"{word}"*' for word in one.begins])
        + ")"
        for one in terms
    )


def _tsquery(terms: Iterable[Term]) -> str:
    """For PostgreSQL."""
    return " & ".join(
        "(" + " | ".join([*one.exact, *(f"{word}:*" for word in one.begins)]) + ")" for one in terms
    )
