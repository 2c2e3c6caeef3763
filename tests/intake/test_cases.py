from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from hotline.access import Role, Viewer
from hotline.db import reading, transaction
from hotline.errors import BadInput, Conflict, FieldErrors, NotAllowed, NotVisible
from hotline.ids import CaseId, RecordId
from intake.cases import cases
from intake.cases.cases import CaseView
from intake.cases.flow import Need, State, Step
from intake.forms.taxonomy import Disposition, Risk
from intake.records import records
from intake.tables.cases import CaseRow
from intake.tables.records import RecordRow
from tests import factories, plans
from tests.factories import NOON, Story
from tests.intake.conftest import House
from tests.queries import counted

TYPED = {
    "caller_type": "neighbor",
    "caller_name": "Người báo tin",
    "call_back": "sau 21h",
    "child.1.name": "Bé Na",
    "child.1.age": "9",
    "child.2.sex": "male",
    "offender.1.described": "Cha dượng",
    "offender.1.nearness": "here",
    "problem": "violence",
    "risk": "emergency",
    "place": "thôn Bãi",
    "place_unit": "Xã Kim Bôi, huyện Kim Bôi, Hòa Bình",
    "content": "nghe tiếng khóc",
}


@pytest.fixture
def written(house: House) -> RecordId:
    """The record of an answered call, with everything a case takes over."""
    story = Story().answered_call()
    house.apply(story)
    record_id = house.record_of(story)
    with transaction(house.db) as session:
        records.autosave(session, house.an, record_id, 0, TYPED, NOON)
    return record_id


@pytest.fixture
def opened(house: House, written: RecordId) -> CaseId:
    with transaction(house.db) as session:
        return cases.open_from_record(session, house.an, written, NOON)


def _see(house: House, case_id: CaseId, now: datetime = NOON, by: Viewer | None = None) -> CaseView:
    with transaction(house.db) as session:
        return cases.case(session, by or house.an, case_id, now)


def _step(
    house: House, case_id: CaseId, step: str, answers: dict[str, str], now: datetime = NOON
) -> CaseView:
    with transaction(house.db) as session:
        return cases.complete_step(session, house.an, case_id, step, answers, now)


def test_a_case_carries_call_children_place_and_risk(
    house: House, written: RecordId, opened: CaseId
) -> None:
    view = _see(house, opened)
    assert view.number == "2026-HN-000001"
    assert (view.state, view.risk) == (State.RECEIVED, Risk.EMERGENCY)
    assert view.place == "thôn Bãi, Xã Kim Bôi, huyện Kim Bôi, Hòa Bình"
    assert view.place_unit == "2024:05065"
    assert view.call is not None
    assert (view.call.number, view.received_at) == ("***678", NOON)
    assert [child.fields for child in view.children] == [{"name": "Bé Na", "age": "9"}, {"sex": "male"}]
    assert [offender.fields["described"] for offender in view.offenders] == ["Cha dượng"]
    assert view.about["problem"] == "violence"
    assert view.owner.id == house.an.staff_id
    assert [event.kind for event in view.events] == ["opened"]
    with transaction(house.db) as session:
        record = records.record(session, house.an, written, NOON)
    assert (record.state, record.disposition) == ("closed", Disposition.ESCALATED)
    assert (record.case_id, view.record_id) == (opened, written)


def test_the_informant_is_not_told_on(house: House, opened: CaseId) -> None:
    assert not {"caller_name", "call_back"} & _see(house, opened).about.keys()


def test_what_is_written_after_opening_is_seen_in_the_case(
    house: House, written: RecordId, opened: CaseId
) -> None:
    with transaction(house.db) as session:
        records.autosave(session, house.an, written, 2, {"child.2.name": "Bé Bo", "risk": "plan"}, NOON)
    view = _see(house, opened)
    assert (view.children[1].fields["name"], view.risk) == ("Bé Bo", Risk.PLAN)


def test_the_first_step_is_to_report_at_once(house: House, opened: CaseId) -> None:
    step = _see(house, opened).next
    assert step is not None
    assert (step.step, step.article) == (Step.REPORT_TO_COMMUNE, "Đ26.1")
    assert (step.due, step.overdue) == (NOON + timedelta(minutes=30), False)
    late = _see(house, opened, NOON + timedelta(minutes=31)).next
    assert late is not None
    assert late.overdue


