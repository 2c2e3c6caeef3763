"""What every answer holds to, asked of the routes: cookies, other origins, folders, the way out."""

import pytest
from sqlalchemy import update
from structlog.testing import capture_logs

from dashboard.cookies import device_cookie, language_cookie, session_cookie, theme_cookie
from dashboard.guard import MAX_BODY
from hotline import staff
from hotline.db import transaction
from hotline.settings import settings
from hotline.staff import StaffRow
from tests.dashboard.conftest import Browser, Face

PASSWORD = "con mèo leo cây cau"


def _logged_in(face: Face) -> list[str]:
    """The cookies that a log-in sets."""
    with transaction(face.db) as session:
        told = update(StaffRow).where(StaffRow.id == face.an.staff_id)
        session.execute(told.values(password_hash=staff.hashed(PASSWORD).text))
    stranger = face.stranger()
    form = {"login": face.an.login, "password": PASSWORD}
    answer = stranger.post("/login", data=form, follow_redirects=False)
    return list(answer.headers.get_list("set-cookie"))


def test_cookies_that_let_in_are_kept_from_scripts(face: Face) -> None:
    set_ = _logged_in(face)
    names = {one.partition("=")[0] for one in set_}
    assert {session_cookie(), device_cookie()} <= names
    assert not [
        one for one in set_ if "httponly" not in one.lower() or "samesite=lax" not in one.lower()
    ]


def test_behind_tls_a_browser_takes_every_cookie_from_this_host_alone_also_when_it_is_to_go(
    face: Face, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TONGDAI_SECURE_COOKIES", "true")
    settings.cache_clear()
    an = face.browser(face.an)
    answers = (
        an.post("/screen", {"language": "en", "theme": "dark"}),
        an.client.post("/login/passkey/ask"),
        an.client.post("/login/passkey", data={"passkey": "{}"}),
        an.post("/logout"),
    )
    set_ = _logged_in(face) + [one for each in answers for one in each.headers.get_list("set-cookie")]
    assert {one.partition("=")[0] for one in set_} == {
        *(session_cookie(), device_cookie(), language_cookie(), theme_cookie()),
        "__Host-tongdai-passkey-0",
    }
    for one in set_:
        said = {part.strip().lower() for part in one.split(";")}
        assert one.startswith("__Host-")
        assert {"secure", "path=/", "httponly"} <= said
        assert not [part for part in said if part.startswith("domain")]


def test_who_opens_faster_than_anybody_reads_is_slowed_down_and_goes_on_writing(
    face: Face, an: Browser, redis: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TONGDAI_LOOKS_PER_MINUTE", "3")
    settings.cache_clear()
    record = face.record_of(face.past(face.an), face.an)
    seen = [an.get(f"/records/{record}").status_code for _ in range(4)]
    assert seen == [200, 200, 200, 429]
    assert "Đợi vài giây" in an.post("/search", {"q": "an"}).text
    assert an.save(record, 0, {"content": "nửa câu"}).status_code == 200
    assert an.get("/desk").status_code == 200
    assert face.browser(face.an).get(f"/records/{record}").status_code == 200


def test_what_is_refused_is_told_in_the_log_without_what_was_sent(face: Face, an: Browser) -> None:
    with capture_logs() as told:
        face.stranger().post("/api/v1/reports", json={"told": "Nguyễn Thị Đào"})
        an.client.post("/search", data={"q": "Nguyễn Thị Đào"})
        an.client.post("/search", data={"q": "x" * (MAX_BODY + 1)})
        an.post("/screen", {"language": "en"})
    refused = [one for one in told if one["event"] == "request_refused"]
    assert [(one["status"], one["method"], one["route"]) for one in refused] == [
        (401, "POST", "/api/v1/reports"),
        (403, "POST", "/search"),
        (413, "POST", ""),
    ]
    assert "Nguyễn" not in str(told)


def test_a_log_out_has_the_browser_forget_what_it_could_go_back_to_but_no_draft(an: Browser) -> None:
    assert an.post("/logout").headers["Clear-Site-Data"] == '"cache"'


@pytest.mark.parametrize("path", ["/", "/login", "/health", "/h", "/invitation", "/prove"])
def test_looking_at_a_page_opens_no_session(face: Face, path: str) -> None:
    stranger = face.stranger()
    stranger.get(path)
    assert session_cookie() not in stranger.cookies


@pytest.mark.parametrize("path", ["/login", "/desk", "/health", "/api/v1/reports", "/static/"])
def test_no_other_origin_is_ever_let_in(an: Browser, path: str) -> None:
    headers = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"}
    for answer in (an.client.get(path, headers=headers), an.client.options(path, headers=headers)):
        assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("path", ["/static", "/static/", "/static/..%2f", "/.git/config", "/.env"])
def test_no_folder_is_listed_and_nothing_beside_the_built_files_given_out(
    an: Browser, path: str
) -> None:
    assert an.get(path).status_code in {404, 307}
    assert an.client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/desk", "/calls", "/cases", "/search", "/account", "/prove"])
def test_the_way_out_is_on_every_page(an: Browser, path: str) -> None:
    assert 'action="/logout"' in an.get(path).text


def test_a_field_that_is_sent_twice_counts_once(face: Face) -> None:
    """The last of them, as everywhere, and no list of both."""
    lead = face.browser(face.lead)
    page = lead.get("/cases?risk=emergency&risk=none_such").text
    assert "risk=emergency" not in page.partition("/cases/export?")[2].partition('"')[0]
