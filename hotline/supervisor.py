"""`tongdai up`: the whole house on one machine, under one process.

Starts only commands of `tongdai` and the embedded Valkey, in the order in which they need each other,
and stops them in reverse. Knows nothing of what they do. One supervisor per data folder.
"""

import fcntl
import http.client
import os
import signal
import socket
import ssl
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import structlog
from rich.console import Console

from hotline import children, ports, valkey
from hotline.children import Child, Part, tongdai
from hotline.errors import SetupError
from hotline.settings import Settings, settings

_log = structlog.get_logger()

_LOOK_SECONDS = 0.1
_READY_SECONDS = 60.0
_TRIM_SECONDS = 60.0
_KEEPS_DYING = 3


class _Told(BaseException):
    """A signal told us to stop."""


def command() -> None:
    """Start everything on this machine; Ctrl-C stops it."""
    began = time.monotonic()
    console = Console(highlight=False, soft_wrap=True)
    of = _absolute(settings())
    with _alone(of):
        taken = ports.take(of)
        if taken.busy:
            busy = ", ".join(taken.busy)
            console.print(f"taken by another program: {busy}; new ports chosen", style="yellow")
        house = _House(taken.settings, console)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _tell)
        try:
            logins = house.start()
            _welcome(console, taken.settings, logins, time.monotonic() - began)
            house.watch()
        except _Told:
            console.print("stopping")
        finally:
            house.stop()
            if taken.hold:
                taken.hold.close()


def _tell(number: int, _frame: FrameType | None) -> None:
    for again in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(again, signal.SIG_IGN)  # stopping takes seconds and must not be cut short
    raise _Told(number)


def _absolute(of: Settings) -> Settings:
    return of.model_copy(update={"data": of.data.absolute()})


