"""Search over the records and cases that the viewer may read: by number, name, place or any text."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline import audit
from hotline.access import Action, Scope, Viewer, scope
from hotline.ids import CaseId, RecordId
from intake import numbers
from intake.cases import flow
from intake.forms import forms, informants, places
from intake.forms.taxonomy import Disposition, Way
from intake.record_text import all_fields
from intake.search_words import Term, count, spot, terms
from intake.searching import search_index
from intake.searching.search_index import CASE, RECORD, Found
from intake.tables.calls import CallRow
from intake.tables.cases import CaseRow
from intake.tables.joins import CaseRecordRow
from intake.tables.records import RecordPersonRow, RecordRow
from intake.visibility import reachable_cases, reachable_records

SHOWN = 50
_LOOKED_AT = 2 * SHOWN
_AROUND = 50
"""Characters of a told text shown before and after what was found in it."""


@dataclass(frozen=True, slots=True)
class Extract:
    """Where a word was found: `field` by its full name, and the text cut to `before + found + after`."""

    field: str
    before: str
    found: str
    after: str


@dataclass(frozen=True, slots=True)
class Hit:
    """One record, its case, or both: what of them the viewer may read."""

    at: datetime
    number: str | None
    way: Way
    place: str
    record_id: RecordId | None
    disposition: Disposition | None
    state: str
    case_id: CaseId | None
    case_number: str
    case_state: flow.State | None
    extract: Extract | None


@dataclass(frozen=True, slots=True)
class Hits:
    """The newest `SHOWN`; `more`: there are older ones, which more words would find."""

    hits: tuple[Hit, ...] = ()
    more: bool = False


def search(session: Session, viewer: Viewer, query: str, now: datetime) -> Hits:
    """Records and cases in which all words are found, in any order, marks or none. Audited by what was
    shown, never by what was typed."""
    asked = terms(query)
    if not asked:
        return Hits()
    found = search_index.find(session, asked, _readers(viewer), _LOOKED_AT)
    records = _records(session, viewer, found)
    cases = _cases(session, viewer, found, records)
    readable = [each for each in _in_order(found, cases) if each in records or each in cases]
    told = _told(session, readable[:SHOWN])
    hits = [_hit(records.get(each), cases.get(each), told[each], asked) for each in readable[:SHOWN]]
    listed = " ".join(str(hit.record_id or f"c{hit.case_id}") for hit in hits)
    audit.note(session, viewer, audit.Act.SEARCH, "record", len(readable), now, listed[:_DETAIL])
    return Hits(tuple(hits), more=len(found) == _LOOKED_AT or len(readable) > SHOWN)


_DETAIL = 200


def _readers(viewer: Viewer) -> Collection[str]:
    """The words of which one is in every document that the viewer may read; none: no word is needed."""
    scopes = {scope(viewer, Action.READ_RECORD), scope(viewer, Action.READ_CASE)}
    if Scope.ALL in scopes:
        return ()
    own = [search_index.person(viewer.staff_id)]
    return [*own, search_index.center(viewer.center_id)] if Scope.CENTER in scopes else own


def _records(session: Session, viewer: Viewer, found: Iterable[Found]) -> dict[int, RecordRow]:
    """Those found, and those of the cases found: asked for first, or PostgreSQL 17 reads all records
    for an OR with a subquery."""
    refs = [one.ref for one in found if one.kind == RECORD]
    if cases := _case_refs(found):
        refs += session.scalars(
            select(CaseRecordRow.record_id).where(
                CaseRecordRow.case_id.in_(cases), CaseRecordRow.left_at.is_(None)
            )
        )
    query = select(RecordRow).where(
        RecordRow.id.in_(refs), reachable_records(viewer, Action.READ_RECORD)
    )
    return {row.id: row for row in session.scalars(query)}


def _cases(
    session: Session, viewer: Viewer, found: Iterable[Found], records: Iterable[int]
) -> dict[int, CaseRow]:
    """By each record that stands in them: those found, and those of the records found."""
    standing = CaseRecordRow.left_at.is_(None)
    of_records = select(CaseRecordRow.case_id).where(
        CaseRecordRow.record_id.in_(list(records)), standing
    )
    ids = {*_case_refs(found), *session.scalars(of_records)}
    query = (
        select(CaseRecordRow.record_id, CaseRow)
        .join(CaseRow, CaseRow.id == CaseRecordRow.case_id)
        .where(CaseRow.id.in_(ids), standing, reachable_cases(viewer, Action.READ_CASE))
        .order_by(CaseRecordRow.home_id != CaseRow.id, CaseRecordRow.joined_at, CaseRecordRow.id)
    )
    return dict(session.execute(query).all())


def _case_refs(found: Iterable[Found]) -> Sequence[int]:
    return [one.ref for one in found if one.kind == CASE]


def _in_order(found: Sequence[Found], cases: Mapping[int, CaseRow]) -> Sequence[int]:
    """The records that the documents are about, each once; a case shows the first of its records that
    was found itself, else the first of all."""
    themselves = {one.ref for one in found if one.kind == RECORD}
    of_case: dict[int, int] = {}
    for record_id in sorted(cases, key=lambda each: each not in themselves):
        of_case.setdefault(cases[record_id].id, record_id)
    refs = (one.ref if one.kind == RECORD else of_case.get(one.ref, 0) for one in found)
    return list(dict.fromkeys(refs))


@dataclass(frozen=True, slots=True)
class _Told:
    fields: Mapping[str, str]
    number: str | None
    way: Way
    at: datetime


def _told(session: Session, ids: Sequence[int]) -> dict[int, _Told]:
    """What each record tells, in three queries for all of them."""
    rows = session.scalars(select(RecordRow).where(RecordRow.id.in_(ids))).all()
    people: dict[int, list[RecordPersonRow]] = {}
    for one in session.scalars(select(RecordPersonRow).where(RecordPersonRow.record_id.in_(ids))):
        people.setdefault(one.record_id, []).append(one)
    call_ids = [row.call_id for row in rows if row.call_id]
    calls = {call.id: call for call in session.scalars(select(CallRow).where(CallRow.id.in_(call_ids)))}
    told = {}
    for row in rows:
        call = calls.get(row.call_id or "")
        fields = all_fields(row, people.get(row.id, ()))
        at = call.arrived_at if call else row.received_at or row.created_at
        told[row.id] = _Told(fields, call.number if call else None, Way(row.way), at)
    return told


def _hit(record: RecordRow | None, case: CaseRow | None, told: _Told, asked: Sequence[Term]) -> Hit:
    shown = {
        name: value
        for name, value in informants.findable(told.fields, told.fields).items()
        if record is not None or name not in forms.INFORMANT
    }
    return Hit(
        at=told.at,
        number=numbers.masked(told.number),
        way=told.way,
        place=forms.place_told(shown),
        record_id=RecordId(record.id) if record else None,
        disposition=Disposition(record.disposition) if record and record.disposition else None,
        state=record.state if record else "",
        case_id=CaseId(case.id) if case else None,
        case_number=case.number if case else "",
        case_state=flow.State(case.state) if case else None,
        extract=_extract(shown, asked),
    )


def _extract(fields: Mapping[str, str], asked: Sequence[Term]) -> Extract | None:
    """From the text in which most of the words are; the place is shown anyway."""
    texts = {
        name: places.found_by(value) if forms.split(name)[1] in forms.UNITS else value
        for name, value in fields.items()
        if name not in {"place", "place_unit"}
    }
    found = {name: count(text, asked) for name, text in texts.items()}
    best = max(found, key=lambda name: found[name], default="")
    if not found.get(best) or (place := spot(texts[best], asked)) is None:
        return None
    (begin, end), told = place, texts[best]
    before, after = told[:begin], told[end:]
    return Extract(best, _last(before), told[begin:end], _first(after))


def _first(text: str) -> str:
    return text if len(text) <= _AROUND else text[:_AROUND] + "…"


def _last(text: str) -> str:
    return text if len(text) <= _AROUND else "…" + text[-_AROUND:]
