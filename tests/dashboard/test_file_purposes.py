"""What files of others' cases are taken out for: asked once for each case and log-in, of nobody else."""

import pytest
from sqlalchemy import select

from hotline import audit
from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.ids import CaseId
from hotline.keyring import recording_keys
from hotline.settings import settings
from intake.cases import case_attachments, file_purposes, joining
from intake.tables.case_files import CaseAttachmentRow
from tests.dashboard.conftest import Browser, Face
from tests.queries import counted

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


@pytest.fixture
def case(face: Face) -> CaseId:
    """Of An, with a file."""
    return _with_file(face)


def _with_file(face: Face) -> CaseId:
    case = face.open_case(face.record_of(face.past(face.an), face.an), face.an)
    ring, now = recording_keys(settings()), utc_now()
    with transaction(face.db) as session:
        case_attachments.add(session, face.an, case, [("anh.png", PNG)], "", ring, now, f"w{case}")
    return case


def _file(face: Face, case: CaseId) -> str:
    with reading(face.db) as session:
        one = session.scalars(select(CaseAttachmentRow.id).filter_by(case_id=case)).one()
    return f"/cases/{case}/files/{one}"


def _details(face: Face) -> list[str]:
    row = audit.AuditRow
    query = select(row.detail).where(row.act == audit.Act.SEE, row.object_kind == "case_file")
    with reading(face.db) as session:
        return list(session.scalars(query.order_by(row.id)))


def _lead(face: Face) -> Browser:
    return face.browser(face.lead)


def test_whose_case_it_is_is_not_asked(face: Face, case: CaseId) -> None:
    an, file = face.browser(face.an), _file(face, case)
    assert f'href="{file}" download' in an.get(f"/cases/{case}").text
    assert an.get(file).content == PNG
    assert _details(face) == [f"case {case}"]


def test_another_says_what_for_once_for_this_case_and_log_in(face: Face, case: CaseId) -> None:
    lead, file = _lead(face), _file(face, case)
    assert f'href="/cases/{case}/purpose?back=/cases/{case}"' in lead.get(f"/cases/{case}").text
    assert lead.get(f"{file}/picture").content == PNG  # a look inside the page
    assert lead.get(file).headers["location"] == f"/cases/{case}/purpose"
    page = lead.get(f"/cases/{case}/purpose?back=/cases/{case}/plan").text
    assert f'name="back" value="/cases/{case}/plan"' in page
    empty = lead.post(f"/cases/{case}/purpose", {"words": "theo dõi", "back": "//evil.example"})
    assert (empty.status_code, "Chọn một lý do" in empty.text) == (422, True)
    said = {"reason": "oversight", "back": f"/cases/{case}/plan"}
    answer = lead.post(f"/cases/{case}/purpose", said)
    assert answer.headers["location"] == f"/cases/{case}/plan"
    assert [lead.get(file).content for _ in range(2)] == [PNG, PNG]
    assert f'href="{file}" download' in lead.get(f"/cases/{case}").text
    other = _with_file(face)
    assert lead.get(_file(face, other)).status_code == 303
    assert _lead(face).get(file).status_code == 303  # another log-in
    assert face.browser(face.department).get(file).status_code == 303
    details = _details(face)[1:]
    reason = details[0].rpartition(" ")[2]
    assert details == [f"case {case} reason {reason}"] * 2
    said["back"] = "//evil.example"
    assert lead.post(f"/cases/{case}/purpose", said).headers["location"] == "/"
    auditor = face.browser(face.auditor).get(f"/audit/reasons/{reason}").text
    assert "Tệp của ca" in auditor


def test_whom_the_case_is_nothing_of_is_told_nothing(face: Face, case: CaseId) -> None:
    for stranger in (face.binh, face.officer, face.admin):
        browser = face.browser(stranger)
        for path in (f"/cases/{case}/purpose", _file(face, case), "/cases/999999/purpose"):
            assert browser.get(path).status_code == 404
        assert browser.post(f"/cases/{case}/purpose", {"reason": "oversight"}).status_code == 404


def test_what_is_merged_is_one_case_and_one_statement_says_it(face: Face, case: CaseId) -> None:
    into, lead = _with_file(face), _lead(face)
    with transaction(face.db) as session:
        joining.merge(session, face.lead, case, into, "một vụ", utc_now())
    assert lead.get(_file(face, case)).status_code == 303
    assert lead.post(f"/cases/{case}/purpose", {"reason": "oversight"}).status_code == 303
    assert [lead.get(_file(face, one)).content for one in (case, into)] == [PNG, PNG]
    with counted(face.db) as statements, reading(face.db) as session:
        assert not file_purposes.asks(session, face.an, case, utc_now())
    assert len(statements) == 1
