"""The pages of statutory forms: opened, written, conflicting, made into documents."""

import re
import time
from hashlib import sha256
from io import BytesIO

import pytest
from docx import Document

from dashboard import document_work
from hotline import db, jobs
from hotline.clock import utc_now
from hotline.db import transaction
from hotline.ids import CaseId
from intake.directory import directory, directory_entries
from intake.documents import document_files
from intake.records import records
from tests.dashboard import papers
from tests.dashboard.conftest import Browser, Face
from tests.dashboard.test_handovers import handed_over
from tests.queries import counted

CHILD = {"child.1.name": "Bùi Thị Na", "child.1.age": "9", "caller_name": "Bà Tư", "content": "bị đánh"}
TOKEN = "t" * 22


@pytest.fixture
def case(face: Face) -> CaseId:
    record = face.record_of(face.past(face.an), face.an)
    with transaction(face.db) as session:
        records.autosave(session, face.an, record, 0, CHILD, utc_now())
    return face.open_case(record, face.an)


def opened(an: Browser, case: CaseId, code: str = "reception") -> str:
    """The address of a new form of the case's child, opened as its page offers."""
    shown = an.get(f"/cases/{case}").text
    child = re.findall(r'<option value="(\d+)">Bùi Thị Na</option>', shown)[-1]
    answer = an.post(f"/cases/{case}/forms", {"code": code, "child": child, "token": TOKEN})
    assert answer.status_code == 303
    return str(answer.headers["location"])


def queued() -> list[int]:
    """What was left for the worker, taken out."""
    queue = jobs.queue()
    found = [one.args[1] for one in queue.jobs if one.args[0] == "dashboard.document_work.make"]
    queue.empty()  # type: ignore[no-untyped-call]
    return found


def test_a_form_is_filled_in_on_its_page(an: Browser, case: CaseId) -> None:
    address = opened(an, case)
    shown = an.get(address).text
    assert 'value="Bùi Thị Na"' in shown
    assert "chép từ ca" in shown
    assert "Bà Tư" not in shown
    saved = an.post(address, {"base_revision": "0", "f.birth_date": "3/9/2017", "f.sex": "female"})
    assert (saved.status_code, saved.headers["location"]) == (303, address)
    shown = an.get(address).text
    assert 'value="03/09/2017"' in shown
    assert 'name="base_revision" value="1"' in shown
    wrong = an.post(address, {"base_revision": "1", "f.birth_date": "hè", "f.family": "ở với <bà>"})
    assert wrong.status_code == 422
    assert 'name="f.birth_date" value="hè"' in wrong.text
    assert "ở với &lt;bà&gt;" in wrong.text
    assert "Ngày phải như 21/11/2026." in wrong.text
    assert address in an.get(f"/cases/{case}").text


def test_both_texts_are_shown_when_two_write_at_once(face: Face, an: Browser, case: CaseId) -> None:
    address = opened(an, case)
    an.post(address, {"base_revision": "0", "f.family": "ở với bà"})
    late = face.browser(face.lead).post(address, {"base_revision": "0", "f.family": "ở với mẹ"})
    assert late.status_code == 422
    assert re.search(r"<textarea[^>]*>ở với mẹ</textarea>", late.text)
    assert "“ở với bà”" in late.text


def test_scores_are_counted_and_the_conclusion_is_left_to_people(an: Browser, case: CaseId) -> None:
    address = opened(an, case, "initial_assessment")
    given = {"f.harm_degree": "high", "f.harm_again": "high", "f.protects_self": "low"}
    an.post(address, {"base_revision": "0", **given})
    shown = an.get(address).text
    assert "Ở phần này “Cao” là xấu" in shown
    assert "Ở phần này “Cao” là tốt" in shown
    rows = re.findall(r"<tfoot>.*?</tfoot>", shown, re.DOTALL)
    assert [re.findall(r">(\d+)</td>", row) for row in rows] == [["2", "0", "0"], ["0", "0", "1"]]
    assert not re.search(r'name="f.conclusion" value="\w+" checked', shown)


