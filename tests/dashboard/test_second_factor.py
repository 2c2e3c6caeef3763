"""Codes of an app and for recovery: each works once, few tries are had, and who must have them has."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pyotp
import pytest
from httpx import Response
from sqlalchemy import func, select, update

from dashboard.cookies import session_cookie
from hotline import audit, keyring, second_factors, sessions, staff
from hotline.access import Viewer
from hotline.clock import utc_now
from hotline.db import reading, transaction
from hotline.errors import Conflict
from hotline.invitations import KnownBy
from hotline.log_in_tries import Origin
from hotline.second_factors import CODES, RecoveryCodeRow, SecondFactorRow
from hotline.sessions import SessionRow
from hotline.settings import Settings, settings
from hotline.staff import StaffRow
from intake.recording_keys import rekey
from routing.staff_command import invite_again
from tests.dashboard.conftest import CSRF, Browser, Face

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

PASSWORD = "con mèo leo cây cau"


def give_password(face: Face, who: Viewer) -> None:
    with transaction(face.db) as session:
        session.get_one(StaffRow, who.staff_id).password_hash = staff.hashed(PASSWORD).text


def set_up(face: Face, who: Viewer) -> tuple[pyotp.TOTP, list[str]]:
    """They have a second factor; its first code was used a while ago."""
    ring = keyring.recording_keys(settings())
    with transaction(face.db) as session:
        secret = second_factors.begin(session, who, ring).secret.replace(" ", "")
        app, ago = pyotp.TOTP(secret), utc_now() - timedelta(minutes=5)
        codes = second_factors.confirm(session, who, ring, app.at(ago), ago)
    return app, list(codes)


def log_in(face: Face, who: Viewer) -> "TestClient":
    client = face.stranger()
    answer = client.post(
        "/login", data={"login": who.login, "password": PASSWORD}, follow_redirects=False
    )
    assert answer.status_code == 303
    return client


def post(face: Face, client: "TestClient", path: str, code: str = "") -> Response:
    """As the form on the page does, with the token of the session that it has now."""
    with transaction(face.db) as session:
        session.execute(update(SessionRow).values(csrf=CSRF))
    data = {"csrf": CSRF, "code": code}
    answer: Response = client.post(path, data=data, follow_redirects=False)
    return answer


def where(client: "TestClient", path: str = "/desk") -> str:
    answer = client.get(path, headers={"Accept": "text/html"}, follow_redirects=False)
    return str(answer.headers.get("location", answer.status_code))


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch, db: object, settings: Callable[[], Settings]) -> None:
    """A house of real people that obliges nobody to have a passkey."""
    monkeypatch.setenv("TONGDAI_DEMO", "false")
    monkeypatch.setenv("TONGDAI_PASSKEYS_OBLIGED", "false")
    settings()


def test_a_password_alone_opens_nothing_and_a_code_does(face: Face) -> None:
    give_password(face, face.an)
    app, _ = set_up(face, face.an)
    client = log_in(face, face.an)
    for path in ("/desk", "/account", "/calls", "/", "/wallboard"):
        assert where(client, path) == "/second-factor"
    as_script = {"Accept": "application/json"}
    assert client.get("/phone/account", headers=as_script).status_code == 401
    assert "event: over" in client.get("/live").text
    asks = client.get("/second-factor").text
    assert "Mã xác thực" in asks
    assert "data-live" not in asks  # a stream that ends at once would lead back to the log-in
    assert "data-draft-key" not in asks
    before = client.cookies[session_cookie()]
    assert post(face, client, "/second-factor", "000000").status_code == 401
    assert post(face, client, "/second-factor", app.now()).headers["location"] == "/"
    assert client.cookies[session_cookie()] != before
    assert where(client) == "200"
    client.cookies.set(session_cookie(), before)
    assert where(client) == "/login"


def test_a_code_that_was_used_is_not_taken_again(face: Face) -> None:
    give_password(face, face.an)
    app, _ = set_up(face, face.an)
    code = app.now()
    assert post(face, log_in(face, face.an), "/second-factor", code).status_code == 303
    assert post(face, log_in(face, face.an), "/second-factor", code).status_code == 401


def test_the_clock_of_a_phone_may_be_a_little_off(face: Face) -> None:
    ring = keyring.recording_keys(settings())
    app, _ = set_up(face, face.an)
    now = utc_now()
    with transaction(face.db) as session:
        for seconds, right in (
            (-90, False),
            (60, False),
            (-30, True),
            (0, True),
            (30, True),
            (0, False),
        ):
            code = app.at(now + timedelta(seconds=seconds))
            assert second_factors.check(session, face.an, ring, code, now) is right, seconds


def test_a_recovery_code_works_once_and_few_are_told_of(face: Face) -> None:
    give_password(face, face.an)
    _, codes = set_up(face, face.an)
    assert len(set(codes)) == CODES
    client = log_in(face, face.an)
    first = codes[0].lower().replace("-", " ")
    assert post(face, client, "/second-factor", first).status_code == 303
    assert "Còn 9 mã dự phòng" in client.get("/account").text
    assert post(face, log_in(face, face.an), "/second-factor", codes[0]).status_code == 401
    with transaction(face.db) as session:
        kept = session.scalars(select(RecoveryCodeRow)).all()
        assert not {code.replace("-", "") for code in codes} & {row.code_hash for row in kept}
        for row in kept[:7]:
            session.delete(row)
    assert "Chỉ còn 2 mã dự phòng" in client.get("/account").text


def test_codes_may_not_be_guessed_for_ever_by_who_has_the_password(face: Face) -> None:
    give_password(face, face.an)
    app, _ = set_up(face, face.an)
    client = log_in(face, face.an)
    answers = [post(face, client, "/second-factor", "000000").status_code for _ in range(6)]
    assert answers == [401] * 5 + [429]
    assert post(face, client, "/second-factor", app.now()).status_code == 429
    with transaction(face.db) as session:
        now = utc_now()
        for n in range(30):
            sessions.code_was_wrong(session, face.an, Origin(f"198.51.100.{n}", "not known"), now)
        later = now + timedelta(minutes=2)
        assert sessions.code_must_wait(session, face.an, Origin("192.0.2.1"), later)


def test_somebody_sets_it_up_sees_the_codes_once_and_is_logged_out_elsewhere(
    face: Face, an: Browser
) -> None:
    elsewhere = face.browser(face.an)
    page = an.post("/second-factor/begin").text
    assert "<svg" in page
    secret = re.findall(r"<code[^>]*>([A-Z2-7 ]+)</code>", page)[0].replace(" ", "")
    assert an.post("/second-factor/confirm", {"code": "000000"}).status_code == 422
    page = an.post("/second-factor/confirm", {"code": pyotp.TOTP(secret).now()}).text
    codes = re.findall(r"[A-Z2-9]{4}(?:-[A-Z2-9]{4}){5}", page)
    assert len(codes) == CODES
    assert elsewhere.get("/desk").status_code == 303
    shown = an.get("/account").text
    assert "Đang bật" in shown
    assert codes[0] not in shown
    assert secret not in shown
    assert an.post("/second-factor/begin").status_code == 409
    assert an.post("/second-factor/codes", {"code": "000000"}).status_code == 422
    renewed = an.post("/second-factor/codes", {"code": codes[0]}).text
    assert codes[1] not in renewed
    assert an.post("/second-factor/remove", {"code": codes[1]}).status_code == 422
    new = re.findall(r"[A-Z2-9]{4}(?:-[A-Z2-9]{4}){5}", renewed)
    assert an.post("/second-factor/remove", {"code": new[0]}).status_code == 303
    assert "Đang tắt" in an.get("/account").text
    with reading(face.db) as session:
        row = audit.AuditRow
        said = select(row.detail).where(row.act == audit.Act.SECOND_FACTOR).order_by(row.id)
        assert session.scalars(said).all() == ["on", "codes", "recovered", "codes", "recovered", "off"]


@pytest.mark.usefixtures("real")
def test_who_may_take_data_out_must_have_one(face: Face) -> None:
    for who in (face.admin, face.lead, face.center_lead, face.department, face.auditor):
        give_password(face, who)
        client = log_in(face, who)
        assert where(client, "/wallboard") == "/second-factor"
        assert "Cần xác thực hai bước" in client.get("/second-factor").text
        page = post(face, client, "/second-factor/begin").text
        secret = re.findall(r"<code[^>]*>([A-Z2-7 ]+)</code>", page)[0].replace(" ", "")
        code = pyotp.TOTP(secret).now()
        assert "chỉ hiện một lần" in post(face, client, "/second-factor/confirm", code).text
        assert where(client, "/audit" if who is face.auditor else "/wallboard") == "200"
        assert post(face, client, "/second-factor/remove", code).status_code == 409
    for who in (face.an, face.officer, face.therapist):
        give_password(face, who)
        assert where(log_in(face, who), "/welcome") == "200"


def test_who_has_one_cannot_put_another_in_its_place_without_it(face: Face) -> None:
    give_password(face, face.an)
    set_up(face, face.an)
    client = log_in(face, face.an)
    for path in ("begin", "confirm", "codes", "remove"):
        answer = post(face, client, f"/second-factor/{path}")
        assert answer.status_code in {401, 409}, path
    with reading(face.db) as session:
        assert second_factors.has(session, face.an.staff_id)


def test_a_waiting_log_in_has_no_phone_in_the_browser(face: Face) -> None:
    give_password(face, face.an)
    app, _ = set_up(face, face.an)
    with transaction(face.db) as session:
        staff.put_phone(session, face.an.login, in_browser=True)
    client = log_in(face, face.an)
    with reading(face.db) as session:
        assert sessions.phone_credentials(session, utc_now()) == {}
    assert post(face, client, "/second-factor", app.now()).status_code == 303
    with reading(face.db) as session:
        assert list(sessions.phone_credentials(session, utc_now())) == ["hn01"]


def test_who_has_lost_the_phone_begins_anew(face: Face) -> None:
    give_password(face, face.an)
    _, codes = set_up(face, face.an)
    an, admin = face.browser(face.an), face.browser(face.admin)
    lost = f"/staff/{face.an.staff_id}/lost-phone"
    for unsaid in ({}, {"known_by": ""}, {"known_by": "a voice on the phone"}):
        refused = admin.post(lost, unsaid)
        assert refused.status_code == 422
        assert "Chưa có gì thay đổi" in refused.text
    assert an.get("/desk").status_code == 200
    page = admin.post(lost, {"known_by": "video"}).text
    assert an.get("/desk").status_code == 303
    with reading(face.db) as session:
        assert sessions.recognize(session, face.an.login, PASSWORD) is None
        assert session.scalar(select(func.count()).select_from(RecoveryCodeRow)) == 0
        said = select(audit.AuditRow.detail).where(audit.AuditRow.act == audit.Act.INVITE)
        assert session.scalars(said).all() == ["video"]
    (token,) = re.findall(r"/invitation\?token=([\w-]+)", page)
    data = {"token": token, "password": PASSWORD, "again": PASSWORD}
    assert face.stranger().post("/invitation", data=data).status_code == 200
    client = log_in(face, face.an)
    assert where(client) == "200"
    assert codes
    assert (
        admin.post(f"/staff/{face.admin.staff_id}/lost-phone", {"known_by": "vouched"}).status_code
        == 409
    )


def test_the_only_administrator_without_a_phone_comes_back_by_the_command(face: Face) -> None:
    set_up(face, face.admin)
    with transaction(face.db) as session:
        made = invite_again(session, face.admin.login, KnownBy.IN_PERSON, lost_phone=True)
        assert made.token
        assert not second_factors.has(session, face.admin.staff_id)


def test_the_secret_is_sealed_and_follows_the_keys(face: Face) -> None:
    app, _ = set_up(face, face.an)
    keyring.add_to_file(settings())
    ring = keyring.recording_keys(settings())
    assert rekey(face.db, ring).failed == {}
    with transaction(face.db) as session:
        row = session.get_one(SecondFactorRow, face.an.staff_id)
        assert row.key_id == ring[0].id
        assert app.secret.encode() not in row.sealed
        assert second_factors.check(session, face.an, ring[:1], app.now(), utc_now())
        with pytest.raises(Conflict):
            second_factors.begin(session, face.an, ring)
