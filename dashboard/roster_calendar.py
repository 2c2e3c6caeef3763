"""A counselor's shifts as an iCalendar feed (RFC 5545). Names nobody but the center."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from icalendar import Calendar, Event

from dashboard.i18n import Language
from dashboard.words import word
from hotline.staff import StaffView
from routing.planning import Entry

_ASK_AGAIN = timedelta(hours=1)


def calendar(language: Language, person: StaffView, entries: Sequence[Entry], now: datetime) -> bytes:
    """Every shift they work as an event; times in UTC, which every calendar shows in its own zone."""
    feed = Calendar()
    feed.add("prodid", "-//tongdai111//roster//VI")
    feed.add("version", "2.0")
    feed.add("method", "PUBLISH")
    feed.add("x-wr-calname", language.say("Lịch trực 111"))
    feed.add("refresh-interval", _ASK_AGAIN, parameters={"VALUE": "DURATION"})
    for entry in entries:
        if entry.works:
            feed.add_component(_event(language, person, entry, now))
    return bytes(feed.to_ical())


def _event(language: Language, person: StaffView, entry: Entry, now: datetime) -> Event:
    event = Event()
    event.add("uid", f"{entry.day.isoformat()}-{entry.shift}-{person.login}@tongdai111")
    event.add("dtstamp", now)
    event.add("dtstart", entry.duty.starts)
    event.add("dtend", entry.duty.ends)
    event.add("summary", f"{word(language, entry.shift, 'shift')}, {person.center.name}")
    event.add("location", person.center.name)
    return event
