"""The victims of anti-trafficking cases, each once, with what is told of them for counting."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session, aliased

from hotline.clock import local
from hotline.ids import ChildId, RecordId
from intake.cases.case_people import CaseChild, ToldChild, children
from intake.documents.trafficking_form import CODE, Destination, Purpose
from intake.forms import trafficking
from intake.forms.forms import About
from intake.forms.taxonomy import Sex
from intake.forms.trafficking import AgeBand, People, people_of
from intake.searching import case_told
from intake.searching.case_told import CaseTold
from intake.tables.cases import CaseRow
from intake.tables.documents import FilledFormRow
from intake.tables.joins import SameChildRow


@dataclass(frozen=True, slots=True)
class Victim:
    case_id: int
    sex: Sex
    age: AgeBand
    people: People
    purpose: Purpose
    destination: Destination


def victims(session: Session, begins: datetime, ends: datetime) -> tuple[list[Victim], list[int]]:
    """Of the cases that were opened then, and which those are; of those that are one now, once."""
    row = CaseRow
    opened = (row.trafficking == true(), row.opened_at >= begins, row.opened_at < ends)
    told = case_told.of_cases(session, session.scalars(select(row.id).where(*opened)).all())
    several = [row.id for one in told if one.records[1:] for each in one.records for row in each.people]
    found = session.execute(
        select(SameChildRow.person_id, SameChildRow.same_as_id).where(
            SameChildRow.undone_at.is_(None), SameChildRow.person_id.in_(several)
        )
    )
    same = [(one, other) for one, other in found]
    forms = _forms(session, [one.case.id for one in told])
    each_once = [
        _victim(one.case.id, child, forms.get(one.case.id, ()), local(one.case.received_at).date())
        for one in told
        for child in children(_people(one), same)
    ]
    return each_once, [one.case.id for one in told]


def _people(told: CaseTold) -> list[ToldChild]:
    return [
        ToldChild(ChildId(row.id), RecordId(one.record.id), dict(row.fields))
        for one in told.records
        for row in one.people
        if row.about == About.CHILD and row.fields
    ]


def _forms(session: Session, case_ids: Collection[int]) -> Mapping[int, list[FilledFormRow]]:
    """Case → the forms about its victims, those of cases that were merged into it too, the newest
    first."""
    home = aliased(CaseRow)
    standing = func.coalesce(home.merged_into_id, home.id)
    found: dict[int, list[FilledFormRow]] = {}
    for case_id, form in session.execute(
        select(standing, FilledFormRow)
        .join(home, home.id == FilledFormRow.case_id)
        .where(FilledFormRow.code == CODE, standing.in_(case_ids))
        .order_by(FilledFormRow.id.desc())
    ):
        found.setdefault(case_id, []).append(form)
    return found


def _victim(case_id: int, child: CaseChild, forms: Sequence[FilledFormRow], on: date) -> Victim:
    """`forms`: of its case; those about somebody else in it do not count."""
    about = [one.fields for one in forms if one.child_id is None or one.child_id in child.ids]

    def told(name: str) -> str:
        return next((one[name] for one in about if one.get(name)), "") or Purpose.UNKNOWN

    return Victim(
        case_id=case_id,
        sex=Sex(child.fields.get("sex") or Sex.UNKNOWN),
        age=trafficking.band(trafficking.age(child.fields, on)),
        people=people_of(child.fields.get("ethnicity", "")),
        purpose=Purpose(told("purpose")),
        destination=Destination(told("destination")),
    )
