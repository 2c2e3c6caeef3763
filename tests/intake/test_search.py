from collections.abc import Sequence

import pytest
from sqlalchemy import select

from hotline import audit
from hotline.access import Viewer
from hotline.db import reading, transaction
from hotline.ids import CaseId, RecordId
from intake import search
from intake.cases import cases
from intake.records import records
from intake.search import Hit, Hits
from intake.searching import search_index
from intake.tables.cases import CaseRow
from tests.factories import NOON, Story
from tests.intake.conftest import House
from tests.queries import counted

TYPED = {
    "caller_name": "Lò Văn Pó",
    "child.1.name": "Nguyễn Thị Đào",
    "child.2.name": "Sùng A Chư",
    "place": "xã Kim Bôi, tỉnh Phú Thọ",
    "place_unit": "2024:19138",
    "content": "Hàng xóm nghe tiếng khóc, mẹ cháu dùng số 0987 654 321",
}


def found(house: House, query: str, by: Viewer | None = None) -> Hits:
    with transaction(house.db) as session:
        return search.search(session, by or house.an, query, NOON)


def numbers(hits: Hits) -> Sequence[int | None]:
    return [hit.record_id for hit in hits.hits]


@pytest.fixture
def written(house: House) -> RecordId:
    """An answered call's record in which An has written."""
    story = Story(number="+84912345678").answered_call()
    house.apply(story)
    record_id = house.record_of(story)
    with transaction(house.db) as session:
        records.autosave(session, house.an, record_id, 0, TYPED, NOON)
    return record_id


@pytest.mark.parametrize(
    "query",
    [
        "Nguyễn Thị Đào",
        "dao nguyen thi",
        "NGUYEN thi đ",
        "sung a chu",
        "kim boi dao",
        "phú thọ",
        "xa phuc trach bo trach quang binh",
        "phong nha, quang tri",
        "tieng khoc",
        "0912345678",
        "+84 912 345 678",
        "091234",
        "5678",
        "0987654321",
        "lo van po",
    ],
)
def test_found_by_number_name_place_or_text(house: House, written: RecordId, query: str) -> None:
    assert numbers(found(house, query)) == [written]


@pytest.mark.parametrize(
    "query", ["", "  ", "--", "Đào Hùng", "nguyen thi da x", "0912999", '"', "* OR *"]
)
def test_not_found(house: House, written: RecordId, query: str) -> None:
    assert found(house, query) == Hits()


def test_what_is_no_longer_told_is_no_longer_found(house: House, written: RecordId) -> None:
    with transaction(house.db) as session:
        records.autosave(session, house.an, written, 1, {"child.1.name": "Nguyễn Thị Mận"}, NOON)
    assert found(house, "dao").hits == ()
    assert numbers(found(house, "man")) == [written]


def test_only_by_whom_it_concerns(house: House, written: RecordId) -> None:
    assert numbers(found(house, "dao", house.lead)) == [written]
    for stranger in (house.binh, house.far, house.far_lead):
        assert found(house, "dao", stranger) == Hits()


def test_whoever_talked_with_the_caller_finds_it(house: House) -> None:
    story = Story().arrived().waiting().rang("hn01").talk("hn01").later(9).talk_ended("hn01")
    story.rang("dn01").talk("dn01").later(9).talk_ended("dn01").ended()
    house.apply(story)
    with transaction(house.db) as session:
        record = records.record_of_call(session, house.far, story.call_id, NOON)
        assert record is not None
        records.autosave(session, house.far, record.id, 0, TYPED, NOON)
    for who in (house.an, house.far, house.far_lead):
        assert numbers(found(house, "dao", who)) == [record.id]
    assert found(house, "dao", house.binh) == Hits()


def test_a_case_is_found_by_its_number_and_notes_and_stands_with_its_record(
    house: House, written: RecordId
) -> None:
    with transaction(house.db) as session:
        case_id = cases.open_from_record(session, house.an, written, NOON)
        shown = cases.add_note(session, house.an, case_id, "Đã báo công an xã Tú Sơn", NOON)
    for query in (shown.number, shown.number[-6:], "cong an tu son", "dao"):
        (hit,) = found(house, query).hits
        assert (hit.record_id, hit.case_id, hit.case_number) == (written, case_id, shown.number)


