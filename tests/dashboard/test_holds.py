"""Legal holds on their page: put and lifted with a reason, by who may read what is held."""

import re

import pytest
from sqlalchemy import select

from hotline.audit import AuditRow
from hotline.clock import utc_now
from hotline.db import reading
from hotline.ids import CaseId
from intake.cases import cases
from intake.retention import legal_holds
from tests.dashboard.conftest import Face


def _number(face: Face, case: CaseId) -> str:
    with reading(face.db) as session:
        return cases.case(session, face.an, case, utc_now()).number


def test_a_case_is_held_and_let_go_with_a_reason(face: Face) -> None:
    record = face.record_of(face.past(face.an), face.an)
    number = _number(face, face.open_case(record, face.an))
    lead, department = face.browser(face.center_lead), face.browser(face.department)
    held = {"kind": "case", "named": number, "reason": "Tòa án Hà Nội cần", "until": ""}
    assert lead.post("/holds", held).status_code == 303
    page = department.get("/holds").text
    assert number in page
    assert "Tòa án Hà Nội cần" in page
    (hold,) = set(re.findall(r"/holds/(\d+)/lift", page))
    empty = department.post(f"/holds/{hold}/lift", {"reason": " "})
    assert (empty.status_code, "Cần lý do" in empty.text) == (422, True)
    assert department.post(f"/holds/{hold}/lift", {"reason": "Đã xử xong"}).status_code == 303
    assert "Đã xử xong" in lead.get("/holds").text
    assert "/lift" not in lead.get("/holds").text
    with reading(face.db) as session:
        (one,) = legal_holds.everything(session)
        assert (one.number, one.lifted_why) == (number, "Đã xử xong")
        acts = select(AuditRow.act).where(AuditRow.object_kind == "legal_hold").order_by(AuditRow.id)
        assert [act for act in session.scalars(acts) if act != "list"] == ["create", "close"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"named": "2026-HN-999999"}, "Không thấy hồ sơ nào như vậy"),
        ({"kind": "data_request", "named": "1"}, "Không thấy hồ sơ nào như vậy"),
        ({"reason": " "}, "Cần lý do"),
        ({"until": "2020-01-01"}, "Cần một ngày sau hôm nay"),
        ({"until": "9999-12-31"}, "Cần một ngày sau hôm nay"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    face: Face, changed: dict[str, str], said: str
) -> None:
    record = face.record_of(face.past(face.an), face.an)
    lead = face.browser(face.center_lead)
    typed = {"kind": "record", "named": str(record), "reason": "Công an cần hỏi lại", "until": ""}
    page = lead.post("/holds", typed | changed)
    assert (page.status_code, said in page.text) == (422, True)
    assert "Công an cần hỏi lại" in page.text or "reason" in changed


def test_nobody_holds_what_they_may_not_read(face: Face) -> None:
    record = face.record_of(face.past(face.an), face.an)
    held = {"kind": "record", "named": str(record), "reason": "x"}
    assert face.browser(face.center_lead).post("/holds", held).status_code == 303
    assert face.browser(face.department).post("/holds", held).status_code == 422
    page = face.browser(face.department).get("/holds").text
    assert "Không có gì đang được giữ" in page
    assert face.browser(face.lead).get("/holds").status_code == 404
