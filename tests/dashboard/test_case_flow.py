"""Another owner, limits and separations on their pages."""

import re
from datetime import timedelta

import pytest

from hotline.clock import utc_now
from hotline.ids import RecordId
from intake.cases import case_warnings
from tests.dashboard.conftest import Browser, Face
from tests.queries import counted


@pytest.fixture
def record(face: Face, an: Browser) -> RecordId:
    found = face.record_of(face.past(face.an), face.an)
    an.save(found, 0, {"place": "thôn Bãi", "child.1.age": "9"})
    return found


def test_a_case_is_handed_on_on_its_page_and_leaves_who_may_not_read_it(
    face: Face, an: Browser, record: RecordId
) -> None:
    case = face.open_case(record, face.an)
    assert "Trần Văn Bình" in an.get(f"/cases/{case}").text
    tried = an.post(f"/cases/{case}/owner", {"to": str(face.binh.staff_id)})
    assert (tried.status_code, "Cần điền mục này." in tried.text) == (422, True)
    given = {"to": str(face.binh.staff_id), "reason": "hết ca trực"}
    assert an.post(f"/cases/{case}/owner", given).status_code == 303
    binh = face.browser(face.binh)
    assert "Giao ca: Nguyễn Thị An → Trần Văn Bình" in binh.get(f"/cases/{case}").text
    back = {"to": str(face.lead.staff_id), "reason": "cần trưởng ca"}
    answer = binh.post(f"/cases/{case}/owner", back)
    assert (answer.status_code, answer.headers["location"]) == (303, "/cases")
    assert binh.get(f"/cases/{case}").status_code == 404


def test_a_late_case_says_who_was_told_and_its_owner_takes_note_of_it(
    face: Face, an: Browser, record: RecordId
) -> None:
    case = face.open_case(record, face.an)
    assert "Đã nhắc" not in an.get(f"/cases/{case}").text
    case_warnings.watch(face.db, utc_now() + timedelta(minutes=41))
    page = an.get(f"/cases/{case}").text
    assert "Đã nhắc: trưởng ca" in page
    assert "Tôi đang xem" in page
    lead = face.browser(face.lead)
    assert "Ca quá hạn." in lead.get("/wallboard/board", fragment=True).text
    assert an.post(f"/cases/{case}/note-alarm").status_code == 303
    page = an.get(f"/cases/{case}").text
    assert "Nguyễn Thị An đang xem" in page
    assert f"/cases/{case}/note-alarm" not in page
    assert face.browser(face.binh).post(f"/cases/{case}/note-alarm").status_code == 404


def test_a_separation_is_renewed_and_ended_on_the_page(
    face: Face, an: Browser, record: RecordId
) -> None:
    case = face.open_case(record, face.an)
    for step, answers in (
        ("report_to_commune", {"recipient": "xã", "acknowledged_by": "Ông Hạnh"}),
        ("assess_risk", {"conclusion": "emergency"}),
        (
            "take_emergency_measure",
            {
                "kind": "separation",
                "days": "12",
                "decision_number": "1/QĐ",
                "measure": "về nhà bà",
                "agency": "UBND xã",
            },
        ),
    ):
        given = {f"answer.{name}": text for name, text in answers.items()}
        assert an.post(f"/cases/{case}/steps/{step}", given).status_code == 303
    page = an.get(f"/cases/{case}").text
    assert "Đ32.3 NĐ 56/2017" in page
    assert "còn được 3 ngày" in page
    found = re.search(rf"/cases/{case}/separations/\d+", page)
    assert found is not None
    apart = found[0]
    late = {"answer.days": "4", "answer.decision_number": "2/QĐ"}
    tried = an.post(f"{apart}/renew", late)
    assert (tried.status_code, "Quá số ngày được phép" in tried.text) == (422, True)
    assert 'value="2/QĐ"' in tried.text
    assert an.post(f"{apart}/renew", late | {"answer.days": "3"}).status_code == 303
    assert f"{apart}/renew" not in an.get(f"/cases/{case}").text
    assert an.post(f"{apart}/end", {"answer.where": "nhà bà ngoại"}).status_code == 303
    page = an.get(f"/cases/{case}").text
    assert apart not in page
    assert "nhà bà ngoại" in page


def test_limits_are_set_on_their_page_by_who_leads_the_center_or_more(face: Face) -> None:
    lead = face.browser(face.center_lead)
    assert "Đ26.3 NĐ 56/2017" in lead.get("/case-limits").text
    here = {"center": str(face.center_lead.center_id)}
    wrong = lead.post("/case-limits/emergency", here | {"amount": "24", "reason": "đường xa"})
    assert (wrong.status_code, "Luật không cho phép hạn này." in wrong.text) == (422, True)
    assert 'value="đường xa"' in wrong.text
    done = lead.post("/case-limits/emergency", here | {"amount": "8", "reason": "họp giao ban"})
    assert done.status_code == 303
    page = lead.get("/case-limits").text
    assert "họp giao ban" in page
    assert "8 giờ" in page
    for nobody in (face.lead, face.officer, face.auditor):
        assert face.browser(nobody).get("/case-limits").status_code == 404
    department = face.browser(face.department)
    assert "Phường Ba Đình" in department.get("/case-limits?unit=ba dinh").text
    assert department.get("/case-limits?unit=2025:00004").status_code == 200
    assert lead.get("/case-limits?unit=2025:00004").status_code == 404
    with counted(face.db) as statements:
        department.get("/case-limits")
    assert len(statements) <= 8
