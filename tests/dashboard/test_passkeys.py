"""Passkeys: made, given, removed; and what is another person's, old or for another site is refused."""

import json
import re
from collections.abc import Callable
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from httpx import Response
from sqlalchemy import func, select, update

from dashboard.cookies import session_cookie
from hotline import accounts, audit, keyring, passkeys, second_factors
from hotline.access import Viewer
from hotline.audit_findings import AuditFindingRow
from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.passkeys import PasskeyChallengeRow, PasskeyRow, Site, site
from hotline.settings import Settings
from hotline.settings import settings as now_set
from tests.dashboard.conftest import CSRF, Browser, Face
from tests.dashboard.test_prove import PASSWORD, age_proofs, long_ago
from tests.dashboard.test_second_factor import give_password, log_in, post, set_up, where
from tests.security_key import SecurityKey

if TYPE_CHECKING:
    from fastapi.testclient import TestClient


@pytest.fixture(autouse=True)
def at_home(monkeypatch: pytest.MonkeyPatch, db: object, settings: Callable[[], Settings]) -> None:
    """The test client's own address."""
    monkeypatch.setenv("TONGDAI_PUBLIC_URL", "https://testserver")
    settings()


def security_key(**options: Any) -> SecurityKey:
    return SecurityKey(**{"origin": "https://testserver", "site": "testserver", **options})


def new(browser: Browser) -> dict[str, Any]:
    """What the page that makes one asks the browser."""
    answer = browser.post("/passkeys/new")
    assert answer.status_code == 200
    found = re.search(r'data-passkey-new="([^"]*)"', answer.text)
    assert found
    options: dict[str, Any] = json.loads(unescape(found[1]))
    return options


def enrolled(face: Face, who: Viewer, **options: Any) -> SecurityKey:
    browser, key = face.browser(who), security_key(**options)
    said = key.make(new(browser))
    added = browser.post("/passkeys", {"passkey": said, "name": "Khóa USB"})
    assert added.headers["location"] == "/account?done=passkey"
    return key


def ask(client: "TestClient", path: str = "/login/passkey/ask") -> dict[str, Any]:
    answer = client.post(path, headers={"X-CSRF-Token": CSRF})
    assert answer.status_code == 200
    options: dict[str, Any] = answer.json()
    return options


def enter(client: "TestClient", said: str) -> Response:
    answer: Response = client.post("/login/passkey", data={"passkey": said}, follow_redirects=False)
    return answer


def https(face: Face) -> "TestClient":
    client = face.stranger()
    client.base_url = "https://testserver"
    return client


def test_one_is_made_named_used_and_removed(face: Face) -> None:
    key = enrolled(face, face.an)
    client = https(face)
    options = ask(client)
    assert options["userVerification"] == "required"
    assert not options.get("allowCredentials")
    answer = enter(client, key.sign(options))
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk")
    page = client.get("/account").text
    assert "Khóa USB" in page
    assert "chưa dùng" not in page
    an = face.browser(face.an)
    with reading(face.db) as session:
        [one] = passkeys.listed(session, face.an.staff_id)
    assert face.browser(face.binh).post(f"/passkeys/{one.id}/remove").status_code == 404
    assert an.post(f"/passkeys/{one.id}/remove").status_code == 303
    assert enter(client, key.sign(ask(client))).status_code == 401
    with reading(face.db) as session:
        row = audit.AuditRow
        acts = select(row.act, row.detail).where(row.act.in_(("passkey", "log_in", "log_in_refused")))
        assert session.execute(acts.order_by(row.id)).all() == [
            ("passkey", "on"),
            ("log_in", "passkey"),
            ("passkey", "off"),
            ("log_in_refused", "passkey"),
        ]


