"""Past days are counted once, completely, and again when something was told late."""

from datetime import date, datetime, timedelta

from sqlalchemy import Engine

from hotline.calendar import DAY, HALF_HOURS, start_of
from hotline.clock import local, utc_now
from hotline.db import reading, transaction
from hotline.events import CallEvent, Outcome
from intake.calls import call_counts, calls
from intake.calls.call_counts import MADE_UP_DAYS, CallHalfHourRow, PastDays, past_days
from intake.tables.calls import CallRow
from tests import factories
from tests.factories import Story
from tests.queries import counted

DAY_ONE = date(2026, 11, 16)
FRIDAY = date(2026, 11, 20)


def _at(day: date, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day.isoformat()}T{clock}+07:00")


def _tell(db: Engine, *stories: Story) -> None:
    for story in stories:
        for event in story.told:
            _apply(db, event)


def _apply(db: Engine, event: CallEvent) -> None:
    with transaction(db) as session:
        calls.apply(session, event)


def _given_up(day: date, clock: str, seconds: float) -> Story:
    return Story(at=_at(day, clock)).arrived().waiting().later(seconds - 2).ended(Outcome.ABANDONED)


def _past(db: Engine, since: date = DAY_ONE, until: date = FRIDAY) -> PastDays:
    with reading(db) as session:
        return past_days(session, since, until)


def _a_few_days(db: Engine) -> None:
    """Calls on Monday (the first ever), Tuesday and Thursday; none on Wednesday."""
    with transaction(db) as session:
        factories.counselor(session)
    tuesday, thursday = DAY_ONE + DAY, DAY_ONE + 3 * DAY
    _tell(
        db,
        Story(at=_at(DAY_ONE, "15:00")).answered_call(),
        Story(at=_at(tuesday, "00:00")).answered_call(talk_seconds=99),
        Story(at=_at(tuesday, "23:59:59")).answered_call(talk_seconds=49),
        _given_up(tuesday, "23:45", 40),
        _given_up(thursday, "09:29:59", 20),
        _given_up(thursday, "09:30", 10),
    )


def test_every_full_day_is_counted_by_half_hours_of_vietnams_clock(db: Engine) -> None:
    _a_few_days(db)
    now = _at(FRIDAY, "00:01")
    assert call_counts.roll_up(db, now, made_up=False) == 3
    past = _past(db)
    assert sorted(past.offered) == [DAY_ONE + n * DAY for n in (1, 2, 3)]  # the first is not whole
    tuesday, wednesday, thursday = (past.offered[DAY_ONE + n * DAY] for n in (1, 2, 3))
    assert {slot: n for slot, n in enumerate(tuesday) if n} == {0: 1, 47: 2}
    assert list(wednesday) == [0] * HALF_HOURS
    assert {slot: n for slot, n in enumerate(thursday) if n} == {18: 1, 19: 1}
    assert past.talk == timedelta(seconds=76)  # 101 and 51 between answer and end
    assert past.patience == timedelta(seconds=(3 + 3 + 40 + 20 + 10) / 3)
    assert past.synthetic == 0


def test_who_asked_to_be_called_back_has_not_lost_patience(db: Engine) -> None:
    _a_few_days(db)
    _tell(
        db,
        Story(at=_at(DAY_ONE + DAY, "12:00")).arrived().waiting().later(57).asks_to_be_called()
        .ended(Outcome.ABANDONED),
    )  # fmt: skip
    call_counts.roll_up(db, _at(FRIDAY, "00:01"), made_up=False)
    assert _past(db).patience == timedelta(seconds=(3 + 3 + 40 + 20 + 10 + 60) / 3)


def test_a_day_is_written_once_and_the_last_days_again_after_midnight(db: Engine) -> None:
    _a_few_days(db)
    call_counts.roll_up(db, _at(FRIDAY, "00:01"), made_up=False)
    assert call_counts.roll_up(db, _at(FRIDAY, "00:02"), made_up=False) == 0
    _tell(db, _given_up(DAY_ONE + 2 * DAY, "12:00", 30))  # told late, by a site that was cut off
    assert call_counts.roll_up(db, _at(FRIDAY, "23:59"), made_up=False) == 0
    assert call_counts.roll_up(db, _at(FRIDAY + DAY, "00:00"), made_up=False) == 4
    assert sum(_past(db).offered[DAY_ONE + 2 * DAY]) == 1


def test_our_own_calls_and_those_between_colleagues_are_not_counted(db: Engine) -> None:
    _a_few_days(db)
    for column in ("outbound", "internal"):
        story = Story(at=_at(DAY_ONE + 2 * DAY, "12:00")).answered_call()
        _tell(db, story)
        with transaction(db) as session:
            row = session.get(CallRow, story.call_id)
            setattr(row, column, True)
    call_counts.roll_up(db, _at(FRIDAY, "00:01"), made_up=False)
    assert sum(_past(db).offered[DAY_ONE + 2 * DAY]) == 0


def test_without_calls_there_is_no_past(db: Engine) -> None:
    assert call_counts.roll_up(db, _at(FRIDAY, "12:00"), made_up=False) == 0
    assert _past(db) == PastDays({}, None, None, 0)


def _made_up_until(db: Engine, day: date) -> None:
    counts = {"offered": 0, "answered": 0, "abandoned": 0, "talk_seconds": 0, "wait_seconds": 0}
    with transaction(db) as session:
        session.add(CallHalfHourRow(starts_at=start_of(day, -1), synthetic=True, **counts))


def test_a_demo_has_a_made_up_past_that_says_so(db: Engine) -> None:
    _a_few_days(db)
    with reading(db) as session:
        assert call_counts.next_day(session, FRIDAY, made_up=True) == FRIDAY - MADE_UP_DAYS * DAY
    _made_up_until(db, FRIDAY - 3 * DAY)
    assert call_counts.roll_up(db, _at(FRIDAY, "12:00"), made_up=True) == 3
    assert call_counts.roll_up(db, _at(FRIDAY + DAY, "12:00"), made_up=True) == 1
    with counted(db) as statements:
        past = _past(db, FRIDAY - 3 * DAY, FRIDAY + DAY)
    assert len(statements) == 1
    assert past.synthetic == len(past.offered) == 4
    assert all(1000 < sum(day) < 2000 for day in past.offered.values())
    assert past.talk is not None
    assert 70 < past.talk.total_seconds() < 120
    assert past.patience is not None
    assert 100 < past.patience.total_seconds() < 150


def test_the_jobs_own_sweep_makes_up_what_a_demo_lacks(db: Engine) -> None:
    yesterday = local(utc_now()).date() - DAY
    _made_up_until(db, yesterday)
    call_counts.sweep()
    assert sum(_past(db, yesterday, yesterday + DAY).offered[yesterday]) > 500
