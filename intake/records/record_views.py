"""Records as they are shown and listed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline import staff
from hotline.access import Action, Viewer, opened, reaches
from hotline.ids import CallId, CaseId, CenterId, RecordId, StaffId
from hotline.staff import StaffView
from intake.forms import forms, informants
from intake.forms.forms import About
from intake.forms.taxonomy import ChiCategory, Disposition, Problem, Way, chi_of_record
from intake.numbers import masked
from intake.record_text import FieldConflict, Rejected, all_fields, people_of, rejected
from intake.tables.calls import TalkRow
from intake.tables.cases import CaseRow
from intake.tables.joins import CaseRecordRow
from intake.tables.records import RecordPersonRow, RecordRow
from intake.visibility import reachable_cases


@dataclass(frozen=True, slots=True)
class Told:
    """One child or alleged offender: canonical values by the form's names of fields about them."""

    position: int
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Arrival:
    """How and when something reached the hotline that is no call. `happened_at`: when that happened
    which it tells; None: nobody knows."""

    way: Way
    received_at: datetime
    happened_at: datetime | None


@dataclass(frozen=True, slots=True)
class CaseOf:
    """The case that a record stands in; `id` only for those who may read it."""

    number: str
    id: CaseId | None


@dataclass(frozen=True, slots=True)
class RecordView:
    """`fields` holds every given value by full field name, people's too (`child.1.name`)."""

    id: RecordId
    call_id: CallId | None
    arrival: Arrival | None
    """None for a call's record."""
    form: forms.Form
    owner: StaffView
    revision: int
    state: str
    """`draft`, `closed`, or `unused`: the caller was gone before anybody answered or wrote."""
    disposition: Disposition | None
    created_at: datetime
    closed_at: datetime | None
    erased_at: datetime | None
    """What told of anybody is gone; nobody writes to it any more."""
    fields: Mapping[str, str]
    children: tuple[Told, ...]
    offenders: tuple[Told, ...]
    rejected: tuple[Rejected, ...]
    case: CaseOf | None
    editable: bool
    """Whether this viewer may write to it."""
    behind_glass: bool
    """Open to this viewer in an emergency alone, without who told it."""

    @property
    def case_id(self) -> CaseId | None:
        """The case it stands in, if this viewer may read that."""
        return self.case.id if self.case else None

    @property
    def chi(self) -> ChiCategory | None:
        """How it counts for Child Helpline International, as it stands."""
        problem = self.fields.get("problem")
        return chi_of_record(self.disposition, Problem(problem) if problem else None)


@dataclass(frozen=True, slots=True)
class RecordLine:
    """One line of a list: no content. `number`: masked. `at`: when the record began, or when its news
    came in."""

    id: RecordId
    call_id: CallId | None
    number: str | None
    way: Way
    at: datetime
    state: str
    disposition: Disposition | None
    owner: StaffView | None = None
    """Left out in a list of one's own."""


@dataclass(frozen=True, slots=True)
class Saved:
    """The record after one autosave. `fields` are all its fields now; `errors`: field → stable code."""

    revision: int
    saved_at: datetime
    fields: Mapping[str, str]
    conflicts: tuple[FieldConflict, ...] = ()
    errors: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One accepted revision: field → (old, new); `state` and `disposition` count as fields here."""

    number: int
    who: StaffView
    at: datetime
    fields: Mapping[str, tuple[str, str]]


def told_of(people: Iterable[RecordPersonRow], about: About) -> tuple[Told, ...]:
    """Those of whom anything is told."""
    return tuple(
        Told(row.position, dict(row.fields)) for row in people if row.about == about and row.fields
    )


def line_of(row: RecordRow, *, number: str | None = None, owner: StaffView | None = None) -> RecordLine:
    return RecordLine(
        id=RecordId(row.id),
        call_id=CallId(row.call_id) if row.call_id else None,
        number=masked(number),
        way=Way(row.way),
        at=row.received_at or row.created_at,
        state=row.state,
        disposition=Disposition(row.disposition) if row.disposition else None,
        owner=owner,
    )


def arrival_of(row: RecordRow) -> Arrival | None:
    if row.received_at is None:
        return None
    return Arrival(Way(row.way), row.received_at, row.happened_at)


def view(session: Session, viewer: Viewer, row: RecordRow) -> RecordView:
    written = row.revision > 0 or row.call_id is None
    people = people_of(session, row.id).values() if written else ()
    escalated = row.disposition == Disposition.ESCALATED
    case = _case_of(session, viewer, row) if escalated else None
    behind_glass = opened(viewer, Action.READ_RECORD) == row.id
    fields = all_fields(row, people)
    return RecordView(
        id=RecordId(row.id),
        call_id=CallId(row.call_id) if row.call_id else None,
        arrival=arrival_of(row),
        form=forms.by_version(row.form_version),
        owner=staff.one(session, StaffId(row.owner_id)),
        revision=row.revision,
        state=row.state,
        disposition=Disposition(row.disposition) if row.disposition else None,
        created_at=row.created_at,
        closed_at=row.closed_at,
        erased_at=row.erased_at,
        fields=informants.covered(fields) if behind_glass else fields,
        children=told_of(people, About.CHILD),
        offenders=told_of(people, About.OFFENDER),
        rejected=() if behind_glass else rejected(session, row),
        case=case,
        editable=not behind_glass and _writes(session, viewer, row),
        behind_glass=behind_glass,
    )


def _case_of(session: Session, viewer: Viewer, row: RecordRow) -> CaseOf | None:
    found = session.execute(
        select(CaseRow.id, CaseRow.number, reachable_cases(viewer, Action.READ_CASE))
        .join(CaseRecordRow, CaseRecordRow.case_id == CaseRow.id)
        .where(CaseRecordRow.record_id == row.id, CaseRecordRow.left_at.is_(None))
    ).first()
    if found is None:
        return None
    case_id, number, readable = found
    return CaseOf(number, CaseId(case_id) if readable else None)


def _writes(session: Session, viewer: Viewer, row: RecordRow) -> bool:
    if row.erased_at is not None:
        return False
    owner, center = StaffId(row.owner_id), CenterId(row.center_id)
    if reaches(viewer, Action.WRITE_RECORD, owner=owner, center=center):
        return True
    talked = select(TalkRow.id).where(
        TalkRow.call_id == row.call_id, TalkRow.staff_id == viewer.staff_id
    )
    owner = viewer.staff_id if session.scalar(talked.limit(1)) else owner
    return reaches(viewer, Action.WRITE_RECORD, owner=owner, center=center)