@pytest.mark.parametrize(
    "lie",
    [
        {"origin": "https://testserver.evil.example"},
        {"origin": "http://testserver"},
        {"site": "evil.example"},
        {"verifies": False},
    ],
    ids=str,
)
def test_what_was_signed_for_another_site_or_without_its_person_is_refused(
    face: Face, lie: dict[str, Any]
) -> None:
    liar, browser = security_key(**lie), face.browser(face.binh)
    answer = browser.post("/passkeys", {"passkey": liar.make(new(browser)), "name": "x"})
    assert answer.status_code == 422
    key, client = enrolled(face, face.an), https(face)
    for name, value in lie.items():
        setattr(key, name, value)
    assert enter(client, key.sign(ask(client))).status_code == 401
    assert where(client) == "/login"


def test_an_answer_counts_once_and_only_for_who_was_asked(face: Face) -> None:
    key, client, other = enrolled(face, face.an), https(face), https(face)
    options = ask(client)
    said = key.sign(options)
    ask(other)
    assert enter(other, said).status_code == 401
    assert enter(https(face), said).status_code == 401
    assert enter(client, said).status_code == 303
    key.count += 1
    again = https(face)
    for cookie in ("tongdai-passkey-0", session_cookie()):
        if value := client.cookies.get(cookie):
            again.cookies.set(cookie, value)
    assert enter(again, key.sign(options)).status_code == 401  # signed anew, asked long ago
    with transaction(face.db) as session:
        assert session.scalar(select(func.count()).select_from(PasskeyChallengeRow)) == 0


def test_an_answer_that_comes_too_late_is_refused(face: Face) -> None:
    key, client = enrolled(face, face.an), https(face)
    options = ask(client)
    with transaction(face.db) as session:
        session.execute(update(PasskeyChallengeRow).values(expires_at=utc_now()))
    assert enter(client, key.sign(options)).status_code == 401


def test_the_key_of_somebody_else_is_nobodys_proof(face: Face) -> None:
    key = enrolled(face, face.binh)
    mine = enrolled(face, face.admin)
    admin = long_ago(face, face.admin)
    options = ask(admin.client, "/passkeys/ask")
    assert len(options["allowCredentials"]) == 1
    assert admin.post("/prove", {"passkey": key.sign(options), "back": "/staff"}).status_code == 401
    assert admin.get("/staff").status_code == 303
    key.owner = mine.owner  # as if it were the administrator's
    said = key.sign(ask(admin.client, "/passkeys/ask"))
    assert admin.post("/prove", {"passkey": said, "back": "/staff"}).status_code == 401
    right = mine.sign(ask(admin.client, "/passkeys/ask"))
    assert admin.post("/prove", {"passkey": right, "back": "/staff"}).headers["location"] == "/staff"
    assert admin.get("/staff").status_code == 200
    age_proofs(face, 16)
    assert admin.post("/prove", {"passkey": right, "back": "/staff"}).status_code == 401


def test_it_brings_a_hidden_screen_back(face: Face) -> None:
    assert "data-passkey=" not in face.browser(face.an).get("/desk").text
    key, other = enrolled(face, face.an), enrolled(face, face.binh)
    an = face.browser(face.an)
    assert "data-passkey=" in an.get("/desk").text
    assert an.post("/hide", fragment=True).status_code == 204
    assert "data-passkey=" in an.get("/hidden").text
    for wrong in (other.sign(ask(an.client, "/passkeys/ask")), "{}"):
        answer = an.post("/show", {"passkey": wrong})
        assert (answer.status_code, "không dùng được ở đây" in answer.text) == (401, True)
    assert an.get("/desk").headers["location"] == "/hidden"
    said = key.sign(ask(an.client, "/passkeys/ask"))
    answer = an.post("/show", {"passkey": said, "password": ""}, fragment=True)
    assert (answer.status_code, answer.headers["hx-trigger"]) == (204, "shown")
    assert an.get("/desk").status_code == 200
    an.post("/hide", fragment=True)
    assert an.post("/show", {"passkey": said}).status_code == 401