def test_the_twelve_hours_run_beside_the_first_steps(house: House, opened: CaseId) -> None:
    emergency = _see(house, opened).emergency
    assert emergency is not None
    assert (emergency.due, emergency.article) == (NOON + timedelta(hours=12), "Đ26.3")


def test_a_case_moves_on_to_its_end(house: House, opened: CaseId) -> None:
    reported = _step(
        house,
        opened,
        "report_to_commune",
        {"recipient": "UBND xã Kim Bôi", "acknowledged_by": "Bà Hoa", "note": "đã gọi"},
        NOON + timedelta(minutes=10),
    )
    assert reported.state is State.ASSESSING
    assert reported.next is not None
    assert (reported.next.article, reported.next.due) == ("Đ26.3", NOON + timedelta(hours=12))
    assessed = _step(house, opened, "assess_risk", {"conclusion": "plan"}, NOON + timedelta(hours=1))
    assert (assessed.state, assessed.risk, assessed.emergency) == (State.VERIFYING, Risk.PLAN, None)
    found = {"finding": "high", "verified_by": "cán bộ xã"}
    planned = _step(house, opened, "verify", found, NOON + timedelta(hours=2))
    assert planned.next is not None
    # five working days on, over a weekend and a holiday
    assert planned.next.due == datetime(2026, 11, 30, 16, 59, tzinfo=UTC)
    for day, decision in ((1, "returned"), (3, "approved")):
        with transaction(house.db) as session:
            plans.submit(session, house.an, opened, NOON + timedelta(days=day))
        assert _see(house, opened).state is State.APPROVING
        with transaction(house.db) as session:
            plans.decide(session, house.lead, opened, decision, NOON + timedelta(days=day + 1))
    carried_out = {"done": "ở với bà, đi học lại"}
    for positions, lacking in (((1,), (Need.RESULTS,)), ((2,), ())):
        with pytest.raises(FieldErrors) as caught:
            _step(house, opened, "carry_out", carried_out, NOON + timedelta(days=5))
        assert caught.value.fields == {"results": "needed"}
        with transaction(house.db) as session:
            plans.tell_results(session, house.an, opened, NOON, positions=positions)
        assert _see(house, opened).lacking.always == lacking
    for day, (step, answers, state) in enumerate(
        [
            ("carry_out", carried_out, State.REVIEWING),
            ("review", {"review": "stable"}, State.WATCHING),
        ],
        start=5,
    ):
        assert _step(house, opened, step, answers, NOON + timedelta(days=day)).state is state
    with pytest.raises(FieldErrors) as caught:
        _step(house, opened, "end_watch", {"review": "stable"}, NOON + timedelta(days=94))
    assert caught.value.fields == {"watched": "needed"}
    assert _see(house, opened, NOON + timedelta(days=94)).lacking.answers == {"stable": (Need.WATCHED,)}
    closed = _step(house, opened, "end_watch", {"review": "stable"}, NOON + timedelta(days=98))
    assert (closed.state, closed.next) == (State.CLOSED, None)
    assert closed.closed_at == NOON + timedelta(days=98)
    assert closed.events[0].code == "end_watch"
    told = [event for event in closed.events if event.code == "report_to_commune"]
    assert [event.answers["recipient"] for event in told] == ["UBND xã Kim Bôi"]
    with pytest.raises(Conflict):
        _step(house, opened, "end_watch", {"review": "stable"})
    with reading(house.db) as session:
        assert cases.cases(session, house.an, NOON) == []


def test_emergency_measure_comes_before_the_plan(house: House, opened: CaseId) -> None:
    _step(house, opened, "report_to_commune", {"recipient": "a", "acknowledged_by": "b"})
    protecting = _step(house, opened, "assess_risk", {"conclusion": "emergency"})
    assert protecting.next is not None
    assert (protecting.next.step, protecting.emergency) == (Step.TAKE_EMERGENCY_MEASURE, None)
    assert protecting.next.due == NOON + timedelta(hours=12)
    verifying = _step(
        house, opened, "take_emergency_measure", {"kind": "shelter", "measure": "nhà bà", "agency": "xã"}
    )
    assert verifying.state is State.VERIFYING


