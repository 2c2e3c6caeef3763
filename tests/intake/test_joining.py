from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from hotline.access import Viewer
from hotline.audit import AuditRow
from hotline.db import reading, transaction
from hotline.errors import Conflict, FieldErrors, NotVisible
from hotline.ids import CaseId, RecordId
from intake.calls.earlier_calls import earlier
from intake.cases import cases, joining
from intake.cases.case_people import ToldChild, children
from intake.cases.cases import CaseView
from intake.forms.taxonomy import Disposition, Risk
from intake.records import records
from intake.search import search
from intake.tables.cases import CaseRow
from tests.factories import NOON, Story
from tests.intake.conftest import House
from tests.queries import counted

LATER = NOON + timedelta(hours=1)


def told(
    house: House,
    typed: Mapping[str, str],
    at: datetime = NOON,
    number: str = "0912345678",
    phone: str = "hn01",
) -> RecordId:
    """The record of a call with this typed into it."""
    by = {"hn01": house.an, "hn02": house.binh, "dn01": house.far}[phone]
    story = Story(number=number, at=at).answered_call(phone)
    house.apply(story)
    with transaction(house.db) as session:
        found = records.record_of_call(session, by, story.call_id, at)
        assert found is not None
        records.autosave(session, by, found.id, 0, typed, at)
    return found.id


def opened(house: House, record_id: RecordId, by: Viewer | None = None, at: datetime = NOON) -> CaseId:
    with transaction(house.db) as session:
        return cases.open_from_record(session, by or house.an, record_id, at)


def _joined(house: House, record_id: RecordId, case_id: CaseId, by: Viewer | None = None) -> CaseId:
    with transaction(house.db) as session:
        row = session.get_one(CaseRow, case_id)
        return joining.join_record(session, by or house.an, record_id, row, "cùng một bé", LATER)


def _see(house: House, case_id: CaseId, by: Viewer | None = None) -> CaseView:
    with transaction(house.db) as session:
        return cases.case(session, by or house.lead, case_id, LATER)


NA = {"child.1.name": "Bé Na", "child.1.age": "9", "risk": "watch", "caller_name": "Cô hàng xóm"}
NA_AGAIN = {"child.1.name": "Na", "child.1.school": "Kim Bôi 2", "risk": "emergency", "call_back": "21h"}


@pytest.fixture
def first(house: House) -> RecordId:
    return told(house, NA)


@pytest.fixture
def second(house: House) -> RecordId:
    return told(house, NA_AGAIN, LATER, "0988777666", "hn02")


def test_a_second_report_is_joined_and_both_are_one_case(
    house: House, first: RecordId, second: RecordId
) -> None:
    case_id = opened(house, first)
    assert _joined(house, second, case_id, house.binh) == case_id
    view = _see(house, case_id, house.an)
    assert [one.id for one in view.records] == [first, second]
    assert [one.number for one in view.calls] == ["***678", "***666"]
    assert [child.fields["name"] for child in view.children] == ["Bé Na", "Na"]
    assert (view.risk, view.received_at) == (Risk.EMERGENCY, NOON)
    assert [one.readable for one in view.records] == [True, False]  # the colleague's stays theirs
    assert (view.events[0].kind, view.events[0].code) == ("joined", str(second))
    shown = str([view.about, view.records, view.children])
    assert "Cô hàng xóm" not in shown
    assert "21h" not in shown
    with transaction(house.db) as session:
        record = records.record(session, house.binh, second, LATER)
        assert (record.disposition, record.case_id) == (Disposition.ESCALATED, None)
        assert record.case is not None
        assert record.case.number == view.number  # theirs to know, not to read
        with pytest.raises(NotVisible):
            cases.case(session, house.binh, case_id, LATER)
        (line,) = cases.cases(session, house.an, LATER)
        assert (line.risk, line.id) == (Risk.EMERGENCY, case_id)


def test_what_is_written_after_joining_is_read_in_the_case(
    house: House, first: RecordId, second: RecordId
) -> None:
    case_id = opened(house, first)
    _joined(house, second, case_id, house.binh)
    with transaction(house.db) as session:
        records.autosave(session, house.binh, second, 2, {"content": "bé khóc", "place": "Bãi"}, LATER)
    view = _see(house, case_id, house.an)
    assert (view.about["content"], view.place) == ("bé khóc", "Bãi")
    with transaction(house.db) as session:
        (hit,) = search(session, house.an, "khoc", LATER).hits
        assert (hit.case_id, hit.record_id) == (case_id, first)


def test_who_holds_the_case_is_told_until_they_have_looked(
    house: House, first: RecordId, second: RecordId
) -> None:
    def news(who: Viewer) -> list[bool]:
        with transaction(house.db) as session:
            return [line.news for line in cases.cases(session, who, LATER)]

    case_id = opened(house, first)
    assert news(house.an) == [False]
    _joined(house, second, case_id, house.binh)
    _see(house, case_id, house.lead)
    assert news(house.an) == [True]
    _see(house, case_id, house.an)
    assert news(house.an) == [False]
    _joined(house, told(house, {}, LATER), case_id, house.an)
    assert news(house.an) == [False]  # their own doing


