"""From every figure to its rows: as many as were counted, and no others than the viewer may see."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from hotline.access import Role, Viewer
from hotline.db import reading, transaction
from hotline.errors import NotVisible
from intake.history.loading import make_of
from intake.small_cells import LEAST
from intake.statistics import periods
from intake.statistics.periods import Period
from intake.statistics.report import figures
from intake.statistics.tables import EACH_CHILD, MISSING, OF_PEOPLE, TOTAL, Counted, Table, Unit, unit_of
from intake.statistics.traced_list import Thing
from intake.statistics.traced_months import DIRECT, months
from intake.statistics.traced_special import therapy
from intake.statistics.tracing import Traced, traced
from intake.tables.therapy import TherapyReferralRow
from intake.therapy import therapy_counts
from intake.therapy.therapy_counts import Part
from tests import factories
from tests.intake.test_history import NOW, SMALL, house
from tests.intake.test_times import hand_over

__all__ = ["house"]
YEAR = periods.year(2019)
LOAD = frozenset({Table.LOAD_CALLS, Table.LOAD_TALK, Table.LOAD_WRAP_UP})


@pytest.fixture
def leads(house: Engine) -> tuple[Viewer, Viewer]:
    """Of a small year's two centers, with enough counselors to tell of their load."""
    with transaction(house) as session:
        for number in range(2, 6):
            factories.counselor(session, f"hn0{number}", factories.center(session))
    make_of(house, SMALL, 7, NOW)
    with transaction(house) as session:
        hand_over(session, YEAR.starts_at)
        hanoi, danang = factories.center(session), factories.center(session, "DN")
        return (
            factories.person(session, Role.CENTER_LEAD, at=hanoi),
            factories.person(session, Role.CENTER_LEAD, at=danang),
        )


def told(session: Session) -> Mapping[Table, Counted]:
    found = figures(session, YEAR, NOW)
    assert found is not None
    return found


def codes(of: Counted, *, every: bool = False) -> Mapping[str, int]:
    """The first two rows of a table and its last one, or every one, and what stands below them."""
    below = {} if of.total is None else {TOTAL: of.total, MISSING: of.missing}
    rows = list(of.rows.items())
    told = rows if every else rows[:2] + rows[-1:]
    return {**dict(told), **{code: many for code, many in below.items() if many}}


def figure(of: Traced, unit: Unit) -> int | None:
    """What stands in the report's table."""
    return of.total if unit is Unit.COUNT else of.figure


def test_each_figure_is_made_of_the_rows_that_it_leads_to(
    house: Engine, leads: tuple[Viewer, Viewer]
) -> None:
    """All of them are seen by the leads of the two centers together, and by neither alone."""
    shared, tables = 0, set()
    with reading(house) as session:
        for table, counted in told(session).items():
            for code, many in codes(counted, every=house.dialect.name == "sqlite").items():
                if (table, code) in EACH_CHILD and many < LEAST:
                    with pytest.raises(NotVisible):
                        traced(session, leads[0], YEAR, table, code, NOW)
                    continue
                one, other = (traced(session, each, YEAR, table, code, NOW) for each in leads)
                hidden = one.total is None and table in OF_PEOPLE
                assert figure(one, unit_of(table)) == (None if hidden or table in LOAD else many)
                assert (one.total, one.parts) == (other.total, other.parts)
                assert one.total is None or one.seen + other.seen == one.total, (table, code)
                assert sum(row.times for row in one.rows) == one.seen or one.pages > 1
                assert {row.center for row in one.rows} <= {"HN"}
                shared += bool(one.seen and other.seen)
                tables.add(table)
    assert shared > 40
    assert tables == set(Table)


def test_what_is_measured_is_shown_the_longest_first(
    house: Engine, leads: tuple[Viewer, Viewer]
) -> None:
    with reading(house) as session:
        waits = traced(session, leads[0], YEAR, Table.WAITS, "longest_answer", NOW).rows
        steps = traced(session, leads[0], YEAR, Table.STEP_MEDIANS, "assess_risk", NOW).rows
        service = traced(session, leads[0], YEAR, Table.SERVICE, "answer_rate", NOW)
    for rows in (waits, steps):
        took = [row.seconds for row in rows if row.seconds is not None]
        assert took == sorted(took, reverse=True)
        assert len(took) == len(rows) > 5
    assert {row.said == "answered" for row in service.rows if row.part} == {True}


