"""Of whom a record tells, and what of it is one person's own: for who asks what is kept of them.

A child's own are its particulars; what was told about it is free text, in which others stand, and is
given only as an excerpt that somebody wrote and somebody else read. A caller's own are how they were
written down and their number, and nothing of any child.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from intake.data_requests import packet_masks
from intake.data_requests.packet_masks import Known
from intake.forms.forms import About
from intake.forms.taxonomy import Relation
from intake.search_words import folded
from intake.tables.calls import CallRow
from intake.tables.joins import CaseRecordRow
from intake.tables.records import RecordPersonRow, RecordRow

_CALLERS = ("caller_type", "caller_name", "call_back", "language")
_STORIES = ("content", "advice", "referral")
"""Fields that tell what happened to the child and what was done; an excerpt begins as these."""
_BY_NAME = "name"


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody a record tells of. `person_id`: None for who called. `born`: a date, or a year, or ""."""

    record_id: int
    person_id: int | None
    name: str
    born: str
    age: str


_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


def split_year(query: str) -> tuple[str, int | None]:
    """The words to search for, and the year of birth among them: that is in no word of the search."""
    found = _YEAR.search(query)
    if found is None:
        return query, None
    return _YEAR.sub(" ", query).strip(), int(found[0])


def maybe_born(one: Subject, year: int, told_in: int) -> bool:
    """Whether they may be of this year; who has neither a date nor an age may be."""
    if one.born:
        return one.born.startswith(str(year))
    return not one.age or abs(told_in - int(one.age) - year) <= 1


def of_records(session: Session, record_ids: Sequence[int]) -> Mapping[int, list[Subject]]:
    """Children and callers by record, the children first; the caller has checked the viewer's right."""
    found: dict[int, list[Subject]] = {one: [] for one in record_ids}
    people = select(RecordPersonRow).where(
        RecordPersonRow.record_id.in_(record_ids), RecordPersonRow.about == About.CHILD
    )
    for one in session.scalars(people.order_by(RecordPersonRow.position)):
        told = one.fields
        found[one.record_id].append(
            Subject(
                one.record_id,
                one.id,
                told.get("name", ""),
                told.get("birth_date", ""),
                told.get("age", ""),
            )
        )
    for row in session.scalars(select(RecordRow).where(RecordRow.id.in_(record_ids))):
        found[row.id].append(Subject(row.id, None, row.fields.get("caller_name", ""), "", ""))
    return found


def own(session: Session, row: RecordRow, person_id: int | None) -> dict[str, str]:
    """The person's own particulars by the form's names of fields; a caller's with their number."""
    if person_id is None:
        told = {name: row.fields[name] for name in _CALLERS if row.fields.get(name)}
        call = session.get(CallRow, row.call_id) if row.call_id else None
        if call is not None and call.number:
            told["number"] = call.number
        return told
    person = session.get_one(RecordPersonRow, person_id)
    return {name: text for name, text in person.fields.items() if text}


def story(session: Session, row: RecordRow, person_id: int | None) -> str:
    """What an excerpt begins with: what was told, with every other known person covered."""
    texts = [row.fields[name] for name in _STORIES if row.fields.get(name)]
    return packet_masks.mask("\n\n".join(texts), others(session, row, person_id))


def others(session: Session, row: RecordRow, person_id: int | None) -> Known:
    """What is known to name everybody else in this record and those that stand in a case with it. Who
    has a name of the person's own is not covered: it would be they."""
    rows = _with_it(session, row)
    people = list(
        session.scalars(
            select(RecordPersonRow)
            .where(RecordPersonRow.record_id.in_([one.id for one in rows]))
            .order_by(RecordPersonRow.id)
        )
    )
    mine = next((one.fields.get(_BY_NAME, "") for one in people if one.id == person_id), "")
    if person_id is None:
        mine = row.fields.get("caller_name", "")
    own_words = set(folded(mine).split())
    called = [row.fields.get("caller_name", "") for row in rows]
    called += [one.fields.get(_BY_NAME, "") for one in people if one.id != person_id]
    described = [row.fields.get("call_back", "") for row in rows]
    described += [one.fields.get("described", "") for one in people]
    names = [name for name in (*called, *described) if name and folded(name) != folded(mine)]
    given = [name.split()[-1] for name in called if len(name.split()) > 1]
    return Known(
        tuple(dict.fromkeys(names)),
        tuple(dict.fromkeys(one for one in given if folded(one) not in own_words)),
    )


def _with_it(session: Session, row: RecordRow) -> Sequence[RecordRow]:
    """The record itself, and those of its case."""
    case = select(CaseRecordRow.case_id).where(
        CaseRecordRow.record_id == row.id, CaseRecordRow.left_at.is_(None)
    )
    beside = select(CaseRecordRow.record_id).where(
        CaseRecordRow.case_id.in_(case), CaseRecordRow.left_at.is_(None)
    )
    query = select(RecordRow).where(or_(RecordRow.id == row.id, RecordRow.id.in_(beside)))
    return session.scalars(query.order_by(RecordRow.id)).all()


def offenders(session: Session, row: RecordRow) -> frozenset[Relation]:
    """What those who are accused are said to be to the children of this record, or of its case."""
    rows = _with_it(session, row)
    told = {one.fields.get("offender_relation", "") for one in rows}
    people = select(RecordPersonRow).where(
        RecordPersonRow.record_id.in_([one.id for one in rows]),
        RecordPersonRow.about == About.OFFENDER,
    )
    for one in session.scalars(people):
        told |= {text for name, text in one.fields.items() if name.startswith("relation")}
    return frozenset(Relation(code) for code in told if code)
