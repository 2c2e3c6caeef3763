"""From every figure to its rows: as many as were counted, and no others than the viewer may see."""

from collections.abc import Mapping
from datetime import date

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from hotline.access import Role, Viewer
from hotline.db import reading, transaction
from hotline.errors import NotVisible
from intake.history.loading import make_of
from intake.statistics import periods
from intake.statistics.counting import figures
from intake.statistics.periods import Period
from intake.statistics.tables import MISSING, OF_PEOPLE, TOTAL, Counted, Table
from intake.statistics.traced_months import months
from intake.statistics.tracing import THINGS, Thing, traced
from tests import factories
from tests.intake.test_history import NOW, SMALL, house

__all__ = ["house"]
YEAR = periods.year(2019)


@pytest.fixture
def leads(house: Engine) -> tuple[Viewer, Viewer]:
    """Of a small year's two centers."""
    make_of(house, SMALL, 7, NOW)
    with transaction(house) as session:
        hanoi, danang = factories.center(session), factories.center(session, "DN")
        return factories.shift_lead(session, hanoi), factories.shift_lead(session, danang)


def told(session: Session) -> Mapping[Table, Counted]:
    found = figures(session, YEAR)
    assert found is not None
    return found


def codes(of: Counted) -> Mapping[str, int]:
    """The first rows of a table, its last one, and what stands below them."""
    below = {} if of.total is None else {TOTAL: of.total, MISSING: of.missing}
    rows = list(of.rows.items())
    return {**dict(rows[:3] + rows[-1:]), **{code: many for code, many in below.items() if many}}


def test_each_figure_leads_to_as_many_rows_as_it_counts(
    house: Engine, leads: tuple[Viewer, Viewer]
) -> None:
    """All of them are seen by the leads of the two centers together, and by neither alone."""
    shared = 0
    with reading(house) as session:
        for table, counted in told(session).items():
            if table not in THINGS:
                continue
            for code, many in codes(counted).items():
                if table is Table.CLOSED and code in {TOTAL, MISSING}:
                    continue
                one, other = (traced(session, each, YEAR, table, code) for each in leads)
                assert one.seen + other.seen == many, (table, code)
                assert one.total == other.total
                assert one.total == many or (one.total is None and table in OF_PEOPLE)
                assert sum(row.times for row in one.rows) == one.seen or one.pages > 1
                assert {row.center for row in one.rows} <= {"HN"}
                shared += bool(one.seen and other.seen)
    assert shared > 20


def test_the_months_of_a_figure_add_up_to_it(house: Engine, leads: tuple[Viewer, Viewer]) -> None:
    lead, odd = leads[0], Period(date(2019, 2, 5), date(2019, 11, 20))
    with reading(house) as session:
        for of in (YEAR, odd):
            for table, counted in (figures(session, of) or {}).items():
                if table not in THINGS:
                    continue
                for code, many in codes(counted).items():
                    if table is Table.CLOSED and code in {TOTAL, MISSING}:
                        continue
                    found = months(session, lead, of, table, code)
                    shown = [one.many for one in found]
                    hidden = table in OF_PEOPLE and None in shown
                    assert hidden or sum(one or 0 for one in shown) == many, (table, code)
                    assert found == sorted(found, key=lambda one: one.period.since, reverse=True)
        (first, *_) = months(session, lead, odd, Table.MONTHS, "02")
        assert (first.period, first.code) == (Period(date(2019, 2, 5), date(2019, 3, 1)), "02")
        rows = traced(session, lead, first.period, Table.MONTHS, first.code)
        assert rows.total == first.many
        few = next(code for code, n in told(session)[Table.PROVINCES].rows.items() if n < 5)
        assert {one.many for one in months(session, lead, YEAR, Table.PROVINCES, few)} == {None}
        with pytest.raises(NotVisible):
            months(session, lead, YEAR, Table.THERAPY, "sessions")


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_what_is_hidden_is_not_told_by_its_rows(house: Engine, leads: tuple[Viewer, Viewer]) -> None:
    with reading(house) as session:
        provinces = told(session)[Table.PROVINCES].rows
        few = next(code for code, many in provinces.items() if many < 5)
        found = traced(session, leads[0], YEAR, Table.PROVINCES, few)
    assert (found.total, found.unseen) == (None, None)


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_who_may_see_no_such_row_is_led_nowhere(house: Engine, leads: tuple[Viewer, Viewer]) -> None:
    with transaction(house) as session:
        department = factories.person(session, Role.DEPARTMENT)
        auditor = factories.person(session, Role.AUDITOR)
    with reading(house) as session:
        found = traced(session, department, YEAR, Table.CASES, "violence")
        assert (found.thing, found.total, found.seen) == (Thing.CASE, 9, 9)
        assert found.rows[0].name.startswith("2019-")
        for who, table in (
            (department, Table.WAYS),
            (auditor, Table.CASES),
            (leads[0], Table.THERAPY),
        ):
            with pytest.raises(NotVisible):
                traced(session, who, YEAR, table, TOTAL)


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_rows_come_in_pages(house: Engine, leads: tuple[Viewer, Viewer]) -> None:
    with reading(house) as session:
        first = traced(session, leads[0], YEAR, Table.CALLS, "answered")
        pages = [
            traced(session, leads[0], YEAR, Table.CALLS, "answered", page)
            for page in range(1, first.pages + 1)
        ]
    rows = [row for page in pages for row in page.rows]
    assert len({row.id for row in rows}) == len(rows) == first.seen
    assert [row.at for row in rows] == sorted((row.at for row in rows), reverse=True)
