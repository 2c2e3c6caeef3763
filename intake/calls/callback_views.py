"""Call-backs as values, and what earlier calls said about calling the number."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from hotline import staff
from hotline.events import Outcome
from hotline.ids import CallId, CenterId, StaffId
from hotline.staff import Center, StaffView
from intake.calls.callback_rules import ClosedAs, Deed, Why
from intake.calls.live_calls import people_of
from intake.forms.taxonomy import Disposition
from intake.numbers import dialable, masked
from intake.recordings.recordings import RecordingState
from intake.tables.callbacks import CallbackCallRow, CallbackEventRow, CallbackRow
from intake.tables.calls import CallRow
from intake.tables.recordings import RecordingRow
from intake.tables.records import RecordRow

_LOOKED_AT = 100
"""How many calls of a number are looked through for what they said about calling back."""


@dataclass(frozen=True, slots=True)
class CallbackEvent:
    """One deed. `who` None: the line itself."""

    at: datetime
    kind: Deed
    who: StaffView | None
    note: str


@dataclass(frozen=True, slots=True)
class CallbackLine:
    """One task in the list. `number`: masked for who neither reads a call of it nor has taken the task.
    `center` None: everybody's; `owner` None: nobody has taken it yet.

    `tries`: how often it was rung outside; `last`: what people did last.
    """

    id: int
    number: str
    dialable: bool
    calls: int
    urgent: bool
    promised: bool
    message_call_id: CallId | None
    last_at: datetime
    due_at: datetime
    overdue: bool
    not_before: datetime | None
    center: Center | None
    owner: StaffView | None
    tries: int
    last: CallbackEvent | None


@dataclass(frozen=True, slots=True)
class SafeWay:
    """What one record says about calling this number back, word for word."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class NumberCall:
    """One earlier call of the number, in or out: when and how, no content."""

    at: datetime
    outbound: bool
    outcome: Outcome | None
    disposition: Disposition | None


@dataclass(frozen=True, slots=True)
class CallbackView:
    """One task with all that is known before ringing. `lost`: the calls owed, and why."""

    line: CallbackLine
    closed_at: datetime | None
    closed_as: ClosedAs | None
    lost: tuple[tuple[datetime, Why], ...]
    message: RecordingState | None
    """Of the spoken message in the call `line.message_call_id`; None: none was left."""
    events: tuple[CallbackEvent, ...]
    safe_ways: tuple[SafeWay, ...]
    earlier: tuple[NumberCall, ...]


