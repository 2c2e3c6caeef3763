"""The list of cases: its filters, and the sheet."""

import re
from io import BytesIO

import pytest
from openpyxl import load_workbook

from dashboard import case_sheet
from dashboard.i18n import Language
from hotline.clock import local, utc_now
from hotline.db import transaction
from intake.cases import case_lists
from intake.cases.case_filters import CaseFilter
from tests.dashboard.conftest import Browser, Face
from tests.dashboard.test_case_joining import number_of, told
from tests.factories import person

one_database = pytest.mark.parametrize("db", ["sqlite"], indirect=True)
"""The rows are looked at on both in tests/intake; here it is about the pages."""

PURPOSE = {"reason": "report", "words": "Số liệu tháng 11 cho Cục."}


@one_database
def test_a_list_is_narrowed_kept_and_forgotten(face: Face, an: Browser) -> None:
    face.open_case(told(face, an, "0912345678", place_unit="Xã Kim Bôi, Phú Thọ"), face.an)
    assert "Kim Bôi" in an.get("/cases").text
    found = an.get("/cases?place=kim+boi&mine=1")
    assert found.headers["location"] == "/cases?mine=1&unit=2025%3A04978"
    text = an.get(found.headers["location"]).text
    assert 'value="Xã Kim Bôi, Phú Thọ"' in text
    assert number_of(text).endswith("-HN-000001")
    assert "Không có ca nào như bộ lọc này" in an.get("/cases?unit=2025:01").text
    assert "Không thấy đơn vị nào như vậy" in an.get("/cases?place=xyzxyz").text
    assert an.get("/cases?state=x&after=x&unit=x").status_code == 200
    wrong = an.post("/cases/filters", {"name": " ", "filter": "mine=1"})
    assert (wrong.status_code, "Cần một cái tên." in wrong.text) == (422, True)
    kept = an.post("/cases/filters", {"name": "Kim Bôi của tôi", "filter": "mine=1&unit=2025:04978"})
    text = an.get(kept.headers["location"]).text
    forget = re.search(r"/cases/filters/\d+/forget", text)
    assert forget is not None
    assert "Kim Bôi của tôi" in face.browser(face.an).get("/cases").text
    assert "Kim Bôi của tôi" not in face.browser(face.lead).get("/cases").text
    assert an.post(forget[0]).status_code == 303
    assert "Kim Bôi của tôi" not in an.get("/cases").text


@one_database
def test_a_sheet_holds_text_and_never_a_formula(face: Face, an: Browser) -> None:
    """A name may begin with what a spreadsheet takes for a formula (OWASP, CSV injection)."""
    with transaction(face.db) as session:
        cmd = person(session, phone="hn09", at=None, name='=HYPERLINK("http://x.example","x")')
    face.open_case(told(face, face.browser(cmd), "0912345678"), cmd)
    lead = face.browser(face.lead)
    assert "/cases/export?overdue=1" in lead.get("/cases?overdue=1").text
    answer = lead.post("/cases/export", {"filter": "risk="} | PURPOSE)
    assert 'attachment; filename="111-ca-' in answer.headers["Content-Disposition"]
    sheet = load_workbook(BytesIO(answer.content)).active
    assert sheet is not None
    rows = list(sheet.iter_rows(min_row=2))
    assert len(rows) == 1
    owner = rows[0][7]
    assert (owner.value, owner.data_type) == ('=HYPERLINK("http://x.example","x")', "s")
    received = rows[0][9].value
    assert abs((local(utc_now()).replace(tzinfo=None) - received).total_seconds()) < 2 * 3600
    for who in (face.an, face.admin):
        browser = face.browser(who)
        assert browser.get("/cases/export").status_code == 404
        assert browser.post("/cases/export", PURPOSE).status_code == 404
    assert "/cases/export" not in an.get("/cases").text
    with transaction(face.db) as session:
        lines, _ = case_lists.export(session, face.lead, CaseFilter(), 1, utc_now())
    for made_up, title in ((False, "111"), (True, "Made up")):
        written = case_sheet.write(Language("en"), lines, made_up=made_up)
        assert load_workbook(BytesIO(written)).sheetnames == [title]


@one_database
def test_a_sheet_is_given_out_for_a_purpose_that_the_auditor_reads(face: Face, an: Browser) -> None:
    face.open_case(told(face, an, "0912345678"), face.an)
    lead = face.browser(face.lead)
    form = lead.get("/cases/export?overdue=1").text
    assert 'name="filter" value="overdue=1"' in form
    for lacks, says in (({"reason": ""}, "Chọn một lý do."), ({"words": "số"}, "Ghi ít nhất vài chữ")):
        answer = lead.post("/cases/export", {"filter": "overdue=1"} | PURPOSE | lacks)
        assert (answer.status_code, says in answer.text) == (422, True)
    auditor = face.browser(face.auditor)
    assert "/audit/reasons/" not in auditor.get("/audit?act=export").text
    assert lead.post("/cases/export", {"filter": "overdue=1"} | PURPOSE).content[:2] == b"PK"
    rows = auditor.get("/audit?act=export").text
    assert "0 overdue=1" in rows
    reason = re.search(r"/audit/reasons/\d+", rows)
    assert reason
    told_there = auditor.get(reason[0]).text
    assert PURPOSE["words"] in told_there
    assert "Báo cáo cấp trên" in told_there


@one_database
def test_a_lead_gives_many_cases_to_a_colleague(face: Face, an: Browser) -> None:
    made = [face.open_case(told(face, an, f"091234567{n}"), face.an) for n in range(2)]
    lead = face.browser(face.lead)
    assert 'name="cases"' not in an.get("/cases").text
    assert an.post("/cases/assign", {"cases": str(made[0]), "to": "1", "reason": "x"}).status_code == 403
    assert lead.get("/cases").text.count('name="cases"') == 2
    wrong = lead.post("/cases/assign", {"cases": str(made[0]), "to": "0", "reason": "đổi ca"})
    assert (wrong.status_code, "Hãy chọn người nhận." in wrong.text) == (422, True)
    assert 'value="đổi ca"' in wrong.text
    assert wrong.text.count(" checked") == 1
    to = str(face.binh.staff_id)
    answer = lead.post("/cases/assign", {"cases": str(made[0]), "to": to, "reason": "đổi ca"})
    assert "Đã giao 1 ca cho Trần Văn Bình." in answer.text
    binh = face.browser(face.binh).get("/cases").text
    assert f'href="/cases/{made[0]}"' in binh
    assert f'href="/cases/{made[1]}"' not in binh
