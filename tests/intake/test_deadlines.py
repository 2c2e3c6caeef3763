from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.clock import HANOI
from intake.cases.deadlines import (
    LIMITS,
    Clock,
    Span,
    after_months,
    after_working_days,
    deadline,
    is_working_day,
    watch_ends,
)


def _hanoi(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=HANOI)  # type: ignore[arg-type,misc]


def test_twelve_hours_run_through_a_night_and_tet() -> None:
    heard = _hanoi(2026, 2, 16, 23, 50)
    due = deadline(Clock.EMERGENCY, heard_at=heard, entered_at=heard + timedelta(hours=3)).due
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
        found = deadline(clock, heard_at=now, entered_at=now)
        assert found.article == LIMITS[clock].article
        assert found.due > now
        assert found.due.tzinfo is not None


def test_a_unit_may_set_its_own_limits_but_none_that_the_law_forbids() -> None:
    now = _hanoi(2026, 11, 20, 12, 0)
    changed = {Clock.REPORT: 5, Clock.PLAN: 3}
    report = deadline(Clock.REPORT, heard_at=now, entered_at=now, changed=changed)
    assert report.due == now + timedelta(minutes=5)
    plan = deadline(Clock.PLAN, heard_at=now, entered_at=now, changed=changed)
    assert plan.due == _hanoi(2026, 11, 26, 23, 59)
    assert not LIMITS[Clock.EMERGENCY].keeps_the_law(13)
    assert not LIMITS[Clock.FOLLOW_UP].keeps_the_law(2)
    assert LIMITS[Clock.FOLLOW_UP].keeps_the_law(6)
    assert LIMITS[Clock.REVIEW].keeps_the_law(20)
    assert not any(limit.keeps_the_law(0) for limit in LIMITS.values())


def test_the_end_of_a_watch_leaves_time_to_review_it() -> None:
    began = _hanoi(2026, 1, 15, 8, 0)
    assert watch_ends(began) == _hanoi(2026, 4, 15, 23, 59)
    due = deadline(Clock.FOLLOW_UP, heard_at=began, entered_at=began).due
    assert due == after_working_days(watch_ends(began), 5) > watch_ends(began)


@given(st.datetimes(datetime(2025, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC)), st.data())
def test_working_days_never_end_on_a_free_day_and_skip_nothing_else(
    start: datetime, data: st.DataObject
) -> None:
    days = data.draw(st.integers(1, 12))
    due = after_working_days(start, days).astimezone(HANOI)
    first = start.astimezone(HANOI).date()
    between = [first + timedelta(days=n) for n in range(1, (due.date() - first).days + 1)]
    assert sum(is_working_day(day) for day in between) == days
    assert is_working_day(due.date())
    assert (due.hour, due.minute) == (23, 59)


@given(
    st.sampled_from(Clock),
    st.datetimes(datetime(2025, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC)),
)
def test_hours_run_through_everything_and_no_clock_runs_shorter_than_its_days(
    clock: Clock, start: datetime
) -> None:
    limit = LIMITS[clock]
    lasts = deadline(clock, heard_at=start, entered_at=start).due - start
    if limit.span is Span.HOURS:
        assert lasts == timedelta(hours=limit.amount)
    elif limit.span in {Span.DAYS, Span.WORKING_DAYS}:
        assert lasts >= timedelta(days=limit.amount) - timedelta(minutes=1)


def test_a_deadline_is_overdue_only_after_it() -> None:
    now = _hanoi(2026, 11, 20, 12, 0)
    found = deadline(Clock.EMERGENCY, heard_at=now, entered_at=now)
    assert not found.overdue(found.due)
    assert found.overdue(found.due + timedelta(seconds=1))