def test_a_document_is_ordered_made_fetched_and_withdrawn(face: Face, an: Browser, case: CaseId) -> None:
    address = opened(an, case)
    order = {
        "token": "o" * 22,
        "level": "strict",
        "signer": "Trần Thị Cúc",
        "recipients": "UBND xã Kim Bôi",
    }
    assert an.post(f"{address}/documents", order).status_code == 303
    (document,) = queued()
    assert f'hx-get="/documents/{document}"' in an.get(address).text
    document_work.make(document)
    document_work.make(document)  # a job may run twice
    shown = an.get(f"/documents/{document}", fragment=True).text
    assert "hx-get" not in shown
    pdf = an.get(f"/documents/{document}/pdf")
    assert sha256(pdf.content).hexdigest() in shown
    assert "attachment" in pdf.headers["Content-Disposition"]
    told = papers.text(pdf.content)
    for part in (
        "Bùi Thị Na",
        "Trần Thị Cúc",
        "01/BC-TĐ111-HN",
        "Bảo mật nghiêm ngặt",
        "- UBND xã Kim Bôi;",
    ):
        assert part in told
    made = Document(BytesIO(an.get(f"/documents/{document}/docx").content))
    assert any("Bùi Thị Na" in one.text for one in made.paragraphs)
    for stranger in (face.binh, face.far_lead, face.admin, face.auditor):
        browser = face.browser(stranger)
        for path in (address, f"/documents/{document}", f"/documents/{document}/pdf"):
            assert browser.get(path).status_code == 404
    assert an.get(f"/documents/{document}/exe").status_code == 404
    assert an.post(f"/documents/{document}/withdraw", {"why": "nhầm tên"}).status_code == 303
    assert "nhầm tên" in an.get(address).text
    spine = an.get(f"/cases/{case}").text
    assert "Đã làm văn bản" in spine
    assert "Đã thu hồi văn bản" in spine
    assert an.get(f"/documents/{document}/pdf").status_code == 409


