"""What the records of cases tell, read together, and what of it a case keeps for lists and searches."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BindParameter, Integer, Select, bindparam, select
from sqlalchemy.orm import Session

from hotline.clock import local
from hotline.ids import CaseId
from hotline.units import Level, now, unit
from intake.forms import forms, places, trafficking
from intake.forms.forms import About
from intake.forms.taxonomy import Risk
from intake.record_text import all_fields
from intake.tables.calls import CallRow
from intake.tables.cases import CaseRow
from intake.tables.joins import CaseRecordRow
from intake.tables.records import RecordPersonRow, RecordRow

_IDS: BindParameter[int] = bindparam("ids", expanding=True, type_=Integer)
_CASES_OF_RECORDS = (
    select(CaseRecordRow.case_id)
    .where(CaseRecordRow.record_id.in_(_IDS), CaseRecordRow.left_at.is_(None))
    .distinct()
)
_TOLD: Select[CaseRow, CaseRecordRow, RecordRow, CallRow] = (
    select(CaseRow, CaseRecordRow, RecordRow, CallRow)
    .join(CaseRecordRow, CaseRecordRow.case_id == CaseRow.id)
    .join(RecordRow, RecordRow.id == CaseRecordRow.record_id)
    .outerjoin(CallRow, CallRow.id == RecordRow.call_id)
    .where(CaseRow.id.in_(_IDS), CaseRecordRow.left_at.is_(None))
    .order_by(
        CaseRow.id,
        CaseRecordRow.home_id != CaseRecordRow.case_id,
        CaseRecordRow.joined_at,
        CaseRecordRow.id,
    )
)
_PEOPLE = (
    select(RecordPersonRow)
    .where(RecordPersonRow.record_id.in_(_IDS))
    .order_by(RecordPersonRow.about, RecordPersonRow.position)
)
"""Asked at every autosave of a case's record, and made once."""


@dataclass(frozen=True, slots=True)
class RecordTold:
    """One record of a case, and its call."""

    link: CaseRecordRow
    record: RecordRow
    call: CallRow | None
    people: Sequence[RecordPersonRow]

    @property
    def received_at(self) -> datetime:
        """When it reached the hotline."""
        if self.call is not None:
            return self.call.arrived_at
        return self.record.received_at or self.record.created_at

    @property
    def line(self) -> str:
        """Which of our lines it came over; "" for what was no call."""
        return self.call.line if self.call is not None else ""

    def fields(self) -> dict[str, str]:
        """By full name, the people's too."""
        return all_fields(self.record, self.people)


@dataclass(frozen=True, slots=True)
class CaseTold:
    """A case with the records that stand in it: its own first, in the order in which they came."""

    case: CaseRow
    records: Sequence[RecordTold]


def cases_of_records(session: Session, record_ids: Collection[int]) -> Sequence[CaseTold]:
    """The cases that these records stand in; one statement where they stand in none."""
    ids = session.scalars(_CASES_OF_RECORDS, {"ids": record_ids}).all()
    return of_cases(session, ids) if ids else ()


def of_cases(session: Session, ids: Collection[int]) -> Sequence[CaseTold]:
    """What is told in each of these cases that has a record, in two statements for all."""
    session.flush()
    rows = session.execute(_TOLD, {"ids": ids}).all()
    people = people_of(session, [record.id for _, _, record, _ in rows])
    found: dict[int, CaseTold] = {}
    records: defaultdict[int, list[RecordTold]] = defaultdict(list)
    for case, link, record, call in rows:
        records[case.id].append(RecordTold(link, record, call, people.get(record.id, ())))
        found[case.id] = CaseTold(case, records[case.id])
    return tuple(found.values())


def people_of(session: Session, record_ids: Collection[int]) -> Mapping[int, list[RecordPersonRow]]:
    """Record → everybody it tells of."""
    people: defaultdict[int, list[RecordPersonRow]] = defaultdict(list)
    for one in session.scalars(_PEOPLE, {"ids": record_ids}) if record_ids else ():
        people[one.record_id].append(one)
    return people


_GRAVITY = tuple(Risk)


def keep(told: CaseTold) -> None:
    """Copy what lists show and filter by into the case's row."""
    told_of = [one.record.fields for one in told.records]
    placed = next((one for one in told_of if forms.place_told(one)), {})
    risks = {one["risk"] for one in told_of if one.get("risk")}
    case = told.case
    case.told_risk = next((risk for risk in _GRAVITY if risk in risks), None)
    case.trafficking = any(trafficking.concerns(one.record.problem, one.line) for one in told.records)
    case.adults = case.trafficking and trafficking.adults_alone(
        [row.fields for one in told.records for row in one.people if row.about == About.CHILD],
        local(case.received_at).date(),
    )
    case.place = forms.place_told(placed)
    case.province, case.commune = _units(placed.get("place_unit", ""))


def _units(kept: str) -> tuple[str | None, str | None]:
    """The province and the commune of today; of an old unit that was divided, where most of it is."""
    found, province = unit(kept), places.province(kept)
    commune = now(found)[0] if found and found.level is Level.COMMUNE else None
    return province.id if province else None, commune.id if commune else None


def first_told(records: Sequence[RecordTold]) -> dict[str, str]:
    """What is told about the case itself, without who told it; of a question that several records
    answer, what the first one says."""
    told: dict[str, str] = {}
    for one in records:
        for name, value in one.record.fields.items():
            if value and name not in forms.INFORMANT:
                told.setdefault(name, value)
    return told


def case_id_of(session: Session, record_id: int) -> CaseId | None:
    """The case that the record stands in."""
    found = session.scalar(_CASES_OF_RECORDS, {"ids": [record_id]})
    return CaseId(found) if found is not None else None
