"""The line: SIP that is garbled, forged, too much, or wants to ring somebody at our cost."""

import asyncio
import random
import socket
import threading
import time

from bench.hostile import shield
from bench.hostile.system import System
from bench.hostile.verdict import Row
from telephony.softphone import Caller
from telephony.softphone.call import Call
from tests.garbled_sip import METHODS, garbled_sip, sip
from tests.pbx import TELCO, soon
from tests.stories.telling import hear_each_other

_STRANGER = "127.0.0.66"
"""An address that Asterisk knows nothing of."""
_A_PHONE = "127.0.0.67"
PHONES_FROM = ("127.0.0.1", _A_PHONE)
"""Where desk phones are, as far as the firewall knows."""
_CHILDREN, _AT_ONCE, _MUCH, _LOUD = 3, 50, 20_000, 50_000
_CLEAR = (501, 505, 603)
"""How SIP refuses a method or a version that there is none of, and a call (RFC 3261, 21.5 and 21.6)."""
_MUTATIONS, _FLOOD, _FLOOD_SECONDS = 400, 600, 3.0
_TOLL = (
    "0912345678",
    "0012025550123",
    "1900545415",
    "+84987654321",
    "*8hn01",
    "hn01",
    "111*0912345678",
)
_FORGED = (
    '"hn01" <sip:hn01@127.0.0.1>',
    '"111" <sip:111@127.0.0.1>',
    "<sip:0912%0D%0AEvent:%20Hangup@x>",
    '"\r\n X: y" <sip:0912000001@x>',
    f'"{"A" * 4000}" <sip:0912000001@x>',
    f"<sip:{'9' * 500}@x>",
    '"<svg/onload=alert111>" <sip:0912000001@x>',
    '"\'; DROP TABLE call; --" <sip:0912000001@x>',
    '"${SHELL(touch /tmp/x)}" <sip:${EVAL(1)}@x>',
    "<tel:+84912000001;phone-context=x>",
    "sip:anonymous@anonymous.invalid",
    '"\udcff\udcfe" <sip:\udcff@x>',
)


