"""Asterisk's manager interface: strangers at its door, garbage on the switchboard's connection."""

import asyncio
import random
from contextlib import suppress

from bench.hostile.line import still_served
from bench.hostile.system import System
from bench.hostile.verdict import Row
from tests.pbx import soon

_AT_THE_DOOR: tuple[bytes, ...] = (
    b"",
    b"\0" * 5000,
    b"GET / HTTP/1.1\r\n\r\n",
    b"Action: Login\r\nUsername: admin\r\nSecret: admin\r\n\r\n",
    b"Action: Login\r\nUsername: switchboard\r\nSecret: \r\n\r\n",
    b"Action: Login\r\nUsername: switchboard\r\nSecret: " + b"a" * 100_000 + b"\r\n\r\n",
    b"Action: Originate\r\nChannel: PJSIP/0900000000@telco\r\nApplication: Echo\r\n\r\n",
    b"Action: Command\r\nCommand: core stop now\r\n\r\n",
    b"Action: Challenge\r\nAuthType: MD5\r\n\r\n"
    b"Action: Login\r\nAuthType: MD5\r\nUsername: switchboard\r\nKey: 0\r\n\r\n",
    b"Action: Login\r\n" * 3000 + b"\r\n",
)
_CONNECTIONS = 40
"""More than Asterisk lets wait unauthenticated (authlimit in manager.conf)."""
_IN_THE_STREAM, _A_BATCH = 400, 20
_KINDS = (
    "Newchannel", "Newstate", "Hangup", "DialBegin", "BridgeEnter", "UserEvent", "OriginateResponse",
    "DeviceStateChange", "CEL", "X" * 500,
)  # fmt: skip
_NAMES = (
    "Uniqueid", "Linkedid", "Channel", "DestUniqueid", "BridgeUniqueid", "Timestamp", "ChanVariable",
    "ActionID", "Response", "Device",
)  # fmt: skip
_VALUES = (
    "", "-1", "9" * 300, "\0", "hn-1.1\x1b[2J", "PJSIP/hn01-00000001", "é" * 50, "nan", "1e400",
    "Failure",
)  # fmt: skip


async def at_the_door(system: System) -> Row:
    """Nobody gets in without the secret, nor keeps the switchboard out."""
    row = Row("ami: strangers at the door")
    address = system.pbx.settings.ami_host, system.pbx.settings.ami_port
    for sent in _AT_THE_DOOR:
        said = await _said(address, sent)
        let_in = b"Authentication accepted" in said or b"Originate successfully" in said
        row.answered(repr(sent[:60]), 200 if let_in else 403, must_refuse=True)
    held = []
    for number in range(_CONNECTIONS):
        with suppress(OSError):
            held.append(await asyncio.open_connection(*address))
        row.answered(f"held open, {number}", 403)
    await still_served(system, row)
    for _, writer in held:
        writer.close()
    return row


async def _said(address: tuple[str, int], sent: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(*address)
    said = b""
    with suppress(OSError, TimeoutError):
        writer.write(sent)
        async with asyncio.timeout(1):
            while part := await reader.read(65536):
                said += part
    writer.close()
    return said


async def in_the_stream(system: System) -> Row:
    """What Asterisk would never say, between what it says: nothing of it stops the switchboard."""
    row, dice = Row("ami: garbage in the switchboard's stream"), random.Random(111)
    for _ in range(_IN_THE_STREAM // _A_BATCH):
        system.wire.forge(b"".join(_garbage(dice) for _ in range(_A_BATCH)))
        for number in range(_A_BATCH):
            row.answered(f"message {number}", 200)
    try:
        await soon(lambda: not system.wire.forging, within=30)
    except AssertionError:
        print(system.house.log.read_text()[-6000:])
        raise
    await still_served(system, row)
    return row


def _garbage(dice: random.Random) -> bytes:
    """A message whole enough to reach our own reading."""
    lines = [f"Event: {dice.choice(_KINDS)}"]
    lines += [f"{dice.choice(_NAMES)}: {dice.choice(_VALUES)}" for _ in range(dice.randrange(8))]
    if dice.random() < 0.2:
        lines.append("no colon at all")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
