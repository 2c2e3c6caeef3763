"""A private Asterisk for the stories: real, on free loopback ports, gone when the tests are.

    def test_x(pbx: Pbx) -> None: ...

`pbx` runs for the whole session. `pbx.restart()` and `pbx.kill()` are there for stories that need it.
Nothing is skipped: where Asterisk cannot be had, the fixture fails with SetupError.
"""

import asyncio
import os
import resource
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import wave
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path

import pytest
from pydantic import SecretStr

from hotline.ids import Phone
from hotline.settings import Settings
from telephony import pbx as product
from telephony import prompts
from telephony.phones import PhoneAccount
from telephony.softphone import Caller, SoftPhone, tone
from telephony.softphone.phone import Answer
from tests.waiting import until

PHONES = 40
TELCO = "127.0.0.111"
CALLER_TONE = 440
"""Hz. What every caller says."""
OUTSIDE_TONE = 540
"""Hz. What everybody outside says whom 111 rings."""
PROMPT_TONES = {
    "greeting": 1400,
    "heard": 1500,
    "promised": 1600,
    "withheld": 1700,
    "message": 1800,
    "nobody": 1900,
    "left": 2000,
    "lost": 1300,
    "on_call": 2100,
    "alarm_shift": 2150,
    "alarm_waiting": 2400,
    "alarm_site": 2500,
    "alarm_report": 2600,
    "alarm_case": 2700,
    "alarm_handover": 2800,
    "beep": 2200,
    "music": 2300,
}
"""Hz. Every prompt is recorded as a short tone here: soon over, and a test can tell which it hears."""
PROMPT_SECONDS = 0.6
_RTP_PORTS = 600


def phone_tone(phone: str) -> int:
    """Hz. What a phone says: each another tone, so that a test can tell whom it hears."""
    return 600 + 25 * int(phone[2:])


