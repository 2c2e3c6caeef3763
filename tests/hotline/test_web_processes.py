"""Several web processes behind one port, as `tongdai web` starts them."""

import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from hotline import children
from tests.pbx import free_port
from tests.processes import children_of
from tests.waiting import until


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def web(port: int, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    environment = {
        **os.environ,
        "TONGDAI_DATA": str(tmp_path),
        "TONGDAI_WEB_PORT": str(port),
        "TONGDAI_WEB_PROCESSES": "2",
    }
    command = [sys.executable, "-m", "hotline.cli", "web"]
    with log_of(tmp_path).open("w") as log:
        process = subprocess.Popen(children.bound_to_us(command), env=environment, stderr=log)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def log_of(data: Path) -> Path:
    return data / "web.log"


def ready(data: Path) -> int:
    """How many have got so far that they answer, ever."""
    return log_of(data).read_text("utf-8").count("Application startup complete")


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def serving(first: int) -> set[int]:
    """Those it has made that serve, and not what counts multiprocessing's resources."""
    return {child for child, command in children_of(first).items() if b"spawn_main" in command}


def test_one_that_dies_is_replaced_and_all_die_with_the_first(
    web: subprocess.Popen[bytes], port: int, tmp_path: Path
) -> None:
    until(lambda: ready(tmp_path) == 2 and answers(port), within=60)
    killed, other = sorted(serving(web.pid))
    os.kill(killed, signal.SIGKILL)
    assert answers(port)  # the other one does
    until(lambda: ready(tmp_path) == 3, within=60)
    made = serving(web.pid)
    assert other in made
    assert len(made) == 2
    web.kill()
    web.wait()
    until(lambda: not any(Path(f"/proc/{each}").exists() for each in made))
    assert not answers(port)
