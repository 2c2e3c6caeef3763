from datetime import datetime, timedelta

import pytest

from hotline.access import Viewer
from hotline.db import transaction
from hotline.errors import NotVisible
from hotline.ids import CaseId, RecordId
from intake.cases import candidates, cases, joining
from intake.cases.candidates import Candidate
from intake.forms.taxonomy import Way
from intake.records import arrivals, records
from intake.records.record_views import Arrival
from intake.searching.likeness import Why
from intake.tables.cases import CaseRow
from tests.factories import NOON
from tests.intake.conftest import House
from tests.intake.test_joining import opened, told
from tests.queries import counted

KIM_BOI = "Xã Kim Bôi, huyện Kim Bôi, Hòa Bình"
NA = {"child.1.name": "Bùi Thị Na", "child.1.age": "9", "place_unit": KIM_BOI}


def _like(
    house: House, record_id: RecordId, by: Viewer | None = None, now: datetime = NOON
) -> list[Candidate]:
    with transaction(house.db) as session:
        return list(candidates.candidates(session, by or house.an, record_id, now))


def _closed(house: House, case_id: CaseId, at: datetime) -> None:
    with transaction(house.db) as session:
        session.get_one(CaseRow, case_id).closed_at = at


def test_cases_that_may_be_the_same_come_with_why_the_likeliest_first(house: House) -> None:
    same = opened(house, told(house, NA, number="0911111111"))
    number = opened(house, told(house, {"child.1.name": "Tí"}, number="0922222222"))
    opened(house, told(house, {"child.1.name": "Na"}, number="0933333333"))
    again = told(house, {"child.1.name": "na bui thi", "place_unit": KIM_BOI}, number="0922222222")
    found = _like(house, again)
    assert [(one.id, one.why) for one in found] == [
        (same, (Why.NAME, Why.COMMUNE, Why.SAME_DAY)),
        (number, (Why.NUMBER, Why.SAME_DAY)),
    ]
    assert found[0].children == ("Bùi Thị Na",)
    assert _like(house, told(house, {}, number="0944444444")) == []
    opened(house, again)
    assert _like(house, again) == []  # it stands in a case


def test_of_anothers_case_only_that_it_is_there(house: House) -> None:
    theirs = opened(house, told(house, NA, phone="dn01"), house.far)
    (one,) = _like(house, told(house, NA, number="0922222222"))
    assert (one.id, one.number, one.center.name) == (theirs, "2026-DN-000001", "Đà Nẵng")
    assert (one.readable, one.place, one.owner, one.children) == (False, "", "", ())
    with transaction(house.db) as session, pytest.raises(NotVisible):
        candidates.candidates(session, house.far, told(house, NA), NOON)


def test_who_is_shown_a_case_may_join_to_it_and_to_no_other(house: House) -> None:
    theirs = opened(house, told(house, NA, phone="dn01"), house.far)
    other = opened(house, told(house, {}, number="0922222222", phone="dn01"), house.far)
    mine = told(house, NA, number="0933333333")
    with transaction(house.db) as session:
        with pytest.raises(NotVisible):
            candidates.joinable(session, house.an, mine, other, NOON)
        row = candidates.joinable(session, house.an, mine, theirs, NOON)
        joining.join_record(session, house.an, mine, row, "", NOON)
        view = cases.case(session, house.far, theirs, NOON)
        assert [one.id for one in view.records][1:] == [mine]


def test_cases_closed_of_late_are_shown_and_older_ones_are_not(house: House) -> None:
    late, old = (opened(house, told(house, NA, number=f"09{n}0000000")) for n in (1, 2))
    _closed(house, late, NOON - timedelta(days=89))
    _closed(house, old, NOON - timedelta(days=91))
    assert [(one.id, one.closed) for one in _like(house, told(house, NA))] == [(late, True)]


def test_marks_follow_what_is_written_and_what_is_merged(house: House) -> None:
    first = told(house, {"child.1.name": "Lò Văn Pó"}, number="0911111111")
    case_id = opened(house, first)
    with transaction(house.db) as session:
        records.autosave(session, house.an, first, 2, {"child.1.name": "Giàng A Pó"}, NOON)
    assert _like(house, told(house, {"child.1.name": "Lò Văn Pó"}, number="0922222222")) == []
    again = told(house, {"child.1.name": "Giàng A Pó"}, number="0933333333")
    assert [one.id for one in _like(house, again)] == [case_id]
    other = opened(house, told(house, {}, number="0944444444"))
    with transaction(house.db) as session:
        joining.merge(session, house.an, case_id, other, "một vụ", NOON)
    assert [one.id for one in _like(house, again)] == [other]


@pytest.mark.parametrize("way", [Way.PRESS, Way.POST, Way.OFFICIAL_LETTER, Way.APP])
def test_what_came_by_another_way_is_a_case_like_any(house: House, way: Way) -> None:
    """Found as a possibility, opened, and joined to."""
    came = Arrival(way, NOON - timedelta(hours=2), NOON - timedelta(days=1))
    made = []
    for word in ("one", "two"):
        with transaction(house.db) as session:
            made.append(arrivals.open_by_hand(session, house.an, came, f"{way}-{word}", NOON))
            records.autosave(session, house.an, made[-1], 0, NA, NOON)
    case_id = opened(house, made[0])
    (one,) = _like(house, made[1])
    assert (one.id, one.why) == (case_id, (Why.NAME, Why.COMMUNE, Why.SAME_DAY, Why.AGE))
    with transaction(house.db) as session:
        row = candidates.joinable(session, house.an, made[1], case_id, NOON)
        joining.join_record(session, house.an, made[1], row, "", NOON)
        view = cases.case(session, house.an, case_id, NOON)
    assert [each.arrival for each in view.records] == [came, came]
    assert (view.received_at, view.calls) == (came.received_at, ())


def test_the_number_of_statements_does_not_grow_with_what_is_found(house: House) -> None:
    again = told(house, NA, number="0999999999")
    counts = []
    for _ in range(2):
        for n in range(4):
            opened(house, told(house, NA, number=f"09100000{n}0"))
        with counted(house.db) as statements:
            assert len(_like(house, again)) >= 4
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 14
