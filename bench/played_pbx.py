"""A PBX played from one real call, in a process of its own: the far end of `bench.events`.

`answered.ami` is every byte that Asterisk 22.10 sent over AMI, with our manager.conf, about one call to
line 111: the caller comes, a counselor's phone rings and answers, they talk, the caller hangs up. The
player speaks enough of AMI to be followed and plays that call over and over with fresh ids: a caller
arrives, an Originate for it rings and answers at once, a talk ends when it is told so.
"""

import asyncio
import multiprocessing
import time
from collections import deque
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

END = b"\r\n\r\n"
_TAPE = (Path(__file__).parent / "answered.ami").read_bytes()
_CALLER, _OFFER = b"hn-1795310271.0", b"@offer@"


@dataclass(frozen=True, slots=True)
class Play:
    """What to play. `callers` arrive, never more than `live` at once, of whom at most `talking` talk on:
    with one more the longest talk ends. `gap`: seconds between two messages, 0 for none."""

    callers: int
    live: int
    talking: int
    gap: float = 0.0


@dataclass(frozen=True, slots=True)
class Again:
    """Send the last play's messages once more, one by one as the first time, to whoever connected last.
    Plays go to whoever was first."""


@dataclass(frozen=True, slots=True)
class Played:
    """What was sent: events, bytes."""

    events: int
    size: int


class PlayedPbx:
    """The player's process as seen from ours."""

    def __init__(self, phones: list[str]) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_main, args=(theirs, phones), daemon=True)
        self._process.start()
        self.port: int = self._pipe.recv()

    async def play(self, what: Play | Again) -> Played:
        """Play it; returns when all of it has been sent."""
        self._pipe.send(what)
        played: Played = await asyncio.to_thread(self._pipe.recv)
        return played

    def stop(self) -> None:
        self._process.kill()
        self._process.join()


class _Tape:
    """One call in three parts, each a list of messages with marks where ids belong."""

    def __init__(self) -> None:
        marked = _TAPE
        for old, new in _marks(_TAPE):
            marked = marked.replace(old, new)
        lines = marked.split(b"\r\n")
        stamped = (b"Timestamp: @now@" if line.startswith(b"Timestamp:") else line for line in lines)
        messages = [each + END for each in b"\r\n".join(stamped).split(END) if each]
        leg = next(i for i, each in enumerate(messages) if b"Channel: PJSIP/@phone@" in each)
        end = next(i for i, each in enumerate(messages) if each.startswith(b"Event: HangupRequest"))
        self.arrival, self.answer, self.ending = messages[:leg], messages[leg:end], messages[end:]


def _marks(tape: bytes) -> list[tuple[bytes, bytes]]:
    """What is different in each call, and its mark."""
    offer = tape.partition(b"Uniqueid: offer-")[2].partition(b"\r")[0]
    bridge = tape.partition(b"BridgeUniqueid: ")[2].partition(b"\r")[0]
    return [
        (_CALLER, b"@caller@"),
        (b"offer-" + offer, _OFFER),
        (bridge, b"@bridge@"),
        (b"0912000001", b"@number@"),
        (b"telco-00000000", b"telco-@serial@"),
        (b"hn01-00000001", b"@phone@-@serial@"),
        (b"hn01", b"@phone@"),
    ]


