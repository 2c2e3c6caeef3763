"""Records: what counselors write down. Nothing typed is ever lost.

Autosave merges field by field. What another tab or person has changed since is never overwritten: the
losing text is kept beside the record and handed back as a `FieldConflict`. Conflicts and wrong fields
are part of the answer, not exceptions, because the rest of the same save must commit.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import Integer, Select, bindparam, or_, select
from sqlalchemy.orm import Session

from hotline import audit, broken_glass, staff
from hotline.access import Action, Role, Viewer, opened
from hotline.errors import BadInput, Conflict, NotVisible
from hotline.ids import CallId, RecordId, StaffId
from intake.forms import informants
from intake.forms.taxonomy import SPOKEN_ONLY, Disposition
from intake.record_text import FieldConflict, Merged, Rejected, merge
from intake.records.record_views import Change, RecordLine, RecordView, Saved, Told, line_of, view
from intake.searching import search_index
from intake.tables.calls import CallRow
from intake.tables.records import RecordRevisionRow, RecordRow
from intake.visibility import given, reachable_records, visible, whoever

__all__ = [
    "Change",
    "FieldConflict",
    "Merged",
    "RecordLine",
    "RecordView",
    "Rejected",
    "Saved",
    "Told",
    "autosave",
    "close",
    "history",
    "record",
    "record_of_call",
    "reopen",
    "unfinished",
]


def record(session: Session, viewer: Viewer, record_id: RecordId, now: datetime) -> RecordView:
    """One record, audited. Raises NotVisible."""
    row = _row(session, viewer, Action.READ_RECORD, record_id)
    through = broken_glass.said(viewer, Action.READ_RECORD, row.id)
    audit.note(session, viewer, audit.Act.SEE, "record", row.id, now, through)
    return view(session, viewer, row)


def record_of_call(
    session: Session, viewer: Viewer, call_id: CallId, now: datetime
) -> RecordView | None:
    """The record of this call; None while there is none, or not for this viewer. Audited."""
    query = select(RecordRow).where(
        RecordRow.call_id == call_id, reachable_records(viewer, Action.READ_RECORD)
    )
    row = session.scalar(query)
    if row is None:
        return None
    audit.note(session, viewer, audit.Act.SEE, "record", row.id, now)
    return view(session, viewer, row)


def autosave(
    session: Session,
    viewer: Viewer,
    record_id: RecordId,
    base_revision: int,
    changes: Mapping[str, str],
    now: datetime,
    tab: str = "",
) -> Saved:
    """Merge what was typed since `base_revision` into the record, closed ones too.

    `changes`: full field name → typed text, only fields that were touched. `tab` is a random word of
    one open page: a page's own earlier saves, whose answer it may never have got, are no conflict.
    Raises NotVisible, and BadInput for a revision that does not exist.
    """
    row = _row(session, viewer, Action.WRITE_RECORD, record_id, lock=True)
    if not 0 <= base_revision <= row.revision:
        raise BadInput(f"revision {base_revision} of {row.revision}")
    merged = merge(session, viewer, row, base_revision, changes, tab, now)
    if merged.accepted:
        search_index.write_record(session, row)
        audit.note(session, viewer, audit.Act.CHANGE, "record", row.id, now, f"r{row.revision}")
    return Saved(row.revision, now, merged.fields, merged.conflicts, merged.errors)


def close(
    session: Session, viewer: Viewer, record_id: RecordId, disposition: Disposition, now: datetime
) -> RecordView:
    """Close with one key; pressing another key corrects it. Raises NotVisible, Conflict, BadInput."""
    if disposition is Disposition.ESCALATED:
        raise BadInput("a record is escalated by opening a case")
    row = _row(session, viewer, Action.WRITE_RECORD, record_id, lock=True)
    if row.call_id is None and disposition in SPOKEN_ONLY:
        raise BadInput("only a call can be that")
    close_as(session, viewer, row, disposition, now)
    return view(session, viewer, row)


def close_as(
    session: Session, viewer: Viewer, row: RecordRow, disposition: Disposition, now: datetime
) -> None:
    """The one way a locked row gets closed. Raises Conflict when a case was opened from it."""
    if row.disposition == disposition:
        return
    if row.disposition == Disposition.ESCALATED:
        raise Conflict("a case was opened from this record")
    _turn(session, viewer, row, "closed", disposition, now)
    row.closed_at = now
    audit.note(session, viewer, audit.Act.CLOSE, "record", row.id, now, disposition)


def reopen(session: Session, viewer: Viewer, record_id: RecordId, now: datetime) -> RecordView:
    """Undo a closing; nothing changes on an open one. Raises NotVisible, Conflict."""
    row = _row(session, viewer, Action.WRITE_RECORD, record_id, lock=True)
    if row.disposition == Disposition.ESCALATED:
        raise Conflict("a case was opened from this record")
    if row.state == "closed":
        back_to_draft(session, viewer, row, now)
    return view(session, viewer, row)


def back_to_draft(session: Session, viewer: Viewer, row: RecordRow, now: datetime) -> None:
    """A locked record that was taken out of its case waits for somebody to decide about it."""
    audit.note(session, viewer, audit.Act.REOPEN, "record", row.id, now, row.disposition or "")
    _turn(session, viewer, row, "draft", None, now)
    row.closed_at = None


def unfinished(session: Session, viewer: Viewer, limit: int = 50) -> Sequence[RecordLine]:
    """The viewer's own drafts, oldest first."""
    rows = session.execute(_unfinished(viewer.role), {**given(viewer), "most": limit})
    return [line_of(row, number=number) for row, number in rows]


