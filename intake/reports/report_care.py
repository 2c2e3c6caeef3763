"""Reports that nobody takes become an alarm: one for all of them, until none waits too long any more.

A report that says a child is in danger has an alarm of its own from its first moment
(`intake.reports.reports`); when nobody has taken it, or note of it, a while later, the shift lead's
phone is rung.
"""

from datetime import datetime, timedelta

from sqlalchemy import Engine

from hotline import alarms, bus
from hotline.alarm_kinds import AlarmKind
from hotline.clock import utc_now
from hotline.db import transaction
from hotline.settings import settings
from intake.reports import reports

INBOX = "inbox"
"""The subject of the alarm about all that wait."""


def watch() -> None:
    """Job (cron): does a report wait too long?"""
    of = settings()
    limit, ring = (timedelta(seconds=each) for each in (of.alarm_report_seconds, of.ring_danger_seconds))
    watch_all(None, limit, ring, utc_now())


def watch_all(engine: Engine | None, limit: timedelta, ring: timedelta, now: datetime) -> None:
    """Sound or end the alarm after `limit`, have phones rung for a child in danger after `ring`. Zero:
    never."""
    with transaction(engine) as session:
        since = reports.standing(session).since
        if limit and since is not None and now - since > limit:
            signals = alarms.sound(session, AlarmKind.REPORT, INBOX, "long", None, now)
        else:
            signals = alarms.end(session, AlarmKind.REPORT, INBOX, now)
        for reference in reports.in_danger_before(session, now - ring) if ring else ():
            signals += alarms.sound(session, AlarmKind.REPORT, reference, "unheard", None, now)
    bus.publish(signals)
