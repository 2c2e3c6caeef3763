"""One key hides the screen: the session shows nothing until its person's password is given."""

import pytest
from sqlalchemy import select, update

from dashboard.cookies import session_cookie
from hotline import audit
from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.settings import settings as process_settings
from hotline.staff import StaffRow, hasher
from intake.records import records
from routing import availability
from routing.choices import Choice
from tests.dashboard.conftest import Browser, Face
from tests.factories import Story

PASSWORD = "một mật khẩu dài"


@pytest.fixture
def hidden(face: Face, an: Browser) -> Browser:
    with transaction(face.db) as session:
        session.execute(
            update(StaffRow)
            .where(StaffRow.id == face.an.staff_id)
            .values(password_hash=hasher().hash(PASSWORD))
        )
    assert an.post("/hide", fragment=True).status_code == 204
    return an


def test_no_page_and_no_part_of_one_is_shown(hidden: Browser) -> None:
    for path in ("/desk", "/calls", "/search", "/"):
        answer = hidden.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/hidden")
    part = hidden.get("/desk/line", fragment=True)
    assert (part.status_code, part.text) == (204, "")
    assert hidden.post("/search", {"q": "an"}).status_code == 423
    assert "Mở lại màn hình" in hidden.get("/hidden").text


def test_what_was_being_typed_is_still_saved(face: Face, hidden: Browser) -> None:
    record = face.record_of(face.past(face.an), face.an)
    assert hidden.save(record, 0, {"content": "nửa câu"}).status_code == 200
    with transaction(face.db) as session:
        assert records.record(session, face.an, record, utc_now()).fields["content"] == "nửa câu"


def test_the_password_brings_it_back(hidden: Browser) -> None:
    answer = hidden.post("/show", {"password": PASSWORD}, fragment=True)
    assert (answer.status_code, answer.headers["hx-trigger"]) == (204, "shown")
    assert hidden.get("/desk").status_code == 200


def test_another_password_does_not_and_may_not_be_tried_for_ever(face: Face, hidden: Browser) -> None:
    for _ in range(5):
        assert hidden.post("/show", {"password": "sai"}).status_code == 401
    assert hidden.post("/show", {"password": PASSWORD}).status_code == 429
    assert hidden.get("/desk").status_code == 303
    with reading(face.db) as session:
        refused = select(audit.AuditRow).where(audit.AuditRow.act == audit.Act.LOG_IN_REFUSED)
        assert len(session.scalars(refused).all()) == 5


def test_only_this_session_is_hidden(face: Face, hidden: Browser) -> None:
    assert face.browser(face.an).get("/desk").status_code == 200


def test_one_may_log_out_from_behind_it(hidden: Browser) -> None:
    assert hidden.post("/logout").headers["location"] == "/login"


def test_a_page_that_nobody_touches_is_hidden(face: Face, an: Browser) -> None:
    answer = an.post("/hide/idle", fragment=True)
    assert answer.headers["hx-trigger"] == "hidden"
    assert an.get("/desk").headers["location"] == "/hidden"
    with reading(face.db) as session:
        row = audit.AuditRow
        said = session.scalars(select(row.detail).where(row.act == audit.Act.HIDE_SCREEN)).all()
        assert said == ["idle"]


def test_never_in_the_midst_of_a_talk_nor_just_after_it(face: Face, an: Browser) -> None:
    story = face.answered(face.an)
    assert "hx-trigger" not in an.post("/hide/idle", fragment=True).headers
    face.tell(story.talk_ended().ended())
    assert "hx-trigger" not in an.post("/hide/idle", fragment=True).headers
    assert an.get("/desk").status_code == 200
    assert face.browser(face.binh).post("/hide/idle", fragment=True).headers["hx-trigger"]


def test_every_page_says_after_how_long(an: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    assert 'data-hide-after="10"' in an.get("/desk").text
    monkeypatch.setenv("TONGDAI_HIDE_MINUTES", "0")
    process_settings.cache_clear()
    assert 'data-hide-after="0"' in an.get("/desk").text


def test_another_person_takes_over_the_computer(face: Face, hidden: Browser) -> None:
    face.choose(face.an, Choice.AVAILABLE)
    assert 'action="/switch"' in hidden.get("/hidden").text
    before = hidden.client.cookies[session_cookie()]
    answer = hidden.post("/switch")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    hidden.client.cookies.set(session_cookie(), before)
    assert hidden.get("/desk").headers["location"].startswith("/login")
    with reading(face.db) as session:
        mine = availability.of(session, face.an.staff_id, utc_now())
        assert mine is not None
        assert mine.choice is Choice.AWAY
        acts = session.scalars(select(audit.AuditRow.act).order_by(audit.AuditRow.id)).all()
        assert acts[-1] == audit.Act.LOG_OUT


def test_not_while_a_call_is_at_their_phone(face: Face, hidden: Browser) -> None:
    story = Story(number="0912345678", at=utc_now())
    face.tell(story.arrived().waiting().rang(face.an.phone or ""))
    refused = hidden.post("/switch")
    assert (refused.status_code, "đang có cuộc gọi" in refused.text) == (409, True)
    face.tell(story.talk(face.an.phone or ""))
    assert hidden.post("/switch").status_code == 409
    assert "Mở lại màn hình" in hidden.get("/hidden").text
    assert "345" not in refused.text
    assert face.browser(face.binh).post("/switch").status_code == 303
    face.tell(story.talk_ended().ended())
    assert hidden.post("/switch").status_code == 303
