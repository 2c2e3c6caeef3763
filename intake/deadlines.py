"""The clocks of the law and our own: pure arithmetic on aware instants.

NĐ 56/2017 names the limits; "at once" (Đ26.1) is no number, and assessments have no limit of their own
(no 24-hour rule was found), so those are ours and configurable. Clocks in hours run through nights,
weekends and Tết. Clocks in working days skip weekends and public holidays, do not count the first day,
and end with the last one (Civil Code 2015, Đ147–148).
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from hotline.calendar import is_holiday
from hotline.clock import HANOI, local


class Clock(StrEnum):
    """What must be done by when."""

    REPORT = "report"
    """111 → commune where it happened, "ngay": Đ26.1."""
    ASSESSMENT = "assessment"
    """Must be over before the emergency measure would be late: Đ26.3."""
    EMERGENCY = "emergency"
    """Emergency measure within 12 hours of receipt: Đ26.3, 31.2, 32.2."""
    PLAN = "plan"
    """Plan drafted in 5 working days: Đ28.1."""
    APPROVAL = "approval"
    """Approved by the chair in 2 working days: Đ28.4."""
    REVIEW = "review"
    FOLLOW_UP = "follow_up"
    """3 months' watch after stabilizing: Mẫu 06."""


ARTICLES: dict[Clock, str] = {
    Clock.REPORT: "Đ26.1",
    Clock.ASSESSMENT: "Đ26.3",
    Clock.EMERGENCY: "Đ26.3",
    Clock.PLAN: "Đ28.1",
    Clock.APPROVAL: "Đ28.4",
    Clock.REVIEW: "",
    Clock.FOLLOW_UP: "Mẫu 06",
}
"""Of NĐ 56/2017; empty where the limit is ours alone."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Lengths, configurable per unit. The defaults are the law's, or ours where it has none."""

    report: timedelta = timedelta(minutes=30)
    emergency: timedelta = timedelta(hours=12)
    plan_working_days: int = 5
    approval_working_days: int = 2
    review: timedelta = timedelta(days=30)
    follow_up_months: int = 3


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Deadline:
    clock: Clock
    article: str
    due: datetime
    """Aware, UTC."""

    def overdue(self, now: datetime) -> bool:
        return now > self.due


def deadline(
    clock: Clock, *, received_at: datetime, entered_at: datetime, limits: Limits = LIMITS
) -> Deadline:
    """When this clock runs out. `received_at`: 111 learned of it; `entered_at`: the step began."""
    due = {
        Clock.REPORT: lambda: entered_at + limits.report,
        Clock.ASSESSMENT: lambda: received_at + limits.emergency,
        Clock.EMERGENCY: lambda: received_at + limits.emergency,
        Clock.PLAN: lambda: after_working_days(entered_at, limits.plan_working_days),
        Clock.APPROVAL: lambda: after_working_days(entered_at, limits.approval_working_days),
        Clock.REVIEW: lambda: entered_at + limits.review,
        Clock.FOLLOW_UP: lambda: after_months(entered_at, limits.follow_up_months),
    }[clock]()
    return Deadline(clock, ARTICLES[clock], due)


def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and not is_holiday(day)


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
