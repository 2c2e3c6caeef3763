"""A request about personal data on its pages: registered, found, decided, approved, handed over."""

import re
from datetime import timedelta
from io import BytesIO

import pypdfium2
from docx import Document
from sqlalchemy import update

from dashboard import packet_work
from hotline.access import Role, Viewer
from hotline.clock import utc_now
from hotline.db import transaction
from hotline.ids import CaseId
from hotline.sessions import SessionRow
from intake.data_requests import late_requests
from intake.handovers import case_handovers
from intake.records import records
from intake.tables.data_requests import DataRequestRow
from tests import factories
from tests.dashboard.conftest import CSRF, Browser, Face
from tests.intake.test_case_handovers import DRAFT, LIMITS
from tests.queries import counted

TOLD = {
    "caller_name": "Bành Thị Đào",
    "call_back": "0988 111 222",
    "place_unit": "2025:04978",
    "risk": "emergency",
    "content": "Cô Đào kể: Na Nguyễn bị đánh, Bo Trần cũng thấy.",
    "child.1.name": "Na Nguyễn",
    "child.1.birth_date": "2015-02-03",
    "child.2.name": "Bo Trần",
}
ASKED = {
    "token": "t" * 20,
    "name": "Nguyễn Thị Na",
    "contact": "na@example.vn",
    "words": "Em muốn biết 111 giữ gì về em.",
    "relation": "child",
    "identity": "electronic",
    "want": "know",
    "way": "email",
    "received_at": "",
}


def _case(face: Face) -> tuple[int, CaseId]:
    """A case of two children, handed to their commune."""
    record = face.record_of(face.past(face.an, "0912345678"), face.an)
    with transaction(face.db) as session:
        records.autosave(session, face.an, record, 0, TOLD, utc_now())
    case = face.open_case(record, face.an)
    with transaction(face.db) as session:
        seen = case_handovers.prepare(session, face.an, case, DRAFT).digest
        case_handovers.send(session, face.an, case, DRAFT, seen, LIMITS, utc_now())
    return record, case


def _other_lead(face: Face) -> Viewer:
    with transaction(face.db) as session:
        return factories.person(session, Role.CENTER_LEAD, at=factories.center(session), name="Vũ Hai")


def _register(browser: Browser, **several: list[str]) -> str:
    """Where it leads."""
    answer = browser.client.post(
        "/data-requests",
        data={**ASKED, **several},
        headers={"X-CSRF-Token": CSRF},
        follow_redirects=False,
    )
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def _number(answer_location: str) -> int:
    return int(re.findall(r"/data-requests/(\d+)", answer_location)[0])


def _decided(lead: Browser, request: int) -> None:
    page = lead.post(f"/data-requests/{request}/find", {"q": "nguyen 2015"})
    assert page.status_code == 200, page.text
    (whose,) = re.findall(r'value="(\d+-\d+)">.*?Na Nguyễn · 03/02/2015', page.text)
    assert lead.post(f"/data-requests/{request}/objects", {"whose": whose}).status_code == 303
    page = lead.get(f"/data-requests/{request}")
    first, second = re.findall(rf"/data-requests/{request}/objects/(\d+)#", page.text)
    for one in (first, second):
        empty = lead.post(f"/data-requests/{request}/objects/{one}")
        assert (empty.status_code, "Cần điền mục này" in empty.text) == (422, True)
        said = {"know": "give", "copy": "give" if one == first else "part", "copy.ground": "others"}
        told = lead.post(f"/data-requests/{request}/objects/{one}", {**said, "excerpt": "Em bị đánh."})
        assert told.status_code == 303, told.text


