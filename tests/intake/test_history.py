"""A made-up year in the database, small: what is told of it there, and where it is refused."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from hotline import made_up
from hotline.access import Role
from hotline.clock import local
from hotline.db import reading, transaction
from hotline.errors import Conflict, SetupError
from hotline.ids import CaseId
from intake.calls import calls
from intake.calls.call_counts import past_days
from intake.cases import cases
from intake.forms.taxonomy import Disposition, Problem, Way
from intake.history.history_command import _years
from intake.history.loading import make, make_of
from intake.history.published import Figures, Therapy, Trafficking
from intake.search import search
from intake.tables.calls import CallRow, OfferRow, TalkRow
from intake.tables.cases import CaseEventRow, CaseRow
from intake.tables.records import RecordPersonRow, RecordRow
from intake.therapy import therapy_counts
from tests import factories
from tests.factories import Story

NOW = datetime(2024, 6, 1, tzinfo=UTC)
SMALL = Figures(
    2019,
    calls=600,
    consultations=60,
    by_way={Way.PHONE: 54, Way.PRESS: 4, Way.POST: 2},
    letters=3,
    interventions=20,
    problems={Problem.VIOLENCE: 9, Problem.SEXUAL_ABUSE: 6},
    trafficking=Trafficking(8, 3, 2),
    therapy=Therapy(assessments=12, sessions=90, treated=5, free=3),
)


def people(of: Engine) -> None:
    """Who is in the house to whom a past can be given."""
    with transaction(of) as session:
        for code in ("HN", "DN"):
            center = factories.center(session, code)
            factories.counselor(session, f"{code.lower()}01", center)
        factories.person(session, Role.THERAPIST, at=center)
        factories.shift_lead(session, factories.center(session))


@pytest.fixture
def house(db: Engine) -> Engine:
    people(db)
    return db


def many(session: Session, row: type, *where: object) -> int:
    query = select(func.count()).select_from(row).where(*where)  # type: ignore[arg-type]
    return session.scalar(query) or 0


def test_the_published_figures_are_in_the_database(house: Engine) -> None:
    made = make_of(house, SMALL, 7, NOW)
    assert (made.calls, made.cases) == (600 + 13, 20 + 2)
    child, record = CallRow.line == "child", RecordRow
    consulted = record.disposition.in_([Disposition.INFORMATION, "counseling", "escalated"])
    with reading(house) as session:
        assert many(session, CallRow, child) == 600
        years = {local(at).year for at in session.scalars(select(CallRow.arrived_at))}
        assert years == {2019}
        ways = select(record.way, func.count()).where(consulted).group_by(record.way)
        by_way = {row.way: row[1] for row in session.execute(ways)}
        assert by_way == {"phone": 54 + 13, "press": 4, "post": 2, "official_letter": 3}
        problems = session.execute(
            select(record.problem, func.count())
            .where(record.disposition == "escalated", record.problem != "trafficking")
            .group_by(record.problem)
        ).all()
        told = {row.problem: row[1] for row in problems}
        assert (told["violence"], told["sexual_abuse"]) == (9, 6)
        answered = many(session, CallRow, CallRow.answered_at.is_not(None))
        assert many(session, OfferRow) == many(session, TalkRow) == answered
        assert many(session, record, record.call_id.is_not(None)) == answered
        assert made_up.years(session) == [2019]
        past = past_days(session, date(2019, 1, 1), date(2020, 1, 1))
        assert sum(map(sum, past.offered.values())) == 613
        assert past.synthetic == 365


def test_cases_are_such_as_people_open(house: Engine) -> None:
    make_of(house, SMALL, 7, NOW)
    with transaction(house) as session:
        center = factories.center(session)
        lead = factories.shift_lead(session, center)
        row = session.scalars(select(CaseRow).where(CaseRow.center_id == center.id).limit(1)).one()
        view = cases.case(session, lead, CaseId(row.id), NOW)
        assert view.closed_at is not None
        assert view.events
        assert row.commune
        assert row.number.startswith("2019-HN-0000")
        (child, *_) = view.children
        hits = search(session, lead, child.fields["name"], NOW).hits
        assert hits
        assert many(session, RecordPersonRow) >= 22
        assert many(session, CaseEventRow, CaseEventRow.kind == "opened") == 22


def test_the_next_row_of_each_kind_gets_an_id_of_its_own(house: Engine) -> None:
    make_of(house, SMALL, 7, NOW)
    with transaction(house) as session:
        counselor = factories.counselor(session, "hn09", factories.center(session))
        calls.apply_all(session, Story().answered_call("hn09").told)
        record = session.scalars(select(RecordRow).order_by(RecordRow.id.desc()).limit(1)).one()
        assert record.owner_id == counselor.staff_id


def test_the_unit_assessed_and_treated_so_many(house: Engine) -> None:
    make_of(house, SMALL, 7, NOW)
    with transaction(house) as session:
        head = factories.person(session, Role.THERAPY_HEAD)
        counts = therapy_counts.year(session, head, 2019, NOW).whole
    assert (counts.assessments, counts.sessions, counts.free) == (12, 90, 3)


def test_nothing_is_made_up_beside_what_is_real(house: Engine) -> None:
    make_of(house, SMALL, 7, NOW)
    with pytest.raises(Conflict, match="made_before"):
        make_of(house, SMALL, 7, NOW)
    with transaction(house) as session:
        calls.apply_all(session, Story().arrived().waiting().told)
    with pytest.raises(Conflict, match="real_data"):
        make_of(house, Figures(2018, calls=100, consultations=10), 7, NOW)


def test_a_year_that_fails_leaves_nothing(house: Engine) -> None:
    impossible = Figures(2019, calls=100, consultations=10, therapy=Therapy(50, 1, 1, 1))
    with pytest.raises(SetupError, match="fewer children"):
        make_of(house, impossible, 7, NOW)
    with reading(house) as session:
        assert many(session, CallRow) == many(session, RecordRow) == 0


def test_a_house_with_nobody_in_it_and_years_of_which_too_little_is_known(db: Engine) -> None:
    with pytest.raises(SetupError, match="no counselor"):
        make_of(db, SMALL, 7, NOW)
    with pytest.raises(SetupError, match="2005 to 2024"):
        make(db, 2025, 7, NOW)
    assert list(_years(2024, "20y")) == list(range(2005, 2025))
    with pytest.raises(SetupError):
        _years(2023, "20y")
