"""Call-backs as their viewers may see them: the tasks of a center, one task, and what people do with it.

`intake.calls.callback_tasks` opens and closes them by what happens on the line. Here is what a person
needs before ringing a number at which an offender may pick up: of earlier records only what they say
about calling back, whoever wrote it. That one field is shown to whoever may call the number, is audited,
and opens nothing else of those records.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import ColumnElement, Select, bindparam, case, func, select
from sqlalchemy.orm import Session

from hotline import audit, bus
from hotline.access import Action, Role, Viewer, may
from hotline.db import UtcDateTime
from hotline.errors import Conflict, FieldErrors, NotAllowed, NotVisible
from hotline.events import Outcome
from hotline.ids import CallId, StaffId
from intake.calls import callback_views, calls_out
from intake.calls.callback_rules import ClosedAs, Deed, Safe
from intake.calls.callback_tasks import close, open_task, signals_of
from intake.calls.callback_views import CallbackLine, CallbackView, KnownNumber, Standing, Withheld
from intake.tables.callbacks import CallbackEventRow, CallbackRow
from intake.tables.calls import CallRow
from intake.tables.recordings import RecordingRow
from intake.visibility import given, readable_call, readable_calls, visible, whoever

__all__ = [
    "CallbackLine",
    "CallbackView",
    "KnownNumber",
    "Standing",
    "Withheld",
    "before_calling",
    "call",
    "finish",
    "give_back",
    "owed",
    "postpone",
    "standing",
    "take",
    "task",
    "tasks",
    "withheld",
]

LONGEST_NOTE = 1000
_LATEST_TRY = timedelta(days=30)
_OWED_SINCE = timedelta(hours=24)
FINISHES = frozenset({ClosedAs.REACHED, ClosedAs.WRONG_NUMBER, ClosedAs.GIVEN_UP})
"""How a person may close a task."""


def tasks(session: Session, viewer: Viewer, now: datetime, limit: int = 200) -> Sequence[CallbackLine]:
    """The open tasks that the viewer may take or watch, by deadline. Audited as a list."""
    rows = session.scalars(
        select(CallbackRow)
        .where(CallbackRow.closed_at.is_(None), _visible(viewer))
        .order_by(CallbackRow.due_at, CallbackRow.id)
        .limit(limit)
    ).all()
    audit.note(session, viewer, audit.Act.LIST, "callback", "open", now, str(len(rows)))
    return callback_views.lines(session, rows, _taken(viewer, rows), now)


def task(session: Session, viewer: Viewer, callback_id: int, now: datetime) -> CallbackView:
    """One task, open or closed, audited. Raises NotVisible."""
    row = _row(session, viewer, callback_id)
    audit.note(session, viewer, audit.Act.SEE, "callback", row.id, now)
    return callback_views.view(session, row, _whole(session, viewer, row), now)


def _taken(viewer: Viewer, rows: Sequence[CallbackRow]) -> Collection[str]:
    """The numbers that the viewer is about to ring: not masked in a list either."""
    return {row.number for row in rows if row.owner_id == viewer.staff_id}


def _whole(session: Session, viewer: Viewer, row: CallbackRow) -> Collection[str]:
    """Whether the page of one has its number whole: taken, or of a call that the viewer may read."""
    if taken := _taken(viewer, [row]):
        return taken
    read = select(CallRow.number).where(CallRow.number == row.number, readable_calls(viewer)).limit(1)
    return set(session.scalars(read))


def before_calling(session: Session, viewer: Viewer, call_id: CallId, now: datetime) -> KnownNumber:
    """What is known of the number of a call that the viewer may read. Asked by call, not by number:
    nobody can look numbers up here. Audited. Raises NotVisible.
    """
    row = readable_call(session, viewer, call_id)
    audit.note(session, viewer, audit.Act.SEE, "call", row.id, now, "safe_ways")
    return callback_views.known(session, row.number)


def owed(session: Session, viewer: Viewer, number: str) -> int | None:
    """The open task of this number, if there is one for the viewer."""
    query = select(CallbackRow.id).where(CallbackRow.open_number == number, _visible(viewer))
    return session.scalar(query)


def standing(session: Session, viewer: Viewer, now: datetime) -> Standing:
    """How the viewer's open tasks stand; names no number. All zero for who has none to see."""
    return Standing(*session.execute(_standing(viewer.role), {**given(viewer), "now": now}).one())


