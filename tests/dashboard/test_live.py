"""What one signal is to one viewer: ids only, and no call's id to who may not see the board."""

import asyncio

import pytest
from starlette.requests import Request

from dashboard import live
from dashboard.asking import Asked, session_cookie
from dashboard.i18n import language
from hotline import bus
from hotline.bus import Signal
from hotline.settings import settings
from tests.dashboard.conftest import Browser, Face


def told(signal: Signal, face: Face, who: str) -> list[tuple[str | None, str]]:
    return [(event.event, str(event.data)) for event in live.events_of(signal, getattr(face, who))]


def test_my_desk_hears_what_happens_at_my_phone(face: Face) -> None:
    signal = Signal(bus.desk(face.an.staff_id), "rang", "hn-1.2")
    assert told(signal, face, "an") == [("desk", "rang hn-1.2")]


def test_only_who_sees_the_board_learns_which_call_it_was(face: Face) -> None:
    signal = Signal(bus.BOARD, "waiting", "hn-1.2")
    assert told(signal, face, "lead") == [("board", "hn-1.2")]
    assert told(signal, face, "an") == [("board", "")]


def test_the_page_hears_when_it_can_read_without_a_gap(face: Face) -> None:
    assert told(bus.LISTENING, face, "an") == [("ready", "")]


def _asked(browser: Browser) -> Asked:
    scope = {"type": "http", "method": "GET", "path": "/live", "headers": [], "query_string": b""}
    token = browser.client.cookies.get(session_cookie())
    return Asked(Request(scope), token, "", language("vi"))


async def _first(asked: Asked, browser: Browser, wanted: int) -> list[str | None]:
    names: list[str | None] = []
    stream = live._stream(asked, browser.viewer)
    async for event in stream:
        names.append(event.event)
        if event.event == "ready":
            bus.publish([Signal(bus.desk(browser.viewer.staff_id), "rang", "hn-1.2")])
        if len(names) == wanted:
            break
    await stream.aclose()  # type: ignore[attr-defined]
    return names


def test_the_stream_is_ready_and_then_tells(face: Face, an: Browser) -> None:
    assert asyncio.run(_first(_asked(an), an, 2)) == ["ready", "desk"]


def test_the_stream_ends_with_the_session(
    face: Face, an: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "CHECK_SECONDS", 0.05)
    asked = _asked(an)
    an.client.post("/logout", data={"csrf": "a-token-that-forms-carry"})

    async def all_of_it() -> list[str | None]:
        return [event.event async for event in live._stream(asked, an.viewer)]

    assert asyncio.run(all_of_it())[-1] == "over"


def test_without_redis_the_page_is_told_to_ask_by_itself(
    face: Face, an: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TONGDAI_REDIS_URL", "unix:///nowhere/valkey.sock")
    settings.cache_clear()
    assert asyncio.run(_first(_asked(an), an, 1)) == ["away"]
