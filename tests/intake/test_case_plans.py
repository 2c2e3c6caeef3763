"""The plan of a case, written by several, approved by who is named, carried out action by action."""

from datetime import date, timedelta

import pytest

from hotline import accounts
from hotline.access import Role, Viewer
from hotline.db import reading, transaction
from hotline.errors import Conflict, FieldErrors, NotAllowed, NotVisible
from hotline.ids import CaseId
from intake.cases import cases
from intake.cases.cases import CaseView
from intake.cases.flow import State
from intake.plans import case_plans, plan_delegations, plan_results, plan_rules, plan_views
from intake.plans.case_plans import CasePlans, PlanChanged
from intake.plans.plan_rules import Goal, Outcome, PlanState
from intake.tables.cases import CaseRow
from tests import factories
from tests.factories import NOON, Story
from tests.intake.conftest import House
from tests.plans import CHAIR, WHOLE
from tests.queries import counted

DAY = timedelta(days=1)


@pytest.fixture
def planning(house: House) -> CaseId:
    """A case of An's whose next step is the plan."""
    story = Story().answered_call()
    house.apply(story)
    record = house.record_of(story)
    with transaction(house.db) as session:
        case_id = cases.open_from_record(session, house.an, record, NOON)
        session.get_one(CaseRow, case_id).state = State.PLANNING
    return case_id


def _see(house: House, case_id: CaseId, by: Viewer | None = None) -> CasePlans:
    with transaction(house.db) as session:
        return case_plans.plans(session, by or house.an, case_id, NOON)


def _case(house: House, case_id: CaseId) -> CaseView:
    with transaction(house.db) as session:
        return cases.case(session, house.an, case_id, NOON)


def _save(house: House, case_id: CaseId, by: Viewer, base: tuple[int, int], **changed: str) -> None:
    with transaction(house.db) as session:
        case_plans.save(session, by, case_id, WHOLE | changed, base, NOON)


def _submitted(house: House, case_id: CaseId, to: Viewer | None = None) -> int:
    base = _see(house, case_id).base
    _save(house, case_id, house.an, base)
    with transaction(house.db) as session:
        case_plans.submit(
            session, house.an, case_id, base[0], to.staff_id if to else None, "" if to else CHAIR, NOON
        )
    return base[0]


def _decide(house: House, case_id: CaseId, by: Viewer, decision: str, **given: str) -> None:
    with transaction(house.db) as session:
        version = case_plans.plans(session, by, case_id, NOON).versions[0].version
        case_plans.decide(session, by, case_id, version, decision, NOON, **given)


def test_a_plan_goes_from_draft_to_approved_and_takes_the_case_along(
    house: House, planning: CaseId
) -> None:
    version = _submitted(house, planning, house.lead)
    assert _case(house, planning).state is State.APPROVING
    with pytest.raises(Conflict):
        _save(house, planning, house.an, (1, 1), source="xã")
    _decide(house, planning, house.lead, "approved", number="12/QĐ-UBND")
    found = _see(house, planning).in_force
    assert found is not None
    assert (found.version, found.state, found.decision_number) == (version, "approved", "12/QĐ-UBND")
    assert found.content.goals[Goal.RECOVERY] == WHOLE["goal.recovery"]
    view = _case(house, planning)
    assert view.state is State.CARRYING_OUT
    assert dict(view.events[0].answers) == {
        "decision": "approved",
        "approver": house.lead.name,
        "number": "12/QĐ-UBND",
    }
    assert view.events[1].answers == {"plan": "1"}


def test_the_steps_of_the_plan_are_completed_by_the_plan_alone(house: House, planning: CaseId) -> None:
    with transaction(house.db) as session, pytest.raises(Conflict, match="by_plan"):
        cases.complete_step(session, house.an, planning, "draft_plan", {"plan": "miệng"}, NOON)
    assert _case(house, planning).state is State.PLANNING


def test_a_plan_with_gaps_is_kept_and_not_submitted(house: House, planning: CaseId) -> None:
    _save(house, planning, house.an, (1, 0), **{"action.2.due": "", "action.2.agency": ""})
    with pytest.raises(FieldErrors) as caught, transaction(house.db) as session:
        case_plans.submit(session, house.an, planning, 1, None, "", NOON)
    gaps = ("action.2.agency", "action.2.due", "approver")
    assert caught.value.fields == dict.fromkeys(gaps, "missing")
    assert _case(house, planning).state is State.PLANNING


