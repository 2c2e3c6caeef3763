"""Asking a child on the pages: from the notes beside the form to the counts of who leads."""

import re
from io import BytesIO

import pytest
from openpyxl import load_workbook

from dashboard import texts
from tests.dashboard.conftest import CSRF, Browser, Face

_YES = {"consent": "yes", "age": "12", "sex": "female"}


def _opened(face: Face) -> str:
    lead = face.browser(face.center_lead)
    answer = lead.post("/surveys", {})
    assert answer.status_code == 303
    return str(answer.headers["location"])


def _sent(page: str) -> dict[str, str]:
    """What the page of questions carries along."""
    return dict(re.findall(r'<input type="hidden" name="(group|sex|key)" value="([^"]*)">', page))


def _fresh_call(face: Face) -> tuple[str, int]:
    story = face.past(face.an, hours=0.05)
    return story.call_id, face.record_of(story, face.an)


def test_a_child_is_asked_and_who_leads_sees_counts(face: Face, an: Browser) -> None:
    call, record = _fresh_call(face)
    assert "hỏi ý kiến trẻ" not in an.get(f"/records/{record}/guidance").text
    results = _opened(face)
    assert f"/surveys/ask/{call}" in an.get(f"/records/{record}/guidance").text
    first = an.get(f"/surveys/ask/{call}").text
    assert "Con không cần nói tên" in first
    questions = an.post(f"/surveys/ask/{call}", _YES).text
    assert "Con biết số 111 từ đâu?" in questions
    assert "/surveys/ask/" not in an.get(f"/records/{record}/guidance").text
    sent = _sent(questions)
    assert (sent["group"], sent["sex"]) == ("11-14", "female")
    wrong = an.client.post(
        f"/surveys/answers/{call}",
        data=sent | {"q_again": ["yes", "no"], "q_listened": "4"},
        headers={"X-CSRF-Token": CSRF},
    )
    assert (wrong.status_code, "Chỉ chọn được một" in wrong.text) == (422, True)
    assert _sent(wrong.text) == sent
    over = an.post(f"/surveys/answers/{call}", sent | {"q_again": "yes", "q_heard_from": "school"})
    assert "Đã lưu câu trả lời" in over.text
    assert an.post(f"/surveys/answers/{call}", sent | {"q_again": "yes"}).status_code == 409
    cut = face.browser(face.department)
    page = cut.get(results).text
    assert re.search(r'Đã trả lời</th><td class="tabular">1<', page)
    assert "Con biết số 111 từ đâu?" not in page
    assert cut.post(f"{results}/close", {}).status_code == 303
    page = cut.get(results).text
    assert "Con biết số 111 từ đâu?" in page
    assert "Quá ít, che để không lộ ai" in page
    assert call not in page
    why = {"reason": "report", "words": "báo cáo gửi Cục"}
    assert cut.post(f"{results}/export", why | {"words": ""}).status_code == 422
    taken = cut.post(f"{results}/export", why)
    sheet = load_workbook(BytesIO(taken.content)).active
    assert sheet is not None
    rows = [list(row[:2]) for row in sheet.values]
    assert ["Đã trả lời", 1] in rows
    assert ["Số trẻ trả lời", "–"] in rows
    assert face.browser(face.lead).get(f"{results}/export").status_code == 404


@pytest.mark.parametrize(
    ("typed", "status", "said"),
    [
        ({"consent": "no"}, 200, "Trẻ không muốn"),
        ({"consent": "yes", "age": "4", "sex": "male"}, 200, "không hỏi tuổi này"),
        ({"consent": "yes", "age": "mười"}, 422, "Ghi tuổi, số năm tròn"),
        ({}, 422, "Chọn trẻ có đồng ý không"),
    ],
)
def test_what_a_child_says_first(
    face: Face, an: Browser, typed: dict[str, str], status: int, said: str
) -> None:
    call, _ = _fresh_call(face)
    _opened(face)
    answer = an.post(f"/surveys/ask/{call}", typed)
    assert (answer.status_code, said in answer.text) == (status, True)


def test_a_child_may_stop_and_nothing_is_kept(face: Face, an: Browser) -> None:
    call, _ = _fresh_call(face)
    results = _opened(face)
    sent = _sent(an.post(f"/surveys/ask/{call}", _YES).text)
    assert "Không câu nào được lưu" in an.post(f"/surveys/answers/{call}", sent | {"stop": "1"}).text
    page = face.browser(face.center_lead).get(results).text
    assert re.search(r'Dừng giữa chừng</th><td class="tabular">1<', page)
    assert "Số trẻ trả lời theo tháng" not in page
    assert "đã được hỏi" in an.post(f"/surveys/ask/{call}", _YES).text


def test_a_closed_survey_is_asked_no_more_and_its_version_not_opened_again(
    face: Face, an: Browser
) -> None:
    call, record = _fresh_call(face)
    results = _opened(face)
    lead = face.browser(face.center_lead)
    assert lead.post("/surveys", {}).status_code == 409
    assert lead.post(f"{results}/close", {}).status_code == 303
    assert "/surveys/ask/" not in an.get(f"/records/{record}/guidance").text
    assert "không có đợt lấy ý kiến" in an.get(f"/surveys/ask/{call}").text
    again = lead.post("/surveys", {})
    assert (again.status_code, "Đóng đợt cũ, hay tăng version" in again.text) == (409, True)


def test_the_file_that_comes_along_can_be_used() -> None:
    found = texts.survey()
    assert not found.reviewed
    assert {group.code for group in found.groups} == {"7-10", "11-14", "15-17"}