@cache
def _standing(role: Role) -> Select[int, int, datetime]:
    overdue = case((CallbackRow.due_at < bindparam("now", type_=UtcDateTime), 1), else_=0)
    return select(func.count(), func.coalesce(func.sum(overdue), 0), func.min(CallbackRow.due_at)).where(
        CallbackRow.closed_at.is_(None), _visible(whoever(role))
    )


def withheld(session: Session, viewer: Viewer, now: datetime, shown: int = 12) -> Withheld:
    """Calls lost since a day ago without a number, of the viewer's center: how many, and when."""
    lost = (
        CallRow.number.is_(None),
        CallRow.arrived_at >= now - _OWED_SINCE,
        CallRow.outbound.is_(False),
        CallRow.internal.is_(False),
        CallRow.answered_at.is_(None),
        CallRow.ended_at.is_not(None),
        CallRow.outcome != Outcome.ANSWERED,
        visible(viewer, Action.CALL_BACK, owner=CallRow.counselor_id, center=CallRow.center_id),
    )
    last = session.scalars(
        select(CallRow.arrived_at).where(*lost).order_by(CallRow.arrived_at.desc()).limit(shown)
    )
    count = session.scalar(select(func.count()).select_from(CallRow).where(*lost))
    messages = session.execute(
        select(CallRow.id, CallRow.message_at)
        .join(RecordingRow, RecordingRow.call_id == CallRow.id)
        .where(*lost, CallRow.message_at.is_not(None), RecordingRow.path.is_not(None))
        .order_by(CallRow.arrived_at.desc())
        .limit(shown)
    )
    heard = tuple((CallId(call_id), at) for call_id, at in messages if at is not None)
    return Withheld(count or 0, tuple(last), heard)


def take(session: Session, viewer: Viewer, callback_id: int, now: datetime) -> Sequence[bus.Signal]:
    """The viewer will call. Raises NotVisible, Conflict (`taken`, `closed`)."""
    row = _open_row(session, viewer, callback_id)
    _take(session, viewer, row, now)
    return signals_of(row)


def give_back(session: Session, viewer: Viewer, callback_id: int, now: datetime) -> Sequence[bus.Signal]:
    """Nobody has it any more: everybody's of the center. The owner's right, or a shift lead's.

    Raises NotVisible, NotAllowed, Conflict (`closed`).
    """
    row = _open_row(session, viewer, callback_id)
    if row.owner_id not in (None, viewer.staff_id) and not may(viewer, Action.GIVE_UP_CALLBACK):
        raise NotAllowed("give_back")
    if row.owner_id is not None:
        signals = signals_of(row)
        row.owner_id = None
        _did(session, viewer, row, Deed.GIVEN_BACK, now)
        return signals
    return ()


def call(
    session: Session, viewer: Viewer, callback_id: int, safe: Safe, note: str, now: datetime
) -> Sequence[bus.Signal]:
    """Ring the number, after the question whether it is safe; the viewer takes the task.

    Raises NotVisible, and what `calls_out.ask` and `take` raise.
    """
    row = _open_row(session, viewer, callback_id)
    _take(session, viewer, row, now)
    wished = calls_out.ask(session, viewer, row.number, safe, note, now, callback_id=row.id)
    return (*signals_of(row), *wished)


