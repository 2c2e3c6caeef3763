"""Places on the form: found while typing, kept as units, shown by name, with what an old one is now."""

import pytest

from dashboard import words
from dashboard.i18n import language
from hotline.db import transaction
from hotline.ids import RecordId
from intake.tables.records import RecordRow
from tests.dashboard.conftest import Browser, Face

OLD = "Xã Phúc Trạch, huyện Bố Trạch, Quảng Bình"


@pytest.fixture
def record(face: Face) -> RecordId:
    return face.record_of(face.answered(face.an), face.an)


def test_units_are_found_for_who_writes_records(face: Face, an: Browser) -> None:
    told = an.post("/places", {"q": "phuc trach"}).text
    assert told.count('role="option"') >= 3
    assert 'data-label="Xã Phúc Trạch, Hà Tĩnh">Xã Phúc Trạch, Hà Tĩnh</li>' in told
    assert f'{OLD} <span class="faint">→ nay: Xã Phong Nha, Quảng Trị</span>' in told
    assert an.post("/places", {"q": "gần nhà thờ họ"}).text.strip() == ""
    assert face.stranger().post("/places", data={"q": "phuc trach"}).status_code in {303, 401, 403}


def test_what_is_typed_is_kept_as_the_unit_and_shown_by_its_name(
    face: Face, an: Browser, record: RecordId
) -> None:
    saved = an.save(
        record, 0, {"place_unit": OLD.upper(), "child.1.address_unit": "nhà bà  ngoại"}
    ).json()
    assert saved["fields"] == {"place_unit": OLD, "child.1.address_unit": "nhà bà ngoại"}
    with transaction(face.db) as session:
        assert session.get_one(RecordRow, record).fields == {"place_unit": "2024:19138"}
    page = an.get(f"/records/{record}").text
    assert f'name="place_unit" value="{OLD}"' in page
    assert f"<ins>{OLD} → nay: Xã Phong Nha, Quảng Trị</ins>" in page
    conflict = an.save(record, 0, {"place_unit": "Phong Nha"}, tab="two").json()["conflicts"][0]
    assert (conflict["theirs"], conflict["yours"]) == (OLD, "Phong Nha")


def test_a_case_tells_what_the_place_is_now(face: Face, an: Browser, record: RecordId) -> None:
    an.save(record, 0, {"place_unit": OLD, "place": "xóm Chày", "child.1.address_unit": OLD})
    page = an.get(f"/cases/{face.open_case(record, face.an)}").text
    assert f"xóm Chày, {OLD}" in page
    assert page.count("nay: Xã Phong Nha, Quảng Trị") == 2


def test_a_district_is_said_to_be_many_and_a_divided_commune_all_it_may_be() -> None:
    vietnamese = language("vi")
    assert words.now_told(vietnamese, "2024:444") == "nay: 7 xã, phường của Hà Tĩnh"
    divided = words.now_told(vietnamese, "2024:00007")
    assert divided == "nay: Phường Ngọc Hà, Hà Nội / Phường Giảng Võ, Hà Nội"
    assert words.now_told(vietnamese, "2025:18547") == words.now_told(vietnamese, "chợ") == ""
