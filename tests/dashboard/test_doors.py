"""What every answer holds to, asked of the routes: cookies, other origins, folders, the way out."""

import pytest
from sqlalchemy import update

from dashboard.asking import device_cookie, session_cookie
from hotline import staff
from hotline.db import transaction
from hotline.staff import StaffRow
from tests.dashboard.conftest import Browser, Face

PASSWORD = "con mèo leo cây cau"


def test_cookies_that_let_in_are_kept_from_scripts(face: Face) -> None:
    with transaction(face.db) as session:
        told = update(StaffRow).where(StaffRow.id == face.an.staff_id)
        session.execute(told.values(password_hash=staff.hashed(PASSWORD).text))
    stranger = face.stranger()
    form = {"login": face.an.login, "password": PASSWORD}
    answer = stranger.post("/login", data=form, follow_redirects=False)
    set_ = answer.headers.get_list("set-cookie")
    names = {one.partition("=")[0] for one in set_}
    assert {session_cookie(), device_cookie()} <= names
    assert not [
        one for one in set_ if "httponly" not in one.lower() or "samesite=lax" not in one.lower()
    ]


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
