import asyncio
import shutil
import ssl
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline import certificates
from hotline.clock import utc_now
from telephony.ami import (
    AmiActionFailed,
    AmiAway,
    AmiRefused,
    AmiUntrusted,
    Headers,
    Inbox,
    connect,
    connected,
    parse,
)
from tests.pbx import soon
from tests.telephony.ami_server import AmiServer, serving


def run(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(story, 20))


async def next_events(ami: Any, count: int) -> list[Headers]:
    events: list[Headers] = []
    async for _ in ami.filled():
        events += ami.inbox.take()
        if len(events) >= count:
            break
    return events


def test_a_name_split_over_two_segments_arrives_whole() -> None:
    async def story() -> None:
        async with serving(AmiServer()) as server, connected(server.address()) as ami:
            text = "Event: Newchannel\r\nCallerIDName: Nguyễn Thị Ánh 🧒\r\n\r\n".encode()
            for index in range(len(text)):
                await server.send(text[index : index + 1])
            assert await next_events(ami, 1) == [
                {"event": "Newchannel", "calleridname": "Nguyễn Thị Ánh 🧒"}
            ]

    run(story())


def test_repeated_headers_and_rubbish_lines_do_not_break_the_connection() -> None:
    async def story() -> None:
        async with serving(AmiServer()) as server, connected(server.address()) as ami:
            await server.send(
                b"Event: A\r\nEvent: B\r\nActionID: x\r\nActionID: y\r\nno colon here\r\n: \r\n\r\n"
                b"\r\n\r\n\xff\xfe: \xff\r\n\r\n"
                b"Event: Newchannel\r\nUniqueid: 1.1\r\n\r\n"
            )
            events = await next_events(ami, 2)
            assert events[0]["event"] == ["A", "B"]
            assert events[1] == {"event": "Newchannel", "uniqueid": "1.1"}
            assert not ami.closed.done()

    run(story())


def test_uninteresting_events_are_dropped_unparsed() -> None:
    async def story() -> None:
        async with serving(AmiServer()) as server, connected(server.address()) as ami:
            await server.send(b"Event: VarSet\r\nVariable: x\r\n\r\nEvent: Hangup\r\n\r\n")
            assert await next_events(ami, 1) == [{"event": "Hangup"}]

    run(story())


def test_a_wrong_secret_names_user_and_address() -> None:
    async def story() -> None:
        async with serving(AmiServer()) as server:
            with pytest.raises(AmiRefused, match=rf"switchboard@127\.0\.0\.1:{server.port}"):
                await connect(server.address("wrong"))

    run(story())


def test_nobody_listening_is_said_plainly() -> None:
    async def story() -> None:
        async with serving(AmiServer()) as server:
            address = server.address()
        with pytest.raises(AmiAway, match="does not answer"):
            await connect(address)

    run(story())


def test_a_silent_asterisk_does_not_hold_the_log_in_for_ever() -> None:
    async def story() -> None:
        async with serving(AmiServer(deaf=True)) as server:
            with pytest.raises(AmiAway, match="did not answer Login"):
                await connect(server.address(), patience=0.1)

    run(story())


def test_a_half_open_link_is_dropped_by_the_watchdog() -> None:
    async def story() -> None:
        async with serving(AmiServer()) as server:
            ami = await connect(server.address())
            server.deaf = True
            await ami.watch(every=0.01, patience=0.1)
            assert ami.closed.done()
            with pytest.raises(AmiAway):
                await ami.action("Ping")

    run(story())


def test_a_lost_connection_ends_the_wait_for_an_answer_and_nothing_is_sent_twice() -> None:
    async def story() -> None:
        async with serving(AmiServer()) as server:
            ami = await connect(server.address())
            server.deaf = True
            waiting = asyncio.create_task(ami.action("Originate", Channel="PJSIP/hn01"))
            await soon(lambda: len(server.actions) == 2)
            server.cut()
            with pytest.raises(AmiAway):
                await waiting
            server.deaf = False
            again = await connect(server.address())
            await again.action("Ping")
            assert [action["action"] for action in server.actions].count(["Originate"]) == 1
            again.close()

    run(story())


def test_an_answer_with_error_is_asterisks_own_word() -> None:
    def answer(action: dict[str, list[str]]) -> bytes | None:
        if action["action"] == ["Hangup"]:
            return b"Response: Error\r\nActionID: @id@\r\nMessage: No such channel\r\n\r\n"
        return None

    async def story() -> None:
        async with serving(AmiServer(answer=answer)) as server, connected(server.address()) as ami:
            with pytest.raises(AmiActionFailed, match="No such channel"):
                await ami.action("Hangup", Channel="x")

    run(story())


