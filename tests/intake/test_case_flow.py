"""What runs beside the steps of a case: whose it is, its limits, children kept apart."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.access import Role, Viewer
from hotline.db import reading, transaction
from hotline.errors import Conflict, FieldErrors, NotAllowed, NotVisible
from hotline.ids import CaseId
from intake.cases import case_limits, case_owners, cases, joining, separations
from intake.cases.case_limits import Where
from intake.cases.cases import CaseView
from intake.cases.deadlines import LIMITS, Clock, after_days
from intake.cases.flow import Need, State
from intake.records import records
from intake.tables.cases import CaseRow
from tests import factories
from tests.factories import NOON, Story
from tests.intake.conftest import House

TOLD = {"place_unit": "Xã Kim Bôi, huyện Kim Bôi, Hòa Bình", "child.1.age": "9"}
REPORTED = {"recipient": "a", "acknowledged_by": "b"}
APART = {
    "kind": "separation",
    "days": "10",
    "decision_number": "12/QĐ",
    "measure": "về nhà bà",
    "agency": "xã",
}


@pytest.fixture
def opened(house: House) -> CaseId:
    return _open(house)


def _open(house: House) -> CaseId:
    story = Story().answered_call()
    house.apply(story)
    record_id = house.record_of(story)
    with transaction(house.db) as session:
        records.autosave(session, house.an, record_id, 0, TOLD, NOON)
        return cases.open_from_record(session, house.an, record_id, NOON)


def _see(house: House, case_id: CaseId, by: Viewer | None = None) -> CaseView:
    with transaction(house.db) as session:
        return cases.case(session, by or house.an, case_id, NOON)


def _step(house: House, case_id: CaseId, step: str, answers: Mapping[str, str]) -> CaseView:
    with transaction(house.db) as session:
        return cases.complete_step(session, house.an, case_id, step, answers, NOON)


def _person(house: House, role: Role) -> Viewer:
    with transaction(house.db) as session:
        return factories.person(session, role, at=factories.center(session))


def test_an_owner_hands_a_case_to_a_colleague_with_a_reason(house: House, opened: CaseId) -> None:
    with transaction(house.db) as session:
        case_owners.hand_on(session, house.an, opened, house.binh.staff_id, "  nghỉ  phép ", NOON)
    view = _see(house, opened, house.binh)
    assert view.owner.id == house.binh.staff_id
    assert (view.events[0].kind, view.events[0].text) == ("handed_on", "nghỉ phép")
    assert view.events[0].answers.keys() == {"from", "to"}
    with pytest.raises(NotAllowed), transaction(house.db) as session:
        # who opened it goes on writing to it, and cannot take it back
        case_owners.hand_on(session, house.an, opened, house.an.staff_id, "x", NOON)
    with transaction(house.db) as session:
        case_owners.hand_on(session, house.lead, opened, house.an.staff_id, "x", NOON)


def test_a_case_is_handed_to_somebody_of_its_center_who_works_on_cases(
    house: House, opened: CaseId
) -> None:
    auditor = _person(house, Role.AUDITOR)
    assert {one.id for one in _see(house, opened).heirs} == {house.binh.staff_id, house.lead.staff_id}
    for stranger in (house.far, auditor, house.admin):
        with pytest.raises(FieldErrors) as caught, transaction(house.db) as session:
            case_owners.hand_on(session, house.lead, opened, stranger.staff_id, " ", NOON)
        assert caught.value.fields == {"to": "not_a_choice", "reason": "missing"}
    with pytest.raises(NotVisible), transaction(house.db) as session:
        case_owners.hand_on(session, house.far_lead, opened, house.far.staff_id, "x", NOON)


def test_a_closed_case_stays_with_its_owner(house: House, opened: CaseId) -> None:
    with transaction(house.db) as session:
        why = {"ground": "not_ours", "reason": "x"}
        cases.complete_step(session, house.lead, opened, "refuse", why, NOON)
    with pytest.raises(Conflict), transaction(house.db) as session:
        case_owners.hand_on(session, house.an, opened, house.binh.staff_id, "x", NOON)


def _put(house: House, by: Viewer, where: Where, clock: Clock, amount: int | None) -> None:
    with transaction(house.db) as session:
        case_limits.put(session, by, where, clock, amount, "họp giao ban", NOON)


def test_the_nearest_unit_sets_the_limit_of_steps_that_begin_later(house: House, opened: CaseId) -> None:
    center_lead, department = _person(house, Role.CENTER_LEAD), _person(house, Role.DEPARTMENT)
    here = Where(center=house.an.center_id)
    _put(house, center_lead, here, Clock.ASSESSMENT, 6)
    before = _see(house, opened)
    assert before.next is not None
    assert before.next.due == NOON + timedelta(minutes=30)
    after = _step(house, opened, "report_to_commune", REPORTED)
    assert after.next is not None
    assert after.next.due == NOON + timedelta(hours=6)
    with reading(house.db) as session:
        row = session.get_one(CaseRow, opened)
        province, commune = Where(unit=row.province), Where(unit=row.commune)
        assert case_limits.changed_for(session, row) == {Clock.ASSESSMENT: 6}
    for where, amount, holds in (
        (province, 4, 4),
        (commune, 3, 3),
        (commune, None, 4),
        (province, None, 6),
        (here, None, None),
    ):
        _put(house, department, where, Clock.ASSESSMENT, amount)
        with reading(house.db) as session:
            row = session.get_one(CaseRow, opened)
            assert case_limits.changed_for(session, row).get(Clock.ASSESSMENT) == holds
    with reading(house.db) as session:
        line = case_limits.of_unit(session, center_lead, here)[1]
    assert (line.clock, line.amount) == (Clock.ASSESSMENT, LIMITS[Clock.ASSESSMENT].amount)
    assert line.set is not None
    assert (line.set.by.id, line.set.reason) == (department.staff_id, "họp giao ban")


def test_limits_are_set_by_whom_they_concern_and_never_against_the_law(house: House) -> None:
    center_lead, department = _person(house, Role.CENTER_LEAD), _person(house, Role.DEPARTMENT)
    here, far = Where(center=house.an.center_id), Where(center=house.far.center_id)
    commune = Where(unit="2025:00004")
    for by, where in (
        (house.an, here),
        (house.lead, here),
        (center_lead, far),
        (center_lead, commune),
        (department, Where(unit="2024:00001")),
        (department, Where(unit="nowhere")),
        (department, Where()),
    ):
        with pytest.raises(NotVisible):
            _put(house, by, where, Clock.REVIEW, 3)
    for by, where in ((center_lead, here), (department, far), (department, commune)):
        _put(house, by, where, Clock.REVIEW, 3)
    for clock, amount, code in (
        (Clock.EMERGENCY, 13, "against_the_law"),
        (Clock.FOLLOW_UP, 2, "against_the_law"),
        (Clock.REVIEW, 0, "not_a_number"),
        (Clock.REVIEW, 10_001, "not_a_number"),
    ):
        with pytest.raises(FieldErrors) as caught:
            _put(house, center_lead, here, clock, amount)
        assert caught.value.fields == {"amount": code}


def _apart(house: House, case_id: CaseId) -> CaseView:
    _step(house, case_id, "report_to_commune", REPORTED)
    _step(house, case_id, "assess_risk", {"conclusion": "emergency"})
    return _step(house, case_id, "take_emergency_measure", APART)


def test_a_separation_is_begun_by_its_measure_and_renewed_to_fifteen_days_at_most(
    house: House, opened: CaseId
) -> None:
    view = _apart(house, opened)
    (apart,) = view.separations
    assert view.state is State.VERIFYING
    assert (apart.days, apart.left, apart.until.article) == (10, 5, "Đ32.3")
    assert apart.until.due == after_days(NOON, 10)
    for days, problem in (("6", "past_the_limit"), ("0", "not_a_number"), ("x", "not_a_number")):
        answers = {"days": days, "decision_number": "13/QĐ"}
        with pytest.raises(FieldErrors) as caught, transaction(house.db) as session:
            separations.renew(session, house.an, opened, apart.id, answers, NOON)
        assert caught.value.fields == {"days": problem}
    with transaction(house.db) as session:
        answers = {"days": "5", "decision_number": "13/QĐ"}
        separations.renew(session, house.an, opened, apart.id, answers, NOON)
    (renewed,) = _see(house, opened).separations
    assert (renewed.days, renewed.left, renewed.until.due) == (15, 0, after_days(NOON, 15))
    with transaction(house.db) as session:
        separations.end(session, house.an, opened, apart.id, {"where": "nhà bà ngoại"}, NOON)
    ended = _see(house, opened)
    assert ended.separations == ()
    assert [event.code for event in ended.events[:2]] == ["ended", "renewed"]
    with pytest.raises(NotVisible), transaction(house.db) as session:
        separations.end(session, house.an, opened, apart.id, {"where": "x"}, NOON)


def test_a_measure_of_another_kind_asks_for_no_days_and_one_of_too_many_changes_nothing(
    house: House, opened: CaseId
) -> None:
    _step(house, opened, "report_to_commune", REPORTED)
    _step(house, opened, "assess_risk", {"conclusion": "emergency"})
    with pytest.raises(FieldErrors) as caught:
        _step(house, opened, "take_emergency_measure", APART | {"days": "", "decision_number": ""})
    assert caught.value.fields == {"days": "missing", "decision_number": "missing"}
    with transaction(house.db) as session:
        with pytest.raises(FieldErrors):
            cases.complete_step(
                session, house.an, opened, "take_emergency_measure", APART | {"days": "16"}, NOON
            )
        assert cases.case(session, house.an, opened, NOON).state is State.PROTECTING
    done = _step(house, opened, "take_emergency_measure", APART | {"kind": "shelter"})
    assert (done.state, done.separations) == (State.VERIFYING, ())
    assert "days" not in done.events[0].answers


def test_a_separation_runs_on_in_the_case_that_its_case_was_merged_into(
    house: House, opened: CaseId
) -> None:
    _apart(house, opened)
    other = _open(house)
    with transaction(house.db) as session:
        joining.merge(session, house.an, opened, other, "một vụ", NOON)
    assert [one.days for one in _see(house, other).separations] == [10]
    assert _see(house, opened).separations == ()
    with transaction(house.db) as session:
        joining.undo_merge(session, house.an, opened, "nhầm", NOON)
    assert _see(house, other).separations == ()
    assert len(_see(house, opened).separations) == 1


def test_a_case_does_not_end_while_a_child_is_kept_apart(house: House, opened: CaseId) -> None:
    _apart(house, opened)
    refused = {"ground": "unfounded", "reason": "x"}
    with pytest.raises(FieldErrors) as caught, transaction(house.db) as session:
        cases.complete_step(session, house.lead, opened, "refuse", refused, NOON)
    assert caught.value.fields == {"together": "needed"}
    lead = _see(house, opened, house.lead)
    assert [turn.lacking for turn in lead.turns if turn.step == "refuse"] == [(Need.TOGETHER,)]


@given(st.integers(1, 15), st.lists(st.integers(1, 15), max_size=8), st.integers(1, 15))
def test_no_renewals_add_up_to_more_than_the_limit(first: int, more: list[int], limit: int) -> None:
    changed = {Clock.SEPARATION: limit}
    days = min(first, separations.days_left(0, changed))
    for each in more:
        days += each if each <= separations.days_left(days, changed) else 0
    assert 0 < days <= limit <= LIMITS[Clock.SEPARATION].amount
