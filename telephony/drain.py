"""The way of call events into SQL, above all what carries the journal there; and the switchboard's own
small writes and reads.

Everything here may wait for the database; the switchboard's event loop never does. Signals and jobs go
out after the commit. While the database is away it tries again, gently, and the journal grows.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import structlog
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from hotline import bus, jobs, on_call, sessions, shut_phones
from hotline.callers import Known
from hotline.db import engine, reading, transaction
from hotline.errors import Unavailable
from hotline.events import CallEvent
from hotline.ids import CallId, Phone, StaffId
from intake.calls import callers, calls, shift_work
from routing import availability, handover, rests, roster, set_states, steering
from routing.availability import Availability
from routing.choices import Choice
from routing.handover import Shortage
from routing.rest_rules import Rest
from routing.shifts import Duty, duty_at
from routing.values import Steering
from telephony import garbage
from telephony.draining import ended, woken
from telephony.floor import Person, Work
from telephony.journal import BATCH, Journal, drain_once

_log = structlog.get_logger()

RETRY_SECONDS = 1.0
GATHER_SECONDS, GATHER_MOST_SECONDS = 0.02, 0.25
"""What comes together is taken in together: a call arrives, waits and rings within so long, and a round
about three events costs little more than about one. The more events a round had, the longer the next one
gathers (`_GATHER_FOR_EACH` of them): in a rush the processors are for who rings phones, and a desk that
is told a quarter of a second later is told in time."""
_GATHER_FOR_EACH = 0.003
_RECENT = timedelta(days=1)
"""Talks of the last day say how long they last now."""
_LONGEST_TALK = timedelta(hours=3)
"""A record closed in the midst of its talk says how long to rest after it."""


def drain(folder: Path, pipe: Connection) -> None:
    """Apply what the journal in this folder holds, in order, until the switchboard has gone: the whole
    life of `draining.DrainProcess`."""
    garbage.spare_a_round()
    journal = Journal(folder, draining=True)
    gone = False
    pause = GATHER_SECONDS
    while not gone:
        try:
            time.sleep(pause)
            gone = ended(pipe)
            while (taken := batch(journal)) == BATCH and not gone:
                gone = ended(pipe)
            pause = gathering(taken)
            gone = gone or not woken(pipe)
        except Unavailable as error:
            _log.warning("database_away", error=error)
            gone = gone or ended(pipe, within=RETRY_SECONDS)
    journal.close()


def gathering(taken: int) -> float:
    """Seconds to wait for more before the next round, when the last one took in so many events."""
    return min(max(GATHER_SECONDS, taken * _GATHER_FOR_EACH), GATHER_MOST_SECONDS)


def batch(journal: Journal) -> int:
    """One round; returns how many events it took in. Raises Unavailable."""
    done: list[calls.Applied] = []

    def apply(session: Session, events: Sequence[CallEvent]) -> None:
        done.extend(calls.apply_all(session, events))

    count = drain_once(journal, engine(), apply)
    _tell(done)
    return count


def put_in(engine: Engine, events: Iterable[CallEvent]) -> None:
    """Apply events that are in no journal, in one transaction. Raises Unavailable."""
    with transaction(engine) as session:
        done = calls.apply_all(session, list(events))
    _tell(done)


def _tell(done: Sequence[calls.Applied]) -> None:
    """What is committed: to whom it concerns, and to the worker."""
    bus.publish(list(dict.fromkeys(signal for each in done for signal in each.signals)))
    jobs.enqueue_all([job for each in done for job in each.jobs])


@dataclass(frozen=True, slots=True)
class Staffing:
    """Who can be rung, as SQL has it at one moment. `on_call`: site → the numbers to ring when nobody
    can be reached there, in turn. `short`: centers whose present shift has not come.
    `credentials`: what phones in browsers are known by, as HA1; `shut`: the same of phones that are
    nobody's, and nobody knows it."""

    people: Sequence[Person]
    on_call: Mapping[str, tuple[str, ...]]
    steering: Steering
    short: Sequence[Shortage]
    credentials: Mapping[Phone, str]
    shut: Mapping[Phone, str]


def load_staffing(
    engine: Engine, sites: Iterable[str], limit: timedelta, patience: timedelta, now: datetime
) -> Staffing:
    """Every counselor with a phone, each site's mobiles on call, what shift leads have ordered, and
    what phones are known by.

    `limit`: overflow where nobody ordered another. `patience`: how long after its beginning a shift may
    be short. Raises Unavailable.
    """
    with reading(engine) as session:
        everybody = availability.everybody(session, now)
        workers, templates = [each.worker for each in everybody], roster.templates(session)
        held = handover.held(workers, templates, now)
        resting = rests.since(session, now - _LONGEST_TALK)
        people = [
            _person(each, each.staff.phone, held.get(each.staff.id), resting.get(each.staff.id))
            for each in everybody
            if each.staff.phone
        ]
        numbers = {
            site: tuple(dialled for _, dialled in turn)
            for site, turn in on_call.in_turn(session, sites, now).items()
        }
        steered = steering.steering(session, now, limit)
        credentials = sessions.phone_credentials(session, now)
        shut = shut_phones.shut_phones(session)
    short = list(handover.shortages(workers, templates, now, patience))
    return Staffing(people, numbers, steered, short, credentials, shut)


def _person(of: Availability, phone: Phone, held: Duty | None, rest: Rest | None) -> Person:
    """`held`: how long they are kept past the end of their shift, if they are."""
    return Person(
        of.staff.id,
        phone,
        of.duty if held is None else (*of.duty, held),
        of.choice,
        of.since,
        of.staff.skills,
        center=of.staff.center.code.lower(),
        languages=frozenset(of.staff.languages) - {"vi"},
        rest=rest,
    )


def load_callers(
    engine: Engine, calls: Mapping[CallId, str | None], now: datetime
) -> Mapping[CallId, Known]:
    """What is known of these callers; `calls` has their numbers as they came. Raises Unavailable."""
    with reading(engine) as session:
        return callers.known(session, calls, now)


@dataclass(frozen=True, slots=True)
class Memory:
    """What the router keeps in mind. `work`: what everybody has done in this shift. `callers`: number in
    normal form → what is known of it. `talk`: how long a talk lasts in the mean; None when not known."""

    work: Mapping[StaffId, Work]
    callers: Mapping[str, Known]
    talk: timedelta | None


def load_memory(engine: Engine, now: datetime) -> Memory:
    """As SQL has it. Raises Unavailable."""
    with reading(engine) as session:
        done = shift_work.since(session, duty_at(now).starts, now)
        known = callers.remembered(session, now)
        talk = shift_work.mean_talk(session, now - _RECENT)
    return Memory({who: Work(one.calls, one.talked) for who, one in done.items()}, known, talk)


def put_states_back(engine: Engine, now: datetime) -> None:
    """End the states that shift leads have set for a time that is over. Raises Unavailable."""
    with reading(engine) as session:
        if not set_states.any_over(session, now):
            return
    with transaction(engine) as session:
        signals = set_states.put_back(session, now)
    bus.publish(signals)


def save_choices(engine: Engine, choices: Iterable[tuple[StaffId, Choice]], now: datetime) -> None:
    """What the line said about counselors at `now` (missed, phone away), told to whom it concerns. Who
    has chosen for themselves since then, while SQL was slow, is left so."""
    signals: list[bus.Signal] = []
    with transaction(engine) as session:
        for staff_id, choice in choices:
            since = availability.since(session, staff_id)
            if since is not None and since <= now:
                signals += availability.choose(session, None, staff_id, choice, now)
    bus.publish(signals)
