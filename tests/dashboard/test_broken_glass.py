"""In an emergency one case or record opens to one person, for a while; everything else stays closed."""

import re
from datetime import timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError

from hotline import keyring, stated_reasons
from hotline.access import Viewer
from hotline.audit import Act, AuditRow
from hotline.audit_findings import AuditFindingRow
from hotline.broken_glass import GlassRow
from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.ids import CaseId, RecordId
from hotline.settings import settings
from hotline.stated_reasons import StatedReasonRow
from intake import recording_keys
from intake.cases import case_attachments
from intake.tables.cases import CaseRow
from tests.dashboard.conftest import Browser, Face
from tests.dashboard.test_case_lists import PURPOSE
from tests.dashboard.test_prove import age_proofs

WHY = {"reason": "child_in_danger", "words": "Bé Na gọi lại, mẹ đang đi tìm con."}
TOLD = {
    "caller_name": "Bà Hàng Xóm",
    "call_back": "0987000111",
    "content": "Bé bị nhốt ngoài cửa.",
    "child.1.name": "Bé Na",
}


@pytest.fixture
def binh(face: Face) -> Browser:
    return face.browser(face.binh)


def told(face: Face) -> RecordId:
    """A record of An's, whose informant is known."""
    record = face.record_of(face.past(face.an), face.an)
    assert face.browser(face.an).save(record, 0, TOLD).status_code == 200
    return record


def opened(face: Face) -> tuple[CaseId, str]:
    case = face.open_case(told(face), face.an)
    with reading(face.db) as session:
        return case, session.get_one(CaseRow, case).number


def acts(face: Face, who: Viewer, *wanted: Act) -> list[tuple[str, str, str, str]]:
    row = AuditRow
    with reading(face.db) as session:
        query = select(row.act, row.object_kind, row.object_id, row.detail)
        of = query.where(row.staff_id == who.staff_id, row.act.in_(wanted)).order_by(row.id)
        return [(one.act, one.object_kind, one.object_id, one.detail) for one in session.execute(of)]


def last_reason(face: Face) -> int:
    with reading(face.db) as session:
        return session.scalars(select(func.max(StatedReasonRow.id))).one() or 0


def test_the_case_opens_and_its_neighbor_stays_closed(face: Face, binh: Browser) -> None:
    case, number = opened(face)
    neighbor, _ = opened(face)
    assert binh.get(f"/cases/{case}").status_code == 404
    answer = binh.post("/glass", {"number": f" {number.lower()} "} | WHY)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/cases/{case}")
    page = binh.get(f"/cases/{case}").text
    assert "Bé Na" in page
    assert "Đang mở khẩn cấp, chỉ để đọc" in page
    assert "***678" in page
    for secret in ("Bà Hàng Xóm", "0987000111", "345 678"):
        assert secret not in page
    assert binh.get(f"/cases/{case}/plan").status_code == 200
    for closed in (f"/cases/{neighbor}", f"/cases/{neighbor}/plan", f"/cases/{case}/entries/new"):
        assert binh.get(closed).status_code == 404
    assert binh.post(f"/cases/{case}/notes", {"note": "x"}).status_code == 404
    assert face.browser(face.far_lead).get(f"/cases/{case}").status_code == 404


def test_no_list_search_recording_or_file_of_others_opens_with_it(face: Face, binh: Browser) -> None:
    case, number = opened(face)
    with transaction(face.db) as session:
        ring, png = keyring.recording_keys(settings()), b"\x89PNG\r\n\x1a\n" + b"0" * 40
        case_attachments.add(session, face.an, case, [("anh.png", png)], "", ring, utc_now())
        file = case_attachments.of_case(session, face.an, case)[0].id
    binh.post("/glass", {"number": number} | WHY)
    assert number not in binh.get("/cases").text.partition("<main")[2]
    assert number not in binh.post("/search", {"q": "be na"}).text.partition("<main")[2]
    with reading(face.db) as session:
        record, call = session.execute(text("SELECT id, call_id FROM record")).one()
    assert binh.get(f"/records/{record}").status_code == 404
    assert binh.get(f"/recordings/{call}").status_code == 404
    assert binh.get(f"/calls/{call}").status_code == 404
    assert binh.get(f"/cases/{case}/files/{file}").status_code == 200
    assert acts(face, face.binh, Act.SEE)[-1][3] == f"case {case} reason {last_reason(face)}"
    lead = face.browser(face.far_lead)
    lead.post("/glass", {"number": number} | WHY)
    assert lead.get(f"/cases/{case}").status_code == 200
    sheet = load_workbook(BytesIO(lead.post("/cases/export", PURPOSE).content)).active
    assert sheet is not None
    assert next(cell.value for row in sheet.iter_rows() for cell in row) == "Ca"
    assert sheet.max_row == 1


