"""Log-in, log-out, language and light."""

import pytest
from httpx import Response

from dashboard.cookies import session_cookie
from hotline import bus, staff
from hotline.access import Viewer
from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.settings import settings
from hotline.staff import StaffRow
from routing import availability
from routing.choices import Choice
from tests.dashboard.conftest import CSRF, Browser, Face


def _with_password(face: Face, password: str) -> None:
    with transaction(face.db) as session:
        row = session.get(StaffRow, face.an.staff_id)
        assert row is not None
        row.password_hash = staff.hashed(password).text


def test_the_right_password_leads_to_the_desk(face: Face) -> None:
    _with_password(face, "đúng rồi")
    client = face.stranger()
    answer = client.post(
        "/login", data={"login": face.an.login, "password": "đúng rồi"}, follow_redirects=False
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert client.get("/desk").status_code == 200
    assert client.get("/login", follow_redirects=False).headers["location"] == "/desk"


def test_a_wrong_password_says_nothing_about_what_was_wrong_and_the_sixth_try_waits(face: Face) -> None:
    _with_password(face, "đúng rồi")
    client = face.stranger()
    told = set()
    for login in (face.an.login, "nobody\x00"):
        answer = client.post("/login", data={"login": login, "password": "sai"})
        assert answer.status_code == 401
        told.add(answer.text.partition('class="problem"')[2].partition("</p>")[0])
    assert len(told) == 1
    for _ in range(4):
        client.post("/login", data={"login": face.an.login, "password": "sai"})
    answer = client.post("/login", data={"login": face.an.login, "password": "đúng rồi"})
    assert answer.status_code == 429
    assert "đợi một phút" in answer.text


def _log_in_at(browser: Browser, face: Face) -> Response:
    form = {"login": face.an.login, "password": "đúng rồi"}
    answer: Response = browser.client.post("/login", data=form, follow_redirects=False)
    return answer


def _opens(face: Face, token: str) -> bool:
    client = face.stranger()
    client.cookies.set(session_cookie(), token)
    answer: Response = client.get("/desk", follow_redirects=False)
    return answer.status_code == 200


@pytest.mark.parametrize("whose", ["an", "binh"])
def test_the_session_that_a_browser_had_ends_with_the_next_log_in_there(face: Face, whose: str) -> None:
    """Nobody takes calls for somebody else; who has only logged in again goes on taking theirs."""
    before: Viewer = getattr(face, whose)
    _with_password(face, "đúng rồi")
    face.choose(before, Choice.AVAILABLE)
    browser = face.browser(before)
    token = browser.client.cookies[session_cookie()]
    assert _opens(face, token)
    answer = _log_in_at(browser, face)
    assert answer.status_code == 303
    assert _opens(face, answer.cookies[session_cookie()])
    assert not _opens(face, token)
    with reading(face.db) as session:
        theirs = availability.of(session, before.staff_id, utc_now())
    assert theirs is not None
    assert theirs.choice is (Choice.AVAILABLE if whose == "an" else Choice.AWAY)


def test_a_log_in_ends_no_session_whose_person_has_a_call(face: Face) -> None:
    _with_password(face, "đúng rồi")
    binh = face.browser(face.binh)
    face.answered(face.binh)
    answer = _log_in_at(binh, face)
    assert (answer.status_code, "đang có cuộc gọi" in answer.text) == (409, True)
    assert binh.get("/desk").status_code == 200


def test_who_logs_out_gets_no_more_calls(face: Face, an: Browser) -> None:
    face.choose(face.an, Choice.AVAILABLE)
    answer = an.client.post("/logout", data={"csrf": CSRF}, follow_redirects=False)
    assert answer.headers["location"] == "/login"
    assert an.get("/desk").status_code == 303
    with reading(face.db) as session:
        mine = availability.of(session, face.an.staff_id, utc_now())
    assert mine is not None
    assert mine.choice is Choice.AWAY


def test_nobody_logs_out_in_the_midst_of_a_call(face: Face, an: Browser) -> None:
    """A phone in the browser would fall silent with the session, and with it the caller."""
    story = face.answered(face.an)
    refused = an.post("/logout")
    assert (refused.status_code, "chuyển máy cho đồng nghiệp" in refused.text) == (409, True)
    asked = an.post("/logout", {"only_ask": "true"}, fragment=True)
    assert (asked.status_code, asked.text.startswith("Bạn đang có cuộc gọi")) == (409, True)
    assert an.get("/desk").status_code == 200
    face.tell(story.talk_ended().ended())
    assert an.post("/logout", {"only_ask": "true"}, fragment=True).status_code == 204
    assert an.get("/desk").status_code == 200
    assert an.post("/logout", fragment=True).headers["location"] == "/login"
    assert an.get("/desk").status_code == 303


def test_language_and_light_are_the_persons_own(an: Browser) -> None:
    an.post("/screen", {"language": "en", "theme": "dark", "back": "/desk"})
    text = an.get("/desk").text
    assert '<html lang="en" data-theme="dark">' in text
    assert "My desk" in text
    an.post("/screen", {"language": "xx", "theme": "pink"})
    assert '<html lang="en" data-theme="dark">' in an.get("/desk").text


def test_the_way_back_stays_on_our_own_pages(an: Browser) -> None:
    for elsewhere in (
        "//elsewhere.example",
        "https://elsewhere.example",
        "elsewhere",
        "/\\evil.example",
    ):
        assert an.post("/screen", {"back": elsewhere}).headers["location"] == "/"


def test_an_error_is_told_in_the_persons_language(an: Browser) -> None:
    an.post("/screen", {"language": "en"})
    text = an.get("/cases/1").text
    assert "Not found" in text
    assert "What you have written is still here." in text


def test_redis_away_does_not_stop_a_change(an: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGDAI_REDIS_URL", "unix:///nowhere/valkey.sock")
    settings.cache_clear()
    bus.client.cache_clear()
    assert (
        an.post("/desk/availability", {"choice": "break", "why": "meal"}, fragment=True).status_code
        == 200
    )
