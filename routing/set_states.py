"""A counselor's state as a shift lead has set it: for a time, then it is what it was before.

The order is a row of `routing.steering`. The state stands where everybody looks for it, in
`availability`, which names the order it is by: whatever the counselor chooses afterwards names none, and
so ends it. When its time is over, or it was undone, `put_back` writes down what they are again. The
switchboard does that every few seconds, a job of `cron` every minute; where both were dead, it is done
afterwards.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from hotline import bus, staff
from hotline.access import Action, Viewer, reaches
from hotline.clock import utc_now
from hotline.db import transaction
from hotline.errors import BadInput, NotVisible
from hotline.ids import StaffId
from hotline.terms import Term
from routing import availability, handover, roster, steering
from routing.availability import AvailabilityRow
from routing.choices import CHOSEN, Choice
from routing.order_rows import Kind, SteeringRow


def falls_back_to(put: Choice, before: Choice, *, undone: bool, at_work: bool) -> Choice:
    """What somebody is again whom a lead had `put` into a state.

    Nobody becomes available whose shift is over. Whom the lead made available is away when the time is
    over: what they did before (a break, a missed call) is past. Undone, it is as if never made.
    """
    if not at_work or (put is Choice.AVAILABLE and not undone):
        return Choice.AWAY
    return before


def set_state(
    session: Session, viewer: Viewer, staff_id: StaffId, choice: Choice, term: Term, now: datetime
) -> Sequence[bus.Signal]:
    """A shift lead sets a counselor's state for so long. To set what the counselor had chosen themselves
    is to take it back. Raises NotVisible, BadInput for what only happens."""
    person = staff.one(session, staff_id)
    if not reaches(viewer, Action.STEER_COUNSELORS, owner=None, center=person.center.id):
        raise NotVisible("counselor")
    if choice not in CHOSEN:
        raise BadInput("choice")
    signals = [*put_back(session, now)]
    stands = session.get(AvailabilityRow, staff_id, with_for_update=True)
    if stands is None:
        raise NotVisible("counselor")
    running = session.get(SteeringRow, stands.order_id) if stands.order_id is not None else None
    own, why = _own(stands) if running is None else (Choice(running.before), running.before_why)
    if choice is own and running is not None:
        return [*signals, *steering.undo(session, viewer, running.id, now), *put_back(session, now)]
    if choice is own:  # their phone may be back
        again = stands.choice != choice
        return [*signals, *(availability.choose(session, viewer, staff_id, own, now) if again else ())]
    order = SteeringRow(kind=Kind.STATE, staff_id=staff_id, choice=choice, before=own, before_why=why)
    signals += steering.give(session, viewer, order, term, now)
    return [
        *signals,
        *availability.choose(session, viewer, staff_id, choice, now, order_id=order.id),
    ]


def _own(stands: AvailabilityRow) -> tuple[Choice, str]:
    """What they chose themselves; whose phone went away is available as soon as it is back."""
    choice = Choice(stands.choice)
    return (Choice.AVAILABLE if choice is Choice.PHONE_AWAY else choice), stands.why


def any_over(session: Session, now: datetime) -> bool:
    """Whether `put_back` would find somebody; locks nothing."""
    return session.scalar(_over(now).limit(1)) is not None


def put_back(session: Session, now: datetime) -> list[bus.Signal]:
    """Everybody whose time is over, or whose order was undone, is what they were before; from that very
    moment on, however late this is. Twice is once."""
    due = session.scalars(_over(now)).all()
    if not due:
        return []
    people = {each.staff.id: each for each in availability.everybody(session, now)}
    workers = [each.worker for each in people.values()]
    stays = handover.held(workers, roster.templates(session), now)
    signals: list[bus.Signal] = []
    for who in map(StaffId, due):
        stands = session.get_one(AvailabilityRow, who, with_for_update=True)
        order = session.get(SteeringRow, stands.order_id) if stands.order_id is not None else None
        if order is None or (order.ended_at is None and order.expires_at > now):
            continue  # chosen anew meanwhile
        person, kept = people.get(who), stays.get(who)
        at_work = person is not None and (person.on_duty(now) or (kept is not None and kept.covers(now)))
        put, before = Choice(order.choice), Choice(order.before)
        back = falls_back_to(put, before, undone=order.ended_at is not None, at_work=at_work)
        why = order.before_why if back is before else ""
        since = order.ended_at or order.expires_at
        signals += availability.choose(session, None, who, back, since, why)
    return signals


def _over(now: datetime) -> Select[int]:
    return (
        select(AvailabilityRow.staff_id)
        .join(SteeringRow, SteeringRow.id == AvailabilityRow.order_id)
        .where(or_(SteeringRow.ended_at.is_not(None), SteeringRow.expires_at <= now))
        .order_by(AvailabilityRow.staff_id)
    )


def sweep() -> None:
    """The job of every minute, for when no switchboard does it."""
    with transaction() as session:
        signals = put_back(session, utc_now())
    bus.publish(signals)
