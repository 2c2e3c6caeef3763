"""Whoever has gone home without saying so is away: a choice for a shift that is over is taken back.

The router rings nobody off duty anyway. But the wallboard shows what was chosen, and at the next shift
it must be chosen anew, by somebody who sits there.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from hotline import bus
from hotline.clock import utc_now
from hotline.db import transaction
from routing import availability, handover, roster
from routing.choices import Choice


def sweep() -> None:
    """The job of every minute."""
    with transaction() as session:
        signals = send_home(session, utc_now())
    bus.publish(signals)


def send_home(session: Session, now: datetime) -> list[bus.Signal]:
    """Set them to away, as the house itself; returns the signals to publish after commit."""
    workers = [each.worker for each in availability.everybody(session, now)]
    stays = handover.held(workers, roster.templates(session), now)
    gone = [each for each in workers if handover.left_standing(each, stays, now)]
    return [
        signal
        for each in gone
        if availability.since(session, each.staff_id) == each.since  # not chosen anew meanwhile
        for signal in availability.choose(session, None, each.staff_id, Choice.AWAY, now)
    ]