def test_a_record_opens_without_who_told_it(face: Face, binh: Browser) -> None:
    record = told(face)
    assert binh.post("/glass", {"number": str(record)} | WHY).headers["location"] == f"/records/{record}"
    page = binh.get(f"/records/{record}").text
    assert "Bé bị nhốt ngoài cửa." in page
    assert page.count("•••") >= 2
    for secret in ("Bà Hàng Xóm", "0987000111", "0912"):
        assert secret not in page
    assert binh.save(record, 1, {"content": "x"}).status_code == 404
    assert binh.post(f"/records/{record}/reopen").status_code == 404


def test_the_id_of_a_call_opens_its_record(face: Face, binh: Browser) -> None:
    story = face.past(face.an)
    record = face.record_of(story, face.an)
    answer = binh.post("/glass", {"number": story.call_id} | WHY)
    assert answer.headers["location"] == f"/records/{record}"
    assert binh.get(f"/calls/{story.call_id}").status_code == 404


def test_it_closes_by_itself_and_at_once(face: Face, binh: Browser) -> None:
    case, number = opened(face)
    binh.post("/glass", {"number": number} | WHY)
    assert "HX-Redirect" not in binh.get("/glass/over", fragment=True).headers
    assert binh.post("/glass/end").headers["location"] == "/"
    assert binh.get(f"/cases/{case}").status_code == 404
    assert binh.post("/glass/end").status_code == 404
    assert acts(face, face.binh, Act.END_GLASS) == [
        ("end_glass", "case", str(case), f"reason {last_reason(face)}")
    ]
    with transaction(face.db) as session:
        now = utc_now()
        row = GlassRow(
            staff_id=face.binh.staff_id,
            thing="case",
            thing_id=case,
            number=number,
            reason_id=1,
            at=now - timedelta(minutes=61),
            until_at=now - timedelta(minutes=1),
        )
        session.add(row)
    assert binh.get(f"/cases/{case}").status_code == 404
    assert binh.get("/glass/over", fragment=True).headers["HX-Redirect"] == "/"


def test_there_is_one_at_a_time(face: Face, binh: Browser) -> None:
    (case, number), (second, second_number) = opened(face), opened(face)
    binh.post("/glass", {"number": number} | WHY)
    binh.post("/glass", {"number": second_number} | WHY)
    assert binh.get(f"/cases/{case}").status_code == 404
    assert binh.get(f"/cases/{second}").status_code == 200


def test_the_auditor_and_the_leads_there_are_told_at_once(face: Face) -> None:
    case, number = opened(face)
    far = face.browser(face.far_lead)
    far.post("/glass", {"number": number} | WHY)
    far.get(f"/cases/{case}")
    auditor = face.browser(face.auditor)
    page = auditor.get("/audit").text
    assert "Mở khẩn cấp một hồ sơ ngoài phần việc" in page
    with reading(face.db) as session:
        finding = session.scalars(select(AuditFindingRow)).one()
        assert (finding.login, finding.noted_at) == (face.far_lead.login, None)
    shown = auditor.get(f"/audit/findings/{finding.id}").text
    assert f"/audit/reasons/{finding.object_id}" in shown
    reason = auditor.get(f"/audit/reasons/{finding.object_id}").text
    assert WHY["words"] in reason
    assert "Trẻ đang gặp nguy hiểm" in reason
    assert len(re.findall(rf"> *Ca <span class=\"tabular\">{case}<", reason)) == 2, reason
    for lead in (face.lead, face.center_lead):
        board = face.browser(lead).get("/wallboard/board", fragment=True).text
        assert f"Mở khẩn cấp: {face.far_lead.name}." in board
        assert f'href="/cases/{case}"' in board
    elsewhere = face.browser(face.far_lead).get("/wallboard/board", fragment=True).text
    assert "Mở khẩn cấp:" not in elsewhere


