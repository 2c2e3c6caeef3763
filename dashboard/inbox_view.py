"""What a desk says of the inbox: how much waits, and which report is offered to this counselor now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from dashboard.asking import Work
from hotline.ids import StaffId
from hotline.settings import settings
from intake.calls import on_the_line
from intake.calls.on_the_line import Waiting
from intake.reports import reports
from intake.reports.reports import Standing, WaitingReport
from routing import availability, report_offers, rests
from routing.choices import Choice
from routing.report_offers import Free

_WRITING = timedelta(hours=1)
"""Whoever took a report and left its record unfinished is offered the next one after so long."""


@dataclass(frozen=True, slots=True)
class Inbox:
    standing: Standing
    offered: WaitingReport | None
    """To this counselor, now."""


def inbox(work: Work, callers: Waiting) -> Inbox:
    """`callers`: who waits on the line. On most looks nothing waits, which is one statement."""
    standing = reports.standing(work.session)
    if not standing.count or callers.count:
        return Inbox(standing, None)
    free = _free(work)
    there = reports.waiting(work.session, work.viewer, len(free)) if free else ()
    line = [report_offers.Waiting(one.id, one.since) for one in there]
    mine = report_offers.offers(line, free, callers.count, work.now).get(work.viewer.staff_id)
    offered = next((one for one in there if one.id == mine), None)
    if offered and offered.given_back and offered.given_back[0] == work.viewer.staff_id:
        offered = None  # others have it in their turn
    return Inbox(standing, offered)


def _free(work: Work) -> Sequence[Free]:
    """On duty, available, in no call and in no rest, and not writing a report already. Nobody at all
    when the viewer is not among them: a desk asks for itself alone, and often."""
    session, now, me = work.session, work.now, work.viewer.staff_id
    busy: set[StaffId] = set()
    for at_work in (
        lambda: on_the_line.engaged(session),
        lambda: rests.since(session, now),
        lambda: on_the_line.just_talked(session, now - settings().wrap_up),
        lambda: reports.being_written(session, now - _WRITING),
    ):
        busy.update(at_work())
        if me in busy:
            return ()
    free = [
        Free(one.staff.id, one.since)
        for one in availability.everybody(session, now, coming=timedelta())
        if one.choice is Choice.AVAILABLE and one.on_duty(now) and one.staff.id not in busy
    ]
    return free if any(one.staff_id == me for one in free) else ()