def test_a_case_without_a_place_says_so_before_the_report_is_tried(house: House) -> None:
    story = Story().answered_call()
    house.apply(story)
    with transaction(house.db) as session:
        case_id = cases.open_from_record(session, house.an, house.record_of(story), NOON)
    assert _see(house, case_id).lacking.always == (Need.PLACE,)
    with pytest.raises(FieldErrors) as caught:
        _step(house, case_id, "report_to_commune", {"recipient": "a", "acknowledged_by": "b"})
    assert caught.value.fields == {"place": "needed"}


def test_a_referred_case_stays_in_sight_until_its_outcome_is_known(house: House, opened: CaseId) -> None:
    to = {"receiver": "Công an tỉnh", "acknowledged_by": "Ông Hà", "reason": "có dấu hiệu tội phạm"}
    referred = _step(house, opened, "refer", to)
    assert (referred.state, referred.closed_at) == (State.REFERRED, None)
    later = NOON + timedelta(days=7)
    heard = {"outcome": "under_way", "told_by": "Ông Hà"}
    still = _step(house, opened, "follow_referral", heard, later)
    assert still.next is not None
    assert (still.state, still.next.due > later) == (State.REFERRED, True)
    back = _step(house, opened, "follow_referral", heard | {"outcome": "given_back"}, later)
    assert back.next is not None
    assert (back.state, back.next.due) == (State.REOPENED, later + timedelta(minutes=30))


def test_a_case_is_refused_by_the_lead_never_by_its_owner_and_may_be_opened_again(
    house: House, opened: CaseId
) -> None:
    why = {"ground": "not_a_child", "reason": "người báo nhầm"}
    assert "refuse" not in [turn.step for turn in _see(house, opened).turns]
    with pytest.raises(NotAllowed):
        _step(house, opened, "refuse", why)
    with transaction(house.db) as session:
        refused = cases.complete_step(session, house.lead, opened, "refuse", why, NOON)
    assert (refused.state, refused.closed_at, refused.next) == (State.REFUSED, NOON, None)
    later = NOON + timedelta(days=3)
    _step(house, opened, "reopen", {"reason": "có tin mới"}, later)
    _step(house, opened, "report_to_commune", {"recipient": "a", "acknowledged_by": "b"}, later)
    again = _see(house, opened, later)
    assert again.next is not None
    assert (again.state, again.closed_at) == (State.ASSESSING, None)
    assert again.next.due == later + timedelta(hours=12)
    assert again.received_at == NOON


def test_new_danger_protects_at_once_and_begins_the_twelve_hours_anew(
    house: House, opened: CaseId
) -> None:
    _step(house, opened, "report_to_commune", {"recipient": "a", "acknowledged_by": "b"})
    _step(house, opened, "assess_risk", {"conclusion": "watch"})
    heard = NOON + timedelta(days=40)
    protecting = _step(house, opened, "protect_now", {"reason": "bé gọi lại, bị đánh"}, heard)
    assert protecting.next is not None
    assert (protecting.state, protecting.risk) == (State.PROTECTING, Risk.EMERGENCY)
    assert protecting.next.due == heard + timedelta(hours=12)


def test_a_step_without_its_answers_changes_nothing(house: House, opened: CaseId) -> None:
    with pytest.raises(FieldErrors) as caught:
        _step(house, opened, "report_to_commune", {"recipient": "xã"})
    assert caught.value.fields == {"acknowledged_by": "missing"}
    assert _see(house, opened).state is State.RECEIVED


def test_a_step_pressed_twice_is_a_conflict_and_happens_once(house: House, opened: CaseId) -> None:
    given = {"recipient": "a", "acknowledged_by": "b"}
    _step(house, opened, "report_to_commune", given)
    with pytest.raises(Conflict):
        _step(house, opened, "report_to_commune", given)
    assert [event.kind for event in _see(house, opened).events] == ["step", "opened"]