def record(file: Path, frequency: int, seconds: float = PROMPT_SECONDS, rate: int = 8000) -> None:
    """A WAV file as somebody may record it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(file), "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(rate)
        written.writeframes(tone(frequency).samples[: int(seconds * rate)].tobytes())


class Pbx:
    """One Asterisk of site `hn` with phones hn01 to hn40."""

    def __init__(self, folder: Path, site: str = "hn", sip_host: str = "127.0.0.1") -> None:
        self.settings = Settings(
            data=folder,
            sip_host=sip_host,
            ami_port=free_port(),
            sip_port=free_port(socket.SOCK_DGRAM),
            pbx_http_port=free_port(),
            web_port=free_port(),
            rtp_start=(start := _free_block()),
            rtp_end=start + _RTP_PORTS - 1,
            telco_proxy=f"{TELCO}:{free_port(socket.SOCK_DGRAM, TELCO)}",
            ami_secret=SecretStr(secrets.token_urlsafe(16)),
            site=site,
        )
        self.accounts = [
            PhoneAccount(Phone(f"{site}{number:02}"), secrets.token_urlsafe(12), f"Máy {number}", site)
            for number in range(1, PHONES + 1)
        ]
        self.said_at_start: list[str] = []
        """Asterisk's log when it had just started."""
        self._callers: list[Caller] = []
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """Warnings and errors of Asterisk itself."""
        return self.settings.pbx_dir / "log" / "messages.log"

    @property
    def pid(self) -> int:
        """Of the Asterisk that runs."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start and wait until it takes calls.

        Call it from the main thread: the kernel kills Asterisk when the *thread* that started it ends.
        """
        product.ensure_installed()
        for name, frequency in PROMPT_TONES.items():
            record(prompts.folder(self.settings) / f"{name}.wav", frequency)
        self.log.unlink(missing_ok=True)
        self.prepare()
        self._process = subprocess.Popen(
            ["setpriv", "--pdeathsig=KILL", *product.argv(self.settings)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        until(lambda: product.ready(self.settings), within=15)
        self.said_at_start = self.log.read_text("utf-8", "replace").splitlines()

    def prepare(self) -> None:
        """Write its configuration."""
        product.prepare(self.settings, self.accounts)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """As if it had crashed."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        self.stop()
        self.start()

    @contextmanager
    def impatient(self) -> Iterator[None]:
        """Calls made meanwhile: a phone that sends no sound for two seconds is gone."""
        told = self.settings
        try:
            self._tell(told.model_copy(update={"silent_phone_seconds": 2}))
            yield
        finally:
            self._tell(told)

    def _tell(self, settings: Settings) -> None:
        product.prepare(settings, self.accounts)
        product.reload_phones(settings, self.accounts)

    @contextmanager
    def full_disk(self) -> Iterator[None]:
        """Asterisk's files cannot grow: the kernel refuses every such write, as a full disk does."""
        which = self.pid, resource.RLIMIT_FSIZE
        soft, hard = resource.prlimit(*which)
        resource.prlimit(*which, (0, hard))
        try:
            yield
        finally:
            resource.prlimit(*which, (soft, hard))

    def phone(self, number: int, *, answer: Answer = "manual", answer_after: float = 0.0) -> SoftPhone:
        """This site's phone of this number, not registered yet."""
        account = self.accounts[number - 1]
        host, port = self.settings.sip_host, self.settings.sip_port
        return SoftPhone(
            account.phone,
            account.secret,
            host=host,
            port=port,
            answer=answer,
            answer_after=answer_after,
            sound=tone(phone_tone(account.phone)),
        )

    async def call(
        self,
        number: str | None = "0912345678",
        name: str | None = None,
        *,
        to: str = "111",
        raw_from: str = "",
    ) -> Caller:
        """Somebody rings 111."""
        host, port = self.settings.sip_host, self.settings.sip_port
        caller = await Caller.ring(
            number=number, name=name, to=to, host=host, port=port, raw_from=raw_from
        )
        self._callers.append(caller)
        return caller

    async def outside(self, answer: Answer = "manual") -> SoftPhone:
        """Everybody outside whom 111 may ring: `rang()` hands out calls, `dialled` says to whom."""
        host, port = self.settings.sip_host, self.settings.sip_port
        telco = SoftPhone(
            "telco", "", host=host, port=port, answer=answer, local_host=TELCO, sound=tone(OUTSIDE_TONE)
        )
        await telco.wire.open(TELCO, int(self.settings.telco_proxy.rpartition(":")[2]))
        return telco

    async def hang_up_all(self) -> None:
        """Nobody of this test is on the line any more, however the test ended."""
        callers, self._callers = self._callers, []
        await asyncio.gather(*(caller.hang_up() for caller in callers))
        await asyncio.gather(*(caller.ended.within(8) for caller in callers))

    def console(self, command: str) -> str:
        return product.console(self.settings, command)

    def _end(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            try:
                self._process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None


@pytest.fixture(scope="session")
def _asterisk() -> Iterator[Pbx]:
    folder = Path(tempfile.mkdtemp(prefix="td-pbx-"))
    pbx = Pbx(folder)
    try:
        pbx.start()
        yield pbx
    finally:
        pbx.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def pbx(_asterisk: Pbx) -> Pbx:
    """The session's Asterisk with nothing left over from the test before."""

    def nobody_on_the_line() -> bool:
        if "0 active channels" in _asterisk.console("core show channels"):
            return True
        _asterisk.console("channel request hangup all")
        return False

    until(nobody_on_the_line, within=15, every=0.3)
    return _asterisk


def story(tell: Callable[[Pbx], Awaitable[None]]) -> Callable[[Pbx], None]:
    """A test that is told with await."""

    @wraps(tell)
    def test(pbx: Pbx) -> None:
        async def told() -> None:
            try:
                await tell(pbx)
            finally:
                await pbx.hang_up_all()

        asyncio.run(told())

    return test


async def soon(condition: Callable[[], object], within: float = 10.0, every: float = 0.02) -> None:
    """`tests.waiting.until` for a test that must let the event loop run meanwhile."""
    deadline = asyncio.get_running_loop().time() + within
    while not condition():
        if asyncio.get_running_loop().time() > deadline:
            name = getattr(condition, "__qualname__", repr(condition))
            raise AssertionError(f"{name} was not true within {within} s")
        await asyncio.sleep(every)


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM, host: str = "127.0.0.1") -> int:
    with socket.socket(socket.AF_INET, kind) as door:
        door.bind((host, 0))
        port: int = door.getsockname()[1]
        return port


def _free_block() -> int:
    """The first port of a block for audio, below the range the kernel gives out by itself."""
    for start in range(12000 + os.getpid() % 8 * 2000, 30000, _RTP_PORTS):
        if all(_is_free(port) for port in range(start, start + _RTP_PORTS, 7)):
            return start
    raise AssertionError("no free block of UDP ports for the test PBX")


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        try:
            door.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
