"""What one viewer hears of which signal: ids only, and of the board only that it changed."""

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack

import pytest
from starlette.requests import Request

from dashboard import live
from dashboard.asking import Asked
from dashboard.cookies import session_cookie
from dashboard.ears import BOARD, MOST_UNHEARD, WAITING, Ear, ears
from dashboard.i18n import language
from hotline import bus
from hotline.access import Action, Viewer, may
from hotline.bus import Signal
from hotline.settings import settings
from tests.dashboard.conftest import Browser, Face
from tests.dashboard.test_inbox import report
from tests.dashboard.test_prove import renew
from tests.factories import Story


async def heard(signals: Sequence[Signal], who: Viewer) -> list[tuple[str | None, str]]:
    """What one stream tells of these signals, told one after the other."""
    topic, sees_board = bus.desk(who.staff_id), may(who, Action.SEE_WALLBOARD)
    with ears().ear(topic, sees_board=sees_board) as ear:
        assert await ear.news(10) == [bus.LISTENING]
        bus.publish([*signals, Signal(topic, "last")])
        told: list[Signal] = []
        while not told or told[-1].kind != "last":
            told += await ear.news(10)
    events = [live.event_of(signal, language("vi")) for signal in told[:-1]]
    return [(event.event, str(event.data)) for event in events]


def test_my_desk_hears_what_happens_at_my_phone_and_at_no_other(face: Face) -> None:
    mine = Signal(bus.desk(face.an.staff_id), "rang", "hn-1.2")
    other = Signal(bus.desk(face.lead.staff_id), "rang", "hn-1.3")
    assert asyncio.run(heard([mine, other], face.an)) == [("desk", "rang hn-1.2")]


@pytest.mark.parametrize("kind", ["callback", "message", "report"])
def test_what_differs_from_desk_to_desk_is_asked_for_and_names_nothing(face: Face, kind: str) -> None:
    signal = Signal(bus.BOARD, kind, "7")
    assert asyncio.run(heard([signal], face.lead)) == [("board", "")]
    assert asyncio.run(heard([signal], face.an)) == [("board", "")]


def test_who_waits_is_told_to_every_desk_without_being_asked_for(face: Face) -> None:
    call = face.tell(Story().arrived().waiting()).call_id

    async def told() -> list[str]:
        with ExitStack() as house:
            desks = [house.enter_context(ears().ear(f"desk.{n}", sees_board=False)) for n in range(2)]
            for desk in desks:
                assert await desk.news(10) == [bus.LISTENING]
            bus.publish([Signal(bus.BOARD, "waiting", call)])
            assert [await desk.news(10) for desk in desks] == [[WAITING], [WAITING]]
            return [str(live.event_of(WAITING, language(code)).data) for code in ("vi", "en")]

    vietnamese, english = asyncio.run(told())
    assert "Chờ 1" in vietnamese
    assert "Waiting 1" in english
    assert call not in vietnamese


def test_a_lull_lets_desks_ask_for_what_waits_in_the_inbox(
    face: Face, monkeypatch: pytest.MonkeyPatch
) -> None:
    for pause in ("LINE_SECONDS", "BOARD_SECONDS"):
        monkeypatch.setattr(f"dashboard.ears.{pause}", 0.01)
    report(face, "one")
    caller, another, later = (Story().arrived() for _ in range(3))

    async def told() -> list[list[Signal]]:
        heard = []
        with ears().ear("desk.1", sees_board=False) as ear:
            assert await ear.news(10) == [bus.LISTENING]
            for happens in (caller.waiting, another.waiting, caller.ended, another.ended, later.waiting):
                face.tell(happens())
                bus.publish([Signal(bus.BOARD, "call")])
                heard.append(await ear.news(10))
                await asyncio.sleep(0.05)
        return heard

    assert asyncio.run(told()) == [[WAITING]] * 3 + [[WAITING, BOARD]] * 2  # it begins, it is over


def test_a_counselors_state_changes_the_wallboard_and_no_desk(face: Face) -> None:
    signal = Signal(bus.BOARD, "availability", "7")
    assert asyncio.run(heard([signal], face.lead)) == [("board", "")]
    assert asyncio.run(heard([signal], face.an)) == []


def test_a_busy_board_is_told_at_once_and_its_last_change_too(
    face: Face, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.ears.BOARD_SECONDS", 0.2)

    async def counted() -> list[int]:
        topic, news = bus.desk(face.lead.staff_id), []
        with ears().ear(topic, sees_board=True) as ear:
            assert await ear.news(10) == [bus.LISTENING]
            bus.publish([Signal(bus.BOARD, "availability", str(who)) for who in range(50)])
            for _ in range(3):
                news.append(len(await ear.news(1)))
        return news

    assert asyncio.run(counted()) == [1, 1, 0]


def test_desks_hear_of_the_board_one_after_the_other(
    face: Face, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.ears.DESKS_A_SECOND", 5)

    async def told() -> list[list[bool]]:
        with ExitStack() as house:
            desks = [house.enter_context(ears().ear(f"desk.{n}", sees_board=False)) for n in range(3)]
            for desk in desks:
                assert await desk.news(10) == [bus.LISTENING]
            bus.publish([Signal(bus.BOARD, "report")])
            return [[bool(await desk.news(wait)) for desk in desks] for wait in (0.05, 1)]

    assert asyncio.run(told()) == [[True, False, False], [False, True, True]]


def test_a_stream_that_is_not_read_is_told_to_read_anew() -> None:
    async def unread() -> list[Signal]:
        ear = Ear(sees_board=True)
        for number in range(MOST_UNHEARD + 1):
            ear.hear(Signal("desk.1", "rang", str(number)))
        return await ear.news(1)

    assert asyncio.run(unread()) == [bus.LISTENING, Signal("desk.1", "rang", str(MOST_UNHEARD))]


def test_two_streams_share_one_subscription_which_ends_with_the_last(face: Face) -> None:
    async def both() -> tuple[object, ...]:
        with ears().ear("desk.1", sees_board=True) as one:
            await one.news(10)
            with ears().ear("desk.2", sees_board=True) as other:
                late = await other.news(10)
                there = bus.client().pubsub_numpat()
            await one.news(0)
        for _ in range(100):
            await asyncio.sleep(0.01)
            if (left := bus.client().pubsub_numpat()) == 0:
                break
        return late, there, left

    assert asyncio.run(both()) == ([bus.LISTENING], 1, 0)


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
    monkeypatch.setattr(live, "BEAT_SECONDS", 0.05)
    monkeypatch.setattr(live, "CHECK_SECONDS", 0.05)
    asked = _asked(an)
    an.client.post("/logout", data={"csrf": "a-token-that-forms-carry"})

    async def all_of_it() -> list[str | None]:
        return [event.event async for event in live._stream(asked, an.viewer)]

    assert asyncio.run(all_of_it())[-1] == "over"


def test_the_stream_outlives_the_token_that_opened_it(
    face: Face, an: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "BEAT_SECONDS", 0.05)
    monkeypatch.setattr(live, "CHECK_SECONDS", 0.05)
    asked = _asked(an)
    renew(face, an)
    assert asyncio.run(_first(asked, an, 6))[-1] == "beat"


def test_without_redis_the_page_is_told_to_ask_by_itself(
    face: Face, an: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TONGDAI_REDIS_URL", "unix:///nowhere/valkey.sock")
    settings.cache_clear()
    assert asyncio.run(_first(_asked(an), an, 1)) == ["away"]