def test_what_is_returned_stays_as_it_was_and_begins_the_next_draft(
    house: House, planning: CaseId
) -> None:
    _submitted(house, planning, house.lead)
    with pytest.raises(FieldErrors):
        _decide(house, planning, house.lead, "returned")
    _decide(house, planning, house.lead, "returned", comment="Ai đưa bé đi khám?")
    found = _see(house, planning)
    assert (found.base, found.versions[0].comment) == ((2, 0), "Ai đưa bé đi khám?")
    assert _case(house, planning).state is State.PLANNING
    _save(house, planning, house.an, found.base, **{"action.1.coordination": "Bà ngoại đưa đi"})
    versions = _see(house, planning).versions
    assert [one.state for one in versions] == [PlanState.DRAFT, PlanState.RETURNED]
    assert [one.content.actions[0].coordination for one in versions] == ["Bà ngoại đưa đi", ""]


def test_nobody_approves_what_they_wrote_in_nor_may_they_be_named(
    house: House, planning: CaseId
) -> None:
    _save(house, planning, house.lead, (1, 0))
    with pytest.raises(FieldErrors) as caught, transaction(house.db) as session:
        case_plans.submit(session, house.an, planning, 1, house.lead.staff_id, "", NOON)
    assert caught.value.fields == {"approver": "wrote_it"}
    with transaction(house.db) as session:
        case_plans.submit(session, house.an, planning, 1, None, CHAIR, NOON)
    for writer in (house.an, house.lead):
        with pytest.raises(NotAllowed):
            _decide(house, planning, writer, "approved")
    with pytest.raises(NotVisible):
        _decide(house, planning, house.far_lead, "approved")
    with transaction(house.db) as session:
        here = factories.center(session)
        boss = factories.person(session, Role.CENTER_LEAD, at=here)
    _decide(house, planning, boss, "approved")
    assert _case(house, planning).state is State.CARRYING_OUT


def test_a_delegate_decides_for_a_time_in_the_place_of_who_is_named(
    house: House, planning: CaseId
) -> None:
    with transaction(house.db) as session:
        here = factories.center(session)
        boss = factories.person(session, Role.CENTER_LEAD, at=here, name="Phạm Thị Giám Đốc")
    _submitted(house, planning, boss)
    with pytest.raises(NotAllowed):
        _decide(house, planning, house.lead, "approved")

    def delegate(begins: timedelta, ends: timedelta) -> None:
        with transaction(house.db) as session:
            plan_delegations.give(
                session, boss, house.lead.staff_id, NOON + begins, NOON + ends, "Đi công tác", NOON
            )

    delegate(DAY, 3 * DAY)
    with pytest.raises(NotAllowed):
        _decide(house, planning, house.lead, "approved")
    delegate(timedelta(), DAY)
    with transaction(house.db) as session:
        mine = plan_delegations.of(session, boss)
        assert [one.holds(NOON) for one in mine] == [True, False]
    assert (_see(house, planning, house.lead).decides_for or house.an).name == boss.name
    _decide(house, planning, house.lead, "approved")
    decided = _see(house, planning).versions[0]
    assert decided.decided_by is not None
    assert decided.decided_for is not None
    assert (decided.decided_by.id, decided.decided_for.id) == (house.lead.staff_id, boss.staff_id)
    assert _case(house, planning).events[0].answers["in_place_of"] == boss.name


def test_a_plan_that_waits_for_who_has_left_is_decided_by_who_may_there(
    house: House, planning: CaseId
) -> None:
    with transaction(house.db) as session:
        here = factories.center(session)
        boss = factories.person(session, Role.CENTER_LEAD, at=here, name="Phạm Thị Giám Đốc")
        away = factories.center(session, "DN", "Đà Nẵng")
        far = factories.person(session, Role.CENTER_LEAD, at=away, name="Võ Văn Xa")
    _submitted(house, planning, boss)
    with pytest.raises(NotAllowed):
        _decide(house, planning, house.lead, "approved")
    with transaction(house.db) as session:
        accounts.close(session, house.lead, boss.staff_id, NOON)
        assert plan_delegations.stands_in_for(session, far, NOON) == frozenset()
        assert plan_delegations.stands_in_for(session, house.an, NOON) == frozenset()
    _decide(house, planning, house.lead, "approved")
    decided = _see(house, planning).versions[0]
    assert decided.decided_for is not None
    assert decided.decided_for.id == boss.staff_id


def test_a_delegation_that_was_taken_back_gives_nothing(house: House, planning: CaseId) -> None:
    with transaction(house.db) as session:
        here = factories.center(session)
        boss = factories.person(session, Role.CENTER_LEAD, at=here)
    with transaction(house.db) as session:
        until = NOON + DAY
        plan_delegations.give(session, boss, house.lead.staff_id, None, until, "Ốm", NOON)
        (given,) = plan_delegations.of(session, boss)
    with transaction(house.db) as session, pytest.raises(NotVisible):
        plan_delegations.take_back(session, house.lead, given.id, NOON)
    with transaction(house.db) as session:
        plan_delegations.take_back(session, boss, given.id, NOON)
        assert plan_delegations.stands_in_for(session, house.lead, NOON) == frozenset()
    wrong = {"delegate": "not_a_choice", "until_at": "not_a_term", "reason": "missing"}
    with transaction(house.db) as session, pytest.raises(FieldErrors) as caught:
        plan_delegations.give(session, boss, house.an.staff_id, None, NOON - DAY, "", NOON)
    assert caught.value.fields == wrong


