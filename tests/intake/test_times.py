"""Times and shares in reports: of steps, of handovers, of answering, of the load of counselors."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from hotline.db import reading, transaction
from intake.history.loading import make_of
from intake.statistics import counted_rows, handover_times, load, periods, report, rollups, step_times
from intake.statistics.quantiles import quantile, quartiles
from intake.statistics.tables import Counted, Table, Unit, compared, unit_of
from intake.tables.cases import CaseRow
from intake.tables.handovers import HandoverRow
from tests import factories
from tests.intake.test_history import NOW, SMALL, house
from tests.queries import counted

__all__ = ["house"]
HOUR = timedelta(hours=1)
MONDAY = datetime(2024, 3, 4, 2, 0, tzinfo=UTC)
"""09:00 in Vietnam."""


def test_a_quantile_lies_between_its_neighbors_and_few_values_have_none() -> None:
    assert quantile([5, 1, 4, 2, 3], 0.5) == 3
    assert quantile([0, 10, 20, 30, 40, 50], 0.9) == 45
    assert quantile([1, 2, 3, 4], 0.5) is None
    assert quartiles([1, 2, 3, 4, 5]) == {"p25": 2, "p50": 3, "p75": 4}
    assert quartiles([]) == {}


def spine(*told: tuple[str, float]) -> list[Any]:
    """A case that was opened an hour after it was received; steps so many hours after its opening."""
    return [
        SimpleNamespace(
            kind="opened" if code == "opened" else "step",
            code=code,
            happened_at=MONDAY + hours * HOUR,
            received_at=MONDAY - HOUR,
            heard_at=MONDAY - HOUR,
        )
        for code, hours in (("opened", 0), *told)
    ]


def test_a_step_is_measured_from_where_its_clock_begins() -> None:
    told = spine(
        ("report_to_commune", 0.4),
        ("assess_risk", 5),
        ("take_emergency_measure", 11.5),
        ("verify", 30),
        ("draft_plan", 30 + 24 * 8),
    )
    taken = list(step_times.steps(told))
    assert [(one.step, one.late) for one in taken] == [
        ("report_to_commune", False),
        ("assess_risk", False),
        ("take_emergency_measure", True),  # 12.5 hours after 111 heard of it
        ("verify", False),
        ("draft_plan", True),  # more than five working days
    ]
    assert [round(one.seconds / 3600, 1) for one in taken] == [0.4, 6, 12.5, 18.5, 192]


def test_what_waits_beyond_its_limit_is_late_and_has_no_time(house: Engine) -> None:
    make_of(house, SMALL, 7, NOW)
    year = periods.year(2019)
    with reading(house) as session:
        plain = report.figures(session, year, NOW)
    with transaction(house) as session:
        one = session.execute(counted_rows.cases(year).order_by(CaseRow.id).limit(1)).one()
        case = session.get_one(CaseRow, one.id)
        case.state, case.due_at = "planning", NOW - HOUR
    with reading(house) as session:
        before, after = (report.figures(session, year, NOW - n * HOUR) for n in (2, 0))
    assert plain is not None
    assert before is not None
    assert after is not None
    assert before[Table.STEPS_LATE] == plain[Table.STEPS_LATE]
    late = [one[Table.STEPS_LATE].rows["draft_plan"] for one in (before, after)]
    assert late[1] == late[0] + 1
    for table in (Table.STEPS, Table.STEP_MEDIANS):
        assert before[table] == after[table] == plain[table]


def test_a_whole_report_has_every_table_that_its_days_allow(house: Engine) -> None:
    make_of(house, SMALL, 7, NOW)
    with reading(house) as session, counted(house) as statements:
        year = report.figures(session, periods.year(2019), NOW)
    with reading(house) as session:
        month = report.figures(session, periods.month(2019, 3), NOW)
    assert len(statements) <= 23
    assert year is not None
    assert month is not None
    assert list(year) == list(month) == list(Table)
    for table, one in year.items():
        assert one.total is None or unit_of(table) is Unit.COUNT
    assert year[Table.STEPS].rows["report_to_commune"] == 20
    assert year[Table.CASE_CHILDREN_STATES].total == 23
    assert year[Table.REFERRALS].rows == {"police": 2}
    answered = year[Table.CALLS].rows["answered"]
    assert year[Table.SERVICE].rows["answer_rate"] == round(1000 * answered / 600)
    assert 0 <= year[Table.STEPS_IN_TIME].rows["draft_plan"] <= 1000
    assert year[Table.STEP_MEDIANS].rows["carry_out"] > 14 * 86_400
    people = year[Table.CHILDREN_PEOPLE]
    assert set(people.rows) == {"kinh", "minority"}
    assert people.missing == 0


def test_what_cannot_be_said_of_a_time_is_no_zero() -> None:
    months = [{Table.WAITS: Counted(rows)} for rows in ({"speed_of_answer": 9}, {})]
    (told,) = compared(months[0], None, months[1])
    assert [(line.now, line.before, line.year_before) for line in told.lines] == [(9, None, None)]
    (told,) = compared(months[1], None, months[0])
    assert [(line.now, line.year_before, line.growth) for line in told.lines] == [(None, 9, None)]


def hand_over(session: Session, sent_at: datetime) -> None:
    """A case eight times, seven of them answered, each an hour later than the one before."""
    lead = factories.shift_lead(session)
    case = session.scalars(select(CaseRow).order_by(CaseRow.id).limit(1)).one()
    for number in range(8):
        session.add(
            HandoverRow(
                reference=f"X{number}",
                case_id=case.id,
                center_id=case.center_id,
                unit_id="n:1",
                province_id="n:1" if number < 5 else "n:2",
                recipient="UBND",
                way="link",
                urgent=False,
                packet={},
                state="accepted" if number < 7 else "sent",
                sent_by=lead.staff_id,
                sent_at=sent_at,
                due_at=sent_at,
                rings_at=sent_at,
                answered_at=sent_at + number * HOUR if number < 7 else None,
            )
        )


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_handovers_are_timed_by_province_and_few_are_not_told(house: Engine) -> None:
    make_of(house, SMALL, 7, NOW)
    with transaction(house) as session:
        hand_over(session, MONDAY)
    with reading(house) as session:
        found = handover_times.figures(rollups.tallied(session, periods.month(2024, 3)).together)
    assert found[Table.HANDOVERS].rows == {"sent": 1, "accepted": 7}
    assert found[Table.HANDOVERS].total == 8
    assert found[Table.HANDOVER_MEDIANS].rows == {"all": 3 * 3600, "n:1": 2 * 3600}
    assert found[Table.HANDOVER_P90S].rows["all"] == round(5.4 * 3600)


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_the_load_is_told_of_many_counselors_and_of_no_one(house: Engine) -> None:
    make_of(house, SMALL, 7, NOW)
    with reading(house) as session:
        two = load.figures(rollups.tallied(session, periods.month(2019, 3)).together)
    assert [one.rows for one in two.values()] == [{}, {}, {}]


def test_the_load_is_in_quartiles(house: Engine) -> None:
    with transaction(house) as session:
        for number in range(3, 8):
            factories.counselor(session, f"hn0{number}", factories.center(session))
    make_of(house, SMALL, 7, NOW)
    with reading(house) as session:
        found = load.figures(rollups.tallied(session, periods.month(2019, 3)).together)
    calls, talk, wrap_up = (one.rows for one in found.values())
    assert calls["p25"] >= 10
    assert talk["p25"] <= talk["p50"] <= talk["p75"]
    assert 0 < wrap_up["p50"] <= 30
