"""Before accounts, offices and exports the password is asked for again, and nothing typed is lost."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import quote

import pytest
from sqlalchemy import select, update

from hotline import audit, sessions, staff
from hotline.access import Viewer
from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.sessions import SessionRow
from hotline.staff import StaffRow
from tests.dashboard.conftest import Browser, Face
from tests.dashboard.test_recordings import recorded
from tests.dashboard.test_second_factor import set_up

PASSWORD = "con mèo leo cây cau"


def long_ago(face: Face, who: Viewer, minutes: int = 16) -> Browser:
    """Their browser, whose password was given so long ago."""
    with transaction(face.db) as session:
        session.get_one(StaffRow, who.staff_id).password_hash = staff.hashed(PASSWORD).text
    browser = face.browser(who)
    age_proofs(face, minutes)
    return browser


def age_proofs(face: Face, minutes: int) -> None:
    with transaction(face.db) as session:
        ago = utc_now() - timedelta(minutes=minutes)
        session.execute(update(SessionRow).values(proved_at=ago))


def test_an_export_is_asked_for_again_after_the_password(face: Face) -> None:
    lead = long_ago(face, face.lead)
    asked = lead.get("/cases/export?overdue=1")
    assert asked.headers["location"] == "/prove?back=%2Fcases%2Fexport%3Foverdue%3D1"
    back = {"back": "/cases/export?overdue=1"}
    assert lead.post("/prove", {"proof": "sai"} | back).status_code == 401
    assert lead.get("/cases/export").status_code == 303
    proved = lead.post("/prove", {"proof": PASSWORD} | back)
    assert proved.headers["location"] == "/cases/export?overdue=1"
    assert lead.get("/cases/export?overdue=1").status_code == 200
    assert lead.get("/cases").status_code == 200


@pytest.mark.parametrize("path", ["/staff", "/staff/new", "/offices"])
def test_administration_asks_for_it_and_only_of_who_may(face: Face, path: str) -> None:
    assert long_ago(face, face.admin).get(path).status_code == 303
    assert long_ago(face, face.admin, 14).get(path).status_code == 200
    assert long_ago(face, face.an).get(path).status_code == 404


def test_a_form_that_was_sent_comes_back_whole_and_is_sent_by_its_person(face: Face) -> None:
    admin = long_ago(face, face.admin)
    form = {
        "login": "tv90",
        "name": 'Mạc "Thị" Mới',
        "role": "counselor",
        "center": str(face.an.center_id),
        "phone": "hn90",
        "languages": "en",
        "known_by": "video",
    }
    asked = admin.post("/staff", form)
    assert (asked.status_code, "còn nguyên" in asked.text) == (403, True)
    carried = fields(asked.text)
    assert carried["typed.name"] == 'Mạc "Thị" Mới'
    assert carried["to"] == "/staff"
    proved = admin.post("/prove", carried | {"proof": PASSWORD})
    assert 'action="/staff"' in proved.text
    again = {name: text for name, text in fields(proved.text).items() if name in form}
    assert again == form
    assert admin.post("/staff", again).status_code == 200
    with reading(face.db) as session:
        assert session.scalars(select(StaffRow.name).where(StaffRow.login == "tv90")).all()
        row = audit.AuditRow
        acts = session.execute(select(row.act, row.detail).where(row.act == audit.Act.PROVED)).all()
        assert acts == [("proved", "again")]


def test_it_leads_nowhere_else_and_may_not_be_guessed(face: Face) -> None:
    admin = long_ago(face, face.admin)
    for elsewhere in ("//elsewhere.example", "https://elsewhere.example", "/\\evil.example"):
        assert admin.post("/prove", {"proof": PASSWORD, "back": elsewhere}).headers["location"] == "/"
        page = admin.post("/prove", {"proof": PASSWORD, "to": elsewhere}).text
        assert "example" not in page.partition("<main")[2]
    answers = [admin.post("/prove", {"proof": "sai"}).status_code for _ in range(6)]
    assert answers == [401] * 5 + [429]


def test_a_code_of_the_app_proves_it_too_and_only_once(face: Face) -> None:
    app, recovery = set_up(face, face.lead)
    lead = long_ago(face, face.lead)
    assert "hoặc mã 6 số" in lead.get("/prove").text
    assert lead.post("/prove", {"proof": "000000"}).status_code == 401
    assert lead.post("/prove", {"proof": recovery[0]}).status_code == 401
    code = app.now()
    spaced = f"{code[:3]} {code[3:]}"
    assert lead.post("/prove", {"proof": spaced, "back": "/staff"}).headers["location"] == "/staff"
    age_proofs(face, 16)
    assert lead.post("/prove", {"proof": code}).status_code == 401
    an = long_ago(face, face.an)
    assert "hoặc mã 6 số" not in an.get("/prove").text
    assert an.post("/prove", {"proof": "123456"}).status_code == 401


def test_the_roster_of_everybody_is_taken_out_after_a_proof(face: Face) -> None:
    an = long_ago(face, face.an)
    assert an.get("/roster/export").headers["location"] == "/prove?back=%2Froster%2Fexport"
    assert an.post("/prove", {"proof": PASSWORD, "back": "/roster/export"}).status_code == 303
    assert an.get("/roster/export").status_code == 200


def test_to_bring_the_screen_back_is_a_proof(face: Face) -> None:
    admin = long_ago(face, face.admin)
    admin.post("/hide", fragment=True)
    assert admin.post("/show", {"password": PASSWORD}).status_code == 303
    assert admin.get("/staff").status_code == 200


def renew(face: Face, whose: Browser) -> None:
    """Another token in their browser, the one before so long ago that it opens nothing."""
    with transaction(face.db) as session:
        new = sessions.renewed(session, whose.token, utc_now() - sessions.RENEWED)
    assert new
    whose.token = new


@pytest.mark.parametrize("path", ["/prove", "/show"])
def test_who_proves_it_gets_another_token_and_the_one_before_soon_opens_nothing(
    face: Face, path: str
) -> None:
    admin = long_ago(face, face.admin)
    old = Browser(face.stranger(), face.admin)
    old.token = admin.token
    if path == "/show":
        admin.post("/hide")
    assert "set-cookie" not in admin.post(path, {"proof": "sai", "password": "sai"}).headers
    admin.post(path, {"proof": PASSWORD, "password": PASSWORD})
    assert admin.token != old.token
    assert old.get("/staff").status_code == 200  # it was under way
    assert "set-cookie" not in old.post(path, {"proof": PASSWORD, "password": PASSWORD}).headers
    with transaction(face.db) as session:
        assert len(session.scalars(select(SessionRow)).all()) == 1
        session.execute(update(SessionRow).values(renewed_at=utc_now() - sessions.RENEWED))
    assert old.get("/staff").headers["location"].startswith("/login")
    assert admin.get("/staff").status_code == 200


def test_a_page_that_has_the_token_before_may_still_log_out(face: Face) -> None:
    admin = long_ago(face, face.admin)
    before = admin.token
    admin.post("/prove", {"proof": PASSWORD})
    admin.token, new = before, admin.token
    admin.post("/logout")
    admin.token = new
    assert admin.get("/staff").headers["location"].startswith("/login")


def fields(page: str) -> dict[str, str]:
    main = page.partition("<main")[2]
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', main)
    return {unescape(name): unescape(text) for name, text in found}


def test_what_others_said_is_heard_after_the_password_and_ones_own_at_once(face: Face) -> None:
    story = recorded(face)
    path = f"/recordings/{story.call_id}"
    call = f"/calls/{quote(story.call_id)}"
    lead, own = long_ago(face, face.lead), long_ago(face, face.an)
    for asked in (path, f"{path}/original", f"{path}/hear"):
        assert lead.get(asked).status_code == 303
        assert own.get(asked).status_code == 200
    assert "data-player" in own.get(call).text
    shown = lead.get(call).text
    assert f'href="/prove?back={call}"' in shown
    assert "<audio" not in shown

    proved = lead.post("/prove", {"proof": PASSWORD, "back": call})
    assert proved.headers["location"] == call
    assert "<audio" in lead.get(call).text
    assert lead.get(path).status_code == 200
    age_proofs(face, 16)
    assert lead.get(path).status_code == 200  # what has begun to play goes on
    assert lead.get(f"{path}/hear").status_code == 303
