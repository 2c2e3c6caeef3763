"""The phone's line through the web server: whose it is, what passes, when it ends."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import delete
from starlette.websockets import WebSocketDisconnect
from websockets.sync.server import Server, ServerConnection, serve

from dashboard.pages import phone
from dashboard.pages.phone import SIP
from hotline import staff
from hotline.db import transaction
from hotline.session_tokens import phone_secret
from hotline.sessions import SessionRow
from hotline.settings import Settings
from hotline.staff import StaffRow
from tests import factories
from tests.dashboard.conftest import Browser, Face
from tests.dashboard.test_prove import renew

_OURS = {"Origin": "http://testserver"}


@pytest.fixture
def asterisk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Says everything back."""

    def echo(line: ServerConnection) -> None:
        for message in line:
            line.send(message)

    with serve(echo, "127.0.0.1", 0, subprotocols=[SIP]) as server:
        monkeypatch.setenv("TONGDAI_PBX_HTTP_PORT", str(server.socket.getsockname()[1]))
        threading.Thread(target=server.serve_forever).start()
        yield server
        server.shutdown()


@pytest.fixture
def an(asterisk: Server, face: Face) -> Browser:
    """A counselor with a phone in the browser."""
    with transaction(face.db) as session:
        staff.put_phone(session, face.an.login, in_browser=True)
    return face.browser(face.an)


def test_a_browser_is_told_who_it_is_to_asterisk(an: Browser) -> None:
    account = {"phone": "hn01", "realm": "asterisk", "secret": phone_secret(an.token)}
    assert an.get("/phone/account").json() == account


def test_who_has_a_phone_on_the_desk_has_none_here(face: Face, an: Browser) -> None:
    assert face.browser(face.binh).get("/phone/account").status_code == 404
    assert face.browser(face.lead).get("/phone/account").status_code == 404


def test_who_sits_at_another_center_speaks_with_the_asterisk_there(
    face: Face,
    asterisk: Server,
    settings: Callable[[], Settings],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where it takes such phones; else there are desk phones only."""
    port = asterisk.socket.getsockname()[1]
    monkeypatch.setenv("TONGDAI_PBX_HTTP_PORT", "1")
    with transaction(face.db) as session:
        there = factories.counselor(session, "dn01", factories.center(session, "Đà Nẵng", "dn"))
        staff.put_phone(session, there.login, in_browser=True)
    browser = face.browser(there)
    monkeypatch.setenv("TONGDAI_SITES", "hn=127.0.0.1:1:2,dn=127.0.0.1:1:2")
    settings()
    assert browser.get("/phone/account").status_code == 404
    _refused(browser, _OURS)
    monkeypatch.setenv("TONGDAI_SITES", f"hn=127.0.0.1:1:2:1,dn=127.0.0.1:1:2:{port}")
    settings()
    assert browser.get("/phone/account").json()["phone"] == "dn01"
    with browser.client.websocket_connect("/phone/line", [SIP], headers=_OURS) as line:
        line.send_text("?")
        assert line.receive_text() == "?"


def test_what_is_said_passes_both_ways(an: Browser) -> None:
    with an.client.websocket_connect("/phone/line", [SIP], headers=_OURS) as line:
        assert line.accepted_subprotocol == SIP
        line.send_text("REGISTER sip:asterisk SIP/2.0\r\n\r\n")
        assert line.receive_text() == "REGISTER sip:asterisk SIP/2.0\r\n\r\n"


def test_the_line_ends_with_the_log_in(face: Face, an: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phone, "CHECK_SECONDS", 0.05)
    with an.client.websocket_connect("/phone/line", [SIP], headers=_OURS) as line:
        line.send_text("?")
        line.receive_text()
        with transaction(face.db) as session:
            session.execute(delete(SessionRow))
        with pytest.raises(WebSocketDisconnect) as over:
            line.receive_text()
    assert over.value.code == 4403


def test_the_line_and_its_secret_outlive_the_token_that_opened_it(
    face: Face, an: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(phone, "CHECK_SECONDS", 0.05)
    secret = an.get("/phone/account").json()["secret"]
    with an.client.websocket_connect("/phone/line", [SIP], headers=_OURS) as line:
        first = an.token
        renew(face, an)
        several_looks = time.monotonic() + 5 * phone.CHECK_SECONDS
        while time.monotonic() < several_looks:
            line.send_text("?")
            assert line.receive_text() == "?"
        assert an.get("/phone/account").json()["secret"] == secret
        an.token = first
        _refused(an, _OURS)  # the token before opens no new line


def test_a_talk_keeps_the_line_of_an_ended_log_in_until_it_is_over(
    face: Face, an: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(phone, "CHECK_SECONDS", 0.05)
    story = face.answered(face.an)
    with an.client.websocket_connect("/phone/line", [SIP], headers=_OURS) as line:
        with transaction(face.db) as session:
            session.execute(delete(SessionRow))
        several_looks = time.monotonic() + 5 * phone.CHECK_SECONDS
        while time.monotonic() < several_looks:
            line.send_text("?")
            assert line.receive_text() == "?"
        _refused(an, _OURS)  # a new one is nobody's
        face.tell(story.talk_ended().ended())
        with pytest.raises(WebSocketDisconnect) as over:
            line.receive_text()
    assert over.value.code == 4403


@pytest.mark.parametrize("what", ["left", "desk phone"])
def test_who_has_left_or_has_another_phone_has_no_line_in_a_talk_either(
    face: Face, an: Browser, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setattr(phone, "CHECK_SECONDS", 0.05)
    face.answered(face.an)
    with an.client.websocket_connect("/phone/line", [SIP], headers=_OURS) as line:
        with transaction(face.db) as session:
            row = session.get_one(StaffRow, face.an.staff_id)
            if what == "left":
                row.active = False
            else:
                row.phone_in_browser = False
        with pytest.raises(WebSocketDisconnect) as over:
            line.receive_text()
    assert over.value.code == 4403


@pytest.mark.parametrize("origin", ["http://elsewhere.example", "null", ""])
def test_another_site_cannot_use_the_line(an: Browser, origin: str) -> None:
    _refused(an, {"Origin": origin})


def test_only_who_has_the_phone_here_has_a_line(face: Face, an: Browser) -> None:
    _refused(face.browser(face.binh), _OURS)
    an.client.cookies.clear()
    _refused(an, _OURS)


def test_without_asterisk_the_browser_is_told_to_come_again(an: Browser, asterisk: Server) -> None:
    asterisk.shutdown()
    _refused(an, _OURS, 1013)


def _refused(browser: Browser, headers: dict[str, str], code: int = 4401) -> None:
    with (
        pytest.raises(WebSocketDisconnect) as refused,
        browser.client.websocket_connect("/phone/line", [SIP], headers=headers),
    ):
        pass
    assert refused.value.code == code


def test_a_caller_may_be_passed_on_to_who_is_on_duty(face: Face, an: Browser) -> None:
    said = an.get("/phone/colleagues", fragment=True).text
    assert 'data-target="hn02"' in said
    assert 'data-target="hn01"' not in said
    assert face.browser(face.binh).get("/phone/colleagues").status_code == 404
