"""A house whose desk phones are obliged to speak over TLS, and what is thrown at its Asterisk."""

import asyncio
import random
import shutil
import socket
import ssl
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from hotline.errors import Unavailable
from hotline.events import Outcome
from telephony.softphone.call import Call
from tests.garbled_sip import METHODS, garbled_sip, sip
from tests.pbx import CALLER_TONE, OUTSIDE_TONE, TELCO, Pbx, phone_tone, soon
from tests.sealed_phone import SealedPbx, TlsWire
from tests.stories.conftest import told
from tests.stories.house import House
from tests.stories.telling import CLEAR, SEALED, conversation, hear_each_other, how
from tests.stories.test_call_outs import press_call


@pytest.fixture(scope="module")
def pbx() -> Iterator[SealedPbx]:
    """Of its own."""
    folder = Path(tempfile.mkdtemp(prefix="td-sealed-"))
    made = SealedPbx(folder)
    try:
        made.start()
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)


@told
async def test_a_phone_over_udp_is_refused_and_one_over_tls_rings_and_talks(house: House) -> None:
    """Also as the same phone, with the right secret; the telco's side stays as it is."""
    assert isinstance(house.pbx, SealedPbx)
    clear = house.pbx.clear_phone(1)
    with pytest.raises(Unavailable, match="does not let hn01 register"):
        await clear.register()
    dialled = await clear.dial("hn02")
    await dialled.ended.within(3)
    assert dialled.status == 401
    (phone,) = await house.on_duty(1)
    with pytest.raises(Unavailable, match="does not let hn01 register"):
        await clear.register()
    caller, talking = await conversation(house, phone)
    assert await how(house.pbx, "hn01") == SEALED
    await caller.hang_up()
    await talking.ended.within(3)
    assert isinstance(phone.wire, TlsWire)
    phone.wire.seals_sound = False
    dialled = await phone.dial("hn02")
    await dialled.ended.within(3)
    assert dialled.status == 488
    (call,) = await house.ended(1)
    assert call.outcome is Outcome.ANSWERED
    clear.wire.close()


A_SECOND, AT_ONCE, ENOUGH = 50, 100, 30_000
"""Packets: of a talk in a second; of the flood between two looks at what else there is; of all of it."""


@told
async def test_a_phone_that_floods_its_own_talk_disturbs_nobody_elses(house: House) -> None:
    """With packets that are its own in every respect: the keys, the numbers, the address."""
    first, second, third = await house.on_duty(1, 2, 3)
    flooded, flooding = await conversation(house, first, "0912000001")
    other, talking = await conversation(house, second, "0912000002")
    began, before = time.monotonic(), flooded.audio.received
    async with flood(flooding):
        caller, beside = await conversation(house, third, "0912000003")
        assert time.monotonic() - began < 3
        await first.register()
        await soon(lambda: flooding.audio.sent > ENOUGH)
        await hear_each_other(other, talking)
        await hear_each_other(caller, beside)
        assert flooded.audio.received - before > 2 * (time.monotonic() - began) * A_SECOND
    await hear_each_other(flooded, flooding)
    for each in (flooded, other, caller):
        await each.hang_up()
    calls = await house.ended(3)
    assert [call.outcome for call in calls] == [Outcome.ANSWERED] * 3


@told
async def test_the_telcos_line_is_sealed_both_ways_and_a_call_in_clear_is_taken(house: House) -> None:
    """A child rings over TLS, another whom the telco brings in clear."""
    pbx = house.pbx
    assert isinstance(pbx, SealedPbx)
    first, second = await house.on_duty(1, 2)
    line = await pbx.sealed_line("0912000001")
    child = await line.dial("111")
    talking = await first.rang()
    await talking.answer()
    await soon(lambda: child.audio.hears(phone_tone("hn01")))
    await soon(lambda: talking.audio.hears(CALLER_TONE))
    assert await how(pbx, "telco-caller") == SEALED
    assert await how(pbx, "hn01") == SEALED
    other, beside = await conversation(house, second, "0912000002")
    assert await how(pbx, "telco-caller") == SEALED | CLEAR
    await child.hang_up()
    await talking.ended.within(3)
    await other.hang_up()
    await beside.ended.within(3)
    await line.close()
    await soon(lambda: sum(call.outcome is Outcome.ANSWERED for call in house.calls()) == 2)