def test_what_is_not_there_and_what_is_too_often_are_told_alike(face: Face, binh: Browser) -> None:
    _, number = opened(face)
    answers = [binh.post("/glass", {"number": "2026-HN-999999"} | WHY) for _ in range(5)]
    answers.append(binh.post("/glass", {"number": number} | WHY))
    assert {one.status_code for one in answers} == {422}
    plain = {re.sub(r'value="2026-[^"]*"|data-now="[^"]*"', "", one.text) for one in answers}
    assert len(plain) == 1
    assert [row[3] for row in acts(face, face.binh, Act.REFUSED)] == ["unknown"] * 5 + ["too_many"]
    with reading(face.db) as session:
        assert session.scalars(select(GlassRow)).all() == []


def test_what_is_open_by_the_rules_needs_no_glass(face: Face) -> None:
    case, number = opened(face)
    an = face.browser(face.an)
    assert an.post("/glass", {"number": number} | WHY).headers["location"] == f"/cases/{case}"
    assert acts(face, face.an, Act.BREAK_GLASS) == []


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"reason": "tò mò"}, "Chọn một lý do."),
        ({"words": "gấp"}, "Ghi ít nhất vài chữ"),
        ({"words": "x " * 1000}, "Ngắn hơn"),
        ({"number": " "}, "Ghi số của hồ sơ."),
    ],
)
def test_without_a_reason_nothing_opens(
    face: Face, binh: Browser, changed: dict[str, str], says: str
) -> None:
    _, number = opened(face)
    answer = binh.post("/glass", {"number": number} | WHY | changed)
    assert (answer.status_code, says in answer.text) == (422, True)


def test_the_password_is_asked_for_again(face: Face, binh: Browser) -> None:
    _, number = opened(face)
    age_proofs(face, 16)
    assert binh.get("/glass").headers["location"] == "/prove?back=%2Fglass"
    assert binh.post("/glass", {"number": number} | WHY).status_code == 403
    assert acts(face, face.binh, Act.BREAK_GLASS) == []


def test_the_words_are_sealed_and_nobody_changes_what_was_done(face: Face, binh: Browser) -> None:
    _, number = opened(face)
    binh.post("/glass", {"number": number} | WHY)
    binh.post("/glass/end")
    with reading(face.db) as session:
        row = session.scalars(select(StatedReasonRow)).one()
        assert b"B\xc3\xa9 Na" not in row.sealed
    ring = keyring.recording_keys(settings())
    assert stated_reasons.SEALED in recording_keys._IN_SQL
    assert stated_reasons.SEALED.check(face.db, ring) == (1, {})
    for statement in (
        "UPDATE glass SET until_at = until_at",
        "DELETE FROM glass",
        "DELETE FROM glass_end",
        "UPDATE glass_end SET glass_id = 9",
        "DELETE FROM stated_reason",
        "UPDATE stated_reason SET code = 'x'",
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction(face.db) as session:
            session.execute(text(statement))


def test_nobody_but_the_auditor_reads_a_reason(face: Face, binh: Browser) -> None:
    _, number = opened(face)
    binh.post("/glass", {"number": number} | WHY)
    reason = last_reason(face)
    for who in (face.binh, face.lead, face.center_lead, face.admin, face.department):
        assert face.browser(who).get(f"/audit/reasons/{reason}").status_code == 404
    auditor = face.browser(face.auditor)
    assert auditor.get(f"/audit/reasons/{reason}").status_code == 200
    assert auditor.get(f"/audit/reasons/{reason + 1}").status_code == 404
