"""A hotline with people and calls for the browser tests: the demo organization, and calls as events.

The line is told to the database and the bus as the switchboard does it: fold, commit, then the signals.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from hotline import bus, staff
from hotline.access import Viewer
from hotline.clock import utc_now
from hotline.db import transaction
from hotline.events import Outcome
from hotline.ids import StaffId
from hotline.staff import HashedPassword, StaffRow, viewer_of
from intake.calls import calls
from routing import availability, demo
from routing.choices import Choice
from tests.factories import Story

PASSWORD = "mot-hai-ba-111"
_QUICK = PasswordHash([Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1)])
"""What is hashed so is checked as quickly: everybody logs in, in each test."""


@dataclass(frozen=True, slots=True)
class World:
    """Who is on shift now: two counselors of Hà Nội and their lead."""

    counselor: Viewer
    colleague: Viewer
    lead: Viewer
    auditor: Viewer
    administrator: Viewer


def build() -> World:
    """Make the demo organisation in the process's database, everybody with PASSWORD."""
    with transaction() as session:
        demo.seed(session, HashedPassword(_QUICK.hash(PASSWORD)))
        now = utc_now()
        here = [
            one
            for one in availability.everybody(session, now)
            if one.on_duty(now) and one.staff.center.code == "hn"
        ]
        people = {person.login: person.id for person in staff.everybody(session)}

        def viewer(staff_id: StaffId) -> Viewer:
            row = session.get(StaffRow, staff_id)
            assert row is not None
            return viewer_of(row)

        return World(
            counselor=viewer(here[0].staff.id),
            colleague=viewer(here[1].staff.id),
            lead=viewer(people["ca01"]),
            auditor=viewer(people["kt01"]),
            administrator=viewer(people["qt01"]),
        )


def choose(
    who: Viewer, choice: Choice, ago: timedelta = timedelta(), why: str = "", *, aloud: bool = True
) -> None:
    """As its owner would, `ago` in the past. `why`: of a break. `aloud`: the desks hear of it."""
    with transaction() as session:
        signals = availability.choose(session, who, who.staff_id, choice, utc_now() - ago, why)
    if aloud:
        bus.publish(signals)


def tell(story: Story, *, aloud: bool = True) -> None:
    """What the story has told since the last time, event by event. `aloud`: the desks hear of it."""
    events, story.told = story.told, []
    for event in events:
        with transaction() as session:
            applied = calls.apply(session, event)
        if aloud:
            bus.publish(applied.signals)


def story(number: str | None = "0912345678", ago: timedelta = timedelta()) -> Story:
    """A call that begins `ago`; its events follow each other at once."""
    return Story(number=number, at=utc_now() - ago, pause=timedelta())


def past_call(who: Viewer, number: str | None, when: datetime, seconds: float = 60) -> Story:
    """The whole of an answered call in the past; no desk that is open takes it for one of now."""
    told = Story(number=number, at=when).answered_call(who.phone or "", seconds)
    tell(told, aloud=False)
    return told


def lost(number: str | None, ago: timedelta = timedelta(minutes=5)) -> Story:
    """Somebody of Hà Nội who rang off before anybody answered."""
    return story(number, ago).arrived().waiting().later(40).ended(Outcome.ABANDONED)


def viewers(logins: Sequence[str]) -> list[Viewer]:
    """These people."""
    with transaction() as session:
        people = {person.login: person.id for person in staff.everybody(session)}
        rows = [session.get(StaffRow, people[login]) for login in logins]
        return [viewer_of(row) for row in rows if row is not None]
