"""One's own account: where one is logged in, the password, and what becomes of a log-in nobody uses."""

from datetime import timedelta
from hashlib import sha1
from pathlib import Path

import pytest
from sqlalchemy import select, update

from dashboard.browsers import named
from dashboard.cookies import device_cookie, session_cookie
from hotline import audit, breached_passwords, sessions, staff
from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.sessions import SessionRow
from hotline.settings import settings
from hotline.staff import StaffRow
from tests.dashboard.conftest import Browser, Face

OLD, NEW = "con mèo leo cây cau", "mưa xuân rơi nhẹ ngoài hiên"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"


@pytest.fixture
def an(face: Face) -> Browser:
    with transaction(face.db) as session:
        session.get_one(StaffRow, face.an.staff_id).password_hash = staff.hashed(OLD).text
    return face.browser(face.an)


def idle(face: Face, minutes: float) -> None:
    with transaction(face.db) as session:
        ago = utc_now() - timedelta(minutes=minutes)
        session.execute(update(SessionRow).values(last_seen_at=ago))


def seen_ago(face: Face) -> timedelta:
    with reading(face.db) as session:
        (row,) = session.scalars(select(SessionRow)).all()
        return utc_now() - row.last_seen_at


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (WINDOWS, "Chrome · Windows"),
        (WINDOWS + " Edg/140.0", "Edge · Windows"),
        (WINDOWS.replace("Chrome", "coc_coc_browser/120.0 Chrome"), "Cốc Cốc · Windows"),
        (
            "Mozilla/5.0 (Linux; Android 9; SM-J730G) Chrome/87.0 Mobile Safari/537.36",
            "Chrome · Android",
        ),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 15_0 like Mac OS X) Safari/604.1 Zalo", "Zalo · iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox · Linux"),
        ("curl/8", ""),
        ("", ""),
    ],
)
def test_a_browser_is_named_in_plain_words(agent: str, words: str) -> None:
    assert named(agent) == words


def test_one_sees_where_one_is_logged_in_and_ends_it_there(face: Face, an: Browser) -> None:
    elsewhere = face.stranger()
    data = {"login": face.an.login, "password": OLD}
    elsewhere.post("/login", data=data, headers={"User-Agent": WINDOWS})
    shown = an.get("/account").text
    assert "Chrome · Windows" in shown
    assert "nơi này" in shown
    (place,) = shown.split("/account/places/")[1:-1]
    binh = face.browser(face.binh)
    assert binh.post(f"/account/places/{place.partition('/')[0]}/end").status_code == 404
    assert elsewhere.get("/desk").status_code == 200
    assert an.post(f"/account/places/{place.partition('/')[0]}/end").status_code == 303
    assert elsewhere.get("/desk", follow_redirects=False).status_code == 303
    assert an.get("/desk").status_code == 200


def test_all_others_end_at_once(face: Face, an: Browser) -> None:
    others = [face.browser(face.an) for _ in range(2)]
    binh = face.browser(face.binh)
    assert an.post("/account/places/end-others").status_code == 303
    assert [one.get("/desk").status_code for one in others] == [303, 303]
    assert an.get("/desk").status_code == binh.get("/desk").status_code == 200


def test_a_new_password_needs_the_old_one_and_ends_the_other_log_ins(face: Face, an: Browser) -> None:
    other = face.browser(face.an)
    good = {"old": OLD, "password": NEW, "again": NEW}
    for typed, why in (
        ({"old": "sai"}, "đang dùng chưa đúng"),
        ({"password": "ngắn"}, "ít nhất 12"),
        ({"password": "qwertyuiop12"}, "dễ đoán"),
        ({"again": OLD}, "chưa giống nhau"),
    ):
        answer = an.post("/account/password", good | typed)
        assert (answer.status_code, why in answer.text) == (422, True)
    assert other.get("/desk").status_code == 200
    assert an.post("/account/password", good).headers["location"] == "/account?done=password"
    assert other.get("/desk").status_code == 303
    assert "Đã đổi mật khẩu" in an.get("/account?done=password").text
    with reading(face.db) as session:
        assert sessions.recognize(session, face.an.login, OLD) is None
        assert sessions.recognize(session, face.an.login, NEW) == face.an.staff_id
        row = audit.AuditRow
        acts = select(row.act).where(row.object_kind == "staff").order_by(row.id)
        assert session.scalars(acts).all() == ["log_in_refused", "end_session", "change_password"]