@contextmanager
def _alone(of: Settings) -> Iterator[None]:
    """One supervisor per data folder; the lock dies with us."""
    try:
        of.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        of.run_dir.mkdir(exist_ok=True, mode=0o700)
        lock = (of.run_dir / "up.lock").open("a+")
    except OSError as error:
        raise SetupError(
            f"the data folder {of.data} cannot be written ({error.strerror}): "
            "set TONGDAI_DATA to a folder of yours"
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise SetupError(
                f"it runs already with the data folder {of.data} (process {lock.read().strip()}); "
                "for a second copy set TONGDAI_DATA to another folder"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def running(of: Settings) -> int | None:
    """The process that runs the house of this data folder; None when nobody does."""
    try:
        with (of.run_dir / "up.lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return int((of.run_dir / "up.lock").read_text("ascii") or 0) or None
    except OSError:
        return None
    return None


class _House:
    """The children and the order among them."""

    def __init__(self, of: Settings, console: Console) -> None:
        self._of, self._console = of, console
        self._env = {
            **os.environ,
            **ports.environment(of),
            "TONGDAI_DATA": str(of.data),
            "PYTHONUNBUFFERED": "1",
        }
        self._children: list[Child] = []

    def start(self) -> str:
        """Start every part and wait until the web server answers; the demo log-ins, as text."""
        of = self._of
        if not of.redis_url:
            self._launch("Valkey", _valkey(of))
            self._wait("Valkey", lambda: _valkey_answers(of))
        self._step("database", "db", "upgrade")
        self._launch("web, worker, cron", *_behind_the_desk())
        logins = self._step("demo organisation", "seed") if of.demo else ""
        if of.demo:
            self._step("demo directory", "directory", "demo")
        if of.pbx == "embedded":
            self._step("line 111", "pbx", "prepare")
            self._launch("Asterisk", _ASTERISK)
        self._launch("switchboard", _SWITCHBOARD)
        if of.pbx == "embedded":
            self._wait("Asterisk", lambda: _greets(of.ami_host, of.ami_port, b"Asterisk"))
            if of.demo:
                self._launch("demo phones", _phones(of))
        self._wait("web server", lambda: _web_answers(of))
        return logins

    def watch(self) -> None:
        """Restart what dies; ends only by a signal."""
        trimmed = time.monotonic()
        while True:
            self._look()
            if time.monotonic() - trimmed > _TRIM_SECONDS:
                trimmed = time.monotonic()
                for child in self._children:
                    child.trim_log()
            time.sleep(_LOOK_SECONDS)

    def stop(self) -> None:
        """Stop all, the youngest wave first; whoever takes too long is killed."""
        for wave in sorted({child.part.wave for child in self._children}, reverse=True):
            leaving = [child for child in self._children if child.part.wave == wave]
            for child in leaving:
                child.terminate()
            told = time.monotonic()
            for child in leaving:
                child.gone(told + child.part.patience - time.monotonic())

    def _look(self) -> None:
        for child in self._children:
            if (code := child.died()) is not None:
                _log.warning("process_died", process=child.part.name, exit_code=code)
                if child.deaths == _KEEPS_DYING:
                    self._complain(child, code)
            elif child.is_due():
                child.start()

    def _complain(self, child: Child, code: int) -> None:
        how = f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        self._console.print(
            f"{child.part.name} keeps stopping ({how}); it is tried again and again.\n"
            f"  its last words: {child.last_words()}\n  all of them: {child.log}",
            markup=False,
            style="red",
        )

    def _launch(self, title: str, *parts: Part) -> None:
        self._console.print(f"  starting {title}")
        for part in parts:
            child = Child(part, self._env, self._of.data / "log" / f"{part.name}.log")
            self._children.append(child)
            child.start()

    def _step(self, title: str, *arguments: str) -> str:
        self._console.print(f"  {title}")
        return children.run(tongdai(*arguments), self._env)

    def _wait(self, title: str, ready: Callable[[], bool]) -> None:
        """Until `ready`; meanwhile the dead are restarted. Raises SetupError when it takes too long."""
        deadline = time.monotonic() + _READY_SECONDS
        while not ready():
            self._look()
            if time.monotonic() > deadline:
                raise SetupError(
                    f"{title} does not answer: see {self._of.data / 'log'}, or tongdai doctor"
                )
            time.sleep(_LOOK_SECONDS / 2)


_ASTERISK = Part("asterisk", tongdai("pbx", "run"), 1, patience=2.5)
_SWITCHBOARD = Part("switchboard", tongdai("switchboard"), 2)


def _valkey(of: Settings) -> Part:
    command = valkey.command(of.data / "valkey", of.run_dir / "valkey.sock")
    return Part("valkey", tuple(command), 0)


def _behind_the_desk() -> Iterator[Part]:
    yield Part("web", tongdai("web"), 3)
    yield Part("worker", tongdai("worker"), 3)
    yield Part("cron", tongdai("cron"), 3)


def _phones(of: Settings) -> Part:
    after = f"{of.demo_answer_seconds}s"
    return Part("phones", tongdai("phones", "--answer-after", after), 3, talks=False)


def _valkey_answers(of: Settings) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as door:
            door.settimeout(1)
            door.connect(str(of.run_dir / "valkey.sock"))
            door.sendall(b"PING\r\n")
            return door.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def _greets(host: str, port: int, banner: bytes) -> bool:
    try:
        with socket.create_connection((host, port), timeout=1) as door:
            return door.recv(64).startswith(banner)
    except OSError:
        return False


def _web_answers(of: Settings) -> bool:
    """Whether any page comes back; a redirect to the log-in is an answer."""
    if of.tls_certificate:  # it is ours, and its name is another than this address
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            of.host, of.web_port, timeout=5, context=trusting
        )
    else:
        connection = http.client.HTTPConnection(of.host, of.web_port, timeout=5)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _welcome(console: Console, of: Settings, logins: str, took: float) -> None:
    address = of.public_url or of.web_address
    console.print(f"\n[bold]tongdai111 is running: [link]{address}[/link][/bold]  ({took:.1f} s)\n")
    if logins:
        console.print(logins.rstrip(), markup=False)
    if of.pbx == "embedded":
        console.print(
            f"\nRing 111 from another terminal:  {_shown('tongdai')} call --from 0912345678",
            markup=False,
        )
        if of.demo:
            seconds = f"{of.demo_answer_seconds} seconds"
            console.print(f"The demo phones pick up by themselves after {seconds}; a counselor must be")
            console.print("logged in and available for the call to come to them.")
    console.print(f"\nCtrl-C stops everything. Logs: {of.data / 'log'}\n", markup=False)


def _shown(program: str) -> str:
    """The program as it can be typed here."""
    path = Path(sys.executable).with_name(program)
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
