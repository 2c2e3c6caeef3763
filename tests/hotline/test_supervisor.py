"""`tongdai up` for real: everything starts, and nothing is ever left behind."""

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hotline.settings import ROOT
from tests.waiting import until

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(180)]

PARTS = {"valkey-server", "asterisk", "switchboard", "web", "worker", "cron", "phones"}


class Up:
    """One `tongdai up` on a data folder."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self._said = data.with_suffix(".out")
        self.began = time.monotonic()
        with self._said.open("wb") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "hotline.cli", "up"],
                env={**os.environ, "TONGDAI_DATA": str(data), "TONGDAI_ALARM_CALLS": "false"},
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        return self._said.read_text("utf-8")

    def ready(self) -> float:
        """Wait until the house is up; seconds since the start."""

        def welcomed() -> bool:
            assert self.process.poll() is None, self.said
            return "Ctrl-C stops everything" in self.said  # the last line: all before it is there

        until(welcomed, within=90)
        return time.monotonic() - self.began

    @property
    def port(self) -> int:
        ports = json.loads((self.data / "run" / "ports.json").read_text("utf-8"))
        return int(ports["web_port"])

    def answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/")
            return connection.getresponse().status < 500
        except OSError:
            return False
        finally:
            connection.close()

    def processes(self) -> dict[int, str]:
        """Living processes with this data folder in environment or arguments: id → command line."""
        found = {}
        for process in Path("/proc").glob("[0-9]*"):
            try:
                environment = (process / "environ").read_bytes().split(b"\0")
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            ours = f"TONGDAI_DATA={self.data}".encode() in environment or f"{self.data}/" in command
            if ours and command:
                found[int(process.name)] = command.strip()
        return found

    def parts(self) -> dict[str, int]:
        """Name of each running part → its process id."""
        return {
            name: pid
            for pid, command in self.processes().items()
            for name in PARTS
            if re.search(rf"(hotline\.cli {name}|/{name} )", command)
        }

    def gone(self, within: float) -> float:
        """Wait until nothing of it is left; seconds that took."""
        began = time.monotonic()

        def nothing_left() -> bool:
            self.process.poll()
            return not self.processes()

        until(nothing_left, within=within)
        took = time.monotonic() - began
        self.process.wait(10)  # its environment is unreadable a moment before it has ended
        return took


Start = Callable[[], Up]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short path: unix sockets live in it."""
    made = Path(tempfile.mkdtemp(prefix="td-"))
    yield made
    shutil.rmtree(made)


@pytest.fixture
def up(folder: Path) -> Iterator[Callable[[str], Up]]:
    started: list[Up] = []

    def start(name: str = "data") -> Up:
        started.append(Up(folder / name))
        return started[-1]

    yield start
    for each in started:
        each.process.kill()
        each.process.wait()
    for each in started:
        each.gone(within=15)


@pytest.mark.timeout(300)
def test_two_copies_at_once_their_stops_their_second_starts_and_the_death_of_parts(
    up: Callable[..., Up], capsys: pytest.CaptureFixture[str]
) -> None:
    """One story, because each start takes fifteen seconds of a processor."""
    one, other = up("one"), up("other")
    first_took = one.ready()
    other.ready()
    _do_not_disturb_each_other(one, other)
    again = up("one")
    assert again.process.wait(30) == 1
    assert f"runs already with the data folder {one.data} (process {one.process.pid})" in again.said

    port = one.port
    one.process.send_signal(signal.SIGTERM)
    stopping = one.gone(within=10)
    assert one.process.wait(5) == 0
    other.process.kill()
    other.gone(within=8)  # no orphan

    second = up("one")
    second_took = second.ready()
    assert second.port == port
    assert "password for all" in second.said
    _a_part_that_dies_comes_back_and_one_that_keeps_dying_is_named(second)
    os.killpg(second.process.pid, signal.SIGINT)  # Ctrl-C reaches the whole foreground group
    interrupted = second.gone(within=10)
    assert second.process.wait(5) == 0

    after_the_kill = up("other")  # no lock
    after_the_kill.ready()
    until(lambda: set(after_the_kill.parts()) == PARTS)
    assert after_the_kill.answers()
    with capsys.disabled():
        sys.stdout.write(
            f"\ntongdai up: first start of two at once {first_took:.1f} s, second {second_took:.1f} s, "
            f"SIGTERM {stopping:.1f} s, Ctrl-C {interrupted:.1f} s\n"
        )
    assert max(stopping, interrupted) < 7


def _do_not_disturb_each_other(one: Up, other: Up) -> None:
    assert one.port != other.port
    for each in (one, other):
        until(lambda each=each: set(each.parts()) == PARTS)  # type: ignore[misc]
        assert each.answers()


def _a_part_that_dies_comes_back_and_one_that_keeps_dying_is_named(house: Up) -> None:
    web = until(lambda: house.parts().get("web", 0))
    os.kill(web, signal.SIGKILL)
    until(lambda: house.parts().get("web") not in {None, web} and house.answers(), within=30)
    killed = {0}
    for _ in range(3):
        (cron,) = until(lambda: {house.parts().get("cron", 0)} - killed, within=30)
        killed.add(cron)
        os.kill(cron, signal.SIGKILL)
    until(lambda: "cron keeps stopping (killed by SIGKILL)" in house.said)
    assert str(house.data / "log" / "cron.log") in house.said


def test_a_data_folder_with_too_long_a_path_is_told(up: Callable[..., Up]) -> None:
    house = up("x" * 100)
    assert house.process.wait(30) == 1
    assert "TONGDAI_DATA" in house.said
    assert "Traceback" not in house.said