def postpone(
    session: Session, viewer: Viewer, callback_id: int, until: datetime | None, note: str, now: datetime
) -> Sequence[bus.Signal]:
    """It is not safe now: call at `until`. Opens a task again that the viewer's own call had closed:
    somebody else picked up. Raises NotVisible, FieldErrors, Conflict (`taken`, `closed`).
    """
    row = _row(session, viewer, callback_id)
    wrong = _note_problem(note)
    if until is None or not now < until <= now + _LATEST_TRY:
        wrong["until"] = "not_a_later_time"
    if wrong or until is None:
        raise FieldErrors(wrong)
    _reopen(session, viewer, row)
    _take(session, viewer, row, now)
    row.not_before = row.due_at = until
    _did(session, viewer, row, Deed.NOT_SAFE, now, note)
    return signals_of(row)


def finish(
    session: Session, viewer: Viewer, callback_id: int, how: ClosedAs, note: str, now: datetime
) -> Sequence[bus.Signal]:
    """Close by hand, with a reason. Giving up is a shift lead's.

    Raises NotVisible, NotAllowed, FieldErrors, Conflict (`taken`, `closed`).
    """
    row = _row(session, viewer, callback_id)
    if how not in FINISHES or (how is ClosedAs.GIVEN_UP and not may(viewer, Action.GIVE_UP_CALLBACK)):
        raise NotAllowed(how)
    wrong = _note_problem(note)
    if not note.strip():
        wrong["note"] = "missing"
    if wrong:
        raise FieldErrors(wrong)
    _reopen(session, viewer, row)
    if how is not ClosedAs.GIVEN_UP:
        _take(session, viewer, row, now)
    close(session, row, how, now, viewer.staff_id, note=note)
    audit.note(session, viewer, audit.Act.CLOSE, "callback", row.id, now, how)
    return signals_of(row)


def _note_problem(note: str) -> dict[str, str]:
    return {"note": "too_long"} if len(note) > LONGEST_NOTE else {}


def _take(session: Session, viewer: Viewer, row: CallbackRow, now: datetime) -> None:
    if row.owner_id == viewer.staff_id:
        return
    if row.owner_id is not None:
        raise Conflict("taken")
    row.owner_id = StaffId(viewer.staff_id)
    _did(session, viewer, row, Deed.TAKEN, now)


def _did(
    session: Session, viewer: Viewer, row: CallbackRow, deed: Deed, now: datetime, note: str = ""
) -> None:
    event = CallbackEventRow(
        callback_id=row.id, at=now, staff_id=viewer.staff_id, kind=deed, note=note.strip()
    )
    session.add(event)
    audit.note(session, viewer, audit.Act.CHANGE, "callback", row.id, now, deed)
    session.flush()


def _reopen(session: Session, viewer: Viewer, row: CallbackRow) -> None:
    """An own call that was answered had closed it, but it was not them who picked up."""
    if row.closed_at is None:
        return
    own = session.get(CallRow, row.closing_call_id) if row.closing_call_id else None
    mine = own is not None and own.outbound and own.counselor_id == viewer.staff_id
    if not mine or open_task(session, row.number) is not None:
        raise Conflict("closed")
    row.closed_at = row.closed_as = row.closing_call_id = None
    row.open_number = row.number
    session.flush()


def _visible(viewer: Viewer) -> ColumnElement[bool]:
    return visible(
        viewer,
        Action.CALL_BACK,
        owner=CallbackRow.owner_id,
        center=CallbackRow.center_id,
        own=CallbackRow.center_id.is_(None),
    )


def _row(session: Session, viewer: Viewer, callback_id: int) -> CallbackRow:
    query = select(CallbackRow).where(CallbackRow.id == callback_id, _visible(viewer))
    row = session.scalar(query.with_for_update())
    if row is None:
        raise NotVisible("callback")
    return row


def _open_row(session: Session, viewer: Viewer, callback_id: int) -> CallbackRow:
    row = _row(session, viewer, callback_id)
    if row.closed_at is not None:
        raise Conflict("closed")
    return row
