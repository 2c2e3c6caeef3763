"""Every page for every role, and what stands before all of them."""

import re

import pytest

from dashboard.cookies import guest_cookie, session_cookie
from dashboard.guard import MAX_BODY, POLICY
from hotline.clock import utc_now
from hotline.settings import settings
from tests.dashboard.conftest import CSRF, Browser, Face
from tests.factories import Story

_LEADS = {"lead", "far_lead", "center_lead"}
_HOUSE = {*_LEADS, "admin", "department"}
"""Who sees how the house does."""
_COUNSELORS = {"an", "binh"}
_CASE_READERS = {*_COUNSELORS, *_LEADS, "department"}
_EVERYBODY = {*_CASE_READERS, "therapist", "officer", "admin", "auditor"}
PAGES = {
    "/desk": {"an"},
    "/desk/line": {"an"},
    "/desk/queue": {"an"},
    "/desk/inbox": {"an"},
    "/wallboard": _HOUSE,
    "/wallboard/board": _HOUSE,
    "/wallboard/figures": _HOUSE,
    "/wallboard/figures/service_level": _HOUSE,
    "/on-call": {*_LEADS, "admin"},
    "/rapid-team": {*_LEADS, "department"},
    "/directory": {*_COUNSELORS, *_HOUSE},
    "/directory/list.csv": {*_LEADS, "admin"},
    "/offices": {"admin"},
    "/staff": {"admin"},
    "/staff/new": {"admin"},
    "/staffing": {*_LEADS, "admin"},
    "/calls": {*_COUNSELORS, *_LEADS},
    "/calls/{call}": {"an", "lead", "center_lead"},
    "/records/{record}": {"an", "lead", "center_lead"},
    "/cases": _CASE_READERS,
    "/cases/{case}": {"an", "lead", "center_lead", "department"},
    "/case-limits": {"center_lead", "department", "admin"},
    "/data-requests": {"center_lead", "department"},
    "/research": {"department"},
    "/official-reports": {"center_lead", "department", "auditor"},
    "/report-schedule": {"center_lead"},
    "/holds": {"center_lead", "department"},
    "/surveys": {"center_lead", "department"},
    "/cases/{case}/plan": {"an", "lead", "center_lead", "department"},
    "/cases/{case}/entries/new": {"an", "lead", "center_lead"},
    "/delegations": _LEADS,
    "/cases/{case}/handover": {"an", "lead", "center_lead"},
    "/field": {"officer"},
    "/figures": {*_LEADS, "department", "auditor"},
    "/figures/rows?table=cases&code=total": {*_LEADS, "department"},
    "/figures/export": {*_LEADS, "department"},
    "/figures/trafficking": {"center_lead", "department"},
    "/figures/therapy": {"center_lead", "department"},
    "/figures/trafficking/rows?part=cases&code=total": {"center_lead", "department"},
    "/figures/therapy/rows?year=2026&part=sessions": {"center_lead", "department"},
    "/therapy": {"therapist"},
    "/inbox": {*_COUNSELORS, "lead", "far_lead"},
    "/inbox/waiting": {*_COUNSELORS, "lead", "far_lead"},
    "/inbox/new": {*_COUNSELORS, "lead", "far_lead"},
    "/glass": {*_COUNSELORS, *_LEADS},
    "/search": {*_COUNSELORS, *_LEADS},
    "/welcome": _EVERYBODY,
    "/account": _EVERYBODY,
}
"""Page → who may see it; `an` took the call, `far_lead` leads another center."""
_PEOPLE = sorted(_EVERYBODY)


@pytest.fixture
def places(face: Face) -> dict[str, str]:
    story = face.past(face.an)
    record = face.record_of(story, face.an)
    case = face.open_case(record, face.an)
    return {"call": story.call_id, "record": str(record), "case": str(case)}


@pytest.mark.parametrize("who", _PEOPLE)
def test_a_page_is_there_for_whom_it_concerns_and_for_nobody_else(
    face: Face, places: dict[str, str], who: str
) -> None:
    browser = face.browser(getattr(face, who))
    got = {path: browser.get(path.format(**places)).status_code for path in PAGES}
    desks = {"an", "binh"}
    expected = {
        path: 200 if who in allowed or (path.startswith("/desk") and who in desks) else 404
        for path, allowed in PAGES.items()
    }
    assert got == expected


