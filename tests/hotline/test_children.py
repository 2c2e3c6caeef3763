"""Children die with us, leave nothing behind, and come back more slowly each time."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hotline import children
from hotline.children import Child, Part
from hotline.errors import SetupError
from tests.waiting import until

Make = Callable[..., Child]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    made: list[Child] = []

    def child(code: str, **options: float) -> Child:
        part = Part("part", (sys.executable, "-c", code), 0, patience=options.get("patience", 5.0))
        made.append(Child(part, dict(os.environ), tmp_path / "log" / "part.log"))
        made[-1].start()
        return made[-1]

    yield child
    for child_made in made:
        child_made.gone(0)


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text("utf-8").rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_a_child_writes_into_its_log(make: Make) -> None:
    child = make("print('ready', flush=True); import time; time.sleep(60)")
    until(lambda: child.last_words() == "ready")
    child.terminate()
    child.gone(5)
    assert child.process
    assert child.process.returncode == -signal.SIGTERM


def test_a_child_that_does_not_listen_is_killed_with_its_children(make: Make) -> None:
    child = make(
        "import signal, subprocess, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print(subprocess.Popen(['sleep', '60']).pid, flush=True); time.sleep(60)"
    )
    grandchild = int(until(child.last_words))
    child.terminate()
    child.gone(0.2)
    until(lambda: not _alive(grandchild))


def test_each_death_in_a_row_makes_the_next_start_later(make: Make) -> None:
    child = make("raise SystemExit(3)")
    assert until(child.died) == 3
    first = child.due - time.monotonic()
    child.start()
    assert until(child.died) == 3
    assert child.deaths == 2
    assert child.due - time.monotonic() > first
    assert not child.is_due()


def test_its_last_words_are_kept_for_a_person(make: Make) -> None:
    child = make("import sys; sys.exit('no such phone')")
    until(child.died)
    assert child.last_words() == "no such phone"


def test_a_log_that_has_grown_is_cut_once(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    child = make("print('x' * 2000, flush=True); import time; time.sleep(60)")
    until(lambda: child.log.stat().st_size > 1000)
    monkeypatch.setattr(children, "_LARGEST_LOG", 1000)
    child.trim_log()
    assert child.log.stat().st_size == 0
    assert child.log.with_suffix(".log.1").stat().st_size > 1000


def test_a_killed_parent_takes_its_children_along(tmp_path: Path) -> None:
    code = (
        "import os, sys, time; from pathlib import Path; from hotline.children import Child, Part\n"
        "log = Path(sys.argv[1]); child = Child(Part('p', ('sleep', '60'), 0), dict(os.environ), log)\n"
        "child.start(); print(child.process.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "log")], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout
    pid = int(parent.stdout.readline())
    until(lambda: "sleep" in Path(f"/proc/{pid}/cmdline").read_text("utf-8"))
    parent.kill()
    parent.communicate()
    until(lambda: not _alive(pid))


def test_a_child_whose_parent_is_already_gone_does_not_start() -> None:
    command = children.bound_to_us(["echo", "started"])
    command[command.index(str(os.getpid()))] = "1"
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")


def test_a_step_that_fails_tells_its_last_line() -> None:
    with pytest.raises(SetupError, match="no such room"):
        children.run((sys.executable, "-c", "import sys; sys.exit('no such room')"), dict(os.environ))