def test_the_months_of_a_figure_add_up_to_it(house: Engine, leads: tuple[Viewer, Viewer]) -> None:
    lead, odd = leads[0], Period(date(2019, 2, 5), date(2019, 11, 20))
    with reading(house) as session:
        for of in (YEAR, odd):
            for table, counted in (figures(session, of, NOW) or {}).items():
                if table in DIRECT:
                    continue
                for code, figure in codes(counted).items():
                    many = figure
                    if unit_of(table) is not Unit.COUNT:
                        many = traced(session, lead, of, table, code, NOW).total or 0
                    found = months(session, lead, of, table, code, NOW)
                    shown = [one.many for one in found]
                    hidden = table in OF_PEOPLE and None in shown
                    assert hidden or sum(one or 0 for one in shown) == many, (table, code)
                    assert found == sorted(found, key=lambda one: one.period.since, reverse=True)
        (first, *_) = months(session, lead, odd, Table.MONTHS, "02", NOW)
        assert (first.period, first.code) == (Period(date(2019, 2, 5), date(2019, 3, 1)), "02")
        rows = traced(session, lead, first.period, Table.MONTHS, first.code, NOW)
        assert rows.total == first.many
        few = next(code for code, n in told(session)[Table.PROVINCES].rows.items() if n < 5)
        hidden_months = months(session, lead, YEAR, Table.PROVINCES, few, NOW)
        assert {one.many for one in hidden_months} == {None}
        with pytest.raises(NotVisible):
            months(session, replace(lead, role=Role.AUDITOR), YEAR, Table.CALLS, TOTAL, NOW)


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_what_is_hidden_is_not_told_by_its_rows(house: Engine, leads: tuple[Viewer, Viewer]) -> None:
    with reading(house) as session:
        provinces = told(session)[Table.PROVINCES].rows
        few = next(code for code, many in provinces.items() if many < 5)
        found = traced(session, leads[0], YEAR, Table.PROVINCES, few, NOW)
    assert (found.total, found.unseen) == (None, None)


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_who_may_see_no_such_row_is_led_nowhere(house: Engine, leads: tuple[Viewer, Viewer]) -> None:
    with transaction(house) as session:
        department = factories.person(session, Role.DEPARTMENT)
        auditor = factories.person(session, Role.AUDITOR)
        shift_lead = factories.shift_lead(session, factories.center(session))
    with reading(house) as session:
        found = traced(session, department, YEAR, Table.CASES, "violence", NOW)
        assert (found.thing, found.total, found.seen) == (Thing.CASE, 9, 9)
        assert found.rows[0].name.startswith("2019-")
        for who, table in (
            (department, Table.WAYS),
            (auditor, Table.CASES),
            (shift_lead, Table.THERAPY),
        ):
            with pytest.raises(NotVisible):
                traced(session, who, YEAR, table, TOTAL, NOW)


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_rows_come_in_pages(house: Engine, leads: tuple[Viewer, Viewer]) -> None:
    with reading(house) as session:
        first = traced(session, leads[0], YEAR, Table.CALLS, "answered", NOW)
        pages = [
            traced(session, leads[0], YEAR, Table.CALLS, "answered", NOW, page)
            for page in range(1, first.pages + 1)
        ]
    rows = [row for page in pages for row in page.rows]
    assert len({row.id for row in rows}) == len(rows) == first.seen
    assert [row.at for row in rows] == sorted((row.at for row in rows), reverse=True)


def test_each_figure_of_therapy_is_made_of_what_it_leads_to(
    house: Engine, leads: tuple[Viewer, Viewer]
) -> None:
    """The leads of both centers together see the cases of all of it, the unit's head its meetings."""
    with transaction(house) as session:
        head = factories.person(session, Role.THERAPY_HEAD)
        erased = session.scalars(select(TherapyReferralRow).order_by(TherapyReferralRow.id)).first()
        assert erased is not None
        erased.erased_at = NOW
        told_head, told_lead = (therapy_counts.year(session, who, 2019, NOW) for who in (head, leads[0]))
    hidden, unseen = 0, 0
    with reading(house) as session:
        for month, span in enumerate((told_head.whole, *told_head.months)):
            outside = (told_lead.whole, *told_lead.months)[month]
            for part in Part:
                found = therapy(session, head, 2019, month or None, part)
                assert (found.thing, found.total) == (Thing.MEETING, span.of(part))
                unseen += found.unseen or 0
                if outside.of(part) is None:
                    hidden += 1
                    with pytest.raises(NotVisible):
                        therapy(session, leads[0], 2019, month or None, part)
                    continue
                one, other = (therapy(session, who, 2019, month or None, part) for who in leads)
                assert (one.thing, one.total) == (Thing.CASE, outside.of(part))
                assert one.seen + other.seen == one.total
        assert (told_head.whole.sessions, told_head.whole.children) == (90, 12)
        assert hidden > 10
        assert unseen > 5  # of a child whose treatment is deleted nothing is reached any more
        rows = therapy(session, head, 2019, None, Part.SESSIONS).rows
        assert [row.at for row in rows] == sorted((row.at for row in rows), reverse=True)
        for who in (replace(head, role=Role.THERAPIST), replace(head, role=Role.AUDITOR)):
            with pytest.raises(NotVisible):
                therapy(session, who, 2019, None, Part.SESSIONS)
