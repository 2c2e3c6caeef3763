"""Opens and closes call-backs by what happens on the line. Called by the fold of call events.

Derived from the call's row each time it is told: replays, duplicates and late events change nothing.
One open task per number is held by a unique constraint, so that two writers meet there.
"""

from datetime import datetime, timedelta

from sqlalchemy import Select, exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, defer

from hotline import bus
from hotline.events import Outcome
from hotline.ids import StaffId
from hotline.settings import settings
from intake.calls import callback_rules as rules
from intake.calls.call_sheets import Sheet
from intake.calls.callback_rules import ClosedAs, Deed, Patience, Why
from intake.calls.open_cases import open_cases
from intake.tables.callbacks import CallbackCallRow, CallbackEventRow, CallbackRow, CallOutRow
from intake.tables.calls import CallRow

_LONGEST_CALL = timedelta(hours=6)
"""A talk that began after this call ended belongs to a call that arrived at most so long before."""

Signals = tuple[bus.Signal, ...]


def patience() -> Patience:
    """As this installation sets it."""
    return Patience(
        ordinary=timedelta(minutes=settings().callback_minutes),
        urgent=timedelta(minutes=settings().callback_urgent_minutes),
    )


def settle(sheet: Sheet) -> Signals:
    """What this call, as its rows stand now, means for call-backs. Nothing for a withheld number."""
    call = sheet.call
    if call.internal or call.number is None:
        return ()
    promised = () if call.outbound else _promised(sheet, call.number)
    if call.answered_at is not None:
        return promised + _talked(sheet, call.number, _last_talk(sheet) or call.answered_at)
    if call.ended_at is None or call.outcome in (None, Outcome.ANSWERED):
        return promised
    if call.outbound:
        return _tried(sheet, call.number, call.ended_at)
    return promised + _owe(sheet, call.number, call.ended_at, rules.why(Outcome(call.outcome)))


def _promised(sheet: Sheet, number: str) -> Signals:
    """We told this caller that we will call back, if they asked for it or left a message, and nobody has
    spoken with them since."""
    call = sheet.call
    at = min(filter(None, (call.callback_asked_at, call.message_at)), default=None)
    if at is None:
        return ()
    spoken = _last_talk(sheet)
    if spoken is not None and spoken > at:
        return ()
    signals = _owe(sheet, number, at, Why.PROMISED)
    counted = sheet.counted
    task = sheet.round.written().get(CallbackRow, counted.callback_id) if counted is not None else None
    if task is not None and task.closed_at is None:
        task.promised_at = task.promised_at or at
        if call.message_at is not None:
            task.message_call_id = call.id
    return signals


def _last_talk(sheet: Sheet) -> datetime | None:
    """When the latest talk of this call began."""
    return max((talk.began_at for talk in sheet.talks), default=None)


def open_task(session: Session, number: str) -> CallbackRow | None:
    """The locked open task of a number."""
    return session.scalar(_open_task(number))


def _open_task(number: str) -> Select[CallbackRow]:
    return select(CallbackRow).where(CallbackRow.open_number == number).with_for_update()


def _owe(sheet: Sheet, number: str, at: datetime, why: Why) -> Signals:
    call, counted = sheet.call, sheet.counted
    if counted is not None:
        if why is not Why.PROMISED or counted.why == why:
            return ()
        counted.why = why
        session = sheet.round.written()
        task = session.get_one(CallbackRow, counted.callback_id)
    elif _spoken_with_since(session := sheet.round.written(), call, number, at):
        return ()
    else:
        task = _task(sheet, number, at)
        sheet.add(CallbackCallRow(call_id=call.id, callback_id=task.id, at=at, why=why))
        task.calls += 1
        task.last_at = max(task.last_at, at)
        task.center_id = call.center_id or task.center_id
        task.not_before = None  # whoever rings has the phone in hand
    task.urgent = task.urgent or rules.is_urgent(
        calls=task.calls,
        emergency=_has_emergency(session, number),
        promised=why is Why.PROMISED,
    )
    task.due_at = min(task.due_at, rules.due(at, urgent=task.urgent, patience=patience()))
    return signals_of(task)


