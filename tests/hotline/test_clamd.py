"""Files asked of ClamAV's daemon."""

import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from hotline import clamd
from hotline.findings import Grade, Patient
from hotline.settings import Settings
from tests import fake_clamd
from tests.fake_clamd import EICAR


@pytest.mark.parametrize("size", [0, 1, 64 * 1024, 64 * 1024 + 1, 5 * 1024 * 1024])
def test_a_file_of_any_size_is_asked_whole(tmp_path: Path, size: int) -> None:
    content = bytes(n % 251 for n in range(1000)) * (size // 1000 + 1)
    with fake_clamd.running(tmp_path / "s") as daemon:
        clamd.require_clean(str(tmp_path / "s"), content[:size])
        assert daemon.seen == [content[:size]]


def test_what_it_knows_as_harmful_is_told(tmp_path: Path) -> None:
    with fake_clamd.running(tmp_path / "s"), pytest.raises(clamd.Malware):
        clamd.require_clean(str(tmp_path / "s"), EICAR)


def test_what_is_too_large_for_it_is_not_taken_for_clean(tmp_path: Path) -> None:
    with fake_clamd.running(tmp_path / "s") as daemon:
        daemon.most = 1000
        with pytest.raises(clamd.NotScanned):
            clamd.require_clean(str(tmp_path / "s"), bytes(1001))


def test_one_that_is_away_is_no_answer(tmp_path: Path) -> None:
    for door in (str(tmp_path / "nobody"), "127.0.0.1:1"):
        with pytest.raises(clamd.NotScanned):
            clamd.require_clean(door, EICAR)


@pytest.mark.parametrize("answer", [b"", b"stream: OK", b"stream: OKAY\0", b"OK\0", b"x" * 9000])
def test_one_that_is_cut_off_or_speaks_otherwise_is_no_answer(answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def talk() -> None:
            line, _ = server.accept()
            with line:
                line.recv(100_000)
                line.sendall(answer)

        thread = threading.Thread(target=talk)
        thread.start()
        with pytest.raises(clamd.NotScanned):
            clamd.require_clean(f"127.0.0.1:{server.getsockname()[1]}", b"a file")
        thread.join()


def test_the_doctor_says_whether_it_answers(tmp_path: Path, settings: Callable[[], Settings]) -> None:
    assert not list(clamd.examine(Patient(settings(), running=False)))
    of = settings().model_copy(update={"clamd": str(tmp_path / "s")})
    (away,) = clamd.examine(Patient(of, running=False))
    assert (away.grade, "TONGDAI_CLAMD" in away.advice) == (Grade.WRONG, True)
    with fake_clamd.running(tmp_path / "s"):
        (there,) = clamd.examine(Patient(of, running=False))
    assert there.grade is Grade.GOOD
