"""Log-in with an account of the ministry: whom it lets in, and what is not to be believed."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from httpx import Response
from joserfc.jwk import RSAKey
from sqlalchemy import func, select, update

from hotline import accounts, audit
from hotline import settings as settings_of
from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.errors import SetupError
from hotline.settings import Settings
from hotline.staff import StaffRow
from tests.dashboard.conftest import Face
from tests.dashboard.test_second_factor import set_up, where
from tests.oidc_provider import CLIENT, SECRET, Provider, serving

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)


@cache
def key() -> RSAKey:
    """To make one takes a while."""
    return RSAKey.generate_key(2048, {"kid": "one"})


@pytest.fixture
def provider(
    monkeypatch: pytest.MonkeyPatch, db: object, settings: Callable[[], Settings]
) -> Iterator[Provider]:
    with serving(Provider(key=key())) as made:
        monkeypatch.setenv("TONGDAI_OIDC_ISSUER", made.issuer)
        monkeypatch.setenv("TONGDAI_OIDC_CLIENT_ID", CLIENT)
        monkeypatch.setenv("TONGDAI_OIDC_SECRET", SECRET)
        monkeypatch.setenv("TONGDAI_PUBLIC_URL", "http://testserver")
        settings()
        yield made


def begin(client: "TestClient") -> str:
    """Where the browser is sent."""
    answer = client.get("/login/oidc", follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def come_back(client: "TestClient", path: str) -> Response:
    answer: Response = client.get(path, follow_redirects=False)
    return answer


def enter(face: Face, provider: Provider) -> tuple["TestClient", Response]:
    client = face.stranger()
    return client, come_back(client, provider.log_in(begin(client)))


def acts(face: Face) -> list[tuple[str, str, int | None]]:
    with reading(face.db) as session:
        row = audit.AuditRow
        found = session.execute(select(row.act, row.detail, row.staff_id).order_by(row.id))
        return [(act, detail, who) for act, detail, who in found]


def test_who_works_here_comes_in_under_their_login(face: Face, provider: Provider) -> None:
    provider.claims = {"preferred_username": face.an.login.upper()}
    assert "/login/oidc" in face.stranger().get("/login").text
    client, answer = enter(face, provider)
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk")
    assert where(client) == "200"
    assert acts(face)[:2] == [
        ("change", "oidc", face.an.staff_id),
        ("log_in", "oidc", face.an.staff_id),
    ]


@pytest.mark.parametrize(
    "lie",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another-client"},
        {"aud": [CLIENT, "another-client"]},
        {"iss": "https://evil.example"},
        {"exp": 1_000_000_000},
        {"exp": None},
        {"iat": 4_000_000_000},
        {"auth_time": 1_000_000_000},
        {"auth_time": None},
        {"preferred_username": None},
        {"preferred_username": ["an"]},
        {"preferred_username": ""},
        {"at_hash": "AAAA"},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 256},
    ],
    ids=str,
)
def test_a_token_that_is_not_for_this_log_in_opens_nothing(
    face: Face, provider: Provider, lie: dict[str, Any]
) -> None:
    provider.claims = {"preferred_username": face.an.login, **lie}
    client, answer = enter(face, provider)
    assert answer.status_code == 401
    assert where(client) == "/login"
    assert acts(face) == [("log_in_refused", "oidc", None)]


def test_a_token_that_somebody_else_signed_opens_nothing(face: Face, provider: Provider) -> None:
    provider.claims = {"preferred_username": face.an.login}
    provider.shown = RSAKey.generate_key(2048, {"kid": "one"})
    assert enter(face, provider)[1].status_code == 401
    provider.shown, provider.algorithm = None, "RS512"
    assert enter(face, provider)[1].status_code == 401
    provider.algorithm = "RS256"
    assert enter(face, provider)[1].status_code == 303


def test_an_answer_counts_once_and_in_the_browser_that_asked(face: Face, provider: Provider) -> None:
    provider.claims = {"preferred_username": face.an.login}
    client, other = face.stranger(), face.stranger()
    back = provider.log_in(begin(client))
    assert come_back(face.stranger(), back).status_code == 401
    begin(other)
    assert come_back(other, back).status_code == 401
    state = back.partition("state=")[2]
    assert come_back(client, back.replace(state, "another")).status_code == 401
    client = face.stranger()
    back = provider.log_in(begin(client))
    assert come_back(client, f"{back}&iss=https://evil.example").status_code == 401
    client = face.stranger()
    back = provider.log_in(begin(client))
    assert come_back(client, back).status_code == 303
    assert come_back(client, back).status_code == 401
    assert come_back(client, "/login/oidc/back?error=access_denied").status_code == 401


def test_nobody_is_made_and_who_has_left_stays_out(face: Face, provider: Provider) -> None:
    def people() -> int:
        with reading(face.db) as session:
            return session.scalar(select(func.count()).select_from(StaffRow)) or 0

    before = people()
    provider.claims = {"preferred_username": "somebody.else"}
    answer = enter(face, provider)[1]
    assert (answer.status_code, "người quản trị" in answer.text) == (401, True)
    assert people() == before
    with transaction(face.db) as session:
        accounts.close(session, face.admin, face.an.staff_id, utc_now())
    provider.claims = {"preferred_username": face.an.login}
    assert enter(face, provider)[1].status_code == 401


def test_the_name_leads_in_whom_it_led_in_first_until_an_administrator_says_otherwise(
    face: Face, provider: Provider
) -> None:
    provider.claims = {"preferred_username": face.an.login, "sub": "the-first"}
    assert enter(face, provider)[1].status_code == 303
    provider.claims = {"preferred_username": "married.now", "sub": "the-first"}
    assert enter(face, provider)[1].headers["location"] == "/desk"
    provider.claims = {"preferred_username": face.an.login, "sub": "the-next"}
    assert enter(face, provider)[1].status_code == 401
    with reading(face.db) as session:
        row = audit.AuditRow
        refused = select(row.object_id).where(row.act == audit.Act.LOG_IN_REFUSED)
        assert session.scalars(refused).all() == [str(face.an.staff_id)]
    admin = face.browser(face.admin)
    page = f"/staff/{face.an.staff_id}"
    assert "bỏ gắn" in admin.get(page).text
    assert admin.post(f"{page}/ministry-account").status_code == 303
    assert "bỏ gắn" not in admin.get(page).text
    assert enter(face, provider)[1].status_code == 303
    provider.claims |= {"sub": "the-first"}
    assert enter(face, provider)[1].status_code == 401
    assert [one for one in acts(face) if one[0] == "change"] == [
        ("change", "oidc", face.an.staff_id),
        ("change", "oidc", face.admin.staff_id),
        ("change", "oidc", face.an.staff_id),
    ]


def test_an_address_counts_when_the_provider_has_proven_it_and_it_is_one_persons(
    face: Face,
    provider: Provider,
    monkeypatch: pytest.MonkeyPatch,
    settings: Callable[[], Settings],
) -> None:
    monkeypatch.setenv("TONGDAI_OIDC_CLAIM", "email")
    settings()
    with transaction(face.db) as session:
        mine = update(StaffRow).where(StaffRow.id == face.an.staff_id)
        session.execute(mine.values(email="an@bo.example"))
    provider.claims = {"email": "An@bo.example", "email_verified": False}
    assert enter(face, provider)[1].status_code == 401
    provider.claims |= {"email_verified": True}
    assert enter(face, provider)[1].headers["location"] == "/desk"
    provider.claims |= {"sub": "another"}
    with transaction(face.db) as session:
        session.execute(update(StaffRow).values(email="an@bo.example"))
    assert enter(face, provider)[1].status_code == 401
    provider.claims |= {"email": ""}
    assert enter(face, provider)[1].status_code == 401


def test_its_second_factor_counts_only_when_the_house_says_so(
    face: Face,
    provider: Provider,
    monkeypatch: pytest.MonkeyPatch,
    settings: Callable[[], Settings],
) -> None:
    set_up(face, face.an)
    provider.claims = {"preferred_username": face.an.login, "amr": ["pwd", "otp"], "acr": "2"}
    client, _ = enter(face, provider)
    assert where(client) == "/second-factor"
    for value, to in (("mfa, otp", "200"), ("2", "200"), ("3", "/second-factor")):
        monkeypatch.setenv("TONGDAI_OIDC_SECOND_FACTOR", value)
        settings()
        assert where(enter(face, provider)[0]) == to


@pytest.mark.parametrize(
    "lie",
    [{"issuer": "https://evil.example"}, {"token_endpoint": ""}, {"jwks_uri": "ftp://x/keys"}],
    ids=str,
)
def test_a_provider_that_contradicts_itself_is_away(
    face: Face, provider: Provider, lie: dict[str, str]
) -> None:
    provider.claims = {"preferred_username": face.an.login}
    client = face.stranger()
    back = provider.log_in(begin(client))
    provider.lies = lie
    answer = come_back(client, back)
    assert (answer.status_code, "không trả lời" in answer.text) == (503, True)
    assert where(client) == "/login"


def test_tries_from_one_address_are_counted(face: Face, provider: Provider) -> None:
    client = face.stranger()
    answers = [come_back(client, "/login/oidc/back").status_code for _ in range(6)]
    assert answers == [401] * 5 + [429]


def test_where_there_is_none_nothing_leads_to_it(face: Face) -> None:
    client = face.stranger()
    assert "/login/oidc" not in client.get("/login").text
    assert client.get("/login/oidc").status_code == 404
    assert client.get("/login/oidc/back?code=x&state=y").status_code == 404


def test_where_it_leads_is_the_providers_own_page(face: Face, provider: Provider) -> None:
    asked = urlsplit(begin(face.stranger()))
    assert f"{asked.scheme}://{asked.netloc}" == provider.issuer
    assert "redirect_uri=http%3A%2F%2Ftestserver%2Flogin%2Foidc%2Fback" in asked.query
    assert SECRET not in asked.query


def test_a_half_set_provider_starts_nothing(monkeypatch: pytest.MonkeyPatch, db: object) -> None:
    monkeypatch.setenv("TONGDAI_OIDC_ISSUER", "https://id.example")
    for wrong in ("https://id.example", "http://id.example"):
        monkeypatch.setenv("TONGDAI_OIDC_ISSUER", wrong)
        settings_of.settings.cache_clear()
        with pytest.raises(SetupError, match="TONGDAI_OIDC"):
            settings_of.settings()
    monkeypatch.undo()
    settings_of.settings.cache_clear()