def test_from_the_first_word_to_the_paper_that_is_handed_over(face: Face) -> None:
    _, case = _case(face)
    lead, other = face.browser(face.center_lead), face.browser(_other_lead(face))
    request = _number(_register(lead, want=["know", "copy"]))
    assert _number(_register(lead, want=["know", "copy"])) == request
    _decided(lead, request)
    assert lead.post(f"/data-requests/{request}/submit").status_code == 303
    own = lead.post(f"/data-requests/{request}/approve")
    assert (own.status_code, "không tự duyệt được" in own.text) == (409, True)
    with transaction(face.db) as session:
        long_ago = utc_now() - timedelta(hours=1)
        session.execute(update(SessionRow).values(proved_at=long_ago))
    assert other.post(f"/data-requests/{request}/approve").status_code == 403
    other = face.browser(other.viewer)
    assert other.post(f"/data-requests/{request}/approve").status_code == 303
    assert "Đang làm văn bản" in lead.get(f"/data-requests/{request}").text
    early = lead.post(f"/data-requests/{request}/deliver", {"handed": "email", "to": "Em Na"})
    assert (early.status_code, "chưa làm xong" in early.text) == (409, True)
    packet_work.make(request)
    again = lead.get(f"/data-requests/{request}/answer/pdf")
    assert (again.status_code, "/prove" in again.headers["location"]) == (303, True)
    lead = face.browser(lead.viewer)
    pdf = lead.get(f"/data-requests/{request}/answer/pdf").content
    word = lead.get(f"/data-requests/{request}/answer/docx").content
    (number,) = set(re.findall(r"\d{4}-HN-\d+", lead.get(f"/cases/{case}").text))
    for text in (_pdf_text(pdf), _word_text(word)):
        for told in ("Na Nguyễn", "03/02/2015", "Em bị đánh.", number, "Cán bộ trẻ em", "chưa ấn định"):
            assert told in text, (told, text)
        for secret in ("Đào", "0988", "0912", "345 678", "Bo Trần", "hàng xóm"):
            assert secret not in text
    page = lead.post(f"/data-requests/{request}/deliver", {"handed": "email", "to": "Em Na"})
    assert page.status_code == 303
    done = lead.get(f"/data-requests/{request}").text
    assert "Đã trả lời" in done
    assert "Em Na" in done


def _pdf_text(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    text = "\n".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return " ".join(text.split())


def _word_text(content: bytes) -> str:
    document = Document(BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return " ".join(" ".join([*(one.text for one in document.paragraphs), *cells]).split())


def test_what_is_missing_is_said_at_its_field_and_what_was_typed_stays(face: Face) -> None:
    lead = face.browser(face.center_lead)
    wrong = ASKED | {"relation": "parent", "identity": "", "want": "", "received_at": "2020-01-01T10:00"}
    page = lead.post("/data-requests", wrong)
    assert page.status_code == 422
    assert page.text.count('class="field-problem"') == 4
    assert "Em muốn biết 111 giữ gì về em." in page.text


def test_each_center_that_is_named_answers_for_itself(face: Face) -> None:
    lead = face.browser(face.center_lead)
    ids = re.findall(r'name="center" value="(\d+)"', lead.get("/data-requests").text)
    _register(lead, center=ids)
    assert len(re.findall(r'href="/data-requests/\d+"', lead.get("/data-requests").text)) == 1
    department = face.browser(face.department)
    seen = department.get("/data-requests").text
    assert len(re.findall(r'href="/data-requests/\d+"', seen)) == len(ids) == 2
    assert "Ghi một yêu cầu" not in seen
    assert "Chờ" not in department.get(f"/data-requests/{_number(seen)}").text


def test_the_list_asks_the_same_however_long_it_is(face: Face) -> None:
    lead = face.browser(face.center_lead)
    lead.post("/data-requests", ASKED)
    with counted(face.db) as few:
        lead.get("/data-requests")
    for n in range(5):
        lead.post("/data-requests", ASKED | {"token": f"{n}" * 20})
    with counted(face.db) as many:
        assert lead.get("/data-requests").text.count("Đang xem xét") == 6
    assert len(many) == len(few)


def test_a_late_one_is_seen_from_every_page_by_who_answers_it_alone(face: Face) -> None:
    lead, department = face.browser(face.center_lead), face.browser(face.department)
    assert "is-overdue" not in lead.get("/cases").text
    request = _number(_register(lead))
    assert "late-words" not in lead.get("/cases").text
    for ago, words in ((-1, "đến hạn"), (1, "quá hạn")):
        with transaction(face.db) as session:
            due = utc_now() - timedelta(hours=ago)
            session.execute(update(DataRequestRow).values(due_at=due))
        for browser in (lead, department):
            for path in ("/cases", "/holds"):
                told = browser.get(path).text.partition('id="late-requests"')[2].partition("</a>")[0]
                assert f'href="/data-requests/{request}"' in told
                assert f"yêu cầu dữ liệu {words}" in told
    for other in (face.lead, face.an, face.admin):
        assert 'id="late-requests"' not in face.browser(other).get("/account").text
        assert face.browser(other).get("/data-requests/late").status_code == 404
    with transaction(face.db) as session:
        session.execute(update(DataRequestRow).values(closed_at=utc_now()))
    assert "late-words" not in lead.get("/data-requests/late", fragment=True).text
    with counted(face.db) as statements, transaction(face.db) as session:
        assert late_requests.of(session, face.center_lead, utc_now()) is None
        assert late_requests.of(session, face.an, utc_now()) is None
    assert len(statements) == 1
