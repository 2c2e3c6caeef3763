"""The directory in the database: what stands, its history, and lists that are imported.

Offices are no secret of a child, but who changed a number at night must be told: every change is a row
of history and on record.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from hashlib import sha256

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from hotline import audit, staff
from hotline.access import Action, Viewer, may
from hotline.errors import BadInput, Conflict, NotAllowed, NotVisible
from hotline.ids import StaffId
from hotline.staff import StaffView
from hotline.terms import LONGEST_REASON
from intake.directory import directory, directory_lists
from intake.directory.directory import Contact, Entry, Kind, OnDuty, Plan, chain
from intake.numbers import dialable
from intake.tables.directory import DirectoryChangeRow, DirectoryEntryRow, DirectoryImportRow

_ORDER = {kind: place for place, kind in enumerate(Kind)}


@dataclass(frozen=True, slots=True)
class Turn:
    """One entry of the history. `by`: None for a command."""

    at: datetime
    by: StaffView | None
    act: str
    texts: Mapping[str, str]
    reason: str


@dataclass(frozen=True, slots=True)
class Brought:
    """A list that was brought, and what it would change, or has."""

    id: int
    at: datetime
    plan: Plan
    applied_at: datetime | None


def around(session: Session, unit_id: str) -> Sequence[Entry]:
    """All that stands for a unit, its own first, then its province's and the country's."""
    units = chain(unit_id)
    row = DirectoryEntryRow
    nearness = case({each: place for place, each in enumerate(units)}, value=row.unit_id)
    kinds = case({kind.value: place for kind, place in _ORDER.items()}, value=row.kind)
    rows = session.scalars(
        select(row)
        .where(row.unit_id.in_(units), row.removed_at.is_(None))
        .order_by(nearness, kinds, row.position, row.id)
    )
    return [_entry(each) for each in rows]


def on_duty(session: Session, unit_id: str, moment: datetime) -> OnDuty | None:
    """Who is on duty for this unit at this moment (`directory.on_duty`)."""
    return directory.on_duty(around(session, unit_id), unit_id, moment)


def entry(session: Session, entry_id: int) -> Entry:
    """One that stands. Raises NotVisible."""
    return _entry(_standing(session, entry_id))


def history(session: Session, entry_id: int) -> Sequence[Turn]:
    """What one was, newest first."""
    row = DirectoryChangeRow
    rows = session.scalars(select(row).where(row.entry_id == entry_id).order_by(row.id.desc())).all()
    people = staff.some(session, {StaffId(each.by_id) for each in rows if each.by_id})
    return [
        Turn(
            each.at,
            people[StaffId(each.by_id)] if each.by_id else None,
            each.act,
            each.texts,
            each.reason,
        )
        for each in rows
    ]


def counts(session: Session) -> Mapping[Kind, int]:
    """How many stand of each kind."""
    row = DirectoryEntryRow
    found = session.execute(
        select(row.kind, func.count()).where(row.removed_at.is_(None)).group_by(row.kind)
    )
    return {Kind(kind): count for kind, count in found}


def add(session: Session, viewer: Viewer, told: Contact, now: datetime) -> int:
    """Put an office in. Raises NotAllowed, Conflict when it stands already."""
    _must_edit(viewer)
    if told.key in {each.contact.key for each in _of_units(session, {told.unit_id})}:
        raise Conflict("twice")
    return _add(session, viewer, told, now)


def change(
    session: Session, viewer: Viewer, entry_id: int, revision: int, told: Contact, now: datetime
) -> None:
    """Write what it is now. `revision`: of what was looked at. Raises NotAllowed, NotVisible, and
    Conflict (`changed`: somebody else was faster; `twice`)."""
    _must_edit(viewer)
    row = _standing(session, entry_id, lock=True)
    if row.revision != revision:
        raise Conflict("changed")
    others = {each.contact.key for each in _of_units(session, {told.unit_id}) if each.id != entry_id}
    if told.key in others:
        raise Conflict("twice")
    _change(session, viewer, row, told, now)


def remove(
    session: Session, viewer: Viewer, entry_id: int, revision: int, reason: str, now: datetime
) -> None:
    """Take it out; its history stays. Raises NotAllowed, NotVisible, Conflict, BadInput (`reason`)."""
    _must_edit(viewer)
    said = " ".join(reason.split())
    if not said or len(said) > LONGEST_REASON:
        raise BadInput("reason")
    row = _standing(session, entry_id, lock=True)
    if row.revision != revision:
        raise Conflict("changed")
    row.removed_at = now
    row.revision += 1
    _write_down(session, viewer, row, "removed", now, said)


def bring(session: Session, viewer: Viewer | None, content: bytes, now: datetime) -> int:
    """Keep a list to look at what it would change; nothing is changed yet. `viewer`: None for a command.
    Raises NotAllowed, BadInput (`directory_lists.lines_of`)."""
    _must_edit(viewer)
    directory_lists.lines_of(content)
    row = DirectoryImportRow(
        at=now,
        by_id=viewer.staff_id if viewer else None,
        sha256=sha256(content).hexdigest(),
        content=content,
    )
    session.add(row)
    session.flush()
    return row.id


def brought(session: Session, viewer: Viewer | None, import_id: int) -> Brought:
    """What a list would change as things stand now. Raises NotAllowed, NotVisible."""
    _must_edit(viewer)
    row = session.get(DirectoryImportRow, import_id)
    if row is None:
        raise NotVisible("list")
    return Brought(row.id, row.at, _plan(session, row), row.applied_at)


def apply(session: Session, viewer: Viewer | None, import_id: int, now: datetime) -> int:
    """Do what the list changes, all or nothing; how many. Once more it changes nothing. Raises
    NotAllowed, NotVisible, BadInput when a line is wrong."""
    _must_edit(viewer)
    row = session.get(DirectoryImportRow, import_id, with_for_update=True)
    if row is None:
        raise NotVisible("list")
    made = _plan(session, row)
    if made.wrong:
        raise BadInput("wrong_lines")
    for each in made.changes:
        if each.before is None:
            _add(session, viewer, each.after, now)
        else:
            _change(session, viewer, session.get_one(DirectoryEntryRow, each.before.id), each.after, now)
    row.applied_at = row.applied_at or now
    audit.note(
        session, viewer, audit.Act.CHANGE, "directory_import", row.id, now, str(len(made.changes))
    )
    return len(made.changes)


def _plan(session: Session, row: DirectoryImportRow) -> Plan:
    """Everything that stands is read: a list is of the whole country, or of a province."""
    standing = select(DirectoryEntryRow).where(DirectoryEntryRow.removed_at.is_(None))
    return directory.plan(
        directory_lists.lines_of(row.content), [_entry(each) for each in session.scalars(standing)]
    )


def put_made_up(session: Session, told: Iterable[Contact], now: datetime) -> int:
    """The demo's offices, which are not there yet; how many."""
    wanted = list(told)
    known = {each.contact.key for each in _of_units(session, {each.unit_id for each in wanted})}
    missing = [each for each in wanted if each.key not in known]
    for each in missing:
        _add(session, None, each, now, made_up=True)
    return len(missing)