@told
async def test_whom_111_rings_is_rung_over_tls_and_only_through_the_telco_itself(house: House) -> None:
    """Who shows a certificate for another address is told no number."""
    pbx = house.pbx
    assert isinstance(pbx, SealedPbx)
    (phone,) = await house.on_duty(1)
    telco = await pbx.sealed_outside()
    press_call(house, 1)
    mine = await phone.rang()
    await mine.answer()
    theirs = await telco.rang()
    await theirs.answer()
    await soon(lambda: mine.audio.hears(OUTSIDE_TONE))
    await soon(lambda: theirs.audio.hears(phone_tone("hn01")))
    assert await how(pbx, "telco") == SEALED
    await theirs.hang_up()
    await mine.ended.within(3)
    await soon(lambda: house.calls()[-1].ended_at is not None)
    await telco.close()
    false = await pbx.sealed_outside("another")
    press_call(house, 1)
    again = await phone.rang()
    await again.answer()
    await again.ended.within(10)
    assert false.history == []
    await false.close()


@asynccontextmanager
async def flood(call: Call) -> AsyncIterator[None]:
    """As fast as this process can, beside what else it does."""

    async def send() -> None:
        while True:
            for _ in range(AT_ONCE):
                call.audio.tick()
            await asyncio.sleep(0)

    sending = asyncio.create_task(send())
    yield
    sending.cancel()


@told
async def test_garbled_signaling_at_every_door_is_survived(house: House) -> None:
    """From strangers and from the telco's address, over UDP, TLS and the way of phones in browsers."""
    first, second = await house.on_duty(1, 2)
    caller, talking = await conversation(house, first)
    before, dice = house.pbx.pid, random.Random(111)
    for throw in (over_udp, over_tls, over_websocket):
        for _ in range(GARBLED // 3):
            await asyncio.to_thread(throw, house.pbx, dice)
        await hear_each_other(caller, talking)
    other, beside = await conversation(house, second, "0912000002")
    assert house.pbx.pid == before
    for each in (other, caller):
        await each.hang_up()
    await beside.ended.within(3)
    await soon(lambda: sum(call.outcome is Outcome.ANSWERED for call in house.calls()) == 2)


GARBLED = 450


def garbled(pbx: Pbx, dice: random.Random, source: str, over: str) -> bytes:
    """For a number that nobody has: what is right by chance is no call."""
    of, method = pbx.settings, dice.choice(METHODS)
    return garbled_sip(dice, sip("999", of.sip_host, of.sip_port, source, 5060, method, over))


def over_udp(pbx: Pbx, dice: random.Random) -> None:
    source = dice.choice((TELCO, "127.0.0.66"))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        door.bind((source, 0))
        door.sendto(garbled(pbx, dice, source, "UDP"), (pbx.settings.sip_host, pbx.settings.sip_port))


def over_tls(pbx: Pbx, dice: random.Random) -> None:
    of = pbx.settings
    trusted = ssl.create_default_context(cafile=str(of.certificates_dir / "ca.pem"))
    plain = socket.create_connection((of.sip_host, of.phone_tls_port), timeout=10)
    with trusted.wrap_socket(plain, server_hostname=of.sip_host) as line:
        line.sendall(garbled(pbx, dice, "127.0.0.1", "TLS"))


def over_websocket(pbx: Pbx, dice: random.Random) -> None:
    of = pbx.settings
    address = f"ws://{of.pbx_http_host}:{of.pbx_http_port}/ws"
    with connect(address, subprotocols=[Subprotocol("sip")]) as line:
        said = garbled(pbx, dice, "127.0.0.1", "WS")
        line.send(said if dice.randrange(2) else said.decode("latin-1"))