def test_case_is_opened_once_when_pressed_twice(house: House, written: RecordId, opened: CaseId) -> None:
    with transaction(house.db) as session:
        assert cases.open_from_record(session, house.lead, written, NOON) == opened
    assert len(_see(house, opened).events) == 1


def test_case_is_opened_once_from_eight_tabs_at_once(house: House, written: RecordId) -> None:
    def press(_: int) -> CaseId:
        with transaction(house.db) as session:
            return cases.open_from_record(session, house.an, written, NOON)

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(press, range(8)))) == 1
    with reading(house.db) as session:
        assert session.scalar(select(func.count()).select_from(CaseRow)) == 1


def test_cases_opened_at_once_get_numbers_of_their_own(house: House) -> None:
    stories = [Story().answered_call() for _ in range(6)]
    for story in stories:
        house.apply(story)
    record_ids = [house.record_of(story) for story in stories]

    def press(record_id: RecordId) -> str:
        with transaction(house.db) as session:
            case_id = cases.open_from_record(session, house.an, record_id, NOON)
            return cases.case(session, house.an, case_id, NOON).number

    with ThreadPoolExecutor(6) as pool:
        numbers = sorted(pool.map(press, record_ids))
    assert numbers == [f"2026-HN-{number:06d}" for number in range(1, 7)]


def test_numbers_start_anew_with_each_year_of_vietnam_and_each_center(house: House) -> None:
    new_year = datetime(2026, 12, 31, 17, 0, tzinfo=UTC)
    found = []
    for phone, by, now in (
        ("hn01", house.an, NOON),
        ("dn01", house.far, NOON),
        ("hn01", house.an, new_year - timedelta(seconds=1)),
        ("hn01", house.an, new_year),
    ):
        story = Story().answered_call(phone)
        house.apply(story)
        with transaction(house.db) as session:
            record = records.record_of_call(session, by, story.call_id, now)
            assert record is not None
            case_id = cases.open_from_record(session, by, record.id, now)
            found.append(cases.case(session, by, case_id, now).number)
    assert found == ["2026-HN-000001", "2026-DN-000001", "2026-HN-000002", "2027-HN-000001"]


def test_a_failure_half_way_leaves_neither_case_nor_closed_record(
    house: House, written: RecordId
) -> None:
    def open_and_fail() -> None:
        with transaction(house.db) as session:
            case_id = cases.open_from_record(session, house.an, written, NOON)
            cases.complete_step(session, house.an, case_id, "end_watch", {}, NOON)

    with pytest.raises(Conflict):
        open_and_fail()
    with reading(house.db) as session:
        assert session.scalar(select(func.count()).select_from(CaseRow)) == 0
        assert session.scalars(select(RecordRow.state)).all() == ["draft"]
    with transaction(house.db) as session:
        case_id = cases.open_from_record(session, house.an, written, NOON)
        assert cases.case(session, house.an, case_id, NOON).number == "2026-HN-000001"


def test_a_lead_opens_a_case_for_the_counselor_who_wrote_it(house: House, written: RecordId) -> None:
    with transaction(house.db) as session:
        case_id = cases.open_from_record(session, house.lead, written, NOON)
    assert _see(house, case_id).owner.id == house.an.staff_id


def test_who_handed_the_call_on_opens_the_case_and_keeps_it_in_sight(house: House) -> None:
    story = Story().arrived().rang("hn01").talk("hn01").talk_ended("hn01").rang("hn02").talk("hn02")
    house.apply(story)
    record_id = house.record_of(story)
    with transaction(house.db) as session:
        case_id = cases.open_from_record(session, house.an, record_id, NOON)
    assert _see(house, case_id).owner.id == house.an.staff_id


def test_who_may_see_and_move_a_case(house: House, written: RecordId, opened: CaseId) -> None:
    assert _see(house, opened, by=house.lead)
    for stranger in (house.binh, house.far, house.far_lead, house.admin):
        with pytest.raises(NotVisible):
            _see(house, opened, by=stranger)
        with pytest.raises(NotVisible), transaction(house.db) as session:
            cases.add_note(session, stranger, opened, "x", NOON)
        with pytest.raises((NotVisible, NotAllowed)), transaction(house.db) as session:
            cases.open_from_record(session, stranger, written, NOON)
        with reading(house.db) as session:
            assert cases.cases(session, stranger, NOON) == []
    with pytest.raises(NotVisible):
        _see(house, CaseId(opened + 1))


