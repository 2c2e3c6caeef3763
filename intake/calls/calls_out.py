"""Calls to the outside that counselors ask for on their desk.

A wish lives in SQL and goes over the bus as an id only; whoever of the switchboards claims it first
rings it, so that it rings once however often it is signalled. The claim makes the call's row and record
under an id that the channel then gets: from there it is a call like any other, also when the switchboard
dies in between. A wish that nobody claims in time lapses, and the desk says so.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session, defer

from hotline import audit, bus, staff
from hotline.access import Action, Viewer, may
from hotline.errors import BadInput, Conflict, NotAllowed
from hotline.events import Outcome
from hotline.ids import CallId, Phone, StaffId, new_call_out_id
from intake.calls.call_settling import give
from intake.calls.call_sheets import Round
from intake.calls.callback_rules import Safe
from intake.numbers import dialable
from intake.tables.callbacks import CallOutRow
from intake.tables.calls import CallRow

PATIENCE = timedelta(seconds=15)
"""How long a wish waits for a switchboard and for the counselor's own phone to be free."""
_NOTE_LENGTH = 500


@dataclass(frozen=True, slots=True)
class CallOut:
    """A claimed wish: ring this phone, and when it is picked up, dial."""

    call_id: CallId
    staff_id: StaffId
    phone: Phone
    dial: str


@dataclass(frozen=True, slots=True)
class Wish:
    """What became of a wish: `call_id` once it rings, `lapsed` when nobody took it in time, `outcome`
    when the call is over.
    """

    asked_at: datetime
    callback_id: int | None
    call_id: CallId | None
    lapsed: bool
    ended_at: datetime | None
    outcome: Outcome | None

    @property
    def goes_on(self) -> bool:
        return not self.lapsed and self.ended_at is None


def ask(
    session: Session,
    viewer: Viewer,
    number: str,
    safe: Safe,
    note: str,
    now: datetime,
    *,
    callback_id: int | None = None,
) -> Sequence[bus.Signal]:
    """Wish a call to this number (normal form); returns the signals to publish after the commit.

    Raises NotAllowed, BadInput for a number that is not to be dialled (`number`) or a note that is too
    long (`note`), Conflict (`no_phone`, `calling_already`).
    """
    if not may(viewer, Action.CALL_BACK):
        raise NotAllowed("call_out")
    if viewer.phone is None:
        raise Conflict("no_phone")
    if dialable(number) is None:
        raise BadInput("number")
    if len(note) > _NOTE_LENGTH:
        raise BadInput("note")
    last = last_wish(session, viewer, now)
    if last is not None and last.goes_on:
        raise Conflict("calling_already")
    row = CallOutRow(
        staff_id=viewer.staff_id,
        number=number,
        callback_id=callback_id,
        safe=safe,
        note=note,
        asked_at=now,
        expires_at=now + PATIENCE,
    )
    session.add(row)
    session.flush()
    audit.note(session, viewer, audit.Act.CREATE, "call_out", row.id, now, safe)
    return [bus.Signal(bus.STAFF, "call_out", str(row.id))]


def last_wish(session: Session, viewer: Viewer, now: datetime) -> Wish | None:
    """The viewer's latest."""
    found = session.execute(
        select(CallOutRow, CallRow.ended_at, CallRow.outcome)
        .outerjoin(CallRow, CallRow.id == CallOutRow.call_id)
        .where(CallOutRow.staff_id == viewer.staff_id)
        .order_by(CallOutRow.asked_at.desc(), CallOutRow.id.desc())
        .limit(1)
    ).first()
    if found is None:
        return None
    row, ended_at, outcome = found
    return Wish(
        asked_at=row.asked_at,
        callback_id=row.callback_id,
        call_id=CallId(row.call_id) if row.call_id else None,
        lapsed=row.call_id is None and row.expires_at <= now,
        ended_at=ended_at,
        outcome=Outcome(outcome) if outcome else None,
    )


def any_wished(session: Session, now: datetime) -> bool:
    """Whether any wish waits to be claimed."""
    wished = exists().where(CallOutRow.claimed_at.is_(None), CallOutRow.expires_at > now)
    return bool(session.scalar(select(wished)))


def claim(
    session: Session, site: str, free: Collection[str], now: datetime
) -> tuple[list[CallOut], list[bus.Signal]]:
    """Take over every wish of somebody whose phone is `free`, at most once each.

    Returns what to ring after the commit, and the signals. The call is on record from here on.
    """
    wishes = session.scalars(
        select(CallOutRow)
        .where(CallOutRow.claimed_at.is_(None), CallOutRow.expires_at > now)
        .order_by(CallOutRow.id)
        .limit(100)
        .options(defer(CallOutRow.note, raiseload=True))
    ).all()
    claimed: list[CallOut] = []
    signals: list[bus.Signal] = []
    for wish in wishes:
        person = staff.one(session, StaffId(wish.staff_id))
        dial = dialable(wish.number)
        if person.phone not in free or person.phone is None or dial is None:
            continue
        mine = select(CallOutRow.id).where(CallOutRow.id == wish.id, CallOutRow.claimed_at.is_(None))
        if session.scalar(mine.with_for_update()) is None:
            continue  # another switchboard was faster
        call = CallRow(
            id=new_call_out_id(site, now),
            number=wish.number,
            outbound=True,
            arrived_at=now,
            center_id=person.center.id,
        )
        session.add(call)
        made = Round(session, (), [call])
        give(made.sheet(call.id), person, now)
        made.write()
        session.execute(
            update(CallOutRow).where(CallOutRow.id == wish.id).values(claimed_at=now, call_id=call.id)
        )
        claimed.append(CallOut(CallId(call.id), person.id, person.phone, dial))
        topics = (bus.desk(person.id), bus.BOARD)
        signals += [bus.Signal(topic, "rang", call.id) for topic in topics]
    return claimed, signals