@pytest.mark.parametrize("path", [path for path in PAGES if "{" not in path])
def test_a_stranger_is_sent_to_the_log_in(face: Face, path: str) -> None:
    answer = face.stranger().get(path, headers={"Accept": "text/html"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")


def test_what_does_not_exist_and_what_is_not_for_me_look_the_same(
    face: Face, places: dict[str, str]
) -> None:
    binh = face.browser(face.binh)
    hidden = binh.get(f"/cases/{places['case']}")
    missing = binh.get("/cases/999999")
    assert hidden.status_code == missing.status_code == 404
    moment = re.compile(r'data-now="[^"]*"')
    assert moment.sub("", hidden.text) == moment.sub("", missing.text)


def test_pages_show_only_what_the_viewer_may_do(face: Face) -> None:
    assert 'href="/wallboard"' not in face.browser(face.an).get("/desk").text
    board = face.browser(face.admin).get("/wallboard").text
    assert 'href="/cases"' not in board
    assert 'href="/desk"' not in board


def test_the_wallboard_tells_of_no_caller_and_no_child(face: Face, an: Browser) -> None:
    talking = face.answered(face.an, "0912345678")
    record = face.record_of(talking, face.an)
    assert an.save(record, 0, {"child.1.name": "Bé Na", "caller_name": "Bà Tư"}).status_code == 200
    assert "Bé Na" in an.get("/desk").text
    waiting = face.tell(Story(number="0987654321", at=utc_now()).arrived().waiting())
    lead = face.browser(face.lead)
    pages = ["/wallboard", "/wallboard/board", "/wallboard/figures", "/wallboard/figures/offered"]
    told = "".join(lead.get(path).text for path in [*pages, f"/wallboard/staff/{face.an.staff_id}"])
    assert "Nguyễn Thị An" in told
    assert "data-grows" in told  # somebody waits
    for secret in ("Bé Na", "Bà Tư", "345678", "345 678", "654321", "654 321"):
        assert secret not in told.replace(talking.call_id, "").replace(waiting.call_id, "")


@pytest.mark.parametrize(
    "path",
    [
        "/desk/availability",
        "/logout",
        "/switch",
        "/records/1/close",
        "/records/1/reopen",
        "/records/1/case",
        "/cases/1/steps/assess_risk",
        "/cases/1/notes",
        "/cases/1/owner",
        "/cases/1/note-alarm",
        "/cases/1/separations/1/end",
        "/case-limits/review",
        "/cases/1/plan",
        "/cases/1/plan/1/decision",
        "/cases/1/plan/actions/1",
        "/cases/1/entries",
        "/cases/1/entries/1/correct",
        "/cases/1/files",
        "/cases/1/ring",
        "/cases/1/emergency/police_told",
        "/cases/1/referrals/1/result",
        "/therapy/children/1/accept",
        "/therapy/meetings/1/state",
        "/delegations",
        "/cases/1/handover/preview",
        "/handovers/x/withdraw",
        "/offices",
        "/account/password",
        "/prove",
        "/second-factor",
        "/second-factor/begin",
        "/second-factor/confirm",
        "/second-factor/codes",
        "/second-factor/remove",
        "/second-factor/passkey",
        "/passkeys/ask",
        "/passkeys/new",
        "/passkeys",
        "/passkeys/1/remove",
        "/staff/1/lost-phone",
        "/staff/1/ministry-account",
        "/account/places/end-others",
        "/here",
        "/staff",
        "/staff/1",
        "/staff/1/leave",
        "/staff/1/invitation",
        "/offices/1/revoke",
        "/offices/1/messages/1/again",
        "/field/x/accept",
    ],
)
def test_a_form_without_our_token_changes_nothing(an: Browser, path: str) -> None:
    data = {"choice": "available", "disposition": "silent", "csrf": "guessed"}
    assert an.client.post(path, data=data).status_code == 403
    assert an.client.post(path, data={**data, "csrf": ""}).status_code == 403


def test_an_autosave_without_our_token_changes_nothing(an: Browser) -> None:
    body = {"base_revision": 0, "changes": {"content": "x"}}
    assert an.client.post("/records/1/autosave", json=body).status_code == 403


def test_the_token_may_come_in_the_form(an: Browser) -> None:
    answer = an.client.post(
        "/desk/availability", data={"choice": "available", "csrf": CSRF}, follow_redirects=False
    )
    assert answer.status_code == 200


def test_a_log_in_that_another_site_sends_is_refused(face: Face) -> None:
    stranger = face.stranger()
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://elsewhere.example"}):
        assert stranger.post("/login", data={"login": "x"}, headers=headers).status_code == 403


@pytest.mark.parametrize("path", ["/login", "/desk", "/nowhere", "/records/1"])
def test_every_answer_carries_the_safe_headers(an: Browser, path: str) -> None:
    headers = an.get(path).headers
    assert headers["Content-Security-Policy"] == POLICY
    assert "unsafe" not in POLICY
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"


def test_behind_tls_cookies_are_of_this_host_alone_and_the_browser_keeps_to_tls(
    face: Face, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Strict-Transport-Security" not in face.stranger().get("/login").headers
    monkeypatch.setenv("TONGDAI_SECURE_COOKIES", "true")
    settings.cache_clear()
    answer = face.stranger().get("/login")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert session_cookie().startswith("__Host-")
    assert guest_cookie().startswith("__Host-")


def test_built_files_are_kept_by_the_browser(an: Browser) -> None:
    page = an.get("/login", fragment=False)
    page = an.client.get("/desk").text
    address = page.partition('rel="stylesheet" href="')[2].partition('"')[0]
    answer = an.client.get(address)
    assert answer.status_code == 200
    assert "immutable" in answer.headers["Cache-Control"]


def test_a_request_that_is_too_large_is_refused_before_it_is_read(an: Browser) -> None:
    answer = an.save(1, 0, {"content": "x" * MAX_BODY})
    assert answer.status_code == 413


def test_pages_have_no_inline_script_or_style(an: Browser, face: Face) -> None:
    face.answered(face.an)
    text = an.get("/desk").text
    assert "<style" not in text
    assert " style=" not in text
    assert " onclick=" not in text
    assert text.count("<script") == text.count('<script type="module" src=')


def test_a_session_that_is_over_says_what_was_kept(face: Face) -> None:
    client = face.stranger()
    client.cookies.set(session_cookie(), "stale")
    answer = client.post(
        "/records/1/autosave",
        json={"base_revision": 0, "changes": {}},
        headers={"Accept": "application/json"},
    )
    assert answer.status_code == 401
    assert "được giữ" in answer.json()["message"]