def test_joined_pressed_twice_is_joined_once_and_never_to_two(
    house: House, first: RecordId, second: RecordId
) -> None:
    case_id = opened(house, first)
    for _ in range(2):
        _joined(house, second, case_id, house.binh)
    assert len(_see(house, case_id).records) == 2
    third = told(house, {}, LATER)
    other = opened(house, third)
    with pytest.raises(Conflict, match="in_another"):
        _joined(house, second, other, house.binh)
    assert opened(house, second, house.binh) == case_id


def test_two_who_join_one_record_to_two_cases_at_once_do_not_both(
    house: House, first: RecordId, second: RecordId
) -> None:
    made = [opened(house, first), opened(house, told(house, {}))]

    def join(case_id: CaseId) -> str:
        try:
            return str(_joined(house, second, case_id, house.binh))
        except Conflict as refused:
            return str(refused)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(join, made * 2))
    assert answers.count("in_another") == 2
    assert sum(len(_see(house, each).records) for each in made) == 3


def test_merging_each_into_the_other_at_once_merges_once(
    house: House, first: RecordId, second: RecordId
) -> None:
    one, other = opened(house, first), opened(house, second, house.binh)

    def merge(pair: tuple[CaseId, CaseId]) -> str:
        try:
            _merge(house, *pair)
        except Conflict as refused:
            return str(refused)
        return "done"

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(merge, [(one, other), (other, one)]))
    assert answers == ["done", "merged"]


def test_a_record_does_not_go_into_a_case_that_is_over(
    house: House, first: RecordId, second: RecordId
) -> None:
    case_id = opened(house, first)
    with transaction(house.db) as session:
        session.get_one(CaseRow, case_id).closed_at = LATER
    with pytest.raises(Conflict, match="closed"):
        _joined(house, second, case_id, house.binh)
    with reading(house.db) as session:
        assert [line.id for line in records.unfinished(session, house.binh)] == [second]


def test_taken_apart_the_record_waits_for_a_decision_and_the_case_is_as_before(
    house: House, first: RecordId, second: RecordId
) -> None:
    case_id = opened(house, first)
    before = _see(house, case_id, house.an)
    _joined(house, second, case_id, house.binh)
    with transaction(house.db) as session:
        joining.take_apart(session, house.an, case_id, second, "hai bé khác nhau", LATER)
    after = _see(house, case_id, house.an)
    assert [event.kind for event in after.events] == ["taken_apart", "joined", "opened"]
    assert replace(after, events=()) == replace(before, events=())
    with transaction(house.db) as session:
        assert [line.id for line in records.unfinished(session, house.binh)] == [second]
        assert search(session, house.an, "kim boi", LATER).hits == ()
        with pytest.raises(Conflict, match="only_one"):
            joining.take_apart(session, house.an, case_id, first, "x", LATER)
        with pytest.raises(FieldErrors):
            joining.take_apart(session, house.an, case_id, first, " ", LATER)
    assert opened(house, second, house.binh) != case_id


def _merge(house: House, one: CaseId, into: CaseId, by: Viewer | None = None) -> None:
    with transaction(house.db) as session:
        joining.merge(session, by or house.lead, one, into, "một vụ", LATER)


def _unmerge(house: House, one: CaseId) -> None:
    with transaction(house.db) as session:
        joining.undo_merge(session, house.lead, one, "hai vụ", LATER)


def test_two_cases_become_one_and_come_apart_as_they_were(
    house: House, first: RecordId, second: RecordId
) -> None:
    early, late = opened(house, first), opened(house, second, house.binh)
    before = [_see(house, each) for each in (early, late)]
    _merge(house, early, late)
    gone, kept = _see(house, early), _see(house, late)
    assert (gone.number, gone.next) == ("2026-HN-000001", None)
    assert gone.merged_into is not None
    assert gone.merged_into.number == kept.number
    assert [one.id for one in gone.records] == [first]
    assert [(one.id, one.came_with) for one in kept.records] == [(second, None), (first, early)]
    assert [one.number for one in kept.merged] == [gone.number]
    assert kept.received_at == NOON  # the twelve hours run from the first word
    with transaction(house.db) as session:
        assert [line.id for line in cases.cases(session, house.lead, LATER)] == [late]
        hits = search(session, house.lead, gone.number, LATER).hits
        assert [hit.case_number for hit in hits] == [kept.number]
        with pytest.raises(Conflict, match="merged"):
            cases.add_note(session, house.lead, early, "x", LATER)
        with pytest.raises(Conflict, match="came_merged"):
            joining.take_apart(session, house.lead, late, first, "x", LATER)
    _unmerge(house, early)
    after = [_see(house, each) for each in (early, late)]
    assert [replace(one, events=()) for one in after] == [replace(one, events=()) for one in before]
    assert [event.kind for event in after[0].events] == ["unmerged_from", "merged_into", "opened"]
    assert after[1].events[0].text == "hai vụ"
    with transaction(house.db) as session:
        hits = search(session, house.lead, "be na", LATER).hits
        assert [hit.case_id for hit in hits] == [early]
        acts = session.scalars(
            select(AuditRow.act).where(AuditRow.detail.like("merge%")).order_by(AuditRow.id)
        ).all()
        assert sorted(acts) == ["change", "change", "undo", "undo"]