def test_who_reads_the_case_alone_does_not_find_who_told_it(house: House, written: RecordId) -> None:
    """A case that was given to Đà Nẵng, whose record was not (NĐ 56/2017 Đ24)."""
    case_id = _given_away(house, written)
    (hit,) = found(house, "dao", house.far).hits
    assert (hit.record_id, hit.case_id) == (None, case_id)
    assert found(house, "lo van po", house.far) == Hits()


def _given_away(house: House, written: RecordId) -> CaseId:
    with transaction(house.db) as session:
        case_id = cases.open_from_record(session, house.an, written, NOON)
        row = session.get_one(CaseRow, case_id)
        row.owner_id, row.center_id = house.far.staff_id, house.far.center_id
        search_index.write_case(session, row)
    return case_id


def test_shows_where_it_was_found_with_its_marks(house: House, written: RecordId) -> None:
    (hit,) = found(house, "khoc").hits
    assert hit.extract is not None
    assert (hit.extract.field, hit.extract.found) == ("content", "khóc")
    assert hit.extract.before.endswith("nghe tiếng ")
    assert hit.extract.after.startswith(", mẹ")
    assert hit.place == "xã Kim Bôi, tỉnh Phú Thọ, Xã Phúc Trạch, huyện Bố Trạch, Quảng Bình"


def test_a_childs_address_shows_by_which_of_its_names_it_was_found(
    house: House, written: RecordId
) -> None:
    with transaction(house.db) as session:
        records.autosave(session, house.an, written, 1, {"child.2.address_unit": "2024:25216"}, NOON)
    (hit,) = found(house, "sung a chu").hits
    assert hit.extract is not None
    assert hit.extract.field == "child.2.name"
    (hit,) = found(house, "phuoc long dong").hits
    assert hit.extract is not None
    assert (hit.extract.field, hit.extract.found) == ("child.2.address_unit", "Phước")
    assert hit.extract.after.endswith("Phường Phước Long, Đồng Nai")


def test_the_newest_comes_first_and_older_ones_are_said_to_be_there(house: House) -> None:
    made = []
    for _ in range(search.SHOWN + 1):
        story = Story().arrived().waiting().rang("hn01").talk("hn01")
        house.apply(story)
        made.append(house.record_of(story))
    hits = found(house, "0912345678")
    assert numbers(hits) == made[:0:-1]
    assert hits.more


def test_many_hits_cost_as_many_queries_as_one(house: House, written: RecordId) -> None:
    with transaction(house.db) as session, counted(house.db) as one:
        search.search(session, house.an, "dao", NOON)
    for _ in range(5):
        house.apply(Story(number="+84912345678").answered_call())
    with transaction(house.db) as session, counted(house.db) as many:
        assert len(search.search(session, house.an, "0912345678", NOON).hits) == 6
    assert len(many) == len(one)


def test_a_search_is_on_record_without_its_words(house: House, written: RecordId) -> None:
    found(house, "dao")
    with reading(house.db) as session:
        row = session.scalars(select(audit.AuditRow).where(audit.AuditRow.act == audit.Act.SEARCH)).one()
        assert (row.staff_id, row.detail) == (house.an.staff_id, str(written))


def test_the_hit_of_a_call_nobody_wrote_about(house: House) -> None:
    house.apply(Story(number="+84900000009").answered_call())
    (hit,) = found(house, "0900000009").hits
    assert isinstance(hit, Hit)
    assert (hit.state, hit.extract, hit.number) == ("draft", None, "***009")


def test_who_reads_the_case_and_not_the_call_neither_sees_the_number_nor_finds_it_by_it(
    house: House, written: RecordId
) -> None:
    with transaction(house.db) as session:
        case_id = cases.open_from_record(session, house.an, written, NOON)
        session.get_one(CaseRow, case_id).owner_id = house.binh.staff_id
        search_index.write_case(session, session.get_one(CaseRow, case_id))
    (hit,) = found(house, "dao nguyen", house.binh).hits
    assert (hit.case_id, hit.record_id, hit.number) == (case_id, None, "***678")
    for query in ("5678", "0912345678", "0912 345 678"):
        assert found(house, query, house.binh).hits == ()
        assert found(house, query, house.an).hits[0].number == "***678"