def test_a_document_that_cannot_be_made_says_so(
    an: Browser, case: CaseId, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = opened(an, case)
    an.post(f"{address}/documents", {"token": "o" * 22, "level": "confidential"})
    (document,) = queued()

    def refuse(_paper: object) -> bytes:
        raise OSError("full")

    monkeypatch.setattr(document_work, "pdf", refuse)
    with pytest.raises(OSError, match="full"):
        document_work.make(document)
    assert "Không làm được" in an.get(address).text
    monkeypatch.undo()
    assert an.post(f"/documents/{document}/again").status_code == 303
    assert queued() == [document]
    document_work.make(document)
    assert f'href="/documents/{document}/pdf"' in an.get(address).text


def test_the_sweep_finds_a_document_whose_job_was_lost(
    an: Browser, case: CaseId, monkeypatch: pytest.MonkeyPatch
) -> None:
    an.post(f"{opened(an, case)}/documents", {"token": "o" * 22, "level": "confidential"})
    (document,) = queued()
    document_work.sweep()
    assert queued() == []  # it may still be on its way
    monkeypatch.setattr(document_work, "_LOST", -document_work._LOST)
    document_work.sweep()
    assert queued() == [document]


def test_the_quick_report_is_there_within_a_minute_of_one_press(an: Browser, case: CaseId) -> None:
    an.post(f"/cases/{case}/notes", {"note": "Đã gọi công an xã,\nđồng chí trực nhận tin."})
    began = time.monotonic()
    answer = an.post(f"/cases/{case}/quick-report", {"token": TOKEN})
    assert an.post(f"/cases/{case}/quick-report", {"token": TOKEN}).headers == answer.headers  # twice
    documents = set(queued())
    (document,) = documents
    document_work.make(document)
    told = papers.text(an.get(f"/documents/{document}/pdf").content)
    assert time.monotonic() - began < 5
    for part in (
        "BÁO CÁO NHANH",
        "Bùi Thị Na",
        "bị đánh",
        "Đã gọi công an xã, đồng chí trực",
        "Nguyễn Thị An",
    ):
        assert part in told
    assert "Bà Tư" not in told


def test_the_quick_report_knows_every_child_what_was_done_and_what_is_asked_of_whom(
    face: Face, an: Browser
) -> None:
    """Pressed, completed, printed as both files and told on the timeline: a walk of seconds."""
    record = face.record_of(face.past(face.an), face.an)
    others = {
        "place_unit": "2025:04978",
        "risk": "emergency",
        "child.2.name": "Bùi Văn Bo",
        "child.2.age": "6",
        "child.2.sex": "male",
    }
    with transaction(face.db) as session:
        records.autosave(session, face.an, record, 0, CHILD | others, utc_now())
        duty = {"unit": "2025:04978", "kind": "duty", "name": "Trực ban", "numbers": "0977777777"}
        directory_entries.add(session, face.lead, directory.contact(duty), utc_now())
    case = face.open_case(record, face.an)
    an.post(f"/cases/{case}/emergency/police_told", {"note": "Trực ban đã nhận tin"})
    handed_over(an, case, request="Đến nhà trong hôm nay")
    queued()
    began = time.monotonic()
    page = an.get(f"/cases/{case}").text
    token = re.search(r'quick-report">.*?name="token" value="([\w-]+)"', page, re.DOTALL)
    assert token
    address = str(an.post(f"/cases/{case}/quick-report", {"token": token[1]}).headers["location"])
    form = an.get(address.partition("#")[0]).text
    for carried in (
        "Bùi Thị Na",
        "Bùi Văn Bo",
        "Nam",
        "bị đánh",
        "Trực ban đã nhận tin",
        "Chuyển ca cho địa phương",
        "Chị Hoa",
        "Đến nhà trong hôm nay",
    ):
        assert carried in form, carried
    assert "Bà Tư" not in form
    assert f'href="/cases/{case}/handover"' in form
    told = {"base_revision": "0", "f.proposals": "Đề nghị Cục theo dõi", "f.asked.2.whom": "Sở Y tế"}
    assert an.post(address.partition("#")[0], told).status_code == 303
    sent = {"token": "q" * 22, "level": "strict", "recipients": "Cục Bà mẹ và Trẻ em"}
    assert an.post(f"{address.partition('#')[0]}/documents", sent).status_code == 303
    first, document = queued()
    document_work.make(document)
    printed = papers.text(an.get(f"/documents/{document}/pdf").content)
    written = Document(BytesIO(an.get(f"/documents/{document}/docx").content))
    cells = [cell.text for table in written.tables for row in table.rows for cell in row.cells]
    assert time.monotonic() - began < 20
    for part in ("Bùi Văn Bo", "Sở Y tế", "Đề nghị Cục theo dõi", "Cục Bà mẹ và Trẻ em"):
        assert part in printed, part
    assert {"Bùi Văn Bo", "Chị Hoa", "Sở Y tế", "Đến nhà trong hôm nay"} <= set(cells)
    spine = an.get(f"/cases/{case}").text
    assert spine.count("Báo cáo nhanh") >= 2
    department = face.browser(face.department)
    assert department.get(f"/documents/{document}/pdf").headers["location"] == f"/cases/{case}/purpose"
    assert department.post(f"/cases/{case}/purpose", {"reason": "oversight"}).status_code == 303
    assert department.get(f"/documents/{document}/pdf").status_code == 200
    assert first != document


def test_a_page_asks_no_more_for_more_documents(face: Face, an: Browser, case: CaseId) -> None:
    address = opened(an, case)

    def asked(path: str) -> int:
        with counted(face.db) as statements:
            assert an.get(path).status_code == 200
        return len(statements)

    few = {path: asked(path) for path in (address, f"/cases/{case}")}
    for n in range(4):
        an.post(f"{address}/documents", {"token": f"{n:022}", "level": "confidential"})
    for document in queued():
        document_work.make(document)
    with db.reading() as session:
        assert document_files.still_queued(session, utc_now()) == []
    for path, before in few.items():
        assert asked(path) <= before + 1  # the files of the documents


@pytest.mark.parametrize(
    "path",
    [
        "/cases/1/forms",
        "/cases/1/quick-report",
        "/forms/1",
        "/forms/1/documents",
        "/documents/1/withdraw",
    ],
)
def test_a_form_without_our_token_changes_nothing(an: Browser, path: str) -> None:
    data = {"token": TOKEN, "base_revision": "0", "csrf": "guessed"}
    assert an.client.post(path, data=data).status_code == 403
