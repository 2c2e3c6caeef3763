"""Merging typed text into a record field by field, and keeping what could not be merged."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline import staff
from hotline.access import Viewer
from hotline.ids import StaffId
from hotline.staff import StaffView
from intake import forms
from intake.tables import RecordChildRow, RecordRejectedRow, RecordRevisionRow, RecordRow

_TYPED_MOST = 100_000
"""Rejected text is kept up to this many characters a field; a request body is smaller than that."""
_FIELD_NAME = 80


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
    """Typed text that is not in the record. `reason`: `conflict` or a code of `intake.forms`."""

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
    children = _children(session, row)
    present = all_fields(row, children.values())
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
        _write(session, row, children, accepted)
        _revise(session, viewer, row, accepted, tab, now)
    session.flush()
    people = staff.some(session, {since[name].staff_id for name in lost})
    conflicts = tuple(
        FieldConflict(name, present.get(name, ""), yours, people[since[name].staff_id], since[name].at)
        for name, yours in lost.items()
    )
    fields = all_fields(row, children.values())
    return Merged(fields, frozenset(accepted), conflicts, wrong)


def all_fields(row: RecordRow, children: Iterable[RecordChildRow]) -> dict[str, str]:
    """Every given value by full field name."""
    fields = dict(row.fields)
    for child in children:
        for name, value in child.fields.items():
            fields[forms.child_field(child.position, name)] = value
    return fields


def _children(session: Session, row: RecordRow) -> dict[int, RecordChildRow]:
    query = (
        select(RecordChildRow)
        .where(RecordChildRow.record_id == row.id)
        .order_by(RecordChildRow.position)
    )
    return {child.position: child for child in session.scalars(query)}


def _changed_since(session: Session, row: RecordRow, base_revision: int) -> dict[str, _Since]:
    """Field → what it was at the base and who changed it last since then."""
    changed: dict[str, _Since] = {}
    revisions = session.scalars(
        select(RecordRevisionRow)
        .where(RecordRevisionRow.record_id == row.id, RecordRevisionRow.number > base_revision)
        .order_by(RecordRevisionRow.number)
    )
    for revision in revisions:
        for name, (old, _) in revision.changes.items():
            before = changed[name].before if name in changed else old
            changed[name] = _Since(before, StaffId(revision.staff_id), revision.tab, revision.at)
    return changed


def _write(
    session: Session,
    row: RecordRow,
    children: dict[int, RecordChildRow],
    accepted: Mapping[str, list[str]],
) -> None:
    """JSON columns are replaced, not changed in place: that is what SQLAlchemy notices."""
    for name, (_, value) in accepted.items():
        position, inner = forms.child_position(name)
        if position is None:
            row.fields = _with(row.fields, inner, value)
            continue
        if position not in children:
            children[position] = RecordChildRow(record_id=row.id, position=position, fields={})
            session.add(children[position])
        children[position].fields = _with(children[position].fields, inner, value)


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


def rejected(session: Session, record_id: int, limit: int = 100) -> tuple[Rejected, ...]:
    """Kept texts of one record, newest first."""
    rows = session.scalars(
        select(RecordRejectedRow)
        .where(RecordRejectedRow.record_id == record_id)
        .order_by(RecordRejectedRow.id.desc())
        .limit(limit)
    ).all()
    people = staff.some(session, {StaffId(row.staff_id) for row in rows})
    return tuple(
        Rejected(row.field, row.value, row.reason, people[StaffId(row.staff_id)], row.at) for row in rows
    )