def _task(sheet: Sheet, number: str, at: datetime) -> CallbackRow:
    """The number's open task, made when there is none; another writer's, if they were quicker."""
    call, session = sheet.call, sheet.round.written()
    task = open_task(session, number) if sheet.round.may_be_owed(number) else None
    if task is not None:
        return task
    sheet.round.note_owed(number)
    task = CallbackRow(
        number=number,
        open_number=number,
        center_id=call.center_id,
        urgent=False,
        calls=0,
        opened_at=at,
        last_at=at,
        due_at=rules.due(at, urgent=False, patience=patience()),
    )
    try:
        with session.begin_nested():
            session.add(task)
    except IntegrityError:
        return session.scalars(_open_task(number)).one()
    return task


def _spoken_with_since(session: Session, call: CallRow, number: str, at: datetime) -> bool:
    """Whether somebody has spoken with this number after that: the call is told late."""
    later = exists().where(
        CallRow.number == number,
        CallRow.arrived_at >= at - _LONGEST_CALL,
        CallRow.answered_at >= at,
        CallRow.internal.is_(False),
        CallRow.id != call.id,
    )
    return bool(session.scalar(select(later)))


def _has_emergency(session: Session, number: str) -> bool:
    """Whether a case that came from this number is open and an emergency."""
    newest = session.execute(open_cases().where(CallRow.number == number).limit(20))
    return any(urgent for _, _, urgent in newest)


def _talked(sheet: Sheet, number: str, at: datetime) -> Signals:
    """Somebody speaks with the number: what was owed up to now is done."""
    if not sheet.round.may_be_owed(number):
        return ()
    call, session = sheet.call, sheet.round.written()
    task = open_task(session, number)
    if task is None or _event_of(session, call) is not None:  # it may be open anew since
        return ()
    own = sheet.counted  # then it had been taken for lost too early
    too_early = own is not None and own.callback_id == task.id and own.why != Why.PROMISED
    if task.last_at > at and not (too_early and task.calls == 1):
        return ()
    how = ClosedAs.REACHED if call.outbound else ClosedAs.RANG_AGAIN
    who = StaffId(call.counselor_id) if call.counselor_id is not None else None
    close(session, task, how, at, who, call_id=call.id)
    return signals_of(task)


def _tried(sheet: Sheet, number: str, at: datetime) -> Signals:
    """Our own call to the number came to nothing: it is owed anew from here."""
    call, session = sheet.call, sheet.round.written()
    wished = session.scalar(select(CallOutRow.callback_id).where(CallOutRow.call_id == call.id))
    task = session.get(CallbackRow, wished) if wished else None
    task = task or open_task(session, number)
    known = _event_of(session, call)
    if task is None:
        return ()
    outcome = Outcome(call.outcome or Outcome.FAILED)
    deed = rules.deed(outcome) if sheet.offers else Deed.OWN_PHONE
    if known is not None:
        known.kind = deed
        return ()
    session.add(
        CallbackEventRow(
            callback_id=task.id, at=at, staff_id=call.counselor_id, kind=deed, call_id=call.id
        )
    )
    if task.closed_at is None and deed is not Deed.OWN_PHONE:
        task.due_at = max(task.due_at, rules.due(at, urgent=task.urgent, patience=patience()))
    return signals_of(task)


def _event_of(session: Session, call: CallRow) -> CallbackEventRow | None:
    """Without its note, which the switchboard cannot open."""
    query = select(CallbackEventRow).where(CallbackEventRow.call_id == call.id)
    return session.scalar(query.options(defer(CallbackEventRow.note, raiseload=True)))


def close(
    session: Session,
    task: CallbackRow,
    how: ClosedAs,
    at: datetime,
    staff_id: StaffId | None,
    *,
    call_id: str | None = None,
    note: str = "",
) -> None:
    """Close an open task; its history says how and by whom."""
    task.closed_at, task.closed_as, task.closing_call_id = at, how, call_id
    task.open_number = None
    session.add(
        CallbackEventRow(
            callback_id=task.id, at=at, staff_id=staff_id, kind=Deed(how), call_id=call_id, note=note
        )
    )
    session.flush()


def signals_of(task: CallbackRow) -> Signals:
    """The wallboard, and the desk of whoever took it."""
    board = bus.Signal(bus.BOARD, "callback")
    if task.owner_id is None:
        return (board,)
    return bus.Signal(bus.desk(StaffId(task.owner_id)), "callback", str(task.id)), board
