"""Cases that may be about what a record tells, shown before a new one is opened.

They are found by the marks that the records of cases leave (`intake.searching.likeness`), so that a
hundred thousand cases cost no more than ten. Of a case that the viewer may not read they see that there
is one: its number, its state and its center, and why; never a name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline import audit, staff
from hotline.access import Action, Viewer
from hotline.errors import NotVisible
from hotline.ids import CaseId, CenterId, RecordId, StaffId
from hotline.staff import Center, StaffView
from intake.cases import flow
from intake.forms.forms import About
from intake.record_text import people_of
from intake.records import records
from intake.searching import case_marks, case_told, likeness
from intake.searching.case_told import CaseTold, RecordTold
from intake.searching.likeness import Why
from intake.tables.calls import CallRow
from intake.tables.cases import CaseRow
from intake.tables.joins import CaseRecordRow
from intake.tables.records import RecordRow
from intake.visibility import reachable_cases

SHOWN = 6


@dataclass(frozen=True, slots=True)
class Candidate:
    """`place`, `owner` and `children` (names) are empty for who may not read the case."""

    id: CaseId
    number: str
    state: flow.State
    closed: bool
    center: Center
    opened_at: datetime
    why: tuple[Why, ...]
    score: int
    readable: bool
    place: str
    owner: str
    children: tuple[str, ...]


def candidates(
    session: Session, viewer: Viewer, record_id: RecordId, now: datetime
) -> Sequence[Candidate]:
    """What the record may belong to, the likeliest first. Audited when there is any. Raises NotVisible
    unless the viewer may write to the record."""
    record = records.writable_row(session, viewer, record_id)
    if case_told.case_id_of(session, record.id) is not None:
        return ()
    likely = _likely(session, record, now)[:SHOWN]
    if not likely:
        return ()
    shown = " ".join(f"c{told.case.id}" for told, _ in likely)
    audit.note(session, viewer, audit.Act.LIST, "record", record.id, now, f"candidates {shown}")
    ids = [told.case.id for told, _ in likely]
    may_read = set(
        session.scalars(
            select(CaseRow.id).where(CaseRow.id.in_(ids), reachable_cases(viewer, Action.READ_CASE))
        )
    )
    owners = staff.some(session, {StaffId(told.case.owner_id) for told, _ in likely})
    centers = {center.id: center for center in staff.centers(session)}
    found = []
    for told, why in likely:
        case = told.case
        owner = owners[StaffId(case.owner_id)] if case.id in may_read else None
        found.append(_candidate(told, why, centers[CenterId(case.center_id)], owner))
    return found


def joinable(
    session: Session, viewer: Viewer, record_id: RecordId, case_id: CaseId, now: datetime
) -> CaseRow:
    """The case, if the viewer is shown it as a candidate for this record or may write to it. Raises
    NotVisible."""
    reached = select(CaseRow).where(CaseRow.id == case_id, reachable_cases(viewer, Action.WRITE_CASE))
    row = session.scalar(reached)
    if row is None:
        record = records.writable_row(session, viewer, record_id)
        likely = _likely(session, record, now)[:SHOWN]
        row = next((told.case for told, _ in likely if told.case.id == case_id), None)
    if row is None:
        raise NotVisible("case")
    return row


def _likely(
    session: Session, record: RecordRow, now: datetime
) -> Sequence[tuple[CaseTold, frozenset[Why]]]:
    call = session.get(CallRow, record.call_id) if record.call_id else None
    people = tuple(people_of(session, record.id).values())
    here = case_marks.compared(RecordTold(CaseRecordRow(), record, call, people))
    found = []
    for told in case_told.of_cases(session, case_marks.cases_like(session, here, now)):
        whys = [likeness.reasons(here, case_marks.compared(one)) for one in told.records]
        best = max(whys, key=likeness.score)
        if likeness.score(best) >= likeness.SHOWN_FROM:
            found.append((told, best))
    return sorted(
        found, key=lambda each: (-likeness.score(each[1]), -each[0].case.opened_at.timestamp())
    )


def _candidate(
    told: CaseTold, why: frozenset[Why], center: Center, owner: StaffView | None
) -> Candidate:
    """`owner`: given when the viewer may read the case."""
    case = told.case
    names = [
        each.fields.get("name", "")
        for one in told.records
        for each in one.people
        if each.about == About.CHILD
    ]
    return Candidate(
        id=CaseId(case.id),
        number=case.number,
        state=flow.State(case.state),
        closed=case.closed_at is not None,
        center=center,
        opened_at=case.opened_at,
        why=likeness.by_weight(why),
        score=likeness.score(why),
        readable=owner is not None,
        place=case.place if owner is not None else "",
        owner=owner.name if owner is not None else "",
        children=tuple(filter(None, names)) if owner is not None else (),
    )
