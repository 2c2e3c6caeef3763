"""What the staffing page shows: the forecast of the coming week, its error, and who is missing when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from dashboard.asking import Work
from hotline.calendar import DAY
from hotline.clock import local
from hotline.settings import settings
from intake.call_counts import past_days
from routing import forecast, roster, staffing
from routing.erlang import Target
from routing.forecast import Error, Model
from routing.shifts import Duty
from routing.staffing import Gap, Slot

SHOWN = 7
"""Days, today first."""
_READ = timedelta(days=400)
"""A year and each holiday in it."""
SHARE = 0.8
"""Of the calls that are to be answered within the service level's limit; the field's usual 80 %."""


@dataclass(frozen=True, slots=True)
class Learned:
    """`made_up`: days of the past that are not real; `known`: all that were looked at."""

    model: Model
    error: Error | None
    work: staffing.Work
    known: int
    made_up: int


@dataclass(frozen=True, slots=True)
class Week:
    """`slots`: the half hours of `day`. `gaps`: of the whole week."""

    days: Sequence[date]
    day: date
    slots: Sequence[Slot]
    gaps: Sequence[Gap]
    target: Target

    @property
    def short_days(self) -> frozenset[date]:
        """Days on which somebody is missing."""
        return frozenset(local(gap.starts_at).date() for gap in self.gaps)


def learned(work: Work) -> Learned | None:
    """None while too few days are known."""
    today = local(work.now).date()
    past = past_days(work.session, today - _READ, today)
    model = forecast.learn(past.offered, today)
    if model is None or past.talk is None:
        return None
    wrap_up = timedelta(seconds=settings().wrap_up_seconds)
    return Learned(
        model=model,
        error=forecast.back_test(past.offered, today),
        work=staffing.Work(past.talk + wrap_up, past.patience),
        known=len(past.offered),
        made_up=past.synthetic,
    )


def week(work: Work, known: Learned, wanted: date | None) -> Week:
    """`wanted`: the day to show in full; today when it is none of the week's."""
    today = local(work.now).date()
    days = [today + n * DAY for n in range(SHOWN)]
    day = wanted if wanted in days else today
    target = Target(SHARE, timedelta(seconds=settings().service_seconds))
    slots = staffing.plan(
        known.model, known.error, on_duty(work, today), today, today + SHOWN * DAY, known.work, target
    )
    return Week(
        days=days,
        day=day,
        slots=[slot for slot in slots if local(slot.starts_at).date() == day],
        gaps=list(staffing.gaps(slot for slot in slots if slot.ends_at > work.now)),
        target=target,
    )


def on_duty(work: Work, today: date) -> Sequence[Duty]:
    """One for each counselor and shift of the week, with the night that is not over yet."""
    entries = roster.entries(work.session, today - DAY, today + SHOWN * DAY)
    return [entry.duty for entry in entries if entry.works]