async def garbled(system: System) -> Row:
    """SIP with something wrong in it, half from the telco's own address; a child still gets through."""
    row, dice = Row("sip: garbled"), random.Random(111)
    host, port = system.pbx.settings.sip_host, system.pbx.settings.sip_port
    for source in (TELCO, _STRANGER):
        with _door(source) as door:
            our_port = door.getsockname()[1]
            for _ in range(_MUTATIONS // 2):
                method = dice.choice(METHODS) if dice.randrange(2) else "INVITE"
                whole = sip("111", host, port, source, our_port, method)
                door.sendto(garbled_sip(dice, whole), (host, port))
                status = _status_of(door, 0.02)
                row.answered("mutated", status, refused=status in _CLEAR)
    await _clear(system)
    await still_served(system, row)
    return row


async def flood(system: System) -> Row:
    """INVITEs and REGISTERs from nobody we know, as fast as a bounded storm; a child rings meanwhile."""
    row = Row("sip: flood from a stranger")
    host, port = system.pbx.settings.sip_host, system.pbx.settings.sip_port
    before = len(system.house.calls())
    serving = asyncio.create_task(still_served(system, row))
    with _door(_STRANGER) as door:
        our_port = door.getsockname()[1]
        began = time.monotonic()
        for number in range(_FLOOD):
            method = "REGISTER" if number % 2 else "INVITE"
            sent = sip("111", host, port, _STRANGER, our_port, method)
            door.sendto(sent, (host, port))
            row.answered("flood", _status_of(door, 0), must_refuse=True)
            await asyncio.sleep(max(0, began + number * _FLOOD_SECONDS / _FLOOD - time.monotonic()))
        await serving
        await asyncio.sleep(0.5)
        while status := _status_of(door, 0):
            row.unanswered -= 1
            row.tried -= 1
            row.answered("flood", status, must_refuse=True)
    if len(system.house.calls()) > before + 1:
        row.wrong.append("calls were opened for the flood")
    return row


async def storm(system: System) -> Row:
    """As fast as a process can send, from a stranger and from a phone; children ring meanwhile.

    Only where the firewall is before Asterisk: by itself it answers nobody else then.
    """
    row = Row("sip: storm, before it the firewall")
    for source in (_STRANGER, _A_PHONE):
        before, over = len(system.house.calls()), threading.Event()
        storming = asyncio.create_task(asyncio.to_thread(_storm, system, source, row, over))
        try:
            for _ in range(_CHILDREN):
                await still_served(system, row)
        finally:
            over.set()
            await storming
        if len(system.house.calls()) > before + _CHILDREN:
            row.wrong.append("calls were opened for the storm")
    return row


def _storm(system: System, source: str, row: Row, over: threading.Event) -> None:
    host, port = system.pbx.settings.sip_host, system.pbx.settings.sip_port
    with _door(source) as door:
        our_port = door.getsockname()[1]
        sent = [
            sip("111", host, port, source, our_port, method)
            for method in ("INVITE", "REGISTER")
            for _ in range(_AT_ONCE)
        ]
        before = row.tried
        while not over.is_set():
            for each in sent:
                door.sendto(each, (host, port))
            row.tried += len(sent)
            row.unanswered += len(sent)
            while status := _status_of(door, 0):
                row.tried, row.unanswered = row.tried - 1, row.unanswered - 1
                row.answered("storm", status, must_refuse=True)
        if row.tried - before < _MUCH:
            row.wrong.append(f"no storm: {row.tried - before} messages")


async def loud(system: System) -> Row:
    """A caller's own stream of sound, a thousand times too fast; they are heard when it is over."""
    row = Row("sound: a caller's flood, before it the firewall")
    (phone,) = await system.house.on_duty(1)
    caller = await system.pbx.call("0912000004")
    ringing = await phone.rang(5)
    await ringing.answer()
    await hear_each_other(caller, ringing)
    before = shield.stopped()
    for _ in range(_LOUD // _AT_ONCE):
        for _ in range(_AT_ONCE):
            caller.audio.tick()
        await asyncio.sleep(0)
    row.tried, row.unanswered = _LOUD, shield.stopped() - before
    row.taken = row.tried - row.unanswered
    if row.unanswered < _LOUD * 0.9:
        row.wrong.append(f"the firewall stopped only {row.unanswered} of {_LOUD} packets of sound")
    await hear_each_other(caller, ringing)
    await caller.hang_up()
    await system.house.unplug_all()
    return row


async def forged_callers(system: System) -> Row:
    """Callers who give themselves out as a phone of ours, as 111, or as something that is no number."""
    row = Row("sip: forged caller ids")
    (phone,) = await system.house.on_duty(1)
    for raw in _FORGED:
        caller = await system.pbx.call("0912000001", raw_from=raw)
        try:
            ringing = await phone.rang(8)
        except TimeoutError:
            row.answered(raw, caller.status)
        else:
            row.answered(raw, 200)
            shown = ringing.number + ringing.name
            if any(sign in shown for sign in "<>\r\n$'") or ringing.number == "hn01":
                row.wrong.append(f"the phone shows {shown[:60]!r} for {raw[:60]!r}")
            await ringing.answer()
            await hear_each_other(caller, ringing)
            await ringing.hang_up()
        await caller.hang_up()
        await system.house.available(1)
    await system.house.unplug_all()
    return row


async def toll_fraud(system: System) -> Row:
    """To the outside at our cost: from the telco's side, as a stranger, as a phone with a guessed
    password, as a counselor's phone by itself."""
    row = Row("sip: toll fraud")
    telco = await system.house.outside()
    host, port = system.pbx.settings.sip_host, system.pbx.settings.sip_port
    for source in (TELCO, _STRANGER):
        for to in _TOLL:
            caller = await Caller.ring(
                number="0912000002", host=host, port=port, to=to, local_host=source
            )
            await _over(caller, row, f"{to} from {source}")
    (phone,) = await system.house.on_duty(1)
    for to in _TOLL[:4]:
        dialled = await phone.dial(to)
        await _over(dialled, row, f"{to} from a counselor's phone")
    with _door(_STRANGER) as door:
        for number in range(100):
            whose, our_port = f"hn{number % 40 + 1:02}", door.getsockname()[1]
            door.sendto(sip(whose, host, port, _STRANGER, our_port, "REGISTER"), (host, port))
            status = _status_of(door, 0.05)
            row.answered("REGISTER", status, must_refuse=True)
    if telco.history:
        row.wrong.append(f"rung outside: {[call.dialled for call in telco.history]}")
    await system.house.unplug_all()
    return row


async def _over(call: Call, row: Row, what: str) -> None:
    try:
        await call.ended.within(4)
        row.answered(what, call.status, must_refuse=True)
    except TimeoutError:
        row.answered(what, 200, must_refuse=True)
        await call.hang_up()


async def still_served(system: System, row: Row) -> None:
    """A child rings and is heard."""
    (phone,) = await system.house.on_duty(1)
    began = time.monotonic()
    caller = await system.pbx.call("0912000003")
    try:
        ringing = await phone.rang(5)
        await ringing.answer()
        await hear_each_other(caller, ringing)
    except (TimeoutError, AssertionError) as error:
        row.wrong.append(f"a caller was not served beside it: {error!r}")
    else:
        took = time.monotonic() - began
        if took > 3:
            row.wrong.append(f"a caller beside it talked after {took:.1f} s")
    await caller.hang_up()
    await system.house.unplug_all()


async def _clear(system: System) -> None:
    """Half of what was garbled were calls all the same: their lines end here."""
    system.pbx.console("channel request hangup all")
    await soon(lambda: "0 active channels" in system.pbx.console("core show channels"), within=20)


def _door(source: str) -> socket.socket:
    door = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    door.bind((source, 0))
    return door


def _status_of(door: socket.socket, within: float) -> int:
    """Of the next answer; 0 when none comes in time. 100 Trying is none."""
    door.settimeout(within) if within else door.setblocking(False)
    try:
        while (said := door.recv(65536)).startswith(b"SIP/2.0 100"):
            pass
    except (TimeoutError, BlockingIOError):
        return 0
    status = said[8:11]
    return int(status) if status.isdigit() else 0
