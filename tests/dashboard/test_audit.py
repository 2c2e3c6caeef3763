"""The auditor sees who did what to which object, what was odd, and whether all of it is whole."""

import html
import re
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select, text

from hotline import audit, audit_findings, audit_search, audit_work
from hotline.access import Viewer
from hotline.audit import Act, AuditRow
from hotline.audit_patterns import REFUSALS, Odd
from hotline.audit_search import Mark, Wanted
from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.ids import StaffId
from intake import odd_looks
from intake.records import records
from intake.tables.cases import CaseRow
from tests import factories
from tests.dashboard.conftest import Browser, Face
from tests.queries import counted

KIM_BOI = "2025:04978"


@pytest.fixture
def auditor(face: Face) -> Browser:
    return face.browser(face.auditor)


def note(face: Face, who: Viewer, act: Act, thing: object, kind: str = "case", hours: float = 0) -> None:
    with transaction(face.db) as session:
        audit.note(session, who, act, kind, thing, utc_now() - timedelta(hours=hours))


def test_it_is_where_an_auditor_begins(auditor: Browser) -> None:
    assert auditor.get("/").headers["location"] == "/audit"
    assert auditor.get("/audit").status_code == 200


def test_filters_narrow_by_person_object_act_and_day(face: Face, auditor: Browser) -> None:
    note(face, face.an, Act.SEE, 41)
    note(face, face.binh, Act.SEE, 41)
    note(face, face.an, Act.PLAY, "hn-1.1", "recording")
    note(face, face.an, Act.SEE, 42, hours=72)
    by_person = auditor.get(f"/audit?who={face.an.login}").text
    assert ">41<" in by_person
    assert ">42<" in by_person
    assert "hn-1.1" in by_person
    assert face.binh.login not in by_person.partition("audit-rows")[2]
    by_object = auditor.get("/audit?kind=case&id=41").text
    assert face.an.login in by_object
    assert face.binh.login in by_object
    assert ">42<" not in by_object
    assert by_object.count("1 lần, lần cuối") == 2
    by_act = auditor.get("/audit?act=play").text
    assert "hn-1.1" in by_act
    assert ">41<" not in by_act
    tomorrow = (utc_now() + timedelta(days=2)).date().isoformat()
    assert (
        "Không có dòng nào như vậy" in auditor.get(f"/audit?who={face.an.login}&first={tomorrow}").text
    )
    before = (utc_now() - timedelta(days=2)).date().isoformat()
    old = auditor.get(f"/audit?who={face.an.login}&last={before}").text
    assert ">42<" in old
    assert ">41<" not in old


def test_what_cannot_be_asked_is_said(auditor: Browser) -> None:
    assert "Không có ai với tên đăng nhập này" in auditor.get("/audit?who=nobody").text
    assert "Cần cả loại và số" in auditor.get("/audit?kind=case").text
    assert "Cần cả loại và số" in auditor.get("/audit?id=7").text


def test_older_rows_follow_without_gap_or_repetition(face: Face, auditor: Browser) -> None:
    at = utc_now()
    with transaction(face.db) as session:
        for number in range(120):
            audit.note(session, face.an, Act.SEE, "case", f"x{number}", at)
    seen: list[str] = []
    path = f"/audit?who={face.an.login}&act=see"
    while path:
        page = auditor.get(path).text
        seen += re.findall(r">(x\d+)<", page)
        further = re.search(r'href="(/audit\?[^"]*after=[^"]*)"', page)
        path = html.unescape(further[1]) if further else ""
    assert seen == [f"x{number}" for number in reversed(range(120))]


def test_its_statements_do_not_grow_with_its_rows(face: Face, auditor: Browser) -> None:
    note(face, face.an, Act.SEE, 41)
    with counted(face.db) as one:
        auditor.get("/audit?kind=case&id=41")
    for _ in range(40):
        note(face, face.an, Act.SEE, 41)
        note(face, face.binh, Act.SEE, 41)
    with counted(face.db) as many:
        auditor.get("/audit?kind=case&id=41")
    assert len(many) == len(one) <= 12


def test_every_look_of_the_auditor_is_on_record_too(face: Face, auditor: Browser) -> None:
    auditor.get(f"/audit?who={face.an.login}")
    with reading(face.db) as session:
        row = session.scalars(select(AuditRow).where(AuditRow.staff_id == face.auditor.staff_id)).one()
    assert (row.act, row.object_kind, row.detail) == (Act.LIST, "audit", f"who={face.an.login}")