def test_a_listing_is_returned_without_its_frame() -> None:
    def answer(action: dict[str, list[str]]) -> bytes | None:
        if action["action"] != ["CoreShowChannels"]:
            return None
        return (
            b"Response: Success\r\nActionID: @id@\r\nEventList: start\r\nMessage: Channels will follow"
            b"\r\n\r\nEvent: CoreShowChannel\r\nActionID: @id@\r\nChannel: PJSIP/hn01-1\r\n"
            b"ChanVariable: TD_CALL=a\r\nChanVariable: TD_OFFER=b\r\n\r\n"
            b"Event: CoreShowChannelsComplete\r\nActionID: @id@\r\nEventList: Complete\r\n\r\n"
        )

    async def story() -> None:
        async with serving(AmiServer(answer=answer)) as server, connected(server.address()) as ami:
            (channel,) = await ami.listing("CoreShowChannels")
            assert channel["channel"] == "PJSIP/hn01-1"
            assert channel["chanvariable"] == ["TD_CALL=a", "TD_OFFER=b"]

    run(story())


@pytest.mark.parametrize("bad", ["a\r\nAction: Command", "a\nb", "a\rb", "a\0b", "x" * 1025])
def test_a_value_cannot_inject_a_second_action(bad: str) -> None:
    async def story() -> None:
        async with serving(AmiServer()) as server, connected(server.address()) as ami:
            with pytest.raises(ValueError, match="one line"):
                await ami.action("Setvar", Variable="X", Value=bad)
            assert [action["action"] for action in server.actions] == [["Login"]]

    run(story())


def test_in_a_rush_events_are_taken_up_some_at_a_time() -> None:
    async def story() -> None:
        async with serving(AmiServer()) as server, connected(server.address()) as ami:
            wanted = [{"event": "Hangup", "cause": str(number)} for number in range(200)]

            async def rush() -> None:
                for each in wanted:
                    await server.send(f"Event: Hangup\r\nCause: {each['cause']}\r\n\r\n".encode())
                    for _ in range(3):  # whoever reads can
                        await asyncio.sleep(0)

            rushing = asyncio.create_task(rush())
            takings: list[list[Headers]] = []
            async for _ in ami.filled():
                takings.append(list(ami.inbox.take()))
                if sum(map(len, takings)) >= len(wanted):
                    break
            await rushing
            assert [event for taken in takings for event in taken] == wanted
            assert len(takings) < len(wanted) / 3

    run(story())


def test_an_overflow_asks_for_a_resync_instead_of_losing_silently() -> None:
    async def story() -> None:
        inbox = Inbox(limit=3)
        for number in range(4):
            inbox.put({"event": str(number)})
        assert inbox.overflowed
        assert inbox.take() == ({"event": "3"},)

    run(story())


@given(st.binary(max_size=300))
def test_any_bytes_parse_without_an_error(block: bytes) -> None:
    for value in parse(block).values():
        assert isinstance(value, str | list)


def test_over_tls_nothing_is_said_to_who_is_not_vouched_for(tmp_path: Path) -> None:
    ours, other, elsewhere = (tmp_path / name for name in ("ours", "other", "elsewhere"))
    certificates.make(ours, {"hn": ["127.0.0.1"]}, utc_now())
    certificates.make(other, {"hn": ["127.0.0.1"]}, utc_now())
    shutil.copytree(ours, elsewhere)
    certificates.make(elsewhere, {"hn": ["10.9.9.9"]}, utc_now())

    def shown(folder: Path) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "hn.pem", folder / "hn.key")
        return context

    async def story() -> None:
        async with serving(AmiServer(), shown(ours)) as server:
            address = replace(server.address(), ca=ours / "ca.pem")
            async with connected(address) as ami:
                await ami.action("Ping")
        for tls, error, says in (
            (shown(other), AmiUntrusted, "is not believed by"),
            (shown(elsewhere), AmiUntrusted, "127.0.0.1"),
            (None, AmiAway, "does not answer"),
        ):
            async with serving(AmiServer(), tls) as server:
                with pytest.raises(error, match=says):
                    await connect(replace(server.address(), ca=ours / "ca.pem"), patience=1)
                assert server.actions == []
        missing = replace(server.address(), ca=tmp_path / "ca.pem")
        with pytest.raises(AmiUntrusted, match="can be read"):
            await connect(missing)

    run(story())
