"""Administrators invite, change and shut out people; nobody but the person ever knows a password."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from hotline import audit, bus, on_call, sessions, staff
from hotline.access import Role
from hotline.clock import local, utc_now
from hotline.db import reading, transaction
from hotline.invitations import InvitationRow
from hotline.staff import StaffRow
from routing import availability, roster
from routing.choices import Choice
from routing.shifts import MORNING
from tests.dashboard.conftest import Browser, Face
from tests.queries import counted

PASSWORD = "con mèo leo cây cau"
NEW = {"login": "tv90", "name": "Mạc Thị Mới", "role": "counselor", "phone": "hn90", "center": "1"}
IN_PERSON = {"known_by": "in_person"}


@pytest.fixture
def admin(face: Face) -> Browser:
    with transaction(face.db) as session:
        session.execute(
            update(StaffRow).where(StaffRow.id == face.admin.staff_id).values(password_hash="some")
        )
    return face.browser(face.admin)


def draft(face: Face, **other: str) -> dict[str, str]:
    return {**NEW, **IN_PERSON, "center": str(face.an.center_id), **other}


def token_of(page: str) -> str:
    (token,) = re.findall(r"/invitation\?token=([\w-]+)", page)
    return str(token)


def said_of(face: Face) -> list[tuple[str, str]]:
    with reading(face.db) as session:
        row = audit.AuditRow
        told = select(row.act, row.detail).where(row.object_kind == "staff").order_by(row.id)
        return [(act, detail) for act, detail in session.execute(told)]


def test_somebody_is_invited_sets_their_own_password_and_logs_in(face: Face, admin: Browser) -> None:
    page = admin.post("/staff", draft(face, languages="en", skills="psychology"))
    assert page.status_code == 200, page.text
    token = token_of(page.text)
    guest = face.stranger()
    assert "Mạc Thị Mới" in guest.get(f"/invitation?token={token}").text
    assert guest.post("/login", data={"login": "tv90", "password": ""}).status_code == 401
    for data, why in (
        ({"password": "ngắn", "again": "ngắn"}, "ít nhất 12"),
        ({"password": PASSWORD, "again": "khác"}, "chưa giống nhau"),
    ):
        answer = guest.post("/invitation", data={"token": token, **data})
        assert (answer.status_code, why in answer.text) == (422, True)
    answer = guest.post("/invitation", data={"token": token, "password": PASSWORD, "again": PASSWORD})
    assert (answer.status_code, "Đã đặt mật khẩu" in answer.text) == (200, True)
    again = guest.post("/invitation", data={"token": token, "password": "x" * 20, "again": "x" * 20})
    assert again.status_code == guest.get(f"/invitation?token={token}").status_code == 404
    logged_in = guest.post(
        "/login", data={"login": "tv90", "password": PASSWORD}, follow_redirects=False
    )
    assert logged_in.headers["location"] == "/desk"
    acts = [act for act, _ in said_of(face)]
    assert acts == ["create", "invite", "log_in_refused", "accept_invitation", "log_in"]
    assert ("invite", "in_person") in said_of(face)
    with reading(face.db) as session:
        row = session.scalars(select(StaffRow).where(StaffRow.login == "tv90")).one()
        assert (row.languages, row.skills) == ("vi en", "psychology")
        assert token not in str(session.execute(select(InvitationRow.token_hash)).all())


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"login": "TV 90"}, "Chữ thường"),
        ({"name": " "}, "Cần họ tên"),
        ({"phone": ""}, "cần một máy nhánh"),
        ({"phone": "hn01"}, "đang của người khác"),
        ({"role": "auditor"}, "không có máy nhánh"),
        ({"role": "commune_officer", "phone": ""}, "cần một đơn vị"),
        ({"role": "commune_officer", "phone": "", "unit": "Phú Thọ"}, "Cán bộ xã cần một xã"),
        ({"email": "nowhere"}, "thư chưa đúng"),
        ({"known_by": ""}, "đúng người bằng cách nào. Chưa"),
    ],
)
def test_what_cannot_be_is_said_and_what_was_typed_is_kept(
    face: Face, admin: Browser, typed: dict[str, str], why: str
) -> None:
    page = admin.post("/staff", draft(face, **typed))
    assert (page.status_code, why in page.text) == (422, True), page.text
    assert f'value="{typed.get("login", "tv90")}"' in page.text
    with reading(face.db) as session:
        assert not session.scalar(select(StaffRow.id).where(StaffRow.name == "Mạc Thị Mới"))


def test_an_officer_is_found_by_name_without_accents(face: Face, admin: Browser) -> None:
    officer = draft(face, role="commune_officer", phone="", unit="Xã Kim Bôi, Phú Thọ")
    assert admin.post("/staff", officer).status_code == 200
    found = admin.post("/staff/find", {"words": "moi mac"}).text
    assert "Mạc Thị Mới" in found
    assert "Kim Bôi" in found
    assert "Nguyễn Thị An" not in found
    assert "Mạc Thị Mới" not in admin.get("/staff?role=auditor").text


def test_who_leaves_is_out_at_once_with_everything_that_was_open(face: Face, admin: Browser) -> None:
    with transaction(face.db) as session:
        staff.put_phone(session, face.an.login, in_browser=True)
    record = face.record_of(face.answered(face.an), face.an)
    case = face.open_case(face.record_of(face.past(face.an), face.an), face.an)
    an = face.browser(face.an)
    with transaction(face.db) as session:
        session.execute(update(sessions.SessionRow).values(phone_ha1="x"))
    heard = bus.client().pubsub()  # type: ignore[no-untyped-call]
    heard.psubscribe("td.*")
    assert admin.post(f"/staff/{face.an.staff_id}/leave").status_code == 303
    assert an.get("/desk").headers["location"] == "/login"
    told = []
    while message := heard.get_message(timeout=0.5):
        told.append(f"{message['channel'].decode()} {message['data']}")
    heard.close()
    assert any("desk" in one and "logged_out" in one for one in told)
    assert any("td.staff" in one and '"phone"' in one for one in told)
    with reading(face.db) as session:
        assert sessions.phone_credentials(session, utc_now()) == {}
        assert face.an.staff_id not in {
            each.staff.id for each in availability.everybody(session, utc_now())
        }
        mine = availability.of(session, face.an.staff_id, utc_now())
        assert mine is not None
        assert mine.choice is Choice.AWAY
        assert sessions.recognize(session, face.an.login, PASSWORD) is None
    shown = admin.get(f"/staff/{face.an.staff_id}").text
    assert "1 ca mở · 1 phiếu dở" in shown
    lead = face.browser(face.lead)
    listed = lead.get("/cases?left=1").text
    assert f'href="/cases/{case}"' in listed
    assert f'href="/records/{record}"' in listed
    assert lead.get(f"/records/{record}").status_code == 200
    assert "Người giữ đã nghỉ" in lead.get("/cases").text
    assert "Người giữ đã nghỉ" not in face.browser(face.far_lead).get("/cases").text
    given = lead.post(
        "/cases/assign", {"cases": str(case), "to": str(face.binh.staff_id), "reason": "nghỉ việc"}
    )
    assert given.status_code == 200
    assert f'href="/cases/{case}"' not in lead.get("/cases?left=1").text


def test_what_else_they_leave_is_counted_for_who_hands_it_on(face: Face, admin: Browser) -> None:
    tomorrow = local(utc_now()).date() + timedelta(days=1)
    with transaction(face.db) as session:
        before = roster.coming(session, face.an.staff_id, utc_now())
        roster.plan_daily(session, face.an.staff_id, MORNING, [tomorrow + timedelta(days=90)], utc_now())
        on_call.put(session, face.an.center_id, [(face.an.staff_id, "0912000001")], utc_now())
    admin.post(f"/staff/{face.an.staff_id}/leave")
    shown = admin.get(f"/staff/{face.an.staff_id}").text
    assert f"{before + 1} ca trực sắp tới" in shown
    assert "Máy để bàn bị khóa ngay" in shown
    with reading(face.db) as session:
        assert on_call.of_center(session, "HN", utc_now()) == []
    officer = admin.get(f"/staff/{face.officer.staff_id}").text
    assert "sắp tới" not in officer


def test_who_comes_back_has_no_old_password_and_no_phone(face: Face, admin: Browser) -> None:
    with transaction(face.db) as session:
        session.get_one(StaffRow, face.an.staff_id).password_hash = staff.hashed(PASSWORD).text
    admin.post(f"/staff/{face.an.staff_id}/leave")
    page = admin.post(f"/staff/{face.an.staff_id}/return", IN_PERSON).text
    with reading(face.db) as session:
        row = session.get_one(StaffRow, face.an.staff_id)
        assert (row.active, row.phone) == (True, None)
        assert sessions.recognize(session, face.an.login, PASSWORD) is None
    token = token_of(page)
    data = {"token": token, "password": PASSWORD, "again": PASSWORD}
    assert face.stranger().post("/invitation", data=data).status_code == 200


def test_the_last_administrator_stays(face: Face, admin: Browser) -> None:
    me = face.admin.staff_id
    page = admin.post(f"/staff/{me}/leave")
    assert (page.status_code, "cuối cùng" in page.text) == (409, True)
    typed = draft(face, name="Phan Quản", role="auditor", phone="")
    assert admin.post(f"/staff/{me}", typed).status_code == 409
    second = draft(face, login="qt90", role="administrator", phone="")
    token = token_of(admin.post("/staff", second).text)
    assert admin.post(f"/staff/{me}/leave").status_code == 409  # the second one has never come
    data = {"token": token, "password": PASSWORD, "again": PASSWORD}
    assert face.stranger().post("/invitation", data=data).status_code == 200
    assert admin.post(f"/staff/{me}/leave").status_code == 303
    assert admin.get("/staff").headers["location"] == "/login"


def test_another_role_means_to_log_in_anew_and_other_skills_do_not(face: Face, admin: Browser) -> None:
    an = face.browser(face.an)
    same = draft(face, name="Nguyễn Thị An", phone="hn01")
    assert admin.post(f"/staff/{face.an.staff_id}", same | {"skills": "trafficking"}).status_code == 303
    assert an.get("/desk").status_code == 200
    lead = same | {"role": "shift_lead"}
    assert admin.post(f"/staff/{face.an.staff_id}", lead).status_code == 303
    assert an.get("/desk").headers["location"] == "/login"
    with reading(face.db) as session:
        assert staff.one(session, face.an.staff_id).role is Role.SHIFT_LEAD
    assert said_of(face) == [("change", "skills"), ("change", "role skills")]


def test_nobody_is_invited_by_who_does_not_say_how_they_know_them(face: Face, admin: Browser) -> None:
    path = f"/staff/{face.an.staff_id}"
    for unsaid in ({}, {"known_by": ""}, {"known_by": "guessed"}):
        page = admin.post(f"{path}/invitation", unsaid)
        assert (page.status_code, "Chưa có gì thay đổi" in page.text) == (422, True)
    admin.post(f"{path}/leave")
    page = admin.post(f"{path}/return")
    assert (page.status_code, "Chưa có gì thay đổi" in page.text) == (422, True)
    with reading(face.db) as session:
        assert not session.get_one(StaffRow, face.an.staff_id).active
    assert "invite" not in dict(said_of(face))
    assert admin.post(f"{path}/return", {"known_by": "vouched"}).status_code == 200
    assert ("invite", "vouched") in said_of(face)


def test_a_link_runs_out(face: Face, admin: Browser) -> None:
    token = token_of(admin.post(f"/staff/{face.an.staff_id}/invitation", IN_PERSON).text)
    with transaction(face.db) as session:
        session.execute(update(InvitationRow).values(expires_at=utc_now() - timedelta(seconds=1)))
    assert face.stranger().get(f"/invitation?token={token}").status_code == 404
    assert face.stranger().get("/invitation").status_code == 404


def test_a_new_password_ends_what_was_logged_in_with_the_old_one(face: Face, admin: Browser) -> None:
    an = face.browser(face.an)
    token = token_of(admin.post(f"/staff/{face.an.staff_id}/invitation", IN_PERSON).text)
    assert an.get("/desk").status_code == 200
    data = {"token": token, "password": PASSWORD, "again": PASSWORD}
    assert face.stranger().post("/invitation", data=data).status_code == 200
    assert an.get("/desk").headers["location"] == "/login"


def test_the_list_asks_the_same_however_long_it_is(face: Face, admin: Browser) -> None:
    with counted(face.db) as few:
        admin.get("/staff")
    for number in range(5):
        admin.post("/staff", draft(face, login=f"tv8{number}", phone=f"hn8{number}"))
    with counted(face.db) as many:
        admin.get("/staff")
    assert len(many) == len(few) <= 4


def test_an_administrator_logs_somebody_out_wherever_they_are(face: Face, admin: Browser) -> None:
    desk, other = face.browser(face.an), face.browser(face.an)
    assert admin.post(f"/staff/{face.an.staff_id}/log-out").status_code == 303
    for browser in (desk, other):
        assert browser.get("/desk").headers["location"] == "/login"
    with reading(face.db) as session:
        mine = availability.of(session, face.an.staff_id, utc_now())
        assert mine is not None
        assert mine.choice is Choice.AWAY
    assert ("end_session", "all") in said_of(face)
    assert face.browser(face.an).get("/desk").status_code == 200


def test_nobody_else_has_these_pages(face: Face) -> None:
    for who in (face.an, face.lead, face.center_lead, face.department, face.auditor, face.officer):
        browser = face.browser(who)
        for path in ("/staff", "/staff/new", f"/staff/{face.an.staff_id}"):
            assert browser.get(path).status_code == 404
        for path in ("leave", "return", "invitation", "lost-phone", "log-out", "ministry-account"):
            assert browser.post(f"/staff/{face.an.staff_id}/{path}").status_code == 404
