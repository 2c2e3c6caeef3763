"""What is told of deadlines, once each, until the step is done."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from hotline import alarms, staff
from hotline.access import Role, Viewer
from hotline.alarm_kinds import AlarmKind
from hotline.db import reading, transaction
from hotline.ids import CaseId
from intake.cases import case_rows, case_warnings, cases, separations
from intake.cases.case_warnings import whom
from intake.cases.cases import CaseView
from intake.cases.escalation import Stage
from intake.records import records
from intake.tables.flow import CaseWarningRow
from tests import factories
from tests.factories import NOON, Story
from tests.intake.conftest import House
from tests.queries import counted

DUE = NOON + timedelta(minutes=30)
REPORTED = {"recipient": "a", "acknowledged_by": "b"}
MINUTE = timedelta(minutes=1)


def _open(house: House) -> CaseId:
    story = Story().answered_call()
    house.apply(story)
    record_id = house.record_of(story)
    with transaction(house.db) as session:
        records.autosave(session, house.an, record_id, 0, {"place": "thôn Bãi"}, NOON)
        return cases.open_from_record(session, house.an, record_id, NOON)


@pytest.fixture
def opened(house: House) -> CaseId:
    return _open(house)


def _see(house: House, case_id: CaseId, now: datetime = NOON) -> CaseView:
    with transaction(house.db) as session:
        return cases.case(session, house.an, case_id, now)


def _told(house: House, case_id: CaseId) -> list[Stage]:
    return [one.stage for one in _see(house, case_id).warned]


def _ringing(house: House, now: datetime) -> Sequence[tuple[AlarmKind, str]]:
    with reading(house.db) as session:
        return alarms.ringing(session, house.an.center_id, now)


def test_each_stage_is_told_once_however_often_it_is_looked_for(house: House, opened: CaseId) -> None:
    case_warnings.watch(house.db, NOON)
    assert _told(house, opened) == []
    for minutes, stages in (
        (-9, [Stage.SOON]),
        (1, [Stage.SOON, Stage.OWNER]),
        (11, [Stage.SOON, Stage.OWNER, Stage.LEAD]),
        (61, [Stage.SOON, Stage.OWNER, Stage.LEAD, Stage.CENTER]),
        (300, list(Stage)),
    ):
        for _ in range(2):
            case_warnings.watch(house.db, DUE + minutes * MINUTE)
        assert _told(house, opened) == stages
    with reading(house.db) as session:
        assert session.scalar(select(func.count()).select_from(CaseWarningRow)) == len(Stage)


def test_after_a_night_without_a_sweep_everybody_is_told_at_once(house: House, opened: CaseId) -> None:
    case_warnings.watch(house.db, DUE + timedelta(hours=8))
    assert _told(house, opened) == list(Stage)


def test_a_late_report_rings_the_lead_until_they_take_note_and_its_clock_runs_on(
    house: House, opened: CaseId
) -> None:
    late = DUE + 11 * MINUTE
    case_warnings.watch(house.db, late)
    assert _ringing(house, late) == [(AlarmKind.CASE, str(opened))]
    with transaction(house.db) as session:
        row = case_rows.writable(session, house.lead, opened)
        case_warnings.take_note(session, house.lead.staff_id, row, late)
    assert _ringing(house, late) == []
    seen = _see(house, opened, late)
    assert seen.alarm is not None
    assert (seen.alarm.noted_by, seen.next is not None and seen.next.overdue) == (house.lead.name, True)
    with reading(house.db) as session:
        assert alarms.present(session, house.lead), "shown until it is over"
    later = DUE + 61 * MINUTE
    case_warnings.watch(house.db, later)
    assert _ringing(house, later) == [(AlarmKind.CASE, f"{opened}-center")]


def test_the_step_ends_what_was_told_of_it(house: House, opened: CaseId) -> None:
    late = DUE + 61 * MINUTE
    case_warnings.watch(house.db, late)
    with transaction(house.db) as session:
        cases.complete_step(session, house.an, opened, "report_to_commune", REPORTED, late)
    assert _told(house, opened) == []
    assert _ringing(house, late) == []
    with reading(house.db) as session:
        assert alarms.present(session, house.lead) == []
    case_warnings.watch(house.db, late)
    assert _told(house, opened) == []


def test_a_case_that_is_referred_or_merged_by_others_ends_at_the_next_look(
    house: House, opened: CaseId
) -> None:
    case_warnings.watch(house.db, DUE + 11 * MINUTE)
    with transaction(house.db) as session:
        row = case_rows.writable(session, house.an, opened)
        row.due_at = DUE + timedelta(days=9)
    case_warnings.watch(house.db, DUE + 12 * MINUTE)
    assert _told(house, opened) == []
    assert _ringing(house, DUE + 12 * MINUTE) == []


def test_a_plan_that_is_late_is_shown_and_rings_nobody_at_night(house: House, opened: CaseId) -> None:
    with transaction(house.db) as session:
        for step, answers in (
            ("report_to_commune", REPORTED),
            ("assess_risk", {"conclusion": "plan"}),
        ):
            cases.complete_step(session, house.an, opened, step, answers, NOON)
    verified = _see(house, opened).next
    assert verified is not None
    case_warnings.watch(house.db, late := verified.due + timedelta(hours=9))
    assert _told(house, opened) == [Stage.SOON, Stage.OWNER, Stage.LEAD]
    assert _ringing(house, late) == []
    with reading(house.db) as session:
        assert [alarm.reason for alarm in alarms.present(session, house.lead)] == ["late"]


def test_a_separation_that_runs_out_warns_beside_the_step(house: House, opened: CaseId) -> None:
    apart = {"kind": "separation", "days": "2", "decision_number": "1", "measure": "a", "agency": "b"}
    with transaction(house.db) as session:
        for step, answers in (
            ("report_to_commune", REPORTED),
            ("assess_risk", {"conclusion": "emergency"}),
            ("take_emergency_measure", apart),
        ):
            cases.complete_step(session, house.an, opened, step, answers, NOON)
    (separation,) = _see(house, opened).separations
    until = separation.until.due
    case_warnings.watch(house.db, until + MINUTE)
    told = [(one.clock, one.stage) for one in _see(house, opened).warned]
    assert ("separation", Stage.LEAD) in told
    assert _ringing(house, until + MINUTE) == [(AlarmKind.CASE, str(opened))]
    with transaction(house.db) as session:
        where = {"where": "nhà"}
        separations.end(session, house.an, opened, separation.id, where, until + MINUTE)
    assert ("separation", Stage.LEAD) not in [
        (one.clock, one.stage) for one in _see(house, opened).warned
    ]


def test_where_there_is_nobody_the_one_above_is_told(house: House, opened: CaseId) -> None:
    def names(stage: Stage, owner: Viewer = house.an) -> list[str]:
        with reading(house.db) as session:
            people = staff.everybody(session)
        return [one.login for one in whom(stage, owner.staff_id, house.an.center_id, people)]

    assert names(Stage.SOON) == names(Stage.OWNER) == [house.an.login]
    assert names(Stage.LEAD) == [house.lead.login]
    assert names(Stage.CENTER) == names(Stage.DEPARTMENT) == []
    with transaction(house.db) as session:
        department = factories.person(session, Role.DEPARTMENT, at=factories.center(session, "DN"))
    assert names(Stage.CENTER) == [department.login]
    with transaction(house.db) as session:
        row = session.get_one(staff.StaffRow, house.an.staff_id)
        row.active = False
    assert names(Stage.SOON) == names(Stage.OWNER) == [house.lead.login]


def test_a_sweep_of_many_cases_that_were_told_asks_no_more_than_of_one(
    house: House, opened: CaseId
) -> None:
    case_warnings.watch(house.db, DUE + MINUTE)
    with counted(house.db) as one:
        case_warnings.watch(house.db, DUE + 2 * MINUTE)
    for _ in range(4):
        _open(house)
    case_warnings.watch(house.db, DUE + 2 * MINUTE)
    with counted(house.db) as many:
        case_warnings.watch(house.db, DUE + 3 * MINUTE)
    assert len(many) == len(one) <= 6


def test_how_the_cases_of_somebody_stand(house: House, opened: CaseId) -> None:
    with reading(house.db) as session:
        assert cases.standing(session, house.lead, NOON) == cases.Standing(1, 0, DUE)
        assert cases.standing(session, house.lead, DUE + MINUTE) == cases.Standing(1, 1, None)
        assert cases.standing(session, house.far_lead, NOON).open == 0
