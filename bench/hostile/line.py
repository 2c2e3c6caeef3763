"""The line: SIP that is garbled, forged, too much, or wants to ring somebody at our cost."""

import asyncio
import random
import socket
import time

from bench.hostile.system import System
from bench.hostile.verdict import Row
from telephony.softphone import Caller
from telephony.softphone.call import Call
from telephony.softphone.message import token
from tests.pbx import TELCO, soon
from tests.stories.telling import hear_each_other

_STRANGER = "127.0.0.66"
"""An address that Asterisk knows nothing of."""
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


def _invite(to: str, host: str, port: int, source: str, our_port: int) -> bytes:
    lines = [
        f"INVITE sip:{to}@{host}:{port} SIP/2.0",
        f"Via: SIP/2.0/UDP {source}:{our_port};branch=z9hG4bK{token()};rport",
        "Max-Forwards: 70",
        f"From: <sip:0912000009@{source}>;tag={token()}",
        f"To: <sip:{to}@{host}>",
        f"Call-ID: {token()}",
        "CSeq: 1 INVITE",
        f"Contact: <sip:x@{source}:{our_port}>",
        "Content-Type: application/sdp",
    ]
    body = (
        f"v=0\r\no=- 1 1 IN IP4 {source}\r\ns=-\r\nc=IN IP4 {source}\r\nt=0 0\r\n"
        "m=audio 40000 RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
    )
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", body]).encode()


def _mutated(dice: random.Random, sent: bytes) -> bytes:
    """The same with something wrong in it: cut, doubled, overwritten, or with an absurd number."""
    lines = sent.split(b"\r\n")
    match dice.randrange(7):
        case 0:
            return sent[: dice.randrange(len(sent))]
        case 1:
            del lines[dice.randrange(len(lines))]
        case 2:
            lines.insert(dice.randrange(len(lines)), dice.choice(lines) * dice.randrange(1, 40))
        case 3:
            at = dice.randrange(len(sent))
            return sent[:at] + dice.randbytes(dice.randrange(1, 200)) + sent[at:]
        case 4:
            return sent.replace(b"Content-Length: ", b"Content-Length: -9" + b"9" * dice.randrange(20))
        case 5:
            return sent.replace(b"CSeq: 1", b"CSeq: " + b"4" * dice.randrange(1, 60))
        case _:
            return sent.replace(b"\r\n\r\n", b"\r\n" + b"X: y\r\n" * dice.randrange(1, 300) + b"\r\n", 1)
    return b"\r\n".join(lines)


async def garbled(system: System) -> Row:
    """INVITEs with something wrong, half from the telco's own address; a child still gets through."""
    row, dice = Row("sip: garbled"), random.Random(111)
    host, port = system.pbx.settings.sip_host, system.pbx.settings.sip_port
    for source in (TELCO, _STRANGER):
        with _door(source) as door:
            our_port = door.getsockname()[1]
            for _ in range(_MUTATIONS // 2):
                door.sendto(_mutated(dice, _invite("111", host, port, source, our_port)), (host, port))
                row.answered("mutated", _status_of(door, 0.02))
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
            sent = _invite("111", host, port, _STRANGER, our_port)
            if number % 2:
                sent = sent.replace(b"INVITE", b"REGISTER")
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
            register = _invite(f"hn{number % 40 + 1:02}", host, port, _STRANGER, door.getsockname()[1])
            door.sendto(register.replace(b"INVITE", b"REGISTER"), (host, port))
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
