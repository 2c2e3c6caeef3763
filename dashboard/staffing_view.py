"""What the staffing page shows: the forecast of the coming week, its error, and who is missing when."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from dashboard.asking import Work
from hotline import staff
from hotline.calendar import DAY, start_of
from hotline.clock import local
from hotline.errors import BadInput
from hotline.ids import StaffId
from hotline.settings import settings
from intake.calls.call_counts import past_days
from routing import forecast, roster, staffing, what_if
from routing.erlang import Target
from routing.forecast import Error, Model
from routing.planning import Entry
from routing.shifts import SHIFTS, Duty, by_code
from routing.simulator import Desk
from routing.staffing import Gap, Slot

SHOWN = 7
"""Days, today first."""
_PICK_UP = timedelta(seconds=4)
"""From the first ring to the answer; what counselors need is not measured yet."""
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
    return Learned(
        model=model,
        error=forecast.back_test(past.offered, today),
        work=staffing.Work(past.talk + settings().wrap_up, past.patience),
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
    return [entry.duty for entry in _planned(work, today - DAY, today + SHOWN * DAY)]


def _planned(work: Work, first: date, last: date) -> Sequence[Entry]:
    """Who shall work on these days. Who has left will not come, whatever the roster still says."""
    return [one for one in roster.entries_to_come(work.session, first, last) if one.works]


@dataclass(frozen=True, slots=True)
class Change:
    """What a shift lead wants to try. `calls`: percent of the forecast. `counselors`: more, or fewer
    when negative, on `shift` (a code; "" for all of them) of `center` (its code; "" for the viewer's
    own). `overflow`, `wrap_up`, `limit`: seconds."""

    day: date
    calls: int
    counselors: int
    shift: str
    overflow: int
    wrap_up: int
    limit: int
    center: str = ""


def question(work: Work, known: Learned, change: Change) -> what_if.Question:
    """The day as planned and as changed. Raises BadInput for a center that there is not."""
    of = settings()
    codes = {each.code.lower() for each in staff.centers(work.session)}
    own = staff.one(work.session, work.viewer.staff_id).center.code.lower()
    if (center := change.center or own) not in codes:
        raise BadInput("center")
    as_planned = what_if.Day(
        start=start_of(change.day),
        calls=known.model.calls(change.day),
        desks=_desks(work, change.day),
        talk=known.work.handling - of.wrap_up,
        patience=known.work.patience,
        wrap_up=of.wrap_up,
        pick_up=_PICK_UP,
        overflow=timedelta(seconds=of.overflow_seconds),
    )
    shifts = [by_code(change.shift)] if change.shift else SHIFTS
    duties = [shift.on(change.day) for shift in shifts]
    changed = replace(
        as_planned,
        calls=what_if.more_calls(as_planned, change.calls / 100),
        desks=what_if.with_more(as_planned.desks, change.counselors, duties, center),
        wrap_up=timedelta(seconds=change.wrap_up),
        overflow=timedelta(seconds=change.overflow),
    )
    return what_if.Question(as_planned, changed, timedelta(seconds=change.limit))


def _desks(work: Work, day: date) -> tuple[Desk, ...]:
    """Everybody on the roster of this day, and of the night before it."""
    entries = _planned(work, day - DAY, day)
    people = staff.some(work.session, [one.staff_id for one in entries])
    duties: dict[StaffId, list[Duty]] = {}
    for one in entries:
        duties.setdefault(one.staff_id, []).append(one.duty)
    return tuple(
        Desk(tuple(theirs), people[who].center.code.lower()) for who, theirs in sorted(duties.items())
    )
