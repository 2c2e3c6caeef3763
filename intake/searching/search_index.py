"""The search documents: one per record and per case, written by whoever changes what is told there.

A document is the set of words (`intake.search_words`), as tokens that tell none of them
(`intake.search_tokens`), the caller's number and, as words too, who may read it: so a counselor
of a few records is answered as fast as one of many. That is for speed alone; what is found still passes
the gate of every query (`intake.search`).

SQLite finds documents by an FTS5 table that triggers keep, PostgreSQL by a GIN index. Both are made by
the migration; the models know neither.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    String,
    Text,
    UniqueConstraint,
    and_,
    bindparam,
    delete,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline import sealed_columns
from hotline.db import Base
from intake.forms import forms, informants, places
from intake.forms.forms import About, Kind, Person
from intake.record_text import all_fields
from intake.search_tokens import keyed, tokens
from intake.search_words import Term, indexed
from intake.searching import case_marks, case_told
from intake.searching.case_told import CaseTold, people_of
from intake.tables.calls import CallRow, TalkRow
from intake.tables.cases import CaseEventRow, CaseRow
from intake.tables.records import RecordRow
from intake.tables.reports import ReportRow

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


_READER = re.compile(r"(?:of|at)[0-9]+x")


def add_record(session: Session, record: RecordRow, number: str | None, talkers: Iterable[int]) -> None:
    """The first document of a record in which nobody has written yet."""
    session.add(_document(RECORD, record.id, indexed([number or ""]) | _readers(record, talkers)))


def write_record(session: Session, record: RecordRow) -> None:
    """Bring the record's document up to date, and its case's."""
    write_records(session, [record])


_TALKERS = (
    select(TalkRow.call_id, TalkRow.staff_id)
    .where(TalkRow.call_id.in_(bindparam("calls", expanding=True)), TalkRow.staff_id.is_not(None))
    .distinct()
)
_DOCUMENTS = select(SearchRow).where(
    or_(
        *(
            and_(SearchRow.kind == kind, SearchRow.ref.in_(bindparam(kind, expanding=True)))
            for kind in (RECORD, CASE)
        )
    )
)
"""Asked at every autosave, and made once."""


def write_records(session: Session, records: Sequence[RecordRow]) -> None:
    """Bring the documents of records up to date, and those of their cases: a few statements for all."""
    if not records:
        return
    session.flush()
    ids = [record.id for record in records]
    people = people_of(session, ids)
    talkers = _talkers(session, records)
    cases = case_told.cases_of_records(session, ids)
    documents = _documents(session, ids, [told.case.id for told in cases])
    key = sealed_columns.search_key(session)
    for record in records:
        told = all_fields(record, people.get(record.id, ()))
        written = _written(record.form_version, informants.findable(told, record.fields))
        readers = _readers(record, talkers[record.call_id])
        hidden = tokens(indexed([*written, _reference(session, record)]), key)
        documents.put(RECORD, record.id, hidden | indexed([_number(session, record)]) | readers)
    _write_cases(session, cases, documents)


def write_readers(session: Session, records: Sequence[RecordRow]) -> None:
    """Only who may read them has changed, or the caller's number: for the switchboard, which cannot open
    what they tell."""
    if not records:
        return
    session.flush()
    talkers = _talkers(session, records)
    found = session.scalars(_DOCUMENTS, {RECORD: [record.id for record in records], CASE: []})
    documents = {row.ref: row for row in found}
    for record in records:
        known = indexed([_number(session, record)]) | _readers(record, talkers[record.call_id])
        row = documents.get(record.id)
        if row is None:
            session.add(_document(RECORD, record.id, known))
            continue
        kept = {word for word in row.words.split() if not _READER.fullmatch(word)}
        row.words = " ".join(sorted(kept | known))
    session.flush()


def words_of(
    form_version: int,
    fields: Mapping[str, str],
    people: Iterable[Mapping[str, str]],
    number: str | None,
    owner_id: int,
    center_id: int,
    key: bytes,
) -> str:
    """The document of a closed record in which nobody hides, without asking the database: `people` are
    its children, in their order, whose owner alone talked with the caller. `key`: for the words."""
    told = dict(fields)
    for position, child in enumerate(people, start=1):
        told |= {Person(About.CHILD, position).field(name): text for name, text in child.items()}
    found_by = tokens(indexed(_written(form_version, told)), key) | indexed([number or ""])
    return " ".join(sorted(found_by | {person(owner_id), center(center_id)}))


def write_case(session: Session, case: CaseRow) -> None:
    """Bring the case's document up to date, and what is copied of its records into its row."""
    write_cases(session, [case.id])


