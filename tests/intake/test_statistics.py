"""The figures of a period: the span, what is counted, and what stands beside it."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, select

from hotline.clock import local
from hotline.db import reading, transaction
from intake.calls import calls
from intake.history.loading import make_of
from intake.statistics import periods
from intake.statistics.counting import figures
from intake.statistics.periods import Period
from intake.statistics.tables import Counted, Table, compared
from intake.tables.records import RecordPersonRow, RecordRow
from tests import factories
from tests.intake.test_history import NOW, SMALL, house
from tests.queries import counted

__all__ = ["house"]


def test_periods_are_of_whole_months_or_of_days() -> None:
    assert periods.month(2019, 12) == Period(date(2019, 12, 1), date(2020, 1, 1))
    assert periods.quarter(2020, 1).before() == periods.quarter(2019, 4)
    assert periods.month(2020, 3).before() == periods.month(2020, 2)
    assert periods.year(2020).before() == periods.year(2020).year_before() == periods.year(2019)
    week = Period(date(2024, 2, 26), date(2024, 3, 4))
    assert week.before() == Period(date(2024, 2, 19), date(2024, 2, 26))
    assert week.year_before() == Period(date(2023, 2, 26), date(2023, 3, 4))
    assert Period(date(2024, 2, 29), date(2024, 3, 1)).year_before().since == date(2023, 2, 28)
    assert [one.month for one in periods.quarter(2019, 2).months()] == [4, 5, 6]
    assert periods.month(2019, 1).starts_at.isoformat() == "2019-01-01T00:00:00+07:00"
    with pytest.raises(ValueError, match="after it begins"):
        Period(date(2024, 1, 1), date(2024, 1, 1))


def test_a_year_is_counted_as_it_was_told(house: Engine) -> None:
    make_of(house, SMALL, 7, NOW)
    with reading(house) as session, counted(house) as statements:
        found = figures(session, periods.year(2019))
    assert found is not None
    assert len(statements) <= 21
    totals = {table: one.total for table, one in found.items()}
    assert (totals[Table.CALLS], totals[Table.WAYS], totals[Table.CASES]) == (600, 60, 20)
    assert found[Table.WAYS].rows == {"phone": 54, "press": 4, "post": 2}
    assert found[Table.LETTERS].rows == {"official_letter": 3}
    assert found[Table.KINDS].rows["escalated"] == 20
    problems = found[Table.CASES].rows
    assert (problems["violence"], problems["sexual_abuse"]) == (9, 6)
    assert found[Table.CASE_CHILDREN].rows == {"cases": 20, "children": 23}
    assert found[Table.TRAFFICKING].rows == {"information": 8, "counseling": 3, "referral": 2}
    therapy = {"assessments": 12, "sessions": 90, "treated": 5, "free": 3}
    assert found[Table.THERAPY].rows == therapy
    for table in (Table.MONTHS, Table.WEEKDAYS, Table.HOURS, Table.CLOSED, Table.CALLERS, Table.CENTERS):
        assert found[table].missing == 0, table
    assert set(found[Table.MONTHS].rows) == {f"{month:02}" for month in range(1, 13)}
    assert sum(found[Table.OLD_PROVINCES].rows.values()) == sum(found[Table.PROVINCES].rows.values())


def test_who_has_a_date_of_birth_has_the_age_of_the_day_it_was_told(house: Engine) -> None:
    make_of(house, SMALL, 7, NOW)
    with transaction(house) as session:
        for child in session.scalars(select(RecordPersonRow)):
            told_at = session.get_one(RecordRow, child.record_id).created_at
            nine = local(told_at).date() - timedelta(days=3600)
            child.fields = {"sex": "male", "birth_date": nine.isoformat(), "age": "17"}
    with reading(house) as session:
        found = figures(session, periods.year(2019))
    assert found is not None
    assert set(found[Table.CHILDREN_AGE].rows) == {"7-10"}
    assert found[Table.CHILDREN_AGE].missing == 0


def test_quarters_add_up_to_their_year(house: Engine) -> None:
    make_of(house, SMALL, 7, NOW)
    with reading(house) as session:
        quarters = [figures(session, periods.quarter(2019, each)) for each in range(1, 5)]
    for table, total in ((Table.CALLS, 600), (Table.WAYS, 60), (Table.CASES, 20)):
        assert sum(each[table].total or 0 for each in quarters if each) == total, table


def test_what_came_over_midnight_belongs_to_the_day_of_ha_noi(house: Engine) -> None:
    told = factories.Story(at=periods.month(2024, 5).starts_at).answered_call("hn01")
    with transaction(house) as session:
        calls.apply_all(session, told.told)
    with reading(house) as session:
        may, april = (figures(session, periods.month(2024, month)) for month in (5, 4))
    assert april is None
    assert may is not None
    assert may[Table.HOURS].rows == {"00": 1}


def test_a_total_that_is_more_than_its_parts_says_by_how_much() -> None:
    cases = {Table.CASES: Counted({"violence": 3, "law": 1}, 5)}
    last = {Table.CASES: Counted({"neglect": 4}, 4)}
    (one,) = compared(cases, None, last)
    assert one.missing == 1
    assert [(line.code, line.now, line.before, line.year_before) for line in one.lines] == [
        ("violence", 3, None, 0),
        ("law", 1, None, 0),
        ("neglect", 0, None, 4),
    ]
    assert one.total is not None
    assert (one.total.growth, one.total.growth_share) == (1, 25.0)


def test_growth_as_2019_tells_it() -> None:
    (one,) = compared({Table.CASES: Counted({}, 984)}, None, {Table.CASES: Counted({}, 806)})
    assert one.total is not None
    assert one.total.growth == 178
    assert f"{one.total.growth_share:.1f}" == "22.1"