def test_merges_are_undone_one_after_the_other(house: House, first: RecordId, second: RecordId) -> None:
    third = told(house, {}, LATER)
    a, b, c = opened(house, first), opened(house, second, house.binh), opened(house, third)
    _merge(house, c, b)
    _merge(house, b, a)
    assert [one.id for one in _see(house, a).records] == [first, second, third]
    pointed = _see(house, c).merged_into
    assert pointed is not None
    assert pointed.id == a
    with pytest.raises(Conflict, match="merged"):
        _unmerge(house, c)
    _unmerge(house, b)
    assert [one.id for one in _see(house, b).records] == [second, third]
    assert [one.id for one in _see(house, a).records] == [first]
    _unmerge(house, c)
    assert [[one.id for one in _see(house, each).records] for each in (a, b, c)] == [
        [first],
        [second],
        [third],
    ]
    with pytest.raises(Conflict, match="not_merged"):
        _unmerge(house, c)


def test_nobody_merges_what_they_may_not_write_to(
    house: House, first: RecordId, second: RecordId
) -> None:
    mine, theirs = opened(house, first), opened(house, second, house.binh)
    for who in (house.an, house.binh, house.far_lead):
        with pytest.raises(NotVisible):
            _merge(house, mine, theirs, who)
    with pytest.raises(Conflict, match="itself"):
        _merge(house, mine, mine)
    with transaction(house.db) as session:
        session.get_one(CaseRow, theirs).closed_at = LATER
    with pytest.raises(Conflict, match="closed"):
        _merge(house, mine, theirs)
    _merge(house, theirs, mine)
    _unmerge(house, theirs)
    assert _see(house, theirs).closed_at == LATER


def test_one_child_in_two_records_is_one_child_that_keeps_its_id(
    house: House, first: RecordId, second: RecordId
) -> None:
    case_id = opened(house, first)
    _joined(house, second, case_id, house.binh)
    na, again = _see(house, case_id).children
    with transaction(house.db) as session:
        joining.same_child(session, house.an, case_id, again.id, na.id, LATER)
    (child,) = _see(house, case_id).children
    assert (child.id, child.ids) == (na.id, (na.id, again.id))
    assert child.fields == {"name": "Bé Na", "age": "9", "school": "Kim Bôi 2"}
    assert child.differing() == {"name": ("Bé Na", "Na")}
    with transaction(house.db) as session:
        with pytest.raises(Conflict, match="itself"):
            joining.same_child(session, house.an, case_id, na.id, again.id, LATER)
        joining.not_same_child(session, house.an, case_id, again.id, LATER)
        with pytest.raises(Conflict, match="not_marked"):
            joining.not_same_child(session, house.an, case_id, again.id, LATER)
    assert [one.id for one in _see(house, case_id).children] == [na.id, again.id]
    stranger = told(house, {"child.1.name": "Bo"}, LATER)
    (bo,) = _see(house, opened(house, stranger)).children
    with pytest.raises(NotVisible), transaction(house.db) as session:
        joining.same_child(session, house.an, case_id, na.id, bo.id, LATER)


def test_marks_of_one_child_may_come_in_any_order() -> None:
    in_order = [
        ToldChild(child, RecordId(child), {"name": str(child)})  # type: ignore[arg-type]
        for child in (4, 2, 7, 5)
    ]
    for same in ([(7, 4), (4, 2)], [(4, 2), (7, 2)], [(2, 4), (9, 5), (7, 2), (7, 4)]):
        first, alone = children(in_order, same)
        assert (first.id, first.ids, first.fields["name"]) == (2, (4, 2, 7), "4")
        assert (alone.id, alone.position) == (5, 2)


def test_a_caller_of_a_joined_record_is_known_by_the_case(
    house: House, first: RecordId, second: RecordId
) -> None:
    case_id = opened(house, first)
    _joined(house, second, case_id, house.binh)
    again = Story(number="0988777666", at=LATER + timedelta(hours=1)).answered_call("hn01")
    house.apply(again)
    with transaction(house.db) as session:
        found = earlier(session, house.an, again.call_id, LATER)
    assert [one.case_id for one in found.open_cases] == [case_id]


def test_the_number_of_statements_does_not_grow_with_the_records(
    house: House, first: RecordId, second: RecordId
) -> None:
    case_id = opened(house, first)
    _joined(house, second, case_id, house.binh)
    with counted(house.db) as before:
        _see(house, case_id)
    for minutes in (1, 2, 3):
        more = told(house, NA, LATER + timedelta(minutes=minutes), "0900000001")
        _joined(house, more, case_id)
    with counted(house.db) as after:
        assert len(_see(house, case_id).records) == 5
    assert len(after) == len(before)