@cache
def _unfinished(role: Role) -> Select[RecordRow, str | None]:
    me = whoever(role)
    return (
        select(RecordRow, CallRow.number)
        .outerjoin(CallRow, CallRow.id == RecordRow.call_id)
        .where(
            RecordRow.owner_id == me.staff_id,
            RecordRow.state == "draft",
            visible(me, Action.READ_RECORD, owner=RecordRow.owner_id, center=RecordRow.center_id),
        )
        .order_by(RecordRow.created_at, RecordRow.id)
        .limit(bindparam("most", type_=Integer))
    )


def history(
    session: Session, viewer: Viewer, record_id: RecordId, now: datetime, limit: int = 100
) -> Sequence[Change]:
    """The latest revisions, newest first. Audited. Raises NotVisible."""
    row = _row(session, viewer, Action.READ_RECORD, record_id)
    through = broken_glass.said(viewer, Action.READ_RECORD, row.id)
    audit.note(session, viewer, audit.Act.SEE, "record", row.id, now, f"history {through}".strip())
    revisions = session.scalars(
        select(RecordRevisionRow)
        .where(RecordRevisionRow.record_id == row.id)
        .order_by(RecordRevisionRow.number.desc())
        .limit(limit)
    ).all()
    people = staff.some(session, {StaffId(revision.staff_id) for revision in revisions})
    return [
        Change(
            number=revision.number,
            who=people[StaffId(revision.staff_id)],
            at=revision.at,
            fields=informants.masked(
                {name: (pair[0], pair[1]) for name, pair in revision.changes.items()},
                row.fields,
                always=bool(through),
            ),
        )
        for revision in revisions
    ]


def _row(
    session: Session, viewer: Viewer, action: Action, record_id: RecordId, *, lock: bool = False
) -> RecordRow:
    query = _one_record(viewer.role, action, lock)
    asked = {**given(viewer), "record": record_id}
    if not lock:
        asked["opened"] = opened(viewer, action)
    row = session.scalar(query, asked)
    if row is None or (action is Action.WRITE_RECORD and row.erased_at is not None):
        raise NotVisible("record")
    return row


@cache
def _one_record(role: Role, action: Action, lock: bool) -> Select[RecordRow]:
    """To be looked at also the one that was opened in an emergency; `lock`: to be written."""
    reached = reachable_records(whoever(role), action)
    if not lock:
        reached = or_(reached, RecordRow.id == bindparam("opened", type_=Integer))
    query = select(RecordRow).where(RecordRow.id == bindparam("record"), reached)
    return query.with_for_update() if lock else query


def writable_row(session: Session, viewer: Viewer, record_id: RecordId) -> RecordRow:
    """The locked row for other modules of this room. Raises NotVisible."""
    return _row(session, viewer, Action.WRITE_RECORD, record_id, lock=True)


def _turn(
    session: Session,
    viewer: Viewer,
    row: RecordRow,
    state: str,
    disposition: Disposition | None,
    now: datetime,
) -> None:
    """A change of state is a revision like any other."""
    row.revision += 1
    session.add(
        RecordRevisionRow(
            record_id=row.id,
            number=row.revision,
            staff_id=viewer.staff_id,
            at=now,
            changes={
                "state": [row.state, state],
                "disposition": [row.disposition or "", disposition or ""],
            },
        )
    )
    row.state, row.disposition = state, disposition
