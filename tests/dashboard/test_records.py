"""Records and cases over HTTP: nothing typed is lost, and nobody is overwritten."""

import re

import pytest

from hotline.db import transaction
from hotline.ids import RecordId
from intake.tables.records import RecordRow
from tests.dashboard.conftest import Browser, Face
from tests.queries import counted


@pytest.fixture
def record(face: Face) -> RecordId:
    return face.record_of(face.answered(face.an), face.an)


def test_what_was_typed_is_saved_and_shown_again(an: Browser, record: RecordId) -> None:
    saved = an.save(record, 0, {"content": "Bé khóc.", "child.1.birth_date": "2/3/2015"}).json()
    assert saved["revision"] == 1
    assert saved["fields"] == {"content": "Bé khóc.", "child.1.birth_date": "02/03/2015"}
    text = an.get(f"/records/{record}").text
    assert "Bé khóc." in text
    assert 'value="02/03/2015"' in text


def test_a_record_shows_how_it_counts_for_child_helpline_international(
    an: Browser, record: RecordId
) -> None:
    assert "Nhóm của CHI" not in an.get(f"/records/{record}").text
    an.save(record, 0, {"problem": "trafficking"})
    assert 'Child Helpline International">Trẻ lạc, mất tích<' in an.get(f"/records/{record}").text
    an.post(f"/records/{record}/close", {"disposition": "prank", "on": "record"})
    assert 'Child Helpline International">Không phải tư vấn<' in an.get(f"/records/{record}").text


def test_an_offender_is_asked_about_for_each_child_when_there_are_several(
    face: Face, an: Browser, record: RecordId
) -> None:
    an.save(record, 0, {"offender.1.relation": "step_parent", "child.1.age": "9"})
    assert "relation_2" not in an.get(f"/records/{record}").text
    an.save(record, 1, {"offender.1.relation_2": "parent"})
    page = an.get(f"/records/{record}").text
    assert 'name="child.2.age"' in page
    asked = page.partition('name="offender.1.relation_2"')[2].partition("</select>")[0]
    assert '<option value="parent" selected>' in asked
    told = an.get(f"/cases/{face.open_case(record, face.an)}").text
    assert "<dt>Là gì của trẻ</dt><dd>Cha dượng, mẹ kế</dd>" in told
    assert "<dt>Là gì của trẻ 2</dt><dd>Cha, mẹ</dd>" in told


def test_two_tabs_get_both_texts(an: Browser, record: RecordId) -> None:
    an.save(record, 0, {"content": "một", "place": "Kim Bôi"}, tab="one")
    saved = an.save(record, 0, {"content": "hai", "advice": "Gọi lại"}, tab="two").json()
    (conflict,) = saved["conflicts"]
    assert (conflict["field"], conflict["theirs"], conflict["yours"]) == ("content", "một", "hai")
    assert saved["fields"]["advice"] == "Gọi lại"
    kept = an.get(f"/records/{record}").text
    assert "Chữ chưa vào phiếu" in kept
    assert "hai" in kept


def test_a_conflict_about_a_choice_is_told_in_words(an: Browser, record: RecordId) -> None:
    an.save(record, 0, {"problem": "violence"}, tab="one")
    saved = an.save(record, 0, {"problem": "neglect"}, tab="two").json()
    assert saved["conflicts"][0]["shown"] == "Bạo lực"


def test_an_over_long_field_gets_a_clear_message_and_nothing_is_lost(
    an: Browser, record: RecordId
) -> None:
    long = "x" * 400
    saved = an.save(record, 0, {"caller_name": long, "content": "còn đây"}).json()
    assert "dài quá mức" in saved["errors"]["caller_name"]
    assert saved["fields"] == {"content": "còn đây"}
    assert "x" * 200 in an.get(f"/records/{record}").text


@pytest.mark.parametrize(
    "body",
    [
        {"base_revision": -1, "changes": {}},
        {"base_revision": 10**12, "changes": {}},
        {"base_revision": 7, "changes": {}},
        {"base_revision": 0, "tab": "\x00", "changes": {}},
        {"base_revision": 0, "changes": {"content": 5}},
        {},
    ],
)
def test_a_malformed_save_is_refused_in_words(
    an: Browser, record: RecordId, body: dict[str, object]
) -> None:
    headers = {"X-CSRF-Token": "a-token-that-forms-carry", "Accept": "application/json"}
    answer = an.client.post(f"/records/{record}/autosave", json=body, headers=headers)
    assert answer.status_code == 422
    assert "còn nguyên" in answer.json()["message"]


def test_strange_signs_do_no_harm(an: Browser, record: RecordId) -> None:
    strange = "'\"><script>alert(1)</script>\x00\ud83d😀"
    body = (
        '{"base_revision": 0, "changes": {"content": "\'\\"><script>alert(1)</script>\\u0000\\ud83d😀"}}'
    )
    headers = {
        "X-CSRF-Token": "a-token-that-forms-carry",
        "Accept": "application/json",
        "Content-Type": "application/json",
    }
    answer = an.client.post(f"/records/{record}/autosave", content=body.encode(), headers=headers)
    assert answer.status_code == 200, strange[:1]
    text = an.get(f"/records/{record}").text
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;😀" in text


@pytest.mark.parametrize(
    "path", ["/records/99999999999999999999", "/records/abc", "/calls/%00", "/calls/a%20b", "/cases/-1"]
)
def test_an_address_that_nothing_can_have_is_not_found(an: Browser, path: str) -> None:
    assert an.get(path).status_code == 404


