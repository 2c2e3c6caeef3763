"""Records of what reached the hotline by another way than a call, opened by hand: from an app, a letter,
the press, somebody at the door.

From there on they are records like any other: written, searched, audited and escalated by the same code.
The deadlines of a case run from when its news was received, not from when somebody wrote it down.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hotline import audit, staff
from hotline.access import Action, Viewer, may
from hotline.errors import Conflict, FieldErrors, NotAllowed
from hotline.ids import RecordId, StaffId
from intake.forms import forms
from intake.forms.taxonomy import WRITTEN_BY_HAND, Disposition
from intake.records import records
from intake.records.record_views import Arrival, RecordLine, arrival_of, line_of
from intake.searching import search_index
from intake.tables.records import RecordRevisionRow, RecordRow
from intake.visibility import reachable_records

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""What is told may have happened long ago, to a grown-up; not before that."""
SKEW = timedelta(hours=24)
"""So far ahead a sender's clock may be; what is told counts as of now then."""


def open_by_hand(
    session: Session, viewer: Viewer, arrival: Arrival, asked_by: str, now: datetime
) -> RecordId:
    """A new draft of the viewer's. `asked_by`: a random word of the page, so that pressing twice, or
    again after an answer was lost, is the same record. Raises NotAllowed, FieldErrors (see `check`).
    """
    if not may(viewer, Action.WRITE_RECORD):
        raise NotAllowed("open a record")
    check(arrival, now)
    asked = f"{viewer.staff_id}.{asked_by}"
    if (known := _asked(session, asked)) is not None:
        return known
    row = RecordRow(
        way=arrival.way,
        received_at=arrival.received_at,
        happened_at=arrival.happened_at,
        asked_by=asked,
        form_version=forms.CURRENT.version,
        owner_id=viewer.staff_id,
        center_id=viewer.center_id,
        created_at=now,
        fields={},
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:  # the same, at the same moment
        if (known := _asked(session, asked)) is not None:
            return known
        raise
    search_index.write_record(session, row)
    audit.note(session, viewer, audit.Act.CREATE, "record", row.id, now, arrival.way)
    return RecordId(row.id)


def _asked(session: Session, asked: str) -> RecordId | None:
    found = session.scalar(select(RecordRow.id).where(RecordRow.asked_by == asked))
    return None if found is None else RecordId(found)


def correct(
    session: Session, viewer: Viewer, record_id: RecordId, arrival: Arrival, now: datetime
) -> None:
    """Another way or other times than were written at first: a revision like any other.

    Raises NotVisible, FieldErrors, and Conflict for a call's record, and once a case counts its
    deadlines from the time of receipt.
    """
    row = records.writable_row(session, viewer, record_id)
    before = arrival_of(row)
    if before is None or row.disposition == Disposition.ESCALATED:
        raise Conflict("its times are fixed")
    check(arrival, now)
    old, new = _told(before), _told(arrival)
    changes = {name: [old[name], text] for name, text in new.items() if old[name] != text}
    if not changes:
        return
    row.way, row.received_at, row.happened_at = arrival.way, arrival.received_at, arrival.happened_at
    row.revision += 1
    session.add(
        RecordRevisionRow(
            record_id=row.id, number=row.revision, staff_id=viewer.staff_id, at=now, changes=changes
        )
    )
    audit.note(session, viewer, audit.Act.CHANGE, "record", row.id, now, "arrival")


def _told(arrival: Arrival) -> dict[str, str]:
    happened = arrival.happened_at.astimezone(UTC).isoformat() if arrival.happened_at else ""
    received = arrival.received_at.astimezone(UTC).isoformat()
    return {"way": arrival.way, "received_at": received, "happened_at": happened}


def check(arrival: Arrival, now: datetime) -> None:
    """Raises FieldErrors: field → `not_a_choice`, `not_a_time` (to come, or before anybody can have
    meant it), `after_receipt`."""
    wrong = {}
    if arrival.way not in WRITTEN_BY_HAND:
        wrong["way"] = "not_a_choice"
    if not EARLIEST <= arrival.received_at <= now:
        wrong["received_at"] = "not_a_time"
    if arrival.happened_at is not None:
        if not EARLIEST <= arrival.happened_at <= now:
            wrong["happened_at"] = "not_a_time"
        elif arrival.happened_at > arrival.received_at:
            wrong["happened_at"] = "after_receipt"
    if wrong:
        raise FieldErrors(wrong)


def received(
    session: Session, viewer: Viewer, since: datetime, now: datetime, limit: int = 200
) -> Sequence[RecordLine]:
    """What came in since then and the viewer may read, newest first. Audited as a list."""
    rows = session.scalars(
        select(RecordRow)
        .where(
            RecordRow.received_at >= since,
            RecordRow.state != "unused",  # of a report that waits again
            reachable_records(viewer, Action.READ_RECORD),
        )
        .order_by(RecordRow.received_at.desc(), RecordRow.id.desc())
        .limit(limit)
    ).all()
    people = staff.some(session, {StaffId(row.owner_id) for row in rows})
    audit.note(session, viewer, audit.Act.LIST, "record", "received", now, str(len(rows)))
    return [line_of(row, owner=people[StaffId(row.owner_id)]) for row in rows]