class _Player:
    """One connection. Talks are in the order in which they began."""

    def __init__(self, phones: list[str], writer: asyncio.StreamWriter) -> None:
        self.writer = writer
        self._tape = _Tape()
        self._phones = phones
        self._variables: dict[str, str] = {}
        self._serial = 0
        self._epoch = int(time.time())
        self._talks: deque[dict[bytes, bytes]] = deque()
        self._live: dict[bytes, dict[bytes, bytes]] = {}
        self._outgoing: asyncio.Queue[bytes] = asyncio.Queue()
        self._play = Play(0, 0, 0)
        self._to_come = 0
        self.sent: list[bytes] = []

    # -- the play -----------------------------------------------------------------------------------

    async def play(self, what: Play) -> Played:
        """Returns when all callers have come, as many talk as shall, and nothing is left to send."""
        self.sent, self._play, self._to_come = [], what, what.callers
        self._go_on()
        while not self._over():
            while not self._outgoing.empty():
                self.write(self._outgoing.get_nowait())
                await asyncio.sleep(what.gap)
            await asyncio.sleep(0.001)
        return _played(self.sent)

    def _over(self) -> bool:
        silent = not self._to_come and self._outgoing.empty()
        left = self._live if self._play.talking == 0 else ()
        return silent and len(self._talks) == self._play.talking and not left

    def _go_on(self) -> None:
        while len(self._talks) > self._play.talking or (self._to_come and self._full()):
            if not self._talks:
                return
            call = self._talks.popleft()
            del self._live[call[b"@caller@"]]
            self._say(self._tape.ending, call)
        while self._to_come and not self._full():
            self._to_come -= 1
            self._arrives()

    def _full(self) -> bool:
        return len(self._live) >= self._play.live

    def _arrives(self) -> None:
        self._serial += 1
        call = {
            b"@caller@": b"hn-%d.%d" % (self._epoch, self._serial),
            b"@number@": b"09%08d" % self._serial,
            b"@serial@": b"%08x" % self._serial,
            b"@bridge@": b"1dc7211e-c451-42a3-bcc3-%012x" % self._serial,
        }
        self._live[call[b"@caller@"]] = call
        self._say(self._tape.arrival, call)

    def _answers(self, offer: bytes, dial: bytes, caller: bytes) -> None:
        call = self._live.get(caller)
        if call is None:
            return
        call |= {_OFFER: offer, b"@phone@": dial.removeprefix(b"PJSIP/")}
        self._say(self._tape.answer, call)
        self._talks.append(call)
        self._go_on()

    def _say(self, part: list[bytes], call: dict[bytes, bytes]) -> None:
        for message in part:
            said = message
            for mark, value in call.items():
                said = said.replace(mark, value)
            if self._play.gap:
                self._outgoing.put_nowait(said)
            else:
                self.write(said)

    def write(self, message: bytes) -> None:
        said = message.replace(b"@now@", b"%.6f" % time.time())
        self.sent.append(said)
        self.writer.write(said)

    # -- AMI ------------------------------------------------------------------------------------------

    def hear(self, action: dict[str, str]) -> None:
        asked, name = action["actionid"], action["action"]
        if name == "Setvar":
            self._variables[action["variable"]] = action["value"]
        elif name == "Originate":
            self.write(_answer(asked, Message="Originate successfully queued"))
            said = (asked, action["channel"], action["account"])
            self._answers(*(each.encode() for each in said))
            return
        elif name in ("CoreShowChannels", "DeviceStateList", "QueueStatus", "DBGetTree"):
            self.writer.write(_answer(asked, EventList="start", Message="will follow"))
            for phone in self._phones if name == "DeviceStateList" else ():
                row = f"Event: DeviceStateChange\r\nActionID: {asked}\r\nDevice: PJSIP/{phone}\r\n"
                self.writer.write(f"{row}State: NOT_INUSE\r\n\r\n".encode())
            done = f"Event: {name}Complete\r\nActionID: {asked}\r\nEventList: Complete\r\n\r\n"
            self.writer.write(done.encode())
            return
        self._variables["EPOCH"] = str(int(time.time()))
        value = self._variables.get(action.get("variable", ""), "")
        self.writer.write(_answer(asked, Message="done", Value=value))


def _answer(asked: str, **headers: str) -> bytes:
    lines = [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(["Response: Success", f"ActionID: {asked}", *lines, "\r\n"]).encode()


def _played(sent: list[bytes]) -> Played:
    return Played(sum(each.startswith(b"Event:") for each in sent), sum(map(len, sent)))


async def _serve(pipe: Connection, phones: list[str]) -> None:
    players: list[_Player] = []

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        players.append(mine := _Player(phones, writer))
        writer.write(b"Asterisk Call Manager/11.0.0\r\n")
        while True:
            try:
                block = await reader.readuntil(END)
            except (asyncio.IncompleteReadError, ConnectionError):
                return
            pairs = (line.partition(": ") for line in block.decode().strip().split("\r\n"))
            mine.hear({name.lower(): value for name, _, value in pairs})

    listener = await asyncio.start_server(connected, "127.0.0.1", 0)
    pipe.send(listener.sockets[0].getsockname()[1])
    while True:
        what = await asyncio.to_thread(pipe.recv)
        if isinstance(what, Again):
            sent = players[0].sent
            for message in sent:
                players[-1].writer.write(message)
            await players[-1].writer.drain()
            pipe.send(_played(sent))
        else:
            pipe.send(await players[0].play(what))


def _main(pipe: Connection, phones: list[str]) -> None:
    asyncio.run(_serve(pipe, phones))
