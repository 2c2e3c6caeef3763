from datetime import UTC, datetime, timedelta

import pytest

from hotline.clock import HANOI
from intake.deadlines import ARTICLES, Clock, Limits, after_months, after_working_days, deadline


def _hanoi(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=HANOI)  # type: ignore[arg-type,misc]


def test_twelve_hours_run_through_a_night_and_tet() -> None:
    heard = _hanoi(2026, 2, 16, 23, 50)
    due = deadline(Clock.EMERGENCY, received_at=heard, entered_at=heard + timedelta(hours=3)).due
    assert due == _hanoi(2026, 2, 17, 11, 50)
    assert due.utcoffset() is not None


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        (_hanoi(2026, 11, 16, 9, 0), 5, _hanoi(2026, 11, 23, 23, 59)),
        (_hanoi(2026, 11, 20, 23, 59), 2, _hanoi(2026, 11, 25, 23, 59)),  # 24/11 is a holiday
        (_hanoi(2026, 2, 13, 12, 0), 5, _hanoi(2026, 2, 27, 23, 59)),  # over Tết 2026 (16–20/2)
        (_hanoi(2026, 4, 24, 8, 0), 1, _hanoi(2026, 4, 28, 23, 59)),  # 26/4 is a Sunday: 27/4 instead
    ],
)
def test_working_days_skip_weekends_and_holidays(start: datetime, days: int, due: datetime) -> None:
    assert after_working_days(start, days) == due


def test_a_day_is_one_in_vietnam_not_in_utc() -> None:
    monday_morning = datetime(2026, 11, 15, 23, 0, tzinfo=UTC)
    assert after_working_days(monday_morning, 1) == _hanoi(2026, 11, 17, 23, 59)


@pytest.mark.parametrize(
    ("start", "due"),
    [
        (_hanoi(2026, 1, 15, 8, 0), _hanoi(2026, 4, 15, 23, 59)),
        (_hanoi(2026, 11, 30, 8, 0), _hanoi(2027, 2, 28, 23, 59)),
        (_hanoi(2026, 9, 30, 8, 0), _hanoi(2026, 12, 30, 23, 59)),
    ],
)
def test_three_months_end_on_the_same_day_or_the_last_of_the_month(
    start: datetime, due: datetime
) -> None:
    assert after_months(start, 3) == due


def test_every_clock_names_its_article_and_ends_after_it_began() -> None:
    now = _hanoi(2026, 11, 20, 12, 0)
    for clock in Clock:
        found = deadline(clock, received_at=now, entered_at=now)
        assert found.article == ARTICLES[clock]
        assert found.due > now
        assert found.due.tzinfo is not None


def test_our_own_limits_can_be_set_per_unit() -> None:
    now = _hanoi(2026, 11, 20, 12, 0)
    limits = Limits(report=timedelta(minutes=5))
    report = deadline(Clock.REPORT, received_at=now, entered_at=now, limits=limits)
    assert report.due == now + timedelta(minutes=5)


def test_a_deadline_is_overdue_only_after_it() -> None:
    now = _hanoi(2026, 11, 20, 12, 0)
    found = deadline(Clock.EMERGENCY, received_at=now, entered_at=now)
    assert not found.overdue(found.due)
    assert found.overdue(found.due + timedelta(seconds=1))