def test_a_copy_is_refused_and_the_auditor_finds_it(face: Face) -> None:
    key, client = enrolled(face, face.an), https(face)
    assert enter(client, key.sign(ask(client))).status_code == 303
    key.count -= 1
    assert enter(https(face), "").status_code == 401
    client = https(face)
    assert enter(client, key.sign(ask(client))).status_code == 401
    with reading(face.db) as session:
        found = session.execute(select(AuditFindingRow.odd, AuditFindingRow.login)).all()
    assert found == [("copied_passkey", face.an.login)]
    assert "sao chép" in face.browser(face.auditor).get("/audit").text


def test_who_has_left_has_no_passkey(face: Face) -> None:
    key, client = enrolled(face, face.an), https(face)
    options = ask(client)
    with transaction(face.db) as session:
        accounts.close(session, face.admin, face.an.staff_id, utc_now())
        assert not passkeys.has(session, face.an.staff_id)
    assert enter(client, key.sign(options)).status_code == 401


def test_it_is_the_second_step_after_a_password_and_stands_beside_the_app(face: Face) -> None:
    give_password(face, face.an)
    key, other = enrolled(face, face.an), enrolled(face, face.binh)
    client = log_in(face, face.an)
    assert where(client) == "/second-factor"
    assert post(face, client, "/passkeys/new").status_code == 409  # first the one there is

    def give(key: SecurityKey) -> Response:
        said = key.sign(ask(client, "/passkeys/ask"))
        answer: Response = client.post(
            "/second-factor/passkey", data={"csrf": CSRF, "passkey": said}, follow_redirects=False
        )
        return answer

    assert post(face, client, "/second-factor", "000000").status_code == 401
    assert give(other).status_code == 401
    assert give(key).headers["location"] == "/"
    assert where(client) == "200"
    app, _ = set_up(face, face.an)
    client = log_in(face, face.an)
    assert post(face, client, "/second-factor", app.now()).headers["location"] == "/"


def test_who_must_have_a_second_factor_may_have_this_one_and_keeps_the_last(
    face: Face, monkeypatch: pytest.MonkeyPatch, settings: Callable[[], Settings]
) -> None:
    monkeypatch.setenv("TONGDAI_DEMO", "false")
    settings()
    give_password(face, face.admin)
    client = log_in(face, face.admin)
    assert where(client, "/staff") == "/second-factor"
    assert post(face, client, "/passkeys/new").status_code == 200
    browser, key = Browser(client, face.admin), security_key()
    before = client.cookies[session_cookie()]
    assert browser.post("/passkeys", {"passkey": key.make(new(browser))}).status_code == 303
    assert client.cookies[session_cookie()] != before
    assert where(client, "/staff") == "200"
    with reading(face.db) as session:
        [one] = passkeys.listed(session, face.admin.staff_id)
    assert post(face, client, f"/passkeys/{one.id}/remove").status_code == 409
    assert enter(client, key.sign(ask(client))).headers["location"] == "/wallboard"


def test_a_code_leads_an_administrator_no_further_than_to_making_a_passkey(
    face: Face, monkeypatch: pytest.MonkeyPatch, settings: Callable[[], Settings]
) -> None:
    """ASVS 6.3.3, level 3: a code can be read out to a forged page."""
    monkeypatch.setenv("TONGDAI_DEMO", "false")
    settings()
    give_password(face, face.admin)
    app, codes = set_up(face, face.admin)
    for code in (app.now(), codes[0]):
        client = log_in(face, face.admin)
        assert post(face, client, "/second-factor", code).headers["location"] == "/"
        assert where(client, "/staff") == "/second-factor"
        page = client.get("/second-factor").text
        assert ("/passkeys/new" in page, "/second-factor/begin" in page) == (True, False)
        assert post(face, client, "/second-factor", app.now()).headers["location"] == "/"
        assert where(client, "/staff") == "/second-factor"
    browser = Browser(client, face.admin)
    assert post(face, client, "/passkeys/new").status_code == 200
    assert browser.post("/passkeys", {"passkey": security_key().make(new(browser))}).status_code == 303
    assert where(client, "/staff") == "200"
    with reading(face.db) as session:
        [one] = passkeys.listed(session, face.admin.staff_id)
    assert post(face, client, f"/passkeys/{one.id}/remove").status_code == 409

    give_password(face, face.auditor)
    client = log_in(face, face.auditor)
    with transaction(face.db) as session:
        second_factors.begin(session, face.auditor, keyring.recording_keys(now_set()))
    assert where(client, "/audit") == "/second-factor"
    monkeypatch.setenv("TONGDAI_PASSKEYS_OBLIGED", "false")
    settings()
    assert "/second-factor/begin" in client.get("/second-factor").text