def test_of_two_who_write_the_second_is_shown_what_the_first_left(
    house: House, planning: CaseId
) -> None:
    _save(house, planning, house.an, (1, 0))
    _save(house, planning, house.an, (1, 1), **{"action.1.person": "Bác sĩ Lan", "source": "Quỹ BTTE"})
    with pytest.raises(PlanChanged) as caught:
        _save(house, planning, house.lead, (1, 1), **{"action.2.what": "Xin học lại"})
    changed = caught.value
    assert changed.stored == {
        "action.1.person": "Bác sĩ Lan",
        "action.2.what": WHOLE["action.2.what"],
        "source": "Quỹ BTTE",
    }
    assert (changed.by.id, changed.base) == (house.an.staff_id, (1, 2))
    _save(house, planning, house.lead, changed.base, **{"action.2.what": "Xin học lại"})
    kept = _see(house, planning).versions[0]
    assert (kept.content.actions[1].what, kept.revision) == ("Xin học lại", 3)
    _save(house, planning, house.an, (1, 1), **{"action.2.what": "Xin học lại"})
    assert _see(house, planning).versions[0].revision == 3, "what stands there already is no conflict"


def test_actions_are_told_done_or_not_and_the_late_ones_stand_out(
    house: House, planning: CaseId
) -> None:
    _submitted(house, planning, house.lead)
    _decide(house, planning, house.lead, "approved")
    first, second = _see(house, planning).versions[0].actions
    with transaction(house.db) as session:
        with pytest.raises(FieldErrors) as caught:
            plan_results.tell(session, house.an, planning, first.id, "not_done", " ", NOON)
        assert caught.value.fields == {"result": "missing"}
        plan_results.tell(session, house.an, planning, first.id, "not_done", "Bé ốm", NOON)
        plan_results.tell(
            session, house.an, planning, first.id, "done", "Đã khám", NOON, evidence="Sổ khám số 12"
        )
        with pytest.raises(NotVisible):
            plan_results.tell(session, house.far, planning, first.id, "done", "x", NOON)
    told = _see(house, planning).versions[0].actions[0]
    assert told.outcome is Outcome.DONE
    assert [one.text for one in told.results] == ["Đã khám", "Bé ốm"]
    events = _case(house, planning).events
    assert [one.code for one in events if one.kind == "action"] == ["done", "not_done"]
    with reading(house.db) as session:
        late = plan_views.in_force(session, [planning], NOON + 31 * DAY)[planning]
    assert [one.what for one in late.overdue] == [second.planned.what]
    assert (late.done, late.total, late.next_due) == (1, 2, None)


def test_a_plan_in_force_is_amended_and_superseded_without_moving_the_case(
    house: House, planning: CaseId
) -> None:
    _submitted(house, planning, house.lead)
    _decide(house, planning, house.lead, "approved")
    first = _see(house, planning).versions[0].actions[0]
    with transaction(house.db) as session:
        plan_results.tell(session, house.an, planning, first.id, "done", "Đã khám", NOON)
    begun = _see(house, planning)
    assert [one.what for one in begun.begin.actions] == [WHOLE["action.2.what"]]
    with transaction(house.db) as session:
        texts = plan_rules.texts(begun.begin) | {"action.1.due": "2026-12-30"}
        case_plans.save(session, house.an, planning, texts, begun.base, NOON)
        case_plans.submit(session, house.an, planning, 2, house.lead.staff_id, "", NOON)
    assert _see(house, planning).in_force == begun.in_force
    _decide(house, planning, house.lead, "approved")
    versions = _see(house, planning).versions
    assert [one.state for one in versions] == [PlanState.APPROVED, PlanState.SUPERSEDED]
    assert versions[0].actions[0].planned.due == date(2026, 12, 30)
    view = _case(house, planning)
    assert view.state is State.CARRYING_OUT
    assert [one.code for one in view.events if one.kind == "plan"] == ["approve", "submit"]


def test_a_page_of_plans_asks_the_same_however_many_versions(house: House, planning: CaseId) -> None:
    _submitted(house, planning, house.lead)
    with counted(house.db) as few:
        _see(house, planning)
    for _ in range(3):
        _decide(house, planning, house.lead, "returned", comment="chưa rõ")
        _submitted(house, planning, house.lead)
    with counted(house.db) as many:
        _see(house, planning)
    assert len(many) == len(few) <= 12