def test_a_step_without_its_answers_says_what_is_missing_and_keeps_the_rest(
    face: Face, an: Browser, record: RecordId
) -> None:
    case = face.open_case(record, face.an)
    answer = an.post(f"/cases/{case}/steps/report_to_commune", {"answer.recipient": "UBND xã Kim Bôi"})
    assert answer.status_code == 422
    assert "Cần điền mục này." in answer.text
    assert 'value="UBND xã Kim Bôi"' in answer.text


def test_a_case_moves_on_and_tells_its_story(face: Face, an: Browser, record: RecordId) -> None:
    case = face.open_case(record, face.an)
    done = {"answer.recipient": "UBND xã Kim Bôi", "answer.acknowledged_by": "Ông Hạnh"}
    lacking = "Còn thiếu: nơi xảy ra"
    assert lacking in an.get(f"/cases/{case}").text
    refused = an.post(f"/cases/{case}/steps/report_to_commune", done)
    assert (refused.status_code, lacking in refused.text) == (422, True)
    assert 'value="Ông Hạnh"' in refused.text
    an.save(record, 0, {"place": "thôn Bãi"})
    assert lacking not in an.get(f"/cases/{case}").text
    assert an.post(f"/cases/{case}/steps/report_to_commune", done).status_code == 303
    assert an.post(f"/cases/{case}/steps/report_to_commune", done).status_code == 409
    assert an.post(f"/cases/{case}/notes", {"note": "Công an đã đến."}).status_code == 303
    text = an.get(f"/cases/{case}").text
    assert "Đã chuyển tin cho UBND xã" in text
    assert "Công an đã đến." in text
    assert "Đánh giá nguy cơ ban đầu" in text


def test_a_case_is_refused_by_a_lead_on_its_page_and_who_only_reads_sees_no_form(
    face: Face, an: Browser, record: RecordId
) -> None:
    case = face.open_case(record, face.an)
    refusal = f'action="/cases/{case}/steps/refuse"'
    assert refusal not in an.get(f"/cases/{case}").text
    lead = face.browser(face.lead)
    assert refusal in lead.get(f"/cases/{case}").text
    why = {"answer.ground": "unfounded"}
    tried = lead.post(f"/cases/{case}/steps/refuse", why)
    assert (tried.status_code, "Cần điền mục này." in tried.text) == (422, True)
    why["answer.reason"] = "không có ai ở địa chỉ này"
    assert an.post(f"/cases/{case}/steps/refuse", why).status_code == 403
    assert lead.post(f"/cases/{case}/steps/refuse", why).status_code == 303
    assert "không có ai ở địa chỉ này" in lead.get(f"/cases/{case}").text
    department = face.browser(face.department).get(f"/cases/{case}").text
    assert "/steps/" not in department
    assert "Đã từ chối" in department


@pytest.mark.parametrize("when", ["tomorrow", "2999-01-01T10:00"])
def test_a_note_about_a_time_that_cannot_be_keeps_its_words(
    face: Face, an: Browser, record: RecordId, when: str
) -> None:
    case = face.open_case(record, face.an)
    answer = an.post(f"/cases/{case}/notes", {"note": "Đã gọi lại.", "happened_at": when})
    assert answer.status_code == 422
    assert "Đã gọi lại.</textarea>" in answer.text
    assert "Giờ xảy ra phải là lúc đã qua." in answer.text


def test_the_keys_of_a_record_on_its_own_page_put_nothing_into_the_desk(
    face: Face, an: Browser, record: RecordId
) -> None:
    """A browser sends nothing at all when the place for the answer is not on the page."""
    an.save(record, 0, {"child.1.name": "Bé Na", "place_unit": "Xã Kim Bôi, huyện Kim Bôi, Hòa Bình"})
    page = an.get(f"/records/{record}").text
    targets = {each.lstrip("#") for each in re.findall(r'hx-target="([^"]+)"', page)}
    assert {each for each in targets if f'id="{each}"' not in page} == set()
    assert 'hx-target="#line"' in an.get(f"/desk/record/{record}", fragment=True).text


def test_a_page_of_one_record_takes_a_bounded_number_of_statements(
    face: Face, an: Browser, record: RecordId
) -> None:
    for revision in range(12):
        an.save(record, revision, {"content": f"lần {revision}"})
    case = face.open_case(record, face.an)
    for path in (f"/records/{record}", f"/cases/{case}"):
        with counted(face.db) as statements:
            assert an.get(path).status_code == 200
        assert len(statements) <= 27


def test_an_old_record_is_shown_and_kept_with_the_form_it_was_written_with(
    face: Face, an: Browser, record: RecordId
) -> None:
    new = an.get(f"/records/{record}").text
    assert 'data-person="offender"' in new
    assert 'name="offender"' not in new
    assert an.save(record, 0, {"offender.1.relation": "step_parent"}).json()["errors"] == {}
    with transaction(face.db) as session:
        session.get_one(RecordRow, record).form_version = 1
    old = an.get(f"/records/{record}").text
    assert 'name="offender"' in old
    assert 'data-person="offender"' not in old
    assert 'name="family"' not in old
    assert (
        "offender.1.relation" in an.save(record, 1, {"offender.1.relation": "parent"}).json()["errors"]
    )