def _of_units(session: Session, units: set[str]) -> Sequence[Entry]:
    row = DirectoryEntryRow
    rows = session.scalars(select(row).where(row.unit_id.in_(units), row.removed_at.is_(None)))
    return [_entry(each) for each in rows]


def _add(
    session: Session, viewer: Viewer | None, told: Contact, now: datetime, *, made_up: bool = False
) -> int:
    last = session.scalar(
        select(func.max(DirectoryEntryRow.position)).where(
            DirectoryEntryRow.unit_id == told.unit_id, DirectoryEntryRow.kind == told.kind
        )
    )
    row = DirectoryEntryRow(position=(last or 0) + 1, made_up=made_up, revision=1)
    _set(row, told)
    session.add(row)
    session.flush()
    _write_down(session, viewer, row, "added", now)
    return row.id


def _change(
    session: Session, viewer: Viewer | None, row: DirectoryEntryRow, told: Contact, now: datetime
) -> None:
    """Who has written it stands for it: it is made up no longer."""
    _set(row, told)
    row.made_up = False
    row.revision += 1
    _write_down(session, viewer, row, "changed", now)


def _set(row: DirectoryEntryRow, told: Contact) -> None:
    for each in fields(Contact):
        setattr(row, each.name, getattr(told, each.name))
    row.numbers = list(told.numbers)


def _write_down(
    session: Session,
    viewer: Viewer | None,
    row: DirectoryEntryRow,
    act: str,
    now: datetime,
    reason: str = "",
) -> None:
    session.add(
        DirectoryChangeRow(
            entry_id=row.id,
            at=now,
            by_id=viewer.staff_id if viewer else None,
            act=act,
            texts=texts(_entry(row).contact),
            reason=reason,
        )
    )
    if viewer is not None:
        audit.note(session, viewer, audit.Act.CHANGE, "directory_entry", row.id, now, act)


def texts(told: Contact) -> dict[str, str]:
    """As `directory.contact` reads them again."""
    return {
        "unit": told.unit_id,
        "kind": told.kind,
        "name": told.name,
        "numbers": "; ".join(dialable(number) or number for number in told.numbers),
        "hours": told.hours,
        "note": told.note,
        "source": told.source,
        "checked": f"{told.checked_on:%d/%m/%Y}" if told.checked_on else "",
    }


def _standing(session: Session, entry_id: int, *, lock: bool = False) -> DirectoryEntryRow:
    row = session.get(DirectoryEntryRow, entry_id, with_for_update=lock or None)
    if row is None or row.removed_at is not None:
        raise NotVisible("directory entry")
    return row


def _must_edit(viewer: Viewer | None) -> None:
    """Whoever may run commands on the server may."""
    if viewer is not None and not may(viewer, Action.EDIT_DIRECTORY):
        raise NotAllowed("edit the directory")


def _entry(row: DirectoryEntryRow) -> Entry:
    told = Contact(
        row.unit_id,
        Kind(row.kind),
        row.name,
        tuple(row.numbers),
        row.hours,
        row.note,
        row.source,
        row.checked_on,
    )
    return Entry(row.id, told, row.revision, row.made_up)
