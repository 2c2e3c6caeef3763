"""Merging typed text into a record field by field, and keeping what could not be merged."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Integer, bindparam, select
from sqlalchemy.orm import Session

from hotline import staff
from hotline.access import Viewer
from hotline.ids import StaffId
from hotline.staff import StaffView
from intake.forms import forms, informants
from intake.forms.forms import About, Person
from intake.tables.records import RecordPersonRow, RecordRejectedRow, RecordRevisionRow, RecordRow

_TYPED_MOST = 100_000
"""Rejected text is kept up to this many characters a field; a request body is smaller than that."""
_FIELD_NAME = 80
_SHOWN_REJECTED = 100


@dataclass(frozen=True, slots=True)
class FieldConflict:
    """Two texts for one field: `theirs` is in the record since `at`, `yours` is kept beside it."""

    field: str
    theirs: str
    yours: str
    who: StaffView
    at: datetime


@dataclass(frozen=True, slots=True)
class Rejected:
    """Typed text that is not in the record. `reason`: `conflict` or a code of `intake.forms.forms`."""

    field: str
    value: str
    reason: str
    who: StaffView
    at: datetime


@dataclass(frozen=True, slots=True)
class Merged:
    """`fields`: everything in the record now; `accepted`: the names that changed with this merge."""

    fields: Mapping[str, str]
    accepted: frozenset[str]
    conflicts: tuple[FieldConflict, ...]
    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Since:
    """What happened to one field since the base revision."""

    before: str
    staff_id: StaffId
    tab: str
    at: datetime


def merge(
    session: Session,
    viewer: Viewer,
    row: RecordRow,
    base_revision: int,
    changes: Mapping[str, str],
    tab: str,
    now: datetime,
) -> Merged:
    """Put `changes` into the locked `row`, as one revision if anything changes at all.

    A field conflicts when somebody else, or another tab, has changed it since the base to another
    value, and this page did touch it (it differs from what the base said).
    """
    cleaned, wrong = forms.sort_out(forms.by_version(row.form_version), changes)
    for name, code in wrong.items():
        _keep(session, viewer, row, name, forms.tidy(changes[name]), code, now)
    people = people_of(session, row.id)
    present = all_fields(row, people.values())
    since = _changed_since(session, row, base_revision)
    accepted: dict[str, list[str]] = {}
    lost: dict[str, str] = {}
    for name, value in cleaned.items():
        current, other = present.get(name, ""), since.get(name)
        if value == current:
            continue
        if other is None or (tab and (other.staff_id, other.tab) == (viewer.staff_id, tab)):
            accepted[name] = [current, value]
        elif value != other.before:
            lost[name] = value
            _keep(session, viewer, row, name, value, "conflict", now)
    if accepted:
        row.state = "draft" if row.state == "unused" else row.state
        _write(session, row, people, accepted)
        _revise(session, viewer, row, accepted, tab, now)
    session.flush()
    writers = staff.some(session, {since[name].staff_id for name in lost})
    conflicts = tuple(
        FieldConflict(name, present.get(name, ""), yours, writers[since[name].staff_id], since[name].at)
        for name, yours in lost.items()
    )
    fields = all_fields(row, people.values())
    return Merged(fields, frozenset(accepted), conflicts, wrong)


def all_fields(row: RecordRow, people: Iterable[RecordPersonRow]) -> dict[str, str]:
    """Every given value by full field name."""
    fields = dict(row.fields)
    for one in people:
        for name, value in one.fields.items():
            fields[_person(one).field(name)] = value
    return fields


def _person(row: RecordPersonRow) -> Person:
    return Person(About(row.about), row.position)


_RECORD = bindparam("record", type_=Integer)
_PEOPLE = (
    select(RecordPersonRow)
    .where(RecordPersonRow.record_id == _RECORD)
    .order_by(RecordPersonRow.about, RecordPersonRow.position)
)
_REVISIONS = (
    select(RecordRevisionRow)
    .where(RecordRevisionRow.record_id == _RECORD, RecordRevisionRow.number > bindparam("base"))
    .order_by(RecordRevisionRow.number)
)


def people_of(session: Session, record_id: int) -> dict[Person, RecordPersonRow]:
    """Everybody the record tells of, in order."""
    return {_person(row): row for row in session.scalars(_PEOPLE, {"record": record_id})}


def _changed_since(session: Session, row: RecordRow, base_revision: int) -> dict[str, _Since]:
    """Field → what it was at the base and who changed it last since then."""
    changed: dict[str, _Since] = {}
    revisions = session.scalars(_REVISIONS, {"record": row.id, "base": base_revision})
    for revision in revisions:
        for name, (old, _) in revision.changes.items():
            before = changed[name].before if name in changed else old
            changed[name] = _Since(before, StaffId(revision.staff_id), revision.tab, revision.at)
    return changed


def _write(
    session: Session,
    row: RecordRow,
    people: dict[Person, RecordPersonRow],
    accepted: Mapping[str, list[str]],
) -> None:
    """JSON columns are replaced, not changed in place: that is what SQLAlchemy notices."""
    for name, (_, value) in accepted.items():
        person, inner = forms.split(name)
        if person is None:
            row.fields = _with(row.fields, inner, value)
            continue
        if person not in people:
            people[person] = new_person(row.id, person, {})
            session.add(people[person])
        people[person].fields = _with(people[person].fields, inner, value)


def new_person(record_id: int, person: Person, fields: Mapping[str, str]) -> RecordPersonRow:
    """A row that is not in the session yet."""
    return RecordPersonRow(
        record_id=record_id, about=person.about, position=person.position, fields=dict(fields)
    )


def _with(fields: Mapping[str, str], name: str, value: str) -> dict[str, str]:
    others = {key: text for key, text in fields.items() if key != name}
    return {**others, name: value} if value else others


def _revise(
    session: Session,
    viewer: Viewer,
    row: RecordRow,
    accepted: dict[str, list[str]],
    tab: str,
    now: datetime,
) -> None:
    row.revision += 1
    session.add(
        RecordRevisionRow(
            record_id=row.id,
            number=row.revision,
            staff_id=viewer.staff_id,
            tab=tab[:40],
            at=now,
            changes=accepted,
        )
    )


def _keep(
    session: Session, viewer: Viewer, row: RecordRow, name: str, value: str, reason: str, now: datetime
) -> None:
    """Keep rejected text; whoever goes on typing the same text extends it instead of adding rows."""
    field = forms.tidy(name)[:_FIELD_NAME]
    last = session.scalar(
        select(RecordRejectedRow)
        .where(
            RecordRejectedRow.record_id == row.id,
            RecordRejectedRow.field == field,
            RecordRejectedRow.staff_id == viewer.staff_id,
            RecordRejectedRow.reason == reason,
        )
        .order_by(RecordRejectedRow.id.desc())
        .limit(1)
    )
    text = value[:_TYPED_MOST]
    if last is not None and text.startswith(last.value):
        last.value, last.at = text, now
        return
    session.add(
        RecordRejectedRow(
            record_id=row.id,
            field=field,
            value=text,
            reason=reason,
            staff_id=viewer.staff_id,
            at=now,
        )
    )


_REJECTED = (
    select(RecordRejectedRow)
    .where(RecordRejectedRow.record_id == _RECORD)
    .order_by(RecordRejectedRow.id.desc())
    .limit(_SHOWN_REJECTED)
)


def rejected(session: Session, record: RecordRow) -> tuple[Rejected, ...]:
    """Kept texts of one record, newest first."""
    rows = session.scalars(_REJECTED, {"record": record.id}).all()
    people = staff.some(session, {StaffId(row.staff_id) for row in rows})
    those = informants.hidden(record.fields)
    return tuple(
        Rejected(
            row.field,
            informants.MASK if row.field in those else row.value,
            row.reason,
            people[StaffId(row.staff_id)],
            row.at,
        )
        for row in rows
    )
