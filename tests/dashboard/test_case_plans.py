"""The plan's pages: writing it, submitting it, answering it, telling what became of it."""

import re
from datetime import timedelta

import pytest

from dashboard.formats import moment_field
from hotline.clock import utc_now
from hotline.db import transaction
from hotline.ids import CaseId
from intake.cases.flow import State
from intake.plans import case_plans
from intake.tables.cases import CaseRow
from tests.dashboard.conftest import Browser, Face
from tests.plans import CHAIR, WHOLE
from tests.queries import counted


@pytest.fixture
def planning(face: Face) -> CaseId:
    """A case of An's whose next step is the plan."""
    case_id = face.open_case(face.record_of(face.past(face.an), face.an), face.an)
    with transaction(face.db) as session:
        session.get_one(CaseRow, case_id).state = State.PLANNING
    return case_id


def _form(version: int, revision: int, **given: str) -> dict[str, str]:
    texts = {f"plan.{name}": text for name, text in WHOLE.items()}
    return {"version": str(version), "revision": str(revision), **texts, **given}


def _submit(browser: Browser, case_id: CaseId, **given: str) -> None:
    form = _form(1, 0, deed="submit", **given)
    assert browser.post(f"/cases/{case_id}/plan", form).status_code == 303


def test_a_plan_is_written_submitted_and_answered_on_its_page(
    face: Face, an: Browser, planning: CaseId
) -> None:
    path = f"/cases/{planning}/plan"
    assert f'href="{path}"' in an.get(f"/cases/{planning}").text
    half = _form(1, 0, **{"plan.action.2.due": "", "deed": "submit"})
    refused = an.post(path, half)
    assert refused.status_code == 422
    assert refused.text.count("Cần điền mục này.") == 2, "the day, and who approves"
    assert "Trợ giúp khẩn cấp cho gia đình" in an.get(path).text, "it is kept all the same"
    named = {"deed": "submit", "approver_id": str(face.lead.staff_id)}
    assert an.post(path, _form(1, 1, **named)).status_code == 303
    assert 'name="decision"' not in an.get(path).text
    lead = face.browser(face.lead)
    assert 'name="decision"' in lead.get(path).text
    unsaid = lead.post(f"{path}/1/decision", {"decision": "returned", "number": "12/QĐ"})
    assert unsaid.status_code == 422
    assert 'value="12/QĐ"' in unsaid.text
    told = {"decision": "returned", "comment": "Ai đưa bé đi khám?"}
    assert lead.post(f"{path}/1/decision", told).status_code == 303
    again = lead.post(f"{path}/1/decision", {"decision": "approved"})
    assert (again.status_code, "vừa được người khác trả lời" in again.text) == (409, True)
    assert "Ai đưa bé đi khám?" in an.get(path).text


def test_of_two_who_write_the_second_sees_what_changed_and_keeps_their_words(
    face: Face, an: Browser, planning: CaseId
) -> None:
    path = f"/cases/{planning}/plan"
    assert an.post(path, _form(1, 0)).status_code == 303
    assert an.post(path, _form(1, 1, **{"plan.source": "Quỹ Bảo trợ"})).status_code == 303
    lead = face.browser(face.lead)
    second = lead.post(path, _form(1, 1, **{"plan.action.1.person": "Bác sĩ Lan"}))
    assert second.status_code == 409
    assert face.an.name in second.text
    assert 'value="Bác sĩ Lan"' in second.text
    stored = re.findall(r'class="stored">[^<]*?: ([^<]*)<', second.text.replace("Bản đang lưu:", ":"))
    assert [text.strip() for text in stored] == ["Bác sĩ Hoa", "Quỹ Bảo trợ"]
    assert 'name="revision" value="2"' in second.text, "saved again it is over what was shown"


def test_an_error_shows_what_was_typed_beside_what_is_wrong(an: Browser, planning: CaseId) -> None:
    wrong = _form(1, 0, **{"plan.action.1.cost": "vài trăm nghìn"})
    answer = an.post(f"/cases/{planning}/plan", wrong)
    assert answer.status_code == 422
    assert 'value="vài trăm nghìn"' in answer.text
    assert "Số tiền viết như" in answer.text


def test_results_are_told_and_what_is_late_stands_on_the_case_and_in_the_list(
    face: Face, an: Browser, planning: CaseId
) -> None:
    late = {"plan.action.1.due": "2026-01-05", "plan.action.2.due": "2026-01-06"}
    _submit(an, planning, approver=CHAIR, **late)
    lead = face.browser(face.lead)
    answered = {"decision": "approved", "number": "12/QĐ-UBND"}
    assert lead.post(f"/cases/{planning}/plan/1/decision", answered).status_code == 303
    assert "0 trên 2 việc đã làm" in an.get(f"/cases/{planning}").text
    with counted(face.db) as asked:
        assert "2 việc của kế hoạch quá hạn" in an.get("/cases").text
    assert len(asked) <= 12
    with transaction(face.db) as session:
        found = case_plans.plans(
            session, face.an, planning, session.get_one(CaseRow, planning).opened_at
        )
    action = found.versions[0].actions[0].id
    path = f"/cases/{planning}/plan/actions/{action}"
    assert an.post(path, {"outcome": "done", "result": " "}).status_code == 422
    assert (
        an.post(path, {"outcome": "done", "result": "Bé đã khám", "evidence": "Sổ khám"}).status_code
        == 303
    )
    page = an.get(f"/cases/{planning}/plan").text
    assert "Bé đã khám" in page
    assert "Bé đã khám" in an.get(f"/cases/{planning}").text
    assert "1 việc của kế hoạch quá hạn" in an.get("/cases").text
    assert face.browser(face.binh).get(f"/cases/{planning}/plan").status_code == 404


def test_an_approver_lets_another_stand_in(face: Face) -> None:
    boss, lead = face.browser(face.center_lead), face.browser(face.lead)
    given = {
        "delegate": str(face.lead.staff_id),
        "from_at": "",
        "until_at": "2020-01-01T08:00",
        "reason": "Đi công tác",
    }
    refused = boss.post("/delegations", given)
    assert refused.status_code == 422
    assert "Hạn phải sau lúc bắt đầu" in refused.text
    until = moment_field(utc_now() + timedelta(days=2))
    assert boss.post("/delegations", given | {"until_at": until}).status_code == 303
    assert "đang có hiệu lực" in lead.get("/delegations").text
    (end,) = re.findall(r"/delegations/\d+/end", boss.get("/delegations").text)
    assert lead.post(end).status_code == 404
    assert boss.post(end).status_code == 303
    assert "đã rút lại" in lead.get("/delegations").text
    assert face.browser(face.an).get("/delegations").status_code == 404