def write_cases(session: Session, ids: Sequence[int]) -> None:
    """The same for several."""
    _write_cases(session, case_told.of_cases(session, ids), _documents(session, [], ids))


def _write_cases(session: Session, cases: Iterable[CaseTold], documents: "_Documents") -> None:
    for told in cases:
        case_told.keep(told)
        case_marks.write(session, told.records)
        documents.put(CASE, told.case.id, _case_words(session, told))
    session.flush()


def drop_case(session: Session, case: CaseRow) -> None:
    """The case is found by another now, which it was merged into."""
    session.execute(delete(SearchRow).where(SearchRow.kind == CASE, SearchRow.ref == case.id))


def _talkers(session: Session, records: Sequence[RecordRow]) -> Mapping[str | None, set[int]]:
    """Call → who talked in it."""
    found: defaultdict[str | None, set[int]] = defaultdict(set)
    calls = [record.call_id for record in records if record.call_id]
    for call_id, talker in session.execute(_TALKERS, {"calls": calls}):
        found[call_id] |= {talker} if talker else set()
    return found


def _readers(record: RecordRow, talkers: Iterable[int]) -> set[str]:
    return {person(each) for each in (record.owner_id, *talkers)} | {center(record.center_id)}


def _case_words(session: Session, told: CaseTold) -> set[str]:
    """Neither who told it nor the caller's number is found by the case, as the case does not show them
    (NĐ 56/2017 Đ24). With what was noted in cases that were merged into it."""
    case = told.case
    merged = select(CaseRow.id).where(or_(CaseRow.id == case.id, CaseRow.merged_into_id == case.id))
    notes = session.scalars(select(CaseEventRow).where(CaseEventRow.case_id.in_(merged)))
    texts = [case.number]
    for one in told.records:
        shown = {name: text for name, text in one.fields().items() if name not in forms.INFORMANT}
        texts += [*_written(one.record.form_version, shown), _reference(session, one.record)]
    for note in notes:
        texts += [note.text, *note.answers.values()]
    readers = {person(case.owner_id), person(case.opened_by), center(case.center_id)}
    return tokens(indexed(texts), sealed_columns.search_key(session)) | readers


def _written(form_version: int, fields: Mapping[str, str]) -> list[str]:
    """What was told in free words, and places by all their names: codes and dates are for filters."""
    form = forms.by_version(form_version)
    asked = {name: form.field(name) for name in fields}
    told = [fields[name] for name, field in asked.items() if field and field.kind in _WRITTEN]
    units = [name for name, field in asked.items() if field and field.kind is Kind.PLACE]
    return told + [places.found_by(fields[name]) for name in units]


def _number(session: Session, record: RecordRow) -> str:
    """The caller's: in clear, as it is in the table of calls."""
    call = session.get(CallRow, record.call_id) if record.call_id else None
    return (call.number if call else None) or ""


def _reference(session: Session, record: RecordRow) -> str:
    """What the sender of a report was given; empty for a call."""
    if record.received_at is None:
        return ""
    query = select(ReportRow.reference).where(ReportRow.record_id == record.id)
    return session.scalar(query) or ""


def _document(kind: str, ref: int, found_by: Collection[str]) -> SearchRow:
    return SearchRow(kind=kind, ref=ref, words=" ".join(sorted(found_by)))


class _Documents:
    """Those that are there, by kind and ref; what is not there yet is made."""

    def __init__(self, session: Session, found: Iterable[SearchRow]) -> None:
        self._session = session
        self._found = {(row.kind, row.ref): row for row in found}

    def put(self, kind: str, ref: int, found_by: Collection[str]) -> None:
        made = _document(kind, ref, found_by)
        row = self._found.get((kind, ref))
        if row is None:
            self._session.add(made)
        else:
            row.words = made.words


def _documents(session: Session, records: Sequence[int], cases: Sequence[int]) -> _Documents:
    return _Documents(session, session.scalars(_DOCUMENTS, {RECORD: records, CASE: cases}))


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
    key = sealed_columns.search_key(session)
    asked = [*(keyed(term, key) for term in terms), *([Term(tuple(readers))] if readers else [])]
    query = (_tsquery if postgresql else _match)(asked)
    rows = session.execute(
        text(_POSTGRESQL if postgresql else _SQLITE),
        {"query": query, "limit": limit},
    )
    return [Found(*row) for row in rows]


_POSTGRESQL = """
    SELECT kind, ref FROM search_doc
    WHERE to_tsvector('simple', words) @@ to_tsquery('simple', :query)
    ORDER BY id + 0 DESC LIMIT :limit
"""
"""`+ 0`: PostgreSQL takes the beginning of a word for far more common than it is, and would go backward
through a million documents by their ids until it has enough."""
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