@pytest.mark.parametrize(
    ("role", "far", "reads", "writes"),
    [
        (Role.CENTER_LEAD, False, True, True),
        (Role.CENTER_LEAD, True, False, False),
        (Role.DEPARTMENT, True, True, False),
        (Role.PROVINCE_OFFICER, False, False, False),
        (Role.COMMUNE_OFFICER, False, False, False),
        (Role.THERAPIST, False, False, False),
    ],
)
def test_a_center_reads_and_writes_its_cases_and_the_department_reads_all(
    house: House, opened: CaseId, role: Role, far: bool, reads: bool, writes: bool
) -> None:
    with transaction(house.db) as session:
        at = factories.center(session, *(("DN", "Đà Nẵng") if far else ()))
        viewer = factories.person(session, role, at=at)
    with transaction(house.db) as session:
        assert [line.id for line in cases.cases(session, viewer, NOON)] == [opened] * reads
    with nullcontext() if reads else pytest.raises(NotVisible):
        _see(house, opened, by=viewer)
    with nullcontext() if writes else pytest.raises(NotVisible), transaction(house.db) as session:
        cases.add_note(session, viewer, opened, "x", NOON)


def test_notes_go_on_the_spine_with_their_own_time(house: House, opened: CaseId) -> None:
    with transaction(house.db) as session:
        cases.add_note(session, house.an, opened, " đã gọi lại\r\n", NOON + timedelta(hours=2))
        view = cases.add_note(
            session,
            house.lead,
            opened,
            "công an đã tới",
            NOON + timedelta(hours=3),
            happened_at=NOON + timedelta(hours=1),
        )
    assert [(event.kind, event.text) for event in view.events] == [
        ("note", "đã gọi lại"),
        ("note", "công an đã tới"),
        ("opened", ""),
    ]
    assert view.events[1].entered_at - view.events[1].happened_at == timedelta(hours=2)
    assert view.events[1].who.id == house.lead.staff_id


def test_a_note_that_cannot_be_kept_says_why(house: House, opened: CaseId) -> None:
    for text, code in ((" \x00", "missing"), ("x" * 20_001, "too_long")):
        with pytest.raises(FieldErrors) as caught, transaction(house.db) as session:
            cases.add_note(session, house.an, opened, text, NOON)
        assert caught.value.fields == {"note": code}
    with pytest.raises(BadInput), transaction(house.db) as session:
        cases.add_note(session, house.an, opened, "x", NOON, happened_at=NOON + timedelta(seconds=1))


def test_my_cases_by_deadline_in_one_go(house: House, opened: CaseId) -> None:
    others = []
    for hours in (3, 1, 2):
        story = Story(at=NOON + timedelta(hours=hours)).answered_call()
        house.apply(story)
        record_id = house.record_of(story)
        with transaction(house.db) as session:
            others.append(cases.open_from_record(session, house.an, record_id, story.at))
    with counted(house.db) as statements, reading(house.db) as session:
        lines = cases.cases(session, house.an, NOON + timedelta(hours=1))
    assert [line.id for line in lines] == [opened, others[1], others[2], others[0]]
    assert [line.next.overdue for line in lines if line.next] == [True, False, False, False]
    assert lines[0].place == "thôn Bãi, Xã Kim Bôi, huyện Kim Bôi, Hòa Bình"
    assert len(statements) == 2


def test_the_number_of_statements_does_not_grow_with_the_spine(house: House, opened: CaseId) -> None:
    with counted(house.db) as before:
        _see(house, opened)
    with transaction(house.db) as session:
        for _ in range(5):
            cases.add_note(session, house.an, opened, "x", NOON)
            cases.add_note(session, house.lead, opened, "y", NOON)
    with counted(house.db) as after:
        _see(house, opened)
    assert len(after) == len(before)
