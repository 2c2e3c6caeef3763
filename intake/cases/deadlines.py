"""The clocks of the law and our own: pure arithmetic on aware instants.

NĐ 56/2017 names some limits; "at once" (Đ26.1) is no number, and assessing, verifying and reviewing have
no limit of their own (no 24-hour rule was found), so those are ours. All can be set per unit
(`intake.cases.case_limits`), those of the law never more loosely than the law. Clocks in minutes and
hours run through nights, weekends and Tết. Clocks in working days skip weekends and public holidays;
those in days do not count the first day, and end with the last one (Civil Code 2015, Đ147–148).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from hotline.calendar import is_holiday
from hotline.clock import HANOI, local


class Clock(StrEnum):
    """What must be done by when."""

    REPORT = "report"
    """111 → commune where it happened, "ngay"."""
    ASSESSMENT = "assessment"
    """Must be over before the emergency measure would be late."""
    EMERGENCY = "emergency"
    """Emergency measure within 12 hours of receipt: Đ26.3, 31.2, 32.2."""
    VERIFICATION = "verification"
    """Information gathered, checked, assessed in detail."""
    PLAN = "plan"
    APPROVAL = "approval"
    CARRY_OUT = "carry_out"
    REVIEW = "review"
    FOLLOW_UP = "follow_up"
    """The watch after stabilizing; then some days to end it in."""
    REFERRAL = "referral"
    """Until the body that took a case over is asked what became of it."""
    SEPARATION = "separation"
    """A child kept apart from their parents, all renewals included."""


class Span(StrEnum):
    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    WORKING_DAYS = "working_days"
    MONTHS = "months"


class Bound(StrEnum):
    """How the law means its number."""

    AT_MOST = "at_most"
    AT_LEAST = "at_least"


@dataclass(frozen=True, slots=True)
class Limit:
    """How long a clock runs. `article`: of NĐ 56/2017, "" where nothing in it asks for the step's haste.
    `bound`: None where the number is ours. `from_receipt`: it runs from when 111 heard of it, not from
    when the step began.
    """

    amount: int
    span: Span
    article: str = ""
    bound: Bound | None = None
    from_receipt: bool = False

    def keeps_the_law(self, amount: int) -> bool:
        """Whether a unit may set this amount instead."""
        if self.bound is None:
            return amount > 0
        return 0 < amount <= self.amount if self.bound is Bound.AT_MOST else amount >= self.amount


LIMITS: Mapping[Clock, Limit] = {
    Clock.REPORT: Limit(30, Span.MINUTES, "Đ26.1"),
    Clock.ASSESSMENT: Limit(12, Span.HOURS, "Đ26.3", Bound.AT_MOST, from_receipt=True),
    Clock.EMERGENCY: Limit(12, Span.HOURS, "Đ26.3", Bound.AT_MOST, from_receipt=True),
    Clock.VERIFICATION: Limit(3, Span.WORKING_DAYS, "Đ27"),
    Clock.PLAN: Limit(5, Span.WORKING_DAYS, "Đ28.1", Bound.AT_MOST),
    Clock.APPROVAL: Limit(2, Span.WORKING_DAYS, "Đ28.4", Bound.AT_MOST),
    Clock.CARRY_OUT: Limit(30, Span.DAYS),
    Clock.REVIEW: Limit(5, Span.WORKING_DAYS),
    Clock.FOLLOW_UP: Limit(3, Span.MONTHS, "Mẫu 06", Bound.AT_LEAST),
    Clock.REFERRAL: Limit(5, Span.WORKING_DAYS),
    Clock.SEPARATION: Limit(15, Span.DAYS, "Đ32.3", Bound.AT_MOST),
}
TO_END_IN = 5
"""Working days after a watch, in which it is to be ended; ours."""
NO_CHANGES: Mapping[Clock, int] = {}


@dataclass(frozen=True, slots=True)
class Deadline:
    clock: Clock
    article: str
    due: datetime
    """Aware, UTC."""

    def overdue(self, now: datetime) -> bool:
        return now > self.due


def deadline(
    clock: Clock,
    *,
    heard_at: datetime,
    entered_at: datetime,
    changed: Mapping[Clock, int] = NO_CHANGES,
) -> Deadline:
    """When this clock runs out. `heard_at`: 111 learned of it; `entered_at`: the step began; `changed`:
    the amounts that the case's unit set.
    """
    limit = LIMITS[clock]
    due = _after(heard_at if limit.from_receipt else entered_at, changed.get(clock, limit.amount), limit)
    if clock is Clock.FOLLOW_UP:
        due = after_working_days(due, TO_END_IN)
    return Deadline(clock, limit.article, due)


def watch_ends(entered_at: datetime, changed: Mapping[Clock, int] = NO_CHANGES) -> datetime:
    """The last minute of a watch that began then."""
    limit = LIMITS[Clock.FOLLOW_UP]
    return _after(entered_at, changed.get(Clock.FOLLOW_UP, limit.amount), limit)


def _after(start: datetime, amount: int, limit: Limit) -> datetime:
    match limit.span:
        case Span.MINUTES:
            return start + timedelta(minutes=amount)
        case Span.HOURS:
            return start + timedelta(hours=amount)
        case Span.DAYS:
            return after_days(start, amount)
        case Span.WORKING_DAYS:
            return after_working_days(start, amount)
        case Span.MONTHS:
            return after_months(start, amount)


def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and not is_holiday(day)


def after_days(start: datetime, days: int) -> datetime:
    """23:59 in Vietnam on the `days`-th day after the day of `start`."""
    return _last_minute(local(start).date() + timedelta(days=days))


def after_working_days(start: datetime, days: int) -> datetime:
    """23:59 in Vietnam on the `days`-th working day after the day of `start`."""
    day = local(start).date()
    while days:
        day += timedelta(days=1)
        days -= is_working_day(day)
    return _last_minute(day)


def after_months(start: datetime, months: int) -> datetime:
    """23:59 in Vietnam on the same day of a later month, or that month's last day."""
    began = local(start).date()
    year, month = divmod(began.year * 12 + began.month - 1 + months, 12)
    day = min(began.day, _days_in(year, month + 1))
    return _last_minute(date(year, month + 1, day))


def _days_in(year: int, month: int) -> int:
    following = date(year + month // 12, month % 12 + 1, 1)
    return (following - timedelta(days=1)).day


def _last_minute(day: date) -> datetime:
    return datetime.combine(day, time(23, 59), HANOI).astimezone(UTC)