def test_the_state_of_the_chain_is_told(face: Face, auditor: Browser, redis: str) -> None:
    note(face, face.an, Act.SEE, 41, hours=1)
    page = auditor.get("/audit").text
    assert "Chưa kiểm tra toàn bộ lần nào" in page
    assert "Niêm phong đã dừng" in page
    audit_work.seal_new()
    audit_work.verify_all()
    page = auditor.get("/audit").text
    assert "Nguyên vẹn:" in page
    assert "Đã niêm phong đến khối 1" in page
    with face.db.execution_options(hotline_write=True).connect() as connection:
        if face.db.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            connection.execute(text("DROP TRIGGER audit_no_update"))
        connection.execute(text("UPDATE audit SET detail = 'x' WHERE object_id = '41'"))
        connection.commit()
    audit_work.verify_all()
    page = auditor.get("/audit").text
    assert "Không nguyên vẹn: 1 chỗ sai" in page
    assert "dòng bị sửa: khối 1, dòng" in page


def test_what_was_odd_is_found_shown_with_its_rows_and_noted(face: Face, auditor: Browser) -> None:
    for number in range(REFUSALS):
        note(face, face.an, Act.REFUSED, number, hours=2)
    assert odd_looks.look_over(utc_now()) == 1
    assert odd_looks.look_over(utc_now()) == 0
    page = auditor.get("/audit").text
    assert "Bị từ chối nhiều lần" in page
    (finding,) = set(re.findall(r"/audit/findings/(\d+)", page))
    behind = auditor.get(f"/audit/findings/{finding}").text
    assert f"{REFUSALS} lần bị từ chối trong một giờ" in behind
    assert len(re.findall(r"kind=case", behind)) == REFUSALS
    assert auditor.post(f"/audit/findings/{finding}", {"outcome": "asked"}).status_code == 303
    assert "Đã hỏi người đó" in auditor.get("/audit").text
    with reading(face.db) as session:
        noted = session.scalars(select(AuditRow).where(AuditRow.act == Act.TAKE_NOTE)).one()
    assert (noted.login, noted.detail) == (face.auditor.login, "asked")
    assert auditor.post(f"/audit/findings/{finding}", {"outcome": "x"}).status_code == 422
    assert auditor.get("/audit/findings/999999").status_code == 404


def test_a_case_of_ones_own_commune_is_found_once_it_is_noted(face: Face, auditor: Browser) -> None:
    record = face.record_of(face.past(face.an), face.an)
    with transaction(face.db) as session:
        told = {"risk": "emergency", "place_unit": KIM_BOI}
        records.autosave(session, face.an, record, 0, told, utc_now())
    case = face.open_case(record, face.an)
    with reading(face.db) as session:
        assert session.get_one(CaseRow, case).commune == KIM_BOI
    note(face, face.an, Act.SEE, case)
    assert odd_looks.look_over(utc_now() + timedelta(minutes=1)) == 0
    for wrong, said in (
        ({"who": "nobody", "unit": "Xã Kim Bôi, Phú Thọ"}, "Không có ai với tên"),
        ({"who": face.an.login, "unit": "Xã Không Có"}, "Không thấy xã nào"),
    ):
        answer = auditor.post("/audit/places", wrong)
        assert (answer.status_code, said in answer.text) == (422, True)
    told = {"who": face.an.login, "unit": "Xã Kim Bôi, Phú Thọ"}
    assert auditor.post("/audit/places", told).status_code == 303
    assert auditor.post("/audit/places", told).status_code == 303
    assert odd_looks.look_over(utc_now() + timedelta(minutes=1)) == 1
    page = auditor.get("/audit").text
    assert "Xem ca ở xã của mình hay của người thân" in page
    (place,) = re.findall(r"/audit/places/(\d+)/drop", page)
    assert auditor.post(f"/audit/places/{place}/drop").status_code == 303
    with reading(face.db) as session:
        assert audit_findings.own_places(session) == {}
        assert [one.odd for one in audit_findings.listed(session, face.auditor)] == [Odd.OWN_PLACE]


def test_a_person_who_has_left_stays_named(face: Face, auditor: Browser) -> None:
    with transaction(face.db) as session:
        gone = factories.counselor(session, "hn88")
        audit.note(session, gone, Act.SEE, "case", 41, utc_now())
        session.execute(text("DELETE FROM staff WHERE id = :id"), {"id": gone.staff_id})
    assert gone.login in auditor.get("/audit?kind=case&id=41").text


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (Wanted(), "ix_audit_at"),
        (Wanted(staff_id=StaffId(1)), "ix_audit_staff_id"),
        (Wanted(kind="case", object_id="1"), "ix_audit_object"),
        (Wanted(act="export"), "ix_audit_act"),
    ],
)
@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_each_filter_walks_its_index_in_order(db: Engine, wanted: Wanted, index: str) -> None:
    statement = audit_search.query(wanted, Mark(utc_now(), 7)).compile(
        db, compile_kwargs={"literal_binds": True}
    )
    with reading(db) as session:
        plan = " ".join(row[3] for row in session.execute(text(f"EXPLAIN QUERY PLAN {statement}")))
    assert f"USING INDEX {index} " in plan
    assert "TEMP B-TREE" not in plan
