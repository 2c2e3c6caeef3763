"""Anti-trafficking cases: what makes one, for whom the law on children holds, referrals, figures."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from hotline.access import Action, Role, roles_that_may
from hotline.audit import AuditRow
from hotline.db import reading, transaction
from hotline.errors import FieldErrors, NotAllowed, NotVisible
from hotline.ids import CaseId, RecordId
from hotline.lines import CalledLine
from intake.cases import case_lists, cases, joining
from intake.cases.case_filters import CaseFilter
from intake.cases.case_views import CaseView
from intake.cases.flow import State
from intake.documents import filled_forms
from intake.forms import trafficking
from intake.forms.taxonomy import Disposition
from intake.forms.trafficking import AgeBand, Outcome
from intake.records import records
from intake.small_cells import LEAST, breakdown
from intake.tables.calls import CallRow
from intake.tables.cases import CaseRow
from intake.victims import trafficking_figures, victim_referrals
from intake.victims.trafficking_figures import Figures, Part
from intake.victims.victim_referrals import Victims
from tests import factories
from tests.factories import NOON, Story
from tests.intake.conftest import House
from tests.intake.test_joining import opened, told
from tests.queries import counted

LATER = NOON + timedelta(hours=1)
TODAY = date(2026, 11, 20)
GROWN_UP = {
    "problem": "trafficking",
    "caller_type": "relative",
    "child.1.name": "Chị Hoa",
    "child.1.age": "24",
    "child.1.sex": "female",
    "child.1.ethnicity": "Thái",
    "place": "Mộc Bài",
}
TO_POLICE = {"body": "police", "agency": "Công an tỉnh Tây Ninh", "contact": "Đại úy Lộc"}


@pytest.mark.parametrize(
    ("people", "alone"),
    [
        ((), False),
        (({},), False),
        (({"age": "16"},), True),
        (({"age": "15"},), False),
        (({"age": "30"}, {"name": "em gái"}), False),
        (({"age": "30"}, {"age": "9"}), False),
        (({"birth_date": "2010-11-20"},), True),
        (({"birth_date": "2010-11-21", "age": "40"},), False),
    ],
)
def test_who_may_be_a_child_is_taken_for_one(people: tuple[Mapping[str, str], ...], alone: bool) -> None:
    assert trafficking.adults_alone(people, TODAY) is alone


def test_bands_of_age_have_no_gap() -> None:
    bands = [trafficking.band(years) for years in range(100)]
    assert list(dict.fromkeys(bands)) == [one for one in AgeBand if one is not AgeBand.UNKNOWN]
    assert trafficking.band(None) is AgeBand.UNKNOWN


@given(st.dictionaries(st.text("abcdefgh", min_size=1, max_size=1), st.integers(0, 30)))
def test_a_hidden_count_cannot_be_reckoned(counts: dict[str, int]) -> None:
    shown = breakdown(counts)
    assert shown.cells.keys() == counts.keys()
    hidden = {name for name, many in shown.cells.items() if many is None}
    assert all(shown.cells[name] == many for name, many in counts.items() if name not in hidden)
    assert {name for name, many in counts.items() if 0 < many < LEAST} <= hidden
    assert all(counts[name] for name in hidden)
    total = sum(counts.values())
    if hidden and shown.total is not None:
        assert len(hidden) >= 2
        assert sum(counts[name] for name in hidden) >= LEAST
    assert shown.total == (None if 0 < total < LEAST else total)


def _see(house: House, case_id: CaseId) -> CaseView:
    with transaction(house.db) as session:
        return cases.case(session, house.lead, case_id, LATER)


def _type(house: House, record_id: RecordId, typed: dict[str, str]) -> None:
    with transaction(house.db) as session:
        revision = records.record(session, house.an, record_id, LATER).revision
        records.autosave(session, house.an, record_id, revision, typed, LATER)


def test_a_case_of_a_grown_up_victim_has_our_clocks_until_a_child_is_found_in_it(house: House) -> None:
    record_id = told(house, GROWN_UP)
    case_id = opened(house, record_id)
    case = _see(house, case_id)
    assert (case.trafficking, case.adults) == (True, True)
    assert case.next is not None
    assert (case.next.article, case.next.named) == ("", "report_to_authorities")
    with transaction(house.db) as session:
        report = {"recipient": "Công an tỉnh", "acknowledged_by": "Đại úy Lộc"}
        cases.complete_step(session, house.an, case_id, "report_to_commune", report, LATER)
    assert not _see(house, case_id).commune_untold
    _type(house, record_id, {"child.2.name": "em Lan", "child.2.age": "13"})
    case = _see(house, case_id)
    assert (case.trafficking, case.adults, case.commune_untold) == (True, False, True)
    assert case.next is not None
    assert case.next.article == "Đ26.3"
    with reading(house.db) as session:
        (line,) = case_lists.page(session, house.an, CaseFilter(), None, LATER).lines
    opened(house, told(house, {"problem": "violence"}))
    with reading(house.db) as session:
        of_trafficking = CaseFilter(trafficking=True)
        assert case_lists.page(session, house.an, of_trafficking, None, LATER).lines == [line]
    assert line.trafficking


def test_a_call_over_the_line_makes_one_and_a_childs_case_keeps_its_law(house: House) -> None:
    story = Story().answered_call()
    house.apply(story)
    with transaction(house.db) as session:
        session.get_one(CallRow, story.call_id).line = CalledLine.TRAFFICKING
    case = _see(house, opened(house, house.record_of(story)))
    assert (case.trafficking, case.adults) == (True, False)
    other = _see(house, opened(house, told(house, {"problem": "violence", "child.1.age": "30"})))
    assert (other.trafficking, other.adults) == (False, False)
    assert other.next is not None
    assert other.next.article == "Đ26.1"


def _refer(house: House, case_id: CaseId, token: str = "t" * 20, **more: str) -> None:
    with transaction(house.db) as session:
        victim_referrals.refer(session, house.an, case_id, {**TO_POLICE, **more}, token, LATER)


def _victims(house: House, case_id: CaseId) -> Victims:
    with transaction(house.db) as session:
        shown = cases.case(session, house.an, case_id, LATER)
        found = victim_referrals.of_case(session, shown)
    assert found is not None
    return found


def test_a_referral_stands_on_the_timeline_with_what_became_of_it(house: House) -> None:
    case_id = opened(house, told(house, GROWN_UP))
    for _ in range(2):
        _refer(house, case_id)  # sent twice
    (one,) = _victims(house, case_id).referrals
    assert (one.agency, one.contact, one.at, one.outcome) == (
        "Công an tỉnh Tây Ninh",
        "Đại úy Lộc",
        LATER,
        None,
    )
    with transaction(house.db) as session:
        result = {"outcome": "rescued", "told_by": "Đại úy Lộc", "text": "Đã về đồn"}
        victim_referrals.tell_result(session, house.an, case_id, one.id, result, LATER)
    (one,) = _victims(house, case_id).referrals
    assert one.outcome is Outcome.RESCUED
    kinds = {(event.kind, event.code) for event in _see(house, case_id).events}
    assert {("referral", "police"), ("referral_result", "rescued")} <= kinds
    with pytest.raises(DatabaseError, match="append-only"), transaction(house.db) as session:
        session.execute(text("UPDATE victim_referral SET agency = 'x'"))


def test_whoever_takes_over_has_the_case_referred_to_them(house: House) -> None:
    case_id = opened(house, told(house, GROWN_UP))
    with pytest.raises(FieldErrors) as caught:
        _refer(house, case_id, takes_over="1", body="friends", contact=" ")
    assert caught.value.fields == {"body": "not_a_choice", "contact": "missing", "text": "missing"}
    _refer(house, case_id, takes_over="1", text="Thuộc thẩm quyền điều tra")
    assert _see(house, case_id).state is State.REFERRED


def test_nobody_refers_in_a_case_that_is_not_theirs_or_not_of_trafficking(house: House) -> None:
    other = opened(house, told(house, {"problem": "violence"}))
    with pytest.raises(NotVisible):
        _refer(house, other)
    mine = opened(house, told(house, GROWN_UP))
    for stranger in (house.binh, house.far_lead, house.admin):
        with pytest.raises(NotVisible), transaction(house.db) as session:
            victim_referrals.refer(session, stranger, mine, TO_POLICE, "s" * 20, LATER)
    _refer(house, mine)
    (one,) = _victims(house, mine).referrals
    second = opened(house, told(house, GROWN_UP))
    result = {"outcome": "rescued", "told_by": "x"}
    with pytest.raises(NotVisible), transaction(house.db) as session:
        victim_referrals.tell_result(session, house.an, second, one.id, result, LATER)


def _figures(house: House, now: datetime = LATER) -> Figures:
    with transaction(house.db) as session:
        department = factories.person(session, Role.DEPARTMENT)
        return trafficking_figures.figures(session, department, TODAY, TODAY, now)


def _closed(house: House, typed: dict[str, str], how: Disposition) -> None:
    record_id = told(house, typed)
    with transaction(house.db) as session:
        records.close(session, house.an, record_id, how, NOON)


def test_the_figures_count_each_contact_and_each_victim_once(house: House) -> None:
    problem = {"problem": "trafficking"}
    _closed(house, problem, Disposition.INFORMATION)
    _closed(house, problem | {"caller_type": "victim"}, Disposition.COUNSELING)
    _closed(house, problem, Disposition.PRANK)
    told(house, problem)  # being written
    told(house, {"problem": "violence"})
    told(house, problem, at=NOON - timedelta(days=1))  # of another day
    case_id = opened(house, told(house, GROWN_UP))
    opened(house, told(house, problem | {"child.1.age": "12"}))  # nobody was referred
    second = told(house, {**GROWN_UP, "caller_type": "child"})
    with transaction(house.db) as session:
        row = session.get_one(CaseRow, case_id)
        joining.join_record(session, house.an, second, row, "cùng chị Hoa", LATER)
    one, same = (child.id for child in _see(house, case_id).children)
    with transaction(house.db) as session:
        joining.same_child(session, house.an, case_id, same, one, LATER)
        form = filled_forms.open_form(session, house.an, case_id, "trafficking", one, "f" * 20, LATER)
        purpose = {"purpose": "labor", "destination": "outside"}
        assert not filled_forms.save(session, house.an, form, 0, purpose, LATER).errors
    _refer(house, case_id)
    _refer(house, case_id, "u" * 20, body="ngo", agency="Blue Dragon")
    wrong = next(one for one in _victims(house, case_id).referrals if one.body == "ngo")
    with transaction(house.db) as session:
        mistake = {"outcome": "mistake", "told_by": "An"}
        victim_referrals.tell_result(session, house.an, case_id, wrong.id, mistake, LATER)
    found = _figures(house)
    assert found.contacts == {
        "information": 1,
        "counseling": 2,
        "referral": 2,
        "empty": 1,
        "open": 1,
    }
    assert (found.helped, found.cases, found.calls) == (5, 2, 0)
    assert {name for name, many in found.referrals.items() if many} == {"police"}
    assert found.outcomes["waiting"] == 1
    assert found.people[Part.SEXES].total is None  # two victims: too few to be told apart
    shown = {part: of.cells for part, of in found.people.items()}
    assert {name for name, many in shown[Part.PURPOSES].items() if many is None} == {
        "labor",
        "unknown",
    }
    assert {name for name, many in shown[Part.AGES].items() if many is None} == {
        "to_14",
        "to_25",
    }


def test_the_figures_take_the_same_few_statements_however_much_there_is(house: House) -> None:
    counts = []
    with transaction(house.db) as session:
        viewer = factories.person(session, Role.CENTER_LEAD)
    for round_ in range(2):
        for number in range(2):
            _refer(house, opened(house, told(house, GROWN_UP)), f"{round_}{number}" * 10)
        with transaction(house.db) as session, counted(house.db) as statements:
            trafficking_figures.figures(session, viewer, TODAY, TODAY, LATER)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 12


def test_the_figures_are_for_whom_they_are_and_on_record(house: House) -> None:
    assert roles_that_may(Action.SEE_SPECIAL_FIGURES) == {Role.CENTER_LEAD, Role.DEPARTMENT}
    for who in (house.an, house.lead, house.admin):
        with pytest.raises(NotAllowed), transaction(house.db) as session:
            trafficking_figures.figures(session, who, TODAY, TODAY, LATER)
    _figures(house)
    with reading(house.db) as session:
        seen = session.query(AuditRow).filter_by(object_kind="trafficking_figures").one()
    assert seen.object_id == "2026-11-20..2026-11-20"