@dataclass(frozen=True, slots=True)
class KnownNumber:
    """A number about to be called, and what is known of it."""

    number: str | None
    safe_ways: tuple[SafeWay, ...]
    earlier: tuple[NumberCall, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """How the open tasks stand: how many, how many past their deadline, and the next deadline."""

    open: int
    overdue: int
    next_due: datetime | None


@dataclass(frozen=True, slots=True)
class Withheld:
    """Lost calls without a number: nobody can call them back."""

    count: int
    last: tuple[datetime, ...]
    messages: tuple[tuple[CallId, datetime], ...]
    """Those in which the caller left a message: all that can still be done is to hear it."""


_TRIES = frozenset({Deed.NO_ANSWER, Deed.BUSY, Deed.REJECTED, Deed.FAILED, Deed.REACHED})


def lines(
    session: Session, rows: Sequence[CallbackRow], whole: Collection[str], now: datetime
) -> list[CallbackLine]:
    """The rows as lines, in a few statements however many there are; `whole`: numbers not to mask."""
    return _lines(session, rows, _events(session, [row.id for row in rows]), whole, now)


def _lines(
    session: Session,
    rows: Sequence[CallbackRow],
    events: Mapping[int, Sequence[CallbackEvent]],
    whole: Collection[str],
    now: datetime,
) -> list[CallbackLine]:
    people = people_of(session, [row.owner_id for row in rows])
    centers = {center.id: center for center in staff.centers(session)}
    return [_line(row, events.get(row.id, ()), people, centers, whole, now) for row in rows]


def _line(
    row: CallbackRow,
    events: Sequence[CallbackEvent],
    people: Mapping[int | None, StaffView],
    centers: Mapping[CenterId, Center],
    whole: Collection[str],
    now: datetime,
) -> CallbackLine:
    return CallbackLine(
        id=row.id,
        number=(row.number if row.number in whole else masked(row.number)) or "",
        dialable=dialable(row.number) is not None,
        calls=row.calls,
        urgent=row.urgent,
        promised=row.promised_at is not None,
        message_call_id=CallId(row.message_call_id) if row.message_call_id else None,
        last_at=row.last_at,
        due_at=row.due_at,
        overdue=row.closed_at is None and row.due_at < now,
        not_before=row.not_before,
        center=centers.get(CenterId(row.center_id)) if row.center_id is not None else None,
        owner=people.get(row.owner_id),
        tries=sum(event.kind in _TRIES for event in events),
        last=events[-1] if events else None,
    )


def _events(session: Session, ids: Collection[int]) -> dict[int, list[CallbackEvent]]:
    rows = session.scalars(
        select(CallbackEventRow)
        .where(CallbackEventRow.callback_id.in_(ids))
        .order_by(CallbackEventRow.at, CallbackEventRow.id)
    ).all()
    people = staff.some(session, {StaffId(row.staff_id) for row in rows if row.staff_id is not None})
    found: dict[int, list[CallbackEvent]] = {}
    for row in rows:
        who = people.get(StaffId(row.staff_id)) if row.staff_id is not None else None
        event = CallbackEvent(row.at, Deed(row.kind), who, row.note)
        found.setdefault(row.callback_id, []).append(event)
    return found


def view(session: Session, row: CallbackRow, whole: Collection[str], now: datetime) -> CallbackView:
    events = _events(session, [row.id])
    (line,) = _lines(session, [row], events, whole, now)
    lost = session.execute(
        select(CallbackCallRow.at, CallbackCallRow.why)
        .where(CallbackCallRow.callback_id == row.id)
        .order_by(CallbackCallRow.at.desc())
        .limit(20)
    )
    earlier, safe_ways = _said_before(session, row.number)
    return CallbackView(
        line=line,
        closed_at=row.closed_at,
        closed_as=ClosedAs(row.closed_as) if row.closed_as else None,
        lost=tuple((at, Why(why)) for at, why in lost),
        message=_message(session, row),
        events=tuple(reversed(events.get(row.id, ()))),
        safe_ways=safe_ways,
        earlier=earlier,
    )


def _message(session: Session, row: CallbackRow) -> RecordingState | None:
    if row.message_call_id is None:
        return None
    found = session.get(RecordingRow, row.message_call_id)
    return RecordingState(found.state) if found is not None else RecordingState.PENDING


def known(session: Session, number: str | None) -> KnownNumber:
    if number is None:
        return KnownNumber(None, (), ())
    earlier, safe_ways = _said_before(session, number)
    return KnownNumber(number, safe_ways, earlier)


def _said_before(
    session: Session, number: str, shown: int = 8
) -> tuple[tuple[NumberCall, ...], tuple[SafeWay, ...]]:
    """The number's latest calls, and what their records say about calling back."""
    found = session.execute(
        select(
            CallRow.arrived_at,
            CallRow.outbound,
            CallRow.outcome,
            RecordRow.disposition,
            RecordRow.fields,
        )
        .outerjoin(RecordRow, RecordRow.call_id == CallRow.id)
        .where(CallRow.number == number)
        .order_by(CallRow.arrived_at.desc())
        .limit(_LOOKED_AT)
    ).all()
    calls = tuple(
        NumberCall(
            at,
            outbound,
            Outcome(outcome) if outcome else None,
            Disposition(disposition) if disposition else None,
        )
        for at, outbound, outcome, disposition, _ in found[:shown]
    )
    said = [
        SafeWay(at, fields["call_back"]) for at, *_, fields in found if (fields or {}).get("call_back")
    ]
    return calls, tuple(said[:shown])