def test_before_ways_to_log_in_and_log_ins_change_the_password_is_asked_for(face: Face) -> None:
    an = long_ago(face, face.an)
    for path in (
        *("/passkeys/new", "/passkeys", "/passkeys/1/remove"),
        *("/second-factor/begin", "/second-factor/confirm"),
        *("/account/places/end-others", f"/account/places/{'0' * 64}/end"),
    ):
        assert (an.post(path).status_code, "còn nguyên" in an.post(path).text) == (403, True)
    assert an.post("/prove", {"proof": PASSWORD, "to": "/passkeys/new"}).status_code == 200
    assert an.post("/passkeys/new").status_code == 200


def test_a_first_one_ends_the_log_ins_elsewhere_and_a_second_does_not(face: Face) -> None:
    elsewhere = face.browser(face.an)
    enrolled(face, face.an)
    assert elsewhere.get("/desk").headers["location"].startswith("/login")
    elsewhere = face.browser(face.an)
    enrolled(face, face.an)
    assert elsewhere.get("/desk").status_code == 200


def test_tries_are_counted_and_nobody_elsewhere_waits_for_them(face: Face) -> None:
    key, client = enrolled(face, face.an), https(face)
    assert [enter(client, "{}").status_code for _ in range(6)] == [401] * 5 + [429]
    assert enter(client, key.sign(ask(client))).status_code == 303  # whose it is, is known
    forged = security_key(id=key.id)
    client = https(face)
    answers = [enter(client, forged.sign(ask(client))).status_code for _ in range(6)]
    assert answers == [401] * 5 + [429]


@pytest.mark.parametrize(
    "said",
    ["", "{}", "[]", "null", '{"id": 7}', '{"id": "AA"}', "\x00", '{"id": "é"}', "[" * 5000, "9" * 5000],
    ids=lambda said: said[:8] or "nothing",
)
def test_nonsense_is_refused(face: Face, said: str) -> None:
    client, an = https(face), face.browser(face.an)
    ask(client)
    assert enter(client, said).status_code == 401
    new(an)
    assert an.post("/passkeys", {"passkey": said, "name": "x"}).status_code == 422
    with reading(face.db) as session:
        assert session.scalar(select(func.count()).select_from(PasskeyRow)) == 0


def test_the_address_says_whose_passkeys_are() -> None:
    assert site("https://tongdai111.vn") == Site("tongdai111.vn", "https://tongdai111.vn")
    assert site("https://a.vn:8443/") == Site("a.vn", "https://a.vn:8443")
    assert site("http://127.0.0.1:8000") == Site("localhost", "http://localhost:8000")
    for none in ("http://a.vn", "https://10.0.0.1", "http://192.168.1.2:80", ""):
        assert site(none) is None


def test_where_browsers_have_none_nothing_is_offered(
    face: Face, monkeypatch: pytest.MonkeyPatch, settings: Callable[[], Settings]
) -> None:
    assert "data-passkey" in https(face).get("/login").text
    monkeypatch.setenv("TONGDAI_PUBLIC_URL", "https://10.0.0.1")
    settings()
    assert now_set().address == "https://10.0.0.1"
    assert "data-passkey" not in https(face).get("/login").text
    assert https(face).post("/login/passkey/ask").status_code == 404