def test_who_chooses_a_breached_password_is_told_so_and_keeps_theirs(
    face: Face, an: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = sha1(NEW.encode(), usedforsecurity=False).hexdigest().encode() + b":7"
    (tmp_path / "list").write_bytes(b"".join(breached_passwords.packed([line], 1)))
    monkeypatch.setenv("TONGDAI_BREACHED_PASSWORDS", str(tmp_path / "list"))
    settings.cache_clear()
    answer = an.post("/account/password", {"old": OLD, "password": NEW, "again": NEW})
    assert (answer.status_code, "đã lộ ở nơi khác" in answer.text) == (422, True)
    with reading(face.db) as session:
        assert sessions.recognize(session, face.an.login, OLD) == face.an.staff_id
    better = {"old": OLD, "password": f"{NEW} kia", "again": f"{NEW} kia"}
    assert an.post("/account/password", better).headers["location"] == "/account?done=password"


def test_the_old_password_may_not_be_guessed_for_ever(an: Browser) -> None:
    wrong = {"old": "sai", "password": NEW, "again": NEW}
    answers = [an.post("/account/password", wrong).status_code for _ in range(6)]
    assert answers == [422] * 5 + [429]


def test_a_log_in_that_nobody_uses_ends(face: Face, an: Browser) -> None:
    idle(face, 59)
    assert an.get("/desk").status_code == 200
    idle(face, 61)
    assert an.get("/desk").headers["location"] == "/login"
    assert an.save(1, 0, {"content": "x"}).status_code == 401


def test_nobody_is_logged_out_in_a_talk_or_just_after_it(face: Face, an: Browser) -> None:
    story = face.answered(face.an)
    idle(face, 90)
    assert an.get("/desk").status_code == 200
    face.tell(story.talk_ended().ended())
    assert an.get("/desk").status_code == 200


def test_a_wallboard_on_a_wall_stays(face: Face) -> None:
    lead = face.browser(face.lead)
    idle(face, 50)
    assert lead.get("/wallboard/figures", fragment=True).status_code == 200
    assert seen_ago(face) < timedelta(minutes=1)


def test_what_a_page_does_by_itself_is_nobody(face: Face, an: Browser) -> None:
    for by_itself in (
        lambda: an.get("/desk/queue", fragment=True),
        lambda: an.client.get("/account", headers={"Sec-Fetch-Dest": "empty"}),
    ):
        idle(face, 30)
        assert by_itself().status_code in {200, 204}
        assert seen_ago(face) > timedelta(minutes=29)
    for by_somebody in (
        lambda: an.post("/here"),
        lambda: an.client.get("/account", headers={"Sec-Fetch-Dest": "document"}),
        lambda: an.post("/desk/availability", {"choice": "away"}, fragment=True),
    ):
        idle(face, 30)
        assert by_somebody().status_code < 300
        assert seen_ago(face) < timedelta(minutes=1)


def test_a_browser_is_known_again(face: Face, an: Browser) -> None:
    """Five wrong passwords from the same address do not keep out who has logged in there before."""
    desk, stranger = face.stranger(), face.stranger()
    right = {"login": face.an.login, "password": OLD}
    assert desk.post("/login", data=right, follow_redirects=False).status_code == 303
    assert desk.cookies[device_cookie()]
    desk.cookies.delete(session_cookie())
    for _ in range(5):
        stranger.post("/login", data=right | {"password": "sai"})
    assert stranger.post("/login", data=right, follow_redirects=False).status_code == 429
    assert desk.post("/login", data=right, follow_redirects=False).status_code == 303
