"""The directory's pages: who is on duty tonight, an entry that is mended, a list that is brought."""

from sqlalchemy import Engine, select

from hotline.audit import AuditRow
from hotline.clock import utc_now
from hotline.db import reading, transaction
from intake.directory import directory, directory_entries
from tests.dashboard.conftest import CSRF, Browser, Face
from tests.queries import counted

KIM_BOI = "2025:04978"
OFFICE = {"unit": KIM_BOI, "kind": "duty", "name": "Trực ban", "numbers": "0912345678", "hours": ""}


def _put(db: Engine, face: Face, name: str = "Trực ban") -> int:
    with transaction(db) as session:
        told = directory.contact({**OFFICE, "name": name})
        return directory_entries.add(session, face.lead, told, utc_now())


def test_a_counselor_finds_who_is_on_duty_by_the_old_name(face: Face, an: Browser) -> None:
    _put(face.db, face)
    told = an.get("/directory?unit=Kim Bôi Hòa Bình").text
    assert f"/directory?unit={KIM_BOI}" in told
    assert "0912 345 678" in an.get("/directory?unit=thị trấn Bo, huyện Kim Bôi, Hòa Bình cũ").text
    told = an.get("/directory?unit=2024:05065").text
    assert "0912 345 678" in told
    assert "/directory/entries" in told
    assert 'action="/directory/entries"' not in told  # hers to read, not to write


def test_a_lead_mends_a_number_and_it_is_on_record(face: Face) -> None:
    lead, entry = face.browser(face.lead), _put(face.db, face)
    page = f"/directory/entries/{entry}"
    wrong = lead.post(page, {**OFFICE, "revision": "1", "numbers": "12"})
    assert (wrong.status_code, "Không phải số gọi được" in wrong.text) == (422, True)
    assert lead.post(page, {**OFFICE, "revision": "1", "numbers": "0987654321"}).status_code == 303
    late = lead.post(page, {**OFFICE, "revision": "1", "numbers": "0911111111"})
    assert (late.status_code, "Có người vừa sửa" in late.text) == (422, True)
    assert "0911111111" in late.text  # what was typed is kept
    assert "Lê Thị Lan" in lead.get(page).text
    with reading(face.db) as session:
        done = select(AuditRow.detail).where(AuditRow.object_kind == "directory_entry")
        assert session.scalars(done.order_by(AuditRow.id)).all() == ["added", "changed"]
    assert lead.post(f"{page}/remove", {"revision": "2", "reason": "nghỉ việc"}).status_code == 303
    assert lead.get(page).status_code == 404


def test_a_list_is_shown_before_it_is_written(face: Face) -> None:
    lead = face.browser(face.lead)
    lines = "unit,kind,name,numbers\r\n2025:04978,duty,Trực ban,0912345678\r\n"

    def bring(text: str) -> str:
        answer = lead.client.post(
            "/directory/import",
            files={"file": ("list.csv", text.encode())},
            data={"csrf": CSRF},
            follow_redirects=False,
        )
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    shown = lead.get(bring(lines + "2025:04978,duty,B,12\r\n")).text
    assert "Không phải số gọi được" in shown
    assert "/apply" not in shown
    page = bring(lines)
    assert "Ghi 1 thay đổi" in lead.get(page).text
    assert "Trực ban" not in lead.get(f"/directory?unit={KIM_BOI}").text
    assert lead.post(f"{page}/apply").status_code == 303
    assert "không có gì để thay đổi" in lead.get(page).text
    assert "Trực ban" in lead.get(f"/directory?unit={KIM_BOI}").text


def test_a_file_that_is_no_list_is_said_to_be_none(face: Face) -> None:
    answer = face.browser(face.lead).client.post(
        "/directory/import", files={"file": ("x.xlsx", b"PK nothing")}, data={"csrf": CSRF}
    )
    assert (answer.status_code, "Không đọc được tệp" in answer.text) == (422, True)


def test_the_page_asks_as_much_of_ten_entries_as_of_one(face: Face, an: Browser) -> None:
    _put(face.db, face)
    with counted(face.db) as one:
        an.get(f"/directory?unit={KIM_BOI}")
    for number in range(9):
        _put(face.db, face, f"Trực {number}")
    with counted(face.db) as ten:
        an.get(f"/directory?unit={KIM_BOI}")
    assert len(ten) == len(one) <= 5
